//! The cart: one handler for each action, for plain forms (303) and for programs (JSON).

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use tera::Context;

use super::Shop;
use super::pictures::Pictures;
use super::visit::Visit;
use crate::commerce::cart::CartLine;
use crate::commerce::{Cart, CartError, CartId};
use crate::config::SecureCookies;
use crate::web::forwarded::is_https;
use crate::web::params::{Form, Params, local_path};
use crate::web::refusal::{Refusal, wants_json};
use crate::web::session::Session;

/// The cart of a visitor who has none yet.
#[derive(Serialize)]
struct EmptyCart<'a> {
    id: &'static str,
    version: i64,
    count: i64,
    lines: &'static [CartLine],
    subtotal: i64,
    currency: &'a str,
    note: Option<String>,
}

pub async fn show(
    State(shop): State<Shop>,
    headers: HeaderMap,
    visit: Visit,
) -> Result<Response, Refusal> {
    let cart = match cart_id(visit.private()) {
        Some(id) => shop.carts().cart(&shop.asking(), &id).await?,
        None => None,
    };
    let cart = cart.map(|cart| cart.with_hashed_pictures(&shop));
    let empty = EmptyCart {
        id: "",
        version: 0,
        count: 0,
        lines: &[],
        subtotal: 0,
        currency: &shop.locale().currency,
        note: None,
    };
    if wants_json(&headers) {
        return Ok(match cart {
            Some(cart) => json(&cart),
            None => json(&empty),
        });
    }
    let mut context = Context::new();
    match cart {
        Some(cart) => context.insert("cart", &cart),
        None => context.insert("cart", &empty),
    }
    visit.page(&shop, "cart.html", context).await
}

pub async fn add(
    State(shop): State<Shop>,
    session: Session,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, Refusal> {
    let variant = form.required_integer("variant_id")?;
    let quantity = form.integer("quantity")?.unwrap_or(1);
    let cart = shop
        .carts()
        .add(
            &shop.asking(),
            cart_id(&session).as_ref(),
            variant,
            quantity,
        )
        .await?;
    changed(&shop, &headers, &form, cart)
}

pub async fn update(
    State(shop): State<Shop>,
    session: Session,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, Refusal> {
    let line = form.required_integer("line")?;
    let quantity = form.required_integer("quantity")?;
    let id = cart_id(&session).ok_or(CartError::UnknownCart)?;
    let cart = shop
        .carts()
        .set_quantity(&shop.asking(), &id, line, quantity)
        .await?;
    changed(&shop, &headers, &form, cart)
}

pub async fn remove(
    State(shop): State<Shop>,
    session: Session,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, Refusal> {
    let line = form.required_integer("line")?;
    let id = cart_id(&session).ok_or(CartError::UnknownCart)?;
    let cart = shop.carts().remove(&shop.asking(), &id, line).await?;
    changed(&shop, &headers, &form, cart)
}

/// The answer to a change: the cookie follows the cart; a program gets the cart, a form goes where it wants to.
fn changed(
    shop: &Shop,
    headers: &HeaderMap,
    form: &Params,
    cart: Cart,
) -> Result<Response, Refusal> {
    let cart = cart.with_hashed_pictures(shop);
    let mut response = if wants_json(headers) {
        json(&cart)
    } else {
        let target = form
            .get("return_to")
            .and_then(local_path)
            .unwrap_or_else(|| "/cart".to_owned());
        (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response()
    };
    let session = Session {
        cart: Some(cart.id.as_str().to_owned()),
        count: cart.count,
        version: cart.version,
    };
    if let Some(cookie) = session.to_header(
        shop.session_key(),
        secure(shop.config().secure_cookies, headers),
    ) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

fn json(cart: &impl Serialize) -> Response {
    ([(CACHE_CONTROL, "private, no-cache")], Json(cart)).into_response()
}

fn cart_id(session: &Session) -> Option<CartId> {
    session.cart.as_deref()?.parse().ok()
}

fn secure(choice: SecureCookies, headers: &HeaderMap) -> bool {
    match choice {
        SecureCookies::Always => true,
        SecureCookies::Never => false,
        SecureCookies::Auto => is_https(headers),
    }
}

impl From<CartError> for Refusal {
    fn from(error: CartError) -> Refusal {
        let code = error.code();
        let (status, message) = match error {
            CartError::UnknownCart => (
                StatusCode::NOT_FOUND,
                "Your cart has expired. Please start a new one.".to_owned(),
            ),
            CartError::UnknownLine => (
                StatusCode::NOT_FOUND,
                "This is not in your cart any more.".to_owned(),
            ),
            CartError::UnknownVariant => (
                StatusCode::NOT_FOUND,
                "This product is not sold any more.".to_owned(),
            ),
            CartError::SoldOut { available: 0 } => {
                (StatusCode::CONFLICT, "Sorry, this is sold out.".to_owned())
            }
            CartError::SoldOut { available } => (
                StatusCode::CONFLICT,
                format!("Sorry, only {available} left."),
            ),
            CartError::TooManyLines => (
                StatusCode::CONFLICT,
                "Your cart is full. Please remove something first.".to_owned(),
            ),
            CartError::QuantityOutOfRange { min, max } => (
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("Please choose a quantity from {min} to {max}."),
            ),
            CartError::Provider(error) => return error.into(),
        };
        Refusal::new(status, code, message)
    }
}
