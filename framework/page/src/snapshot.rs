//! Snapshots: what the browser needs to hydrate the server's HTML, that is context, stores and the
//! props of islands.

use protium_wasm::{Lane, Value, write_script_json, write_script_record};

use super::build_id::PROTOCOL_VERSION;
use super::splice::Live;

/// The element around a snapshot.
const ELEMENT: &str = "<script type=\"application/json\" data-go-snapshot>";
const END: &str = "</script>";

/// Entries of the context that are only for the server.
const SERVER_ONLY: [&str; 2] = ["traceparent", "seed"];

/// An island in a snapshot.
#[derive(Debug)]
pub(super) struct Island<'a> {
    pub id: &'a str,
    pub c: &'a str,
    pub h: &'a str,
    pub d: Option<String>,
    pub p: &'a Value,
}

/// A digest as hex digits.
pub(super) fn digest(digest: u64) -> String {
    format!("{digest:016x}")
}

pub(super) fn islands<'a>(live: &[Live<'a>]) -> Vec<Island<'a>> {
    let island = |live: &Live<'a>| Island {
        id: live.id,
        c: &live.site.component,
        h: &live.site.directive,
        d: live.digest.map(digest),
        p: live.props,
    };
    live.iter().map(island).collect()
}

/// Appends the visitor's part: the script element of a snapshot of its own, besides the page's.
pub(super) fn write_fragment(
    html: &mut Vec<u8>,
    build: &str,
    stores: &Value,
    islands: &[Island<'_>],
) -> Result<(), serde_json::Error> {
    write_start(html, build)?;
    html.extend_from_slice(b",\"stores\":");
    match stores {
        Value::Null => html.extend_from_slice(b"{}"),
        stores => write_script_json(html, stores)?,
    }
    html.extend_from_slice(b",\"islands\":");
    write_islands(html, islands)?;
    write_end(html);
    Ok(())
}

/// Appends the script element of a page's snapshot.
pub(super) fn write(
    html: &mut Vec<u8>,
    build: &str,
    (lane, dev): (Lane, bool),
    ctx: &Value,
    islands: &[Island<'_>],
) -> Result<(), serde_json::Error> {
    write_start(html, build)?;
    html.extend_from_slice(b",\"lane\":");
    write_script_json(html, lane.name())?;
    html.extend_from_slice(b",\"dev\":");
    write_script_json(html, &dev)?;
    html.extend_from_slice(b",\"ctx\":");
    let context = ctx.as_record().unwrap_or_default().iter();
    write_script_record(
        html,
        context.filter(|(key, _)| !SERVER_ONLY.contains(&key.as_str())),
    )?;
    html.extend_from_slice(b",\"stores\":{},\"islands\":");
    write_islands(html, islands)?;
    write_end(html);
    Ok(())
}

fn write_start(html: &mut Vec<u8>, build: &str) -> Result<(), serde_json::Error> {
    html.extend_from_slice(ELEMENT.as_bytes());
    html.extend_from_slice(format!("{{\"v\":{PROTOCOL_VERSION},\"build\":").as_bytes());
    write_script_json(html, build)
}

fn write_end(html: &mut Vec<u8>) {
    html.push(b'}');
    html.extend_from_slice(END.as_bytes());
}

fn write_islands(html: &mut Vec<u8>, islands: &[Island<'_>]) -> Result<(), serde_json::Error> {
    html.push(b'[');
    for (at, island) in islands.iter().enumerate() {
        if at > 0 {
            html.push(b',');
        }
        html.extend_from_slice(b"{\"id\":");
        write_script_json(html, island.id)?;
        html.extend_from_slice(b",\"c\":");
        write_script_json(html, island.c)?;
        html.extend_from_slice(b",\"h\":");
        write_script_json(html, island.h)?;
        if let Some(digest) = &island.d {
            html.extend_from_slice(b",\"d\":");
            write_script_json(html, digest)?;
        }
        html.extend_from_slice(b",\"p\":");
        write_script_record(html, island.p.as_record().unwrap_or_default())?;
        html.push(b'}');
    }
    html.push(b']');
    Ok(())
}
