//! The product page as leptos_axum serves it.

use std::sync::Arc;

use peers::{Failure, hydrated};

fn main() -> Result<(), Failure> {
    let data = Arc::new(peers::data()?);
    peers::serve(|| hydrated::router(data))
}
