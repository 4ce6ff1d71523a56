//! What a handler knows about one request, and how it answers with a page.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::header::{CACHE_CONTROL, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use tera::Context;

use crate::app::Shop;
use crate::http::error::HttpError;
use crate::http::forwarded::{Forwarded, PublicAddress};
use crate::http::freshness::{self, Privacy};
use crate::page_cache::cached_page::ComponentFailed;
use crate::page_cache::layer::Making;
use crate::prewarm::overlay::Region;
use crate::release::{self, Release};
use crate::request::declared_params::DeclaredParams;
use crate::request::params::Params;
use crate::request::session::Session;
use protium_commerce::{Context as Asking, Recorder};

/// One visitor's request for a page.
pub struct PageContext {
    /// What the page is made from.
    pub release: Arc<Release>,
    /// Path and query, as asked for.
    pub target: String,
    /// The query's names and values: of a page that is kept, those that it declares.
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
    /// The address that the visitor uses; none when the request names no host.
    pub address: Option<PublicAddress>,
    /// The visitor's address, where it is known.
    pub client: Option<IpAddr>,
    /// Path and query that the page is known by where that is not its path alone.
    pub canonical: Option<String>,
    privacy: Privacy,
    /// The page is to be kept, and has no visitor.
    making: Option<Making>,
}

impl PageContext {
    /// Of a request with these headers for `target`, which is answered with `release`.
    pub fn new(
        shop: &Shop,
        release: Arc<Release>,
        target: &str,
        headers: &HeaderMap,
        privacy: Privacy,
    ) -> PageContext {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        PageContext {
            release,
            params: Params::parse(query.as_bytes()),
            target: target.to_owned(),
            headers: headers
                .get_all(IF_NONE_MATCH)
                .iter()
                .map(|value| (IF_NONE_MATCH, value.clone()))
                .collect(),
            session: shop.session(headers),
            recorder: Recorder::default(),
            region: Region::default(),
            address: None,
            client: None,
            canonical: None,
            privacy,
            making: None,
        }
    }

    /// The path without its query.
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&self.target, |(path, _)| path)
    }

    /// Says which parameters the page has: there are no others from here on.
    pub fn declares(&mut self, declared: DeclaredParams) {
        self.target = declared.target(&self.target).into_owned();
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        self.params = Params::parse(query.as_bytes());
        if let Some(making) = &self.making {
            making.declares(declared);
        }
    }

    /// The session, for a page that shows more of it than the badge: the page becomes private.
    pub fn private(&self) -> &Session {
        self.privacy.mark_private();
        &self.session
    }

    /// What the providers are told about this request.
    pub fn asking(&self, shop: &Shop) -> Asking {
        shop.asking_for(&self.recorder)
    }

    /// Renders a template and answers with it: 200, or 304 when the visitor has the same page
    /// already.
    pub async fn page(
        self,
        shop: &Shop,
        template: &str,
        context: Context,
    ) -> Result<Response, HttpError> {
        if let Some(making) = &self.making {
            let page = shop.render_with_holes(&self, template, context).await?;
            return Ok(match page {
                Some(page) => making.answer(page),
                None => {
                    self.privacy.mark_private();
                    Response::default()
                }
            });
        }
        let page = shop.render(&self, template, context).await?;
        let private = self.privacy.is_private() || self.session.cart.is_some();
        if private {
            self.privacy.mark_private();
        }
        let mut response = freshness::page(&self.headers, page.html, private);
        if page.failed {
            let nobody = HeaderValue::from_static("private, no-store");
            response.headers_mut().insert(CACHE_CONTROL, nobody);
            response.extensions_mut().insert(ComponentFailed);
        }
        Ok(response)
    }
}

impl FromRequestParts<Shop> for PageContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, shop: &Shop) -> Result<PageContext, Infallible> {
        let target = parts
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let privacy = parts
            .extensions
            .get::<Privacy>()
            .cloned()
            .unwrap_or_default();
        let making = parts.extensions.get::<Making>().cloned();
        let visit = PageContext {
            region: parts.extensions.get().cloned().unwrap_or_default(),
            address: parts.extensions.get().and_then(Forwarded::address),
            client: parts.extensions.get::<Forwarded>().and_then(|it| it.client),
            ..PageContext::new(
                shop,
                release::of_request(shop, &parts.extensions),
                target,
                &parts.headers,
                privacy,
            )
        };
        Ok(match making {
            Some(making) => PageContext {
                recorder: making.recorder.clone(),
                making: Some(making),
                ..visit
            },
            None => visit,
        })
    }
}
