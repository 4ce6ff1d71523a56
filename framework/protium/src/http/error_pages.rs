//! How an error is sent to the client: as a page of the shop to browsers, as JSON to programs.

use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use html_escape::encode_double_quoted_attribute as escape;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, ETAG,
    LOCATION,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};

use crate::app::Shop;
use crate::http::addresses;
use crate::http::compression;
use crate::http::error::{HttpError, wants_json};
use crate::http::freshness::Privacy;
use crate::http::messages::headline;
use crate::release::Release;
use crate::request::page::Page;
use protium_types::Market;
use protium_types::locale::Locale;

/// What has to be known about a request to answer it with an error.
pub struct FailedRequest {
    release: Arc<Release>,
    /// The market of the address, once that has been read.
    pub market: Option<Market>,
    json: bool,
    method: http::Method,
    target: Uri,
    /// The request headers that the response depends on.
    cookie: Option<HeaderValue>,
    accept_encoding: Option<HeaderValue>,
}

impl FailedRequest {
    pub fn of(request: &Parts, release: Arc<Release>) -> FailedRequest {
        FailedRequest {
            release,
            market: None,
            json: wants_json(&request.headers),
            method: request.method.clone(),
            target: request.uri.clone(),
            cookie: request.headers.get(COOKIE).cloned(),
            accept_encoding: request.headers.get(ACCEPT_ENCODING).cloned(),
        }
    }

    /// Redirects to the page if nothing is at this address because it is written differently.
    pub fn moved(&self) -> Option<Response> {
        let location = addresses::moved(self.target.path(), self.target.query())?;
        // Not for ever, since browsers would cache that: there may be a page here later.
        let cache_control = HeaderValue::from_static("public, max-age=3600");
        let location = HeaderValue::try_from(location).ok()?;
        let headers = [(LOCATION, location), (CACHE_CONTROL, cache_control)];
        Some((StatusCode::MOVED_PERMANENTLY, headers).into_response())
    }

    /// The request headers that the response depends on: of each its first line.
    pub fn headers(&self) -> HeaderMap {
        let lines = [
            (COOKIE, &self.cookie),
            (ACCEPT_ENCODING, &self.accept_encoding),
        ];
        let lines = lines.into_iter();
        lines
            .filter_map(|(name, value)| Some((name, value.clone()?)))
            .collect()
    }

    /// The path of the front page of the market.
    fn home(&self) -> String {
        let prefix = self.market.as_ref().map(|market| market.prefix.as_str());
        format!("{}/", prefix.unwrap_or_default())
    }

    /// How the market writes; the default one's way while the market is not known.
    fn locale<'a>(&'a self, shop: &'a Shop) -> &'a Locale {
        let locale = self.market.as_ref();
        locale.map_or(shop.locale(), |market| self.release.locale(market))
    }

    fn headline(&self, shop: &Shop, status: StatusCode) -> String {
        headline(status, self.release.pages.messages(), self.locale(shop))
    }

    fn path(&self) -> String {
        self.target.path().chars().take(500).collect()
    }
}

/// Converts a panic of a handler to an error. The panic's own message is already in the log.
pub fn of_panic(panic: Box<dyn Any + Send>) -> Response {
    let cause = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message");
    HttpError::internal(format!("a handler panicked: {cause}")).into_response()
}

