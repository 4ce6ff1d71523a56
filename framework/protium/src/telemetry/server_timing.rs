//! `Server-Timing`, derived from the spans of a request.

use std::fmt::Write;
use std::time::{Duration, Instant};

use axum::response::Response;
use http::{HeaderName, HeaderValue};
use tracing::span::{Attributes, Id};
use tracing::{Instrument, Metadata, Span, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::request_span::{REQUEST, TARGET};
use super::trace::{self, Trace};

/// The names of spans that are steps of a request, each an entry of `Server-Timing`:
///
/// - `filter`: the catalogue's filter, where it narrows a list.
/// - `data`: a call of the catalogue's or the cart's store.
/// - `template`: Tera.
/// - `guest`: a call into the components' module.
/// - `splice`: inserting components into the page.
/// - `cache`: a call of the shared cache, or waiting for a concurrent load of the same value.
/// - `backend`: an HTTP request to a backend or an origin.
///
/// A shop's own provider whose span is named `data` is included.
pub const STEPS: [&str; 7] = [
    "data", "filter", "template", "guest", "splice", "cache", "backend",
];

/// Name of the span that steps are added up in.
const HANDLER: &str = "handler";
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// A layer that measures the steps of each request, for its `Server-Timing` header. It needs a
/// [`Registry`]; without one there is no such header. Hits of the page cache take no steps and have
/// none either.
pub fn server_timing<S>() -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    ServerTiming.with_filter(filter_fn(is_timed))
}

/// Answers a request in a span whose steps the response lists in `Server-Timing`, unless it has
/// that header already: it may come from an origin. Hits of the page cache are answered without: a
/// span that a subscriber records costs a tenth of a hit.
pub(crate) async fn timed(handling: impl Future<Output = Response>) -> Response {
    let span = handler_span();
    let mut response = handling.instrument(span.clone()).await;
    if let Some(value) = header(&span) {
        response.headers_mut().entry(SERVER_TIMING).or_insert(value);
    }
    response
}

fn handler_span() -> Span {
    tracing::debug_span!(target: TARGET, HANDLER)
}

/// The header for the span of a handler: each step once, in the order in which they first ended,
/// then the total time. `None` without [`server_timing`].
fn header(handler: &Span) -> Option<HeaderValue> {
    let steps = handler.with_subscriber(|(id, subscriber)| {
        let span = subscriber.downcast_ref::<Registry>()?.span(id)?;
        let steps = span.extensions().get::<Steps>()?.text();
        Some(steps)
    });
    HeaderValue::try_from(steps??).ok()
}

fn is_timed(span: &Metadata<'_>) -> bool {
    let is_step = || is_handler(span) || STEPS.contains(&span.name());
    span.is_span() && (is_step() || is_request(span) && trace::are_kept())
}

fn is_request(span: &Metadata<'_>) -> bool {
    span.name() == REQUEST && span.target() == TARGET
}

fn is_handler(span: &Metadata<'_>) -> bool {
    span.name() == HANDLER && span.target() == TARGET
}

struct ServerTiming;

/// In the extensions of a handler's span.
struct Steps {
    began: Instant,
    taken: Vec<(&'static str, Duration)>,
}

/// In the extensions of the span of a step, or a handler.
struct Began {
    at: Instant,
    /// Where traces are kept, what its attributes say.
    about: String,
}

impl<S> Layer<S> for ServerTiming
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if is_request(span.metadata()) {
            span.extensions_mut().insert(Trace::begin());
            return;
        }
        let (is_traced, is_handler) = (trace::are_kept(), is_handler(span.metadata()));
        let at = Instant::now();
        if is_handler {
            span.extensions_mut().insert(Steps {
                began: at,
                taken: Vec::new(),
            });
        }
        if is_traced || !is_handler {
            let about = match is_traced {
                true => trace::about(attributes),
                false => String::new(),
            };
            span.extensions_mut().insert(Began { at, about });
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let extensions = span.extensions();
        let Some(Began { at, about }) = extensions.get::<Began>() else {
            return;
        };
        let took = at.elapsed();
        let mut is_added = is_handler(span.metadata());
        for (depth, above) in span.scope().skip(1).enumerate() {
            let mut above = above.extensions_mut();
            if let (false, Some(steps)) = (is_added, above.get_mut::<Steps>()) {
                steps.add(span.name(), took);
                is_added = true;
                if !trace::are_kept() {
                    return;
                }
            }
            if let Some(trace) = above.get_mut::<Trace>() {
                return trace.add(span.name(), (*at, took), about, depth);
            }
        }
    }
}

impl Steps {
    /// Calls with one name are one step.
    fn add(&mut self, name: &'static str, took: Duration) {
        match self.taken.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += took,
            None => self.taken.push((name, took)),
        }
    }

    fn text(&self) -> String {
        let mut text = String::with_capacity(96);
        for (name, took) in self.taken.iter().chain([&("total", self.began.elapsed())]) {
            let comma = if text.is_empty() { "" } else { ", " };
            let (ms, us) = (took.as_millis(), took.subsec_micros() % 1000);
            // Writing into a string does not fail.
            let _ = write!(text, "{comma}{name};dur={ms}.{us:03}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::instrument::WithSubscriber;
    use tracing_subscriber::prelude::*;

    /// The names in the header of a request that runs this.
    async fn steps(work: impl Future<Output = ()>) -> Vec<String> {
        let span = handler_span();
        work.instrument(span.clone()).await;
        let header = header(&span).expect("a subscriber with the layer");
        let text = header.to_str().expect("text");
        let names = text
            .split(", ")
            .filter_map(|entry| entry.split_once(";dur="));
        names.map(|(name, _)| name.to_owned()).collect()
    }

    #[tokio::test]
    async fn steps_are_entries_once_each_wherever_they_are_below_the_request() {
        let subscriber = tracing_subscriber::registry().with(server_timing());
        let names = steps(async {
            drop(tracing::debug_span!("data"));
            let task = async { drop(tracing::debug_span!("cache")) };
            let task = task.in_current_span().with_current_subscriber();
            tokio::spawn(task).await.expect("a task");
            // Not a step.
            let own = tracing::debug_span!("something else");
            own.in_scope(|| drop(tracing::debug_span!("data")));
        });
        let names = names.with_subscriber(subscriber).await;
        assert_eq!(names, ["data", "cache", "total"]);
    }

    #[tokio::test]
    async fn requests_beside_each_other_keep_their_steps_apart() {
        let subscriber = tracing_subscriber::registry().with(server_timing());
        let both = async {
            tokio::join!(
                steps(async {
                    tokio::task::yield_now().await;
                    drop(tracing::debug_span!("guest"));
                }),
                steps(async { drop(tracing::debug_span!("splice")) }),
            )
        };
        let (first, second) = both.with_subscriber(subscriber).await;
        assert_eq!(
            (first, second),
            (
                vec!["guest".to_owned(), "total".to_owned()],
                vec!["splice".to_owned(), "total".to_owned()],
            )
        );
    }

    #[test]
    fn without_the_layer_there_is_no_header() {
        assert_eq!(header(&handler_span()), None);
        let other = tracing_subscriber::registry();
        let span = tracing::subscriber::with_default(other, handler_span);
        assert_eq!(header(&span), None);
    }

    #[test]
    fn a_step_outside_of_a_request_is_nobodys() {
        let subscriber = tracing_subscriber::registry().with(server_timing());
        tracing::subscriber::with_default(subscriber, || drop(tracing::debug_span!("data")));
    }
}
