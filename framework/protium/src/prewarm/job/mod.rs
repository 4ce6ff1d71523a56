//! The prewarm: before a visitor asks, the modules have looked at a SKU's stock and price, and the
//! pages that show them are rendered.
//!
//! - [`config`]: the table `prewarm` of `protium.toml`.
//! - [`targets`]: which SKUs and pages a run is about.
//! - [`modules`]: what is asked about one SKU.
//! - [`run`]: [`Prewarm`]: one run: SKUs in random order, a few at a time, then pages.
//! - [`scheduler`]: runs at start, on schedule and after purges; [`history`]: what they did.
//! - [`visitor_requests`]: visitors come first. [`retry`]: retries while backends fail.
//! - [`tally`]: what a run has done so far, and its summary.

pub mod config;
pub mod history;
pub mod modules;
pub mod retry;
pub mod run;
pub mod scheduler;
pub mod tally;
pub mod targets;
pub mod visitor_requests;

pub use config::PrewarmConfig;
pub use history::{History, PastRun, Totals};
pub use modules::{AskError, Modules};
pub use retry::RetryPolicy;
pub use run::{PageService, Prewarm, PrewarmError, PrewarmSetup};
pub use scheduler::Scheduler;
pub use tally::{Failure, Report, Tally};
pub use targets::{Choice, Plan, PurgeImpact, Target, Targets};
pub use visitor_requests::VisitorRequests;
