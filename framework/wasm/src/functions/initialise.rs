//! Initialises a kit module by `edge_init`: every run starts from the memory it leaves.

use wasmtime::{Caller, Engine, Instance, Linker, Module, Store};

use crate::artifacts::{self, Initialiser, Initialising, Key, Options, Wasm};
use crate::capabilities::EDGE;
use crate::engine::{RunLimits, WRITTEN, guest};
use crate::error::GuestError;
use crate::text::sanitise;

const CALL: &str = "edge_init";
/// An instance that serves one run does not collect garbage.
const ONE_RUN: &[(&str, &str)] = &[("GOGC", "off")];

/// The module as native code for this engine. Blocks, within a Tokio runtime.
pub(super) fn initialised(
    wasm: &Wasm,
    engine: &Engine,
    limits: &RunLimits,
    reused: bool,
) -> Result<Module, GuestError> {
    let key = Key::new("edge", 4)
        .part(&limits.memory_bytes.to_le_bytes())
        .part(&[u8::from(reused)]);
    let options = Options {
        bounds: limits.bounds(),
        environment: if reused { &[] } else { ONE_RUN },
    };
    artifacts::initialised(wasm, engine, key, |wasm| {
        let initialiser = Initialiser::new(wasm, options, |linker, module| {
            link(linker, module).map_err(GuestError::Engine)
        })?;
        tokio::runtime::Handle::current().block_on(async {
            let (mut store, instance) = initialiser.instance().await?;
            init(&mut store, &instance).await?;
            initialiser.snapshot(store, instance).await
        })
    })
}

/// During initialisation a module can report an error; it has no other function of the kit.
fn link(linker: &mut Linker<Initialising>, module: &Module) -> wasmtime::Result<()> {
    linker.func_wrap(
        EDGE,
        "fail",
        |mut caller: Caller<'_, Initialising>, at: u32, length: u32| {
            if let Some((memory, state)) = guest(&mut caller) {
                let end = (at as usize).saturating_add((length as usize).min(WRITTEN));
                state.failed = memory.get(at as usize..end).unwrap_or_default().to_vec();
            }
        },
    )?;
    linker.define_unknown_imports_as_traps(module)
}

async fn init(store: &mut Store<Initialising>, instance: &Instance) -> Result<(), GuestError> {
    let init = instance
        .get_typed_func::<(), u32>(&mut *store, CALL)
        .map_err(|_| GuestError::Export(CALL))?;
    let reason = match init.call_async(&mut *store, ()).await {
        Ok(0) => return Ok(()),
        Ok(_) => "without a reason".to_owned(),
        Err(trap) => sanitise(&trap.root_cause().to_string()),
    };
    let said = store.data().said();
    Err(GuestError::Start {
        call: CALL,
        message: if said.is_empty() { reason } else { said },
    })
}
