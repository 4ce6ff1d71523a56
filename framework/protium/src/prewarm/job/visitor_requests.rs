//! Visitors come first: a job waits a little while their requests are under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(1);
/// Looks until the job goes on nevertheless: a shop that is never quiet is warmed slowly, and is
/// warmed.
const LOOKS: u32 = 20;

/// Requests of visitors under way. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct VisitorRequests(Arc<AtomicUsize>);

/// One request, for as long as this lives.
#[derive(Debug)]
pub struct VisitorRequest(Arc<AtomicUsize>);

impl VisitorRequests {
    /// A request begins.
    pub fn begin(&self) -> VisitorRequest {
        self.0.fetch_add(1, Ordering::Relaxed);
        VisitorRequest(Arc::clone(&self.0))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Returns when there are none, or after about 20 ms.
    pub async fn yield_to_visitors(&self) {
        for _ in 0..LOOKS {
            if self.count() == 0 {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Drop for VisitorRequest {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[tokio::test]
    async fn a_job_waits_for_visitors_and_not_for_ever() {
        let requests = VisitorRequests::default();
        let start = Instant::now();
        requests.yield_to_visitors().await;
        assert!(
            start.elapsed() < Duration::from_millis(15),
            "nobody is there"
        );
        let one = requests.begin();
        let start = Instant::now();
        requests.yield_to_visitors().await;
        let waited = start.elapsed();
        assert!(waited >= Duration::from_millis(15) && waited < Duration::from_secs(2));
        drop(one);
        assert_eq!(requests.count(), 0);
    }
}
