//! In place of plain WASI programs, in a program that was built without them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use wasmtime::{Engine, Module};

use super::error::Failure;
use super::state::Services;
use crate::capabilities::Capabilities;
use crate::engine::Throttle;

/// There is none.
pub(super) enum CommandModule {}

impl CommandModule {
    pub fn new(_: &Engine, _: &Module, _: &Capabilities) -> wasmtime::Result<CommandModule> {
        wasmtime::bail!(
            "it is a plain WASI program, which needs the feature `wasi` of protium; this program \
             was built without it"
        )
    }

    // As the other `CommandModule` has it.
    #[allow(clippy::unused_async)]
    pub async fn run(
        &self,
        _: &Arc<Services>,
        _: &[(String, String)],
        _: &Throttle,
        _: Duration,
    ) -> Result<Bytes, Failure> {
        match *self {}
    }
}
