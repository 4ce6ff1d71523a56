//! The cookies of a request.

use http::HeaderMap;
use http::header::COOKIE;

/// Names and values as they are in the request's headers: values may be percent-encoded.
pub fn of_request(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
}
