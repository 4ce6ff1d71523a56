//! The part of WASI that Go's runtime imports, for modules without files and arguments.
//!
//! Creating a context of `wasmtime-wasi` costs more than the instance itself, and compiling it more
//! than the shop, so that is used only for commands.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use wasmtime::{Caller, ExternType, Linker, Module, Val, ValType};

/// The only import module of WASI that is allowed.
pub(crate) const WASI: &str = "wasi_snapshot_preview1";

const SUCCESS: u32 = 0;
const EBADF: u32 = 8;
const EINVAL: u32 = 28;
pub(crate) const EFAULT: u32 = 21;
pub(crate) const ENOTCAPABLE: u32 = 76;

const REALTIME: u32 = 0;
const MONOTONIC: u32 = 1;
const STDOUT: u32 = 1;
const STDERR: u32 = 2;
/// The beginning of a guest's output that is kept, in bytes.
pub(crate) const WRITTEN: usize = 4 << 10;
/// Random bytes of one call.
const RANDOM: usize = 64 << 10;
/// The longest wait of a guest that serves requests: Go's runtime needs one before it writes a
/// panic's message.
const MOMENT: Duration = Duration::from_millis(1);
/// The most buffers of one write that are read; Go's runtime uses one.
const BUFFERS: usize = 1024;

/// The start of the monotonic clock: later than any time in a snapshot.
const BEGINNING: Duration = Duration::from_secs(3600);

/// WASI functions that a Go module may import, but that fail when they are called.
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
/// WASI functions that are implemented.
const ANSWERED: &[&str] = &[
    "args_get",
    "args_sizes_get",
    "clock_time_get",
    "environ_get",
    "environ_sizes_get",
    "fd_prestat_get",
    "fd_write",
    "poll_oneoff",
    "proc_exit",
    "random_get",
    "sched_yield",
];

/// Whether this is a WASI function that a Go program imports, implemented or not.
pub(crate) fn exists(module: &str, name: &str) -> bool {
    module == WASI && (ANSWERED.contains(&name) || DENIED.contains(&name))
}

/// Whether a guest has access to something of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WasiAccess {
    /// It has.
    Granted,
    /// It gets a constant, or an error number.
    Withheld,
    /// Using it ends the call with this message.
    Fatal(&'static str),
}

/// Host state of a guest whose WASI calls are implemented here.
pub(crate) trait Wasi: 'static {
    /// The time of day.
    fn clock(&self) -> WasiAccess;
    /// Randomness.
    fn random(&self) -> WasiAccess;
    /// Its environment variables.
    fn environment(&self) -> &[(&str, &str)] {
        &[]
    }
    /// The monotonic clock, if it has access to one.
    fn monotonic(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        BEGINNING.saturating_add(START.get_or_init(Instant::now).elapsed())
    }
    /// Waits; `false` if it may not wait for so long. Short waits end at once.
    fn wait(&self, time: Duration) -> bool {
        time <= MOMENT
    }
    /// The beginning of its output.
    fn written(&mut self) -> &mut Vec<u8>;
}

/// The guest ended itself with a code.
#[derive(Debug, thiserror::Error)]
#[error("the guest ended itself with code {0}")]
pub(crate) struct Exited(pub i32);

/// Links those functions that the module imports.
pub(crate) fn link<T: Wasi>(linker: &mut Linker<T>, module: &Module) -> wasmtime::Result<()> {
    // Go imports a function once for each package that declares it.
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
    linker.func_wrap(WASI, "args_get", |_: u32, _: u32| SUCCESS)?;
    linker.func_wrap(WASI, "environ_sizes_get", environ_sizes_get::<T>)?;
    linker.func_wrap(WASI, "environ_get", environ_get::<T>)?;
    // There are no directories: the first one is asked for until this error.
    linker.func_wrap(WASI, "fd_prestat_get", |_: u32, _: u32| EBADF)?;
    linker.func_wrap(WASI, "sched_yield", || SUCCESS)?;
    linker.func_wrap(WASI, "poll_oneoff", poll_oneoff::<T>)?;
    linker.func_wrap(WASI, "fd_write", fd_write::<T>)?;
    linker.func_wrap(WASI, "clock_time_get", clock_time_get::<T>)?;
    linker.func_wrap(WASI, "random_get", random_get::<T>)?;
    linker.func_wrap(WASI, "proc_exit", |code: u32| -> wasmtime::Result<()> {
        Err(Exited(code.cast_signed()).into())
    })?;
    Ok(())
}

