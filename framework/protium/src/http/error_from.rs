//! Conversion of errors to responses.

use std::any::Any;
use std::error::Error;

use http::StatusCode;

use crate::http::error::HttpError;
use crate::telemetry::with_causes;
use protium_commerce::attributes::AttributeError;
use protium_commerce::{CartError, ProviderError};
use protium_page::{MessageArgument, PageError};
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
    let text = |text: String| MessageArgument::Text(text);
    let number = MessageArgument::Number;
    let (status, key, arguments) = match error {
        CartError::UnknownCart => (StatusCode::NOT_FOUND, "error.unknown_cart", vec![]),
        CartError::UnknownLine => (StatusCode::NOT_FOUND, "error.unknown_line", vec![]),
        CartError::UnknownVariant => (StatusCode::NOT_FOUND, "error.unknown_variant", vec![]),
        CartError::SoldOut { available: 0, .. } => (StatusCode::CONFLICT, "error.sold_out", vec![]),
        CartError::SoldOut { available, held: 0 } => {
            let arguments = vec![("n", number(available))];
            (StatusCode::CONFLICT, "error.only_left", arguments)
        }
        CartError::SoldOut { available, held } => {
            let arguments = vec![("n", number(available)), ("held", number(held))];
            (StatusCode::CONFLICT, "error.only_left_of", arguments)
        }
        CartError::TooManyLines => (StatusCode::CONFLICT, "error.too_many_lines", vec![]),
        CartError::QuantityOutOfRange { min, max } => {
            let arguments = vec![("min", number(min)), ("max", number(max))];
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                "error.quantity_out_of_range",
                arguments,
            )
        }
        CartError::Attribute(error) => {
            let (key, arguments) = match error {
                AttributeError::Unknown => ("error.unknown_attribute", vec![]),
                AttributeError::Value { label } => (
                    "error.attribute_value",
                    vec![("label", text(label.to_string()))],
                ),
                AttributeError::TooLong { label, most } => {
                    let most = i64::try_from(most).unwrap_or(i64::MAX);
                    let arguments = vec![("label", text(label.to_string())), ("n", number(most))];
                    ("error.attribute_too_long", arguments)
                }
            };
            (StatusCode::UNPROCESSABLE_ENTITY, key, arguments)
        }
        CartError::Provider(error) => return of_provider(error),
    };
    HttpError::of_message(status, code, key, arguments)
}
