//! A shop opened from its directory and served.
//!
//! - [`builder`]: what the program of a shop says; [`additions`]: what it adds; [`page_handler`]:
//!   handlers of pages; [`set_header`]: a layer.
//! - [`start`]: from a configuration to a running shop, or a message that says what to do.
//! - [`open`]: data directory, catalogue, components, files, templates.
//! - [`shop`]: what all requests share.
//! - [`edge_module`], [`data_files`]: what handlers ask edge modules and JSON files.
//! - `routes`: addresses and their handlers; `market_paths`: prefixes of markets; `layers`: what
//!   happens around every handler.
//! - `dev`: what only development has.

pub(crate) mod additions;
pub(crate) mod builder;
pub(crate) mod data_directory;
mod data_file_watcher;
pub(crate) mod data_files;
mod dev;
pub(crate) mod edge_module;
pub mod import_file;
pub(crate) mod layers;
mod market_paths;
pub(crate) mod open;
pub(crate) mod page_handler;
pub(crate) mod render;
pub(crate) mod routes;
pub(crate) mod set_header;
pub mod shop;
pub mod start;
pub mod start_error;

pub use builder::App;
pub use shop::Shop;
pub use start_error::StartError;
