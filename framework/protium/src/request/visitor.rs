//! The visitor of a request.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponseParts, ResponseParts};
use http::header::SET_COOKIE;
use http::request::Parts;

use crate::app::Shop;
use crate::http::error::HttpError;
use crate::request::claims::{Claim, Consent, CustomerSession};
use crate::request::info;
use crate::request::session::{Session, SessionKey};

/// What is known of the visitor, by a signed cookie. Extracting it makes the response private:
/// only the visitor's own browser may store it.
///
/// What it claims decides what is shown, and nothing else: the cookie lives in a browser for weeks.
/// A response with a visitor in it sets the cookie:
///
/// ```
/// use protium::Consent;
/// use protium::prelude::*;
///
/// async fn agree(visitor: Visitor) -> impl IntoResponse {
///     let consent = Consent { analytics: true, marketing: false, version: 1 };
///     (visitor.with_consent(consent), Redirect::to("/"))
/// }
/// ```
#[derive(Clone)]
pub struct Visitor {
    session: Session,
    key: SessionKey,
    secure: bool,
}

impl std::fmt::Debug for Visitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visitor").finish_non_exhaustive()
    }
}

impl Visitor {
    /// The id of the visitor's cart, once there is one.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn has_cart(visitor: Visitor) -> Json<bool> {
    ///     Json(visitor.cart().is_some())
    /// }
    /// ```
    pub fn cart(&self) -> Option<&str> {
        self.session.cart.as_deref()
    }

    /// How many things are in the cart.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn count(visitor: Visitor) -> Json<i64> {
    ///     Json(visitor.cart_count())
    /// }
    /// ```
    pub fn cart_count(&self) -> i64 {
        self.session.count
    }

    /// The customer's session, once somebody has signed in.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn account(visitor: Visitor) -> Page {
    ///     Page::new("account.html").data("is_signed_in", &visitor.customer().is_some())
    /// }
    /// ```
    pub fn customer(&self) -> Option<&CustomerSession> {
        self.session.claims.customer.as_ref()
    }

    /// What the visitor has agreed to; `None` when nothing was decided yet.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn banner(visitor: Visitor) -> Page {
    ///     Page::new("banner.html").data("asks", &visitor.consent().is_none())
    /// }
    /// ```
    pub fn consent(&self) -> Option<Consent> {
        self.session.claims.consent
    }

    /// A claim of the shop's own; `None` when there is none, or one of another version.
    ///
    /// ```
    /// use protium::prelude::*;
    /// # use protium::Claim;
    /// # use protium::serde::{Deserialize, Serialize};
    /// #
    /// # #[derive(Serialize, Deserialize)]
    /// # #[serde(crate = "protium::serde")]
    /// # struct FontSize(u8);
    /// #
    /// # impl Claim for FontSize {
    /// #     const NAME: &'static str = "font-size";
    /// #     const VERSION: u32 = 1;
    /// # }
    ///
    /// async fn size(visitor: Visitor) -> Json<u8> {
    ///     Json(visitor.claim::<FontSize>().map_or(16, |size| size.0))
    /// }
    /// ```
    pub fn claim<C: Claim>(&self) -> Option<C> {
        self.session.claims.get()
    }

    /// The same visitor, signed in.
    ///
    /// ```
    /// use protium::CustomerSession;
    /// use protium::prelude::*;
    ///
    /// async fn sign_in(visitor: Visitor) -> impl IntoResponse {
    ///     let session = CustomerSession { id: "r4nd0m".to_owned(), epoch: 1 };
    ///     (visitor.with_customer(session), Redirect::to("/account"))
    /// }
    /// ```
    #[must_use]
    pub fn with_customer(mut self, customer: CustomerSession) -> Visitor {
        self.session.claims.customer = Some(customer);
        self
    }

    /// The same visitor, signed out.
    ///
    /// ```
    /// use protium::prelude::*;
    ///
    /// async fn sign_out(visitor: Visitor) -> impl IntoResponse {
    ///     (visitor.without_customer(), Redirect::to("/"))
    /// }
    /// ```
    #[must_use]
    pub fn without_customer(mut self) -> Visitor {
        self.session.claims.customer = None;
        self
    }

    /// The same visitor, who has decided.
    ///
    /// ```
    /// use protium::Consent;
    /// use protium::prelude::*;
    ///
    /// async fn refuse(visitor: Visitor) -> impl IntoResponse {
    ///     (visitor.with_consent(Consent::default()), Redirect::to("/"))
    /// }
    /// ```
    #[must_use]
    pub fn with_consent(mut self, consent: Consent) -> Visitor {
        self.session.claims.consent = Some(consent);
        self
    }

    /// The same visitor with a claim of the shop's own.
    ///
    /// ```
    /// use protium::prelude::*;
    /// # use protium::Claim;
    /// # use protium::serde::{Deserialize, Serialize};
    /// #
    /// # #[derive(Serialize, Deserialize)]
    /// # #[serde(crate = "protium::serde")]
    /// # struct FontSize(u8);
    /// #
    /// # impl Claim for FontSize {
    /// #     const NAME: &'static str = "font-size";
    /// #     const VERSION: u32 = 1;
    /// # }
    ///
    /// async fn enlarge(visitor: Visitor) -> Result<impl IntoResponse> {
    ///     Ok((visitor.with_claim(&FontSize(20))?, Redirect::to("/")))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The claim is nothing that JSON has.
    pub fn with_claim<C: Claim>(mut self, claim: &C) -> Result<Visitor, serde_json::Error> {
        self.session.claims.set(claim)?;
        Ok(self)
    }

    /// The same visitor without a claim of the shop's own.
    ///
    /// ```
    /// use protium::prelude::*;
    /// # use protium::Claim;
    /// # use protium::serde::{Deserialize, Serialize};
    /// #
    /// # #[derive(Serialize, Deserialize)]
    /// # #[serde(crate = "protium::serde")]
    /// # struct FontSize(u8);
    /// #
    /// # impl Claim for FontSize {
    /// #     const NAME: &'static str = "font-size";
    /// #     const VERSION: u32 = 1;
    /// # }
    ///
    /// async fn reset(visitor: Visitor) -> impl IntoResponse {
    ///     (visitor.without_claim::<FontSize>(), Redirect::to("/"))
    /// }
    /// ```
    #[must_use]
    pub fn without_claim<C: Claim>(mut self) -> Visitor {
        self.session.claims.remove::<C>();
        self
    }
}

impl FromRequestParts<Shop> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, shop: &Shop) -> Result<Visitor, Infallible> {
        if let Some(privacy) = info::privacy(&parts.extensions) {
            privacy.mark_private();
        }
        Ok(Visitor {
            session: shop.session(&parts.headers),
            key: shop.session_key().clone(),
            secure: shop.config().secure_cookies.is_secure(&parts.headers),
        })
    }
}

/// Sets the visitor's cookie.
impl IntoResponseParts for Visitor {
    type Error = HttpError;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, HttpError> {
        let cookie = self.session.to_header(&self.key, self.secure);
        let cookie = cookie.ok_or_else(|| {
            HttpError::internal("the visitor's claims do not fit into a cookie, which has 3 KB")
        })?;
        response.headers_mut().append(SET_COOKIE, cookie);
        Ok(response)
    }
}
