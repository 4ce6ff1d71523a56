//! Request coalescing: one load for all concurrent requests of a key.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use super::entry::Entry;
use super::load::LoadError;

/// The outcome of a load, for those who wait for it.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// A value for all.
    Loaded(Arc<Entry>),
    /// A value for the leader only: each waiter loads its own.
    Unshared,
    Failed(LoadError),
}

type Receiver = watch::Receiver<Option<Outcome>>;

/// The loads in flight, by key.
#[derive(Clone, Debug, Default)]
pub(super) struct InFlight(Arc<Mutex<HashMap<Arc<str>, Receiver>>>);

/// What a caller has to do about a key.
pub(super) enum Join {
    /// Load it, and notify the others.
    Leader(Leader),
    /// Wait for the leader.
    Waiter(Waiter),
}

/// A load in progress. Dropping it without an outcome tells waiters that there will be none.
pub(super) struct Leader {
    key: Arc<str>,
    sender: watch::Sender<Option<Outcome>>,
    in_flight: InFlight,
}

pub(super) struct Waiter(Receiver);

impl InFlight {
    pub(super) fn join(&self, key: &str) -> Join {
        let mut in_flight = self.0.lock();
        if let Some(load) = in_flight.get(key) {
            return Join::Waiter(Waiter(load.clone()));
        }
        let key: Arc<str> = key.into();
        let (sender, receiver) = watch::channel(None);
        in_flight.insert(Arc::clone(&key), receiver);
        Join::Leader(Leader {
            key,
            sender,
            in_flight: self.clone(),
        })
    }

    /// Joins the load of this key, or starts one.
    pub(super) fn begin(&self, key: &str) -> Option<Leader> {
        match self.join(key) {
            Join::Leader(leader) => Some(leader),
            Join::Waiter(_) => None,
        }
    }

    pub(super) fn under_way(&self) -> usize {
        self.0.lock().len()
    }
}

impl Leader {
    pub(super) fn key(&self) -> Arc<str> {
        Arc::clone(&self.key)
    }

    /// Notifies all waiters. The value must be stored before, so that later requests find it.
    pub(super) fn finish(self, outcome: Outcome) {
        self.sender.send_replace(Some(outcome));
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        self.in_flight.0.lock().remove(&self.key);
    }
}

impl Waiter {
    /// The outcome; `None` if the load ended without one.
    pub(super) async fn wait(mut self) -> Option<Outcome> {
        self.0
            .wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|outcome| outcome.clone())
    }
}
