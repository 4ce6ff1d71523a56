//! One load for many who wait.

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

/// The loads under way, by key.
#[derive(Clone, Debug, Default)]
pub(super) struct Flights(Arc<Mutex<HashMap<Arc<str>, Receiver>>>);

/// What there is to do for a key.
pub(super) enum Role {
    /// Load, and tell the others.
    Leader(LeadLoad),
    /// Wait for the one who loads.
    Waiter(Waiter),
}

/// A load under way. Dropping it without an outcome tells those who wait that there will be none.
pub(super) struct LeadLoad {
    key: Arc<str>,
    sender: watch::Sender<Option<Outcome>>,
    flights: Flights,
}

pub(super) struct Waiter(Receiver);

impl Flights {
    pub(super) fn join(&self, key: &str) -> Role {
        let mut flights = self.0.lock();
        if let Some(flight) = flights.get(key) {
            return Role::Waiter(Waiter(flight.clone()));
        }
        let key: Arc<str> = key.into();
        let (sender, receiver) = watch::channel(None);
        flights.insert(Arc::clone(&key), receiver);
        Role::Leader(LeadLoad {
            key,
            sender,
            flights: self.clone(),
        })
    }

    /// The load of this key, unless it is under way.
    pub(super) fn begin(&self, key: &str) -> Option<LeadLoad> {
        match self.join(key) {
            Role::Leader(landing) => Some(landing),
            Role::Waiter(_) => None,
        }
    }

    pub(super) fn under_way(&self) -> usize {
        self.0.lock().len()
    }
}

impl LeadLoad {
    pub(super) fn key(&self) -> Arc<str> {
        Arc::clone(&self.key)
    }

    /// Tells everyone. What is to be found by those who come next must be stored before.
    pub(super) fn land(self, outcome: Outcome) {
        self.sender.send_replace(Some(outcome));
    }
}

impl Drop for LeadLoad {
    fn drop(&mut self) {
        self.flights.0.lock().remove(&self.key);
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
