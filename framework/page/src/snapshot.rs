//! Snapshots: what the browser needs to hydrate the server's HTML, that is context, stores and the
//! props of islands.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use protium_wasm::{Lane, Value, to_script_json};

use super::build_id::PROTOCOL_VERSION;
use super::splice::Live;

/// Entries of the context that are only for the server.
const SERVER_ONLY: [&str; 2] = ["traceparent", "seed"];

/// The page's own snapshot.
#[derive(Debug, Serialize)]
pub(super) struct Snapshot<'a> {
    v: u32,
    build: &'a str,
    lane: &'static str,
    dev: bool,
    ctx: Context<'a>,
    stores: Stores<'a>,
    islands: Vec<Island<'a>>,
}

/// The visitor's part: a snapshot of its own, besides the page's.
#[derive(Debug, Serialize)]
pub(super) struct Fragment<'a> {
    v: u32,
    build: &'a str,
    stores: Stores<'a>,
    islands: Vec<Island<'a>>,
}

/// An island in a snapshot.
#[derive(Debug, Serialize)]
pub(super) struct Island<'a> {
    pub id: &'a str,
    pub c: &'a str,
    pub h: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub d: Option<String>,
    pub p: &'a Value,
}

#[derive(Debug)]
struct Context<'a>(&'a Value);

/// Stores by name; `None` is an empty record.
#[derive(Debug)]
struct Stores<'a>(&'a Value);

impl Serialize for Context<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.0.as_record().unwrap_or_default();
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in entries
            .iter()
            .filter(|(key, _)| !SERVER_ONLY.contains(&key.as_str()))
        {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl Serialize for Stores<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_map(Some(0))?.end(),
            stores => stores.serialize(serializer),
        }
    }
}

/// A digest as hex digits.
pub(super) fn digest(digest: u64) -> String {
    format!("{digest:016x}")
}

fn islands<'a>(live: &[Live<'a>]) -> Vec<Island<'a>> {
    let island = |live: &Live<'a>| Island {
        id: live.id,
        c: &live.site.component,
        h: &live.site.directive,
        d: live.digest.map(digest),
        p: live.props,
    };
    live.iter().map(island).collect()
}

impl<'a> Snapshot<'a> {
    pub(super) fn new(
        build: &'a str,
        lane: Lane,
        dev: bool,
        ctx: &'a Value,
        live: &[Live<'a>],
    ) -> Self {
        let stores = Stores(&Value::Null);
        Self {
            v: PROTOCOL_VERSION,
            build,
            lane: lane.name(),
            dev,
            ctx: Context(ctx),
            stores,
            islands: islands(live),
        }
    }
}

impl<'a> Fragment<'a> {
    pub(super) fn new(build: &'a str, stores: &'a Value, live: &[Live<'a>]) -> Self {
        Self::of(build, stores, islands(live))
    }

    /// Checks islands that are not part of a page yet.
    pub(super) fn of(build: &'a str, stores: &'a Value, islands: Vec<Island<'a>>) -> Self {
        Self {
            v: PROTOCOL_VERSION,
            build,
            stores: Stores(stores),
            islands,
        }
    }
}

/// Appends the script element of a snapshot or a fragment.
pub(super) fn write<T: Serialize>(
    html: &mut Vec<u8>,
    snapshot: &T,
) -> Result<(), serde_json::Error> {
    html.extend_from_slice(b"<script type=\"application/json\" data-go-snapshot>");
    html.extend_from_slice(to_script_json(snapshot)?.as_bytes());
    html.extend_from_slice(b"</script>");
    Ok(())
}
