//! Renders pages that are not cached, for the visitor who asked.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, ETAG, SET_COOKIE};
use http::{HeaderValue, StatusCode};

use crate::app::Shop;
use crate::http::error::HttpError;
use crate::http::freshness::{self, Audience};
use crate::http::middleware::Next;
use crate::page_cache::cached_page::ComponentFailed;
use crate::request::context::PageContext;
use crate::request::page::Page;
use crate::telemetry::timed;
use protium_commerce::Recorder;

/// Middleware around handlers whose pages are not cached: renders the page in full, for the visitor
/// who asked. Any other response passes as it is.
pub async fn in_full(shop: Shop, request: Request, next: Next) -> Response {
    run(&shop, request, &next).await
}

/// The same for one request.
pub async fn run(shop: &Shop, request: Request, next: &Next) -> Response {
    timed(answer(shop, request, next)).await
}

async fn answer(shop: &Shop, request: Request, next: &Next) -> Response {
    let (mut parts, body) = request.into_parts();
    // The handler and its page record what they depend on in the same place.
    parts.extensions.insert(Recorder::default());
    let context = shop.page_context(&parts);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let Some(page) = Page::take(&mut response) else {
        return response;
    };
    // Boxed: it enlarges the future of every answer that is no page.
    match Box::pin(respond(shop, context, page)).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

/// Renders a page for this visitor: with its status, or 304 when the visitor has the same page
/// already.
async fn respond(shop: &Shop, mut context: PageContext, page: Page) -> Result<Response, HttpError> {
    context.take_from(&page);
    let (status, audience) = (page.status, page.audience);
    let sets_cookie = page.headers.contains_key(SET_COOKIE);
    let mut headers = page.headers.clone();
    if status != StatusCode::OK {
        context.headers.clear();
    }
    let rendered = shop.render(&context, page).await?;
    context.privacy.narrow(audience);
    if context.session.cart.is_some() {
        context.privacy.mark_private();
    }
    if sets_cookie {
        context.privacy.narrow(Audience::OneVisitor);
    }
    let private = context.privacy.is_private();
    let mut response = freshness::page(&context.headers, rendered.html, private);
    if status != StatusCode::OK {
        *response.status_mut() = status;
        response.headers_mut().remove(ETAG);
    }
    if private {
        headers.remove(CACHE_CONTROL);
    }
    response.headers_mut().extend(headers);
    if rendered.failed || audience == Audience::OneRequest {
        let nobody = HeaderValue::from_static("private, no-store");
        response.headers_mut().insert(CACHE_CONTROL, nobody);
        if rendered.failed {
            response.extensions_mut().insert(ComponentFailed);
        }
        context.privacy.narrow(Audience::OneRequest);
    }
    Ok(response)
}
