//! The functions that the kit imports from `protium_edge`. Every address and length comes from the
//! module, so each is checked against its memory. Using what the manifest does not grant ends the
//! run.

use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use wasmtime::{Caller, Linker};

use super::error::Cause;
use super::state::State;
use crate::capabilities::{BackendFailure, EDGE, MAX_KEY, MAX_VALUE, Request};
use crate::text::sanitise;

const ABSENT: i64 = -1;
const UNAVAILABLE: i64 = -2;
const DEADLINE: i64 = -3;
const TIMEOUT: i64 = -4;
const OPEN: i64 = -5;
const TOO_LARGE: i64 = -6;

/// Bytes of a request to a backend besides its body.
const REQUEST: usize = 64 << 10;
/// Random bytes of one call.
const RANDOM: usize = 64 << 10;
/// The most bytes of a message that are read.
const MESSAGE: usize = 4 << 10;
/// The most bytes of a look-up's name, and of its key.
const MAX_LOOKUP: usize = 256;
/// The longest time to live of a value: 30 days.
const LONGEST: Duration = Duration::from_secs(30 * 86_400);

type Here<'a> = Caller<'a, State>;

/// Links all of them: the module's imports were checked when it was loaded.
pub(super) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.func_wrap(EDGE, "answer", answer)?;
    linker.func_wrap(EDGE, "fail", fail)?;
    linker.func_wrap(EDGE, "take", take)?;
    linker.func_wrap(EDGE, "log", log)?;
    linker.func_wrap(EDGE, "remaining", remaining)?;
    linker.func_wrap(EDGE, "now", now)?;
    linker.func_wrap(EDGE, "random", random)?;
    linker.func_wrap_async(EDGE, "key_value_get", |here, (at, length)| {
        Box::new(key_value_get(here, at, length))
    })?;
    linker.func_wrap_async(
        EDGE,
        "key_value_set",
        |here, (key, key_length, value, length, ttl)| {
            Box::new(key_value_set(here, (key, key_length), (value, length), ttl))
        },
    )?;
    linker.func_wrap_async(
        EDGE,
        "database_get",
        |here, (lookup, lookup_length, key, length)| {
            Box::new(database_get(here, (lookup, lookup_length), (key, length)))
        },
    )?;
    linker.func_wrap(EDGE, "backend_start", backend_start)?;
    linker.func_wrap_async(EDGE, "backend_wait", |here, (handle,)| {
        Box::new(backend_wait(here, handle))
    })?;
    Ok(())
}

/// Counts the call, and finds the memory and the state of its instance.
fn enter<'a>(here: &'a mut Here<'_>) -> wasmtime::Result<(&'a mut [u8], &'a mut State)> {
    here.data_mut().count()?;
    let Some(memory) = here.data().memory else {
        return Err(invalid("a call before there is an instance"));
    };
    Ok(memory.data_and_store_mut(here))
}

fn invalid(problem: &'static str) -> wasmtime::Error {
    Cause::InvalidCall { problem }.into()
}

/// A range of the module's memory.
fn part(memory: &[u8], at: u32, length: u32, most: usize) -> wasmtime::Result<&[u8]> {
    let (at, length) = (at as usize, length as usize);
    if length > most {
        return Err(invalid("an argument of the host is too long"));
    }
    at.checked_add(length)
        .and_then(|end| memory.get(at..end))
        .ok_or_else(|| invalid("an argument of the host is outside of memory"))
}

fn text(memory: &[u8], at: u32, length: u32, most: usize) -> wasmtime::Result<String> {
    let bytes = part(memory, at, length, most)?;
    let text = std::str::from_utf8(bytes);
    Ok(text.map_err(|_| invalid("a text is not UTF-8"))?.to_owned())
}

/// The beginning of a message, which may be any bytes.
fn said(memory: &[u8], at: u32, length: u32) -> wasmtime::Result<String> {
    let length = length.min(u32::try_from(MESSAGE).unwrap_or(u32::MAX));
    let bytes = part(memory, at, length, MESSAGE)?;
    Ok(sanitise(&String::from_utf8_lossy(bytes)))
}

fn answer(mut here: Here<'_>, at: u32, length: u32) -> wasmtime::Result<()> {
    let (memory, state) = enter(&mut here)?;
    if length as usize > state.services.limits.output_bytes {
        return Err(Cause::Output.into());
    }
    let body = part(memory, at, length, usize::MAX)?;
    state.run.answer = Some(Bytes::copy_from_slice(body));
    Ok(())
}

