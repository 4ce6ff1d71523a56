//! Where the shared layer is, and how long anyone waits for it.

use std::time::Duration;

/// Bytes of values whose number visitors decide about, unless something else is said.
pub const BUDGET: u64 = 256 << 20;

/// A Redis or Valkey server, and what this shop calls its own there.
#[derive(Clone, Debug)]
pub struct SharedConfig {
    /// Such as `redis://127.0.0.1:6379/0`.
    pub url: String,
    /// The shop. Nodes with the same name share purges.
    pub name: String,
    /// What made the values. Nodes with the same build share entries.
    pub build: String,
    /// How long one command may take.
    pub time_out: Duration,
    /// How long a request waits for the load of another node before it loads on its own.
    pub patience: Duration,
    /// Bytes that values take there at most whose number visitors decide about
    /// ([`Cached::BUDGETED`](crate::Cached)). When the server's own limit is less than twice
    /// that, half of it.
    pub budget: u64,
}

impl SharedConfig {
    /// A server with 100 ms for a command, and two seconds of patience with other nodes.
    pub fn new(url: &str, name: &str, build: &str) -> Self {
        Self {
            url: url.to_owned(),
            name: name.to_owned(),
            build: build.to_owned(),
            time_out: Duration::from_millis(100),
            patience: Duration::from_secs(2),
            budget: BUDGET,
        }
    }
}

/// Why there can be no shared layer. A server that is away is no error: it may come back.
#[derive(Debug, thiserror::Error)]
pub enum SharedError {
    /// The address is none. It is not repeated here: it may hold a password.
    #[error(
        "the address of the shared cache cannot be used ({0}); it looks like redis://HOST:6379/0"
    )]
    Address(#[source] redis::RedisError),
    /// The name of the shop, or that of the build, cannot be one.
    #[error(
        "the name of the shop in the shared cache must be letters, digits, dots and dashes, at \
         most 64"
    )]
    Name,
    /// The system gives no random bytes.
    #[error("the system has no randomness for the name of this node")]
    Randomness,
}
