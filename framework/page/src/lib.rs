//! Templates, the splice, the snapshot, the document head.
//!
//! The way of a page:
//!
//! - `layer`, `references`, `nesting`: the files, and whether they fit together.
//! - `mask`, `markup`, `scanner`, `element`, `source_map`: a template is read once; components
//!   become calls, checked against the manifest.
//! - `compile`, `template`, `filters`, `props`, `scope`: Tera renders text with marks, and a side
//!   table of typed props.
//! - `messages`: what components say, in the languages of the shop.
//! - `splice`, `marker`: what the components rendered is put where the marks are.
//! - `head`, `snapshot`, `build_id`: what the browser needs to go on.
//! - `render`: all of it, in order; `holes`: the same without what belongs to a visitor, which is
//!   filled in later; `holes_codec`: such a page for other nodes; `foreign`: HTML that comes from
//!   elsewhere.

mod build_id;
mod compile;
mod element;
mod entities;
mod error;
mod failure_box;
mod filters;
mod foreign;
mod head;
mod holes;
mod holes_codec;
mod layer;
mod marker;
mod markup;
mod mask;
mod messages;
mod nearest;
mod nesting;
mod props;
mod references;
mod render;
mod scanner;
mod scope;
mod site;
mod snapshot;
mod source_map;
mod splice;
mod template;
#[cfg(test)]
mod tests;

pub use build_id::{BuildParts, PROTOCOL_VERSION};
pub use compile::{BrokenTemplates, check};
pub use error::{Location, PageError, TemplateError, TemplateErrors};
pub use filters::Filters;
pub use head::BrowserAssets;
pub use holes::{Filling, HoledPage};
pub use layer::TemplateLayer;
pub use render::{MAX_PAGE_BYTES, Page, PageRequest, Pages, PagesConfig, Personal, base_url};
