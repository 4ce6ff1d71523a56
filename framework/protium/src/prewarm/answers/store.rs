//! Answers as pages look them up, and as a job has them made.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use parking_lot::Mutex;
use tokio::time::timeout_at;

use crate::prewarm::answers::SkuAnswer;
use crate::prewarm::answers::checks::is_sku;
use crate::prewarm::answers::file::{AnswerFile, Row};
use crate::prewarm::answers::lifetime::Lifetime;
use protium_cache::{Cache, How, Load, LoadError};
use protium_types::{is_region, now_millis};

/// What the keys of answers begin with.
pub const KIND: &str = "edge:";
/// How soon a stale price is asked for again, as a part of the time after which an answer is
/// due.
const RETRY: u32 = 4;

/// The answers of a shop. Clones share everything.
#[derive(Clone)]
pub struct Answers(Arc<Inner>);

struct Inner {
    cache: Cache,
    file: Option<AnswerFile>,
    /// Answers are in the file too.
    on_disk: bool,
    life: Lifetime,
}

/// An answer that a page can show.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What was answered.
    pub answer: Arc<SkuAnswer>,
    /// How much longer it is the stock and the price of now; zero when it is an old one.
    pub left: Duration,
}

/// An answer that was had, or made.
#[derive(Clone, Debug)]
pub struct Made {
    /// What was answered.
    pub answer: Arc<SkuAnswer>,
    /// Where it came from.
    pub source: Source,
    /// It was made here, and says something else than the one before it.
    pub changed: bool,
}

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// It was there, and is not due yet.
    Fresh,
    /// Another node or another process made it.
    Shared,
    /// The modules ran, for so long.
    Ran(Duration),
    /// The modules failed: it is the last one.
    Last,
}

impl Answers {
    /// The answers in this cache, and in this data directory unless other nodes have the cache too.
    pub fn open(cache: Cache, data: &Path, life: Lifetime) -> Answers {
        Answers(Arc::new(Inner {
            on_disk: !cache.is_shared(),
            cache,
            file: AnswerFile::open(data),
            life,
        }))
    }

    /// How long they live.
    pub fn life(&self) -> Lifetime {
        self.0.life
    }

    /// The cache they are in.
    pub fn cache(&self) -> &Cache {
        &self.0.cache
    }

    /// The file in the data directory.
    pub fn file(&self) -> Option<&AnswerFile> {
        self.0.file.as_ref()
    }

    /// The answers about these SKUs in a region, in their order. Asks no module and no database,
    /// and no longer than `bound`.
    pub async fn look(&self, region: &str, skus: &[&str], bound: Duration) -> Vec<Option<Seen>> {
        let until = (Instant::now() + bound).into();
        let each = skus.iter().map(|sku| async move {
            let key = key(region, sku)?;
            let found = timeout_at(until, self.0.cache.find::<SkuAnswer>(&key)).await;
            let found = found.ok().flatten().map(|found| found.value);
            let answer = match found.filter(|answer| answer.sku == *sku) {
                Some(answer) => answer,
                None => Arc::new(self.filed(region, sku)?.answer),
            };
            Some(self.seen(answer))
        });
        join_all(each).await
    }

