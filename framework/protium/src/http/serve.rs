//! Connections: accepts, bounds and, on a signal, lets them finish.

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use http::{Request, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::Service;

use crate::http::client_body::ClientBody;
use crate::http::client_stream::ClientStream;
use crate::http::connections::{Capacity, ConnectionState, Connections};
use protium_types::LogQuota;

/// Time for a client to send a request's head, also the longest a connection stays idle.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// Time in which a client has to send some of a request's body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Time in which a client has to take some of its answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of a request's head that are buffered at all; the app itself refuses less, with a page.
const HEAD_BYTES: usize = 64 * 1024;
/// Time for requests under way to finish once the shop is told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// Between two looks for connections that may end, while there are too many.
const LOOK: Duration = Duration::from_millis(50);

/// Lines about connections that could not be accepted, or ended for others.
static TROUBLE: LogQuota = LogQuota::new();

/// Who a request came from, as the connection has it. Lies in the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The connection that a request came over. Lies in the request's extensions.
#[derive(Clone, Debug)]
pub struct Connection(Arc<ConnectionState>);

impl Connection {
    /// Whether the client owes a part of the request's body that somebody waits for, or was too
    /// late with it.
    pub fn owes_body(&self) -> bool {
        self.0.owes_body()
    }
}

/// Serves until `stop` resolves, then finishes what is under way.
pub async fn serve<S, F>(
    listener: TcpListener,
    service: S,
    capacity: Capacity,
    stop: impl Future<Output = ()>,
) where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future = F>
        + Clone
        + Send
        + 'static,
    F: Future<Output = Result<Response<Body>, Infallible>> + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        // A client that has sent all it wants to may say so, and still gets its answer.
        .half_close(true)
        .max_buf_size(HEAD_BYTES);
    let permits = Arc::new(Semaphore::new(capacity.connections));
    let connections = Connections::new(capacity);
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&permits).acquire_owned() => permit,
            () = make_room(&connections) => continue,
            () = &mut stop => break,
        };
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => (stream, Peer(address.ip())),
                Err(error) => {
                    if let Some(suppressed) = TROUBLE.admit(Instant::now()) {
                        tracing::warn!(%error, suppressed, "a connection could not be accepted");
                    }
                    connections.drop_idle(Instant::now());
                    tokio::time::sleep(LOOK).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let Some(place) = connections.enter(peer.0) else {
            if let Some(suppressed) = TROUBLE.admit(Instant::now()) {
                let address = peer.0;
                tracing::warn!(%address, suppressed, "one address has too many connections");
            }
            continue;
        };
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&place.state);
        let answered = Arc::clone(&place.state);
        let service = tower::ServiceExt::map_request(
            service.clone(),
            move |mut request: Request<hyper::body::Incoming>| {
                state.set_answering(true);
                request.extensions_mut().insert(peer);
                request
                    .extensions_mut()
                    .insert(Connection(Arc::clone(&state)));
                let body = |body| ClientBody::new(body, BODY_TIMEOUT, Arc::clone(&state));
                request.map(|incoming| Body::new(body(incoming)))
            },
        );
        let service = tower::ServiceExt::map_response(service, move |response| {
            answered.set_answering(false);
            response
        });
        let service = TowerToHyperService::new(service);
        let stream = ClientStream::new(stream, WRITE_TIMEOUT, Arc::clone(&place.state));
        let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            tokio::select! {
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                },
                () = place.state.dropped() => {
                    tracing::debug!("an idle connection was dropped for others");
                }
            }
            drop((place, permit));
        });
    }
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!(
            "requests were still under way after {} s and are dropped",
            GRACE.as_secs()
        );
    }
}

/// Waits a moment for a connection to end by itself, then ends some that wait for their clients.
async fn make_room(connections: &Connections) {
    tokio::time::sleep(LOOK).await;
    let dropped = connections.drop_idle(Instant::now());
    if dropped > 0
        && let Some(suppressed) = TROUBLE.admit(Instant::now())
    {
        tracing::warn!(
            dropped,
            suppressed,
            "there are too many connections: idle ones end"
        );
    }
}
