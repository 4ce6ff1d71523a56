//! Middleware from async functions.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::Response;
use axum::routing::Route;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tower::{Layer, Service, ServiceExt};

/// The service within a middleware. It is shared, and copied only for a request that gets to it:
/// axum's own `Next` is a copy for each request, which page cache hits feel.
#[derive(Clone)]
pub struct Next(Arc<Route>);

impl Next {
    pub fn new(inner: Route) -> Next {
        Next(Arc::new(inner))
    }

    /// Passes a request on.
    // Not `async`, whose future would have room for the request twice.
    pub fn run(&self, request: Request) -> impl Future<Output = Response> + Send + use<> {
        let response = Route::clone(&self.0).oneshot(request);
        response.map(|response| {
            let Ok(response) = response;
            response
        })
    }
}

/// A layer that handles each request with a function: of the state, the request, and the service
/// within.
pub fn from_fn<T, F, Fut>(state: T, run: F) -> FromFn<T, F>
where
    T: Clone + Send + Sync + 'static,
    F: Fn(T, Request, Next) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Response> + Send + 'static,
{
    FromFn { state, run }
}

/// See [`from_fn`].
#[derive(Clone)]
pub struct FromFn<T, F> {
    state: T,
    run: F,
}

impl<T: Clone, F: Clone> Layer<Route> for FromFn<T, F> {
    type Service = FromFnService<T, F>;

    fn layer(&self, inner: Route) -> FromFnService<T, F> {
        FromFnService {
            state: self.state.clone(),
            run: self.run.clone(),
            next: Next::new(inner),
        }
    }
}

/// The service that [`FromFn`] makes.
#[derive(Clone)]
pub struct FromFnService<T, F> {
    state: T,
    run: F,
    next: Next,
}

impl<T, F, Fut> Service<Request> for FromFnService<T, F>
where
    T: Clone,
    F: Fn(T, Request, Next) -> Fut,
    Fut: Future<Output = Response> + Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // The service within is copied, and awaited, for each request.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let response = (self.run)(self.state.clone(), request, self.next.clone());
        Box::pin(response.map(Ok))
    }
}
