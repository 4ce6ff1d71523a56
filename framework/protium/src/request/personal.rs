//! What a page shows of its visitor.

use crate::http::forwarded::PublicAddress;
use crate::request::session::Session;
use protium_page::Personal;
use protium_wasm::Value;

/// What is a visitor's in a page: what components see, and the address of links.
pub(crate) fn personal(session: &Session, address: Option<&PublicAddress>) -> Personal {
    let cart = Value::record([
        ("count", Value::Int(session.count)),
        ("version", Value::Int(session.version)),
    ]);
    Personal {
        stores: Value::record([("cart", cart)]),
        base_url: address.map(PublicAddress::url).unwrap_or_default(),
    }
}
