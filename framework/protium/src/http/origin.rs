//! Refuses unsafe requests that another site made the visitor's browser send (CSRF).
//!
//! Stored pages have no tokens, so this relies on the browser's headers: `Sec-Fetch-Site`, else
//! `Origin`.

use http::header::{COOKIE, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Uri};

use crate::http::forwarded::Forwarded;

/// Whether a request is accepted: it changes nothing, or comes from the shop's own pages.
///
/// `forwarded` has the host that the visitor requested, `own` is the host of `shop.url`: the form
/// must come from one of them. A client without `Sec-Fetch-Site` and `Origin` is not a current
/// browser; it is accepted unless it sends a cookie.
pub fn accepts(request: &Parts, forwarded: &Forwarded, own: Option<&str>) -> bool {
    let host = forwarded.host.as_ref().and_then(|host| host.to_str().ok());
    request.method.is_safe() || from_this_site(&request.headers, host, own)
}

/// Host and port of a URL, in lower case.
pub fn host_of(url: &str) -> Option<String> {
    let authority = url.parse::<Uri>().ok()?.into_parts().authority?;
    Some(authority.as_str().to_ascii_lowercase())
}

/// Whether headers are those of a request by this shop's own pages, or by no page.
pub fn from_this_site(headers: &HeaderMap, host: Option<&str>, own: Option<&str>) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return !headers.contains_key(COOKIE);
    };
    let origin = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"));
    let Some((scheme, authority)) = origin else {
        return false;
    };
    let usual_port = match scheme {
        "https" => ":443",
        _ => ":80",
    };
    // Browsers omit the default port; some proxies do not.
    let bare = |host: &str| {
        let host = host.strip_suffix(usual_port).unwrap_or(host);
        host.to_ascii_lowercase()
    };
    authority.parse::<Authority>().is_ok()
        && [host, own]
            .into_iter()
            .flatten()
            .any(|of_the_shop| bare(of_the_shop) == bare(authority))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::forwarded::TrustedProxies;
    use http::Request;

    fn accepted(method: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().method(method).uri("/cart/add");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        accepted_by(None, request)
    }

    fn accepted_by(own: Option<&str>, request: http::request::Builder) -> bool {
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        let trusted = TrustedProxies::parse(&["10.0.0.0/8".to_owned()]).expect("a network");
        let peer = "10.0.0.1".parse().ok();
        let forwarded = Forwarded::read(&trusted, peer, false, &parts.headers, &parts.uri);
        accepts(&parts, &forwarded, own)
    }

    #[test]
    fn behind_a_proxy_the_host_that_the_visitor_asked_for_counts() {
        let asked = |name: &str, value: &str| {
            let request = Request::post("/cart/add")
                .header("origin", "https://shop.example")
                .header("host", "127.0.0.1:3000")
                .header("cookie", "a=b");
            request.header(name, value)
        };
        assert!(!accepted_by(None, asked("x", "y")));
        assert!(accepted_by(None, asked("x-forwarded-host", "Shop.example")));
        assert!(accepted_by(
            None,
            asked("x-forwarded-host", "shop.example:443")
        ));
        assert!(accepted_by(
            None,
            asked("forwarded", "host=shop.example;proto=https")
        ));
        assert!(!accepted_by(
            None,
            asked("x-forwarded-host", "shop.example:80")
        ));
        let own = host_of("https://Shop.example/");
        assert!(accepted_by(own.as_deref(), asked("x", "y")));
        let other = host_of("https://other.example");
        assert!(!accepted_by(other.as_deref(), asked("x", "y")));
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
