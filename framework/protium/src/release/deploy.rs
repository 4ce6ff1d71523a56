//! Builds a release beside the one that serves, checks it, renders the most viewed pages, and swaps
//! it in between two requests. One that does not work is refused, with the reason, and nothing
//! changes.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::stream;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::Release;
use super::build;
use super::error::{BUILD, ReleaseError};
use super::releases::Outcome;
use crate::app::Shop;
use crate::http::error::HttpError;
use crate::page_cache::cached_page::ComponentFailed;
use crate::prewarm::answers;
use crate::prewarm::prewarm_request::PrewarmRequest;
use crate::prewarm::state as prewarm_state;
use crate::telemetry::with_causes;
use protium_cache::Purge;
use protium_wasm::functions::Edge;

/// How long a new release waits until its files are where other nodes find them.
const SHARE: Duration = Duration::from_secs(10);
/// Products whose pages are rendered before a new release serves.
const PRODUCTS: usize = 48;
/// How long that may take, and pages that are made at one time.
const PAGES: Duration = Duration::from_secs(20);
const AT_ONCE: usize = 4;
/// The grace period of edge modules' runs in progress when another release takes over.
const GRACE: Duration = Duration::from_secs(10);

impl Shop {
    /// Builds a release from what the shop's directory has now, and lets it take over; or, with a
    /// share, gives it to so many per cent of the visitors. What is being built goes on when the
    /// future is dropped. Returns the number of the release that resulted.
    pub(crate) async fn deploy(&self, share: Option<u8>) -> Result<u64, ReleaseError> {
        let shop = self.clone();
        let deployed = tokio::spawn(async move {
            let releases = &shop.0.releases;
            let Ok(_building) = releases.building.try_lock() else {
                return Err(ReleaseError::Busy);
            };
            if releases.state().canary.is_some() {
                return Err(ReleaseError::CanaryUnderWay);
            }
            let result = shop.replace(share).await;
            *releases.last.lock() = Some(Outcome {
                at: SystemTime::now(),
                result: match &result {
                    Ok(number) => Ok(*number),
                    Err(error) => Err(with_causes(error)),
                },
            });
            match &result {
                Ok(number) => tracing::info!(release = number, share, "a release took over"),
                Err(error) => tracing::error!(
                    reason = with_causes(error),
                    "a release is refused; the one before it goes on"
                ),
            }
            result
        });
        deployed
            .await
            .unwrap_or_else(|error| Err(ReleaseError::Panicked(error.to_string())))
    }

    async fn replace(&self, share: Option<u8>) -> Result<u64, ReleaseError> {
        let releases = &self.0.releases;
        let before = releases.current();
        let number = releases.next_number();
        let sources = self.sources();
        let building = build::build(sources, number, Some(Arc::clone(&before)), None);
        let release = tokio::time::timeout(BUILD, building).await;
        let release = Arc::new(release.map_err(|_| ReleaseError::TimedOut)??);
        let is_prewarmed = self.0.prewarm.is_some() && prewarm_state::is_configured(self.config());
        let mut of_handlers = prewarm_state::modules_of_handlers(self.config());
        if is_prewarmed || before.edge.initialized() || of_handlers.next().is_some() {
            self.edge_of(&release).await?;
        }
        let digest = |release: &Release| release.edge.get().map(Edge::digest);
        if release.generation == before.generation && digest(&release) == digest(&before) {
            return Ok(before.number);
        }
        self.check_home(&release).await?;
        let remembering = Arc::clone(&self.0.previous_assets).remember(Arc::clone(&release.assets));
        if tokio::time::timeout(SHARE, remembering).await.is_err() {
            tracing::warn!("the files of a release are not yet where other nodes find them");
        }
        let assets = Arc::clone(&release.assets);
        std::thread::spawn(move || assets.compress());
        self.make_pages(&release).await;
        match share {
            Some(share) => releases.try_out(release, share),
            None => {
                releases.swap(Arc::clone(&release));
                self.took_over(&before, &release).await;
            }
        }
        Ok(number)
    }

