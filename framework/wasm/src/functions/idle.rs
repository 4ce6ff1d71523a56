//! Instances that serve more than one run, for modules whose manifest asks for it. They are retired
//! after their last run, after any failure, and when nobody has needed them for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::instance::KitInstance;

/// How long an instance waits for its next run.
const IDLE: Duration = Duration::from_secs(30);

/// Instances between two runs.
pub(super) struct IdleInstances {
    /// Runs that one instance serves; 0 keeps none.
    runs: u32,
    idle: Mutex<Vec<(Instant, KitInstance)>>,
    reaping: AtomicBool,
}

impl IdleInstances {
    pub fn new(runs: u32) -> Arc<IdleInstances> {
        Arc::new(IdleInstances {
            runs,
            idle: Mutex::default(),
            reaping: AtomicBool::new(false),
        })
    }

    /// The instance that was used last.
    pub fn take(&self) -> Option<KitInstance> {
        if self.runs == 0 {
            return None;
        }
        self.idle.lock().pop().map(|(_, instance)| instance)
    }

    /// Keeps an instance that has just answered, unless it has served its last run.
    pub fn put(self: &Arc<IdleInstances>, instance: KitInstance) {
        if instance.served >= self.runs {
            return;
        }
        self.idle.lock().push((Instant::now(), instance));
        if !self.reaping.swap(true, Ordering::AcqRel) {
            let idle = Arc::downgrade(self);
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(IDLE).await;
                    let Some(idle) = idle.upgrade() else { return };
                    if idle.reap() {
                        return;
                    }
                }
            });
        }
    }

    /// Drops the instances that waited too long; whether none is left.
    fn reap(&self) -> bool {
        let mut idle = self.idle.lock();
        idle.retain(|(since, _)| since.elapsed() < IDLE);
        if idle.is_empty() {
            self.reaping.store(false, Ordering::Release);
        }
        idle.is_empty()
    }
}
