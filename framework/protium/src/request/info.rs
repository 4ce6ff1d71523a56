//! What the layers around every handler find out about a request.

use std::sync::Arc;

use http::Extensions;

use crate::http::forwarded::Forwarded;
use crate::http::freshness::Privacy;
use crate::release::Release;
use protium_types::Market;

/// What the layers around every handler find out about a request. In its extensions as one value,
/// since each insertion allocates.
#[derive(Clone)]
pub struct RequestInfo {
    /// The release that it is answered with.
    pub release: Arc<Release>,
    /// The market that it is answered for.
    pub market: Market,
    /// Who the response is for.
    pub privacy: Privacy,
    /// Its client, as the request and trusted proxies say.
    pub forwarded: Forwarded,
}

impl RequestInfo {
    /// That of a request; `None` outside of the layers.
    pub fn of(request: &Extensions) -> Option<&RequestInfo> {
        request.get()
    }
}

/// Who the response to a request is for; `None` outside of the layers.
pub fn privacy(request: &Extensions) -> Option<&Privacy> {
    RequestInfo::of(request).map(|info| &info.privacy)
}

/// What is known of a request's client. Edge nodes have it in the extensions by itself.
pub fn forwarded(request: &Extensions) -> Option<&Forwarded> {
    let info = RequestInfo::of(request).map(|info| &info.forwarded);
    info.or_else(|| request.get())
}
