//! What development has seen of a shop's files: enough to notice that something changed; and what
//! open pages are told of it.

use std::path::Path;
use std::sync::Arc;

use parking_lot::RwLock;
use tokio::sync::Mutex;

use super::dev_error::DevError;
use super::live::{Ahead, LivePages};
use super::stamp::Stamp;
use crate::http::assets::Asset;
use crate::http::error::HttpError;

/// What was seen of a shop's files.
pub(crate) struct Watched {
    /// Templates, messages and static files, as they are in the current release.
    pub files: Mutex<Stamp>,
    /// Why the files as they are now cannot be a release.
    pub failures: RwLock<BuildFailures>,
    /// What is wrong beside them, while pages are shown as before.
    pub notices: RwLock<Notices>,
    /// The module of the components that the server is about to have, as a file.
    pub ahead: RwLock<Option<(Ahead, Arc<Asset>)>>,
    /// The pages that are open.
    pub pages: LivePages,
}

/// What pages that are open say, and go on with.
#[derive(Default)]
pub(crate) struct Notices {
    /// What is wrong with protium.toml, or waits for a restart.
    pub config: Vec<DevError>,
    /// What is wrong with the shop's program, as it would be after a restart.
    pub program: Vec<DevError>,
}

/// Why pages cannot be shown.
#[derive(Default)]
pub(crate) struct BuildFailures {
    pub files: Option<BuildFailure>,
    pub components: Option<BuildFailure>,
}

/// Why there is no release of the files as they are.
#[derive(Clone)]
pub(crate) struct BuildFailure {
    /// As in the log.
    pub text: String,
    /// As open pages show it.
    pub errors: Vec<DevError>,
}

impl BuildFailures {
    fn all(&self) -> impl Iterator<Item = &BuildFailure> {
        self.files.iter().chain(&self.components)
    }
}

impl Watched {
    /// The files in a shop's directory, which the first release is about to be made from.
    pub fn new(root: &Path) -> Watched {
        Watched {
            files: Mutex::new(Stamp::of_release(root)),
            failures: RwLock::default(),
            notices: RwLock::default(),
            ahead: RwLock::default(),
            pages: LivePages::new(),
        }
    }

    /// Why pages cannot be shown; `None` when they can be.
    pub fn failure(&self) -> Option<HttpError> {
        let failures = self.failures.read();
        let failure = failures.all().next()?;
        Some(HttpError::internal(&failure.text))
    }

    /// The file at this address, if it is the module that the server is about to have.
    pub fn module_ahead(&self, url: &str) -> Option<Arc<Asset>> {
        let ahead = self.ahead.read();
        let ahead = ahead.as_ref().filter(|(ahead, _)| ahead.module == url);
        ahead.map(|(_, asset)| Arc::clone(asset))
    }

    /// What is wrong with the files, but for errors in templates of the current release.
    pub fn errors(&self) -> Vec<DevError> {
        let (failures, notices) = (self.failures.read(), self.notices.read());
        let failures = failures.all().flat_map(|one| &one.errors);
        let notices = notices.config.iter().chain(&notices.program);
        failures.chain(notices).cloned().collect()
    }
}
