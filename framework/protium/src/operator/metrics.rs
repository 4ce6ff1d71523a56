//! Counts and sizes in the text format of Prometheus, read at each request.

use std::fmt;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use crate::http::error::HttpError;
use crate::operator::OperatorState;
use protium_wasm::functions::BackendStatus;
use protium_wasm::functions::BreakerState;

/// The media type of OpenMetrics 1.0, section "Overall structure".
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(crate) async fn show(State(operated): State<OperatorState>) -> Result<Response, HttpError> {
    let mut registry = Registry::with_prefix("protium");
    registry.register_collector(Box::new(Gathered(operated)));
    let mut body = String::new();
    text::encode(&mut body, &registry).map_err(HttpError::internal)?;
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], body).into_response())
}

/// Collects the figures.
struct Gathered(OperatorState);

impl fmt::Debug for Gathered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gathered")
    }
}

impl Collector for Gathered {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        if let Some(cache) = &self.0.cache {
            let stats = cache.stats();
            for (name, help, value) in [
                ("cache_hits", "Answers from a fresh entry", stats.hits),
                ("cache_stale", "Answers from a stale entry", stats.stale),
                (
                    "cache_misses",
                    "Answers that had to be loaded or waited for",
                    stats.misses,
                ),
                (
                    "cache_joined",
                    "Misses that waited for the load of another request",
                    stats.joined,
                ),
                (
                    "cache_bypassed",
                    "Answers loaded without a look into the cache",
                    stats.bypassed,
                ),
                ("cache_loads", "Times a loader ran", stats.loads),
                ("cache_failures", "Times a loader failed", stats.failures),
            ] {
                counter(&mut encoder, name, help, value)?;
            }
            for (name, help, value) in [
                ("cache_bytes", "Memory in use", stats.bytes),
                (
                    "cache_capacity_bytes",
                    "Memory at which entries are displaced",
                    stats.capacity,
                ),
                ("cache_entries", "Entries in memory", stats.entries),
                ("cache_loading", "Loads under way", stats.loading as u64),
            ] {
                gauge(&mut encoder, name, help, value)?;
            }
            if let Some(shared) = stats.shared {
                gauge(
                    &mut encoder,
                    "shared_connected",
                    "Whether the shared layer answers",
                    shared.connected.into(),
                )?;
                for (name, help, value) in [
                    (
                        "shared_hits",
                        "Entries that came from other nodes",
                        shared.hits,
                    ),
                    (
                        "shared_stored",
                        "Entries that went to other nodes",
                        shared.stored,
                    ),
                    (
                        "shared_failures",
                        "Commands that failed or were late",
                        shared.failures,
                    ),
                    (
                        "shared_outages",
                        "Times the connection was lost",
                        shared.outages,
                    ),
                    (
                        "shared_full",
                        "Entries that the shared layer's server had no memory for",
                        shared.full,
                    ),
                ] {
                    counter(&mut encoder, name, help, value)?;
                }
                for (name, help, value) in [
                    (
                        "shared_page_bytes",
                        "Bytes that pages take in the shared layer",
                        shared.page_bytes,
                    ),
                    (
                        "shared_page_budget_bytes",
                        "Bytes that they may take there",
                        shared.page_budget,
                    ),
                ] {
                    gauge(&mut encoder, name, help, value)?;
                }
            }
        }
        if let Some(status) = &self.0.prewarm {
            let totals = status.since_start;
            for (name, help, value) in [
                ("prewarm_runs", "SKUs that modules ran for", totals.runs),
                ("prewarm_hits", "SKUs whose answer was not due", totals.hits),
                (
                    "prewarm_stale",
                    "SKUs with a stale price or stock",
                    totals.stale,
                ),
                ("prewarm_failures", "SKUs without an answer", totals.failed),
                (
                    "prewarm_pages",
                    "Pages that were ready or rendered",
                    totals.pages,
                ),
            ] {
                counter(&mut encoder, name, help, value)?;
            }
            let open = |backend: &&BackendStatus| backend.state != BreakerState::Closed;
            let open = status.backends.iter().filter(open).count() as u64;
            let help = "Services that modules do not call for a while, or try again";
            gauge(&mut encoder, "edge_breakers_open", help, open)?;
        }
        Ok(())
    }
}

fn counter(encoder: &mut DescriptorEncoder, name: &str, help: &str, value: u64) -> fmt::Result {
    let counter = ConstCounter::new(value);
    let metric = encoder.encode_descriptor(name, help, None, counter.metric_type())?;
    counter.encode(metric)
}

fn gauge(encoder: &mut DescriptorEncoder, name: &str, help: &str, value: u64) -> fmt::Result {
    let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
    let metric = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
    gauge.encode(metric)
}
