//! Writes the page in one pass, complete or with holes in place of the visitor's part.

use std::ops::Range;

use super::places::{Made, Node, Splice, State};
use crate::failure_box;
use crate::marker::Mark;
use protium_wasm::Value;

/// U+FFFD in UTF-8, which replaces a NUL in data.
const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

/// A place of the visitor's part in a page.
#[derive(Debug)]
pub(crate) struct Cut {
    /// The offset in the text, in bytes.
    pub at: usize,
    pub what: Missing,
}

/// A page without the visitor's part.
#[derive(Debug)]
pub(crate) struct WithCuts {
    pub html: Vec<u8>,
    /// In order.
    pub cuts: Vec<Cut>,
}

/// What is left out at a [`Cut`].
#[derive(Debug)]
pub(crate) enum Missing {
    /// A personal component: its index in the visitor's batch, its slot content, and its fallback.
    Island {
        index: usize,
        content: Vec<u8>,
        instead: Vec<u8>,
    },
    /// A personal component that is rendered only in the browser: it is already in the text, and
    /// only the snapshot refers to it.
    InBrowser {
        id: String,
        component: String,
        directive: String,
        props: Value,
    },
    /// The visitor's snapshot.
    Snapshot,
    /// Scheme and host of the shop, as the visitor uses them.
    Address,
}

/// The replacements of the markers of head, snapshot and address.
#[derive(Debug, Default)]
pub(crate) struct Insertions {
    pub head: Vec<u8>,
    pub snapshot: Vec<u8>,
    pub address: Vec<u8>,
}

/// Writes the page in one pass.
pub(super) struct Writer<'w> {
    splice: &'w Splice<'w>,
    public: Made<'w>,
    personal: Made<'w>,
    insertions: &'w Insertions,
    html: Vec<u8>,
    limit: usize,
    /// The next component in text order.
    next: usize,
    /// The next marker of head or snapshot.
    place: usize,
    full: bool,
    /// What is left out, for a page with holes.
    cuts: Option<Vec<Cut>>,
    /// Set inside a personal component, which is not part of the text around the holes.
    is_in_hole: bool,
}

impl<'w> Writer<'w> {
    /// Writes the complete page.
    pub(super) fn new(
        splice: &'w Splice<'w>,
        public: Made<'w>,
        personal: Made<'w>,
        insertions: &'w Insertions,
        limit: usize,
    ) -> Self {
        let expected = splice.text.len()
            + public.rendered.html.len()
            + personal.rendered.html.len()
            + insertions.head.len()
            + insertions.snapshot.len();
        Self {
            splice,
            public,
            personal,
            insertions,
            html: Vec::with_capacity(expected.min(limit)),
            limit,
            next: 0,
            place: 0,
            full: false,
            cuts: None,
            is_in_hole: false,
        }
    }

    /// Writes the page with holes in place of personal components.
    pub(super) fn with_holes(self) -> Self {
        Self {
            cuts: Some(Vec::new()),
            ..self
        }
    }

    /// Writes the page; `None` if it exceeds the limit.
    pub(super) fn write(mut self) -> Option<WithCuts> {
        self.range(0..self.splice.text.len());
        (!self.full).then(|| WithCuts {
            html: self.html,
            cuts: self.cuts.unwrap_or_default(),
        })
    }

    /// Writes a range of text with the components in it. The depth is limited by [`MAX_NESTING`].
    fn range(&mut self, range: Range<usize>) {
        let splice = self.splice;
        let mut from = range.start;
        while let Some(node) = splice
            .nodes
            .get(self.next)
            .filter(|node| node.whole.start < range.end)
        {
            self.copy(from..node.whole.start);
            self.next += 1;
            self.node(node);
            self.next = node.after;
            from = node.whole.end;
        }
        self.copy(from..range.end);
    }

    fn node(&mut self, node: &Node<'_>) {
        if node.site.personal && self.cuts.is_some() {
            self.cut(node);
            return;
        }
        match node.done(self.public, self.personal) {
            Some((made, done)) => {
                let html = made.rendered.html.as_str();
                let slot = done.slot.unwrap_or(done.html.end);
                self.push(
                    html.get(done.html.start..slot)
                        .unwrap_or_default()
                        .as_bytes(),
                );
                if done.slot.is_some() {
                    self.content(node);
                }
                self.push(html.get(slot..done.html.end).unwrap_or_default().as_bytes());
            }
            None if node.state == State::InBrowser => self.in_browser(node),
            None => {
                self.failure(node);
                self.instead(node);
            }
        }
    }

