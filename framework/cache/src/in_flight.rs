//! Request coalescing: one load for all callers that ask for a key meanwhile.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use super::entry::Entry;
use super::load::LoadError;

/// How a load ended for those who waited.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// With a value for all.
    Loaded(Arc<Entry>),
    /// With a value for the one who loaded it: everyone else loads their own.
    Unshared,
    Failed(LoadError),
}

type Receiver = watch::Receiver<Option<Outcome>>;

/// The loads in flight, by key.
#[derive(Clone, Debug, Default)]
pub(super) struct InFlight(Arc<Mutex<HashMap<Arc<str>, Receiver>>>);

/// What a caller does about a key.
pub(super) enum Join {
    /// Load, and tell the others.
    Leader(Leader),
    /// Wait for the one who loads.
    Waiter(Waiter),
}

/// A load under way. Dropping it without an outcome tells those who wait that there will be none.
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

    /// The load of this key, unless it is under way.
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

    /// Tells everyone. What is to be found by those who come next must be stored before.
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
    /// The outcome; none when the load ended without one.
    pub(super) async fn wait(mut self) -> Option<Outcome> {
        self.0
            .wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|outcome| outcome.clone())
    }
}
