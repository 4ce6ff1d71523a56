//! A page expires while everybody wants it.

use axum::http::StatusCode;
use protium::Shop;
use protium_cache::{Purge, Stats};
use tempfile::TempDir;
use tests::stampede::{Visit, stampede};

use super::node::eventually;
use super::premises::{get, open};

const PATH: &str = "/collections/all";
const VISITORS: usize = 10_000;

struct Premises {
    shop: Shop,
    _data: TempDir,
}

impl Premises {
    /// A shop whose page was asked for before.
    async fn open() -> Premises {
        let data = TempDir::new().expect("a directory");
        let root = tests::workspace::path("example-store");
        let (shop, _) = open(&root, data.path(), &[]).await;
        let page = get(&shop.router(), PATH, &[]).await;
        assert_eq!(page.status, StatusCode::OK);
        Premises { shop, _data: data }
    }

    fn stats(&self) -> Stats {
        self.shop.cache().expect("pages are kept").stats()
    }

    /// Purges, and lets everybody ask.
    async fn expire(&self, purge: Purge) -> Vec<Visit> {
        self.shop
            .cache()
            .expect("pages are kept")
            .purge(&purge)
            .await;
        let visits = stampede(&self.shop.router(), PATH, VISITORS).await;
        visits.expect("everybody gets an answer")
    }
}

/// On one thread all of them have asked before the page is made.
#[tokio::test]
async fn ten_thousand_requests_for_one_expired_page_cause_one_render() {
    let premises = Premises::open().await;
    let before = premises.stats();
    let visits = premises.expire(Purge::all()).await;
    let after = premises.stats();
    assert_eq!(after.loads - before.loads, 1);
    assert_eq!(after.joined - before.joined, VISITORS as u64 - 1);
    let first = visits.first().expect("a visit");
    assert!(first.body.ends_with(b"</html>\n"));
    for visit in &visits {
        assert_eq!(visit.status, StatusCode::OK);
        assert!(visit.body == first.body);
    }
    let stored = |visit: &&Visit| visit.cache_status.ends_with("; stored");
    assert_eq!(visits.iter().filter(stored).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_requests_for_one_stale_page_cause_one_render_that_nobody_waits_for() {
    let premises = Premises::open().await;
    let before = premises.stats();
    let visits = premises.expire(Purge::all().soft()).await;
    for visit in &visits {
        assert_eq!(visit.status, StatusCode::OK);
        assert!(
            visit.cache_status.contains("; hit;"),
            "{}",
            visit.cache_status
        );
    }
    eventually(async || premises.stats().loading == 0).await;
    assert_eq!(premises.stats().loads - before.loads, 1);
}