fn fail(mut here: Here<'_>, at: u32, length: u32) -> wasmtime::Result<()> {
    let (memory, state) = enter(&mut here)?;
    state.run.failed = Some(said(memory, at, length)?);
    Ok(())
}

fn take(mut here: Here<'_>, at: u32, length: u32) -> wasmtime::Result<()> {
    let (memory, state) = enter(&mut here)?;
    let ready = std::mem::take(&mut state.run.ready);
    if length as usize != ready.len() {
        return Err(invalid("take was called with another length"));
    }
    let end = (at as usize).saturating_add(ready.len());
    let room = memory
        .get_mut(at as usize..end)
        .ok_or_else(|| invalid("take was called with an address outside of memory"))?;
    room.copy_from_slice(&ready);
    Ok(())
}

fn log(mut here: Here<'_>, at: u32, length: u32) -> wasmtime::Result<()> {
    let (memory, state) = enter(&mut here)?;
    if state.run.lines >= state.services.limits.log_lines {
        return Ok(());
    }
    state.run.lines += 1;
    let message = said(memory, at, length)?;
    let module = &state.services.module;
    if let Some(suppressed) = state.services.lines.admit(Instant::now()) {
        if suppressed > 0 {
            tracing::info!(
                module,
                suppressed,
                "log lines of an edge module were suppressed"
            );
        }
        tracing::info!(module, message, "log of an edge module");
    }
    Ok(())
}

fn remaining(mut here: Here<'_>) -> wasmtime::Result<i64> {
    let (_, state) = enter(&mut here)?;
    Ok(i64::try_from(state.run.left().as_millis()).unwrap_or(i64::MAX))
}

fn now(mut here: Here<'_>) -> wasmtime::Result<i64> {
    enter(&mut here)?;
    Ok(protium_types::now_millis())
}

fn random(mut here: Here<'_>, at: u32, length: u32) -> wasmtime::Result<()> {
    let (memory, _) = enter(&mut here)?;
    fill(memory, at, length)
}

/// Fills a range of memory with random bytes.
fn fill(memory: &mut [u8], at: u32, length: u32) -> wasmtime::Result<()> {
    let (at, length) = (at as usize, length as usize);
    if length > RANDOM {
        return Err(invalid("it wants more than 64 KiB of randomness at once"));
    }
    let room = at
        .checked_add(length)
        .and_then(|end| memory.get_mut(at..end))
        .ok_or_else(|| invalid("it wants randomness outside of its memory"))?;
    getrandom::fill(room).map_err(|error| wasmtime::Error::msg(error.to_string()))
}

/// Stores the result for `take`, and returns its length.
fn hand_over(state: &mut State, ready: Bytes) -> i64 {
    let length = i64::try_from(ready.len()).unwrap_or(UNAVAILABLE);
    state.run.ready = ready;
    length
}

/// The result, or `None` if the run's time is up first.
async fn in_time<R>(left: Duration, future: impl Future<Output = R>) -> Option<R> {
    if left.is_zero() {
        return None;
    }
    tokio::time::timeout(left, future).await.ok()
}

async fn key_value_get(mut here: Here<'_>, at: u32, length: u32) -> wasmtime::Result<i64> {
    let (memory, state) = enter(&mut here)?;
    let key = state.granted_key(text(memory, at, length, MAX_KEY)?)?;
    let Some(store) = state.run.store.clone() else {
        return Ok(UNAVAILABLE);
    };
    Ok(match in_time(state.run.left(), store.get(&key)).await {
        None => DEADLINE,
        Some(Ok(None)) => ABSENT,
        Some(Ok(Some(value))) if value.len() > MAX_VALUE => TOO_LARGE,
        Some(Ok(Some(value))) => hand_over(here.data_mut(), value),
        Some(Err(error)) => {
            tracing::debug!(%error, "an edge module goes on without its store");
            UNAVAILABLE
        }
    })
}

