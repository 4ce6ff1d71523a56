//! What is known of a page once it is made: its size, and its islands.

use serde::Serialize;
use serde_json::Value;

use crate::release::Release;

/// The most islands of a page that are kept, and bytes of a name.
const MOST: usize = 200;
const LONGEST: usize = 120;
/// The element around what a browser needs to continue islands.
const SNAPSHOT: &str = "data-go-snapshot>";
const END: &str = "</script>";

/// What is known of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct PageFacts {
    /// Bytes of HTML, without coding.
    pub bytes: usize,
    /// Bytes of all props, context and stores in it.
    pub snapshot_bytes: usize,
    /// Its islands, the first ones if there are many.
    pub islands: Vec<Island>,
    /// How many islands it has.
    pub island_count: usize,
}

/// An island of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Island {
    pub id: String,
    pub component: String,
    /// When it comes to life.
    pub directive: String,
    /// Bytes of its props.
    pub props_bytes: usize,
    /// The names of its saved state.
    pub state: Vec<String>,
}

impl PageFacts {
    /// Those of a page that a release made.
    pub fn of(release: &Release, html: &[u8]) -> PageFacts {
        let components = &release.pages.host().manifest().components;
        PageFacts::with(html, |component| {
            let mut components = components.iter();
            let known = components.find(|known| known.name == component);
            known.map_or_else(Vec::new, |known| known.state.clone())
        })
    }

    fn with(html: &[u8], state: impl Fn(&str) -> Vec<String>) -> PageFacts {
        let mut facts = PageFacts {
            bytes: html.len(),
            ..PageFacts::default()
        };
        let html = String::from_utf8_lossy(html);
        for part in html.split(SNAPSHOT).skip(1) {
            let Some((snapshot, _)) = part.split_once(END) else {
                continue;
            };
            facts.snapshot_bytes += snapshot.len();
            let snapshot: Value = serde_json::from_str(snapshot).unwrap_or_default();
            let islands = snapshot["islands"].as_array();
            for island in islands.into_iter().flatten() {
                facts.island_count += 1;
                if facts.islands.len() < MOST {
                    facts.islands.push(Island::of(island, &state));
                }
            }
        }
        facts
    }
}

impl Island {
    fn of(island: &Value, state: impl Fn(&str) -> Vec<String>) -> Island {
        let text = |key: &str| {
            let text = island[key].as_str().unwrap_or_default();
            text.chars().take(LONGEST).collect::<String>()
        };
        let component = text("c");
        Island {
            id: text("id"),
            state: state(&component),
            component,
            directive: text("h"),
            props_bytes: island.get("p").map_or(0, |props| props.to_string().len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_islands_of_all_snapshots_are_read_and_nonsense_is_none() {
        let html = "<p>data-go-snapshot></p>\
                    <script type=\"application/json\" data-go-snapshot>{\"islands\":[\
                    {\"id\":\"counter-1\",\"c\":\"counter\",\"h\":\"load\",\"p\":{\"start\":3}},7]}\
                    </script><script data-go-snapshot>{\"islands\":[{\"id\":\"b\"}]}</script>\
                    <script data-go-snapshot>{</script><script data-go-snapshot>never closed";
        let facts = PageFacts::with(html.as_bytes(), |component| vec![format!("{component}!")]);
        assert_eq!((facts.bytes, facts.island_count), (html.len(), 3));
        let first = Island {
            id: "counter-1".to_owned(),
            component: "counter".to_owned(),
            directive: "load".to_owned(),
            props_bytes: "{\"start\":3}".len(),
            state: vec!["counter!".to_owned()],
        };
        assert_eq!(facts.islands[0], first);
        assert_eq!(facts.islands[2].id, "b");
    }
}
