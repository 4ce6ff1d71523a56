//! The releases of a running shop: the one that requests get, one that is tried on a share of the
//! visitors, and those before.

use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwap;
use http::HeaderMap;
use parking_lot::Mutex;

use super::Release;
use super::canary::{self, Canary};
use super::error::ReleaseError;

/// Releases that are remembered besides the current one and a canary: their files are served, and
/// the last one of them can be had back at once.
const PREVIOUS: usize = 3;

/// The releases of a running shop.
pub(crate) struct Releases {
    /// Replaced as a whole, so that a request takes what belongs together.
    state: ArcSwap<State>,
    /// Held while the state is replaced.
    changing: Mutex<()>,
    /// Held while a release is built: one at a time.
    pub building: tokio::sync::Mutex<()>,
    /// What came of the last build.
    pub last: Mutex<Option<Outcome>>,
}

/// What requests are answered with from one moment to the next.
#[derive(Clone)]
pub(crate) struct State {
    pub current: Arc<Release>,
    /// Since when it is.
    pub since: SystemTime,
    pub canary: Option<Canary>,
    /// Others, the youngest last.
    pub previous: Vec<Arc<Release>>,
}

/// What came of a build.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// When it ended.
    pub at: SystemTime,
    /// The number of the release, or why there is none.
    pub result: Result<u64, String>,
}

impl State {
    /// Remembers a release as one of before.
    fn remember(&mut self, release: Arc<Release>) {
        self.previous.push(release);
        self.previous.sort_by_key(|release| release.number);
        let too_many = self.previous.len().saturating_sub(PREVIOUS);
        self.previous.drain(..too_many);
    }

    /// All releases that are remembered, the youngest first.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Release>> {
        let canary = self.canary.iter().map(|canary| &canary.release);
        canary
            .chain([&self.current])
            .chain(self.previous.iter().rev())
    }
}

impl Releases {
    pub fn new(first: Release) -> Releases {
        Releases {
            state: ArcSwap::from_pointee(State {
                current: Arc::new(first),
                since: SystemTime::now(),
                canary: None,
                previous: Vec::new(),
            }),
            changing: Mutex::default(),
            building: tokio::sync::Mutex::default(),
            last: Mutex::default(),
        }
    }

    /// As they are now.
    pub fn state(&self) -> Arc<State> {
        self.state.load_full()
    }

    /// The current release, which visitors outside of a canary's share get.
    pub fn current(&self) -> Arc<Release> {
        Arc::clone(&self.state.load().current)
    }

    /// The release for a request with these headers that begins now; and the visitor's group, when
    /// there is a canary and the visitor was in none so far.
    pub fn choose(&self, headers: &HeaderMap) -> (Arc<Release>, Option<u16>) {
        let state = self.state.load();
        let Some(canary) = &state.canary else {
            return (Arc::clone(&state.current), None);
        };
        let (bucket, new) = match canary::bucket(headers) {
            Some(bucket) => (bucket, None),
            None => {
                let bucket = canary::any_bucket();
                (bucket, Some(bucket))
            }
        };
        let release = match canary.takes(bucket) {
            true => &canary.release,
            false => &state.current,
        };
        (Arc::clone(release), new)
    }

    /// The number that the next release gets.
    pub fn next_number(&self) -> u64 {
        let state = self.state.load();
        state.all().map(|release| release.number).max().unwrap_or(0) + 1
    }

    /// From now on requests get this release.
    pub fn swap(&self, release: Arc<Release>) {
        self.change(|state| {
            let before = std::mem::replace(&mut state.current, release);
            state.since = SystemTime::now();
            state.remember(before);
        });
    }

    /// From now on so many per cent of the visitors get this release.
    pub fn try_out(&self, release: Arc<Release>, share: u8) {
        self.change(|state| {
            state.canary = Some(Canary {
                release,
                share,
                current_before: state.current.counts.read(),
            });
        });
    }

    /// Gives the canary to so many per cent of the visitors.
    pub fn set_share(&self, share: u8) -> Result<(), ReleaseError> {
        self.change(|state| {
            let canary = state.canary.as_mut().ok_or(ReleaseError::NoCanary)?;
            canary.share = share;
            Ok(())
        })
    }

    /// The canary becomes the current release.
    pub fn promote(&self) -> Result<Arc<Release>, ReleaseError> {
        self.change(|state| {
            let canary = state.canary.take().ok_or(ReleaseError::NoCanary)?;
            let before = std::mem::replace(&mut state.current, Arc::clone(&canary.release));
            state.since = SystemTime::now();
            state.remember(before);
            Ok(canary.release)
        })
    }

    /// Takes the canary back, or, where there is none, goes back to the release before the current
    /// one. Returns the one that is current now.
    pub fn roll_back(&self) -> Result<Arc<Release>, ReleaseError> {
        self.change(|state| {
            if let Some(canary) = state.canary.take() {
                state.remember(canary.release);
                return Ok(Arc::clone(&state.current));
            }
            let number = state.current.number;
            let before = state.previous.iter().rposition(|it| it.number < number);
            let before = before.ok_or(ReleaseError::NoPrevious)?;
            let before = state.previous.remove(before);
            let current = std::mem::replace(&mut state.current, Arc::clone(&before));
            state.since = SystemTime::now();
            state.remember(current);
            Ok(before)
        })
    }

    /// Takes the canary back when it is this release and traps too often; why.
    pub fn judge(&self, release: &Release) -> Option<String> {
        self.state.load().canary.as_ref()?;
        self.change(|state| {
            let canary = state.canary.as_ref()?;
            if canary.release.number != release.number {
                return None;
            }
            let reason = canary.verdict(&state.current)?;
            let canary = state.canary.take()?;
            state.remember(canary.release);
            Some(reason)
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let _one_at_a_time = self.changing.lock();
        let mut state = State::clone(&self.state.load());
        let result = change(&mut state);
        self.state.store(Arc::new(state));
        result
    }
}
