//! Accepts connections, applies limits, and shuts down gracefully on a signal.

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use axum::body::Body;
use futures_util::TryFutureExt;
use http::{Extensions, Request, Response};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::Service;

use crate::http::answer_body::AnswerBody;
use crate::http::client_body::ClientBody;
use crate::http::client_stream::ClientStream;
use crate::http::connections::{Capacity, ConnectionState, Connections};
use protium_types::LogQuota;

/// The time limit for a client to send a request's head, and for an idle connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// The interval between two looks for such clients: less work than a timer for each request.
const HEADER_LOOK: Duration = Duration::from_secs(1);
/// The longest pause of a client within a request's body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest pause of a client while it reads the response.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// Size of the buffer for a request's head, in bytes; the app itself refuses smaller heads, with a
/// page.
const HEAD_BYTES: usize = 64 * 1024;
/// The time for requests in flight to finish after the shop is told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// The interval between two looks at connections: whether idle ones can be closed, while there are
/// too many, or whether new ones have sent their first request.
const LOOK: Duration = Duration::from_millis(50);

/// Limits log lines about connections that could not be accepted, or were closed for others.
static TROUBLE: LogQuota = LogQuota::new();

/// The connection of a request. In the request's extensions.
#[derive(Clone, Debug)]
pub struct Connection {
    peer: IpAddr,
    state: Arc<ConnectionState>,
}

impl Connection {
    /// The address at its other end.
    pub fn peer(&self) -> IpAddr {
        self.peer
    }

    /// The address at the other end of a request's connection; `None` within the process.
    pub fn peer_of(request: &Extensions) -> Option<IpAddr> {
        request.get::<Connection>().map(Connection::peer)
    }

    /// Whether a handler waits for more of the request's body, or the body timed out.
    pub fn owes_body(&self) -> bool {
        self.state.owes_body()
    }
}

/// A request, and the connection that it came by.
pub struct Arrived {
    pub connection: Connection,
    /// Without the connection in its extensions.
    pub request: Request<Body>,
}

impl Arrived {
    /// The request, with its connection in its extensions.
    pub fn into_request(mut self) -> Request<Body> {
        self.request.extensions_mut().insert(self.connection);
        self.request
    }
}

/// Serves until `stop` resolves, then finishes requests in flight.
pub async fn serve<S, F>(
    listener: TcpListener,
    service: S,
    capacity: Capacity,
    stop: impl Future<Output = ()>,
) where
    S: Service<Arrived, Response = Response<Body>, Error = Infallible, Future = F>
        + Clone
        + Send
        + 'static,
    F: Future<Output = Result<Response<Body>, Infallible>> + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder
        .header_read_timeout(None)
        // A client may close its sending side after its last request, and still gets the response.
        .half_close(true)
        .max_buf_size(HEAD_BYTES);
    let permits = Arc::new(Semaphore::new(capacity.connections));
    let connections = Connections::new(capacity);
    let looking = tokio::spawn(drop_late(Arc::downgrade(&connections)));
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
                Ok((stream, address)) => (stream, address.ip()),
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
        let Some(place) = connections.enter(peer) else {
            if let Some(suppressed) = TROUBLE.admit(Instant::now()) {
                tracing::warn!(address = %peer, suppressed, "one address has too many connections");
            }
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (state, service) = (Arc::clone(&place.state), service.clone());
        let service = service_fn(move |request| {
            let arrived = arrived(request, peer, &state);
            let state = Arc::clone(&state);
            let answering = tower::ServiceExt::oneshot(service.clone(), arrived);
            answering.map_ok(move |answer: Response<Body>| {
                let answer = answer.map(|body| AnswerBody::new(body, Arc::clone(&state)));
                state.answered();
                answer
            })
        });
        let stream = ClientStream::new(stream, WRITE_TIMEOUT, Arc::clone(&place.state));
        let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            tokio::select! {
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                },
                () = place.state.dropped() => {
                    tracing::debug!("an idle connection was closed");
                }
            }
            drop((place, permit));
        });
    }
    drop(listener);
    looking.abort();
    // Connections without a request are closed at once from here on.
    while connections.expect_requests(Instant::now()) {
        tokio::time::sleep(LOOK).await;
    }
    if tokio::time::timeout(GRACE, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!(
            "requests still in flight after {} s are dropped",
            GRACE.as_secs()
        );
    }
}

/// A request whose head has arrived from this address.
fn arrived(request: Request<Incoming>, peer: IpAddr, state: &Arc<ConnectionState>) -> Arrived {
    state.asked();
    let state = Arc::clone(state);
    let request = request.map(|body| match body.is_end_stream() {
        true => Body::empty(),
        false => Body::new(ClientBody::new(body, BODY_TIMEOUT, Arc::clone(&state))),
    });
    let connection = Connection { peer, state };
    Arrived {
        connection,
        request,
    }
}

/// Waits a moment for a connection to close by itself, then closes some that are idle.
async fn make_room(connections: &Connections) {
    tokio::time::sleep(LOOK).await;
    let dropped = connections.drop_idle(Instant::now());
    if dropped > 0
        && let Some(suppressed) = TROUBLE.admit(Instant::now())
    {
        tracing::warn!(
            dropped,
            suppressed,
            "too many connections: closing idle ones"
        );
    }
}

/// Closes connections whose clients take too long for a request's head, or send none any more.
async fn drop_late(connections: Weak<Connections>) {
    loop {
        tokio::time::sleep(HEADER_LOOK).await;
        let Some(connections) = connections.upgrade() else {
            return;
        };
        connections.drop_late(Instant::now(), HEADER_TIMEOUT);
    }
}
