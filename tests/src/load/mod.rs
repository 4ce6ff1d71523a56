//! What benches of running servers share: servers on ports of their own, and load from `wrk`.
//!
//! - [`Server`]: a process that serves until it is dropped; what it used of the processor and of
//!   memory.
//! - [`shop`]: the example store, built as cargo built this.
//! - [`bare`]: the ceiling, one axum route for each prepared answer.
//! - [`Nginx`]: Debian's nginx with a configuration of the bench's own.
//! - [`wrk`]: rounds of load; [`visitors`]: many visitors on many pages; [`fetch`]: single
//!   requests, by curl.

pub mod bare;
pub mod fetch;
mod nginx;
mod server;
pub mod shop;
pub mod visitors;
pub mod wrk;

pub use nginx::Nginx;
pub use server::Server;

/// The middle one of these.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
