//! Live pages: what pages that are open in development compare with what they show. Only the newest
//! state counts, so a page that missed some has missed nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use tokio::sync::watch;

use super::Release;
use super::dev_error::DevError;

/// Tells releases of this process from those of others.
static PROCESS: LazyLock<u128> = LazyLock::new(|| {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_nanos()
});

/// A module of the components that is built, and not yet part of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Ahead {
    /// Its address, and its toolchain.
    pub module: String,
    pub lane: &'static str,
}

/// What a page is made from now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct LiveState {
    /// The release.
    release: String,
    /// Changes with everything that pages are made from, style sheets left out: with the program
    /// too.
    pages: String,
    /// The address of the components' module, and its toolchain.
    module: String,
    lane: &'static str,
    /// The module that the server is about to have, which pages may continue in.
    ahead: Option<Ahead>,
    /// The address with hash of each style sheet, by its plain one.
    styles: BTreeMap<String, String>,
    /// What is wrong with the shop's files.
    errors: Vec<DevError>,
}

impl LiveState {
    /// That of a release, with what is wrong with the shop's files since.
    pub fn new(release: &Release, ahead: Option<Ahead>, errors: Vec<DevError>) -> LiveState {
        LiveState {
            release: name(release),
            pages: format!(
                "{:x}-{}-{}",
                *PROCESS,
                release.pages.build(),
                release.assets.digest_without_styles()
            ),
            module: release.assets.module_url().to_owned(),
            lane: release.pages.host().lane().name(),
            ahead,
            styles: release.assets.styles(),
            errors,
        }
    }
}

/// The name of a release for pages that are made with it.
pub(crate) fn name(release: &Release) -> String {
    format!("{:x}-{}", *PROCESS, release.number)
}

/// Open pages, and the state that they are told.
pub(crate) struct LivePages {
    state: watch::Sender<Option<Arc<LiveState>>>,
}

impl LivePages {
    pub fn new() -> LivePages {
        LivePages {
            state: watch::Sender::new(None),
        }
    }

    /// Tells all open pages.
    pub fn tell(&self, state: LiveState) {
        self.state.send_if_modified(|told| {
            let is_new = told.as_deref() != Some(&state);
            *told = Some(Arc::new(state));
            is_new
        });
    }

    /// Ends the connections of all open pages, which try again until there is a server.
    pub fn close(&self) {
        self.state.send_replace(None);
    }

    /// The state now, and each later one. `None`: the connection ends.
    pub fn follow(&self) -> watch::Receiver<Option<Arc<LiveState>>> {
        let mut states = self.state.subscribe();
        states.mark_changed();
        states
    }
}
