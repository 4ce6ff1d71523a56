//! Templates, splicing of components, snapshot, document head.
//!
//! A page is made in these steps:
//!
//! - `layer`, `references`, `nesting`: reads the files, and checks how they refer to each other.
//! - `component_template`: a template for each component alone.
//! - `mask`, `markup`, `scanner`, `element`, `source_map`: parses each template once; components
//!   become function calls, checked against the manifest.
//! - `compile`, `template`, `filters`, `props`, `shared_props`, `scope`: Tera renders text with
//!   markers, and a side table of typed props.
//! - `render_cache`: what components rendered for equal input; `seen`: what comes again.
//! - `messages`: texts of components, templates and errors, in the languages of the shop.
//! - `splice`, `marker`: replaces the markers by the components' HTML.
//! - `head`, `snapshot`, `build_id`: what the browser needs to hydrate.
//! - `render`: all of these in order; `holes`: the same without the visitor's part, which is filled
//!   in later; `holes_codec`: encodes such a page for other nodes; `foreign`: HTML from elsewhere.

mod build_id;
mod compile;
mod component_template;
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
mod render_cache;
mod scanner;
mod scope;
mod seen;
mod shared_props;
mod site;
mod snapshot;
mod source_map;
mod splice;
mod template;
#[cfg(test)]
mod tests;

pub use build_id::{BuildParts, PROTOCOL_VERSION};
pub use compile::{BrokenTemplates, check};
pub use component_template::{COMPONENT_PROPS, component_template};
pub use error::{Location, PageError, TemplateError, TemplateErrors};
pub use filters::Filters;
pub use head::BrowserAssets;
pub use holes::{Filling, HoledPage};
pub use layer::TemplateLayer;
pub use messages::{MessageArgument, MessageFiles};
pub use render::{
    MAX_PAGE_BYTES, Page, PageRequest, Pages, PagesConfig, Personal, UnsetProp, base_url,
};
