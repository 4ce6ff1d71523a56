//! Which requests may be answered from the cache, and which responses may be stored.

use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_SECURITY_POLICY, SET_COOKIE, VARY,
};
use http::{HeaderMap, Method, StatusCode};

/// The largest body that is stored, in bytes.
pub const LARGEST: usize = 2 * 1024 * 1024;

/// Why a response is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Only GET and HEAD are answered from the store.
    Method,
    /// There is no key for the target.
    Target,
    /// Only 200 is stored.
    Status,
    /// The response is private.
    Private,
    /// The response sets a cookie.
    Cookie,
    /// The response has a nonce.
    Nonce,
    /// The response varies by a header that is not in the key.
    Vary,
    /// The response is compressed, or partial.
    Coding,
    /// Responses of this path are not cached.
    Address,
    /// The cache is off.
    Off,
}

impl Refused {
    /// One word for `Cache-Status`.
    pub fn word(self) -> &'static str {
        match self {
            Refused::Method => "method",
            Refused::Target => "target",
            Refused::Status => "status",
            Refused::Private => "private",
            Refused::Cookie => "cookie",
            Refused::Nonce => "nonce",
            Refused::Vary => "vary",
            Refused::Coding => "coding",
            Refused::Address => "address",
            Refused::Off => "off",
        }
    }
}

/// Whether a request may be answered from the cache. Its headers do not matter: a stored page is
/// public (RFC 9111, section 3.5) and was made without `Authorization`; `Range` is optional for a
/// server; and with `Cache-Control` a visitor could cause load.
pub fn request(method: &Method) -> Result<(), Refused> {
    match *method {
        Method::GET | Method::HEAD => Ok(()),
        _ => Err(Refused::Method),
    }
}

/// Whether a response may be stored and served to others. `no-cache` may: it is for downstream
/// caches.
pub fn response(status: StatusCode, headers: &HeaderMap) -> Result<(), Refused> {
    if status != StatusCode::OK {
        return Err(Refused::Status);
    }
    if headers.contains_key(SET_COOKIE) {
        return Err(Refused::Cookie);
    }
    let directives = || {
        headers
            .get_all(CACHE_CONTROL)
            .iter()
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .map(|directive| {
                let end = directive.iter().position(|byte| *byte == b'=');
                directive[..end.unwrap_or(directive.len())].trim_ascii()
            })
    };
    let is = |name: &str| directives().any(|found| found.eq_ignore_ascii_case(name.as_bytes()));
    if !is("public") || is("private") || is("no-store") {
        return Err(Refused::Private);
    }
    let has_nonce = |value: &http::HeaderValue| {
        let needle = b"'nonce-";
        value
            .as_bytes()
            .windows(needle.len())
            .any(|window| window.eq_ignore_ascii_case(needle))
    };
    if headers
        .get_all(CONTENT_SECURITY_POLICY)
        .iter()
        .any(has_nonce)
    {
        return Err(Refused::Nonce);
    }
    let is_keyed = |value: &http::HeaderValue| {
        value
            .as_bytes()
            .split(|byte| *byte == b',')
            .all(|name| name.trim_ascii().eq_ignore_ascii_case(b"accept-encoding"))
    };
    if !headers.get_all(VARY).iter().all(is_keyed) {
        return Err(Refused::Vary);
    }
    if headers.contains_key(CONTENT_ENCODING) || headers.contains_key(CONTENT_RANGE) {
        return Err(Refused::Coding);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (
                name.parse::<HeaderName>().expect("a name"),
                HeaderValue::from_str(value).expect("a value"),
            )
        };
        pairs.iter().map(pair).collect()
    }

    const PUBLIC: (&str, &str) = ("cache-control", "public, no-cache");

    #[test]
    fn public_pages_are_stored() {
        let page = headers(&[PUBLIC, ("vary", "Accept-Encoding"), ("etag", "W/\"1\"")]);
        assert_eq!(response(StatusCode::OK, &page), Ok(()));
        assert_eq!(request(&Method::HEAD), Ok(()));
    }

    #[test]
    fn what_is_for_one_visitor_stays_out() {
        let refused = |pairs: &[(&str, &str)]| response(StatusCode::OK, &headers(pairs)).err();
        assert_eq!(refused(&[]), Some(Refused::Private));
        for (pair, why) in [
            (("cache-control", "Private=\"x\""), Refused::Private),
            (("cache-control", "max-age=1,NO-STORE"), Refused::Private),
            (("set-cookie", "a=b"), Refused::Cookie),
            (
                ("content-security-policy", "script-src 'Nonce-abc'"),
                Refused::Nonce,
            ),
            (("vary", "*"), Refused::Vary),
            (("vary", "accept-encoding, cookie"), Refused::Vary),
            (("content-encoding", "br"), Refused::Coding),
        ] {
            assert_eq!(refused(&[PUBLIC, pair]), Some(why), "{pair:?}");
        }
        let page = headers(&[PUBLIC]);
        for status in [204, 206, 301, 304, 404, 500] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!(response(status, &page), Err(Refused::Status));
        }
    }

    #[test]
    fn what_changes_something_goes_past() {
        assert_eq!(request(&Method::POST), Err(Refused::Method));
    }

    proptest! {
        /// With one of these a stored response could harm another visitor, whatever else it says.
        #[test]
        fn nothing_harmful_is_stored(
            harmful in prop::sample::select(vec![
                ("set-cookie", "protium=1.1.1.x"),
                ("cache-control", "private"),
                ("cache-control", "no-store"),
                ("vary", "cookie"),
                ("vary", "*"),
                ("content-security-policy", "default-src 'self'; script-src 'nonce-r4nd0m'"),
            ]),
            others in prop::collection::vec(
                ("(cache-control|vary|etag|x-[a-z]{1,8})", "[ -~]{0,40}"), 0..6
            ),
            before in any::<bool>(),
        ) {
            let mut all = headers(&[PUBLIC]);
            let mut add = |(name, value): (&str, &str)| {
                if let (Ok(name), Ok(value)) = (
                    name.parse::<HeaderName>(), HeaderValue::from_str(value)
                ) {
                    all.append(name, value);
                }
            };
            if before {
                add(harmful);
            }
            for (name, value) in &others {
                add((name, value));
            }
            if !before {
                add(harmful);
            }
            prop_assert!(response(StatusCode::OK, &all).is_err());
        }
    }
}
