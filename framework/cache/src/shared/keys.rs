//! Names of a shop's keys in a server that it may share with others. A [`Key`] begins with the
//! shop, and only [`ShopKeys`] creates one, so that no shop can read or remove the keys of another.

use std::fmt;
use std::sync::Arc;

use redis::{RedisWrite, ToRedisArgs, ToSingleRedisArg};

use super::config::SharedError;

/// The prefix of the keys of all shops, to tell them from those of other users of the server.
const PREFIX: &str = "protium:";
/// The longest name of a shop, or of a build.
const NAME: usize = 64;

/// Creates the keys of one shop. They share one hash tag, so that a cluster keeps them on one node.
#[derive(Clone, PartialEq, Eq)]
pub struct ShopKeys(Arc<str>);

/// The name of one key of a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl ShopKeys {
    /// Keys of the shop with this name: letters, digits, dots and dashes, at most 64.
    pub fn of(shop: &str) -> Result<ShopKeys, SharedError> {
        match is_name(shop) {
            true => Ok(ShopKeys(format!("{PREFIX}{{{shop}}}:").into())),
            false => Err(SharedError::Name),
        }
    }

    /// A key of which the shop has only one.
    pub(super) fn one(&self, kind: &str) -> Key {
        Key([&*self.0, kind].concat())
    }

    /// A key of a kind, of this build only.
    pub(super) fn of_build(&self, kind: &str, build: &str, key: &str) -> Key {
        Key([&*self.0, kind, ":", build, ":", key].concat())
    }

    /// The key of an edge module's value.
    pub fn edge_value(&self, key: &str) -> Key {
        Key([&*self.0, "edge:", key].concat())
    }

    /// The key that marks such a value as removed a moment ago.
    pub fn removed_edge_value(&self, key: &str) -> Key {
        Key([&*self.0, "gone:", key].concat())
    }

    /// The keys of a kind, as a pattern for `SCAN`.
    pub(super) fn all_of(&self, kind: &str) -> String {
        [&*self.0, kind, ":*"].concat()
    }

    /// Parses a key that the server returned, if it is this shop's.
    pub(super) fn known(&self, name: String) -> Option<Key> {
        name.starts_with(&*self.0).then_some(Key(name))
    }
}

/// Whether a text can be the name of a shop or a build: it must not end a hash tag, nor be a prefix
/// of another key.
pub(super) fn is_name(text: &str) -> bool {
    let is_plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_');
    (1..=NAME).contains(&text.len()) && text.bytes().all(is_plain)
}

impl fmt::Debug for ShopKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ToRedisArgs for Key {
    fn write_redis_args<W: ?Sized + RedisWrite>(&self, out: &mut W) {
        self.0.write_redis_args(out);
    }
}

impl ToSingleRedisArg for Key {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_that_would_reach_into_another_shop_is_none() {
        for name in ["", "a:b", "a}", "{a", "a*", "a b", "a\n", &"a".repeat(65)] {
            assert!(ShopKeys::of(name).is_err(), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn no_key_of_a_shop_is_one_of_another(
            shops in prop::collection::hash_set("[a-zA-Z0-9._-]{1,64}", 2),
            kind in "(entry|lease)",
            text in any::<String>(),
        ) {
            let shops: Vec<ShopKeys> =
                shops.iter().map(|name| ShopKeys::of(name).expect("a name")).collect();
            let [one, other] = &shops[..] else { unreachable!("there are two") };
            for key in [
                one.one("gen"),
                one.of_build(&kind, "b1", &text),
                one.edge_value(&text),
                one.removed_edge_value(&text),
            ] {
                prop_assert!(one.known(key.0.clone()).is_some());
                prop_assert!(other.known(key.0).is_none());
            }
        }
    }
}
