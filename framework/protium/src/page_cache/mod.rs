//! Public pages, made once for all visitors.
//!
//! - [`layer`]: around the handlers of pages: finds a page, or has it made once; [`front`]: in
//!   front of the router: answers with what is there already.
//! - [`uncached`]: renders pages that are not cached.
//! - [`cached_page`]: a page with its holes, and what each visitor gets of it; [`page_bytes`]: as
//!   bytes.
//! - [`fillings`]: the personal parts of pages, as they were made before.
//! - [`store`]: the cache that all nodes of a shop share.
//! - [`catalogue_watcher`]: notices changes of the catalogue and purges what depends on them.

pub(crate) mod cached_page;
pub(crate) mod catalogue_watcher;
pub(crate) mod fillings;
pub(crate) mod front;
pub(crate) mod layer;
pub(crate) mod page_bytes;
pub(crate) mod store;
pub(crate) mod uncached;
