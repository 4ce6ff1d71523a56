//! A cached page, and what each visitor gets of it. The shop answers with it, and an edge
//! node in front of the shop.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{
    AGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, ETAG, VARY,
};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use crate::http::forwarded::PublicAddress;
use crate::http::freshness;
use crate::page_cache::fillings::{BodyKey, FilledBody, FillingKey, Fillings, PageNumber};
use crate::page_cache::page_bytes;
use crate::prewarm::prewarm_request::PrewarmRequest;
use crate::request::declared_params::DeclaredParams;
use crate::request::personal::PersonalData;
use crate::request::session::Session;
use protium_cache::http::{Body as Coded, Coding, Pieces};
use protium_cache::{Cached, Policy, Share};
use protium_page::{Filling, HoledPage, PageError};
use protium_wasm::Host;

/// What the keys of pages begin with.
pub const KIND: &str = "page";
/// A page is fresh for as long as its data says, at most for an hour. Then it is shown for ten
/// minutes more while a new one is made: stock and prices of a page that is rarely looked at are
/// not older than that. While the catalogue fails, a stale page is used for a day.
const POLICY: Policy = Policy {
    fresh_for: Duration::from_secs(3_600),
    stale_while_revalidate: Duration::from_secs(600),
    stale_if_error: Duration::from_secs(86_400),
    share: Share::OnSecondUse,
};
/// That of a page that the prewarm makes: it is made for all nodes.
const AHEAD: Policy = Policy {
    share: Share::AtOnce,
    ..POLICY
};

/// The most addresses of the shop for which a page is cached as everybody gets it: its own, another
/// spelling of it, and none for what is done within the process. For a host that a visitor makes up
/// the address is put in each time.
const ADDRESSES: usize = 3;
/// The policy of the page that a request is for.
pub fn policy(request: &Extensions) -> Policy {
    match request.get::<PrewarmRequest>() {
        Some(_) => AHEAD,
        None => POLICY,
    }
}

/// `Cache-Control` of a page as everybody gets it: browsers ask whether it is still the same.
const PUBLIC: &str = "public, no-cache";
/// `Cache-Control` of a page with a visitor's parts: only that browser stores it.
const PRIVATE: &str = "private, no-cache";
/// `Cache-Control` of a response in which a component failed: it is not stored.
const FAILED: &str = "private, no-store";
/// Lies in the extensions of an answer in which a component failed.
#[derive(Clone, Copy)]
pub struct ComponentFailed;

/// Headers of a cached page, those of the layers around it included.
const MOST_HEADERS: usize = 16;

/// What is stored of a page beside itself.
#[derive(Serialize, Deserialize)]
struct StoredFacts {
    params: DeclaredParams,
    #[serde(default)]
    headers: Vec<(String, String)>,
}

/// About how many bytes of memory headers take.
fn weight(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 64)
        .sum()
}

/// Headers from texts; `None` when one cannot be a header.
pub fn headers_of(pairs: Vec<(String, String)>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        headers.append(
            HeaderName::try_from(name).ok()?,
            HeaderValue::try_from(value).ok()?,
        );
    }
    Some(headers)
}

/// What fills the holes of cached pages.
#[derive(Clone, Copy)]
pub struct Filler<'a> {
    /// With the module that the page was made with.
    pub host: &'a Host,
    /// What was made before.
    pub fillings: &'a Fillings,
}

/// A page in the cache; or nothing, when it was not to be cached.
pub struct Stored(pub Option<CachedPage>);

/// A page, made once, for all visitors.
pub struct CachedPage {
    page: HoledPage,
    /// The parameters that it declares itself.
    params: DeclaredParams,
    /// What its handler set, and the layers around that.
    headers: HeaderMap,
    pieces: Pieces,
    number: PageNumber,
    /// Of the texts around the holes.
    texts_digest: u128,
    /// It has links with the address that its visitor uses.
    names_address: bool,
    /// How old it was when it came here.
    pub came_at: Duration,
    /// The addresses that its first visitors used, where it names the shop's.
    addresses: [OnceLock<Option<PublicAddress>>; ADDRESSES],
    /// The page of everybody who has no cart, for each of the addresses.
    anonymous: [OnceCell<AnonymousBody>; ADDRESSES],
}

struct AnonymousBody {
    body: Coded,
    etag: HeaderValue,
}

impl Cached for Stored {
    const SHARED: bool = true;
    const BUDGETED: bool = true;

    fn weight(&self) -> usize {
        // The text around the holes and the page as everybody gets it; both plain, and compressed
        // in two ways. One that names the shop's address is there once more, plain, for what is
        // done within the process.
        self.0.as_ref().map_or(0, |cached| {
            let halves = if cached.names_address { 9 } else { 7 };
            cached.page.weight() * halves / 2 + cached.params.weight() + weight(&cached.headers)
        })
    }