    /// The answer about a SKU: one that is not due yet, or else what `ask` says. Whoever asks at
    /// the same time, on this node or on another one of the shop, waits for that. When `ask` fails,
    /// the last answer counts, if it is not too old.
    ///
    /// `of` is the tag of what the SKU belongs to: a purge of it makes the answer go.
    pub async fn make<F, Fut, E>(
        &self,
        region: &str,
        sku: &str,
        of: &str,
        ask: F,
    ) -> Result<Made, LoadError>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<SkuAnswer, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>> + Send + 'static,
    {
        let Some(key) = key(region, sku) else {
            return Err(LoadError::Failed {
                key: sku.into(),
                cause: Arc::new(InvalidSkuKey),
            });
        };
        let last = self.0.cache.peek::<SkuAnswer>(&key);
        let source = Arc::new(Mutex::new(None));
        let load = {
            let (answers, source) = (self.clone(), Arc::clone(&source));
            let (region, sku, of) = (region.to_owned(), sku.to_owned(), of.to_owned());
            async move |load: Load| {
                load.tag(&of);
                let (answer, from, due) = answers.load(&region, &sku, of, ask).await?;
                load.freshness(due);
                *source.lock() = Some(from);
                Ok::<_, Box<dyn Error + Send + Sync>>(answer)
            }
        };
        let policy = self.0.life.policy();
        let found = self
            .0
            .cache
            .get_or_load::<SkuAnswer, _, _, _>(&key, policy, load)
            .await?;
        if found.value.sku != sku {
            return Err(LoadError::Failed {
                key: key.into(),
                cause: Arc::new(WrongSku),
            });
        }
        let made_here = source.lock().take();
        let source = match (made_here, found.how) {
            (Some(source), _) => source,
            (None, How::Shared | How::Joined) => Source::Shared,
            (None, How::StaleIfError | How::Stale) => Source::Last,
            (None, _) => Source::Fresh,
        };
        let changed = matches!(source, Source::Ran(_))
            && last.is_none_or(|last| !last.value.says_the_same(&found.value));
        Ok(Made {
            answer: found.value,
            source,
            changed,
        })
    }

    /// Forgets what is on disk of a tag; what is in the cache goes by a purge.
    pub fn forget(&self, of: &str) {
        if let Some(file) = &self.0.file {
            file.forget(of);
        }
    }

    /// Forgets everything on disk. Blocks for a moment.
    pub fn clear(&self) {
        if let Some(file) = &self.0.file {
            file.clear();
        }
    }

    /// What is on disk, while it is not due; else what is asked; else what is on disk.
    async fn load<F, Fut, E>(
        &self,
        region: &str,
        sku: &str,
        of: String,
        ask: F,
    ) -> Result<(SkuAnswer, Source, Duration), Box<dyn Error + Send + Sync>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<SkuAnswer, E>>,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let life = self.0.life;
        let filed = self.filed(region, sku);
        if let Some(row) = &filed {
            let due = span(row.due.saturating_sub(now_millis())).min(life.due);
            if !due.is_zero() {
                return Ok((row.answer.clone(), Source::Shared, due));
            }
        }
        let start = Instant::now();
        match ask().await {
            Ok(answer) => {
                let took = start.elapsed();
                let due = match answer.stale {
                    true => life.due / RETRY,
                    false => life.until_due(age(&answer)),
                };
                if let Some(file) = self.disk() {
                    let row = Row {
                        answer: answer.clone(),
                        of,
                        due: after(due),
                        until: after(life.until_gone(Duration::ZERO)),
                    };
                    file.put(region, row);
                }
                Ok((answer, Source::Ran(took), due))
            }
            Err(error) => match filed {
                // It may be asked for again at once.
                Some(row) => Ok((row.answer, Source::Last, Duration::ZERO)),
                None => Err(error.into()),
            },
        }
    }

    fn disk(&self) -> Option<&AnswerFile> {
        self.0.file.as_ref().filter(|_| self.0.on_disk)
    }

    /// What is on disk, unless it claims to live longer than an answer can.
    fn filed(&self, region: &str, sku: &str) -> Option<Row> {
        let row = self.disk()?.get(region, sku)?;
        let longest = self.0.life.until_gone(Duration::ZERO);
        (row.until <= after(longest)).then_some(row)
    }

    fn seen(&self, answer: Arc<SkuAnswer>) -> Seen {
        let left = match answer.stale {
            true => Duration::ZERO,
            false => self.0.life.fresh.saturating_sub(age(&answer)),
        };
        Seen { answer, left }
    }
}

/// How long ago an answer was true.
fn age(answer: &SkuAnswer) -> Duration {
    span(now_millis().saturating_sub(answer.ts))
}

