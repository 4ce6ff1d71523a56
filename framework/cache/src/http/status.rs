//! `Cache-Status` (RFC 9211): tells the client what the cache did with a request.

use std::fmt;
use std::io::Write;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

use super::storable::Refused;
use crate::found::{Found, How};

/// The header's name.
pub const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
/// The name of this cache.
const NAME: &str = "Protium";

/// Room for a value, in bytes.
const LONGEST: usize = 64;

/// What the cache did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheStatus {
    /// Answered from the cache.
    Hit {
        /// The remaining freshness in seconds; negative when it is stale.
        ttl: i64,
        /// The layer of the cache that had it.
        how: How,
    },
    /// Made for this request, or for a concurrent one.
    Miss {
        /// The response was stored.
        stored: bool,
        /// It was made for a concurrent request.
        collapsed: bool,
    },
    /// The cache was not used.
    Bypass(Refused),
}

impl CacheStatus {
    /// The status of a look-up's result.
    pub fn of<T>(found: &Found<T>) -> Self {
        match found.how {
            How::Hit | How::Stale | How::StaleIfError | How::Shared => CacheStatus::Hit {
                ttl: found.ttl(),
                how: found.how,
            },
            How::Loaded => CacheStatus::Miss {
                stored: true,
                collapsed: false,
            },
            How::Joined => CacheStatus::Miss {
                stored: true,
                collapsed: true,
            },
            How::Unshared => CacheStatus::Miss {
                stored: false,
                collapsed: false,
            },
        }
    }

    /// The header's value.
    pub fn header(self) -> HeaderValue {
        text(format_args!("{self}")).unwrap_or_else(|| HeaderValue::from_static(NAME))
    }

    /// The value under the name of another cache, which must be a token (RFC 9110).
    pub fn header_by(self, name: &str) -> HeaderValue {
        let text = self.to_string();
        let rest = text.strip_prefix(NAME).unwrap_or_default();
        HeaderValue::try_from(format!("{name}{rest}")).unwrap_or_else(|_| self.header())
    }
}

impl fmt::Display for CacheStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            CacheStatus::Hit { ttl, how } => {
                write!(f, "{NAME}; hit; ttl={ttl}")?;
                match how {
                    How::StaleIfError => f.write_str("; detail=stale-if-error"),
                    How::Shared => f.write_str("; detail=shared"),
                    _ => Ok(()),
                }
            }
            CacheStatus::Miss { stored, collapsed } => {
                write!(f, "{NAME}; fwd=uri-miss")?;
                if stored && !collapsed {
                    f.write_str("; stored")?;
                }
                if collapsed {
                    f.write_str("; collapsed")?;
                }
                Ok(())
            }
            CacheStatus::Bypass(Refused::Method) => write!(f, "{NAME}; fwd=method"),
            CacheStatus::Bypass(why) => write!(f, "{NAME}; fwd=bypass; detail={}", why.word()),
        }
    }
}

/// The value of `Age`.
pub fn age(age: Duration) -> HeaderValue {
    text(format_args!("{}", age.as_secs())).unwrap_or_else(|| HeaderValue::from(age.as_secs()))
}

/// A short header with one allocation; `None` if it is too long, or no header.
fn text(text: fmt::Arguments<'_>) -> Option<HeaderValue> {
    let mut bytes = [0; LONGEST];
    let mut rest = &mut bytes[..];
    rest.write_fmt(text).ok()?;
    let length = LONGEST - rest.len();
    HeaderValue::from_bytes(bytes.get(..length)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_standard() {
        let hit = |ttl, how| CacheStatus::Hit { ttl, how }.to_string();
        assert_eq!(hit(30, How::Hit), "Protium; hit; ttl=30");
        assert_eq!(hit(-4, How::Stale), "Protium; hit; ttl=-4");
        assert_eq!(
            hit(-4, How::StaleIfError),
            "Protium; hit; ttl=-4; detail=stale-if-error"
        );
        let miss = |stored, collapsed| CacheStatus::Miss { stored, collapsed }.to_string();
        assert_eq!(miss(true, false), "Protium; fwd=uri-miss; stored");
        assert_eq!(miss(true, true), "Protium; fwd=uri-miss; collapsed");
        assert_eq!(
            CacheStatus::Bypass(Refused::Method).to_string(),
            "Protium; fwd=method"
        );
        assert_eq!(
            CacheStatus::Bypass(Refused::Private).to_string(),
            "Protium; fwd=bypass; detail=private"
        );
    }
}
