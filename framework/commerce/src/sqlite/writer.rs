//! The one thread that writes. Its queue is bounded: when it is full, a job is refused at once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{io, thread};

use rusqlite::Connection;
use tokio::sync::oneshot;
use tokio::time::timeout_at;
use tracing::Instrument;

use super::data_span::data_span;
use crate::ProviderError;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The way to the writer's thread, which ends when this is dropped.
pub(super) struct Writer {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread with a queue of `places`; `upkeep` runs when `every` has passed since it
    /// ran last, or after the next job while it says that it has more to do.
    pub(super) fn start(
        connection: Connection,
        places: usize,
        every: Duration,
        upkeep: impl FnMut(&mut Connection) -> bool + Send + 'static,
    ) -> io::Result<Self> {
        let (queue, jobs) = sync_channel(places);
        let thread = thread::Builder::new()
            .name("shop-writer".into())
            .spawn(move || work(connection, &jobs, every, upkeep))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Runs a job and waits for its result. When the deadline passes before the job has begun, it
    /// is never run; once it has begun, its result is waited for, so that a caller who hears
    /// `Busy` knows that nothing was changed.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        deadline: Instant,
        job: impl FnOnce(&mut Connection) -> T + Send + 'static,
    ) -> Result<T, ProviderError> {
        let writing = self.run_queued(deadline, job);
        writing.instrument(data_span("write")).await
    }

    async fn run_queued<T: Send + 'static>(
        &self,
        deadline: Instant,
        job: impl FnOnce(&mut Connection) -> T + Send + 'static,
    ) -> Result<T, ProviderError> {
        let (done, mut result) = oneshot::channel();
        let taken = Arc::new(AtomicBool::new(false));
        let taken_by_writer = Arc::clone(&taken);
        let job: Job = Box::new(move |connection| {
            if !done.is_closed() && !taken_by_writer.swap(true, Ordering::AcqRel) {
                let _ = done.send(job(connection));
            }
        });
        match self.queue.as_ref().map(|queue| queue.try_send(job)) {
            Some(Ok(())) => {}
            Some(Err(TrySendError::Full(_))) => {
                return Err(ProviderError::Busy("waiting for a place among the changes"));
            }
            Some(Err(TrySendError::Disconnected(_))) | None => return Err(stopped()),
        }
        match timeout_at(deadline.into(), &mut result).await {
            Ok(result) => result.map_err(|_| stopped()),
            Err(_) if taken.swap(true, Ordering::AcqRel) => result.await.map_err(|_| stopped()),
            Err(_) => Err(ProviderError::Busy("waiting for earlier changes")),
        }
    }

    /// Runs a job, however long it takes until there is a place for it. Not for async code.
    pub(super) fn run_blocking<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> T + Send + 'static,
    ) -> Result<T, ProviderError> {
        let (done, result) = sync_channel(1);
        let job: Job = Box::new(move |connection| {
            let _ = done.send(job(connection));
        });
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(job).map_err(|_| stopped())?;
        result.recv().map_err(|_| stopped())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn work(
    mut connection: Connection,
    jobs: &Receiver<Job>,
    every: Duration,
    mut upkeep: impl FnMut(&mut Connection) -> bool,
) {
    let mut due = Instant::now();
    loop {
        let now = Instant::now();
        if now >= due {
            let mut more = false;
            survive(|| more = upkeep(&mut connection));
            due = if more { now } else { now + every };
        }
        match jobs.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Ok(job) => survive(|| job(&mut connection)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// A panic in one job is a defect of that job: its transaction is rolled back as it unwinds, its
/// caller hears of it, and the next job finds the thread alive.
fn survive(job: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(job)).is_err() {
        tracing::error!("a change of the shop's database panicked and was rolled back");
    }
}

fn stopped() -> ProviderError {
    ProviderError::Internal {
        doing: "changing the shop's database",
        source: "the change was given up".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn writer(places: usize) -> Writer {
        let connection = Connection::open_in_memory().expect("an empty database");
        Writer::start(connection, places, Duration::from_secs(3600), |_| false).expect("a thread")
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(50)
    }

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    /// Keeps the writer busy until the sender it gives back is dropped.
    async fn block(writer: &Arc<Writer>) -> mpsc::Sender<()> {
        let (free, wait) = mpsc::channel::<()>();
        let (begun, has_begun) = oneshot::channel();
        let writer = Arc::clone(writer);
        tokio::spawn(async move {
            let job = move |_: &mut Connection| {
                let _ = begun.send(());
                let _ = wait.recv();
            };
            writer.run(later(), job).await
        });
        has_begun.await.expect("the job begins");
        free
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_full_queue_is_busy_at_once() {
        let writer = Arc::new(writer(1));
        let free = block(&writer).await;
        // A change whose caller has gone keeps its place until the writer passes over it.
        let late = writer.run(soon(), |_| 7).await;
        assert!(matches!(late, Err(ProviderError::Busy(what)) if what.contains("earlier")));
        let asked = Instant::now();
        let refused = writer.run(later(), |_| 8).await;
        assert!(matches!(refused, Err(ProviderError::Busy(what)) if what.contains("place")));
        assert!(asked.elapsed() < Duration::from_secs(5));
        drop(free);
        let next = tokio::task::spawn_blocking(move || writer.run_blocking(|_| 9)).await;
        assert!(matches!(next, Ok(Ok(9))));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_job_that_came_too_late_is_never_run() {
        let writer = Arc::new(writer(4));
        let free = block(&writer).await;
        let (ran, has_run) = mpsc::channel();
        let late = writer.run(soon(), move |_| ran.send(())).await;
        assert!(matches!(late, Err(ProviderError::Busy(_))));
        drop(free);
        assert_eq!(writer.run(later(), |_| 1).await.ok(), Some(1));
        assert!(has_run.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_job_that_panics_leaves_a_working_writer() {
        let writer = writer(4);
        let failed = writer.run(later(), |_| -> i32 { panic!("a defect") }).await;
        assert!(matches!(failed, Err(ProviderError::Internal { .. })));
        assert_eq!(writer.run(later(), |_| 1).await.ok(), Some(1));
    }
}
