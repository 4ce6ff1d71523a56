//! What components rendered before, on other pages too.
//!
//! A component sees its props, the stores and the context of the page; it has no clock, no
//! randomness and no files. So its bytes are the same whenever these are, and are remembered. The
//! module tells for each island whether it asked for the page's path and time, which differ from
//! page to page. What failed is not remembered.

use std::sync::Arc;

use protium_wasm::{Batch, IslandCall, IslandDone, IslandOutcome, Reads, Rendered, keyed_digest};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::seen::Seen;

/// The most bytes that are remembered.
const CAPACITY: u64 = 16 << 20;
/// About how many bytes an entry takes besides its HTML.
const ENTRY: usize = 160;

/// Remembers what the components of one module rendered.
pub(super) struct RenderCache {
    entries: Cache<u128, Entry, Bytes>,
    seen: Seen,
}

#[derive(Clone)]
enum Entry {
    Island(Arc<Island>),
    /// The island asks for the path of the page: there is an entry for each path.
    ByPath,
}

/// A rendered island.
struct Island {
    html: Box<str>,
    /// The offset of the slot's content in the HTML.
    slot: Option<usize>,
    digest: u64,
    interactive: bool,
    reads: Reads,
}

/// The digests of an island's input.
struct Key {
    without_path: u128,
    with_path: u128,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<u128, Entry> for Bytes {
    fn weight(&self, _: &u128, entry: &Entry) -> u64 {
        let html = match entry {
            Entry::Island(island) => island.html.len(),
            Entry::ByPath => 0,
        };
        (ENTRY + html) as u64
    }
}

impl Default for RenderCache {
    fn default() -> RenderCache {
        RenderCache {
            entries: Cache::with_weighter(4096, CAPACITY, Bytes),
            seen: Seen::default(),
        }
    }
}

impl RenderCache {
    /// The batch rendered: islands from memory, and the rest by one call of `render`, if there is
    /// a rest.
    pub(super) async fn render<E>(
        &self,
        batch: &Batch,
        render: impl AsyncFnOnce(&Batch) -> Result<Rendered, E>,
    ) -> Result<Rendered, E> {
        let keys = keys(batch);
        let known: Vec<_> = keys.iter().map(|key| self.get(key)).collect();
        let missing = known.iter().filter(|island| island.is_none()).count();
        if missing == known.len() {
            let rendered = render(batch).await?;
            self.insert(keys.iter(), &rendered);
            return Ok(rendered);
        }
        let mut rendered = Rendered::default();
        if missing > 0 {
            let rest = rest(batch, &known);
            rendered = render(&rest).await?;
            let keys = keys.iter().zip(&known);
            let keys = keys.filter_map(|(key, island)| island.is_none().then_some(key));
            self.insert(keys, &rendered);
        }
        add(&mut rendered, &known);
        Ok(rendered)
    }

    fn get(&self, key: &Key) -> Option<Arc<Island>> {
        match self.entries.get(&key.without_path)? {
            Entry::Island(island) => Some(island),
            Entry::ByPath => match self.entries.get(&key.with_path)? {
                Entry::Island(island) => Some(island),
                Entry::ByPath => None,
            },
        }
    }

    fn insert<'k>(&self, keys: impl Iterator<Item = &'k Key>, rendered: &Rendered) {
        for ((at, outcome), key) in rendered.islands.iter().enumerate().zip(keys) {
            let IslandOutcome::Done(done) = outcome else {
                continue;
            };
            // Of the digest any 64 bits are a mark.
            if done.reads.time || !self.seen.before(key.with_path as u64) {
                continue;
            }
            let island = Arc::new(Island {
                html: rendered.island(at).unwrap_or_default().into(),
                slot: done.slot.map(|slot| slot.saturating_sub(done.html.start)),
                digest: done.digest,
                interactive: done.interactive,
                reads: done.reads,
            });
            let key = if done.reads.path {
                self.entries.insert(key.without_path, Entry::ByPath);
                key.with_path
            } else {
                key.without_path
            };
            self.entries.insert(key, Entry::Island(island));
        }
    }
}

