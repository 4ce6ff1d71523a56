//! The parts of WASI that a kit module of the standard Go toolchain imports for its runtime. It has no files, no
//! arguments and no environment by this way: what it is granted comes through the kit.
//!
//! A context of `wasmtime-wasi` for each instance costs more than the instance itself; commands get one.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime};

use wasmtime::{Caller, ExternType, Linker, Memory, Module, Val, ValType};

use super::error::Cause;
use super::kit;
use super::meter::message;
use super::state::State;
use crate::guest::{DENIED, WASI};

const SUCCESS: u32 = 0;
const EBADF: u32 = 8;
const EFAULT: u32 = 21;
pub(super) const ENOTCAPABLE: u32 = 76;

const STDOUT: u32 = 1;
const STDERR: u32 = 2;
/// Buffers of one write that are looked at; Go's runtime uses one.
const BUFFERS: usize = 1024;
const REALTIME: u32 = 0;
/// The monotonic clock begins later than anything that a snapshot has seen, in nanoseconds.
const BEGINNING: u64 = 3_600_000_000_000;

/// Links all of them.
pub(super) fn link(linker: &mut Linker<State>, module: &Module) -> wasmtime::Result<()> {
    for import in module.imports() {
        if let (name, ExternType::Func(ty)) = (import.name(), import.ty())
            && import.module() == WASI
            && DENIED.contains(&name)
        {
            linker.func_new(WASI, name, ty.clone(), move |_, _, results| {
                for (result, ty) in results.iter_mut().zip(ty.results()) {
                    if let ValType::I32 = ty {
                        *result = Val::I32(ENOTCAPABLE.cast_signed());
                    }
                }
                Ok(())
            })?;
        }
    }
    linker.func_wrap(WASI, "args_sizes_get", write_zeros)?;
    linker.func_wrap(WASI, "environ_sizes_get", write_zeros)?;
    linker.func_wrap(WASI, "args_get", |_: u32, _: u32| SUCCESS)?;
    linker.func_wrap(WASI, "environ_get", |_: u32, _: u32| SUCCESS)?;
    linker.func_wrap(WASI, "sched_yield", || SUCCESS)?;
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

fn put(memory: &mut [u8], at: u32, bytes: &[u8]) -> u32 {
    let end = (at as usize).saturating_add(bytes.len());
    match memory.get_mut(at as usize..end) {
        Some(room) => {
            room.copy_from_slice(bytes);
            SUCCESS
        }
        None => EFAULT,
    }
}

fn write_zeros(mut caller: Caller<'_, State>, count: u32, bytes: u32) -> u32 {
    let Some((memory, _)) = parts(&mut caller) else {
        return EFAULT;
    };
    match put(memory, count, &[0; 4]) {
        SUCCESS => put(memory, bytes, &[0; 4]),
        errno => errno,
    }
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
    put(memory, out, &time.to_le_bytes())
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

/// Keeps the beginning of what the module writes to its outputs: Go's runtime explains a panic there.
fn fd_write(mut caller: Caller<'_, State>, fd: u32, buffers: u32, count: u32, written: u32) -> u32 {
    if fd != STDOUT && fd != STDERR {
        return EBADF;
    }
    let Some((memory, state)) = parts(&mut caller) else {
        return EFAULT;
    };
    let run = &mut state.run;
    let mut total = 0_u32;
    let list = memory.get(buffers as usize..).unwrap_or_default();
    for buffer in list.chunks_exact(8).take((count as usize).min(BUFFERS)) {
        let word = |bytes: Option<&[u8]>| {
            bytes.and_then(|bytes| Some(u32::from_le_bytes(bytes.try_into().ok()?)))
        };
        let (Some(at), Some(length)) = (word(buffer.get(..4)), word(buffer.get(4..))) else {
            return EFAULT;
        };
        let end = (at as usize).checked_add(length as usize);
        let Some(text) = end.and_then(|end| memory.get(at as usize..end)) else {
            return EFAULT;
        };
        run.said
            .extend_from_slice(text.get(..run.room()).unwrap_or(text));
        total = total.saturating_add(length);
    }
    put(memory, written, &total.to_le_bytes())
}
