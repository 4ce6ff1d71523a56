//! The example shop through its router.

mod addresses;
mod cart;
mod cart_rules;
mod catalogue;
mod hostile;
mod imported;
mod pages;
mod search;
mod visitor;
