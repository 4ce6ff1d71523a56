//! What a module is given while it renders: nothing. A TinyGo module imports nothing; a module of
//! the standard Go toolchain imports parts of WASI, which are answered so that its runtime works
//! and rendering stays pure.

use wasmtime::{Caller, Engine, Extern, ExternType, Linker, Memory, Module};

use super::error::GuestError;
use super::instance::State;
use super::wasi::{self, BEGINNING, EFAULT, WASI};

const MONOTONIC: u32 = 1;

/// Refuses a module that imports what it would not be given, by name.
pub(super) fn check(module: &Module) -> Result<(), GuestError> {
    for import in module.imports() {
        let is_function = matches!(import.ty(), ExternType::Func(_));
        if !is_function || !wasi::exists(import.module(), import.name()) {
            return Err(GuestError::Import {
                module: import.module().to_owned(),
                name: import.name().to_owned(),
            });
        }
    }
    Ok(())
}

/// What a module is given while it renders.
pub(super) fn rendering(engine: &Engine, module: &Module) -> Result<Linker<State>, GuestError> {
    check(module)?;
    let mut linker = Linker::new(engine);
    link(&mut linker, module).map_err(GuestError::Engine)?;
    Ok(linker)
}

fn link(linker: &mut Linker<State>, module: &Module) -> wasmtime::Result<()> {
    wasi::link(linker, module)?;
    linker.func_wrap(WASI, "fd_write", fd_write)?;
    linker.func_wrap(
        WASI,
        "clock_time_get",
        |mut caller: Caller<'_, State>, clock: u32, _: u64, out: u32| {
            if clock != MONOTONIC {
                wasmtime::bail!("Render is pure: time comes from the context, not from the clock");
            }
            // Go's scheduler and collector read it: it stands still.
            Ok(memory(&mut caller).map_or(EFAULT, |memory| {
                wasi::put(memory.data_mut(&mut caller), out, &BEGINNING.to_le_bytes())
            }))
        },
    )?;
    linker.func_wrap(
        WASI,
        "random_get",
        |_: u32, _: u32| -> wasmtime::Result<u32> {
            wasmtime::bail!("Render is pure: it has no randomness")
        },
    )?;
    linker.func_wrap(WASI, "proc_exit", |code: u32| -> wasmtime::Result<()> {
        wasmtime::bail!("the guest ended itself with code {code}")
    })?;
    Ok(())
}

fn memory(caller: &mut Caller<'_, State>) -> Option<Memory> {
    caller.get_export("memory").and_then(Extern::into_memory)
}

fn fd_write(mut caller: Caller<'_, State>, fd: u32, buffers: u32, count: u32, written: u32) -> u32 {
    let Some(memory) = memory(&mut caller) else {
        return EFAULT;
    };
    let (memory, state) = memory.data_and_store_mut(&mut caller);
    wasi::fd_write(memory, (fd, buffers, count, written), &mut state.said)
}