    /// Everybody gets the canary.
    pub(crate) async fn promote(&self) -> Result<u64, ReleaseError> {
        let before = self.release();
        let release = self.0.releases.promote()?;
        self.took_over(&before, &release).await;
        tracing::info!(release = release.number, "a canary was promoted");
        Ok(release.number)
    }

    /// Takes the canary back, or goes back to the release before the current one.
    pub(crate) async fn roll_back(&self) -> Result<u64, ReleaseError> {
        let before = self.release();
        let release = self.0.releases.roll_back()?;
        if release.number != before.number {
            self.took_over(&before, &release).await;
        }
        tracing::info!(release = release.number, "rolled back");
        Ok(release.number)
    }

    /// Counts an answer of a release. A canary that traps too often is taken back.
    pub(crate) fn count(&self, release: &Release, answer: &Response) {
        if release.counts.add(answer)
            && let Some(reason) = self.0.releases.judge(release)
        {
            tracing::error!(
                release = release.number,
                reason,
                "a canary was taken back: the release before it goes on"
            );
            *self.0.releases.last.lock() = Some(Outcome {
                at: SystemTime::now(),
                result: Err(format!("the canary was taken back: {reason}")),
            });
        }
    }

    /// Uses the edge modules of another release from now on. Runs in progress have a grace period.
    async fn took_over(&self, before: &Arc<Release>, release: &Arc<Release>) {
        self.ask_modules_of(release);
        let (Some(old), Some(new)) = (before.edge.get(), release.edge.get()) else {
            return;
        };
        if Edge::digest(old) != Edge::digest(new)
            && let Some(cache) = self.cache()
        {
            // Their answers may differ: pages are made again with the new ones.
            cache.purge(&Purge::prefix(answers::KIND).soft()).await;
        }
        let (shop, before) = (self.clone(), Arc::clone(before));
        tokio::spawn(async move {
            tokio::time::sleep(GRACE).await;
            let is_back = shop.release().number == before.number;
            if let (false, Some(edge)) = (is_back, before.edge.get()) {
                edge.cancel();
            }
        });
    }

    /// Whether the home page of a release is one, with all its components.
    async fn check_home(&self, release: &Arc<Release>) -> Result<(), ReleaseError> {
        let answer = self.ask(release, "/").await;
        if answer.status() != StatusCode::OK {
            let refusal = answer.extensions().get::<HttpError>();
            let cause = refusal.and_then(|refusal| refusal.cause.as_deref());
            let status = answer.status();
            return Err(ReleaseError::Home(match cause {
                Some(cause) => format!("{status}: {cause}"),
                None => status.to_string(),
            }));
        }
        if answer.extensions().get::<ComponentFailed>().is_some() {
            let failed = "a component fails in it; the log has its message";
            return Err(ReleaseError::Home(failed.to_owned()));
        }
        Ok(())
    }

    /// Renders the most viewed pages before this release serves.
    async fn make_pages(&self, release: &Arc<Release>) {
        if self.cache().is_none() {
            return;
        }
        let paths = match self.0.stock.most_viewed(PRODUCTS).await {
            Ok(paths) => paths,
            Err(error) => {
                tracing::warn!(
                    error = with_causes(&error),
                    "no pages are made ahead for a new release"
                );
                return;
            }
        };
        let making = stream::iter(paths).for_each_concurrent(AT_ONCE, async |path| {
            let answer = self.ask(release, &path).await;
            // To its end, so that it is cached with its compressed form.
            let _ = answer.into_body().collect().await;
        });
        let _ = tokio::time::timeout(PAGES, making).await;
    }

    /// The response of a release that does not serve yet, to a visitor without a cart.
    async fn ask(&self, release: &Arc<Release>, path: &str) -> Response {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = path.parse().unwrap_or_default();
        let headers = request.headers_mut();
        let br = header::HeaderValue::from_static("br");
        headers.insert(header::ACCEPT_ENCODING, br);
        request.extensions_mut().insert(Arc::clone(release));
        request.extensions_mut().insert(PrewarmRequest);
        match self.router().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        }
    }
}
