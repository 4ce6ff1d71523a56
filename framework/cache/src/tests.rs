//! The engine's guarantees.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use super::*;

const KEY: &str = "page/a";

fn cache() -> Cache {
    Cache::new(Config {
        capacity: 16 * 1024 * 1024,
        load_time: Duration::from_millis(500),
    })
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Fresh for a second, then stale for the rest of the day.
const SHORT: Policy = Policy {
    fresh_for: s(1),
    stale_while_revalidate: s(86_399),
    ..Policy::NONE
};
/// Fresh for an hour, then stale for the rest of the day.
const LONG: Policy = Policy {
    fresh_for: s(3_600),
    stale_while_revalidate: s(82_800),
    ..Policy::NONE
};

fn fresh(seconds: u64) -> Policy {
    Policy {
        fresh_for: s(seconds),
        ..Policy::NONE
    }
}

/// Loads `text` with one tag.
async fn load(cache: &Cache, policy: Policy, text: &'static str) -> Found<Bytes> {
    let load = async move |load: Load| {
        load.tag("product:1");
        Ok::<_, Infallible>(Bytes::from_static(text.as_bytes()))
    };
    cache
        .get_or_load(KEY, policy, load)
        .await
        .expect("it cannot fail")
}

async fn fail(cache: &Cache, policy: Policy) -> Result<Found<Bytes>, LoadError> {
    let load = async |_: Load| Err::<Bytes, _>(std::io::Error::other("no"));
    cache.get_or_load(KEY, policy, load).await
}

async fn settled(cache: &Cache) {
    while cache.stats().loading > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_fresh_entry_is_the_answer_until_it_is_stale() {
    let cache = cache();
    assert_eq!(load(&cache, fresh(10), "one").await.how, How::Loaded);
    let hit = load(&cache, fresh(10), "two").await;
    assert_eq!((hit.how, &hit.value[..]), (How::Hit, &b"one"[..]));
    cache.clock().advance(s(10));
    assert_eq!(load(&cache, fresh(10), "three").await.how, How::Loaded);
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.misses, stats.loads), (1, 2, 2));
}

#[tokio::test]
async fn a_stale_entry_is_shown_while_it_is_loaded_once() {
    let cache = cache();
    load(&cache, SHORT, "one").await;
    cache.clock().advance(s(2));
    for _ in 0..3 {
        let stale = load(&cache, SHORT, "two").await;
        assert_eq!((stale.how, &stale.value[..]), (How::Stale, &b"one"[..]));
    }
    settled(&cache).await;
    assert_eq!(&load(&cache, SHORT, "x").await.value[..], b"two");
    assert_eq!(cache.stats().loads, 2);
}

#[tokio::test]
async fn errors_are_never_stored_and_reach_the_caller_as_they_are() {
    let cache = cache();
    let error = fail(&cache, LONG).await.expect_err("it failed");
    assert_eq!(
        error
            .cause::<std::io::Error>()
            .map(ToString::to_string)
            .as_deref(),
        Some("no")
    );
    assert_eq!(load(&cache, LONG, "one").await.how, How::Loaded);
}

#[tokio::test]
async fn an_old_entry_stands_in_for_an_error_as_long_as_the_policy_says() {
    let cache = cache();
    let policy = Policy {
        stale_if_error: s(60),
        ..fresh(10)
    };
    load(&cache, policy, "one").await;
    cache.clock().advance(s(30));
    let stale = fail(&cache, policy).await.expect("the old one");
    assert_eq!(stale.how, How::StaleIfError);
    assert_eq!(load(&cache, policy, "two").await.how, How::Loaded);
    cache.clock().advance(s(71));
    fail(&cache, policy).await.expect_err("too old");
}