    /// The message for the developer about a component that failed.
    fn failure(&mut self, node: &Node<'_>) {
        let failed = match node.state {
            State::Public(at) => self.public.rendered.shown_failure(at),
            State::Personal(at) => self.personal.rendered.shown_failure(at),
            State::InBrowser | State::Absent => None,
        };
        if let Some(failed) = failed {
            self.push(failure_box::of(failed).as_bytes());
        }
    }

    /// Leaves out a personal component, which contains no other.
    fn cut(&mut self, node: &Node<'_>) {
        let at = self.html.len();
        self.is_in_hole = true;
        let what = match node.state {
            State::Personal(index) => {
                self.instead(node);
                let instead = self.html.split_off(at);
                self.content(node);
                let content = self.html.split_off(at);
                Missing::Island {
                    index,
                    content,
                    instead,
                }
            }
            _ => {
                self.in_browser(node);
                Missing::InBrowser {
                    id: node.id.clone(),
                    component: node.site.component.clone(),
                    directive: node.site.directive.clone(),
                    props: node.props.clone(),
                }
            }
        };
        self.is_in_hole = false;
        self.cuts.get_or_insert_default().push(Cut { at, what });
    }

    /// The placeholder of a component that is rendered only in the browser.
    fn in_browser(&mut self, node: &Node<'_>) {
        self.push(b"<go-island data-go-id=\"");
        self.push(node.id.as_bytes());
        self.push(b"\" style=\"display:contents\">");
        self.instead(node);
        self.push(b"</go-island>");
    }

    /// What is shown instead of a component.
    fn instead(&mut self, node: &Node<'_>) {
        match &node.fallback {
            Some(fallback) => self.copy(fallback.content.clone()),
            None => self.content(node),
        }
    }

    fn content(&mut self, node: &Node<'_>) {
        match &node.fallback {
            Some(fallback) => {
                self.range(node.content.start..fallback.whole.start);
                self.range(fallback.whole.end..node.content.end);
            }
            None => self.range(node.content.clone()),
        }
    }

    /// Text without components.
    fn copy(&mut self, range: Range<usize>) {
        let splice = self.splice;
        let mut from = range.start;
        while let Some((mark, place)) = splice
            .places
            .get(self.place)
            .filter(|(_, place)| place.start < range.end)
        {
            let is_first = !splice
                .places
                .iter()
                .take(self.place)
                .any(|(earlier, _)| earlier == mark);
            self.place += 1;
            if place.start < from {
                continue;
            }
            self.clean(from..place.start);
            let insertions = self.insertions;
            match mark {
                Mark::Head if is_first => self.push(&insertions.head),
                Mark::Snapshot if is_first => {
                    self.push(&insertions.snapshot);
                    let at = self.html.len();
                    if let Some(cuts) = &mut self.cuts {
                        let what = Missing::Snapshot;
                        cuts.push(Cut { at, what });
                    }
                }
                Mark::Address => {
                    let at = self.html.len();
                    match &mut self.cuts {
                        // Links in there stay relative.
                        Some(_) if self.is_in_hole => {}
                        Some(cuts) => cuts.push(Cut {
                            at,
                            what: Missing::Address,
                        }),
                        None => self.push(&insertions.address),
                    }
                }
                _ => {}
            }
            from = place.end;
        }
        self.clean(from..range.end);
    }

    /// Text without markers: a NUL in it came from data.
    fn clean(&mut self, range: Range<usize>) {
        let mut rest = self.splice.text.get(range).unwrap_or_default();
        while let Some(at) = memchr::memchr(0, rest) {
            self.push(&rest[..at]);
            self.push(REPLACEMENT);
            rest = &rest[at + 1..];
        }
        self.push(rest);
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.html.len() + bytes.len() > self.limit {
            self.full = true;
        } else {
            self.html.extend_from_slice(bytes);
        }
    }
}