/// A number of milliseconds; nothing when it is negative.
fn span(milliseconds: i64) -> Duration {
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0))
}

/// The Unix time in milliseconds after so long.
fn after(time: Duration) -> i64 {
    now_millis().saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))
}

/// The key of an answer; `None` when region or SKU cannot be part of one.
fn key(region: &str, sku: &str) -> Option<String> {
    (is_region(region) && is_sku(sku)).then(|| format!("{KIND}{region}:{sku}"))
}

#[derive(Debug, thiserror::Error)]
#[error(
    "modules are asked for SKUs of 1 to 128 bytes without spaces, in regions whose names have \
     small letters, digits and hyphens"
)]
struct InvalidSkuKey;

#[derive(Debug, thiserror::Error)]
#[error("what is kept under this key is about another SKU")]
struct WrongSku;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use tempfile::TempDir;

    use super::*;
    use protium_cache::{Config, Purge};

    const BOUND: Duration = Duration::from_secs(5);

    /// A module that knows one SKU, how many there are of it, and whether it fails.
    #[derive(Clone, Default)]
    struct Module {
        stock: Arc<AtomicI64>,
        runs: Arc<AtomicI64>,
    }

    impl Module {
        /// Negative: it fails.
        fn has(&self, pieces: i64) {
            self.stock.store(pieces, Ordering::SeqCst);
        }

        fn runs(&self) -> i64 {
            self.runs.load(Ordering::SeqCst)
        }

        async fn ask(self, sku: &str) -> Result<SkuAnswer, &'static str> {
            self.runs.fetch_add(1, Ordering::SeqCst);
            let stock = self.stock.load(Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
            if stock < 0 {
                return Err("it fails");
            }
            Ok(SkuAnswer {
                sku: sku.into(),
                stock: Some(stock),
                price: 1850,
                currency: "EUR".into(),
                ts: now_millis(),
                stale: false,
            })
        }
    }

    fn life(due_ms: u64) -> Lifetime {
        Lifetime {
            fresh: Duration::from_millis(4 * due_ms),
            due: Duration::from_millis(due_ms),
            stale: Duration::from_secs(60),
        }
    }

    fn answers(data: &TempDir, due_ms: u64) -> Answers {
        Answers::open(Cache::new(Config::default()), data.path(), life(due_ms))
    }

    async fn make(answers: &Answers, module: &Module) -> Result<Made, LoadError> {
        let module = module.clone();
        answers
            .make("eu-1", "FORK", "product:1", async move || {
                module.ask("FORK").await
            })
            .await
    }

    async fn look(answers: &Answers, region: &str) -> Option<Seen> {
        answers.look(region, &["FORK"], BOUND).await.remove(0)
    }

    #[tokio::test]
    async fn an_answer_is_made_once_and_found_until_it_is_due() {
        let data = TempDir::new().expect("a directory");
        let (answers, module) = (answers(&data, 300_000), Module::default());
        assert!(look(&answers, "eu-1").await.is_none());
        module.has(4);
        let all = join_all((0..20).map(|_| make(&answers, &module))).await;
        let made: Vec<Made> = all.into_iter().map(|made| made.expect("made")).collect();
        assert_eq!(module.runs(), 1);
        assert_eq!(made.iter().filter(|made| made.changed).count(), 1);
        assert!(made.iter().all(|made| made.answer.stock == Some(4)));
        let again = make(&answers, &module).await.expect("made");
        assert_eq!((again.source, again.changed), (Source::Fresh, false));
        let seen = look(&answers, "eu-1").await.expect("an answer");
        assert!(seen.left > Duration::from_secs(1_100));
        assert!(look(&answers, "us-1").await.is_none(), "another region");
    }

    #[tokio::test]
    async fn a_due_answer_is_asked_for_anew_and_says_whether_it_changed() {
        let data = TempDir::new().expect("a directory");
        let (answers, module) = (answers(&data, 20), Module::default());
        for (pieces, changed) in [(4, true), (4, false), (3, true)] {
            module.has(pieces);
            let made = make(&answers, &module).await.expect("made");
            assert_eq!((made.answer.stock, made.changed), (Some(pieces), changed));
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
        assert_eq!(module.runs(), 3);
    }

    #[tokio::test]
    async fn while_the_module_fails_the_last_answer_counts_and_grows_old() {
        let data = TempDir::new().expect("a directory");
        let (answers, module) = (answers(&data, 20), Module::default());
        module.has(-1);
        assert!(make(&answers, &module).await.is_err());
        assert!(look(&answers, "eu-1").await.is_none());
        module.has(4);
        make(&answers, &module).await.expect("made");
        module.has(-1);
        tokio::time::sleep(Duration::from_millis(200)).await;
        let last = make(&answers, &module).await.expect("the last one");
        assert_eq!((last.source, last.changed), (Source::Last, false));
        let seen = look(&answers, "eu-1").await.expect("an answer");
        assert_eq!((seen.answer.stock, seen.left), (Some(4), Duration::ZERO));
    }

    #[tokio::test]
    async fn the_next_process_has_what_this_one_asked_also_when_its_module_fails() {
        let data = TempDir::new().expect("a directory");
        let module = Module::default();
        module.has(4);
        make(&answers(&data, 300_000), &module).await.expect("made");
        let next = answers(&data, 300_000);
        assert_eq!(
            look(&next, "eu-1").await.expect("an answer").answer.stock,
            Some(4)
        );
        let made = make(&next, &module).await.expect("made");
        assert_eq!((made.source, module.runs()), (Source::Shared, 1));
        // Another one for which it is due.
        module.has(-1);
        let hasty = Lifetime {
            due: Duration::from_millis(1),
            ..life(300_000)
        };
        let hasty = Answers::open(Cache::new(Config::default()), data.path(), hasty);
        let later = "UPDATE answer SET due = 0";
        let file = rusqlite::Connection::open(data.path().join("edge.db")).expect("the file");
        file.execute_batch(later).expect("it is later");
        let made = make(&hasty, &module).await.expect("the last one");
        assert_eq!(made.source, Source::Last);
    }

    #[tokio::test]
    async fn what_was_purged_and_forgotten_is_asked_for_anew() {
        let data = TempDir::new().expect("a directory");
        let (answers, module) = (answers(&data, 300_000), Module::default());
        module.has(4);
        make(&answers, &module).await.expect("made");
        answers.forget("product:1");
        answers.cache().purge(&Purge::tag("product:1")).await;
        assert!(look(&answers, "eu-1").await.is_none());
        module.has(3);
        let made = make(&answers, &module).await.expect("made");
        assert_eq!((made.answer.stock, made.changed), (Some(3), true));
    }

    #[tokio::test]
    async fn an_answer_about_another_sku_is_none() {
        let data = TempDir::new().expect("a directory");
        let answers = answers(&data, 300_000);
        let foreign = async |_| Ok::<_, &str>(Module::default().ask("CAN").await.expect("said"));
        let policy = answers.life().policy();
        let key = key("eu-1", "FORK").expect("a key");
        let kept = answers.cache().get_or_load(&key, policy, foreign).await;
        assert_eq!(kept.expect("kept").value.sku, "CAN");
        assert!(look(&answers, "eu-1").await.is_none());
        assert!(make(&answers, &Module::default()).await.is_err());
    }

    #[tokio::test]
    async fn regions_and_skus_that_cannot_be_in_a_key_have_no_answer() {
        let data = TempDir::new().expect("a directory");
        let answers = answers(&data, 300_000);
        for (region, sku) in [("eu:1", "A"), ("eu-1", "A B"), ("eu-1", "")] {
            assert!(answers.look(region, &[sku], BOUND).await[0].is_none());
            let ask = async || Module::default().ask("A").await;
            assert!(answers.make(region, sku, "product:1", ask).await.is_err());
        }
    }
}
