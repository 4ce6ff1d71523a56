//! The cart: one handler for each action, for plain forms (303, or the page again with what went
//! wrong) and for programs (JSON).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;

use crate::app::Shop;
use crate::http::assets::Assets;
use crate::http::error::{HttpError, wants_json};
use crate::request::cart_key;
use crate::request::context::PageContext;
use crate::request::page::Page;
use crate::request::params::{Form, Params, missing_field};
use crate::request::session::Session;
use crate::storefront::pages;
use crate::storefront::pictures::Pictures;
use protium_commerce::cart::{CartLine, first_version};
use protium_commerce::{
    AttributeChanges, Cart, CartError, CartId, CartKey, Context as ProviderContext, LineChange,
    NewLine,
};
use protium_types::Url;

/// The cart of a visitor who has none.
#[derive(Serialize)]
struct EmptyCart<'a> {
    id: &'a str,
    version: i64,
    count: i64,
    lines: &'static [CartLine],
    subtotal: i64,
    currency: &'a str,
    note: Option<String>,
}

/// The cart that a request may open: by its signed cookie, or else by the key that the browser has
/// until it gets one.
fn cart_id(shop: &Shop, page_context: &PageContext, headers: &HeaderMap) -> Option<CartId> {
    match &page_context.private().cart {
        Some(id) => id.parse().ok(),
        None => {
            let secure = shop.config().secure_cookies.is_secure(headers);
            cart_key::of_request(headers, secure).map(|key| key.cart_id())
        }
    }
}

pub async fn show(
    State(shop): State<Shop>,
    headers: HeaderMap,
    page_context: PageContext,
) -> Result<Response, HttpError> {
    let id = cart_id(&shop, &page_context, &headers);
    if wants_json(&headers) {
        let read = read(&shop, &page_context, &headers, id.as_ref()).await?;
        let mut response = match &read.cart {
            Some(cart) => json(cart),
            None => json(&empty(&page_context, &read.session)),
        };
        set_cookies(&mut response, read.cookies);
        return Ok(response);
    }
    let page = page(&shop, &page_context, &headers, id.as_ref(), None).await?;
    Ok(page.into_response())
}

/// The cart as it is, and the cookies that bring the browser's session up to date.
struct Read {
    cart: Option<Cart>,
    session: Session,
    cookies: Vec<HeaderValue>,
}

async fn read(
    shop: &Shop,
    page_context: &PageContext,
    headers: &HeaderMap,
    id: Option<&CartId>,
) -> Result<Read, HttpError> {
    let cart = match id {
        Some(id) => {
            shop.carts()
                .cart(&shop.provider_context_of(page_context), id)
                .await?
        }
        None => None,
    };
    let cart = cart.map(|cart| cart.with_hashed_pictures(&page_context.release.assets));
    let signed = Session::from_headers(headers, shop.session_key());
    let session = match &cart {
        Some(cart) => Session {
            claims: signed.claims.clone(),
            ..session_of(cart)
        },
        // The cart has expired: that is newer than any count of it.
        None if signed.cart.is_some() => Session {
            count: 0,
            version: first_version(),
            ..signed.clone()
        },
        None => signed.clone(),
    };
    shop.0.cart_counts.remember(&session);
    let is_known = match &cart {
        Some(_) => session == signed,
        None => session.count == signed.count,
    };
    let cookies = match is_known {
        true => Vec::new(),
        false => cookies(shop, headers, &session),
    };
    Ok(Read {
        cart,
        session,
        cookies,
    })
}

/// The cart's page; with the message of an error, if there is one.
async fn page(
    shop: &Shop,
    page_context: &PageContext,
    headers: &HeaderMap,
    id: Option<&CartId>,
    refusal: Option<&HttpError>,
) -> Result<Page, HttpError> {
    let read = read(shop, page_context, headers, id).await?;
    let page = match &read.cart {
        Some(cart) => Page::new("cart.html").data("cart", cart),
        None => Page::new("cart.html").data("cart", &empty(page_context, &read.session)),
    };
    let page = page
        .data("notice", &refusal.map(|error| message(page_context, error)))
        .private()
        .with_session(read.session);
    let with_cookie = |page: Page, cookie| page.header(SET_COOKIE, cookie);
    Ok(read.cookies.into_iter().fold(page, with_cookie))
}

