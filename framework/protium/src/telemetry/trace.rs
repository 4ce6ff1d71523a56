//! Traces: the steps of a request one by one, each with its time. They are kept in development
//! alone, for the profiler.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tracing::Span;
use tracing::field::{Field, Visit};
use tracing::span::Attributes;
use tracing_subscriber::Registry;
use tracing_subscriber::registry::LookupSpan;

/// The most steps of a request that are kept, and bytes of what is said about one.
const MOST: usize = 200;
const LONGEST: usize = 120;
/// Attributes that say the same of every step of a kind.
const COMMON: [&str; 2] = ["otel.kind", "db.system.name"];

static KEPT: AtomicBool = AtomicBool::new(false);

/// Keeps traces in this process from now on.
pub(crate) fn keep() {
    if !KEPT.swap(true, Ordering::Relaxed) {
        tracing::callsite::rebuild_interest_cache();
    }
}

pub(super) fn are_kept() -> bool {
    KEPT.load(Ordering::Relaxed)
}

/// The steps of a request.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    began: Instant,
    /// How long the request took.
    pub took: Duration,
    /// In the order in which they ended.
    pub steps: Vec<Step>,
    /// How many more there were.
    pub left_out: usize,
}

/// A step of a request.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// One of [`STEPS`](super::STEPS), or the handler that they are part of.
    pub name: &'static str,
    /// Its attributes.
    pub about: String,
    /// When it began, since the request did.
    pub began: Duration,
    /// How long it took.
    pub took: Duration,
    /// How many other steps it is within.
    pub depth: usize,
}

impl Trace {
    pub(crate) fn begin() -> Trace {
        Trace {
            began: Instant::now(),
            took: Duration::ZERO,
            steps: Vec::new(),
            left_out: 0,
        }
    }

    pub(super) fn add(
        &mut self,
        name: &'static str,
        (began, took): (Instant, Duration),
        about: &str,
        depth: usize,
    ) {
        if self.steps.len() == MOST {
            self.left_out += 1;
            return;
        }
        self.steps.push(Step {
            name,
            about: about.to_owned(),
            began: began.saturating_duration_since(self.began),
            took,
            depth,
        });
    }

    /// That of a request whose span this is; `None` where none are kept.
    pub(super) fn of(request: &Span) -> Option<Trace> {
        let trace = request.with_subscriber(|(id, subscriber)| {
            let span = subscriber.downcast_ref::<Registry>()?.span(id)?;
            let trace = span.extensions().get::<Trace>()?.clone();
            Some(trace)
        });
        let mut trace = trace??;
        trace.took = trace.began.elapsed();
        Some(trace)
    }
}

/// What the attributes of a span say: the last word of each name, and its value.
pub(super) fn about(attributes: &Attributes<'_>) -> String {
    let mut about = About(String::new());
    attributes.record(&mut about);
    about.0
}

struct About(String);

impl Visit for About {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if COMMON.contains(&field.name()) || self.0.len() >= LONGEST {
            return;
        }
        let name = field.name().rsplit('.').next().unwrap_or_default();
        let space = if self.0.is_empty() { "" } else { " " };
        // Writing into a string does not fail.
        let _ = write!(self.0, "{space}{name}={value:?}");
        let end = self.0.floor_char_boundary(LONGEST);
        self.0.truncate(end);
    }
}
