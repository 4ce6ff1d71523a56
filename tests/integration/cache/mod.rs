//! The cache: of pages, through the router; and with other nodes, through a real Redis that is
//! killed, stopped and started again.

mod budget;
mod flood;
mod full;
mod keys;
pub mod node;
mod nodes;
mod operators;
mod pages;
pub mod premises;
mod shared;
mod stampede;
