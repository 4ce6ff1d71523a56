//! Development: failures of components in the browser, as lines of the log.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use crate::app::Shop;
use crate::http::error::HttpError;
use protium_wasm::{Value, sanitise};

/// A component that broke down in the browser.
#[derive(Deserialize)]
#[serde(default)]
pub struct Breakdown {
    /// BUILD of the page.
    build: String,
    component: String,
    id: String,
    /// The handler that ran; empty while the component came to life.
    handler: String,
    /// As in the snapshot: JSON of a record.
    props: serde_json::Value,
    /// The message of the panic.
    message: String,
    /// Where its calls were, in bytes from the beginning of the module, the innermost first.
    offsets: Vec<usize>,
}

impl Default for Breakdown {
    fn default() -> Self {
        Breakdown {
            build: String::new(),
            component: String::new(),
            id: String::new(),
            handler: String::new(),
            props: serde_json::Value::Null,
            message: String::new(),
            offsets: Vec::new(),
        }
    }
}

/// Writes it to the log, and answers with the line: it names the place in the sources, which the
/// browser does not know.
pub async fn breakdown(
    State(shop): State<Shop>,
    Json(breakdown): Json<Breakdown>,
) -> Result<String, HttpError> {
    if !shop.config().dev {
        return Err(HttpError::not_found());
    }
    let Breakdown {
        build,
        component,
        id,
        handler,
        props,
        message,
        offsets,
    } = breakdown;
    let props = Value::from_json(&props.to_string()).unwrap_or_default();
    let state = shop.0.releases.state();
    let of_page = state.all().find(|release| release.pages.build() == build);
    let host = of_page.unwrap_or(&state.current).pages.host();
    let what = match handler.as_str() {
        "" => "panic in".to_owned(),
        handler => format!("panic in {handler} of"),
    };
    let line = sanitise(&host.describe_in_browser(&what, &component, &props, &message, &offsets));
    tracing::warn!(
        component = sanitise(&component),
        id = sanitise(&id),
        message = line,
        "a component failed in the browser"
    );
    Ok(line)
}
