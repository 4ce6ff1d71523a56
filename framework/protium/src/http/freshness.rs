//! Who may store a response (`Cache-Control`), and conditional requests (`ETag`, 304).

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use protium_cache::http::list;

/// Who a response is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// Everybody: it may be cached.
    #[default]
    Everybody,
    /// One visitor: the browser may store it, and revalidates each time.
    OneVisitor,
    /// One request: not stored anywhere.
    OneRequest,
}

/// Who the response to a request is for. In the request's extensions; extracting the visitor
/// narrows it.
#[derive(Clone, Debug, Default)]
pub struct Privacy(Arc<AtomicU8>);

impl Privacy {
    /// Narrows the response to this audience.
    pub fn narrow(&self, audience: Audience) {
        self.0.fetch_max(audience as u8, Ordering::Relaxed);
    }

    /// Makes the response private to one visitor.
    pub fn mark_private(&self) {
        self.narrow(Audience::OneVisitor);
    }

    /// Whether the response is for one visitor, or one request.
    pub fn is_private(&self) -> bool {
        self.audience() != Audience::Everybody
    }

    /// Who it is for.
    pub fn audience(&self) -> Audience {
        match self.0.load(Ordering::Relaxed) {
            0 => Audience::Everybody,
            1 => Audience::OneVisitor,
            _ => Audience::OneRequest,
        }
    }
}

/// The response for a complete page: 200 with its `ETag`, or 304 if the visitor's copy is the same.
pub fn page(request: &HeaderMap, html: Bytes, private: bool) -> Response {
    let tag = etag(&html);
    let mut response = match matches(request, &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Html(html).into_response(),
    };
    let cache_control = match private {
        true => "private, no-cache",
        false => "public, no-cache",
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
    headers.insert(ETAG, tag);
    response
}

/// The weak `ETag` of these bytes: weak, because they are sent in several codings.
pub fn etag(bytes: &[u8]) -> HeaderValue {
    written(xxh3_128(bytes))
}

/// A digest of bytes in several parts, which are told apart.
pub fn digest_of<'a>(parts: impl Iterator<Item = &'a [u8]>) -> u128 {
    let mut digest = Xxh3::new();
    for part in parts {
        digest.update(&part.len().to_le_bytes());
        digest.update(part);
    }
    digest.digest128()
}

/// The weak `ETag` of a body with holes: from the digest of its texts, and the fillings.
pub fn etag_of(texts: u128, fillings: &[Vec<u8>]) -> HeaderValue {
    let texts = texts.to_le_bytes();
    let parts = std::iter::once(&texts[..]).chain(fillings.iter().map(Vec::as_slice));
    written(digest_of(parts))
}

// For each page with a cart in it, so without formatting.
fn written(digest: u128) -> HeaderValue {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| DIGITS[usize::from(half & 15)];
    let digits = digest.to_be_bytes().into_iter();
    let digits = digits.flat_map(|byte| [digit(byte >> 4), digit(byte)]);
    let mut text = *b"W/\"................................\"";
    for (place, digit) in text[3..].iter_mut().zip(digits) {
        *place = digit;
    }
    HeaderValue::from_bytes(&text).expect("hex digits and quotes are a header")
}

/// An `ETag` without what marks it as weak.
fn opaque(tag: &str) -> &str {
    tag.trim().trim_start_matches("W/")
}

/// Whether `If-None-Match` has this `ETag`, by weak comparison.
pub fn matches(request: &HeaderMap, tag: &HeaderValue) -> bool {
    let Ok(tag) = tag.to_str() else { return false };
    let tag = opaque(tag);
    list(request, &IF_NONE_MATCH).any(|candidate| candidate == "*" || opaque(candidate) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn if_none_match(tag: &str) -> HeaderMap {
        HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_str(tag).expect("a header"))])
    }

    #[test]
    fn a_visitor_who_has_the_page_gets_304_and_no_body() {
        let html = Bytes::from_static(b"<p>hello");
        let first = page(&HeaderMap::new(), html.clone(), false);
        assert_eq!(first.headers()[CACHE_CONTROL], "public, no-cache");
        let tag = first.headers()[ETAG].to_str().expect("ascii").to_owned();
        let again = page(
            &if_none_match(&format!("\"x\", {tag}")),
            html.clone(),
            false,
        );
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(
            page(&if_none_match("\"x\""), html, true).status(),
            StatusCode::OK
        );
    }

    #[test]
    fn a_tag_is_weak_and_has_all_digits() {
        assert_eq!(
            written(0x0123_4567_89ab_cdef_0000_0000_dead_beef),
            "W/\"0123456789abcdef00000000deadbeef\""
        );
    }
}
