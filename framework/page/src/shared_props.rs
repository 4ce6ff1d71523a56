//! Records that many renders give to a component: the value of a product is one and the same until
//! the product changes, and so are its conversion, its encoding and its JSON.

use protium_wasm::Value;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::seen::Seen;

/// The most bytes that all of them take, as estimated by [`WEIGHT`].
const CAPACITY: u64 = 8 << 20;
/// A value, its encoding, its JSON and the record that it came from take so many times the bytes of
/// its encoding.
const WEIGHT: usize = 8;

/// Converted records, by where they are used and by their address.
pub(super) struct SharedProps {
    converted: Cache<Use, Converted, Bytes>,
    seen: Seen,
}

/// A prop of a component in a template, and the record that a render gives it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Use {
    site: usize,
    prop: usize,
    record: usize,
}

impl Use {
    fn mark(&self) -> u64 {
        (self.record as u64) ^ ((self.site as u64) << 48) ^ ((self.prop as u64) << 40)
    }
}

#[derive(Clone)]
struct Converted {
    prop: Value,
    /// Held, so that no other record can have its address. It does not change: whoever changes a
    /// record that is held by others changes a copy.
    _record: tera::Value,
    bytes: u64,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Use, Converted> for Bytes {
    fn weight(&self, _: &Use, converted: &Converted) -> u64 {
        converted.bytes
    }
}

impl SharedProps {
    pub(super) fn new() -> SharedProps {
        SharedProps {
            converted: Cache::with_weighter(1024, CAPACITY, Bytes),
            seen: Seen::default(),
        }
    }

    /// The converted value: as it was converted for an earlier render, or by `convert`.
    pub(super) fn get<E>(
        &self,
        (site, prop): (usize, usize),
        value: &tera::Value,
        convert: impl FnOnce() -> Result<Option<Value>, E>,
    ) -> Result<Option<Value>, E> {
        let Some(map) = value.as_map() else {
            return convert();
        };
        let record = std::ptr::from_ref(map).addr();
        let key = Use { site, prop, record };
        if let Some(converted) = self.converted.get(&key) {
            return Ok(Some(converted.prop));
        }
        let converted = convert()?;
        // Many records are made for one render.
        if !self.seen.before(key.mark()) {
            return Ok(converted);
        }
        let Some(Ok(prop)) = converted.clone().map(Value::shared) else {
            // What cannot be encoded is refused where it is used.
            return Ok(converted);
        };
        let bytes = match &prop {
            Value::Shared(shared) => shared.encoded_len().saturating_mul(WEIGHT),
            _ => 0,
        };
        let kept = Converted {
            prop: prop.clone(),
            _record: value.clone(),
            bytes: bytes as u64,
        };
        self.converted.insert(key, kept);
        Ok(Some(prop))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROP: (usize, usize) = (0, 0);

    fn record(id: i64) -> tera::Value {
        tera::Value::from_serializable(&serde_json::json!({ "id": id }))
    }

    fn id_of(value: &tera::Value) -> Option<Value> {
        let id = value.as_map()?.get(&tera::value::Key::Str("id"))?.as_i64();
        Some(Value::record([("id", Value::Int(id?))]))
    }

    /// What a render gets, and whether it was converted for it.
    fn get(shared: &SharedProps, value: &tera::Value) -> (Option<Value>, bool) {
        let mut converted = false;
        let prop = shared.get(PROP, value, || {
            converted = true;
            Ok::<_, String>(id_of(value))
        });
        (prop.expect("converted"), converted)
    }

    #[test]
    fn a_record_that_comes_again_is_converted_twice_at_most() {
        let (shared, product) = (SharedProps::new(), record(1));
        for nth in 0..4 {
            let (prop, converted) = get(&shared, &product);
            let id = prop.as_ref().and_then(|prop| prop.get("id").cloned());
            assert_eq!((id, converted), (Some(Value::Int(1)), nth < 2));
        }
    }

    #[test]
    fn a_record_at_the_address_of_one_that_is_gone_is_not_taken_for_it() {
        let shared = SharedProps::new();
        for id in 0..5_000 {
            // Each is dropped before the next is made, which may lie where it lay.
            let product = record(id);
            for _ in 0..3 {
                let (prop, _) = get(&shared, &product);
                assert_eq!(
                    prop.and_then(|prop| prop.get("id").cloned()),
                    Some(Value::Int(id))
                );
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_each_time() {
        let (shared, product) = (SharedProps::new(), record(1));
        for _ in 0..3 {
            let refused = shared.get(PROP, &product, || Err("takes a list"));
            assert_eq!(refused, Err("takes a list"));
        }
    }
}
