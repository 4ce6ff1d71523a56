//! What runs modules of every kind: the engine and its pool, limits, and what ends a call.
//!
//! - [`runtime`]: the [`Engine`] of a process and its pool of instances.
//! - [`instances`]: how many of them live at one time.
//! - [`limits`], [`meter`]: what an instance may use, and what it has used.
//! - [`epochs`], [`throttle`]: guests are interrupted each millisecond, and what computes for long
//!   takes turns.
//! - [`circuit`]: what wastes computing again and again is switched off for a while.
//! - [`wasi`]: the part of WASI that a Go runtime needs.
//! - [`trap`], [`places`]: how a call ended, and where in the Go sources that was.

mod circuit;
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
pub use instances::InstanceUsage;
pub(crate) use instances::Instances;
pub use limits::{Limits, Pool, RunLimits};
pub(crate) use meter::{Bounds, Meter, Metered, store};
pub(crate) use places::{Instruction, Places};
pub(crate) use runtime::for_one_call;
pub use runtime::{Engine, EngineConfig, EngineUsage};
pub(crate) use throttle::Throttle;
pub(crate) use trap::{TrapKind, Trapped, panic_text};
pub(crate) use wasi::{
    EFAULT, ENOTCAPABLE, WASI, WRITTEN, Wasi, WasiAccess, exists as is_wasi, link as link_wasi,
};
