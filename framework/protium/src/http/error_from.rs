//! Conversion of errors to responses.

use std::any::Any;
use std::error::Error;

use http::StatusCode;

use crate::http::error::HttpError;
use crate::telemetry::with_causes;
use protium_commerce::attributes::AttributeError;
use protium_commerce::{CartError, ProviderError};
use protium_page::PageError;
use protium_wasm::GuestError;

/// The folder of a shop's own pages' templates.
const OWN: &str = "pages/";

/// The error type of handlers, for `?`: errors of commerce and of templates have their status, any
/// other is an internal error of the shop. Its text is logged, and never shown to visitors.
impl<E: Error + Send + Sync + 'static> From<E> for HttpError {
    fn from(error: E) -> HttpError {
        let mut error = Some(error);
        let any: &mut dyn Any = &mut error;
        if let Some(error) = any.downcast_mut::<Option<ProviderError>>() {
            return error.take().map_or_else(unknown, of_provider);
        }
        if let Some(error) = any.downcast_mut::<Option<CartError>>() {
            return error.take().map_or_else(unknown, of_cart);
        }
        if let Some(error) = any.downcast_mut::<Option<PageError>>() {
            return error.take().map_or_else(unknown, |error| of_page(&error));
        }
        error.map_or_else(unknown, |error| HttpError::internal(with_causes(&error)))
    }
}

fn unknown() -> HttpError {
    HttpError::of_status(StatusCode::INTERNAL_SERVER_ERROR)
}

fn of_provider(error: ProviderError) -> HttpError {
    let status = match &error {
        ProviderError::Busy(_) | ProviderError::Unavailable { .. } => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        ProviderError::DiskFull(_) => StatusCode::INSUFFICIENT_STORAGE,
        ProviderError::Invalid { .. } => StatusCode::BAD_REQUEST,
        ProviderError::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    };
    HttpError::of_status(status).because(with_causes(&error))
}

fn of_page(error: &PageError) -> HttpError {
    match error {
        PageError::NotFound(template) if template.starts_with(OWN) => {
            HttpError::not_found().because(format!("no templates/{template}; create it"))
        }
        PageError::Guest(GuestError::Busy { .. }) => {
            HttpError::of_status(StatusCode::SERVICE_UNAVAILABLE).because(with_causes(error))
        }
        _ => HttpError::internal(with_causes(error)),
    }
}

fn of_cart(error: CartError) -> HttpError {
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
        CartError::SoldOut { available: 0, .. } => {
            (StatusCode::CONFLICT, "Sorry, this is sold out.".to_owned())
        }
        CartError::SoldOut { available, held: 0 } => (
            StatusCode::CONFLICT,
            format!("Sorry, only {available} left."),
        ),
        CartError::SoldOut { available, held } => (
            StatusCode::CONFLICT,
            format!("Sorry, only {available} left, and your cart has {held} of them."),
        ),
        CartError::TooManyLines => (
            StatusCode::CONFLICT,
            "Your cart is full. Please remove something first.".to_owned(),
        ),
        CartError::QuantityOutOfRange { min, max } => (
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("Please choose a quantity from {min} to {max}."),
        ),
        CartError::Attribute(error) => {
            let message = match error {
                AttributeError::Unknown => "The shop does not take this choice.".to_owned(),
                AttributeError::Value { label } => format!("{label}: please choose again."),
                AttributeError::TooLong { label, most } => {
                    format!("{label}: at most {most} characters, please.")
                }
            };
            (StatusCode::UNPROCESSABLE_ENTITY, message)
        }
        CartError::Provider(error) => return of_provider(error),
    };
    HttpError::new(status, code, message)
}
