//! The newest known number of pieces in each cart.
//!
//! Two answers to one visitor arrive in any order, so the cookie that came last is not always the
//! newest. The badge shows the highest version: the cookie's, or the one that is remembered here.

use http::HeaderMap;
use http::header::COOKIE;
use quick_cache::sync::{Cache, EntryAction, EntryResult};
use xxhash_rust::xxh3::xxh3_128;

use crate::request::cart_key;
use crate::request::session::{Session, SessionKey};

/// Carts that are remembered; others are as their cookies say.
const CARTS: usize = 20_000;

/// The newest known count of each cart, by a digest of its id: in a table of this size an id would
/// be one more look at memory that no cache of the processor has. Visitors do not choose the ids.
pub struct CartCounts(Cache<u128, Count>);

/// A cart at one moment.
#[derive(Clone, Copy)]
struct Count {
    count: i64,
    version: i64,
}

impl Default for CartCounts {
    fn default() -> CartCounts {
        CartCounts(Cache::new(CARTS))
    }
}

impl CartCounts {
    /// Remembers the count in a session, unless a newer one is known.
    pub fn remember(&self, session: &Session) {
        let Some(cart) = &session.cart else { return };
        let count = Count {
            count: session.count,
            version: session.version,
        };
        let entry = self.0.entry(&digest(cart), None, |_, known| {
            if known.version <= count.version {
                *known = count;
            }
            EntryAction::Retain(())
        });
        if let EntryResult::Vacant(place) = entry {
            // It fails only where somebody emptied the place: nothing here does.
            let _ = place.insert(count);
        }
    }

    /// The session of a request, with the newest that is known of its cart. A browser that has only
    /// a key yet has the cart that the key opens, once its count is known.
    pub fn session(&self, headers: &HeaderMap, key: &SessionKey, secure: bool) -> Session {
        if !headers.contains_key(COOKIE) {
            return Session::default();
        }
        let mut session = Session::from_headers(headers, key);
        if session.cart.is_none() {
            let Some(key) = cart_key::of_request(headers, secure) else {
                return session;
            };
            let cart = key.cart_id().as_str().to_owned();
            if !self.0.contains_key(&digest(&cart)) {
                return session;
            }
            session.cart = Some(cart);
        }
        let cart = session.cart.as_ref();
        let known = cart.and_then(|cart| self.0.get(&digest(cart)));
        if let Some(known) = known
            && known.version > session.version
        {
            session.count = known.count;
            session.version = known.version;
        }
        session
    }
}

fn digest(cart: &str) -> u128 {
    xxh3_128(cart.as_bytes())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use protium_commerce::CartKey;

    fn key() -> SessionKey {
        SessionKey::new(b"a secret of at least thirty-two bytes")
    }

    fn session(cart: &str, count: i64, version: i64) -> Session {
        Session {
            cart: Some(cart.to_owned()),
            count,
            version,
            ..Session::default()
        }
    }

    fn with_cookie(cookie: &HeaderValue) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, cookie.clone())])
    }

    #[test]
    fn the_highest_version_counts_and_not_the_last_cookie() {
        let counts = CartCounts::default();
        let older = session("c0ffee", 1, 7);
        let newer = session("c0ffee", 2, 8);
        counts.remember(&newer);
        counts.remember(&older);
        let cookie = older.to_header(&key(), false).expect("a cookie");
        let seen = counts.session(&with_cookie(&cookie), &key(), false);
        assert_eq!(seen, newer);
        let newest = session("c0ffee", 5, 9);
        let cookie = newest.to_header(&key(), false).expect("a cookie");
        let seen = counts.session(&with_cookie(&cookie), &key(), false);
        assert_eq!(seen, newest);
    }

    #[test]
    fn a_browser_with_a_key_alone_has_the_cart_that_was_made_with_it() {
        let counts = CartCounts::default();
        let cart_key = CartKey::random().expect("randomness");
        let cookie = cart_key::to_header(&cart_key, false).expect("a cookie");
        let asked = with_cookie(&cookie);
        assert_eq!(counts.session(&asked, &key(), false), Session::default());
        let made = session(cart_key.cart_id().as_str(), 1, 3);
        counts.remember(&made);
        assert_eq!(counts.session(&asked, &key(), false), made);
    }
}
