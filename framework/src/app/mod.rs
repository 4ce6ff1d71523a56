//! The app: joins catalogue, components, pages and web into a shop that answers requests.
//!
//! - [`start`]: from a configuration to a running shop, or a message that says what to do.
//! - [`shop`]: what all requests share.
//! - [`visit`]: what a handler knows about one request, and how it answers with a page.
//! - `routes`, `pages`, `cart`: addresses and their handlers; `cart_counts`: what badges show;
//!   `cart_limits`: how often one address may change carts.
//! - `cache`: what is kept, for all nodes of the shop; `page_cache`: public pages, made once;
//!   `kept`: such a page, filled for each visitor.
//! - `pictures`: the shop's own pictures at addresses that change with them.
//! - [`prewarm`]: what is done ahead of visitors; `follow`: changes of the catalogue.
//! - [`import`]: a file of products into a shop.
//! - `earlier`: files of builds before this one.
//! - `operator`: what operators see and do.
//! - `nodes`: what edge nodes ask of the shop; [`node`]: such a node.
//! - `layers`: what happens around every handler; `compression`, its last step; `refusals`: how a
//!   refusal becomes a page or JSON.

mod cache;
mod cart;
mod cart_counts;
mod cart_limits;
pub(crate) mod causes;
mod compression;
mod dev;
mod earlier;
mod follow;
pub mod import;
mod kept;
mod layers;
pub mod node;
mod nodes;
mod open;
mod operator;
mod page_cache;
mod pages;
mod pictures;
pub mod prewarm;
mod refusals;
mod routes;
pub mod shop;
pub mod start;
mod values;
mod visit;

use std::path::PathBuf;
use std::process::ExitCode;

pub use shop::Shop;
pub use start::{StartError, serve};

/// A shop in a directory, as its binary runs it.
///
/// The whole program of a shop:
///
/// ```no_run
/// use std::process::ExitCode;
///
/// fn main() -> ExitCode {
///     protium::App::new(env!("CARGO_MANIFEST_DIR")).run()
/// }
/// ```
pub struct App {
    root: PathBuf,
}

impl App {
    /// The shop in `root`, the directory with its `protium.toml`.
    pub fn new(root: impl Into<PathBuf>) -> App {
        App { root: root.into() }
    }

    /// Runs the command that this process was started with: `serve` when there is none.
    pub fn run(self) -> ExitCode {
        crate::cli::run(self.root)
    }
}
