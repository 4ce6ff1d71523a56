//! The span of a request, with name and attributes of OpenTelemetry's conventions for HTTP servers.

use std::fmt;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use futures_util::FutureExt;
use http::request::Parts;
use http::{Method, StatusCode, Uri};
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::trace::{self, Trace};

/// Target of the spans of requests and handlers, to tell them from other spans.
pub(super) const TARGET: &str = "protium::request";
/// The name of a request's span.
pub(super) const REQUEST: &str = "request";

/// The span of a request that is not handled yet. In the request's extensions, where somebody asks
/// for it.
#[derive(Clone)]
pub struct RequestSpan(Span);

impl RequestSpan {
    /// That of a request; `None` when no subscriber asks for it.
    pub fn begin(request: &Parts) -> Option<RequestSpan> {
        let span = of(&request.method, &request.uri);
        (!span.is_disabled()).then_some(RequestSpan(span))
    }
}

/// Handles a request in a span of its own. Nobody reads it unless a subscriber asks for it: logs at
/// level debug, or an exporter.
pub fn around<F>(
    mut request: Request,
    handle: impl FnOnce(Request) -> F,
) -> impl Future<Output = Response>
where
    F: Future<Output = Response>,
{
    let begun = request.extensions_mut().remove::<RequestSpan>();
    let span = begun.map_or_else(|| of(request.method(), request.uri()), |begun| begun.0);
    record_route(&span, &request);
    let response = handle(request).instrument(span.clone());
    response.map(move |mut response| {
        record_status(&span, response.status());
        if trace::are_kept()
            && let Some(trace) = Trace::of(&span)
        {
            response.extensions_mut().insert(Arc::new(trace));
        }
        response
    })
}

/// At level debug: logs show it with `RUST_LOG=protium=debug`.
fn of(method: &Method, uri: &Uri) -> Span {
    tracing::debug_span!(
        target: TARGET,
        REQUEST,
        otel.kind = "server",
        otel.name = Empty,
        http.request.method = method.as_str(),
        http.route = Empty,
        http.response.status_code = Empty,
        url.path = uri.path(),
        error.type = Empty,
    )
}

fn record_route(span: &Span, request: &Request) {
    if span.is_disabled() {
        return;
    }
    let method = request.method();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map(MatchedPath::as_str);
    span.record("otel.name", tracing::field::display(Name { method, route }));
    span.record("http.route", route);
}

/// The span's name, with low cardinality: method and route.
struct Name<'a> {
    method: &'a Method,
    route: Option<&'a str>,
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Name { method, route } = self;
        match route {
            Some(route) => write!(f, "{method} {route}"),
            None => write!(f, "{method}"),
        }
    }
}

fn record_status(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("error.type", status.as_str());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use axum::body::Body;
    use axum::response::IntoResponse;
    use tracing::Subscriber;
    use tracing::field::{Field, Visit};
    use tracing::instrument::WithSubscriber;
    use tracing::span::{Attributes, Id, Record};
    use tracing_subscriber::filter::LevelFilter;
    use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

    use super::*;

    /// Everything that is recorded, as `name=value`; `new` for each span.
    #[derive(Clone, Default)]
    struct Recorded(Arc<Mutex<Vec<String>>>);

    impl Visit for Recorded {
        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            self.add(format!("{field}={value:?}"));
        }
    }

    impl Recorded {
        fn add(&self, text: String) {
            self.0.lock().expect("no panic").push(text);
        }
    }

    impl<S: Subscriber> Layer<S> for Recorded {
        fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
            self.add("new".to_owned());
            attributes.record(&mut self.clone());
        }

        fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
            values.record(&mut self.clone());
        }
    }

    #[tokio::test]
    async fn a_request_has_one_span_wherever_it_began() {
        for begins_early in [false, true] {
            let recorded = Recorded::default();
            let subscriber = tracing_subscriber::registry().with(recorded.clone());
            let request = async {
                let mut request = Request::new(Body::empty());
                if begins_early {
                    let (mut parts, body) = request.into_parts();
                    let span = RequestSpan::begin(&parts).expect("a subscriber");
                    parts.extensions.insert(span);
                    request = Request::from_parts(parts, body);
                }
                let handle = |_| async { StatusCode::BAD_GATEWAY.into_response() };
                around(request, handle).await
            };
            request.with_subscriber(subscriber).await;
            let recorded = recorded.0.lock().expect("no panic").join(" ");
            assert_eq!(recorded.matches("new").count(), 1, "{recorded}");
            for text in [
                "otel.name=GET",
                "url.path=\"/\"",
                "http.response.status_code=502",
                "error.type=\"502\"",
            ] {
                assert!(recorded.contains(text), "{recorded}");
            }
        }
    }

    #[test]
    fn where_nobody_asks_for_it_there_is_no_span() {
        let deaf = Recorded::default().with_filter(LevelFilter::INFO);
        let subscriber = tracing_subscriber::registry().with(deaf);
        tracing::subscriber::with_default(subscriber, || {
            let (parts, _) = Request::new(Body::empty()).into_parts();
            assert!(RequestSpan::begin(&parts).is_none());
        });
    }
}
