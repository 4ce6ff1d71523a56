//! What a page shows of its visitor.

use crate::http::forwarded::PublicAddress;
use crate::request::session::Session;
use protium_page::Personal;
use protium_wasm::Value;

/// All that a page shows of its visitor, apart from the address of its links. The version of the
/// cart is not in it: that orders the answers to requests of a page, which all come later than the
/// page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PersonalData {
    count: i64,
}

impl PersonalData {
    /// That of a visitor.
    pub fn of(session: &Session) -> PersonalData {
        PersonalData {
            count: session.count,
        }
    }

    /// What a page needs of a visitor who calls the shop by this address.
    pub fn in_page(self, address: Option<&PublicAddress>) -> Personal {
        Personal {
            stores: self.stores(),
            base_url: address.map(PublicAddress::url).unwrap_or_default(),
        }
    }

    /// What components see of it.
    pub fn stores(self) -> Value {
        let cart = Value::record([("count", Value::Int(self.count))]);
        Value::record([("cart", cart)])
    }
}
