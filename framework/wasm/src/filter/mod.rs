//! Filters a catalogue of millions of rows: which products meet all conditions, how many there are
//! with each value, and a page of them in an order. Knows nothing of shops: rows are numbers.
//!
//! - [`columns`]: [`Columns`], what a filter is built from; [`query`]: [`Query`], [`Answer`] and
//!   [`Change`]; [`shape`]: which numbers they may name; [`error`]: [`FilterError`].
//! - [`scan`]: [`Columns::scan`], which defines the answers.
//! - [`layout`], [`image`]: [`Image`], the bytes that the module works on; [`wire`]: messages.
//! - [`setup`], [`module`]: the module's variant for this machine; [`instance`],
//!   [`state`]: calls of it.
//! - [`filter`]: [`Filter`], and [`worker`], its thread; [`changes`]: what a new instance must
//!   know.

mod changes;
mod columns;
mod error;
#[expect(clippy::module_inception, reason = "the filter's own type")]
mod filter;
mod image;
mod instance;
mod layout;
mod module;
mod query;
mod scan;
mod setup;
mod shape;
mod state;
mod wire;
mod worker;

pub use columns::{Columns, Facet, ImageError, NO_RANK, NO_VALUE, RowSet};
pub use error::FilterError;
pub use filter::Filter;
pub use image::Image;
pub use query::{Answer, Base, Change, Chosen, Query, RankRange};
pub use setup::FilterSetup;
