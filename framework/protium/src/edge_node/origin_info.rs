//! What edge nodes get to know of the shop that they stand in front of.

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::config::{Config, Switch};
use crate::http::csp::SecurityHeaders;
use crate::request::declared_params::Declared;
use crate::request::session::SessionKey;
use protium_wasm::BrowserModule;

/// Raised when a node that does not know of it would do harm: nodes of another version keep no
/// pages.
pub const VERSION: u32 = 3;

/// What a node has to know of the shop in front of which it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginInfo {
    /// [`VERSION`] of the shop.
    pub version: u32,
    /// The shop's name in a cache that its nodes share.
    pub shared: String,
    /// What pages are made from: changes with every deploy that may change one.
    pub generation: String,
    /// BUILD of the pages.
    pub build: String,
    /// Where browsers get the components' module.
    pub module: String,
    /// SHA-256 of the module, 64 hex digits.
    pub module_sha256: String,
    /// Of the shop, for example `en-GB`.
    pub locale: String,
    /// Of the shop, for example `EUR`.
    pub currency: String,
    /// Whether pages may be cached.
    pub keeps: bool,
    /// The addresses of pages that may be, segments in braces standing for any other; and the
    /// parameters that they declare.
    pub pages: Vec<(String, Declared)>,
    /// The fingerprint of the key that cookies are signed with.
    pub sessions: String,
    /// The security headers of every page.
    pub headers: Vec<(String, String)>,
}

impl OriginInfo {
    /// Of a shop with all this.
    pub(crate) fn new(
        config: &Config,
        (shared, generation, build): (&str, &str, &str),
        cached_routes: Vec<(String, Declared)>,
        module: (String, &BrowserModule),
        session_key: &SessionKey,
        security: &SecurityHeaders,
    ) -> OriginInfo {
        let text = |value: &HeaderValue| value.to_str().map(str::to_owned).ok();
        OriginInfo {
            version: VERSION,
            shared: shared.to_owned(),
            generation: generation.to_owned(),
            build: build.to_owned(),
            module: module.0,
            module_sha256: module.1.sha256.clone(),
            locale: config.shop.locale.clone(),
            currency: config.shop.currency.clone(),
            keeps: config.cache == Switch::On && !config.dev,
            pages: cached_routes,
            sessions: session_key.fingerprint(),
            headers: security
                .iter()
                .filter_map(|(name, value)| Some((name.to_string(), text(value)?)))
                .collect(),
        }
    }
}
