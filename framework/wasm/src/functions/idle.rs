//! Reused instances, for modules whose manifest asks for it. They are dropped after their last run,
//! after any failure, and when they were idle for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::instance::KitInstance;

/// How long an instance may be idle.
const IDLE: Duration = Duration::from_secs(30);

/// Idle instances.
pub(super) struct IdleInstances {
    /// How many runs one instance serves; 0: none is reused.
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

    /// The most recently used instance.
    pub fn take(&self) -> Option<KitInstance> {
        if self.runs == 0 {
            return None;
        }
        self.idle.lock().pop().map(|(_, instance)| instance)
    }

    /// Keeps an instance after a run, unless that was its last one.
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

    /// Drops instances that were idle for too long; returns whether none is left.
    fn reap(&self) -> bool {
        let mut idle = self.idle.lock();
        idle.retain(|(since, _)| since.elapsed() < IDLE);
        if idle.is_empty() {
            self.reaping.store(false, Ordering::Release);
        }
        idle.is_empty()
    }
}
