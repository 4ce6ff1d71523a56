//! A release that a share of the visitors gets.

use axum::Router;

use super::{Directory, data, mark_of, opened, release, status};
use crate::cache::premises::get;

/// What somebody of this group sees.
async fn seen_by(router: &Router, group: usize) -> String {
    let cookie = format!("protium-bucket={group}");
    let answer = get(router, "/", &[("cookie", &cookie)]).await;
    assert_eq!(answer.header("set-cookie"), "");
    mark_of(&answer.text()).to_owned()
}

async fn seen_by_all(router: &Router) -> Vec<String> {
    let mut seen = Vec::new();
    for group in 0..200 {
        seen.push(seen_by(router, group).await);
    }
    seen
}

fn with_new(seen: &[String]) -> usize {
    seen.iter().filter(|mark| *mark == "new").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_of_the_visitors_gets_it_always_the_same_ones() {
    let directory = Directory::new();
    directory.mark("old");
    let (_shop, router) = opened(&directory, &data("router"), &[]).await;
    let before = get(&router, "/", &[]).await;
    assert_eq!(before.header("set-cookie"), "", "no canary, no cookie");
    directory.mark("new");
    let answer = release(&router, "?share=20").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let first = answer.json();
    assert_eq!(first["current"], 1);
    assert_eq!(first["releases"][0]["state"], "canary");
    assert_eq!(first["releases"][0]["share"], 20);

    let once = seen_by_all(&router).await;
    assert!((10..80).contains(&with_new(&once)), "{}", with_new(&once));
    assert_eq!(once, seen_by_all(&router).await);

    // Somebody new is told the group, in an answer that nobody else gets.
    let newcomer = get(&router, "/", &[]).await;
    let cookie = newcomer.header("set-cookie");
    assert!(cookie.starts_with("protium-bucket="), "{cookie}");
    assert!(newcomer.header("cache-control").contains("private"));
    let cookie = cookie.split(';').next().expect("a cookie").to_owned();
    let again = get(&router, "/", &[("cookie", &cookie)]).await;
    assert_eq!(mark_of(&newcomer.text()), mark_of(&again.text()));

    // A larger share has all who had it.
    assert_eq!(release(&router, "?share=60").await.status, 200);
    let more = seen_by_all(&router).await;
    assert!(with_new(&more) > with_new(&once));
    for (before, after) in once.iter().zip(&more) {
        assert!(before == "old" || after == "new");
    }
    let refused = release(&router, "").await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("promote"), "{}", refused.text());

    assert_eq!(release(&router, "?promote").await.json()["current"], 2);
    assert_eq!(with_new(&seen_by_all(&router).await), 200);
    assert_eq!(release(&router, "?rollback").await.json()["current"], 1);
    assert_eq!(with_new(&seen_by_all(&router).await), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_that_fails_more_often_is_taken_back_by_itself() {
    let directory = Directory::new();
    directory.mark("old");
    let page = "{% extends \"layout.html\" %}{% block main %}whole{% endblock %}";
    directory.write("templates/pages/about.html", page);
    let (_shop, router) = opened(&directory, &data("router"), &[]).await;
    directory.mark("new");
    // A new release that is whole where it is looked at first.
    let page = "{% extends \"layout.html\" %}{% block main %}{{ no.such.thing }}{% endblock %}";
    directory.write("templates/pages/about.html", page);
    assert_eq!(release(&router, "?share=50").await.status, 200);
    let mut failures = 0;
    for visitor in 0..1_000 {
        let cookie = format!("protium-bucket={visitor}");
        let about = get(&router, "/pages/about", &[("cookie", &cookie)]).await;
        failures += usize::from(about.status == 500);
    }
    assert!(failures >= 50, "it is judged after 50 requests");
    assert!(failures < 100, "{failures} visitors saw the failure");
    let status = status(&router).await;
    assert_eq!(status["current"], 1);
    assert_eq!(status["releases"][1]["number"], 2);
    assert_eq!(status["releases"][1]["state"], "previous");
    let reason = status["last"]["refused"].to_string();
    assert!(reason.contains("taken back"), "{reason}");
    assert_eq!(with_new(&seen_by_all(&router).await), 0);
}
