//! Lists narrowed by what their products have in common: facets, as shops call them.
//!
//! - [`narrowing`]: which list, and what a visitor has chosen of its facets.
//! - [`page`]: which page of it is wanted, and what comes back.
//! - [`facets`]: the facets that a list has, with counts.
//! - [`columns`]: a catalogue's rows as a filter loads them, and their changes; [`places`]: where
//!   products stand in its sorted lists.

pub mod columns;
pub mod facets;
pub mod narrowing;
pub mod page;
pub mod places;

pub use self::columns::{ColumnChange, FilterColumns};
pub use self::facets::{Facet, FacetValue, Facets, PriceBounds};
pub use self::narrowing::{FacetName, List, MAX_CHOSEN, Narrowing, NarrowingError};
pub use self::page::{NarrowRequest, NarrowedPage};
pub use self::places::ListPlace;
