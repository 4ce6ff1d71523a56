//! Symbolic links in directories that a command may write to.
//!
//! A command's own paths never leave its directories, whatever links they contain. But its files
//! remain, and other programs of this machine follow links anywhere. So a link that a command
//! creates must be relative and without `..`, and one with `..` cannot be moved into another
//! folder, where it would point elsewhere.

use wasmtime::{Caller, Linker};
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::p1::wasi_snapshot_preview1 as preview1;
use wiggle::GuestMemory;

use crate::engine::{EFAULT, WASI, guest};

/// Error numbers of WASI.
const NOT_PERMITTED: i32 = 63;
const ANOTHER_DEVICE: i32 = 75;
const FAULT: i32 = EFAULT.cast_signed();

/// Kinds of files in WASI.
const DIRECTORY: u8 = 3;
const SYMBOLIC_LINK: u8 = 7;

/// The longest target that is read, in bytes: longer ones do not exist.
const TARGET: usize = 4096;
/// The offset of a call's result in a memory of the host's own; the path follows it.
const ANSWER: usize = 64;

/// Arguments of WASI's functions.
type Five = (i32, i32, i32, i32, i32);
type Six = (i32, i32, i32, i32, i32, i32);
type Seven = (i32, i32, i32, i32, i32, i32, i32);

/// Replaces the functions that create and move links.
pub(super) fn guard<T: Send + 'static>(
    linker: &mut Linker<T>,
    wasi: fn(&mut T) -> &mut WasiP1Ctx,
) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    linker.func_wrap_async(
        WASI,
        "path_symlink",
        move |mut caller: Caller<'_, T>, (target, target_length, fd, path, length): Five| {
            Box::new(async move {
                let Some((bytes, state)) = guest(&mut caller) else {
                    return Ok(FAULT);
                };
                match text(bytes, target, target_length) {
                    None => return Ok(FAULT),
                    Some(target) if leaves(target) => return Ok(NOT_PERMITTED),
                    Some(_) => {}
                }
                let (wasi, memory) = (wasi(state), &mut GuestMemory::Unshared(bytes));
                preview1::path_symlink(wasi, memory, target, target_length, fd, path, length).await
            })
        },
    )?;
    linker.func_wrap_async(
        WASI,
        "path_rename",
        move |mut caller: Caller<'_, T>, (fd, old, old_length, to, new, new_length): Six| {
            Box::new(async move {
                let Some((bytes, state)) = guest(&mut caller) else {
                    return Ok(FAULT);
                };
                let (from, into) = ((fd, old, old_length), (to, new, new_length));
                let wasi = wasi(state);
                if let Some(refused) = moved(wasi, bytes, from, into).await? {
                    return Ok(refused);
                }
                let memory = &mut GuestMemory::Unshared(bytes);
                preview1::path_rename(wasi, memory, fd, old, old_length, to, new, new_length).await
            })
        },
    )?;
    linker.func_wrap_async(
        WASI,
        "path_link",
        move |mut caller: Caller<'_, T>, (fd, flags, old, old_len, to, new, new_len): Seven| {
            Box::new(async move {
                let Some((bytes, state)) = guest(&mut caller) else {
                    return Ok(FAULT);
                };
                let (from, into) = ((fd, old, old_len), (to, new, new_len));
                let wasi = wasi(state);
                if let Some(refused) = moved(wasi, bytes, from, into).await? {
                    return Ok(refused);
                }
                let memory = &mut GuestMemory::Unshared(bytes);
                preview1::path_link(wasi, memory, fd, flags, old, old_len, to, new, new_len).await
            })
        },
    )?;
    Ok(())
}

fn text(memory: &[u8], at: i32, length: i32) -> Option<&[u8]> {
    let at = usize::try_from(at.cast_unsigned()).ok()?;
    let length = usize::try_from(length.cast_unsigned()).ok()?;
    memory.get(at..at.checked_add(length)?)
}

/// Whether a link with this target may point out of its folder.
fn leaves(target: &[u8]) -> bool {
    target.starts_with(b"/") || target.split(|byte| *byte == b'/').any(|part| part == b"..")
}

