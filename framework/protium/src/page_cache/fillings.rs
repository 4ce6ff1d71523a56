//! The personal parts of cached pages, and whole pages with them, as they were made for visitors
//! before.
//!
//! A personal component sees its properties, the page's context and what [`PersonalData`] has: it
//! has no clock, no randomness and no files. So its bytes are the same for every visitor of whom
//! that is equal, and are remembered. What failed is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::HeaderValue;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::request::personal::PersonalData;
use protium_cache::http::Coding;
use protium_page::Filling;

/// The most bytes of fillings, and of bodies, that are remembered.
const MOST_BYTES: u64 = 8 * 1024 * 1024;
/// About how many bytes an entry takes besides.
const ENTRY: usize = 256;

/// Remembers the fillings of cached pages, and the bodies with them.
pub struct Fillings {
    made: Cache<FillingKey, Arc<Filling>, Size>,
    bodies: Cache<BodyKey, FilledBody, Size>,
}

/// A cached page for all visitors of whom it shows the same. Equal keys have equal fillings: there
/// are no digests that could collide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FillingKey {
    pub page: PageNumber,
    pub visitor: PersonalData,
}

/// The same in one coding, with one of the page's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BodyKey {
    pub filling: FillingKey,
    pub address: usize,
    pub coding: Coding,
}

/// A finished body.
#[derive(Clone, Debug)]
pub struct FilledBody {
    pub bytes: Bytes,
    pub etag: HeaderValue,
}

/// Tells a cached page from all others of this process, earlier ones of the same address included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageNumber(u64);

impl PageNumber {
    /// A number that no page has.
    pub fn next() -> PageNumber {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        PageNumber(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

#[derive(Clone)]
struct Size;

impl Weighter<FillingKey, Arc<Filling>> for Size {
    fn weight(&self, _: &FillingKey, filling: &Arc<Filling>) -> u64 {
        (ENTRY + filling.weight()) as u64
    }
}

impl Weighter<BodyKey, FilledBody> for Size {
    fn weight(&self, _: &BodyKey, body: &FilledBody) -> u64 {
        (ENTRY + body.bytes.len()) as u64
    }
}

impl Default for Fillings {
    fn default() -> Fillings {
        Fillings {
            made: Cache::with_weighter(4096, MOST_BYTES, Size),
            bodies: Cache::with_weighter(1024, MOST_BYTES, Size),
        }
    }
}

impl Fillings {
    /// What was made for such a visitor.
    pub fn get(&self, key: &FillingKey) -> Option<Arc<Filling>> {
        self.made.get(key)
    }

    /// Remembers what was made for a visitor.
    pub fn insert(&self, key: FillingKey, filling: Arc<Filling>) {
        self.made.insert(key, filling);
    }

    /// The body with it; made by `make` when it is not remembered, and remembered then.
    pub fn body(
        &self,
        key: BodyKey,
        make: impl FnOnce() -> Option<FilledBody>,
    ) -> Option<FilledBody> {
        if let Some(body) = self.bodies.get(&key) {
            return Some(body);
        }
        let body = make()?;
        self.bodies.insert(key, body.clone());
        Some(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::session::Session;

    fn key(page: PageNumber, count: i64, version: i64) -> FillingKey {
        let session = Session {
            count,
            version,
            ..Session::default()
        };
        let visitor = PersonalData::of(&session);
        FillingKey { page, visitor }
    }

    #[test]
    fn a_filling_is_for_one_page_and_all_visitors_who_see_the_same() {
        let fillings = Fillings::default();
        let (page, other) = (PageNumber::next(), PageNumber::next());
        fillings.insert(key(page, 1, 1), Arc::default());
        assert!(fillings.get(&key(page, 1, 1)).is_some());
        assert!(fillings.get(&key(page, 2, 1)).is_none());
        assert!(fillings.get(&key(page, 1, 7)).is_some());
        assert!(fillings.get(&key(other, 1, 1)).is_none());
    }

    #[test]
    fn a_body_is_made_once_for_each_address_and_coding() {
        let fillings = Fillings::default();
        let filling = key(PageNumber::next(), 1, 1);
        let body = |address, coding, text: &'static str| {
            let key = BodyKey {
                filling,
                address,
                coding,
            };
            let made = FilledBody {
                bytes: Bytes::from_static(text.as_bytes()),
                etag: HeaderValue::from_static("W/\"1\""),
            };
            fillings.body(key, || Some(made)).map(|body| body.bytes)
        };
        assert_eq!(
            body(0, Coding::Brotli, "first").as_deref(),
            Some(&b"first"[..])
        );
        assert_eq!(
            body(0, Coding::Brotli, "again").as_deref(),
            Some(&b"first"[..])
        );
        assert_eq!(
            body(1, Coding::Brotli, "other").as_deref(),
            Some(&b"other"[..])
        );
        assert_eq!(body(0, Coding::Gzip, "gzip").as_deref(), Some(&b"gzip"[..]));
    }
}
