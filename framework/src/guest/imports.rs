//! What a module is given while it renders: nothing. A TinyGo module imports nothing; a module of the standard Go
//! toolchain imports parts of WASI, which are answered here so that its runtime works and rendering stays pure.
//!
//! A context of `wasmtime-wasi` for each instance costs more than the instance itself; it serves while a module is
//! prepared, once.

use wasmtime::{AsContextMut, Caller, Engine, Extern, ExternType, Linker, Module, Val, ValType};

use super::error::GuestError;
use super::instance::State;

/// The only module that may be imported from.
pub(crate) const WASI: &str = "wasi_snapshot_preview1";

const SUCCESS: u32 = 0;
const EBADF: u32 = 8;
const EFAULT: u32 = 21;
const ENOTCAPABLE: u32 = 76;

const STDOUT: u32 = 1;
const STDERR: u32 = 2;
const MONOTONIC: u32 = 1;
/// The monotonic clock while rendering, in nanoseconds: Go's scheduler and collector read it, so it stands still
/// later than anything that a snapshot has seen.
const STANDING_STILL: u64 = 3_600_000_000_000;

/// WASI functions that a Go module may import and that are denied when they are called.
pub(crate) const DENIED: &[&str] = &[
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
    "poll_oneoff",
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
    "proc_exit",
    "random_get",
    "sched_yield",
];

/// Refuses a module that imports what it would not be given, by name.
pub(super) fn check(module: &Module) -> Result<(), GuestError> {
    for import in module.imports() {
        let is_function = matches!(import.ty(), ExternType::Func(_));
        if !is_function || !exists(import.module(), import.name()) {
            return Err(GuestError::Import {
                module: import.module().to_owned(),
                name: import.name().to_owned(),
            });
        }
    }
    Ok(())
}

/// Whether it is a function of WASI that a Go program imports, answered or denied.
pub(super) fn exists(module: &str, name: &str) -> bool {
    module == WASI && (ANSWERED.contains(&name) || DENIED.contains(&name))
}

/// What a module is given while it renders.
pub(super) fn rendering(engine: &Engine, module: &Module) -> Result<Linker<State>, GuestError> {
    check(module)?;
    let mut linker = Linker::new(engine);
    link(&mut linker, module).map_err(GuestError::Engine)?;
    Ok(linker)
}

fn link(linker: &mut Linker<State>, module: &Module) -> wasmtime::Result<()> {
    for import in module.imports() {
        if let (name, ExternType::Func(ty)) = (import.name(), import.ty())
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
    linker.func_wrap(
        WASI,
        "clock_time_get",
        |mut caller: Caller<'_, State>, clock: u32, _: u64, out: u32| {
            if clock != MONOTONIC {
                wasmtime::bail!("Render is pure: time comes from the context, not from the clock");
            }
            Ok(write(&mut caller, out, &STANDING_STILL.to_le_bytes()))
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

fn write_zeros(mut caller: Caller<'_, State>, count: u32, bytes: u32) -> u32 {
    match write(&mut caller, count, &[0; 4]) {
        SUCCESS => write(&mut caller, bytes, &[0; 4]),
        errno => errno,
    }
}

fn write(caller: &mut Caller<'_, State>, at: u32, bytes: &[u8]) -> u32 {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        return EFAULT;
    };
    match memory.write(caller.as_context_mut(), at as usize, bytes) {
        Ok(()) => SUCCESS,
        Err(_) => EFAULT,
    }
}

/// Keeps the beginning of what the guest writes to its outputs: Go's runtime explains a panic there.
fn fd_write(mut caller: Caller<'_, State>, fd: u32, buffers: u32, count: u32, written: u32) -> u32 {
    if fd != STDOUT && fd != STDERR {
        return EBADF;
    }
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        return EFAULT;
    };
    let (memory, state) = memory.data_and_store_mut(&mut caller);
    let mut total = 0_u32;
    let list = memory.get(buffers as usize..).unwrap_or_default();
    for buffer in list.chunks_exact(8).take(count as usize) {
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
        state
            .said
            .extend_from_slice(text.get(..state.room()).unwrap_or(text));
        total = total.saturating_add(length);
        if state.room() == 0 {
            break;
        }
    }
    write(&mut caller, written, &total.to_le_bytes())
}
