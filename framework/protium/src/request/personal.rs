//! What a page shows of its visitor.

use crate::http::forwarded::PublicAddress;
use crate::request::session::Session;
use protium_page::Personal;
use protium_wasm::Value;

/// All that a page shows of its visitor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PersonalData {
    count: i64,
    version: i64,
    /// What the visitor calls the shop.
    address: Option<PublicAddress>,
}

impl PersonalData {
    /// That of a visitor who calls the shop by this address.
    pub fn of(session: &Session, address: Option<PublicAddress>) -> PersonalData {
        PersonalData {
            count: session.count,
            version: session.version,
            address,
        }
    }

    /// The same without what components do not render with: a cart's version, which orders answers
    /// in the browser.
    #[must_use]
    pub fn rendered(&self) -> PersonalData {
        PersonalData {
            version: 0,
            ..self.clone()
        }
    }

    /// What components see of it, and the address of links.
    pub fn in_page(&self) -> Personal {
        let address = self.address.as_ref().map(PublicAddress::url);
        Personal {
            stores: self.stores(),
            base_url: address.unwrap_or_default(),
        }
    }

    /// What components see of it.
    pub fn stores(&self) -> Value {
        let cart = Value::record([
            ("count", Value::Int(self.count)),
            ("version", Value::Int(self.version)),
        ]);
        Value::record([("cart", cart)])
    }
}
