//! Many visitors who ask a router for one page at the same moment.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use http::{Request, StatusCode};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::{Error, Result};

/// The most bytes that a page has.
const PAGE: usize = 8 << 20;

/// What one visitor got.
pub struct Visit {
    /// The answer's status.
    pub status: StatusCode,
    /// Its `Cache-Status`.
    pub cache_status: String,
    /// The page.
    pub body: Bytes,
    /// When the request went out.
    pub began: Instant,
    /// When the whole page was there.
    pub ended: Instant,
}

/// The time from the first request to the last answer.
pub fn duration(visits: &[Visit]) -> Duration {
    let began = visits.iter().map(|visit| visit.began).min();
    let ended = visits.iter().map(|visit| visit.ended).max();
    match (began, ended) {
        (Some(began), Some(ended)) => ended - began,
        _ => Duration::ZERO,
    }
}

/// So many visitors ask for `path` at once.
pub async fn stampede(router: &Router, path: &str, visitors: usize) -> Result<Vec<Visit>> {
    let start = Arc::new(Barrier::new(visitors));
    let mut tasks = JoinSet::new();
    for _ in 0..visitors {
        let (router, start) = (router.clone(), Arc::clone(&start));
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = path.parse().map_err(|error| failed(path, error))?;
        tasks.spawn(async move {
            start.wait().await;
            let began = Instant::now();
            let Ok(response) = router.oneshot(request).await;
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, PAGE).await?;
            let cache_status = parts.headers.get("cache-status");
            let cache_status = cache_status.and_then(|status| status.to_str().ok());
            Ok::<_, axum::Error>(Visit {
                status: parts.status,
                cache_status: cache_status.unwrap_or_default().to_owned(),
                body,
                began,
                ended: Instant::now(),
            })
        });
    }
    let visits = tasks.join_all().await.into_iter();
    visits
        .collect::<std::result::Result<_, _>>()
        .map_err(|error| failed(path, error))
}

fn failed(path: &str, error: impl std::fmt::Display) -> Error {
    Error::Unexpected {
        what: path.to_owned(),
        detail: error.to_string(),
    }
}
