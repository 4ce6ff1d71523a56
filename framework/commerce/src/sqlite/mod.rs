//! The provider every shop starts with: one SQLite database in the data directory, read by many
//! connections and written by one thread.
//!
//! - `store`: what can be set, and the store itself; `state`: what it says of its catalogue.
//! - `open`, `open_error`: the directory, the file, and errors that say what to do.
//! - `schema`: the layout and its versions.
//! - `writer`, `readers`: who may touch the database, and who waits how long; `data_span`: the
//!   span of each such call.
//! - `catalogue`, `listing`, `search`, `cursor`, `cache`: what visitors read.
//! - `found_list`, `narrowed`: lists that are narrowed; `facets`: by SQL; `columns`: the
//!   catalogue's rows, for a filter; `sorted_page`: pages in a filter's orders.
//! - `rows`: what several queries select.
//! - `price_list`: lists of prices; `asked_list`: which one a request asks for.
//! - `codes`: variants by SKU and barcode; `sku`: single SKUs, and what changed.
//! - `carts`: what visitors change; `expired_carts`: the sweep of old carts.
//! - `document`: the part of a product that is kept as JSON.
//! - `stage`, `stored`, `product`, `summary`: how an import moves in, what it compares with, and
//!   how it is written.

mod asked_list;
mod cache;
mod carts;
mod catalogue;
mod codes;
mod columns;
mod cursor;
mod data_span;
pub(super) mod document;
mod expired_carts;
mod facets;
mod failure;
mod found_list;
mod listing;
mod narrowed;
mod open;
mod open_error;
mod price_list;
mod product;
mod readers;
mod rows;
mod schema;
mod search;
mod sku;
mod sorted_page;
pub(super) mod stage;
mod state;
mod store;
pub(super) mod stored;
mod summary;
mod writer;

pub use self::found_list::{FoundList, ListProducts};
pub use self::open_error::{OpenError, Problem};
pub use self::sorted_page::{AskedPage, SortedPage};
pub use self::state::CatalogueState;
pub use self::store::{Options, Store};

#[cfg(test)]
mod cart_line_tests;
#[cfg(test)]
mod narrowed_tests;
#[cfg(test)]
mod noticed_tests;
#[cfg(test)]
mod price_and_stock_tests;
#[cfg(test)]
mod tests;
