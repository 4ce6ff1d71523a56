//! Encodes a page with holes for other nodes: as one value of the protocol (section 1 of
//! `docs/protocol.md`), whose reader is bounded and validates everything.

use bytes::Bytes;

use super::holes::HoledPage;
use super::splice::Missing;
use protium_wasm::{Batch, IslandCall, Value};

/// Increased when the record changes: pages of another format are not decoded.
const FORMAT: i64 = 1;

impl HoledPage {
    /// Encodes the page; `None` if it is too large for one message.
    pub fn encode(&self) -> Option<Bytes> {
        let mut texts = Vec::with_capacity(self.texts.len());
        for part in &self.texts {
            texts.push(text(part)?);
        }
        let holes: Option<Vec<Value>> = self.holes.iter().map(hole).collect();
        let record = Value::record([
            ("format", Value::Int(FORMAT)),
            ("build", Value::from(self.build.as_str())),
            ("ctx", self.batch.ctx.clone()),
            (
                "islands",
                Value::List(self.batch.islands.iter().map(island).collect()),
            ),
            ("texts", Value::List(texts)),
            ("holes", Value::List(holes?)),
        ]);
        let mut bytes = Vec::new();
        record.encode(&mut bytes).ok()?;
        Some(bytes.into())
    }

    /// Decodes a page; `None` if the bytes are not in this format.
    pub fn decode(bytes: &[u8]) -> Option<HoledPage> {
        let record = Value::decode(bytes).ok()?;
        if record.get("format")?.as_int()? != FORMAT {
            return None;
        }
        let mut page = HoledPage {
            texts: Vec::new(),
            holes: Vec::new(),
            batch: Batch {
                // The host is part of every filling.
                ctx: record.get("ctx")?.clone().shared().ok()?,
                stores: Value::Null,
                islands: Vec::new(),
            },
            build: owned(&record, "build")?,
        };
        for island in record.get("islands")?.as_list()? {
            page.batch.islands.push(IslandCall {
                component: owned(island, "component")?,
                id: owned(island, "id")?,
                props: island.get("props")?.clone(),
                hydrate: owned(island, "hydrate")?,
            });
        }
        for part in record.get("texts")?.as_list()? {
            page.texts.push(Bytes::from(part.as_text()?.to_owned()));
        }
        for hole in record.get("holes")?.as_list()? {
            page.holes.push(missing(hole)?);
        }
        let in_range = |hole: &Missing| match hole {
            Missing::Island { index, .. } => *index < page.batch.islands.len(),
            _ => true,
        };
        let is_whole = page.texts.len() == page.holes.len() + 1 && page.holes.iter().all(in_range);
        is_whole.then_some(page)
    }
}

fn island(call: &IslandCall) -> Value {
    Value::record([
        ("component", Value::from(call.component.as_str())),
        ("id", Value::from(call.id.as_str())),
        ("props", call.props.clone()),
        ("hydrate", Value::from(call.hydrate.as_str())),
    ])
}

fn hole(hole: &Missing) -> Option<Value> {
    Some(match hole {
        Missing::Island {
            index,
            content,
            instead,
        } => Value::record([
            ("island", Value::Int(i64::try_from(*index).ok()?)),
            ("content", text(content)?),
            ("instead", text(instead)?),
        ]),
        Missing::InBrowser {
            id,
            component,
            directive,
            props,
        } => Value::record([
            ("browser", Value::from(id.as_str())),
            ("component", Value::from(component.as_str())),
            ("hydrate", Value::from(directive.as_str())),
            ("props", props.clone()),
        ]),
        Missing::Snapshot => Value::record([("snapshot", Value::Bool(true))]),
        Missing::Address => Value::record([("address", Value::Bool(true))]),
    })
}

fn missing(record: &Value) -> Option<Missing> {
    Some(if let Some(index) = record.get("island") {
        Missing::Island {
            index: usize::try_from(index.as_int()?).ok()?,
            content: owned(record, "content")?.into(),
            instead: owned(record, "instead")?.into(),
        }
    } else if record.get("browser").is_some() {
        Missing::InBrowser {
            id: owned(record, "browser")?,
            component: owned(record, "component")?,
            directive: owned(record, "hydrate")?,
            props: record.get("props")?.clone(),
        }
    } else if record.get("address").is_some() {
        Missing::Address
    } else {
        record.get("snapshot")?.as_bool()?.then_some(())?;
        Missing::Snapshot
    })
}

fn text(bytes: &[u8]) -> Option<Value> {
    std::str::from_utf8(bytes).ok().map(Value::from)
}

fn owned(record: &Value, key: &str) -> Option<String> {
    record.get(key)?.as_text().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    prop_compose! {
        fn any_page()(
            texts in prop::collection::vec("[^\0]{0,40}", 1..5),
            props in any_value(),
            names in ("[a-z-]{1,9}", "[a-z-]{1,9}"),
        ) -> HoledPage {
            let holes = (1..texts.len()).map(|at| match at % 4 {
                0 => Missing::Snapshot,
                3 => Missing::Address,
                1 => Missing::Island {
                    index: 0, content: names.0.clone().into(), instead: names.1.clone().into()
                },
                _ => Missing::InBrowser {
                    id: names.0.clone(),
                    component: names.1.clone(),
                    directive: "load".to_owned(),
                    props: Value::Null,
                },
            });
            HoledPage {
                holes: holes.collect(),
                texts: texts.into_iter().map(Bytes::from).collect(),
                batch: Batch {
                    ctx: Value::record([("path", Value::from("/"))]),
                    stores: Value::Null,
                    islands: vec![IslandCall {
                        component: names.0.clone(),
                        id: names.1.clone(),
                        props,
                        hydrate: "visible".to_owned(),
                    }],
                },
                build: "0123456789abcdef".to_owned(),
            }
        }
    }

    /// Props as a template gives them: plain values, and lists and records of them.
    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            "[^\0]{0,12}".prop_map(Value::Text),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                prop::collection::vec(("[^\0]{0,8}", inner), 0..4).prop_map(Value::Record),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(page in any_page()) {
            // The props may be nested too deeply to be wrapped in a record.
            if let Some(bytes) = page.encode() {
                let again = HoledPage::decode(&bytes).expect("a page");
                prop_assert_eq!(again.encode(), Some(bytes));
                prop_assert_eq!(again.texts, page.texts);
                prop_assert_eq!(format!("{:?}", again.holes), format!("{:?}", page.holes));
            }
        }

        #[test]
        fn damaged_bytes_are_no_page_or_a_whole_one(
            page in any_page(), at in any::<prop::sample::Index>(), byte: u8,
        ) {
            if let Some(bytes) = page.encode() {
                let mut bytes = bytes.to_vec();
                let at = at.index(bytes.len());
                bytes[at] = byte;
                if let Some(page) = HoledPage::decode(&bytes) {
                    prop_assert_eq!(page.texts.len(), page.holes.len() + 1);
                }
                bytes.truncate(at);
                prop_assert!(HoledPage::decode(&bytes).is_none());
            }
        }
    }
}
