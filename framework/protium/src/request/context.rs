//! What the page of one request is rendered with.

use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderMap;

use crate::http::forwarded::PublicAddress;
use crate::http::freshness::Privacy;
use crate::release::Release;
use crate::request::declared_params::DeclaredParams;
use crate::request::page::Page;
use crate::request::params::Params;
use crate::request::session::Session;
use protium_commerce::Recorder;
use protium_types::{Market, Region, Url};

/// One visitor's request for a page.
pub struct PageContext {
    /// What the page is made from.
    pub release: Arc<Release>,
    /// Path and query, as asked for.
    pub target: String,
    /// The query's names and values: of a cached page, those that it declares.
    pub params: Params,
    /// The headers that decide about freshness.
    pub headers: HeaderMap,
    /// The visitor's session. The badge in the header shows it; handlers that use it call
    /// [`PageContext::private`].
    pub session: Session,
    /// What the page depends on.
    pub recorder: Recorder,
    /// The region whose stock and prices it shows.
    pub region: Region,
    /// The market that it is shown in.
    pub market: Market,
    /// The address that the visitor uses; none when the request names no host.
    pub address: Option<PublicAddress>,
    /// The visitor's address, where it is known.
    pub client: Option<IpAddr>,
    /// Path and query that the page is known by where that is not its path alone.
    pub canonical: Option<Url>,
    /// Who the answer is for.
    pub privacy: Privacy,
}

impl PageContext {
    /// The path without its query.
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&self.target, |(path, _)| path)
    }

    /// Says which parameters the page has: there are no others from here on.
    pub fn declares(&mut self, declared: &DeclaredParams) {
        self.target = declared.target(&self.target).into_owned();
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        self.params = Params::parse(query.as_bytes());
    }

    /// The session, for a page that shows more of it than the badge: the page becomes private.
    pub fn private(&self) -> &Session {
        self.privacy.mark_private();
        &self.session
    }

    /// Takes over what the page says of its address, parameters, session and dependencies.
    pub fn take_from(&mut self, page: &Page) {
        if let Some(url) = &page.shown_at {
            self.target = url.as_str().to_owned();
            self.headers.clear();
        }
        if let Some(declared) = &page.declared {
            self.declares(declared);
        }
        if let Some(session) = &page.session {
            self.session = session.clone();
        }
        if page.canonical.is_some() {
            self.canonical = page.canonical.clone();
        }
        self.recorder.tags(page.tags.iter().cloned());
        if let Some(time) = page.fresh_for {
            self.recorder.freshness(time);
        }
    }
}
