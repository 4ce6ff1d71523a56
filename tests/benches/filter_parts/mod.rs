//! The parts of the bench that run the module.

mod bench;
pub mod scans;
pub mod sets;
pub mod shop;
pub mod small;

pub use bench::Bench;