/// A guest's memory, and its host state.
pub(crate) fn guest<'a, T: 'static>(
    caller: &'a mut Caller<'_, T>,
) -> Option<(&'a mut [u8], &'a mut T)> {
    let memory = caller.get_export("memory")?.into_memory()?;
    Some(memory.data_and_store_mut(caller))
}

/// Go's scheduler and collector read the monotonic clock, so it always works.
fn clock_time_get<T: Wasi>(
    mut caller: Caller<'_, T>,
    clock: u32,
    _: u64,
    out: u32,
) -> wasmtime::Result<u32> {
    let time = match (caller.data().clock(), clock) {
        (WasiAccess::Granted, REALTIME) => {
            let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            time.unwrap_or_default()
        }
        (WasiAccess::Granted, _) => caller.data().monotonic(),
        (WasiAccess::Withheld, REALTIME) => Duration::ZERO,
        (WasiAccess::Fatal(message), clock) if clock != MONOTONIC => wasmtime::bail!(message),
        (WasiAccess::Withheld | WasiAccess::Fatal(_), _) => BEGINNING,
    };
    let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let guest = guest(&mut caller);
    Ok(guest.map_or(EFAULT, |(memory, _)| {
        put(memory, out, &nanoseconds.to_le_bytes())
    }))
}

fn random_get<T: Wasi>(mut caller: Caller<'_, T>, at: u32, length: u32) -> wasmtime::Result<u32> {
    match caller.data().random() {
        WasiAccess::Granted => {}
        WasiAccess::Withheld => return Ok(ENOTCAPABLE),
        WasiAccess::Fatal(message) => wasmtime::bail!(message),
    }
    let (at, length) = (at as usize, length as usize);
    if length > RANDOM {
        return Ok(EINVAL);
    }
    let room =
        guest(&mut caller).and_then(|(memory, _)| memory.get_mut(at..at.saturating_add(length)));
    let Some(room) = room else {
        return Ok(EFAULT);
    };
    getrandom::fill(room).map_err(|error| wasmtime::Error::msg(error.to_string()))?;
    Ok(SUCCESS)
}

/// Stores the beginning of a guest's output: Go's runtime writes a panic's message there.
fn fd_write<T: Wasi>(
    mut caller: Caller<'_, T>,
    fd: u32,
    buffers: u32,
    count: u32,
    written: u32,
) -> u32 {
    let Some((memory, state)) = guest(&mut caller) else {
        return EFAULT;
    };
    keep(memory, (fd, buffers, count, written), state.written())
}

/// Only waiting for a time works.
fn poll_oneoff<T: Wasi>(
    mut caller: Caller<'_, T>,
    subscriptions: u32,
    events: u32,
    count: u32,
    written: u32,
) -> u32 {
    /// Sizes of a subscription and of an event, in bytes.
    const SUBSCRIPTION: usize = 48;
    const EVENT: usize = 32;
    let Some((memory, state)) = guest(&mut caller) else {
        return EFAULT;
    };
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
    // The first word is the program's user data, then comes the kind: 0 is a clock, whose timeout
    // is the fourth word.
    let is_clock = subscription.get(8) == Some(&0);
    if count != 1 || !is_clock || !state.wait(Duration::from_nanos(word(24))) {
        return ENOTCAPABLE;
    }
    let mut event = [0; EVENT];
    event[..8].copy_from_slice(&word(0).to_le_bytes());
    put_both(memory, (events, &event), (written, &1_u32.to_le_bytes()))
}

