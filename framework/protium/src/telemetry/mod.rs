//! Logs: readable lines on a terminal, JSON elsewhere. `RUST_LOG` chooses what is
//! written. `causes`: an error with its causes, as text.

mod causes;

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

pub(crate) use causes::with_causes;

/// Starts logging to stderr. A second call changes nothing.
pub fn start() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,protium=info"));
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() {
        logs.with_target(false).finish().try_init()
    } else {
        logs.json().flatten_event(true).finish().try_init()
    };
    if started.is_err() {
        tracing::debug!("logging is already under way");
    }
}
