//! Throttles guests that compute for long, to leave most of the processor to others.
//!
//! Guests run on the async workers, and nearly all of them end within their first time slice. One
//! that goes on is throttled: before each further slice it waits for its turn, and turns are spaced
//! so that all throttled guests of the process together use a quarter of the workers' time.
//! Meanwhile the workers serve connections and other guests.

use std::sync::Arc;
use std::thread::{self, ThreadId};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use wasmtime::UpdateDeadline;

use super::epochs::SLICE;

/// The share of the workers' time for throttled guests is one in this many.
const SHARE: u32 = 4;

/// The most guests that may be throttled at a time: other instances stay free for quick ones.
#[derive(Clone)]
pub(crate) struct Throttle(Arc<Semaphore>);

impl Throttle {
    /// For a pool of this many instances.
    pub fn new(instances: u32) -> Throttle {
        Throttle(Arc::new(Semaphore::new((instances / 2).max(1) as usize)))
    }
}

/// A guest was ended because too many others were throttled.
#[derive(Debug, thiserror::Error)]
#[error("it computes for long, and so do half of all instances already")]
pub(crate) struct TooManyThrottled;

/// The limit of processor time of a call, and its usage.
pub(crate) struct Budget {
    limit: Duration,
    used: Duration,
    throttle: Throttle,
    throttled: Option<OwnedSemaphorePermit>,
    /// Unset until the first interruption.
    slice: Option<Arc<Slice>>,
}

impl Budget {
    pub fn new(limit: Duration, throttle: &Throttle) -> Budget {
        Budget {
            limit,
            used: Duration::ZERO,
            throttle: throttle.clone(),
            throttled: None,
            slice: None,
        }
    }

    /// Reset for another call of the same instance.
    pub fn begin(&mut self) {
        *self = Budget::new(self.limit, &self.throttle);
    }

    /// Processor time until the last interruption.
    pub fn used(&self) -> Duration {
        self.used
    }

    /// The call ended and its instance is reused: returns its usage.
    pub fn end(&mut self) -> Duration {
        self.throttled = None;
        self.used
    }

    /// The clock ticked while the guest was computing.
    pub fn interrupted(&mut self) -> wasmtime::Result<UpdateDeadline> {
        let is_first = self.slice.is_none();
        let slice = Arc::clone(self.slice.get_or_insert_default());
        // A thread's processor time is not read at the beginning of a call, to save a system call.
        // So it is unknown how much of the first slice was computing.
        let spent = if is_first { SLICE } else { slice.spent() };
        self.used += spent;
        if self.used >= self.limit {
            return Ok(UpdateDeadline::Interrupt);
        }
        // A guest whose thread was waiting for the processor has not computed for long.
        if self.throttled.is_none() && !is_first && spent >= SLICE / 2 {
            let room = Arc::clone(&self.throttle.0).try_acquire_owned();
            self.throttled = Some(room.map_err(|_| TooManyThrottled)?);
        }
        let turn = self.throttled.is_some().then(turn);
        Ok(UpdateDeadline::YieldCustom(
            1,
            Box::pin(async move {
                tokio::task::yield_now().await;
                if let Some(turn) = turn {
                    tokio::time::sleep_until(turn).await;
                }
                slice.begin();
            }),
        ))
    }
}

/// When a throttled guest may compute for another slice.
fn turn() -> Instant {
    static NEXT: Mutex<Option<Instant>> = Mutex::new(None);
    let workers = tokio::runtime::Handle::try_current()
        .map_or(1, |runtime| runtime.metrics().num_workers().max(1));
    let interval = SLICE * SHARE / u32::try_from(workers).unwrap_or(u32::MAX);
    let mut next = NEXT.lock();
    let now = Instant::now();
    let turn = next.map_or(now, |next| next.max(now));
    *next = Some(turn + interval);
    turn
}

/// The beginning of a slice: its thread, and that thread's processor time.
#[derive(Default)]
struct Slice(Mutex<Option<(ThreadId, Duration)>>);

impl Slice {
    fn begin(&self) {
        *self.0.lock() = Some((thread::current().id(), thread_time()));
    }

    /// At most one slice: during a longer one the guest waited for its host, while its thread did
    /// other work.
    fn spent(&self) -> Duration {
        match *self.0.lock() {
            Some((thread, began)) if thread == thread::current().id() => {
                thread_time().saturating_sub(began).min(SLICE)
            }
            _ => SLICE,
        }
    }
}

/// The processor time of this thread.
#[cfg(unix)]
fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// A monotonic clock, where a thread's processor time is not available.
#[cfg(not(unix))]
fn thread_time() -> Duration {
    static BEGINNING: std::sync::LazyLock<std::time::Instant> =
        std::sync::LazyLock::new(std::time::Instant::now);
    BEGINNING.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_given_out_one_after_another() {
        let first = turn();
        let second = turn();
        // Without a Tokio runtime there is one worker.
        assert!(second >= first + SLICE * SHARE);
    }

    #[test]
    fn a_slice_on_another_thread_counts_in_full() {
        let slice = Arc::new(Slice::default());
        let other = Arc::clone(&slice);
        thread::spawn(move || other.begin()).join().unwrap();
        assert_eq!(slice.spent(), SLICE);
        slice.begin();
        assert!(slice.spent() <= SLICE);
    }
}
