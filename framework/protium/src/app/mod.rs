//! The builder of a shop's program, and the open shop that it serves.
//!
//! - [`builder`]: the [`App`]; [`additions`]: what a program adds; [`page_handler`]: handlers of
//!   pages; [`set_header`]: a layer.
//! - [`open`]: opens a shop: data directory, catalogue, components, files, templates.
//!   [`data_directory`]: the directory and its secret; [`import_file`]: products from a file.
//! - [`catalogue_filter`]: the filter of a large catalogue; [`filtered_catalogue`]: lists that it
//!   answers; [`filter_query`], [`filter_page`]: what they ask; [`filter_keeper`]: makes it anew.
//! - [`catalogue_follower`]: looks whether the catalogue has changed.
//! - [`start`]: serves a shop; [`start_error`]: why it does not start.
//! - [`shop`]: what all requests share; [`render`]: its pages.
//! - [`edge_module`], [`data_files`]: edge modules and JSON files for handlers;
//!   [`data_file_watcher`]: purges pages when such a file changes.
//! - [`routes`]: addresses and their handlers; [`market_paths`]: prefixes of markets; [`layers`]:
//!   middleware around every handler.
//! - [`dev`]: routes of development; [`dev_script`]: the script that its pages have;
//!   [`dev_config`]: the configuration follows protium.toml; [`supervisor`]: the process that
//!   compiles and restarts the shop's program; [`profiler`]: what the last requests took.

pub(crate) mod additions;
pub(crate) mod builder;
pub(crate) mod catalogue_filter;
mod catalogue_follower;
pub(crate) mod data_directory;
mod data_file_watcher;
pub(crate) mod data_files;
mod dev;
pub(crate) mod dev_config;
mod dev_script;
pub(crate) mod edge_module;
mod filter_keeper;
mod filter_page;
mod filter_query;
mod filtered_catalogue;
pub mod import_file;
pub(crate) mod layers;
mod market_paths;
pub(crate) mod open;
pub(crate) mod page_handler;
pub(crate) mod profiler;
pub(crate) mod render;
pub(crate) mod routes;
pub(crate) mod set_header;
pub mod shop;
pub mod start;
pub mod start_error;
pub(crate) mod supervisor;

pub use builder::App;
pub use shop::Shop;
pub use start_error::StartError;