/// The keys of a batch's islands.
fn keys(batch: &Batch) -> Vec<Key> {
    let entries = batch.ctx.as_record().unwrap_or_default();
    let path = batch.ctx.get("path");
    // The module sees the path and the time only where it says so.
    let shared: Vec<_> = entries
        .iter()
        .filter(|(name, _)| name != "path" && name != "time")
        .collect();
    let shared = keyed_digest(&(shared, &batch.stores));
    let key = |call: &IslandCall| {
        let input = (&call.component, &call.id, &call.hydrate, &call.props);
        let without_path = keyed_digest(&(shared, input));
        Key {
            without_path,
            with_path: keyed_digest(&(without_path, path)),
        }
    };
    batch.islands.iter().map(key).collect()
}

/// The islands of a batch that are not known.
fn rest(batch: &Batch, known: &[Option<Arc<Island>>]) -> Batch {
    let islands = batch.islands.iter().zip(known);
    Batch {
        ctx: batch.ctx.clone(),
        stores: batch.stores.clone(),
        islands: islands
            .filter(|(_, known)| known.is_none())
            .map(|(call, _)| call.clone())
            .collect(),
    }
}

/// Adds the known islands in their places among those that were rendered.
fn add(rendered: &mut Rendered, known: &[Option<Arc<Island>>]) {
    let bytes = known.iter().flatten().map(|island| island.html.len());
    rendered.html.reserve(bytes.sum());
    let mut others = std::mem::take(&mut rendered.islands).into_iter();
    for island in known {
        let outcome = match island {
            None => others.next(),
            Some(island) => {
                let start = rendered.html.len();
                rendered.html.push_str(&island.html);
                Some(IslandOutcome::Done(IslandDone {
                    html: start..rendered.html.len(),
                    digest: island.digest,
                    slot: island.slot.map(|slot| start + slot),
                    interactive: island.interactive,
                    reads: island.reads,
                }))
            }
        };
        rendered.islands.extend(outcome);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use proptest::prelude::*;
    use protium_wasm::{Cause, Failed, Value};

    use super::*;

    /// Components that show their input, and the calls for them so far.
    #[derive(Default)]
    struct Module(RefCell<Vec<String>>);

    impl Module {
        /// `path`, `time` and `both` ask for what their names say; `fails` fails.
        async fn render(&self, batch: &Batch) -> Result<Rendered, std::convert::Infallible> {
            let mut rendered = Rendered::default();
            for call in &batch.islands {
                self.0.borrow_mut().push(call.id.clone());
                let name = call.component.as_str();
                if name == "fails" {
                    rendered.islands.push(IslandOutcome::Failed(Failed {
                        component: call.component.clone(),
                        id: call.id.clone(),
                        cause: Cause::Trap,
                        message: String::new(),
                    }));
                    continue;
                }
                let reads = Reads {
                    path: ["path", "both"].contains(&name),
                    time: ["time", "both"].contains(&name),
                };
                let seen = |is_read: bool, entry| is_read.then(|| batch.ctx.get(entry));
                let start = rendered.html.len();
                let shown = format!(
                    "{call:?} {:?} {:?} {:?} {:?}",
                    batch.ctx.get("locale"),
                    batch.stores,
                    seen(reads.path, "path"),
                    seen(reads.time, "time"),
                );
                rendered.html.push_str(&shown);
                rendered.islands.push(IslandOutcome::Done(IslandDone {
                    html: start..rendered.html.len(),
                    digest: keyed_digest(&shown) as u64,
                    slot: (name == "slot").then_some(start + 4),
                    interactive: call.hydrate == "load",
                    reads,
                }));
            }
            Ok(rendered)
        }

        /// The ids of the islands that were rendered since the last time.
        fn rendered(&self) -> Vec<String> {
            self.0.take()
        }
    }

    /// Runs a future that never waits.
    fn now<T>(future: impl Future<Output = T>) -> T {
        let mut future = std::pin::pin!(future);
        let mut task = std::task::Context::from_waker(std::task::Waker::noop());
        match future.as_mut().poll(&mut task) {
            std::task::Poll::Ready(done) => done,
            std::task::Poll::Pending => panic!("it waits"),
        }
    }

    fn call(component: &str, id: &str) -> IslandCall {
        IslandCall {
            component: component.to_owned(),
            id: id.to_owned(),
            props: Value::Null,
            hydrate: "load".to_owned(),
        }
    }

    fn batch(path: &str, time: i64, components: &[&str]) -> Batch {
        let locale = ("locale", Value::from("en"));
        Batch {
            ctx: Value::record([
                locale,
                ("path", Value::from(path)),
                ("time", Value::Int(time)),
            ]),
            stores: Value::Null,
            islands: components.iter().map(|name| call(name, name)).collect(),
        }
    }

    fn render(cache: &RenderCache, module: &Module, batch: &Batch) -> Rendered {
        let call = async |batch: &Batch| module.render(batch).await;
        now(cache.render(batch, call)).expect("rendered")
    }

    /// A cache that has what these batches render.
    fn warm(module: &Module, batches: &[&Batch]) -> RenderCache {
        let cache = RenderCache::default();
        for batch in batches.iter().flat_map(|batch| [batch; 2]) {
            render(&cache, module, batch);
        }
        module.rendered();
        cache
    }

    #[test]
    fn what_came_twice_is_not_rendered_a_third_time() {
        let (cache, module) = (RenderCache::default(), Module::default());
        let page = batch("/", 1, &["card"]);
        let counts = [(); 4].map(|()| {
            render(&cache, &module, &page);
            module.rendered().len()
        });
        assert_eq!(counts, [1, 1, 0, 0]);
    }

    #[test]
    fn what_asks_for_the_path_is_remembered_for_each_and_what_asks_for_the_time_is_not() {
        let module = Module::default();
        let components = ["card", "path", "time", "both", "fails"];
        let [first, other] = ["/", "/other"].map(|path| batch(path, 1, &components));
        let cache = warm(&module, &[&first, &other]);
        for page in [&first, &other] {
            render(&cache, &module, page);
            assert_eq!(module.rendered(), ["time", "both", "fails"]);
        }
        render(&cache, &module, &batch("/third", 2, &components));
        assert_eq!(module.rendered(), ["path", "time", "both", "fails"]);
    }

    #[test]
    fn other_input_is_rendered() {
        let module = Module::default();
        let page = batch("/", 1, &["card"]);
        let cache = warm(&module, &[&page]);
        let changes: [fn(&mut Batch); 6] = [
            |page| page.stores = Value::record([("cart", Value::Int(1))]),
            |page| page.ctx = Value::record([("locale", Value::from("fr"))]),
            |page| page.islands[0].props = Value::record([("id", Value::Int(1))]),
            |page| page.islands[0].id = "card-2".to_owned(),
            |page| page.islands[0].hydrate = "none".to_owned(),
            |page| page.islands[0].component = "other".to_owned(),
        ];
        for change in changes {
            let mut other = page.clone();
            change(&mut other);
            render(&cache, &module, &other);
            assert_eq!(module.rendered().len(), 1);
        }
        render(&cache, &module, &page);
        assert!(module.rendered().is_empty());
    }

    fn any_batch() -> impl Strategy<Value = Batch> {
        let component = prop::sample::select(vec!["card", "slot", "path", "time", "both", "fails"]);
        let island = (component, 0..3_i64, "[a-c]").prop_map(|(component, prop, id)| IslandCall {
            props: Value::record([("prop", Value::Int(prop))]),
            ..call(component, &id)
        });
        let islands = prop::collection::vec(island, 0..6);
        ("/[a-b]", 0..2_i64, 0..2_i64, islands).prop_map(|(path, time, cart, islands)| Batch {
            stores: Value::record([("cart", Value::Int(cart))]),
            islands,
            ..batch(&path, time, &[])
        })
    }

    proptest! {
        #[test]
        fn what_is_remembered_is_what_the_module_would_render(
            batches in prop::collection::vec(any_batch(), 1..40)
        ) {
            let (cache, module) = (RenderCache::default(), Module::default());
            for batch in &batches {
                let (found, anew) = (render(&cache, &module, batch), now(module.render(batch)));
                let anew = anew.expect("rendered");
                prop_assert_eq!(found.islands.len(), anew.islands.len());
                for (at, outcomes) in found.islands.iter().zip(&anew.islands).enumerate() {
                    prop_assert_eq!(found.island(at), anew.island(at));
                    let (IslandOutcome::Done(found), IslandOutcome::Done(anew)) = outcomes else {
                        prop_assert_eq!(outcomes.0, outcomes.1);
                        continue;
                    };
                    let of = |done: &IslandDone| {
                        let slot = done.slot.map(|slot| slot - done.html.start);
                        (slot, done.digest, done.interactive, done.reads)
                    };
                    prop_assert_eq!(of(found), of(anew));
                }
            }
        }
    }
}
