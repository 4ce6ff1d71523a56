//! Host state of an instance.

use wasmtime::StoreLimits;

use crate::engine::{Bounds, Wasi, WasiAccess};

/// Host state of an instance. It has what Go's runtime needs and nothing of a visitor.
pub(super) struct State {
    pub limits: StoreLimits,
    written: Vec<u8>,
}

impl State {
    pub fn new(bounds: Bounds) -> State {
        State {
            limits: bounds.store_limits(),
            written: Vec::new(),
        }
    }
}

impl Wasi for State {
    fn clock(&self) -> WasiAccess {
        WasiAccess::Granted
    }

    fn random(&self) -> WasiAccess {
        WasiAccess::Granted
    }

    fn written(&mut self) -> &mut Vec<u8> {
        &mut self.written
    }
}
