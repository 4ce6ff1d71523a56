//! The example shop through its router, and its program from outside.

mod cart;
mod hostile;
mod pages;
mod process;
mod visitor;