#[tokio::test]
async fn a_failing_loader_is_not_asked_by_every_stale_answer() {
    let cache = cache();
    load(&cache, SHORT, "one").await;
    cache.clock().advance(s(2));
    for _ in 0..5 {
        fail(&cache, SHORT).await.expect("stale");
        settled(&cache).await;
    }
    assert_eq!(cache.stats().failures, 1);
    cache.clock().advance(s(1));
    fail(&cache, SHORT).await.expect("stale");
    settled(&cache).await;
    assert_eq!(cache.stats().failures, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_requests_for_one_expired_key_cause_one_load() {
    let cache = cache();
    load(&cache, fresh(1), "old").await;
    cache.clock().advance(s(2));
    let loads = Arc::new(AtomicUsize::new(0));
    let requests: Vec<_> = (0..10_000)
        .map(|_| {
            let (cache, loads) = (cache.clone(), Arc::clone(&loads));
            tokio::spawn(async move {
                let load = async move |_: Load| {
                    loads.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    Ok::<_, Infallible>(Bytes::from_static(b"new"))
                };
                let found = cache.get_or_load(KEY, LONG, load).await;
                found.expect("it cannot fail").value
            })
        })
        .collect();
    for request in requests {
        assert_eq!(&request.await.expect("no panic")[..], b"new");
    }
    assert_eq!(loads.load(Ordering::SeqCst), 1);
}

/// Two requests, of which the first loads like this.
async fn two_of<F, Fut>(cache: &Cache, first: F) -> [Result<Found<Bytes>, LoadError>; 2]
where
    F: FnOnce(Load) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Bytes, Infallible>> + Send + 'static,
{
    let second = async |_: Load| Ok::<_, Infallible>(Bytes::from_static(b"second"));
    let (first, second) = tokio::join!(
        cache.get_or_load(KEY, LONG, first),
        cache.get_or_load(KEY, LONG, second),
    );
    [first, second]
}

#[tokio::test]
async fn a_loader_that_panics_releases_those_who_wait() {
    let cache = cache();
    for result in two_of(&cache, async |_| panic!("on purpose")).await {
        let error = result.expect_err("there is no value");
        assert!(matches!(error, LoadError::Abandoned { .. }), "{error}");
    }
    assert_eq!(load(&cache, LONG, "one").await.how, How::Loaded);
}

#[tokio::test]
async fn a_loader_that_takes_too_long_releases_those_who_wait() {
    let cache = cache();
    for result in two_of(&cache, async |_| std::future::pending().await).await {
        let error = result.expect_err("there is no value");
        assert!(matches!(error, LoadError::TimedOut { .. }), "{error}");
    }
    assert_eq!(load(&cache, LONG, "one").await.how, How::Loaded);
}

#[tokio::test]
async fn a_request_that_goes_away_takes_nothing_from_the_others() {
    let cache = cache();
    let go = Arc::new(Notify::new());
    let gate = Arc::clone(&go);
    let first = cache.get_or_load(KEY, LONG, async move |_| {
        gate.notified().await;
        Ok::<_, Infallible>(Bytes::from_static(b"first"))
    });
    let gone = tokio::time::timeout(Duration::from_millis(20), first).await;
    assert!(gone.is_err());
    let waiting = {
        let cache = cache.clone();
        tokio::spawn(async move { load(&cache, LONG, "second").await })
    };
    tokio::task::yield_now().await;
    go.notify_one();
    assert_eq!(&waiting.await.expect("no panic").value[..], b"first");
}

#[tokio::test]
async fn a_value_for_one_request_is_given_to_no_other() {
    let cache = cache();
    let [first, second] = two_of(&cache, async |load: Load| {
        tokio::time::sleep(Duration::from_millis(20)).await;
        load.do_not_store();
        Ok(Bytes::from_static(b"mine"))
    })
    .await;
    let (first, second) = (first.expect("a value"), second.expect("a value"));
    assert_eq!((first.how, &first.value[..]), (How::Unshared, &b"mine"[..]));
    assert_eq!(
        (second.how, &second.value[..]),
        (How::Unshared, &b"second"[..])
    );
    assert_eq!(cache.stats().entries, 0);
}

#[tokio::test]
async fn nothing_is_stored_under_the_policy_none() {
    let cache = cache();
    for _ in 0..2 {
        assert_eq!(load(&cache, Policy::NONE, "one").await.how, How::Unshared);
    }
    assert_eq!(cache.stats().entries, 0);
}

#[tokio::test]
async fn a_purge_by_tag_by_prefix_and_of_all_makes_entries_go() {
    for purge in [
        Purge::tag("product:1"),
        Purge::prefix("page/"),
        Purge::all(),
    ] {
        let cache = cache();
        load(&cache, LONG, "one").await;
        cache.purge(&Purge::tag("product:2")).await;
        cache.purge(&Purge::prefix("pages")).await;
        assert_eq!(load(&cache, LONG, "two").await.how, How::Hit);
        cache.purge(&purge).await;
        assert_eq!(load(&cache, LONG, "three").await.how, How::Loaded);
        assert_eq!(load(&cache, LONG, "four").await.how, How::Hit);
        assert_eq!(cache.stats().purges.len(), 3);
    }
}

#[tokio::test]
async fn a_soft_purge_shows_the_entry_once_more() {
    let cache = cache();
    load(&cache, LONG, "one").await;
    cache.purge(&Purge::tag("product:1").soft()).await;
    assert_eq!(load(&cache, LONG, "two").await.how, How::Stale);
    settled(&cache).await;
    let hit = load(&cache, LONG, "three").await;
    assert_eq!((hit.how, &hit.value[..]), (How::Hit, &b"two"[..]));
}

#[tokio::test]
async fn a_purge_during_a_load_leaves_nothing_old_behind() {
    let cache = cache();
    let go = Arc::new(Notify::new());
    let gate = Arc::clone(&go);
    let before = {
        let cache = cache.clone();
        tokio::spawn(async move {
            let load = async move |load: Load| {
                gate.notified().await;
                load.tag("product:1");
                Ok::<_, Infallible>(Bytes::from_static(b"old"))
            };
            cache.get_or_load(KEY, LONG, load).await
        })
    };
    while cache.stats().loading == 0 {
        tokio::task::yield_now().await;
    }
    cache.purge(&Purge::tag("product:1")).await;
    let after = {
        let cache = cache.clone();
        tokio::spawn(async move { load(&cache, LONG, "new").await })
    };
    tokio::task::yield_now().await;
    go.notify_one();
    let before = before.await.expect("no panic").expect("a value");
    assert_eq!(&before.value[..], b"old", "it was asked for before");
    assert_eq!(&after.await.expect("no panic").value[..], b"new");
    assert_eq!(&load(&cache, LONG, "x").await.value[..], b"new");
}

#[tokio::test]
async fn memory_is_bounded_by_bytes_and_the_hottest_keys_are_known() {
    let cache = Cache::new(Config {
        capacity: 100_000,
        ..Config::default()
    });
    for n in 0..200 {
        let load = async |_: Load| Ok::<_, Infallible>(Bytes::from(vec![0; 2_000]));
        for _ in 0..2 {
            let key = format!("page/{n}");
            cache
                .get_or_load(&key, LONG, load)
                .await
                .expect("it cannot fail");
        }
    }
    let stats = cache.stats();
    assert!(stats.bytes <= 100_000, "{}", stats.bytes);
    assert!(stats.entries > 10, "{}", stats.entries);
    assert!(stats.hottest.iter().all(|hot| hot.hits >= 1));
}

#[tokio::test]
async fn what_cannot_be_purged_is_not_stored() {
    let cache = cache();
    for tag in ["", "two\nlines", &"x".repeat(MAX_NAME + 1)] {
        let tag = tag.to_owned();
        let load = async move |load: Load| {
            load.tag(tag);
            Ok::<_, Infallible>(Bytes::new())
        };
        let found = cache.get_or_load("odd", LONG, load).await;
        assert_eq!(found.expect("a value").how, How::Unshared);
    }
}
