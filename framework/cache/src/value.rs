//! What can be stored.

use std::io::{self, Write};

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value that the cache can store. Values are immutable and shared between requests.
pub trait Cached: Send + Sync + Sized + 'static {
    /// Whether it can be stored for other nodes: then it is encoded and decoded.
    const SHARED: bool = false;

    /// Whether visitors decide how many such values there are: then they count in the budget of the
    /// shared layer.
    const BUDGETED: bool = false;

    /// Its approximate size in memory, in bytes.
    fn weight(&self) -> usize;

    /// Encodes the value for other nodes; `None` if it cannot be encoded.
    fn encode(&self) -> Option<Bytes> {
        None
    }

    /// Decodes another node's value; `None` if it is invalid.
    fn decode(_bytes: Bytes) -> Option<Self> {
        None
    }
}

impl Cached for Bytes {
    const SHARED: bool = true;

    fn weight(&self) -> usize {
        self.len()
    }

    fn encode(&self) -> Option<Bytes> {
        Some(self.clone())
    }

    fn decode(bytes: Bytes) -> Option<Self> {
        Some(bytes)
    }
}

/// A typed value: kept as it is in memory, and as JSON for other nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Cached for Json<T> {
    const SHARED: bool = true;

    /// Its length as JSON: close enough to its size in memory, for every type.
    fn weight(&self) -> usize {
        let mut counter = Counter(size_of::<T>());
        // A value that cannot be JSON is counted up to the error, and kept in memory only.
        let _ = serde_json::to_writer(&mut counter, &self.0);
        counter.0
    }

    fn encode(&self) -> Option<Bytes> {
        serde_json::to_vec(&self.0).ok().map(Bytes::from)
    }

    fn decode(bytes: Bytes) -> Option<Self> {
        serde_json::from_slice(&bytes).ok().map(Json)
    }
}

struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
