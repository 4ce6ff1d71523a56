//! Which headers are passed to the shop and back, and which are not: those that are about one
//! connection end there.

use std::net::IpAddr;

use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, FORWARDED, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION,
    TE, TRAILER, TRANSFER_ENCODING, UPGRADE, VIA,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::edge_node::Node;
use crate::edge_node::api;
use crate::http::error::HttpError;
use crate::http::forwarded::{FORWARDED_FOR, FORWARDED_HOST, FORWARDED_PROTO, Forwarded};
use crate::http::framing;
use crate::http::serve::Connection;
use protium_cache::http::list;

/// What a visitor may not say to the shop: it is about this connection, said by the node, or for
/// nodes alone.
const NOT_TO_THE_SHOP: [HeaderName; 8] = [
    CONTENT_LENGTH,
    EXPECT,
    FORWARDED,
    api::REGION,
    api::TOKEN,
    FORWARDED_HOST,
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-forwarded-prefix"),
];

/// Takes out what is about one connection (RFC 9110, section 7.6.1).
pub fn end_to_end(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = list(headers, &CONNECTION)
        .filter_map(|name| HeaderName::try_from(name).ok())
        .collect();
    let always = [
        CONNECTION,
        HeaderName::from_static("keep-alive"),
        HeaderName::from_static("proxy-connection"),
        PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
    ];
    for name in named.iter().chain(&always) {
        headers.remove(name);
    }
}

/// The headers of a visitor's request, for the shop.
pub fn to_the_shop(node: &Node, request: &Parts) -> HeaderMap {
    let mut headers = request.headers.clone();
    end_to_end(&mut headers);
    for name in &NOT_TO_THE_SHOP {
        headers.remove(name);
    }
    // As the visitor has it: the shop compares it with the page that a form came from.
    let forwarded = request.extensions.get::<Forwarded>();
    let host = forwarded.and_then(|forwarded| forwarded.host.as_ref());
    let host = host.unwrap_or(node.0.origin.authority());
    headers.insert(HOST, host.clone());
    // With the token the shop trusts the forwarded address of the visitor.
    headers.insert(api::TOKEN, node.0.origin.token().clone());
    if let Some(connection) = request.extensions.get::<Connection>() {
        let peer = connection.peer();
        headers.insert(FORWARDED_FOR, forwarded_for(&request.headers, peer));
    }
    // Who stands in front of the node may have ended the encryption.
    let is_https = forwarded.is_some_and(|forwarded| forwarded.is_https);
    let scheme = if is_https { "https" } else { "http" };
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static(scheme));
    headers.append(VIA, via(node));
    headers
}

/// What this node calls itself in `Via`.
pub fn via(node: &Node) -> HeaderValue {
    HeaderValue::try_from(format!("1.1 {}", node.0.name))
        .unwrap_or_else(|_| HeaderValue::from_static("1.1 Protium"))
}

/// Those who passed the request on, and who they had it from.
fn forwarded_for(headers: &HeaderMap, peer: IpAddr) -> HeaderValue {
    let before = headers.get_all(FORWARDED_FOR).iter();
    let mut all: Vec<&str> = before.filter_map(|value| value.to_str().ok()).collect();
    let peer = peer.to_string();
    all.push(&peer);
    HeaderValue::try_from(all.join(", ")).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}

/// Refuses what the node and the shop might read differently, and what goes in circles.
pub fn check(node: &Node, request: &Parts) -> Result<(), HttpError> {
    framing::check(request)?;
    let own = via(node);
    if list(&request.headers, &VIA).any(|hop| hop.as_bytes() == own.as_bytes()) {
        return Err(HttpError::of_status(http::StatusCode::LOOP_DETECTED)
            .because("the request came through this node before"));
    }
    Ok(())
}
