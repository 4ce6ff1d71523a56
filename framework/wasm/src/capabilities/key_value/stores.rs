//! All stores of a node.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::embedded::Embedded;
use super::store::{KeyValue, RemoteStores, StoreError};

/// The embedded store, and shared ones by address.
pub(crate) struct Stores {
    embedded: Arc<dyn KeyValue>,
    remote: Option<Arc<dyn RemoteStores>>,
    connected: Mutex<HashMap<String, Arc<dyn KeyValue>>>,
}

impl Stores {
    /// With this many bytes for the embedded store.
    pub fn new(bytes: u64, remote: Option<Arc<dyn RemoteStores>>) -> Stores {
        Stores {
            embedded: Arc::new(Embedded::new(bytes)),
            remote,
            connected: Mutex::default(),
        }
    }

    /// The store at the address that a run names; the embedded one if it names none.
    pub fn at(&self, address: &str) -> Result<Arc<dyn KeyValue>, StoreError> {
        if address.is_empty() {
            return Ok(self.embedded.clone());
        }
        let mut connected = self.connected.lock();
        if let Some(store) = connected.get(address) {
            return Ok(store.clone());
        }
        let remote = self.remote.as_ref().ok_or_else(|| StoreError {
            address: address.to_owned(),
            problem: "this server has the embedded store only".to_owned(),
        })?;
        let store = remote.connect(address)?;
        connected.insert(address.to_owned(), store.clone());
        Ok(store)
    }
}
