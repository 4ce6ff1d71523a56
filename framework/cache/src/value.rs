//! What can be stored.

use std::io::{self, Write};

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value that the cache can keep. Values are shared between requests and never change.
pub trait Cached: Send + Sync + Sized + 'static {
    /// Whether other nodes may have it: then it is encoded and decoded.
    const SHARED: bool = false;

    /// Whether visitors decide how many there are: then they count in the budget of bytes that
    /// other nodes' store has for them.
    const BUDGETED: bool = false;

    /// About how many bytes of memory it takes.
    fn weight(&self) -> usize;

    /// The value as bytes for other nodes; `None` where it cannot be.
    fn encode(&self) -> Option<Bytes> {
        None
    }

    /// The value from another node's bytes; `None` when they are not one.
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

/// A typed value: itself in memory, JSON for other nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Cached for Json<T> {
    const SHARED: bool = true;

    /// The length as JSON: near enough to its size in memory, and the same for every type.
    fn weight(&self) -> usize {
        let mut counter = Counter(size_of::<T>());
        // A value that cannot be JSON is counted up to there: it is kept in memory alone.
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