    fn encode(&self) -> Option<Bytes> {
        let cached = self.0.as_ref()?;
        let facts = StoredFacts {
            params: cached.params.clone(),
            headers: cached.header_pairs(),
        };
        page_bytes::encode(&facts, &cached.page)
    }

    fn decode(bytes: Bytes) -> Option<Stored> {
        let (StoredFacts { params, headers }, page) = page_bytes::decode(&bytes)?;
        let page = CachedPage::new(page, params).with_headers(headers_of(headers)?);
        Some(Stored(Some(page)))
    }
}

impl CachedPage {
    /// A page that declares these parameters.
    pub fn new(page: HoledPage, params: DeclaredParams) -> CachedPage {
        CachedPage {
            params,
            headers: HeaderMap::new(),
            pieces: Pieces::new(page.texts().to_vec()),
            number: PageNumber::next(),
            texts_digest: freshness::digest_of(page.texts().iter().map(|text| &text[..])),
            names_address: page.names_address(),
            page,
            came_at: Duration::ZERO,
            addresses: Default::default(),
            anonymous: Default::default(),
        }
    }

    /// With headers of its answer. Those that say how its bytes are sent are not the handler's.
    #[must_use]
    pub fn with_headers(mut self, mut headers: HeaderMap) -> CachedPage {
        for name in [CONTENT_LENGTH, CONTENT_ENCODING, ETAG, AGE, DATE] {
            headers.remove(name);
        }
        self.headers = headers;
        self
    }

    /// Its headers as texts; those that are none are left out.
    pub fn header_pairs(&self) -> Vec<(String, String)> {
        let pair = |(name, value): (&HeaderName, &HeaderValue)| {
            Some((name.to_string(), value.to_str().ok()?.to_owned()))
        };
        self.headers.iter().filter_map(pair).collect()
    }

    /// The parameters that it declares itself, where the route leaves that to the page.
    pub fn params(&self) -> &DeclaredParams {
        &self.params
    }

    /// The page itself.
    pub fn page(&self) -> &HoledPage {
        &self.page
    }

    /// The page as this visitor gets it: 200, or 304 for one who has it already. `address` is what
    /// the visitor calls the shop.
    pub async fn answer(
        &self,
        filler: Filler<'_>,
        asked: &HeaderMap,
        session: &Session,
        address: Option<PublicAddress>,
    ) -> Result<Response, PageError> {
        let address = address.as_ref().filter(|_| self.names_address);
        let answer = match self.ready(filler.fillings, asked, session, address) {
            Some(answer) => answer,
            // Boxed, or else the future of every answer would have room for it.
            None => Box::pin(self.made(filler, asked, session, address)).await?,
        };
        Ok(self.response(answer, HeaderMap::with_capacity(MOST_HEADERS)))
    }

    /// The response of an answer with this page. The headers are put into this map, which is empty.
    pub fn response(&self, answer: Answer, headers: HeaderMap) -> Response {
        let mut response = answer.into_response(headers);
        if !self.headers.is_empty() {
            self.add_headers(response.headers_mut());
        }
        response
    }

    /// The page as this visitor gets it, when nothing of that has to be made: an equal visitor was
    /// here before, and its texts are compressed.
    pub fn ready(
        &self,
        fillings: &Fillings,
        asked: &HeaderMap,
        session: &Session,
        address: Option<&PublicAddress>,
    ) -> Option<Answer> {
        let address = self.place_of(address.filter(|_| self.names_address))?;
        match session.cart {
            Some(_) => self.own_ready(fillings, asked, self.key(session), address),
            None => self.anonymous[address].get()?.ready(asked),
        }
    }

    /// The place of an address among those of the page, where there is room for it.
    fn place_of(&self, address: Option<&PublicAddress>) -> Option<usize> {
        let is_there =
            |place: &OnceLock<_>| place.get_or_init(|| address.cloned()).as_ref() == address;
        self.addresses.iter().position(is_there)
    }

    fn key(&self, session: &Session) -> FillingKey {
        FillingKey {
            page: self.number,
            visitor: PersonalData::of(session),
        }
    }

    /// These fillings, with a visitor's address.
    fn addressed(&self, filling: &Filling, address: Option<&PublicAddress>) -> Vec<Vec<u8>> {
        let url = address.map(PublicAddress::url);
        self.page.addressed(filling, &url.unwrap_or_default())
    }

    /// Adds the handler's headers. What is for one visitor stays so.
    fn add_headers(&self, headers: &mut HeaderMap) {
        let cache_control = headers.get(CACHE_CONTROL).cloned();
        let is_public = cache_control
            .as_ref()
            .is_some_and(|value| value.as_bytes().starts_with(b"public"));
        let vary = headers.get(VARY).cloned();
        headers.extend(self.headers.clone());
        if let (false, Some(private)) = (is_public, cache_control) {
            headers.insert(CACHE_CONTROL, private);
        }
        if let (true, Some(vary)) = (self.headers.contains_key(VARY), vary) {
            headers.append(VARY, vary);
        }
    }

