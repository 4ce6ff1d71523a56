//! A page that is kept, and what each visitor gets of it. The shop answers with it, and an edge node in front of the shop.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::sync::OnceCell;

use super::shop::personal;
use crate::cache::http::{Body as Coded, Coding, Pieces};
use crate::cache::{Cached, Policy};
use crate::guest::Host;
use crate::page::{HoledPage, PageError};
use crate::web::freshness;
use crate::web::session::Session;

/// What the keys of pages begin with.
pub const KIND: &str = "page";
/// A page is fresh for as long as its data says, at most for an hour. Then it is shown for ten minutes more while a new one
/// is made: stock and prices of a page that is rarely looked at are not older than that. When the catalogue is away, an old
/// page is better than none for a day.
pub const POLICY: Policy = Policy {
    fresh_for: Duration::from_secs(3_600),
    stale_while_revalidate: Duration::from_secs(600),
    stale_if_error: Duration::from_secs(86_400),
};

/// Headers of a kept page, those of the layers around it included.
const MOST_HEADERS: usize = 16;

/// A page in the store; or nothing, when it was not to be kept.
pub struct Stored(pub Option<Kept>);

/// A page, made once, for all visitors.
pub struct Kept {
    page: HoledPage,
    pieces: Pieces,
    /// The steps it took here.
    pub timing: Vec<(&'static str, Duration)>,
    /// How old it was when it came here.
    pub came_at: Duration,
    /// The page of everybody who has no cart.
    common: OnceCell<Common>,
}

struct Common {
    body: Coded,
    etag: HeaderValue,
}

impl Cached for Stored {
    const SHARED: bool = true;

    fn weight(&self) -> usize {
        // The text around the holes and the page as everybody gets it; both plain, and compressed in two ways.
        self.0.as_ref().map_or(0, |kept| kept.page.weight() * 7 / 2)
    }

    fn encode(&self) -> Option<Bytes> {
        self.0.as_ref()?.page.encode()
    }

    fn decode(bytes: Bytes) -> Option<Stored> {
        let page = HoledPage::decode(&bytes)?;
        Some(Stored(Some(Kept::new(page, Vec::new()))))
    }
}

impl Kept {
    /// A page that was made in these steps.
    pub fn new(page: HoledPage, timing: Vec<(&'static str, Duration)>) -> Kept {
        Kept {
            pieces: Pieces::new(page.texts().to_vec()),
            page,
            timing,
            came_at: Duration::ZERO,
            common: OnceCell::new(),
        }
    }

    /// The page itself.
    pub fn page(&self) -> &HoledPage {
        &self.page
    }

    /// The page as this visitor gets it: 200, or 304 for one who has it already. `host` has the module that it was made with.
    pub async fn answer(
        &self,
        host: &Host,
        asked: &HeaderMap,
        session: &Session,
    ) -> Result<Response, PageError> {
        match session.cart {
            // Boxed, or else the future of every answer would have room for it.
            Some(_) => Box::pin(self.own(host, asked, session)).await,
            None => self.common(host, asked).await,
        }
    }

    /// The page of a visitor with a cart: the badge is rendered, everything else is compressed already.
    async fn own(
        &self,
        host: &Host,
        asked: &HeaderMap,
        session: &Session,
    ) -> Result<Response, PageError> {
        let fillings = self.page.fill(host, personal(session)).await?;
        let etag = freshness::etag_of(self.pieces.parts(&fillings));
        if freshness::matches(asked, &etag) {
            return Ok(answer(None, etag, "private, no-cache"));
        }
        let coded = self.pieces.coded(Coding::wanted(asked), &fillings).await;
        Ok(answer(Some(coded), etag, "private, no-cache"))
    }

    /// The page as everybody without a cart gets it: filled, compressed and digested once.
    async fn common(&self, host: &Host, asked: &HeaderMap) -> Result<Response, PageError> {
        let make = || {
            Box::pin(async {
                let fillings = self.page.fill(host, personal(&Session::default())).await?;
                let (html, _) = self.pieces.coded(Coding::Identity, &fillings).await;
                Ok::<_, PageError>(Common {
                    etag: freshness::etag(&html),
                    body: Coded::new(html),
                })
            })
        };
        let common = self.common.get_or_try_init(make).await?;
        let etag = common.etag.clone();
        if freshness::matches(asked, &etag) {
            return Ok(answer(None, etag, "public, no-cache"));
        }
        let coded = common.body.coded(Coding::wanted(asked)).await;
        Ok(answer(Some(coded), etag, "public, no-cache"))
    }
}

/// 200 with a body, or 304 without.
fn answer(
    body: Option<(Bytes, Coding)>,
    etag: HeaderValue,
    cache_control: &'static str,
) -> Response {
    let mut response = Response::new(Body::empty());
    *response.headers_mut() = HeaderMap::with_capacity(MOST_HEADERS);
    match body {
        None => *response.status_mut() = StatusCode::NOT_MODIFIED,
        Some((bytes, coding)) => {
            *response.body_mut() = Body::from(bytes);
            let headers = response.headers_mut();
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            headers.insert(CONTENT_TYPE, html);
            if let Some(coding) = coding.header() {
                headers.insert(CONTENT_ENCODING, coding);
            }
        }
    }
    let headers = response.headers_mut();
    let cache_control = HeaderValue::from_static(cache_control);
    headers.insert(CACHE_CONTROL, cache_control);
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(ETAG, etag);
    response
}
