//! The last requests of a shop in development.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use parking_lot::Mutex;

use super::facts::PageFacts;
use crate::telemetry::trace::Trace;

/// Requests that are kept.
const KEPT: usize = 64;
/// The most bytes of an address or a header that are kept.
const LONGEST: usize = 500;

/// The last requests of a shop in development.
#[derive(Default)]
pub(crate) struct Profiles(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    last: u64,
    /// The oldest first.
    profiles: VecDeque<Arc<Profile>>,
}

/// A request, and what was sent.
pub(crate) struct Profile {
    pub number: u64,
    pub at: SystemTime,
    pub method: Method,
    pub target: String,
    pub status: StatusCode,
    /// Headers of the response, by name.
    pub headers: Vec<(HeaderName, String)>,
    /// `None`: the process has a subscriber of its own, which keeps no steps.
    pub trace: Option<Arc<Trace>>,
    /// `None`: it is no page.
    pub page: Option<Arc<PageFacts>>,
}

impl Profiles {
    /// Keeps a request in place of the oldest; returns its number.
    pub fn add(
        &self,
        (method, target): (Method, &Uri),
        (status, headers): (StatusCode, &HeaderMap),
        (trace, page): (Option<Arc<Trace>>, Option<Arc<PageFacts>>),
    ) -> u64 {
        let headers = headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.clone(), shortened(&value))
        });
        let mut kept = self.0.lock();
        kept.last += 1;
        let profile = Profile {
            number: kept.last,
            at: SystemTime::now(),
            method,
            target: shortened(&target.to_string()),
            status,
            headers: headers.collect(),
            trace,
            page,
        };
        let number = profile.number;
        kept.profiles.push_back(Arc::new(profile));
        let too_many = kept.profiles.len().saturating_sub(KEPT);
        kept.profiles.drain(..too_many);
        number
    }

    /// All that are kept, the newest first.
    pub fn all(&self) -> Vec<Arc<Profile>> {
        let kept = self.0.lock();
        kept.profiles.iter().rev().cloned().collect()
    }

    /// The one with this number.
    pub fn get(&self, number: u64) -> Option<Arc<Profile>> {
        let kept = self.0.lock();
        let mut profiles = kept.profiles.iter();
        profiles.find(|profile| profile.number == number).cloned()
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_requests_are_kept_however_long_they_are() {
        let profiles = Profiles::default();
        let mut headers = HeaderMap::new();
        let long = "x".repeat(10 * LONGEST);
        headers.insert("a", long.parse().expect("a header"));
        let target: Uri = format!("/{long}").parse().expect("an address");
        for number in 1..=2 * KEPT as u64 {
            let response = (StatusCode::OK, &headers);
            let given = profiles.add((Method::GET, &target), response, (None, None));
            assert_eq!(given, number);
        }
        let all = profiles.all();
        assert_eq!(all.len(), KEPT);
        assert_eq!(all[0].number, 2 * KEPT as u64);
        assert_eq!(
            (all[0].target.len(), all[0].headers[0].1.len()),
            (LONGEST, LONGEST)
        );
        assert!(profiles.get(1).is_none() && profiles.get(all[3].number).is_some());
    }
}
