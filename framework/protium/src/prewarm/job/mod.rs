//! The prewarm: before a visitor asks, the modules have looked at a SKU's stock and price, and the
//! pages that show them are rendered.
//!
//! - [`config`]: the table `prewarm` of `protium.toml`.
//! - [`targets`]: which SKUs and pages a run is about.
//! - [`modules`]: what is asked about one SKU.
//! - [`run`]: [`Prewarm`]: one run: SKUs in random order, a few at a time, then pages.
//! - [`keeper`]: runs at start, on schedule and after purges; [`history`]: what they did.
//! - [`live`]: visitors come first. [`patience`]: how long a run waits for backends that fail.
//! - [`tally`]: what a run has done so far, and its summary.

pub mod config;
pub mod history;
pub mod keeper;
pub mod live;
pub mod modules;
pub mod patience;
pub mod run;
pub mod tally;
pub mod targets;

pub use config::PrewarmConfig;
pub use history::{History, PastRun, Totals};
pub use keeper::Keeper;
pub use live::Live;
pub use modules::{AskError, Modules};
pub use patience::Patience;
pub use run::{PageService, Prewarm, PrewarmError, PrewarmSetup};
pub use tally::{Failure, Report, Tally};
pub use targets::{Choice, Concern, Plan, Target, Targets};
