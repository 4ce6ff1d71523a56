//! A node of a shop: a cache, in front of a database that all nodes read.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use protium_cache::{Cache, Config, How, Load, Policy, SharedConfig};

/// What is true, and how often it was read.
#[derive(Clone, Default)]
pub struct Database {
    version: Arc<AtomicU64>,
    reads: Arc<AtomicU64>,
}

impl Database {
    pub fn change(&self) -> u64 {
        self.version.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub fn version(&self) -> u64 {
        self.version.load(Ordering::SeqCst)
    }

    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::SeqCst)
    }
}

#[derive(Clone)]
pub struct Node {
    pub cache: Cache,
    database: Database,
}

impl Node {
    pub async fn start(url: &str, build: &str, database: &Database) -> Self {
        let node = Self::start_away(url, build, database);
        node.connected(true).await;
        node
    }

    /// One that waits for no command longer than this.
    pub async fn hasty(url: &str, time_out: Duration, database: &Database) -> Self {
        let shared = SharedConfig {
            time_out,
            ..SharedConfig::new(url, "shop", "b1")
        };
        let node = Self {
            cache: Cache::with_shared(Config::default(), shared).expect("an address"),
            database: database.clone(),
        };
        node.connected(true).await;
        node
    }

    pub fn start_away(url: &str, build: &str, database: &Database) -> Self {
        let config = Config {
            load_time: Duration::from_secs(2),
            ..Config::default()
        };
        let shared = SharedConfig {
            // Other tests may have this machine's processors.
            time_out: Duration::from_millis(500),
            ..SharedConfig::new(url, "shop", build)
        };
        Self {
            cache: Cache::with_shared(config, shared).expect("an address"),
            database: database.clone(),
        }
    }

    /// Waits until the server is there, or away.
    pub async fn connected(&self, wanted: bool) {
        until(|| self.is_connected() == wanted).await;
    }

    pub fn is_connected(&self) -> bool {
        let shared = self.cache.stats().shared.expect("a shared layer");
        shared.connected
    }

    /// How the product came, and which version of it.
    pub async fn product(&self) -> (How, u64) {
        self.slow_product(Duration::ZERO).await
    }

    /// The same, read slowly.
    pub async fn slow_product(&self, time: Duration) -> (How, u64) {
        let database = self.database.clone();
        let load = async move |load: Load| {
            load.tag("product:1");
            database.reads.fetch_add(1, Ordering::SeqCst);
            let version = database.version();
            tokio::time::sleep(time).await;
            Ok::<_, Infallible>(Bytes::from(version.to_string()))
        };
        let policy = Policy {
            fresh_for: Duration::from_secs(3_600),
            stale_while_revalidate: Duration::from_secs(82_800),
            ..Policy::NONE
        };
        let found = self.cache.get_or_load("product/1", policy, load).await;
        let found = found.expect("it cannot fail");
        let text = std::str::from_utf8(&found.value).expect("digits");
        (found.how, text.parse().expect("a version"))
    }
}

/// Waits for something that happens soon.
pub async fn until(mut is_so: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < limit, "it did not happen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The same, for something that has to be asked for.
pub async fn eventually(mut is_so: impl AsyncFnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(20);
    while !is_so().await {
        assert!(Instant::now() < limit, "it did not happen");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
