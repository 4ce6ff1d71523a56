//! What a node knows of its shop.

use crate::edge_node::origin_info::OriginInfo;
use crate::http::csp::SecurityHeaders;
use crate::request::declared_params::Declared;
use crate::request::session::SessionKey;
use protium_cache::Cache;
use protium_wasm::Host;

/// The shop as it is now.
pub struct OriginState {
    /// What it says of itself.
    pub shop: OriginInfo,
    /// Pages and files.
    pub cache: Cache,
    /// The components; absent while the node has not those of this build, or keeps nothing.
    pub host: Option<Host>,
    /// What cookies are signed with; absent when this node does not know it.
    pub sessions: Option<SessionKey>,
    /// The headers of every page.
    pub security: SecurityHeaders,
}

impl OriginState {
    /// The parameters that pages at this path declare; `None` when they are not cached.
    pub fn page(&self, path: &str) -> Option<&Declared> {
        let is_here = |pattern: &str| {
            let (mut wanted, mut found) = (pattern.split('/'), path.split('/'));
            loop {
                match (wanted.next(), found.next()) {
                    (None, None) => return true,
                    (Some(wanted), Some(found)) if wanted == found => {}
                    (Some(wanted), Some(found)) if wanted.starts_with('{') && !found.is_empty() => {
                    }
                    _ => return false,
                }
            }
        };
        let mut pages = self.shop.pages.iter();
        let (_, declared) = pages.find(|(pattern, _)| is_here(pattern))?;
        Some(declared)
    }
}
