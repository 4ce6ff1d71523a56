//! The example shop through its router.

mod cart;
mod catalogue;
mod hostile;
mod imported;
mod pages;
mod visitor;
