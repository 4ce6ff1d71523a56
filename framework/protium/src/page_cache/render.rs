//! Renders the pages that handlers answer with, where no cache does.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::Shop;
use crate::request::context::PageContext;
use crate::request::page::Page;
use protium_commerce::Recorder;

/// Around handlers whose pages are not kept, or not now: renders the page in full, for the visitor
/// who asked. Any other answer passes as it is.
pub async fn in_full(State(shop): State<Shop>, request: Request, next: Next) -> Response {
    run(&shop, request, next).await
}

/// The same for one request.
pub async fn run(shop: &Shop, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    // The handler's data is noted where the page's own is.
    parts.extensions.insert(Recorder::default());
    let context = PageContext::of(shop, &parts);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let Some(page) = Page::take(&mut response) else {
        return response;
    };
    // Boxed: it enlarges the future of every answer that is no page.
    match Box::pin(context.respond(shop, page)).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}
