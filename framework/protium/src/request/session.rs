//! The visitor's session: one signed cookie with the cart's id, how many things are in it, and its
//! version.
//!
//! A cookie that is malformed, forged or signed with another secret is ignored.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cookie::time::Duration;
use cookie::{Cookie, CookieJar, Key, SameSite};
use hmac::{Hmac, Mac};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha512};

use crate::request::claims::Claims;
use crate::request::cookies;
use protium_commerce::cart::LIFETIME;
use protium_types::hex;

/// The longest value of the cookie, in bytes: browsers take 4 KB with name, signature and
/// attributes.
const MOST_BYTES: usize = 3_072;

/// The cookie's name.
pub const COOKIE_NAME: &str = "protium";

/// What the cookie says. Without a cookie: no cart, nothing in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// The cart's id, once there is one.
    pub cart: Option<String>,
    /// The sum of the quantities in the cart.
    pub count: i64,
    /// The cart's version, which grows with every change.
    pub version: i64,
    /// What is claimed beside the cart.
    pub claims: Claims,
}

/// The second format of the cookie: everything as JSON.
#[derive(Serialize, Deserialize)]
struct JsonCookie {
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    cart: Option<String>,
    #[serde(rename = "n", default)]
    count: i64,
    #[serde(rename = "v", default)]
    version: i64,
    #[serde(flatten)]
    claims: Claims,
}

/// The key that cookies are signed with, and the one before it, whose cookies are still read.
#[derive(Clone)]
pub struct SessionKey {
    current: SigningKey,
    previous: Option<SigningKey>,
}

/// Signs values, and reads what it has signed.
#[derive(Clone)]
struct SigningKey {
    key: Key,
    /// Before any value: it is as much work as a value.
    mac: Hmac<Sha256>,
}

/// The length of a signature before its value, as [`cookie::SignedJar`] writes it: 32 bytes in
/// base64.
const SIGNATURE: usize = 44;

impl SigningKey {
    fn new(secret: &[u8]) -> SigningKey {
        let digest = Sha512::new()
            .chain_update(b"protium session cookie\0")
            .chain_update(secret)
            .finalize();
        let key = Key::from(&digest);
        SigningKey {
            mac: Hmac::new_from_slice(key.signing()).expect("a key of any length"),
            key,
        }
    }

    /// The value that this key signed; `None` if it did not. As [`cookie::SignedJar::verify`],
    /// whose copies and key schedule are most of the work for a cached page.
    fn verified<'a>(&self, signed: &'a str) -> Option<&'a str> {
        let (signature, value) = signed.split_at_checked(SIGNATURE)?;
        let mut bytes = [0; SIGNATURE];
        let length = STANDARD.decode_slice(signature, &mut bytes).ok()?;
        let mac = self.mac.clone().chain_update(value);
        mac.verify_slice(bytes.get(..length)?).ok()?;
        Some(value)
    }
}

impl SessionKey {
    /// A key from a secret of at least 32 bytes (the configuration sees to that).
    pub fn new(secret: &[u8]) -> SessionKey {
        SessionKey {
            current: SigningKey::new(secret),
            previous: None,
        }
    }

    /// The same key, which also reads the cookies that were signed with the previous secret; empty:
    /// there is none.
    pub fn with_previous(self, secret: &[u8]) -> SessionKey {
        SessionKey {
            previous: (!secret.is_empty()).then(|| SigningKey::new(secret)),
            ..self
        }
    }

    /// What is the same for two keys when they read the same cookies: 32 hex digits, from which the
    /// key does not follow.
    pub fn fingerprint(&self) -> String {
        let mut digest = Sha512::new()
            .chain_update(b"protium session key\0")
            .chain_update(self.current.key.signing());
        if let Some(previous) = &self.previous {
            digest.update(previous.key.signing());
        }
        hex(&digest.finalize()[..16])
    }

    /// The session that the value of a cookie is.
    fn read(&self, signed: &str) -> Option<Session> {
        let mut decoded = Vec::with_capacity(signed.len());
        decoded.extend(percent_decode_str(signed));
        let signed = std::str::from_utf8(&decoded).ok()?;
        let keys = [Some(&self.current), self.previous.as_ref()];
        let mut keys = keys.into_iter().flatten();
        Session::parse(keys.find_map(|key| key.verified(signed))?)
    }
}

