//! What a visitor sends in a query or a form: pairs of texts, bounded, the first of a name counts.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use std::convert::Infallible;

use crate::http::error::HttpError;
use protium_page::MessageArgument;

/// Pairs that are read; further ones are passed over.
const PAIRS: usize = 100;

/// Names and values in the order they came. NUL and invalid bytes are U+FFFD.
#[derive(Debug)]
pub struct Params(Vec<Pair>);

#[derive(Debug)]
struct Pair {
    name: String,
    value: String,
    /// Somebody asked for it by name.
    read: AtomicBool,
}

/// The body of a form, as [`Params`].
#[derive(Debug)]
pub struct Form(pub Params);

impl Params {
    /// Reads `application/x-www-form-urlencoded` bytes: whatever they are, this finds pairs in
    /// them.
    pub fn parse(encoded: &[u8]) -> Params {
        let clean = |text: std::borrow::Cow<'_, str>| text.replace('\0', "\u{fffd}");
        Params(
            form_urlencoded::parse(encoded)
                .take(PAIRS)
                .map(|(name, value)| Pair {
                    name: clean(name),
                    value: clean(value),
                    read: AtomicBool::new(false),
                })
                .collect(),
        )
    }

    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter().filter(|pair| pair.name == name);
        let found = pairs.next()?;
        for pair in std::iter::once(found).chain(pairs) {
            pair.read.store(true, Ordering::Relaxed);
        }
        Some(&found.value)
    }

    /// The values of names such as `attributes[KEY]`, by their keys, in the order they came.
    pub fn in_brackets<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |pair| {
            let rest = pair.name.strip_prefix(name)?;
            let key = rest.strip_prefix('[')?.strip_suffix(']')?;
            pair.read.store(true, Ordering::Relaxed);
            Some((key, pair.value.as_str()))
        })
    }

    /// Names that were not read.
    pub fn unread(&self) -> impl Iterator<Item = &str> {
        let unread = self
            .0
            .iter()
            .filter(|pair| !pair.read.load(Ordering::Relaxed));
        unread.map(|pair| pair.name.as_str())
    }

    /// Names and values, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|pair| (pair.name.as_str(), pair.value.as_str()))
    }

    /// A whole number; `None` when the name is missing, a refusal when the value is none.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, HttpError> {
        self.get(name)
            .map(|value| {
                value.trim().parse().map_err(|_| {
                    let field = ("field", MessageArgument::Text(name.to_owned()));
                    let (status, key) = (StatusCode::BAD_REQUEST, "error.not_a_number");
                    HttpError::of_message(status, "invalid_number", key, [field])
                })
            })
            .transpose()
    }

    /// A whole number that has to be there.
    pub fn required_integer(&self, name: &str) -> Result<i64, HttpError> {
        self.integer(name)?.ok_or_else(|| missing_field(name))
    }
}

/// A field of a form is not there.
pub(crate) fn missing_field(name: &str) -> HttpError {
    let field = ("field", MessageArgument::Text(name.to_owned()));
    let (status, key) = (StatusCode::BAD_REQUEST, "error.missing_field");
    HttpError::of_message(status, "missing_field", key, [field])
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Params, Infallible> {
        Ok(Params::parse(
            parts.uri.query().unwrap_or_default().as_bytes(),
        ))
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Form, HttpError> {
        if !is_form(request.headers()) {
            return Err(HttpError::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| {
                HttpError::of_status(rejection.status()).because(rejection.body_text())
            })?;
        Ok(Form(Params::parse(&body)))
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| {
            kind.trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_pairs_without_nul(
            bytes in proptest::collection::vec(any::<u8>(), 0..400)
        ) {
            let params = Params::parse(&bytes);
            prop_assert!(
                params.iter().all(|(name, value)| !name.contains('\0') && !value.contains('\0'))
            );
        }
    }
}
