//! A call of a backend, which runs concurrently with its module.

use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::Client;
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::breaker::{Permit, RunId};
use super::request::{Granted, Request};
use super::services::Backends;
use crate::capabilities::error::NotGranted;
use crate::outbound::{self, ReadError};
use crate::text::sanitise;

/// The answer of a backend.
pub(crate) struct Reply {
    pub status: u16,
    pub body: Bytes,
}

/// Why a backend did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BackendFailure {
    /// It cannot be reached, or its answer was cut off.
    Unavailable,
    /// It did not answer in time.
    Timeout,
    /// Its circuit breaker is open.
    Open,
    /// Its answer exceeds the limit of the manifest.
    TooLarge,
}

/// A call in flight, or none while the breaker is open. It is cancelled when its run ends.
pub(crate) struct Call(Option<JoinHandle<Result<Reply, BackendFailure>>>);

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

impl Call {
    /// Waits for the result.
    pub async fn end(mut self) -> Result<Reply, BackendFailure> {
        match &mut self.0 {
            None => Err(BackendFailure::Open),
            Some(task) => task.await.unwrap_or(Err(BackendFailure::Unavailable)),
        }
    }
}

impl Backends {
    /// Starts a request. An error names what the manifest does not grant.
    pub fn start(
        &self,
        request: Request,
        run: RunId,
        region: &str,
        left: Duration,
    ) -> Result<Call, NotGranted> {
        let (Some(backend), Some(client)) = (self.by_name.get(&request.backend), &self.client)
        else {
            let name = sanitise(&request.backend);
            return Err(NotGranted(format!("a backend `{name}`")));
        };
        let own = Duration::from_millis(backend.grant.timeout_ms);
        let patience = request.timeout.unwrap_or(own).min(own).min(left);
        let granted = request.granted(backend, region)?;
        let Some(permit) = backend.breaker(region).admit(run) else {
            return Ok(Call(None));
        };
        let span = tracing::debug_span!(
            "backend",
            otel.kind = "client",
            http.request.method = granted.method.as_str(),
            server.address = granted.url.host_str(),
            server.port = granted.url.port_or_known_default(),
            url.path = granted.url.path(),
        );
        let task = exchange(
            client.clone(),
            granted,
            Instant::now() + patience,
            backend.grant.body_bytes,
            permit,
        );
        Ok(Call(Some(tokio::spawn(task.instrument(span)))))
    }
}

async fn exchange(
    client: Client,
    request: Granted,
    deadline: Instant,
    most: usize,
    permit: Permit,
) -> Result<Reply, BackendFailure> {
    let whole = tokio::time::timeout_at(deadline.into(), answer(&client, request, most));
    let result = whole.await.unwrap_or(Err(BackendFailure::Timeout));
    match &result {
        Ok(reply) if reply.status < 500 => permit.succeeded(),
        _ => permit.failed(),
    }
    result
}

async fn answer(client: &Client, request: Granted, most: usize) -> Result<Reply, BackendFailure> {
    let unavailable = |error: reqwest::Error| {
        tracing::debug!(%error, "a backend did not answer");
        BackendFailure::Unavailable
    };
    let mut builder = client
        .request(request.method, request.url)
        .headers(request.headers);
    if !request.body.is_empty() {
        builder = builder.body(request.body);
    }
    let response = builder.send().await.map_err(unavailable)?;
    let status = response.status().as_u16();
    match outbound::read(response, most).await {
        Ok(body) => Ok(Reply { status, body }),
        Err(ReadError::TooLarge) => Err(BackendFailure::TooLarge),
        Err(ReadError::Failed(error)) => Err(unavailable(error)),
    }
}
