//! The prewarm: in a shop through its router, in several nodes, in a process of its own, and with
//! services that fail.

mod command;
mod faults;
mod markets;
mod nodes;
mod outage;
mod pages;
pub mod premises;
