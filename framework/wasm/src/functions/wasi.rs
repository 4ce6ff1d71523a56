//! The parts of WASI that a kit module of the standard Go toolchain imports for its runtime. What
//! it is granted comes through the kit.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime};

use wasmtime::{Caller, Linker, Memory, Module};

use super::error::Cause;
use super::kit;
use super::meter::message;
use super::state::State;
use crate::wasi::{self, BEGINNING, EFAULT, ENOTCAPABLE, SUCCESS, WASI};

const REALTIME: u32 = 0;

/// Links all of them.
pub(super) fn link(linker: &mut Linker<State>, module: &Module) -> wasmtime::Result<()> {
    wasi::link(linker, module)?;
    linker.func_wrap(WASI, "fd_write", fd_write)?;
    linker.func_wrap(WASI, "clock_time_get", clock_time_get)?;
    linker.func_wrap(WASI, "random_get", random_get)?;
    linker.func_wrap(WASI, "proc_exit", proc_exit)?;
    Ok(())
}

fn parts<'a>(caller: &'a mut Caller<'_, State>) -> Option<(&'a mut [u8], &'a mut State)> {
    let memory: Memory = caller.data().memory?;
    Some(memory.data_and_store_mut(caller))
}

fn clock_time_get(mut caller: Caller<'_, State>, clock: u32, _: u64, out: u32) -> u32 {
    static START: OnceLock<Instant> = OnceLock::new();
    let Some((memory, state)) = parts(&mut caller) else {
        return EFAULT;
    };
    let time = if !state.services.grants.clock {
        if clock == REALTIME { 0 } else { BEGINNING }
    } else if clock == REALTIME {
        let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        u64::try_from(time.unwrap_or_default().as_nanos()).unwrap_or(u64::MAX)
    } else {
        let passed = START.get_or_init(Instant::now).elapsed().as_nanos();
        BEGINNING.saturating_add(u64::try_from(passed).unwrap_or(u64::MAX))
    };
    wasi::put(memory, out, &time.to_le_bytes())
}

fn random_get(mut caller: Caller<'_, State>, at: u32, length: u32) -> wasmtime::Result<u32> {
    let Some((memory, state)) = parts(&mut caller) else {
        return Ok(EFAULT);
    };
    if !state.services.grants.random {
        return Ok(ENOTCAPABLE);
    }
    kit::fill(memory, at, length)?;
    Ok(SUCCESS)
}

fn proc_exit(caller: Caller<'_, State>, code: u32) -> wasmtime::Result<()> {
    let message = message(&caller.data().run.said, "without a word");
    Err(Cause::Exit {
        code: code.cast_signed(),
        message,
    }
    .into())
}

fn fd_write(mut caller: Caller<'_, State>, fd: u32, buffers: u32, count: u32, written: u32) -> u32 {
    let Some((memory, state)) = parts(&mut caller) else {
        return EFAULT;
    };
    wasi::fd_write(memory, (fd, buffers, count, written), &mut state.run.said)
}