    /// The page of one for whom something has to be made: what is in the holes is rendered, unless
    /// that was done for an equal visitor; everything else is compressed already. The page of
    /// everybody without a cart is compressed as a whole, once for each of the first addresses. A
    /// filling in which a component failed is shown to the one who asked; the next one has the
    /// components try again.
    async fn made(
        &self,
        filler: Filler<'_>,
        asked: &HeaderMap,
        session: &Session,
        address: Option<&PublicAddress>,
    ) -> Result<Answer, PageError> {
        let filling = self.filling(filler, self.key(session)).await?;
        let parts = self.addressed(&filling, address);
        let cache_control = match session.cart {
            _ if filling.failed => FAILED,
            Some(_) => PRIVATE,
            None => PUBLIC,
        };
        if cache_control == PUBLIC
            && let Some(place) = self.place_of(address)
        {
            let make = || self.anonymous_body(&parts);
            let body = self.anonymous[place].get_or_init(make).await;
            return Ok(body.answer(asked).await);
        }
        Ok(self.filled(asked, &parts, cache_control).await)
    }

    async fn filling(
        &self,
        filler: Filler<'_>,
        key: FillingKey,
    ) -> Result<Arc<Filling>, PageError> {
        if let Some(filling) = filler.fillings.get(&key) {
            return Ok(filling);
        }
        let stores = key.visitor.stores();
        let filling = Arc::new(self.page.fill(filler.host, &stores).await?);
        if !filling.failed {
            filler.fillings.insert(key, Arc::clone(&filling));
        }
        Ok(filling)
    }

    /// The page of a visitor with a cart, when the filling was made before, and the texts around it
    /// are compressed.
    fn own_ready(
        &self,
        fillings: &Fillings,
        asked: &HeaderMap,
        filling: FillingKey,
        address: usize,
    ) -> Option<Answer> {
        let coding = Coding::wanted(asked);
        let key = BodyKey {
            filling,
            address,
            coding,
        };
        let body = fillings.body(key, || {
            let address = self.addresses[address].get()?.as_ref();
            let parts = self.addressed(&*fillings.get(&filling)?, address);
            let (bytes, _) = self.pieces.ready(coding, &parts)?;
            let etag = freshness::etag_of(self.texts_digest, &parts);
            Some(FilledBody { bytes, etag })
        })?;
        let FilledBody { bytes, etag } = body;
        Some(answer(asked, etag, PRIVATE, (bytes, coding)))
    }

    /// The page with these fillings.
    async fn filled(
        &self,
        asked: &HeaderMap,
        fillings: &[Vec<u8>],
        cache_control: &'static str,
    ) -> Answer {
        let etag = freshness::etag_of(self.texts_digest, fillings);
        let coded = self.pieces.coded(Coding::wanted(asked), fillings).await;
        answer(asked, etag, cache_control, coded)
    }

    async fn anonymous_body(&self, fillings: &[Vec<u8>]) -> AnonymousBody {
        let (html, _) = self.pieces.coded(Coding::Identity, fillings).await;
        AnonymousBody {
            etag: freshness::etag(&html),
            body: Coded::new(html),
        }
    }
}

impl AnonymousBody {
    /// 200 if the body was compressed before, or 304.
    fn ready(&self, asked: &HeaderMap) -> Option<Answer> {
        let coded = self.body.ready(Coding::wanted(asked))?;
        Some(answer(asked, self.etag.clone(), PUBLIC, coded))
    }

    async fn answer(&self, asked: &HeaderMap) -> Answer {
        let coded = self.body.coded(Coding::wanted(asked)).await;
        answer(asked, self.etag.clone(), PUBLIC, coded)
    }
}

/// The answer with a page: 200 with a body, or 304 without.
pub struct Answer {
    body: Option<(Bytes, Coding)>,
    etag: HeaderValue,
    cache_control: &'static str,
}

impl Answer {
    /// Its response. The headers are put into this map, which is empty.
    fn into_response(self, mut headers: HeaderMap) -> Response {
        let (status, body) = match self.body {
            None => (StatusCode::NOT_MODIFIED, Body::empty()),
            Some((bytes, coding)) => {
                let html = HeaderValue::from_static("text/html; charset=utf-8");
                headers.insert(CONTENT_TYPE, html);
                if let Some(coding) = coding.header() {
                    headers.insert(CONTENT_ENCODING, coding);
                }
                (StatusCode::OK, Body::from(bytes))
            }
        };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(self.cache_control));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(ETAG, self.etag);
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        if self.cache_control == FAILED {
            response.extensions_mut().insert(ComponentFailed);
        }
        response
    }
}

/// 200 with this body, or 304 for who has it.
fn answer(
    asked: &HeaderMap,
    etag: HeaderValue,
    cache_control: &'static str,
    body: (Bytes, Coding),
) -> Answer {
    let body = Some(body).filter(|_| !freshness::matches(asked, &etag));
    Answer {
        body,
        etag,
        cache_control,
    }
}
