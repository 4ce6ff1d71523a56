//! The runtime of all kinds of modules: the engine and its pool, limits, and causes of failed
//! calls.
//!
//! - [`runtime`]: the [`Engine`] of a process and its pool of instances.
//! - [`effort`]: which compiler makes native code.
//! - [`instances`]: how many of them exist at a time.
//! - [`limits`], [`meter`]: an instance's limits, and its usage.
//! - [`epochs`], [`throttle`]: guests are interrupted each millisecond, and those that compute for
//!   long take turns.
//! - [`circuit`]: switches off what wastes processor time repeatedly.
//! - [`wasi`]: the part of WASI that Go's runtime needs.
//! - [`trap`], [`places`]: how a call ended, and the line in the Go sources.

mod circuit;
mod effort;
mod epochs;
mod instances;
mod limits;
mod meter;
mod places;
mod runtime;
mod throttle;
mod trap;
mod wasi;

pub(crate) use circuit::{Circuits, Rules};
pub use effort::Effort;
pub(crate) use epochs::ticks;

pub(crate) use instances::Instances;
pub use limits::{Limits, Pool, RunLimits};
pub(crate) use meter::{Bounds, Meter, Metered, store};
pub(crate) use places::{Instruction, Places};
pub(crate) use runtime::without_pool;
pub use runtime::{Engine, EngineConfig};
pub(crate) use throttle::Throttle;
pub(crate) use trap::{TrapKind, Trapped, panic_text};
#[cfg(feature = "wasi")]
pub(crate) use wasi::{EFAULT, ENOTCAPABLE, WASI};
pub(crate) use wasi::{WRITTEN, Wasi, WasiAccess, exists as is_wasi, guest, link as link_wasi};
