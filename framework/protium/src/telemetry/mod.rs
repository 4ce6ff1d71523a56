//! Spans, logs, and headers derived from them.
//!
//! - [`start`]: the subscriber of a shop's program: logs on stderr, and [`server_timing`].
//! - [`request_span`]: the span of one request, with OpenTelemetry's attributes.
//! - [`server_timing`]: the `Server-Timing` header, read from the spans of a handler.
//! - `trace`: the steps of a request one by one, in development.
//! - `causes`: an error with its causes, as text.
//!
//! # A shop in a program of its own
//!
//! [`App::run`](crate::App::run) calls [`start`]. A program that serves
//! [`Shop::router`](crate::Shop::router) itself installs its own subscriber: without one, spans
//! cost next to nothing and responses have no `Server-Timing`. Add it as a layer:
//!
//! ```
//! use tracing_subscriber::prelude::*;
//!
//! tracing_subscriber::registry()
//!     .with(protium::telemetry::server_timing())
//!     .init();
//! ```

mod causes;
pub(crate) mod request_span;
mod server_timing;
pub(crate) mod trace;

use std::io::IsTerminal;

use tracing_subscriber::prelude::*;
use tracing_subscriber::{EnvFilter, fmt};

pub(crate) use causes::with_causes;
pub(crate) use server_timing::timed;
pub use server_timing::{STEPS, server_timing};

/// Starts logging to stderr, as text on a terminal and as JSON elsewhere, and measures the steps of
/// requests for `Server-Timing`. `RUST_LOG` filters the logs. Does nothing if the process already
/// has a subscriber.
pub fn start() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,protium=info"));
    let logs = fmt::layer().with_writer(std::io::stderr);
    let logs = match std::io::stderr().is_terminal() {
        true => logs.with_target(false).boxed(),
        false => logs.json().flatten_event(true).boxed(),
    };
    let started = tracing_subscriber::registry()
        .with(logs.with_filter(filter))
        .with(server_timing())
        .try_init();
    if started.is_err() {
        tracing::debug!("the process has a tracing subscriber already");
    }
}
