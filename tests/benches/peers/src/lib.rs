//! The product page of the example store in two frameworks, from the same data.
//!
//! - [`Data`]: everything on the page, and what is derived from it for a request.
//! - [`serve`]: how both programs start.
//! - [`hydrated`]: the page as leptos has it; askama's is in its program and `templates/`.

#![recursion_limit = "256"]

mod data;
pub mod hydrated;
mod serve;

pub use data::{
    Card, Choice, Collection, Currency, Data, Group, Image, Product, Shop, Value, Variant, gallery,
};
pub use serve::{Failure, data, serve};

/// As in every shop on Protium.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
