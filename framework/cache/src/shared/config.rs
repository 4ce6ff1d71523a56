//! Configuration of the shared layer: its address and timeouts.

use std::time::Duration;

/// The default budget in bytes for values whose number visitors decide on.
pub const BUDGET: u64 = 256 << 20;

/// A Redis or Valkey server, and the shop's names there.
#[derive(Clone, Debug)]
pub struct SharedConfig {
    /// Such as `redis://127.0.0.1:6379/0`.
    pub url: String,
    /// The shop. Nodes with the same name share purges.
    pub name: String,
    /// The build that made the values. Nodes with the same build share entries.
    pub build: String,
    /// The timeout of a command.
    pub time_out: Duration,
    /// How long a request waits for another node's load before it loads on its own.
    pub load_wait: Duration,
    /// The most bytes for values whose number visitors decide on
    /// ([`Cached::BUDGETED`](crate::Cached)). It is reduced to half of the server's own limit,
    /// where that is less.
    pub budget: u64,
}

impl SharedConfig {
    /// A server with a command timeout of 100 ms; requests wait two seconds for other nodes.
    pub fn new(url: &str, name: &str, build: &str) -> Self {
        Self {
            url: url.to_owned(),
            name: name.to_owned(),
            build: build.to_owned(),
            time_out: Duration::from_millis(100),
            load_wait: Duration::from_secs(2),
            budget: BUDGET,
        }
    }
}

/// Why the shared layer cannot be configured. A server that is unavailable is not an error: it may
/// come back.
#[derive(Debug, thiserror::Error)]
pub enum SharedError {
    /// The address is invalid. It is not repeated here, because it may contain a password.
    #[error(
        "the address of the shared cache cannot be used ({0}); it looks like redis://HOST:6379/0"
    )]
    Address(#[source] redis::RedisError),
    /// The name of the shop, or of the build, is invalid.
    #[error(
        "the name of the shop in the shared cache must be letters, digits, dots and dashes, at \
         most 64"
    )]
    Name,
    /// The system has no random bytes.
    #[error("the system has no randomness for the name of this node")]
    Randomness,
}
