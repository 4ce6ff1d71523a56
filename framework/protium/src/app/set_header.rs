//! A layer that sets a header of every answer.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue};
use tower::{Layer, Service};

/// Sets one header of every answer that passes.
///
/// ```
/// use protium::prelude::*;
///
/// let app = App::new(".").layer(SetHeader::response("x-reading-room", "open"));
/// ```
#[derive(Clone, Debug)]
pub struct SetHeader {
    name: HeaderName,
    value: HeaderValue,
}

impl SetHeader {
    /// Sets this header of answers.
    ///
    /// # Panics
    ///
    /// When the name has capital letters, or either is no valid header: they are written in the
    /// program, and so are wrong at the first start.
    pub fn response(name: &'static str, value: &'static str) -> SetHeader {
        SetHeader {
            name: HeaderName::from_static(name),
            value: HeaderValue::from_static(value),
        }
    }
}

impl<S> Layer<S> for SetHeader {
    type Service = SetHeaderService<S>;

    fn layer(&self, inner: S) -> SetHeaderService<S> {
        SetHeaderService {
            inner,
            header: self.clone(),
        }
    }
}

/// What [`SetHeader`] puts around a service.
///
/// ```
/// use protium::prelude::*;
/// use protium::{SetHeaderService, axum::extract::Request};
/// use tower::{Layer, service_fn};
///
/// let inner = service_fn(async |_: Request| Ok::<_, std::convert::Infallible>("open"));
/// let service: SetHeaderService<_> = SetHeader::response("x-reading-room", "open").layer(inner);
/// ```
#[derive(Clone, Debug)]
pub struct SetHeaderService<S> {
    inner: S,
    header: SetHeader,
}

impl<S> Service<Request> for SetHeaderService<S>
where
    S: Service<Request, Error = Infallible>,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let SetHeader { name, value } = self.header.clone();
        let answer = self.inner.call(request);
        Box::pin(async move {
            let mut response = answer.await?.into_response();
            response.headers_mut().insert(name, value);
            Ok(response)
        })
    }
}
