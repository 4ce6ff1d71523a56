//! Why a module cannot be made.

use std::io;
use std::path::PathBuf;

/// Why a module cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArtifactError {
    /// The directory of artifacts cannot be used.
    #[error("the artifact directory {} cannot be used", path.display())]
    Cache {
        /// The directory or a file in it.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Others have access to the directory of artifacts.
    #[error(
        "the artifact directory {} {problem}: native code is loaded from it, so it must belong to \
         the user who runs \
         the server and to nobody else (chown it and chmod 700, or set another \
         directory)", path.display()
    )]
    CacheNotPrivate {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Sources or a built module cannot be read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A built module cannot be written.
    #[error("{} cannot be written", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// dist/manifest.json is invalid.
    #[error("{} is not a manifest of built modules: {problem}", path.display())]
    DistManifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// There is neither a built module nor sources.
    #[error("there is neither a built module nor a Go package for `{name}` in \
             {}", directory.display())]
    NothingThere {
        /// The module.
        name: String,
        /// The folder of Go components.
        directory: PathBuf,
    },
    /// A build is needed, but there is no toolchain.
    #[error(
        "the module `{name}` must be built, because {reason}, and {missing}: install {install}, or \
         restore the \
         module in dist/ that belongs to the sources"
    )]
    NoToolchain {
        /// The module.
        name: String,
        /// Why the module in dist/ cannot be used.
        reason: String,
        /// What was not found on PATH.
        missing: String,
        /// What to install.
        install: Box<str>,
    },
    /// The toolchain failed.
    #[error("`{command}` in {} failed ({status}):\n{output}", directory.display())]
    Build {
        /// The command.
        command: String,
        /// Its working directory.
        directory: PathBuf,
        /// Its exit status.
        status: String,
        /// The end of its output.
        output: String,
    },
    /// The module is not valid WebAssembly, or cannot be processed.
    #[error("{stage} of the module failed: {message}")]
    Module {
        /// The stage.
        stage: &'static str,
        /// Why.
        message: String,
    },
}

impl ArtifactError {
    pub(crate) fn module(stage: &'static str) -> impl FnOnce(wasmtime::Error) -> ArtifactError {
        move |error| ArtifactError::Module {
            stage,
            message: format!("{error:#}"),
        }
    }
}