/// The folder of a path, textually.
fn folder(path: &[u8]) -> &[u8] {
    let path = path.strip_suffix(b"/").unwrap_or(path);
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => path.get(..at).unwrap_or_default(),
        None => b"",
    }
}

/// The error number for moving from one path to another, if that is not allowed. A path is a
/// folder's number, and an address and a length in memory.
async fn moved(
    wasi: &mut WasiP1Ctx,
    memory: &[u8],
    (fd, old, old_length): (i32, i32, i32),
    (to, new, new_length): (i32, i32, i32),
) -> wasmtime::Result<Option<i32>> {
    let paths = (text(memory, old, old_length), text(memory, new, new_length));
    let (Some(old), Some(new)) = paths else {
        return Ok(Some(FAULT));
    };
    if fd == to && folder(old) == folder(new) {
        return Ok(None);
    }
    Ok(match kind(wasi, fd, old).await? {
        // A folder may contain links. On this error programs copy instead.
        Some(DIRECTORY) => Some(ANOTHER_DEVICE),
        Some(SYMBOLIC_LINK) => {
            let target = target(wasi, fd, old).await?;
            target
                .is_none_or(|target| leaves(&target))
                .then_some(NOT_PERMITTED)
        }
        _ => None,
    })
}

/// A memory for a call of the host's own: for its result, the path, and further bytes.
fn scratch(path: &[u8], behind: usize) -> Option<(Vec<u8>, i32, i32)> {
    let mut memory = vec![0; ANSWER];
    memory.extend_from_slice(path);
    let end = i32::try_from(memory.len()).ok()?;
    memory.resize(memory.len() + behind, 0);
    Some((memory, i32::try_from(path.len()).ok()?, end))
}

/// The kind of a file, without following a link; `None` if it does not exist.
async fn kind(wasi: &mut WasiP1Ctx, fd: i32, path: &[u8]) -> wasmtime::Result<Option<u8>> {
    /// The offset of the kind in a file's attributes.
    const KIND: usize = 16;
    let Some((mut bytes, length, _)) = scratch(path, 0) else {
        return Ok(None);
    };
    let mut memory = GuestMemory::Unshared(&mut bytes);
    let at = ANSWER as i32;
    let errno = preview1::path_filestat_get(wasi, &mut memory, fd, 0, at, length, 0).await?;
    Ok((errno == 0).then(|| bytes.get(KIND).copied()).flatten())
}

/// The target of a link; `None` if it cannot be read.
async fn target(wasi: &mut WasiP1Ctx, fd: i32, path: &[u8]) -> wasmtime::Result<Option<Vec<u8>>> {
    let Some((mut bytes, length, buffer)) = scratch(path, TARGET) else {
        return Ok(None);
    };
    let mut memory = GuestMemory::Unshared(&mut bytes);
    let (at, room) = (ANSWER as i32, TARGET as i32);
    let errno = preview1::path_readlink(wasi, &mut memory, fd, at, length, buffer, room, 0).await?;
    let used = bytes.first_chunk().map(|used| u32::from_le_bytes(*used));
    let used = used.and_then(|used| i32::try_from(used).ok());
    let target = used.and_then(|used| text(&bytes, buffer, used));
    Ok((errno == 0).then(|| target.map(<[u8]>::to_vec)).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_leaves_when_it_is_absolute_or_climbs() {
        for target in ["/etc/passwd", "..", "../x", "a/../../b", "a/.."] {
            assert!(leaves(target.as_bytes()), "{target}");
        }
        for target in ["list.txt", "a/b", "..a", "a..", "./a", ""] {
            assert!(!leaves(target.as_bytes()), "{target}");
        }
    }

    #[test]
    fn a_path_stands_in_its_folder() {
        for (path, expected) in [("a", ""), ("a/b", "a"), ("a/b/", "a"), ("a/b/c", "a/b")] {
            assert_eq!(folder(path.as_bytes()), expected.as_bytes(), "{path}");
        }
    }
}
