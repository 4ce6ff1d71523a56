//! What a page of the profiler shows of a request.

use std::time::Duration;

use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use serde::Serialize;

use super::facts::PageFacts;
use super::profiles::Profile;
use crate::telemetry::trace::{Step, Trace};
use protium_cache::http::status::CACHE_STATUS;

/// A request.
#[derive(Serialize)]
pub struct Request<'p> {
    number: u64,
    /// Seconds since it was answered.
    age: u64,
    method: &'p str,
    target: &'p str,
    status: u16,
    /// Of the status, as HTTP names it.
    reason: &'static str,
    has_failed: bool,
    took: Option<String>,
    steps: Vec<Bar<'p>>,
    left_out: usize,
    headers: Vec<(&'p str, &'p str)>,
    cache_status: &'p str,
    cache_control: &'p str,
    content_type: &'p str,
    content_encoding: &'p str,
    page: Option<&'p PageFacts>,
}

/// A step, as a bar.
#[derive(Serialize)]
struct Bar<'p> {
    name: &'static str,
    about: &'p str,
    /// In milliseconds, as they are shown.
    began: String,
    took: String,
    /// In per cent of the request.
    left: String,
    width: String,
    depth: usize,
}

impl Request<'_> {
    pub fn of(profile: &Profile) -> Request<'_> {
        let header = |name| {
            let mut headers = profile.headers.iter();
            let found = headers.find(|(known, _)| *known == name);
            found.map_or("", |(_, value)| value.as_str())
        };
        let trace = profile.trace.as_deref();
        let headers = profile.headers.iter();
        Request {
            number: profile.number,
            age: profile.at.elapsed().unwrap_or_default().as_secs(),
            method: profile.method.as_str(),
            target: &profile.target,
            status: profile.status.as_u16(),
            reason: profile.status.canonical_reason().unwrap_or_default(),
            has_failed: profile.status >= StatusCode::BAD_REQUEST,
            took: trace.map(|trace| milliseconds(trace.took)),
            steps: trace.map(bars).unwrap_or_default(),
            left_out: trace.map_or(0, |trace| trace.left_out),
            headers: headers
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect(),
            cache_status: header(CACHE_STATUS),
            cache_control: header(CACHE_CONTROL),
            content_type: header(CONTENT_TYPE),
            content_encoding: header(CONTENT_ENCODING),
            page: profile.page.as_deref(),
        }
    }
}

/// The steps in the order in which they began, those around others first.
fn bars(trace: &Trace) -> Vec<Bar<'_>> {
    let mut steps: Vec<&Step> = trace.steps.iter().collect();
    steps.sort_by_key(|step| (step.began, step.depth));
    let whole = trace.took.as_secs_f64().max(f64::MIN_POSITIVE);
    let share = |time: Duration| (time.as_secs_f64() / whole * 100.0).min(100.0);
    let bars = steps.into_iter().map(|step| Bar {
        name: step.name,
        about: &step.about,
        began: milliseconds(step.began),
        took: milliseconds(step.took),
        left: format!("{:.2}", share(step.began)),
        // A bar that cannot be seen would say that there is none.
        width: format!("{:.2}", share(step.took).max(0.4)),
        depth: step.depth,
    });
    bars.collect()
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_where_their_steps_were_within_the_request() {
        let step = |name, began, took, depth| Step {
            name,
            about: String::new(),
            began: Duration::from_millis(began),
            took: Duration::from_millis(took),
            depth,
        };
        let mut trace = Trace::begin();
        trace.took = Duration::from_millis(200);
        trace.steps = vec![step("data", 20, 50, 1), step("handler", 20, 180, 0)];
        let bars = bars(&trace);
        let shown = |bar: &Bar<'_>| (bar.name, bar.left.clone(), bar.width.clone());
        let of = |name, left: &str, width: &str| (name, left.to_owned(), width.to_owned());
        let all: Vec<_> = bars.iter().map(shown).collect();
        assert_eq!(
            all,
            [
                of("handler", "10.00", "90.00"),
                of("data", "10.00", "25.00")
            ]
        );
        assert_eq!(bars[1].took, "50.00");
    }
}
