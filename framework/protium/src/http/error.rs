//! An error response: status, a code for programs, a message for people, a cause for developers.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::ACCEPT;
use http::{HeaderMap, StatusCode};

use crate::http::messages;
use protium_cache::http::list;
use protium_page::{MessageArgument, MessageFiles};
use protium_types::locale::Locale;

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
    /// Where the message comes from; absent for a text of the shop's program.
    pub(crate) source: Option<Source>,
}

/// A message of the message files, and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    key: &'static str,
    arguments: Vec<(&'static str, MessageArgument)>,
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
            source: None,
        }
    }

    /// An error with a message of the message files. Until the visitor's language is known, it is
    /// in English.
    pub(crate) fn of_message(
        status: StatusCode,
        code: impl Into<String>,
        key: &'static str,
        arguments: impl IntoIterator<Item = (&'static str, MessageArgument)>,
    ) -> HttpError {
        let source = Source {
            key,
            arguments: arguments.into_iter().collect(),
        };
        let message = source.text(&messages::BUILT_IN, &messages::ENGLISH);
        HttpError {
            source: Some(source),
            ..HttpError::new(status, code, message.unwrap_or_default())
        }
    }

    /// The same error with its message in the language of a market.
    pub(crate) fn in_language(mut self, messages: &MessageFiles, locale: &Locale) -> HttpError {
        let text = self.source.as_ref();
        if let Some(text) = text.and_then(|source| source.text(messages, locale)) {
            self.message = text;
        }
        self
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
        let (code, key) = match status {
            StatusCode::BAD_REQUEST => ("bad_request", "error.bad_request"),
            StatusCode::FORBIDDEN => ("forbidden", "error.cross_site"),
            StatusCode::NOT_FOUND => ("not_found", "error.not_found"),
            StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "error.method_not_allowed"),
            StatusCode::NOT_ACCEPTABLE => ("not_acceptable", "error.not_acceptable"),
            StatusCode::REQUEST_TIMEOUT => ("timeout", "error.late_request"),
            StatusCode::GATEWAY_TIMEOUT => ("timeout", "error.late_answer"),
            StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "error.too_large"),
            StatusCode::URI_TOO_LONG => ("uri_too_long", "error.uri_too_long"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("unsupported_media_type", "error.no_form"),
            StatusCode::UNPROCESSABLE_ENTITY => ("invalid", "error.invalid"),
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
                ("headers_too_large", "error.headers_too_large")
            }
            StatusCode::INSUFFICIENT_STORAGE => ("storage_full", "error.storage_full"),
            StatusCode::SERVICE_UNAVAILABLE => ("busy", "error.busy"),
            status if status.is_client_error() => ("refused", "error.refused"),
            _ => ("internal", "error.internal"),
        };
        HttpError::of_message(status, code, key, [])
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

impl Source {
    fn text(&self, messages: &MessageFiles, locale: &Locale) -> Option<String> {
        messages.text(locale, self.key, &|name| {
            let mut arguments = self.arguments.iter();
            arguments
                .find(|(known, _)| *known == name)
                .map(|(_, argument)| argument.clone())
        })
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
    list(headers, &ACCEPT)
        .map(|part| part.split(';').next().unwrap_or_default().trim())
        .find_map(|part| match part {
            "application/json" => Some(true),
            "text/html" | "application/xhtml+xml" => Some(false),
            _ => None,
        })
        .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::messages::{BUILT_IN, ENGLISH, headline};

    #[test]
    fn every_status_has_a_headline_and_a_message() {
        for status in (400..600).filter_map(|code| StatusCode::from_u16(code).ok()) {
            let error = HttpError::of_status(status);
            assert!(error.message.ends_with('.'), "{status}: {}", error.message);
            assert!(
                !headline(status, &BUILT_IN, &ENGLISH).is_empty(),
                "{status}"
            );
        }
    }
}
