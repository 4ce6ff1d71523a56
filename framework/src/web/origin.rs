//! Refuses unsafe requests that another site made the visitor's browser send.
//!
//! Stored pages hold no tokens, so this is decided by what the browser itself says: `Sec-Fetch-Site`, else `Origin`.

use http::header::{COOKIE, HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Uri};

/// A request that changes something and does not come from this shop's own pages.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a {method} request from another site is not accepted")]
pub struct CrossSite {
    method: String,
}

/// Whether the request may change something.
///
/// A client without `Sec-Fetch-Site` and `Origin` is no current browser; it is let in as long as it carries no cookie.
pub fn check(request: &Parts) -> Result<(), CrossSite> {
    if request.method.is_safe() || from_this_site(&request.headers, &request.uri) {
        return Ok(());
    }
    Err(CrossSite {
        method: request.method.to_string(),
    })
}

fn from_this_site(headers: &HeaderMap, uri: &Uri) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return !headers.contains_key(COOKIE);
    };
    let origin = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"))
        .map(|(_, authority)| authority);
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| uri.authority().map(|authority| authority.as_str()));
    match (origin, host) {
        (Some(origin), Some(host)) => origin.eq_ignore_ascii_case(host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn accepted(method: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().method(method).uri("/cart/add");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(()).expect("a request").into_parts().0).is_ok()
    }

    #[test]
    fn the_shops_own_form_is_accepted() {
        assert!(accepted(
            "POST",
            &[("sec-fetch-site", "same-origin"), ("cookie", "a=b")]
        ));
        assert!(accepted(
            "POST",
            &[
                ("origin", "https://shop.example"),
                ("host", "shop.example"),
                ("cookie", "a=b")
            ]
        ));
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        assert!(!accepted("POST", &[("sec-fetch-site", "cross-site")]));
        assert!(!accepted("POST", &[("sec-fetch-site", "same-site")]));
        assert!(!accepted(
            "POST",
            &[("origin", "https://evil.example"), ("host", "shop.example")]
        ));
        assert!(!accepted(
            "POST",
            &[("origin", "null"), ("host", "shop.example")]
        ));
        assert!(!accepted("DELETE", &[("origin", "https://shop.example")]));
    }

    #[test]
    fn a_program_without_a_cookie_is_accepted_and_with_one_refused() {
        assert!(accepted("POST", &[("host", "shop.example")]));
        assert!(!accepted(
            "POST",
            &[("host", "shop.example"), ("cookie", "protium=x")]
        ));
    }

    #[test]
    fn reading_is_open_to_everybody() {
        assert!(accepted("GET", &[("sec-fetch-site", "cross-site")]));
        assert!(accepted("HEAD", &[("origin", "https://evil.example")]));
    }
}