async fn key_value_set(
    mut here: Here<'_>,
    key: (u32, u32),
    value: (u32, u32),
    time_to_live: i64,
) -> wasmtime::Result<i64> {
    let (memory, state) = enter(&mut here)?;
    let key = state.granted_key(text(memory, key.0, key.1, MAX_KEY)?)?;
    if value.1 as usize > MAX_VALUE {
        return Ok(TOO_LARGE);
    }
    let value = Bytes::copy_from_slice(part(memory, value.0, value.1, MAX_VALUE)?);
    let time_to_live = Duration::from_millis(u64::try_from(time_to_live).unwrap_or(0).max(1));
    let time_to_live = time_to_live.min(LONGEST);
    let Some(store) = state.run.store.clone() else {
        return Ok(UNAVAILABLE);
    };
    Ok(
        match in_time(state.run.left(), store.set(&key, value, time_to_live)).await {
            None => DEADLINE,
            Some(Ok(())) => 0,
            Some(Err(error)) => {
                tracing::debug!(%error, "an edge module goes on without its store");
                UNAVAILABLE
            }
        },
    )
}

async fn database_get(
    mut here: Here<'_>,
    lookup: (u32, u32),
    key: (u32, u32),
) -> wasmtime::Result<i64> {
    let (memory, state) = enter(&mut here)?;
    let lookup = text(memory, lookup.0, lookup.1, MAX_LOOKUP)?;
    let key = text(memory, key.0, key.1, MAX_LOOKUP)?;
    let Some(database) = state.services.database.clone() else {
        return Ok(UNAVAILABLE);
    };
    let answer = match in_time(state.run.left(), database.look_up(&lookup, &key)).await {
        None => return Ok(DEADLINE),
        Some(Ok(None)) => return Ok(ABSENT),
        Some(Ok(Some(answer))) => answer.to_string(),
        Some(Err(error)) => {
            tracing::warn!(lookup, %error, "the database does not answer an edge module");
            return Ok(UNAVAILABLE);
        }
    };
    if answer.len() > MAX_VALUE {
        return Ok(TOO_LARGE);
    }
    Ok(hand_over(here.data_mut(), answer.into()))
}

fn backend_start(mut here: Here<'_>, at: u32, length: u32) -> wasmtime::Result<i32> {
    let (memory, state) = enter(&mut here)?;
    let bodies = state.services.grants.backends.values();
    let most = REQUEST + bodies.map(|backend| backend.body_bytes).max().unwrap_or(0);
    let request = Request::read(part(memory, at, length, most)?)
        .ok_or_else(|| invalid("a request cannot be read"))?;
    let left = state.run.left();
    let backends = &state.services.backends;
    let call = backends
        .start(request, state.run.id, &state.run.region, left)
        .map_err(Cause::from)?;
    Ok(state.keep(call)?)
}

async fn backend_wait(mut here: Here<'_>, handle: i32) -> wasmtime::Result<i64> {
    let (_, state) = enter(&mut here)?;
    let call = usize::try_from(handle)
        .ok()
        .and_then(|handle| state.run.calls.get_mut(handle)?.take())
        .ok_or_else(|| invalid("it waits for a call that it did not start, or twice"))?;
    let result = in_time(state.run.left(), call.end()).await;
    let has_answer = match &result {
        Some(Ok(reply)) => reply.status < 500,
        Some(Err(failure)) => *failure == BackendFailure::TooLarge,
        None => false,
    };
    if !has_answer {
        state.run.backend_failed.store(true, Ordering::Relaxed);
    }
    Ok(match result {
        None => DEADLINE,
        Some(Ok(reply)) => {
            let length = hand_over(here.data_mut(), reply.body);
            i64::from(reply.status) << 32 | length
        }
        Some(Err(BackendFailure::Unavailable)) => UNAVAILABLE,
        Some(Err(BackendFailure::Timeout)) => TIMEOUT,
        Some(Err(BackendFailure::Open)) => OPEN,
        Some(Err(BackendFailure::TooLarge)) => TOO_LARGE,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_a_module_points_at_is_inside_of_its_memory_or_refused(
            size in 0_usize..200,
            at in prop_oneof![0_u32..300, any::<u32>()],
            length in prop_oneof![0_u32..300, any::<u32>()],
        ) {
            let mut memory = vec![7; size];
            let inside = u64::from(at) + u64::from(length) <= size as u64;
            prop_assert_eq!(part(&memory, at, length, usize::MAX).is_ok(), inside);
            prop_assert_eq!(text(&memory, at, length, usize::MAX).is_ok(), inside);
            prop_assert!(said(&memory, at, length).is_ok() || !inside);
            prop_assert_eq!(fill(&mut memory, at, length).is_ok(), inside);
        }
    }
}
