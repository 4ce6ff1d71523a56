//! A small memory of what was used last, bounded in weight. A look-up takes a shared lock and
//! writes nothing down, so it costs less than one in [`Cache`](crate::Cache).
//!
//! There are two generations. Values are put into the young one; when that has its share, it
//! becomes the old one, and what was old is forgotten. What is found in the old one is young again.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::mem;

use parking_lot::RwLock;

/// Parts with a lock of their own.
const SHARDS: usize = 16;
/// The share of a shard's generation in the whole.
const SHARE: usize = 2 * SHARDS;

/// Remembers values, each with a weight, up to a limit.
pub struct Recent<K, V> {
    shards: [RwLock<Shard<K, V>>; SHARDS],
    hasher: RandomState,
    /// The most that a generation of a shard weighs.
    most: usize,
    weight: fn(&V) -> usize,
}

struct Shard<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    /// Of the young ones.
    weight: usize,
}

impl<K: Hash + Eq, V: Clone> Recent<K, V> {
    /// An empty memory. Its values together weigh about `capacity` at most.
    pub fn new(capacity: usize, weight: fn(&V) -> usize) -> Self {
        let shard = |_| {
            RwLock::new(Shard {
                young: HashMap::new(),
                old: HashMap::new(),
                weight: 0,
            })
        };
        Self {
            shards: std::array::from_fn(shard),
            hasher: RandomState::new(),
            most: (capacity / SHARE).max(1),
            weight,
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<V>
    where
        K: Clone,
    {
        let shard = self.shard(key);
        {
            let shard = shard.read();
            if let Some(value) = shard.young.get(key) {
                return Some(value.clone());
            }
            if !shard.old.contains_key(key) {
                return None;
            }
        }
        let mut shard = shard.write();
        let value = shard.get(key).cloned()?;
        self.put(&mut shard, key.clone(), value.clone());
        Some(value)
    }

    /// Remembers a value.
    pub fn insert(&self, key: K, value: V) {
        let mut shard = self.shard(&key).write();
        self.put(&mut shard, key, value);
    }

    /// Remembers what follows from the value that is known.
    pub fn update(&self, key: K, value: impl FnOnce(Option<&V>) -> V) {
        let mut shard = self.shard(&key).write();
        let value = value(shard.get(&key));
        self.put(&mut shard, key, value);
    }

    fn shard(&self, key: &K) -> &RwLock<Shard<K, V>> {
        // The bits that the maps within use least.
        let number = (self.hasher.hash_one(key) >> 32) as usize % SHARDS;
        &self.shards[number]
    }

    fn put(&self, shard: &mut Shard<K, V>, key: K, value: V) {
        shard.weight += (self.weight)(&value);
        if let Some(before) = shard.young.insert(key, value) {
            shard.weight = shard.weight.saturating_sub((self.weight)(&before));
        }
        if shard.weight > self.most {
            shard.old = mem::take(&mut shard.young);
            shard.weight = 0;
        }
    }
}

impl<K: Hash + Eq, V> Shard<K, V> {
    fn get(&self, key: &K) -> Option<&V> {
        self.young.get(key).or_else(|| self.old.get(key))
    }
}

impl<K, V> fmt::Debug for Recent<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recent").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(recent: &Recent<usize, u64>) -> usize {
        let shards = recent.shards.iter().map(RwLock::read);
        shards
            .map(|shard| shard.young.len() + shard.old.len())
            .sum()
    }

    #[test]
    fn what_is_used_stays_and_the_rest_goes() {
        let recent = Recent::new(1_000, |_| 1);
        recent.insert(0, 7);
        for key in 1..100_000 {
            recent.insert(key, 0);
            if key % 10 == 0 {
                assert_eq!(recent.get(&0), Some(7));
            }
        }
        assert_eq!(recent.get(&1), None);
        assert_eq!(recent.get(&99_999), Some(0));
        assert!(kept(&recent) <= 1_000 + SHARDS, "{}", kept(&recent));
    }

    #[test]
    fn the_heavier_values_are_the_fewer_there_are() {
        let recent = Recent::new(1_000, |value: &u64| *value as usize);
        for key in 0..1_000 {
            recent.insert(key, 10);
        }
        assert!(kept(&recent) <= 100 + 2 * SHARDS, "{}", kept(&recent));
        recent.insert(1_000, 1_000_000);
        assert_eq!(recent.get(&1_000), Some(1_000_000), "nothing is refused");
    }

    #[test]
    fn a_value_follows_from_the_one_before() {
        let recent = Recent::new(1_000, |_| 1);
        for _ in 0..3 {
            recent.update("a", |known| known.map_or(1, |count| count + 1));
        }
        assert_eq!(recent.get(&"a"), Some(3));
        assert_eq!(recent.get(&"b"), None);
    }

    #[test]
    fn a_value_that_is_replaced_weighs_nothing() {
        let recent = Recent::new(1_000, |_| 1);
        recent.insert(1, 0);
        for value in 0..10_000 {
            recent.insert(2, value);
        }
        assert_eq!(recent.get(&1), Some(0));
        assert_eq!(kept(&recent), 2);
    }
}
