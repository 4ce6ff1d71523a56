//! The claims in a visitor's signed cookie, beside the cart. They only decide what is shown: what a
//! visitor may do is decided by the database.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A claim of a shop's own.
///
/// ```
/// use protium::Claim;
/// use protium::serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// # #[serde(crate = "protium::serde")]
/// struct FontSize(u8);
///
/// impl Claim for FontSize {
///     const NAME: &'static str = "font-size";
///     const VERSION: u32 = 1;
/// }
/// ```
pub trait Claim: Serialize + DeserializeOwned {
    /// What it is called in the cookie.
    const NAME: &'static str;
    /// Its format: a claim of another version is none.
    const VERSION: u32;
}

/// A customer who has signed in. The session's row in the database decides whether that
/// still holds.
///
/// ```
/// use protium::CustomerSession;
/// use protium::prelude::*;
///
/// async fn signed_in(visitor: Visitor) -> impl IntoResponse {
///     let session = CustomerSession { id: "r4nd0m".to_owned(), epoch: 1 };
///     (visitor.with_customer(session), Redirect::to("/account"))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerSession {
    /// The session's row. It names nobody.
    pub id: String,
    /// Raised by "sign out everywhere".
    pub epoch: u64,
}

/// What a visitor has agreed to.
///
/// ```
/// use protium::prelude::*;
///
/// async fn statistics(visitor: Visitor) -> Page {
///     let is_counted = visitor.consent().is_some_and(|consent| consent.analytics);
///     Page::new("statistics.html").data("is_counted", &is_counted)
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Measuring how the shop is used.
    pub analytics: bool,
    /// Advertising.
    pub marketing: bool,
    /// Of the text that was agreed to.
    pub version: u32,
}

/// All claims beside the cart. Nobody's are empty, which takes no memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerSession>,
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// The shop's own, by name: version and value.
    #[serde(rename = "o", default, skip_serializing_if = "BTreeMap::is_empty")]
    own: BTreeMap<String, (u32, Value)>,
}

impl Claims {
    /// Whether nothing is claimed.
    pub fn is_empty(&self) -> bool {
        self.customer.is_none() && self.consent.is_none() && self.own.is_empty()
    }

    /// A claim of the shop's own.
    pub fn get<C: Claim>(&self) -> Option<C> {
        let (version, value) = self.own.get(C::NAME)?;
        let is_known = *version == C::VERSION;
        is_known.then(|| C::deserialize(value).ok()).flatten()
    }

    /// Sets a claim of the shop's own.
    pub fn set<C: Claim>(&mut self, claim: &C) -> Result<(), serde_json::Error> {
        let value = serde_json::to_value(claim)?;
        self.own.insert(C::NAME.to_owned(), (C::VERSION, value));
        Ok(())
    }

    /// Takes a claim of the shop's own back.
    pub fn remove<C: Claim>(&mut self) {
        self.own.remove(C::NAME);
    }
}