impl Session {
    /// Reads the session from a request's headers.
    pub fn from_headers(headers: &HeaderMap, key: &SessionKey) -> Session {
        cookies::of_request(headers)
            .filter(|(name, _)| *name == COOKIE_NAME)
            .find_map(|(_, value)| key.read(value))
            .unwrap_or_default()
    }

    /// The session that an answer gives to its visitor.
    pub fn of_answer(headers: &HeaderMap, key: &SessionKey) -> Option<Session> {
        headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .filter_map(|header| Cookie::parse(header).ok())
            .filter(|cookie| cookie.name() == COOKIE_NAME)
            .find_map(|cookie| key.read(cookie.value()))
    }

    /// Whether a request has a session's cookie, sound or not.
    pub fn is_claimed(headers: &HeaderMap) -> bool {
        headers.get_all(COOKIE).iter().any(|header| {
            header.as_bytes().split(|byte| *byte == b';').any(|cookie| {
                let name = cookie.split(|byte| *byte == b'=').next();
                name.is_some_and(|name| name.trim_ascii() == COOKIE_NAME.as_bytes())
            })
        })
    }

    /// The `Set-Cookie` header that makes this the visitor's session.
    pub fn to_header(&self, key: &SessionKey, secure: bool) -> Option<HeaderValue> {
        let value = self.value()?;
        let cookie = Cookie::build((COOKIE_NAME, value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(secure)
            .max_age(Duration::new(LIFETIME.as_secs().cast_signed(), 0))
            .build();
        let mut jar = CookieJar::new();
        jar.signed_mut(&key.current.key).add(cookie);
        let text = jar.get(COOKIE_NAME)?.encoded().to_string();
        HeaderValue::try_from(text).ok()
    }

    /// The cookie's value: the first format, which every version reads, while there is nothing but
    /// a cart. `None` when there is nothing, or more than fits.
    fn value(&self) -> Option<String> {
        if self.claims.is_empty() {
            let cart = self.cart.as_deref()?;
            return Some(format!("1.{}.{}.{cart}", self.count, self.version));
        }
        let json = serde_json::to_vec(&JsonCookie {
            cart: self.cart.clone(),
            count: self.count,
            version: self.version,
            claims: self.claims.clone(),
        });
        let value = format!("2.{}", URL_SAFE_NO_PAD.encode(json.ok()?));
        (value.len() <= MOST_BYTES).then_some(value)
    }

    fn parse(value: &str) -> Option<Session> {
        match value.split_once('.')? {
            ("2", encoded) => Session::parse_json(encoded),
            _ => Session::parse_cart(value),
        }
    }

    fn parse_json(encoded: &str) -> Option<Session> {
        let json = URL_SAFE_NO_PAD.decode(encoded).ok()?;
        let JsonCookie {
            cart,
            count,
            version,
            claims,
        } = serde_json::from_slice(&json).ok()?;
        let is_id = |cart: &String| (1..=64).contains(&cart.len());
        let sound = count >= 0 && cart.as_ref().is_none_or(is_id);
        sound.then_some(Session {
            cart,
            count,
            version,
            claims,
        })
    }

    fn parse_cart(value: &str) -> Option<Session> {
        let mut parts = value.splitn(4, '.');
        let format = parts.next()?;
        let count = parts.next()?.parse().ok()?;
        let version = parts.next()?.parse().ok()?;
        let cart = parts.next()?;
        let sound = format == "1" && count >= 0 && (1..=64).contains(&cart.len());
        sound.then(|| Session {
            cart: Some(cart.to_owned()),
            count,
            version,
            claims: Claims::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::claims::{Consent, CustomerSession};
    use proptest::prelude::*;

    fn key() -> SessionKey {
        SessionKey::new(b"a secret of at least thirty-two bytes")
    }

    fn request(cookie: &[u8]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_bytes(cookie) {
            headers.insert(COOKIE, value);
        }
        headers
    }

    fn signed(session: &Session, key: &SessionKey) -> String {
        let header = session
            .to_header(key, false)
            .expect("a session with a cart has a cookie");
        let text = header.to_str().expect("ascii");
        text.split(';').next().expect("name and value").to_owned()
    }

    fn full() -> Session {
        Session {
            cart: Some("c0ffee".to_owned()),
            count: 3,
            version: 7,
            claims: Claims::default(),
        }
    }

    #[test]
    fn a_session_comes_back_as_it_was_sent() {
        let cookie = signed(&full(), &key());
        assert_eq!(
            Session::from_headers(&request(cookie.as_bytes()), &key()),
            full()
        );
    }

    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    struct FontSize(u8);

    impl crate::request::claims::Claim for FontSize {
        const NAME: &'static str = "font-size";
        const VERSION: u32 = 2;
    }

    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    struct OlderFontSize(u8);

    impl crate::request::claims::Claim for OlderFontSize {
        const NAME: &'static str = "font-size";
        const VERSION: u32 = 1;
    }

    #[test]
    fn claims_come_back_as_they_were_sent_with_and_without_a_cart() {
        for mut session in [full(), Session::default()] {
            session.claims.consent = Some(Consent {
                analytics: true,
                ..Consent::default()
            });
            session.claims.set(&FontSize(12)).expect("JSON");
            let cookie = signed(&session, &key());
            let read = Session::from_headers(&request(cookie.as_bytes()), &key());
            assert_eq!(read, session);
            assert_eq!(read.claims.get::<FontSize>(), Some(FontSize(12)));
            assert_eq!(
                read.claims.get::<OlderFontSize>(),
                None,
                "another version is none"
            );
        }
    }

    #[test]
    fn claims_that_are_no_cookie_make_none() {
        let mut session = full();
        session.claims.customer = Some(CustomerSession {
            id: "x".repeat(5_000),
            epoch: 0,
        });
        assert!(session.to_header(&key(), true).is_none());
    }

    #[test]
    fn a_cookie_of_another_secret_is_a_new_session() {
        let other = SessionKey::new(b"another secret of thirty-two bytes!!");
        let cookie = signed(&full(), &other);
        assert_eq!(
            Session::from_headers(&request(cookie.as_bytes()), &key()),
            Session::default()
        );
    }

    #[test]
    fn a_cookie_of_the_previous_secret_is_read_and_a_new_one_is_signed_with_the_new_secret() {
        let cookie = signed(&full(), &key());
        let rotated = SessionKey::new(b"another secret of thirty-two bytes!!");
        let before = rotated.clone();
        let rotated = rotated.with_previous(b"a secret of at least thirty-two bytes");
        let session = Session::from_headers(&request(cookie.as_bytes()), &rotated);
        assert_eq!(session, full());
        let cookie = signed(&session, &rotated);
        assert_eq!(
            Session::from_headers(&request(cookie.as_bytes()), &before),
            full()
        );
        assert_ne!(rotated.fingerprint(), before.fingerprint());
        assert_eq!(
            before.fingerprint(),
            before.clone().with_previous(b"").fingerprint()
        );
    }

    #[test]
    fn the_cookie_lasts_as_long_as_the_cart() {
        let header = full().to_header(&key(), true).expect("a cookie");
        let lasts = format!("Max-Age={}", LIFETIME.as_secs());
        assert!(header.to_str().expect("ascii").contains(&lasts));
        let answer = HeaderMap::from_iter([(SET_COOKIE, header)]);
        assert_eq!(Session::of_answer(&answer, &key()), Some(full()));
    }

    #[test]
    fn the_cookie_is_out_of_reach_for_scripts_and_other_sites() {
        let header = full().to_header(&key(), true).expect("a cookie");
        let text = header.to_str().expect("ascii");
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Secure", "Max-Age="] {
            assert!(text.contains(attribute), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_changed_cookie_is_a_new_session(at in 0usize..200, byte in 0x21u8..0x7f) {
            let mut cookie = signed(&full(), &key()).into_bytes();
            let at = COOKIE_NAME.len() + 1 + at % (cookie.len() - COOKIE_NAME.len() - 1);
            prop_assume!(cookie[at] != byte);
            cookie[at] = byte;
            let session = Session::from_headers(&request(&cookie), &key());
            prop_assert!(session == Session::default() || session == full());
        }

        #[test]
        fn any_bytes_at_all_are_a_new_session(
            bytes in proptest::collection::vec(any::<u8>(), 0..300)
        ) {
            let mut cookie = b"protium=".to_vec();
            cookie.extend(bytes);
            prop_assert_eq!(Session::from_headers(&request(&cookie), &key()), Session::default());
        }
    }
}
