//! Limits how many instances exist at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::throttle::Throttle;

/// Issues permissions for a limited number of instances.
pub(crate) struct Instances {
    free: Arc<Semaphore>,
    limit: u32,
    throttle: Throttle,
}

impl Instances {
    pub fn new(limit: u32) -> Instances {
        Instances {
            free: Arc::new(Semaphore::new(limit as usize)),
            limit,
            throttle: Throttle::new(limit),
        }
    }

    /// Acquires permission for one instance, held until the result is dropped. `None` if none
    /// became free in this time.
    pub async fn acquire(&self, wait: Duration) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Some(permit);
        }
        let permit = Arc::clone(&self.free).acquire_owned();
        tokio::time::timeout(wait, permit).await.ok()?.ok()
    }

    /// How many of them may compute for long.
    pub fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    /// How many exist.
    pub fn in_use(&self) -> u32 {
        let free = u32::try_from(self.free.available_permits()).unwrap_or(u32::MAX);
        self.limit.saturating_sub(free)
    }
}
