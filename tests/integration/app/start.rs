//! What a shop's program does once, when the shop is open.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use protium::prelude::*;

use super::{Directory, router, runtime};
use crate::cache::premises::get;

#[test]
fn what_is_done_at_start_is_done_once_with_the_open_shop_and_in_order() {
    let directory = Directory::new(&[]);
    let steps = Arc::new(AtomicUsize::new(0));
    let (first, second) = (Arc::clone(&steps), Arc::clone(&steps));
    let app = directory
        .app()
        .on_start(move |shop: protium::Shop| {
            let first = Arc::clone(&first);
            async move {
                assert_eq!(shop.config().shop.name, "Paper Boat");
                assert_eq!(first.swap(1, Ordering::Relaxed), 0);
                Ok(())
            }
        })
        .on_start(move |_: protium::Shop| {
            let second = Arc::clone(&second);
            async move {
                assert_eq!(second.swap(2, Ordering::Relaxed), 1);
                Ok(())
            }
        });
    runtime().block_on(async {
        let router = router(app).await;
        assert_eq!(steps.load(Ordering::Relaxed), 2);
        for _ in 0..2 {
            assert_eq!(get(&router, "/", &[]).await.status, StatusCode::OK);
        }
        assert_eq!(steps.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn a_shop_whose_start_fails_does_not_open() {
    let directory = Directory::new(&[]);
    let app = directory
        .app()
        .on_start(async |_: protium::Shop| Err(HttpError::internal("the printer is out of paper")));
    let error = runtime()
        .block_on(app.router())
        .expect_err("it does not open");
    assert_eq!(error.to_string(), "the printer is out of paper");
}
