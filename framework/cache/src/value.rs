//! What can be stored.

use bytes::Bytes;

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
