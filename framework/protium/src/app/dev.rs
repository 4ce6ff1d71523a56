//! Development: what pages that are open are told, and what they tell: failures of components in
//! the browser, as lines of the log.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use http::StatusCode;
use serde::Deserialize;

use crate::app::Shop;
use crate::http::error::HttpError;
use crate::http::origin;
use crate::release::live::LivePages;
use crate::request::info::RequestInfo;
use protium_wasm::{Value, sanitise};

/// Where open pages are told what they are made from now.
pub const EVENTS: &str = "/_protium/dev/events";
/// Between two signs of life on a connection where nothing happens.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long a page waits before it connects again, to a server that was restarted for example.
const RETRY: Duration = Duration::from_millis(200);

/// The state of the shop's files, then each later one, as server-sent events. Other sites get none:
/// there are lines of source code in it.
pub async fn events(State(shop): State<Shop>, request: Request) -> Result<Response, HttpError> {
    let Some(watched) = &shop.0.watched else {
        return Err(HttpError::not_found());
    };
    let info = RequestInfo::of(request.extensions());
    let host = info.and_then(|info| info.forwarded.host.as_ref()?.to_str().ok());
    if !origin::from_this_site(request.headers(), host, shop.0.own_host.as_deref()) {
        return Err(HttpError::of_status(StatusCode::FORBIDDEN));
    }
    let events = Sse::new(states(&watched.pages));
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(events.keep_alive(keep_alive).into_response())
}

fn states(pages: &LivePages) -> impl Stream<Item = Result<Event, Infallible>> + Send + use<> {
    stream::unfold(pages.follow(), async |mut states| {
        states.changed().await.ok()?;
        let state = states.borrow_and_update().clone()?;
        let text = serde_json::to_string(&*state).ok()?;
        Some((Ok(Event::default().retry(RETRY).data(text)), states))
    })
}

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
