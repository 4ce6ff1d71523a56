//! Why a command failed.

use std::io;

use http::StatusCode;

use crate::app::start_error::StartError;
use crate::cli::add::error::AddError;
use crate::cli::build::error::BuildError;
use crate::cli::new::error::NewError;
use crate::prewarm::error::NoPrewarm;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The shop cannot be opened or served.
    #[error(transparent)]
    Start(Box<StartError>),
    /// There is nothing to prewarm, or nothing to do it with.
    #[error("nothing is prewarmed: {0}")]
    Prewarm(#[from] NoPrewarm),
    /// A running shop did not do what was asked.
    #[error(transparent)]
    Release(#[from] ReleaseFailure),
    /// A new shop was not made.
    #[error(transparent)]
    New(#[from] NewError),
    /// A directory for production was not made.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Nothing was added to the shop.
    #[error(transparent)]
    Add(#[from] AddError),
    /// A command of the shop's program is called like another one.
    #[error(
        "the shop's program adds a command `{name}`, which the framework has, or which it adds \
         twice: give it another name in App::command"
    )]
    Name {
        /// Its name, or one of its other names.
        name: String,
    },
    /// There is no supervisor.
    #[error("standard input is not the connection to `dev`, which starts this command")]
    Supervisor(#[source] io::Error),
    /// What was found cannot be written.
    #[error("standard output: {0}")]
    Output(#[source] io::Error),
}

impl From<StartError> for CommandError {
    fn from(error: StartError) -> CommandError {
        CommandError::Start(Box::new(error))
    }
}

/// Why a running shop did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseFailure {
    /// There is nothing to show the shop.
    #[error("PROTIUM_OPERATOR_TOKEN is not set: the running shop must have the same")]
    NoToken,
    /// It cannot be reached.
    #[error("the shop at {url} cannot be reached ({source}); --url says where it is")]
    Away {
        /// Where it was looked for.
        url: String,
        /// What came of it.
        source: reqwest::Error,
    },
    /// It refused.
    #[error("the shop at {url} refused ({status}): {message}")]
    Refused {
        /// Where it is.
        url: String,
        /// With this status.
        status: StatusCode,
        /// What it says.
        message: String,
    },
}
