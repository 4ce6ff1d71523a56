//! An error response: status, a code for programs, a message for people, a cause for developers.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::ACCEPT;
use http::{HeaderMap, StatusCode};

/// Why a request failed. Handlers return it; the app turns it into a page of the shop, or into JSON
/// for programs.
///
/// ```
/// use protium::prelude::*;
///
/// async fn reserve(Path(sku): Path<String>) -> Result<String> {
///     match sku.is_empty() {
///         true => Err(HttpError::new(StatusCode::CONFLICT, "sold_out", "It is sold out.")),
///         false => Ok(sku),
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpError {
    /// 4xx or 5xx.
    pub status: StatusCode,
    /// For programs: lower case, words joined by `_`.
    pub code: String,
    /// For the visitor.
    pub message: String,
    /// For the developer: shown in development only, and logged for a 5xx.
    pub cause: Option<String>,
}

impl HttpError {
    /// An error with its own message.
    pub fn new(
        status: StatusCode,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> HttpError {
        HttpError {
            status,
            code: code.into(),
            message: message.into(),
            cause: None,
        }
    }

    /// There is nothing at this address.
    pub fn not_found() -> HttpError {
        HttpError::of_status(StatusCode::NOT_FOUND)
    }

    /// The shop itself failed.
    pub fn internal(cause: impl std::fmt::Display) -> HttpError {
        HttpError::of_status(StatusCode::INTERNAL_SERVER_ERROR).because(cause)
    }

    /// Adds a cause for developers.
    pub fn because(mut self, cause: impl std::fmt::Display) -> HttpError {
        self.cause = Some(cause.to_string());
        self
    }

    /// The message for a status that came without one.
    pub fn of_status(status: StatusCode) -> HttpError {
        let (code, message) = match status {
            StatusCode::BAD_REQUEST => ("bad_request", "The shop could not read this request."),
            StatusCode::FORBIDDEN => (
                "forbidden",
                "This request did not come from the shop’s own pages.",
            ),
            StatusCode::NOT_FOUND => ("not_found", "There is nothing at this address."),
            StatusCode::METHOD_NOT_ALLOWED => (
                "method_not_allowed",
                "This address is not used in this way.",
            ),
            StatusCode::NOT_ACCEPTABLE => (
                "not_acceptable",
                "The shop has this in no form that was asked for.",
            ),
            StatusCode::REQUEST_TIMEOUT => ("timeout", "The request took too long to arrive."),
            StatusCode::GATEWAY_TIMEOUT => ("timeout", "The shop took too long to answer."),
            StatusCode::PAYLOAD_TOO_LARGE => {
                ("too_large", "The request is larger than the shop accepts.")
            }
            StatusCode::URI_TOO_LONG => (
                "uri_too_long",
                "The address is longer than the shop accepts.",
            ),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                ("unsupported_media_type", "The shop expects a form.")
            }
            StatusCode::UNPROCESSABLE_ENTITY => (
                "invalid",
                "Something in the form is missing or not as expected.",
            ),
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => (
                "headers_too_large",
                "The browser sent more headers than the shop accepts.",
            ),
            StatusCode::INSUFFICIENT_STORAGE => (
                "storage_full",
                "The shop cannot save anything just now. Please try again later.",
            ),
            StatusCode::SERVICE_UNAVAILABLE => (
                "busy",
                "The shop is very busy. Please try again in a moment.",
            ),
            status if status.is_client_error() => {
                ("refused", "The shop did not accept this request.")
            }
            _ => (
                "internal",
                "Something went wrong on our side. Please try again.",
            ),
        };
        HttpError::new(status, code, message)
    }

    /// The error as JSON.
    pub fn to_json(&self, dev: bool) -> serde_json::Value {
        let mut error = serde_json::Map::new();
        error.insert("code".to_owned(), self.code.as_str().into());
        error.insert("message".to_owned(), self.message.as_str().into());
        if let (true, Some(cause)) = (dev, &self.cause) {
            error.insert("cause".to_owned(), cause.as_str().into());
        }
        serde_json::json!({ "error": error })
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        response.extensions_mut().insert(self);
        response
    }
}

/// Whether the client asks for JSON rather than a page.
pub fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|part| part.split(';').next().unwrap_or_default().trim())
        .find_map(|part| match part {
            "application/json" => Some(true),
            "text/html" | "application/xhtml+xml" => Some(false),
            _ => None,
        })
        .unwrap_or(false)
}
