//! A release that is only tried: a share of the visitors gets it, always the same ones, and it is
//! taken back by itself when it traps more often than the one that it is to replace.

use std::sync::Arc;

use cookie::Cookie;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use xxhash_rust::xxh3::xxh3_64;

use super::Release;

/// The cookie that keeps a visitor on one release: a number below [`BUCKETS`], and nothing else.
const NAME: &str = "protium-bucket";
/// How many groups visitors are divided into.
const BUCKETS: u16 = 10_000;
/// How long a browser stays in its group, in seconds.
const MAX_AGE: u32 = 86_400;
/// Requests before a canary is judged.
const ENOUGH: u64 = 50;
/// It is taken back when its trap rate, in per cent of its requests, is above the other's by more.
pub(crate) const MARGIN: f64 = 2.0;

/// A release on trial.
#[derive(Clone)]
pub(crate) struct Canary {
    pub release: Arc<Release>,
    /// Per cent of the visitors.
    pub share: u8,
    /// Requests and traps of the current release when the trial began.
    pub current_before: (u64, u64),
}

impl Canary {
    /// Whether visitors of this group get it. Those who do with a small share do with a larger one.
    pub fn takes(&self, bucket: u16) -> bool {
        // Not the same visitors for every release.
        let mut bytes = [0; 10];
        let (number, group) = bytes.split_at_mut(8);
        number.copy_from_slice(&self.release.number.to_le_bytes());
        group.copy_from_slice(&bucket.to_le_bytes());
        xxh3_64(&bytes) % 100 < u64::from(self.share)
    }

    /// Why it is to be taken back; `None` while it is not.
    pub fn verdict(&self, current: &Release) -> Option<String> {
        let (requests, traps) = current.counts.read();
        let (requests_before, traps_before) = self.current_before;
        let old = rate(requests - requests_before, traps - traps_before);
        let (requests, traps) = self.release.counts.read();
        let new = rate(requests, traps);
        (requests >= ENOUGH && new > old + MARGIN).then(|| {
            format!(
                "{new:.1} % of its {requests} requests trapped, and {old:.1} % of those to the \
                 release before it; the margin is {MARGIN} percentage points"
            )
        })
    }
}

fn rate(requests: u64, traps: u64) -> f64 {
    100.0 * traps as f64 / requests.max(1) as f64
}

/// The group of a visitor, who says so in a cookie.
pub(crate) fn bucket(headers: &HeaderMap) -> Option<u16> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .filter(|cookie| cookie.name() == NAME)
        .find_map(|cookie| cookie.value().parse().ok().filter(|it| *it < BUCKETS))
}

/// A group for a visitor who has none.
pub(crate) fn any_bucket() -> u16 {
    fastrand::u16(..BUCKETS)
}

/// The cookie that keeps a visitor in a group.
pub(crate) fn to_header(bucket: u16, secure: bool) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::try_from(format!(
        "{NAME}={bucket}; Path=/; Max-Age={MAX_AGE}; HttpOnly; SameSite=Lax{secure}"
    ))
    .expect("digits and words are a header")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_read_from_its_cookie_and_from_nothing_else() {
        let of = |cookie: &'static str| {
            bucket(&HeaderMap::from_iter([(
                COOKIE,
                HeaderValue::from_static(cookie),
            )]))
        };
        assert_eq!(of("a=b; protium-bucket=17"), Some(17));
        for other in [
            "protium-bucket=10000",
            "protium-bucket=-1",
            "protium-bucket=",
            "protium-bucket=1x",
            "protium=17",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
        let written = to_header(17, true);
        let written = written.to_str().expect("ascii");
        assert!(written.starts_with("protium-bucket=17; ") && written.ends_with("; Secure"));
    }
}