/// Gives an error response its body. Responses that are already JSON or HTML are left as they are.
pub async fn with_error_body(shop: &Shop, request: &FailedRequest, response: Response) -> Response {
    let kind = response.headers().get(CONTENT_TYPE);
    if kind.is_some_and(compression::is_page_or_json) {
        return response;
    }
    let status = response.status();
    // Headers of the shop's layers stay; those that describe the old body are removed.
    let mut headers = response.headers().clone();
    for name in [CONTENT_LENGTH, CONTENT_ENCODING, ETAG] {
        headers.remove(name);
    }
    let error = response
        .extensions()
        .get::<HttpError>()
        .cloned()
        .unwrap_or_else(|| HttpError::of_status(status))
        .in_language(request.release.pages.messages(), request.locale(shop));
    let cause = error.cause.as_deref().unwrap_or("unknown");
    let (code, method, path) = (status.as_u16(), &request.method, request.path());
    if status.is_server_error()
        && let Some(suppressed) = shop.0.failures.admit(Instant::now())
    {
        if suppressed > 0 {
            tracing::warn!(
                suppressed,
                "more requests failed than were written to the log"
            );
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            tracing::warn!(%method, path, cause, "too busy for a request");
        } else {
            tracing::error!(status = code, %method, path, cause, "a request failed");
        }
    }
    let (kind, body) = match request.json {
        true => (
            "application/json",
            error.to_json(shop.config().dev).to_string().into(),
        ),
        false => (
            "text/html; charset=utf-8",
            page(shop, request, &error).await,
        ),
    };
    let body = match request.method {
        http::Method::HEAD => Body::empty(),
        _ => Body::from(body),
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    (status, headers, Extension(error), body).into_response()
}

async fn page(shop: &Shop, request: &FailedRequest, error: &HttpError) -> Bytes {
    let is_for_developers = error.status.is_server_error() || error.status == StatusCode::NOT_FOUND;
    if let (true, Some(cause)) = (shop.config().dev && is_for_developers, &error.cause) {
        return developer_page(request, error, cause);
    }
    // Rendering a page needs the resource that is exhausted just now, or that this client overuses.
    if matches!(
        error.status,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
    ) {
        return bare_page(shop, request, error);
    }
    let template = match error.status {
        StatusCode::NOT_FOUND => "404.html",
        _ => "error.html",
    };
    let mut page_context = shop.default_page_context(
        Arc::clone(&request.release),
        &request.path(),
        &request.headers(),
        Privacy::default(),
    );
    if let Some(market) = &request.market {
        page_context.market = market.clone();
    }
    let mut context = tera::Context::new();
    context.insert("status", &error.status.as_u16());
    context.insert("headline", &request.headline(shop, error.status));
    context.insert("message", &error.message);
    let page = Page {
        context,
        ..Page::new(template)
    };
    match shop.render(&page_context, page).await {
        Ok(page) => page.html,
        Err(failure) => {
            tracing::error!(
                cause = failure.cause.as_deref().unwrap_or("unknown"),
                "the error page {template} failed"
            );
            bare_page(shop, request, error)
        }
    }
}

/// The page for when no other can be rendered: the message, with the shop's style sheet.
fn bare_page(shop: &Shop, request: &FailedRequest, error: &HttpError) -> Bytes {
    let locale = request.locale(shop);
    let messages = request.release.pages.messages();
    let headline = escape(&request.headline(shop, error.status)).into_owned();
    let link = messages.text(locale, "error.home", &|_| None);
    let link = escape(&link.unwrap_or_default()).into_owned();
    let (lang, dir) = (&locale.name, &locale.dir);
    let message = escape(&error.message);
    let home = escape(&request.home()).into_owned();
    let styles: String = request
        .release
        .assets
        .url("theme.css")
        .map(|url| format!("<link rel=\"stylesheet\" href=\"{}\">", escape(&url)))
        .unwrap_or_default();
    format!(
        "<!doctype html><html lang=\"{lang}\" dir=\"{dir}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light \
         dark\"><title>{headline}</title>{styles}</head>\
         <body><main class=\"empty empty-page\"><h1 class=\"page-title\">{headline}</h1>\
         <p class=\"empty-text\">{message}</p><p><a class=\"button\" \
         href=\"{home}\">{link}</a></p></main></body></html>"
    )
    .into()
}

fn developer_page(request: &FailedRequest, error: &HttpError, cause: &str) -> Bytes {
    format!(
        "<!doctype html><html lang=\"en\" data-go-error><meta charset=\"utf-8\">\
         <title>{status}</title>\
         <body style=\"font: 16px/1.5 system-ui; max-width: 60rem; margin: 3rem auto; padding: 0 \
         1rem\">\
         <h1>{status}</h1><p>{method} {target}</p>\
         <pre style=\"padding: 1rem; overflow: auto; background: #f4f4f2; color: \
         #222\">{cause}</pre>\
         <p>This page is shown in development only.</p></body></html>",
        status = error.status,
        method = request.method,
        target = escape(&request.path()),
        cause = escape(cause),
    )
    .into()
}
