//! Refuses ambiguous requests (RFC 9112, sections 3.2 and 6.3): if servers on the way read a
//! request differently, another one could be smuggled inside it.

use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::request::Parts;
use http::uri::Authority;
use http::{StatusCode, Version};

use crate::http::error::HttpError;
use crate::http::forwarded::is_plain;

/// Whether a request is unambiguous: one host, one length, a target that is a path; otherwise 400.
pub fn check(request: &Parts) -> Result<(), HttpError> {
    let refused = |why: &str| Err(HttpError::of_status(StatusCode::BAD_REQUEST).because(why));
    let headers = &request.headers;
    if !request.uri.path().starts_with('/') {
        return refused("the target is not a path");
    }
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        // Nearly all requests, without a copy of the host.
        (Some(host), None)
            if request.uri.authority().is_none() && host.to_str().is_ok_and(is_plain) => {}
        (Some(host), None) => {
            let host = host.to_str().ok();
            let host = host.and_then(|host| host.parse::<Authority>().ok());
            let Some(host) = host.filter(|host| !host.as_str().contains('@')) else {
                return refused("Host is invalid");
            };
            if request
                .uri
                .authority()
                .is_some_and(|authority| *authority != host)
            {
                return refused("the target's host differs from Host");
            }
        }
        (None, _) if request.version == Version::HTTP_10 => {}
        _ => return refused("there must be exactly one Host"),
    }
    if headers.contains_key(TRANSFER_ENCODING) && headers.contains_key(CONTENT_LENGTH) {
        return refused("the body has two lengths");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn status(version: Version, target: &str, headers: &[(&str, &str)]) -> Option<u16> {
        let mut request = Request::builder().version(version).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        check(&parts).err().map(|error| error.status.as_u16())
    }

    #[test]
    fn a_request_of_the_current_version_names_one_host() {
        let host = ("host", "shop.example");
        assert_eq!(status(Version::HTTP_11, "/", &[host]), None);
        assert_eq!(status(Version::HTTP_11, "/", &[]), Some(400));
        assert_eq!(status(Version::HTTP_10, "/", &[]), None);
        assert_eq!(status(Version::HTTP_11, "/", &[host, host]), Some(400));
        for host in ["", "a b", "user@shop.example", "shop.example/x"] {
            assert_eq!(
                status(Version::HTTP_11, "/", &[("host", host)]),
                Some(400),
                "{host}"
            );
        }
        let target = "http://shop.example/";
        assert_eq!(status(Version::HTTP_11, target, &[host]), None);
        assert_eq!(
            status(Version::HTTP_11, target, &[("host", "evil.example")]),
            Some(400)
        );
    }

    #[test]
    fn a_body_has_one_length() {
        let lengths = [
            ("host", "a"),
            ("content-length", "5"),
            ("transfer-encoding", "chunked"),
        ];
        assert_eq!(status(Version::HTTP_11, "/", &lengths), Some(400));
        assert_eq!(status(Version::HTTP_11, "*", &lengths[..1]), Some(400));
    }
}
