//! Why a release does not take over.

use std::time::Duration;

use crate::app::start_error::StartError;
use crate::prewarm::error::NoPrewarm;

/// How long building may take: components are compiled from their sources where that is needed.
pub(crate) const BUILD: Duration = Duration::from_secs(900);

/// Why a release does not take over.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// Another one is being built.
    #[error("another release is being built: ask again when that has ended")]
    Busy,
    /// A canary is under way.
    #[error("a canary is under way: promote it or roll it back first")]
    CanaryUnderWay,
    /// There is no canary.
    #[error("there is no canary")]
    NoCanary,
    /// There is no release to go back to.
    #[error("no release before this one is remembered")]
    NoPrevious,
    /// It cannot be built.
    #[error(transparent)]
    Build(Box<StartError>),
    /// Its edge modules cannot be used.
    #[error("the edge modules cannot be used: {0}")]
    Edge(#[from] NoPrewarm),
    /// Its home page cannot be shown.
    #[error("the new release does not show its home page: {0}")]
    Home(String),
    /// Building took too long.
    #[error("building took longer than {} s", BUILD.as_secs())]
    TimedOut,
    /// Building broke down.
    #[error("building broke down: {0}")]
    Panicked(String),
}

impl From<StartError> for ReleaseError {
    fn from(error: StartError) -> ReleaseError {
        ReleaseError::Build(Box::new(error))
    }
}
