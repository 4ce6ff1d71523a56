//! The names of what a shop keeps in a server that it shares with others. A [`Key`] begins with the
//! shop, and nothing but [`ShopKeys`] makes one: so no shop can read, or remove, what is another's.

use std::fmt;
use std::sync::Arc;

use redis::{RedisWrite, ToRedisArgs, ToSingleRedisArg};

use super::config::SharedError;

/// What the keys of all shops begin with, beside other users of the same server.
const PREFIX: &str = "protium:";
/// The longest name of a shop, or of a build.
const NAME: usize = 64;

/// Makes the keys of one shop. All of them have one hash tag, so that a cluster keeps them
/// together.
#[derive(Clone, PartialEq, Eq)]
pub struct ShopKeys(Arc<str>);

/// The name of something of one shop in the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl ShopKeys {
    /// Those of the shop with this name: letters, digits, dots and dashes, at most 64.
    pub fn of(shop: &str) -> Result<ShopKeys, SharedError> {
        match is_name(shop) {
            true => Ok(ShopKeys(format!("{PREFIX}{{{shop}}}:").into())),
            false => Err(SharedError::Name),
        }
    }

    /// The only one of its kind that the shop has.
    pub(super) fn one(&self, kind: &str) -> Key {
        Key([&*self.0, kind].concat())
    }

    /// One of many of a kind, which the values of this build have for themselves.
    pub(super) fn of_build(&self, kind: &str, build: &str, key: &str) -> Key {
        Key([&*self.0, kind, ":", build, ":", key].concat())
    }

    /// A value of the shop's edge modules.
    pub fn edge_value(&self, key: &str) -> Key {
        Key([&*self.0, "edge:", key].concat())
    }

    /// The mark that such a value was removed a moment ago.
    pub fn removed_edge_value(&self, key: &str) -> Key {
        Key([&*self.0, "gone:", key].concat())
    }

    /// What the keys of a kind begin with, as a pattern for `SCAN`.
    pub(super) fn all_of(&self, kind: &str) -> String {
        [&*self.0, kind, ":*"].concat()
    }

    /// The key that the server names, when it is one of this shop.
    pub(super) fn known(&self, name: String) -> Option<Key> {
        name.starts_with(&*self.0).then_some(Key(name))
    }
}

/// Whether a text can be the name of a shop or a build: it ends no hash tag, and begins no other
/// key.
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
