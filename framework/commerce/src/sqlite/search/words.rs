//! The vocabulary as the index is now. It is read again, on a thread of its own, by the first
//! search after an import; whoever searches meanwhile waits for it as long as there is time.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;

use super::super::open;
use super::vocabulary::Vocabulary;

/// The vocabulary of a store.
pub(in crate::sqlite) struct Words {
    directory: PathBuf,
    state: Mutex<State>,
    has_read: Condvar,
}

#[derive(Default)]
struct State {
    known: Option<Known>,
    is_reading: bool,
}

struct Known {
    /// The catalogue's version that it was read from.
    version: i64,
    locale: Arc<str>,
    vocabulary: Arc<Vocabulary>,
}

impl Words {
    /// Of the store in this directory.
    pub(in crate::sqlite) fn new(directory: PathBuf) -> Self {
        Self {
            directory,
            state: Mutex::default(),
            has_read: Condvar::new(),
        }
    }

    /// The vocabulary of the catalogue at `version` or later. An older one, or none, when the
    /// deadline passes before it has been read.
    pub(super) fn at(
        self: &Arc<Self>,
        version: i64,
        locale: &Arc<str>,
        deadline: Instant,
    ) -> Option<Arc<Vocabulary>> {
        let mut state = self.state.lock();
        // One reading may be under way for an older version, then one for this: a third has failed.
        for _ in 0..3 {
            let is_current = state
                .known
                .as_ref()
                .is_some_and(|known| known.version >= version && known.locale == *locale);
            if is_current {
                break;
            }
            if !state.is_reading {
                let (words, locale) = (Arc::clone(self), Arc::clone(locale));
                let started = std::thread::Builder::new()
                    .name("shop-words".into())
                    .spawn(move || words.read(locale));
                state.is_reading = started.is_ok();
            }
            if !state.is_reading || self.has_read.wait_until(&mut state, deadline).timed_out() {
                break;
            }
        }
        let known = state.known.as_ref();
        known.map(|known| Arc::clone(&known.vocabulary))
    }

    fn read(&self, locale: Arc<str>) {
        // Those who wait are woken even if this fails.
        struct Done<'a>(&'a Words);
        impl Drop for Done<'_> {
            fn drop(&mut self) {
                self.0.state.lock().is_reading = false;
                self.0.has_read.notify_all();
            }
        }
        let done = Done(self);
        let connection = match open::reader(&self.directory) {
            Ok(connection) => connection,
            Err(error) => {
                tracing::error!(%error, "the words for searches cannot be read");
                return;
            }
        };
        match vocabulary(&connection, &locale) {
            Ok((version, vocabulary)) => {
                self.state.lock().known = Some(Known {
                    version,
                    locale,
                    vocabulary: Arc::new(vocabulary),
                });
            }
            Err(error) => tracing::error!(%error, "the words for searches cannot be read"),
        }
        drop(done);
    }
}

/// The words of the index, and the version of the catalogue that they are of.
fn vocabulary(connection: &Connection, locale: &str) -> rusqlite::Result<(i64, Vocabulary)> {
    let snapshot = connection.unchecked_transaction()?;
    let version = super::super::state::read(&snapshot)?.version;
    let words = snapshot
        .prepare("SELECT term, doc FROM search_word")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok((version, Vocabulary::new(words, locale)))
}
