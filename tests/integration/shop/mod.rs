//! The example shop through its router.

mod addresses;
mod cart;
mod catalogue;
mod hostile;
mod imported;
mod pages;
mod visitor;
