//! The store of edge modules in a real Redis: commands of concurrent runs go together, and each has
//! its own result.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use protium::prewarm::redis_store::RedisStores;
use protium_cache::ShopKeys;
use protium_wasm::functions::{KeyValue, REMOVED_FOR, RemoteStores};
use tests::redis::RedisServer;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use super::{Shop, inventory_with, of_sku};

const HOUR: Duration = Duration::from_secs(3600);
/// Callers at one time.
const CALLERS: usize = 32;

fn open(redis: &RedisServer) -> Arc<dyn KeyValue> {
    let stores = RedisStores::new(ShopKeys::of("shop").unwrap());
    stores.connect(&redis.address()).unwrap()
}

fn value(number: usize) -> Bytes {
    format!("value {number}").into()
}

/// A number of `INFO stats`.
fn stat(redis: &RedisServer, name: &str) -> u64 {
    let stats = redis.tell("INFO stats");
    let mut lines = stats.lines().filter_map(|line| line.split_once(':'));
    let (_, number) = lines.find(|(found, _)| *found == name).unwrap();
    number.trim().parse().unwrap()
}

/// A worker where what a task wakes runs next, before what was ready earlier.
fn one_worker() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().unwrap()
}

/// Runs all of these at once on the worker, each as a task.
async fn all<T: Send + 'static>(
    tasks: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let tasks: Vec<_> = tasks.collect();
    // Tasks that are created on the worker wait for it in its own queue.
    let all = async { tasks.into_iter().collect::<JoinSet<_>>().join_all().await };
    tokio::spawn(all).await.unwrap()
}

#[test]
fn concurrent_runs_share_a_round_trip() {
    let redis = RedisServer::start();
    let shop = Arc::new(Shop::default());
    let setup = inventory_with(&shop, &redis);
    one_worker().block_on(async {
        let edge = protium_wasm::functions::Edge::open(setup).await.unwrap();
        let run = of_sku("HAND-FORK", "eu-1");
        edge.run("inventory", &run).await.unwrap();
        assert_eq!(shop.asked(), 1);
        let commands = || stat(&redis, "total_commands_processed");
        let reads = || stat(&redis, "total_reads_processed");
        let before = (commands(), reads());
        let runs = (0..CALLERS).map(|_| {
            let (edge, run) = (edge.clone(), run.clone());
            async move { edge.run("inventory", &run).await.unwrap() }
        });
        all(runs).await;
        assert_eq!(shop.asked(), 1, "all found the answer in Redis");
        let after = (commands(), reads());
        assert!(after.0 - before.0 >= CALLERS as u64);
        // Some are this test's own questions.
        assert!(
            after.1 - before.1 < CALLERS as u64 / 3,
            "{before:?} {after:?}"
        );
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn each_caller_has_the_value_of_its_own_key_also_beside_callers_that_went_away() {
    let redis = RedisServer::start();
    let store = open(&redis);
    let callers = (0..CALLERS).map(|number| {
        let store = store.clone();
        async move {
            let key = format!("stock:{number}");
            for round in 0..20 {
                store.set(&key, value(number + round), HOUR).await.unwrap();
                let gone = tokio::spawn({
                    let (store, key) = (store.clone(), format!("stock:{round}"));
                    async move { store.get(&key).await.map(drop) }
                });
                gone.abort();
                let found = store.get(&key).await.unwrap();
                assert_eq!(found, Some(value(number + round)));
            }
        }
    });
    all(callers).await;
    assert_eq!(store.get("stock:none").await.unwrap(), None);
}

#[test]
fn a_command_that_fails_fails_its_caller_alone() {
    let redis = RedisServer::start();
    one_worker().block_on(async {
        let store = open(&redis);
        store.set("stock:fine", value(1), HOUR).await.unwrap();
        redis.tell("LPUSH protium:{shop}:edge:stock:list an item");
        let callers = (0..CALLERS).map(|number| {
            let store = store.clone();
            async move {
                match number % 3 {
                    0 => store.get("stock:list").await.map_err(|error| error.problem),
                    _ => store.get("stock:fine").await.map_err(|error| error.problem),
                }
            }
        });
        let found = all(callers).await;
        let (failed, fine): (Vec<_>, Vec<_>) = found.into_iter().partition(Result::is_err);
        assert_eq!(failed.len(), CALLERS.div_ceil(3));
        for failed in failed {
            let problem = failed.unwrap_err();
            assert!(problem.contains("wrong kind of value"), "{problem}");
        }
        assert!(fine.into_iter().all(|found| found == Ok(Some(value(1)))));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_stored_after_the_server_forgot_its_scripts_and_not_after_a_removal() {
    let redis = RedisServer::start();
    let store = open(&redis);
    store.set("stock:1", value(1), HOUR).await.unwrap();
    redis.tell("SCRIPT FLUSH");
    let callers = (0..CALLERS).map(|number| {
        let store = store.clone();
        async move {
            let key = format!("stock:{number}");
            store.set(&key, value(number), HOUR).await.unwrap();
            assert_eq!(store.get(&key).await.unwrap(), Some(value(number)));
        }
    });
    all(callers).await;
    store.remove("stock:1").await.unwrap();
    store.set("stock:1", value(1), HOUR).await.unwrap();
    assert_eq!(store.get("stock:1").await.unwrap(), None);
    tokio::time::sleep(REMOVED_FOR + Duration::from_millis(100)).await;
    store.set("stock:1", value(1), HOUR).await.unwrap();
    assert_eq!(store.get("stock:1").await.unwrap(), Some(value(1)));
}

/// All callers fail within a bound; after `back`, calls succeed again.
async fn all_fail_until(store: &Arc<dyn KeyValue>, back: impl FnOnce()) {
    let bound = Duration::from_secs(5);
    let callers = (0..CALLERS).map(|_| {
        let store = store.clone();
        async move { store.get("stock:1").await }
    });
    let callers = all(callers);
    let found = tokio::time::timeout(bound, callers).await;
    let found = found.expect("none waits for ever");
    assert!(found.iter().all(Result::is_err), "{found:?}");
    back();
    let began = Instant::now();
    while store.get("stock:1").await.is_err() {
        assert!(began.elapsed() < 4 * bound, "Redis is back and not used");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_server_hangs_or_is_gone_all_callers_fail_and_later_none() {
    let mut redis = RedisServer::start();
    let store = open(&redis);
    store.set("stock:1", value(1), HOUR).await.unwrap();
    redis.stop();
    all_fail_until(&store, || redis.go_on()).await;
    assert_eq!(store.get("stock:1").await.unwrap(), Some(value(1)));
    redis.kill();
    all_fail_until(&store, || redis.restart()).await;
    assert_eq!(store.get("stock:1").await.unwrap(), None);
    store.set("stock:1", value(2), HOUR).await.unwrap();
    assert_eq!(store.get("stock:1").await.unwrap(), Some(value(2)));
}
