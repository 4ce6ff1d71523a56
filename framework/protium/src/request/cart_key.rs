//! The cookie with a browser's cart key, which opens the cart until the signed session cookie is
//! there.
//!
//! The browser makes it before its first addition, so that all its tabs have the same. Without
//! JavaScript the shop makes it, by a response with `no-store`. It is never in an address, in a
//! form or in a page: no link, no other site's form and no cache can hand a visitor a key that
//! somebody else knows. Where the shop is visited by https its name begins with `__Host-`, so that
//! no neighbouring domain can set it either.

use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue};

use crate::request::cookies;
use protium_commerce::CartKey;

/// The cookie's name by http.
const NAME: &str = "protium-cart-key";
/// The cookie's name by https: only this very host can set it, and only by https (RFC 6265bis).
const HOST_NAME: &str = "__Host-protium-cart-key";

/// The key that a request came with. By https the one that a neighbouring domain may have set does
/// not count.
pub fn of_request(headers: &HeaderMap, secure: bool) -> Option<CartKey> {
    let find = |name| {
        let mut found = cookies::of_request(headers).filter(|(found, _)| *found == name);
        found.find_map(|(_, value)| value.parse().ok())
    };
    find(HOST_NAME).or_else(|| find(NAME).filter(|_| !secure))
}

/// The `Set-Cookie` header that gives a browser its key, until it is closed.
pub fn to_header(key: &CartKey, secure: bool) -> Option<HeaderValue> {
    let name = if secure { HOST_NAME } else { NAME };
    let cookie = Cookie::build((name, key.as_str()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(secure);
    HeaderValue::try_from(cookie.to_string()).ok()
}

/// The `Set-Cookie` headers that take back what a request came with: the session's cookie opens the
/// cart from now on.
pub fn forget(headers: &HeaderMap) -> impl Iterator<Item = HeaderValue> {
    [NAME, HOST_NAME]
        .into_iter()
        .filter(|name| cookies::of_request(headers).any(|(found, _)| found == *name))
        .filter_map(|name| {
            let cookie = Cookie::build((name, ""))
                .path("/")
                .secure(name == HOST_NAME)
                .max_age(cookie::time::Duration::ZERO);
            HeaderValue::try_from(cookie.to_string()).ok()
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::COOKIE;

    fn request(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(cookie).expect("a header"))])
    }

    #[test]
    fn a_key_comes_back_as_it_was_given_and_can_be_taken_back() {
        let key = CartKey::random().expect("randomness");
        for secure in [false, true] {
            let header = to_header(&key, secure).expect("a header");
            let text = header.to_str().expect("ascii");
            for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
                assert!(text.contains(attribute), "{text}");
            }
            assert_eq!(text.contains("Secure"), secure, "{text}");
            let sent = request(text.split(';').next().expect("name and value"));
            assert_eq!(of_request(&sent, secure).as_ref(), Some(&key));
            let taken: Vec<_> = forget(&sent).collect();
            assert_eq!(taken.len(), 1);
            assert!(taken[0].to_str().expect("ascii").contains("Max-Age=0"));
        }
    }

    #[test]
    fn what_is_not_32_digits_is_no_key() {
        let short = "a".repeat(31);
        let upper = "A".repeat(32);
        for value in ["", "x", &short, &upper, "' OR 1=1 --"] {
            let sent = request(&format!("a=b; {NAME}={value}"));
            assert_eq!(of_request(&sent, false), None, "{value}");
        }
    }

    #[test]
    fn by_https_a_neighbouring_domain_sets_no_key() {
        let planted = format!("{NAME}={}", "a".repeat(32));
        assert_eq!(of_request(&request(&planted), true), None);
        assert!(of_request(&request(&planted), false).is_some());
        let own = format!("{planted}; {HOST_NAME}={}", "b".repeat(32));
        let own = of_request(&request(&own), true).expect("a key");
        assert_eq!(own.as_str(), "b".repeat(32));
    }
}