fn environ_sizes_get<T: Wasi>(mut caller: Caller<'_, T>, count: u32, bytes: u32) -> u32 {
    let Some((memory, state)) = guest(&mut caller) else {
        return EFAULT;
    };
    let (variables, text) = environment(state, 0);
    let sizes = (size(variables.len() / 4), size(text.len()));
    put_both(memory, (count, &sizes.0), (bytes, &sizes.1))
}

fn environ_get<T: Wasi>(mut caller: Caller<'_, T>, variables: u32, text: u32) -> u32 {
    let Some((memory, state)) = guest(&mut caller) else {
        return EFAULT;
    };
    let (addresses, bytes) = environment(state, text);
    put_both(memory, (variables, &addresses), (text, &bytes))
}

/// The addresses of the variables, whose text begins at `start`, and the text.
fn environment(state: &impl Wasi, start: u32) -> (Vec<u8>, Vec<u8>) {
    let (mut addresses, mut text) = (Vec::new(), Vec::new());
    for (name, value) in state.environment() {
        let at = start.wrapping_add(u32::from_le_bytes(size(text.len())));
        addresses.extend(at.to_le_bytes());
        text.extend([name.as_bytes(), b"=", value.as_bytes(), b"\0"].concat());
    }
    (addresses, text)
}

fn size(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes()
}

fn write_zeros<T: 'static>(mut caller: Caller<'_, T>, count: u32, bytes: u32) -> u32 {
    guest(&mut caller).map_or(EFAULT, |(memory, _)| {
        put_both(memory, (count, &[0; 4]), (bytes, &[0; 4]))
    })
}

/// Writes the two results of a call.
fn put_both(memory: &mut [u8], one: (u32, &[u8]), other: (u32, &[u8])) -> u32 {
    match put(memory, one.0, one.1) {
        SUCCESS => put(memory, other.0, other.1),
        errno => errno,
    }
}

/// Writes bytes into a guest's memory.
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

fn keep(
    memory: &mut [u8],
    (fd, buffers, count, written): (u32, u32, u32, u32),
    kept: &mut Vec<u8>,
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
        let room = WRITTEN.saturating_sub(kept.len());
        kept.extend_from_slice(text.get(..room).unwrap_or(text));
        total = total.saturating_add(length);
    }
    put(memory, written, &total.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Guest;

    impl Wasi for Guest {
        fn clock(&self) -> WasiAccess {
            WasiAccess::Withheld
        }

        fn random(&self) -> WasiAccess {
            WasiAccess::Withheld
        }

        fn environment(&self) -> &[(&str, &str)] {
            &[("GOGC", "off"), ("EMPTY", "")]
        }

        fn written(&mut self) -> &mut Vec<u8> {
            unreachable!("it writes nothing")
        }
    }

    #[test]
    fn variables_are_found_at_their_addresses() {
        let start = 100;
        let (addresses, text) = environment(&Guest, start);
        let found: Vec<&[u8]> = addresses
            .chunks(4)
            .map(|address| {
                let at = u32::from_le_bytes(address.try_into().unwrap()) - start;
                text[at as usize..].split(|byte| *byte == 0).next().unwrap()
            })
            .collect();
        assert_eq!(found, [&b"GOGC=off"[..], b"EMPTY="]);
        assert_eq!(text.last(), Some(&0));
    }

    #[test]
    fn a_guest_that_serves_requests_waits_for_a_moment_only() {
        assert!(Guest.wait(MOMENT));
        assert!(!Guest.wait(MOMENT * 2));
    }

    #[test]
    fn the_clock_of_a_guest_that_serves_requests_is_later_than_that_of_a_snapshot() {
        assert!(Guest.monotonic() >= BEGINNING);
    }
}
