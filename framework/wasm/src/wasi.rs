//! The parts of WASI that a Go module imports for its runtime, as far as they are answered the same
//! everywhere: it has no files, no arguments and no environment by this way.
//!
//! A context of `wasmtime-wasi` for each instance costs more than the instance itself; it serves
//! commands, and while a module is prepared, once.

use std::collections::BTreeSet;

use wasmtime::{Caller, Extern, ExternType, Linker, Module, Val, ValType};

/// The only module of WASI that may be imported from.
pub(crate) const WASI: &str = "wasi_snapshot_preview1";

pub(crate) const SUCCESS: u32 = 0;
const EBADF: u32 = 8;
pub(crate) const EFAULT: u32 = 21;
pub(crate) const ENOTCAPABLE: u32 = 76;

const STDOUT: u32 = 1;
const STDERR: u32 = 2;
/// Bytes that are kept of what a guest writes to its outputs.
pub(crate) const SAID: usize = 4 << 10;
/// Buffers of one write that are looked at; Go's runtime uses one.
const BUFFERS: usize = 1024;

/// Where the monotonic clock begins, in nanoseconds: later than anything that a snapshot has seen.
pub(crate) const BEGINNING: u64 = 3_600_000_000_000;

/// WASI functions that a Go module may import and that are denied when they are called.
const DENIED: &[&str] = &[
    "clock_res_get",
    "fd_advise",
    "fd_allocate",
    "fd_close",
    "fd_datasync",
    "fd_fdstat_get",
    "fd_fdstat_set_flags",
    "fd_fdstat_set_rights",
    "fd_filestat_get",
    "fd_filestat_set_size",
    "fd_filestat_set_times",
    "fd_pread",
    "fd_prestat_dir_name",
    "fd_prestat_get",
    "fd_pwrite",
    "fd_read",
    "fd_readdir",
    "fd_renumber",
    "fd_seek",
    "fd_sync",
    "fd_tell",
    "path_create_directory",
    "path_filestat_get",
    "path_filestat_set_times",
    "path_link",
    "path_open",
    "path_readlink",
    "path_remove_directory",
    "path_rename",
    "path_symlink",
    "path_unlink_file",
    "sock_accept",
    "sock_recv",
    "sock_send",
    "sock_shutdown",
];
/// WASI functions that are answered.
const ANSWERED: &[&str] = &[
    "args_get",
    "args_sizes_get",
    "clock_time_get",
    "environ_get",
    "environ_sizes_get",
    "fd_write",
    "poll_oneoff",
    "proc_exit",
    "random_get",
    "sched_yield",
];

/// Whether it is a function of WASI that a Go program imports, answered or denied.
pub(super) fn exists(module: &str, name: &str) -> bool {
    module == WASI && (ANSWERED.contains(&name) || DENIED.contains(&name))
}

/// Links what is denied, and the arguments and environment that there are none of.
pub(crate) fn link<T: 'static>(linker: &mut Linker<T>, module: &Module) -> wasmtime::Result<()> {
    // Go imports one function as often as packages declare it.
    let mut linked = BTreeSet::new();
    for import in module.imports() {
        if let (name, ExternType::Func(ty)) = (import.name(), import.ty())
            && import.module() == WASI
            && DENIED.contains(&name)
            && linked.insert(name)
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
    linker.func_wrap(WASI, "args_sizes_get", write_zeros::<T>)?;
    linker.func_wrap(WASI, "environ_sizes_get", write_zeros::<T>)?;
    linker.func_wrap(WASI, "args_get", |_: u32, _: u32| SUCCESS)?;
    linker.func_wrap(WASI, "environ_get", |_: u32, _: u32| SUCCESS)?;
    linker.func_wrap(WASI, "sched_yield", || SUCCESS)?;
    linker.func_wrap(WASI, "poll_oneoff", poll_oneoff::<T>)?;
    Ok(())
}

/// Nothing can be waited for, except for a moment: Go's runtime does that on its way to explain a
/// panic.
fn poll_oneoff<T: 'static>(
    mut caller: Caller<'_, T>,
    subscriptions: u32,
    events: u32,
    count: u32,
    written: u32,
) -> u32 {
    /// Bytes of a subscription and of an event.
    const SUBSCRIPTION: usize = 48;
    const EVENT: usize = 32;
    /// Nanoseconds.
    const MOMENT: u64 = 1_000_000;
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        return EFAULT;
    };
    let memory = memory.data_mut(&mut caller);
    let Some(subscription) = memory
        .get(subscriptions as usize..)
        .and_then(|rest| rest.first_chunk::<SUBSCRIPTION>())
    else {
        return EFAULT;
    };
    let word = |at: usize| {
        let bytes = subscription.get(at..).and_then(|rest| rest.first_chunk());
        bytes.map_or(u64::MAX, |bytes| u64::from_le_bytes(*bytes))
    };
    // The first word is the program's mark, then comes the kind: 0 is a clock, whose timeout is the
    // fourth word.
    let is_clock = subscription.get(8) == Some(&0);
    if count != 1 || !is_clock || word(24) > MOMENT {
        return ENOTCAPABLE;
    }
    let mut event = [0; EVENT];
    event[..8].copy_from_slice(&word(0).to_le_bytes());
    match put(memory, events, &event) {
        SUCCESS => put(memory, written, &1_u32.to_le_bytes()),
        errno => errno,
    }
}

fn write_zeros<T: 'static>(mut caller: Caller<'_, T>, count: u32, bytes: u32) -> u32 {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        return EFAULT;
    };
    let memory = memory.data_mut(&mut caller);
    match put(memory, count, &[0; 4]) {
        SUCCESS => put(memory, bytes, &[0; 4]),
        errno => errno,
    }
}

/// Writes bytes into a guest's memory.
pub(crate) fn put(memory: &mut [u8], at: u32, bytes: &[u8]) -> u32 {
    let end = (at as usize).saturating_add(bytes.len());
    match memory.get_mut(at as usize..end) {
        Some(room) => {
            room.copy_from_slice(bytes);
            SUCCESS
        }
        None => EFAULT,
    }
}

/// `fd_write`: keeps the beginning of what a guest writes to its outputs: Go's runtime explains a
/// panic there.
pub(crate) fn fd_write(
    memory: &mut [u8],
    (fd, buffers, count, written): (u32, u32, u32, u32),
    said: &mut Vec<u8>,
) -> u32 {
    if fd != STDOUT && fd != STDERR {
        return EBADF;
    }
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
        let room = SAID.saturating_sub(said.len());
        said.extend_from_slice(text.get(..room).unwrap_or(text));
        total = total.saturating_add(length);
    }
    put(memory, written, &total.to_le_bytes())
}