pub async fn add(
    State(shop): State<Shop>,
    page_context: PageContext,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, HttpError> {
    let id = cart_id(&shop, &page_context, &headers);
    let assets = &Arc::clone(&page_context.release).assets;
    shop.0.cart_limits.check(&page_context)?;
    let variant = form.required_integer("variant_id")?;
    let added = async {
        let quantity = quantity(&form)?.unwrap_or(1);
        let context = shop.provider_context_of(&page_context);
        let line = NewLine {
            variant_id: variant,
            quantity,
            attributes: attributes(&context, &form)?,
        };
        Ok(shop.carts().add_line(&context, id.as_ref(), line).await?)
    };
    match added.await {
        Ok(cart) => Ok(changed(&shop, assets, &headers, &form, cart)),
        Err(refusal) if is_final(&refusal, &headers) => Err(refusal),
        Err(refusal) => {
            let handle = shop
                .catalogue()
                .handle_of(&shop.provider_context_of(&page_context), variant)
                .await?;
            match handle {
                Some(handle) => {
                    let url = Url::path_of(&["products", &handle]).with("variant", variant);
                    let page_context = again(page_context, &url);
                    let message = message(&page_context, &refusal);
                    let page = pages::product_page(&shop, page_context, &handle, Some(&message));
                    let page = page.await?;
                    Ok(refused(page, &url, &refusal))
                }
                None => cart_again(&shop, page_context, &headers, id.as_ref(), &refusal).await,
            }
        }
    }
}

pub async fn update(
    State(shop): State<Shop>,
    page_context: PageContext,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, HttpError> {
    let id = cart_id(&shop, &page_context, &headers);
    let assets = &Arc::clone(&page_context.release).assets;
    shop.0.cart_limits.check(&page_context)?;
    let line = form.required_integer("line")?;
    let changes = async {
        let context = shop.provider_context_of(&page_context);
        let change = LineChange {
            quantity: quantity(&form)?,
            attributes: attributes(&context, &form)?,
        };
        if change == LineChange::default() {
            return Err(no_quantity());
        }
        let id = id.as_ref().ok_or(CartError::UnknownCart)?;
        let cart = shop.carts().change_line(&context, id, line, change);
        Ok(cart.await?)
    };
    match changes.await {
        Ok(cart) => Ok(changed(&shop, assets, &headers, &form, cart)),
        Err(refusal) if is_final(&refusal, &headers) => Err(refusal),
        Err(refusal) => cart_again(&shop, page_context, &headers, id.as_ref(), &refusal).await,
    }
}

pub async fn remove(
    State(shop): State<Shop>,
    page_context: PageContext,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, HttpError> {
    let id = cart_id(&shop, &page_context, &headers);
    let assets = &Arc::clone(&page_context.release).assets;
    shop.0.cart_limits.check(&page_context)?;
    let line = form.required_integer("line")?;
    let changes = async {
        let id = id.as_ref().ok_or(CartError::UnknownCart)?;
        Ok(shop
            .carts()
            .remove(&shop.provider_context_of(&page_context), id, line)
            .await?)
    };
    match changes.await {
        Ok(cart) => Ok(changed(&shop, assets, &headers, &form, cart)),
        Err(refusal) if is_final(&refusal, &headers) => Err(refusal),
        Err(refusal) => cart_again(&shop, page_context, &headers, id.as_ref(), &refusal).await,
    }
}

/// Sets the cart key of a browser without JavaScript: public pages load this, and the response is
/// `no-store`. A browser that has a cart or a key already gets no cookie.
pub async fn key(State(shop): State<Shop>, headers: HeaderMap) -> Result<Response, HttpError> {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let no_store = HeaderValue::from_static("private, no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    let is_own_page = headers
        .get("sec-fetch-site")
        .is_none_or(|site| site == "same-origin");
    let secure = shop.config().secure_cookies.is_secure(&headers);
    let has_cart = Session::from_headers(&headers, shop.session_key())
        .cart
        .is_some();
    if is_own_page && !has_cart && cart_key::of_request(&headers, secure).is_none() {
        let key = CartKey::random()?;
        set_cookies(&mut response, cart_key::to_header(&key, secure));
    }
    Ok(response)
}

/// The quantity that a form asks for.
fn quantity(form: &Params) -> Result<Option<i64>, HttpError> {
    let quantity = form.integer("quantity");
    quantity.map_err(|error| {
        HttpError::of_message(error.status, error.code, "error.quantity_not_a_number", [])
    })
}

/// What a form says of a line's attributes: fields such as `attributes[gift_wrap]`.
fn attributes(context: &ProviderContext, form: &Params) -> Result<AttributeChanges, CartError> {
    let declared = context.cart_rules.attributes();
    Ok(AttributeChanges::read(
        declared,
        form.in_brackets("attributes"),
    )?)
}

fn no_quantity() -> HttpError {
    missing_field("quantity")
}

/// The message of an error in the page's language.
fn message(page_context: &PageContext, error: &HttpError) -> String {
    let release = &page_context.release;
    let locale = release.locale(&page_context.market);
    let error = error.clone().in_language(release.pages.messages(), locale);
    error.message
}

/// Whether an error is returned as it is: to programs, and when there is no page to go back to.
fn is_final(refusal: &HttpError, headers: &HeaderMap) -> bool {
    wants_json(headers) || refusal.status.is_server_error() || refusal.code == "missing_field"
}

/// The cart's page for a form that was refused.
async fn cart_again(
    shop: &Shop,
    page_context: PageContext,
    headers: &HeaderMap,
    id: Option<&CartId>,
    refusal: &HttpError,
) -> Result<Response, HttpError> {
    let url = Url::path_of(&["cart"]);
    let page_context = again(page_context, &url);
    let page = page(shop, &page_context, headers, id, Some(refusal)).await?;
    Ok(refused(page, &url, refusal))
}

/// The page_context as one of the page that a form was on.
fn again(mut page_context: PageContext, url: &Url) -> PageContext {
    page_context.params = Params::parse(url.query().unwrap_or_default().as_bytes());
    page_context.target = url.to_string();
    page_context
}

/// A page that says what went wrong.
fn refused(page: Page, url: &Url, refusal: &HttpError) -> Response {
    let page = page.shown_at(url.clone()).status(refusal.status).private();
    page.into_response()
}

/// The answer to a change: the cookie follows the cart; a program gets the cart, a form goes where
/// it wants to.
fn changed(
    shop: &Shop,
    assets: &Assets,
    headers: &HeaderMap,
    form: &Params,
    cart: Cart,
) -> Response {
    let cart = cart.with_hashed_pictures(assets);
    let mut response = if wants_json(headers) {
        json(&cart)
    } else {
        let target = form
            .get("return_to")
            .and_then(|target| target.parse().ok())
            .unwrap_or_else(|| Url::path_of(&["cart"]));
        (StatusCode::SEE_OTHER, [(LOCATION, target.to_string())]).into_response()
    };
    if shop.config().dev {
        for field in form.unread() {
            tracing::warn!(
                field = protium_wasm::sanitise(field),
                "a form sends a field that the shop does not read: it is lost"
            );
        }
    }
    let session = Session {
        claims: Session::from_headers(headers, shop.session_key()).claims,
        ..session_of(&cart)
    };
    shop.0.cart_counts.remember(&session);
    set_cookies(&mut response, cookies(shop, headers, &session));
    response
}

fn session_of(cart: &Cart) -> Session {
    Session {
        cart: Some(cart.id.as_str().to_owned()),
        count: cart.count,
        version: cart.version,
        ..Session::default()
    }
}

/// The session's cookie, and then the end of the key that opened the cart so far: at every moment
/// the browser has one.
fn cookies(shop: &Shop, headers: &HeaderMap, session: &Session) -> Vec<HeaderValue> {
    let secure = shop.config().secure_cookies.is_secure(headers);
    let session = session.to_header(shop.session_key(), secure);
    match session {
        Some(session) => std::iter::once(session)
            .chain(cart_key::forget(headers))
            .collect(),
        None => Vec::new(),
    }
}

fn set_cookies(response: &mut Response, cookies: impl IntoIterator<Item = HeaderValue>) {
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

fn empty<'a>(page_context: &'a PageContext, session: &'a Session) -> EmptyCart<'a> {
    EmptyCart {
        id: session.cart.as_deref().unwrap_or_default(),
        version: session.version,
        count: 0,
        lines: &[],
        subtotal: 0,
        currency: &page_context.market.currency,
        note: None,
    }
}

fn json(cart: &impl Serialize) -> Response {
    ([(CACHE_CONTROL, "private, no-cache")], Json(cart)).into_response()
}
