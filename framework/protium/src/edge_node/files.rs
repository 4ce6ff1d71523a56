//! Files of the shop (scripts, the components' module, styles, pictures) that may be cached by what
//! they say of themselves (RFC 9111). Each is cached as the shop sends it, once for every content
//! coding.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http::header::{
    ACCEPT_ENCODING, AGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, HOST,
    LAST_MODIFIED, SET_COOKIE, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body_util::BodyExt;

use crate::edge_node::Bypass;
use crate::edge_node::Node;
use crate::edge_node::errors;
use crate::edge_node::headers;
use crate::edge_node::origin::OriginError;
use crate::edge_node::origin_state::OriginState;
use crate::edge_node::pass::pass;
use crate::http::error::HttpError;
use crate::http::freshness;
use protium_cache::http::status::{self, CACHE_STATUS};
use protium_cache::http::{Accepted, CacheStatus, Coding, Refused, key, list, storable};
use protium_cache::{Cached, Load, Policy};

/// What the keys of files begin with.
const KIND: &str = "file";
/// The largest file that is cached, in bytes.
const LARGEST: usize = 8 << 20;
/// The time that a file has to come in. Shorter than a load of the cache may be.
const TIME: Duration = Duration::from_secs(9);
/// A file is fresh for as long as it says.
const POLICY: Policy = Policy {
    fresh_for: Duration::from_secs(30 * 86_400),
    stale_while_revalidate: Duration::ZERO,
    stale_if_error: Duration::from_secs(86_400),
    ..Policy::NONE
};
/// What a file says of one answer, not of itself.
const OF_ONE_ANSWER: [HeaderName; 5] = [
    AGE,
    CACHE_STATUS,
    CONTENT_LENGTH,
    SET_COOKIE,
    HeaderName::from_static("server-timing"),
];

/// A file in the store; or nothing, when it was not to be cached.
struct Stored(Option<File>);

struct File {
    headers: HeaderMap,
    body: Bytes,
}

impl Cached for Stored {
    fn weight(&self) -> usize {
        self.0.as_ref().map_or(0, |file| file.body.len() + 2_048)
    }
}

/// Answers a request for a file.
pub async fn answer(node: &Node, origin_state: &OriginState, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let past = async |parts, why| {
        let request = Request::from_parts(parts, body);
        pass(node, Some(origin_state), request, Bypass::Refused(why)).await
    };
    let coding = Coding::wanted(&parts.headers);
    let (target, key) = match ask(origin_state, &parts, coding) {
        Ok(asked) => asked,
        Err(why) => return past(parts, why).await,
    };
    let load = {
        let node = node.clone();
        move |load: Load| fetch(node, target, coding, load)
    };
    let found = origin_state
        .cache
        .get_or_load::<Stored, _, _, _>(&key, POLICY, load);
    match found.await {
        Ok(found) => match &found.value.0 {
            Some(file) => {
                let is_plain = !file.headers.contains_key(CONTENT_ENCODING);
                if is_plain && !Accepted::of(&parts.headers).identity {
                    let refusal = HttpError::of_status(StatusCode::NOT_ACCEPTABLE);
                    return errors::response(Some(origin_state), &parts, &refusal);
                }
                let mut response = sent(file, &parts.headers);
                let headers = response.headers_mut();
                headers.insert(AGE, status::age(found.age));
                headers.insert(CACHE_STATUS, node.status(CacheStatus::of(&found)));
                response
            }
            None => past(parts, Refused::Private).await,
        },
        Err(error) => errors::load_failed(origin_state, &parts, &error),
    }
}

fn ask(
    origin_state: &OriginState,
    request: &Parts,
    coding: Coding,
) -> Result<(String, String), Refused> {
    storable::request(&request.method)?;
    let target = key::target_of(&request.uri).ok_or(Refused::Target)?;
    let key = key::of(KIND, &target, &[coding.name()]).ok_or(Refused::Target)?;
    if origin_state.cache.is_unshared(&key) {
        return Err(Refused::Private);
    }
    Ok((target, key))
}

/// Takes a file from the shop.
async fn fetch(
    node: Node,
    target: String,
    coding: Coding,
    load: Load,
) -> Result<Stored, OriginError> {
    let taking = take(&node, &target, coding, &load);
    let taken = tokio::time::timeout(TIME, taking)
        .await
        .unwrap_or(Err(OriginError::TimedOut))?;
    if taken.is_none() {
        load.do_not_store();
    }
    Ok(Stored(taken))
}

async fn take(
    node: &Node,
    target: &str,
    coding: Coding,
    load: &Load,
) -> Result<Option<File>, OriginError> {
    let origin = &node.0.origin;
    let (mut request, ()) = http::Request::new(()).into_parts();
    request.uri = target.parse().map_err(|_| OriginError::Address)?;
    let wanted = HeaderValue::from_static(coding.name());
    request.headers.insert(ACCEPT_ENCODING, wanted);
    request.headers.insert(HOST, origin.authority().clone());
    let response = http::Response::from(origin.send(request, None).await?);
    let (mut parts, mut body) = response.into_parts();
    if parts.status.is_server_error() {
        return Err(OriginError::Status(parts.status));
    }
    headers::end_to_end(&mut parts.headers);
    // Each coding is cached by itself.
    let came = parts.headers.remove(CONTENT_ENCODING);
    let is_wanted = came.as_ref().is_none_or(|came| came == coding.name());
    let may = storable::response(parts.status, &parts.headers);
    let Some(fresh_for) = fresh_for(&parts.headers).filter(|_| is_wanted && may.is_ok()) else {
        return Ok(None);
    };
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            if bytes.len() + data.len() > LARGEST {
                return Ok(None);
            }
            bytes.extend_from_slice(&data);
        }
    }
    load.freshness(fresh_for);
    for name in &OF_ONE_ANSWER {
        parts.headers.remove(name);
    }
    if let Some(coding) = came {
        parts.headers.insert(CONTENT_ENCODING, coding);
    }
    Ok(Some(File {
        headers: parts.headers,
        body: bytes.freeze(),
    }))
}

/// How much longer a response is fresh, by what it says; none when it has to be asked for again
/// each time.
fn fresh_for(headers: &HeaderMap) -> Option<Duration> {
    let mut shared = None;
    let mut any = None;
    for directive in list(headers, &CACHE_CONTROL) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        let seconds = || value.trim().trim_matches('"').parse::<u64>().ok();
        match name.trim().to_ascii_lowercase().as_str() {
            "no-cache" | "no-store" | "private" => return None,
            "s-maxage" => shared = Some(seconds()?),
            "max-age" => any = Some(seconds()?),
            _ => {}
        }
    }
    let age = headers
        .get(AGE)
        .and_then(|age| age.to_str().ok()?.parse::<u64>().ok());
    let left = shared.or(any)?.saturating_sub(age.unwrap_or(0));
    (left > 0).then(|| Duration::from_secs(left))
}

/// The file, or 304 for a visitor who has it.
fn sent(file: &File, asked: &HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    let etag = file.headers.get(ETAG);
    if etag.is_some_and(|etag| freshness::matches(asked, etag)) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        for name in [CACHE_CONTROL, ETAG, LAST_MODIFIED, VARY] {
            if let Some(value) = file.headers.get(&name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
        return response;
    }
    *response.headers_mut() = file.headers.clone();
    *response.body_mut() = Body::from(file.body.clone());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_fresh_for_as_long_as_it_says() {
        let says = |control: &'static str, age: &'static str| {
            let headers = HeaderMap::from_iter([
                (CACHE_CONTROL, HeaderValue::from_static(control)),
                (AGE, HeaderValue::from_static(age)),
            ]);
            fresh_for(&headers).map(|time| time.as_secs())
        };
        assert_eq!(says("public, max-age=60", "0"), Some(60));
        assert_eq!(says("public, max-age=60", "20"), Some(40));
        assert_eq!(says("public, max-age=60", "60"), None);
        assert_eq!(says("public, max-age=60, s-maxage=\"9\"", ""), Some(9));
        assert_eq!(says("public, max-age=60, no-cache", "0"), None);
        assert_eq!(says("public", "0"), None);
        assert_eq!(says("public, max-age=-1", "0"), None);
    }
}
