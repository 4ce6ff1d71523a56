//! Puts what the components rendered into the text that Tera rendered, where the marks are.

use std::collections::HashMap;
use std::ops::Range;

use crate::guest::{Batch, IslandCall, IslandDone, IslandOutcome, Rendered, Value};

use super::error::{PageError, TemplateError};
use super::marker::{self, Mark};
use super::site::{Hydrate, Site};
use super::template::Call;

/// How deep components stand in each other's slots.
const MAX_NESTING: usize = 32;

/// What U+FFFD is in UTF-8: it stands where data had a NUL.
const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

/// A component's place in the text.
#[derive(Debug)]
struct Node<'a> {
    site: &'a Site,
    id: String,
    /// Moved into the batch of those that are rendered.
    props: Value,
    state: State,
    /// From its opening mark to after its closing mark.
    whole: Range<usize>,
    content: Range<usize>,
    fallback: Option<Fallback>,
    /// The node after the last one inside it.
    after: usize,
    parent: Option<usize>,
}

#[derive(Debug)]
struct Fallback {
    whole: Range<usize>,
    content: Range<usize>,
}

/// How an island is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In the browser alone.
    InBrowser,
    /// By the public batch, at this place.
    Public(usize),
    /// By the visitor's batch, at this place.
    Personal(usize),
    /// Not at all: its fallback is shown, or else its content.
    Absent,
}

/// A batch with what became of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made<'r> {
    pub batch: &'r Batch,
    pub rendered: &'r Rendered,
}

/// An island of the finished page that the browser brings to life.
#[derive(Debug)]
pub(super) struct Live<'p> {
    pub id: &'p str,
    pub site: &'p Site,
    pub props: &'p Value,
    /// None for what is made in the browser.
    pub digest: Option<u64>,
}

/// A place in a page where something of a visitor goes.
#[derive(Debug)]
pub(super) struct Cut {
    /// In bytes from the start of the text.
    pub at: usize,
    pub what: Missing,
}

/// A page without what belongs to a visitor.
#[derive(Debug)]
pub(super) struct WithCuts {
    pub html: Vec<u8>,
    /// In order.
    pub cuts: Vec<Cut>,
}

/// What goes into a [`Cut`].
#[derive(Debug)]
pub(super) enum Missing {
    /// A personal component: its place in the visitor's batch, what it has in its slot, and what is shown when it fails.
    Island {
        index: usize,
        content: Vec<u8>,
        instead: Vec<u8>,
    },
    /// A personal component that is made in the browser: it is there, and only the snapshot names it.
    InBrowser {
        id: String,
        component: String,
        directive: String,
        props: Value,
    },
    /// The visitor's snapshot.
    Snapshot,
}

/// What goes where the head's and the snapshot's marks are.
#[derive(Debug, Default)]
pub(super) struct Insertions {
    pub head: Vec<u8>,
    pub snapshot: Vec<u8>,
}

/// A rendered text with the places of its components, their ids and props.
#[derive(Debug)]
pub(super) struct Splice<'a> {
    template: &'a str,
    text: &'a [u8],
    nodes: Vec<Node<'a>>,
    /// Marks of head and snapshot, in order; the first of each kind counts.
    places: Vec<(Mark, Range<usize>)>,
}

impl<'a> Splice<'a> {
    /// Finds the marks in `text`, and gives ids to the components in the order of the document. `for_visitor`: personal
    /// components are rendered too.
    pub(super) fn read(
        template: &'a str,
        text: &'a [u8],
        sites: &'a [Site],
        calls: Vec<Call>,
        for_visitor: bool,
    ) -> Result<Self, PageError> {
        let collected = calls.len();
        let mut reader = Reader {
            splice: Splice {
                template,
                text,
                nodes: Vec::with_capacity(collected),
                places: Vec::new(),
            },
            sites,
            calls: calls.into_iter().map(Some).collect(),
            open: Vec::new(),
            in_fallback: false,
            counts: HashMap::new(),
            keyed: HashMap::new(),
        };
        let marks = reader.read()?;
        let mut splice = reader.splice;
        if splice.nodes.len() != collected && marker::count(text) != marks {
            return Err(splice
                .failed("a filter changed the HTML of a component: keep components out of it"));
        }
        for node in &mut splice.nodes {
            if node.site.personal && !for_visitor {
                node.state = State::Absent;
            }
        }
        Ok(splice)
    }

    fn failed(&self, message: &str) -> PageError {
        TemplateError::new(format!("{}: {message}", self.template)).into()
    }

    /// Moves what is to be rendered into two batches: the public one, and the visitor's own.
    pub(super) fn batches(&mut self) -> (Batch, Batch) {
        let mut public = Batch::default();
        let mut personal = Batch::default();
        for node in &mut self.nodes {
            if node.state == State::Absent || node.site.hydrate == Hydrate::Only {
                continue;
            }
            let batch = if node.site.personal {
                &mut personal
            } else {
                &mut public
            };
            let at = batch.islands.len();
            node.state = if node.site.personal {
                State::Personal(at)
            } else {
                State::Public(at)
            };
            batch.islands.push(IslandCall {
                component: node.site.component.clone(),
                id: node.id.clone(),
                props: std::mem::take(&mut node.props),
                hydrate: node.site.directive.clone(),
            });
        }
        (public, personal)
    }

    /// The islands that the finished page has and the browser brings to life, in order: public ones and personal ones.
    pub(super) fn live<'p>(
        &'p self,
        public: Made<'p>,
        personal: Made<'p>,
    ) -> (Vec<Live<'p>>, Vec<Live<'p>>) {
        let mut live = (Vec::new(), Vec::new());
        let mut shown = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let is_shown = match node.parent {
                None => true,
                Some(parent) => {
                    shown.get(parent) == Some(&true) && self.shows_content(parent, public, personal)
                }
            };
            shown.push(is_shown);
            if !is_shown || node.site.hydrate == Hydrate::None {
                continue;
            }
            let island = Live {
                id: &node.id,
                site: node.site,
                props: &node.props,
                digest: None,
            };
            let island = match node.state {
                State::InBrowser => Some(island),
                State::Absent => None,
                State::Public(at) | State::Personal(at) => {
                    let made = if node.site.personal { personal } else { public };
                    made.done(at).filter(|done| done.interactive).map(|done| {
                        let props = made
                            .batch
                            .islands
                            .get(at)
                            .map_or(island.props, |call| &call.props);
                        Live {
                            digest: Some(done.digest),
                            props,
                            ..island
                        }
                    })
                }
            };
            if node.site.personal {
                live.1.extend(island)
            } else {
                live.0.extend(island)
            }
        }
        live
    }

    fn shows_content(&self, index: usize, public: Made<'_>, personal: Made<'_>) -> bool {
        let Some(node) = self.nodes.get(index) else {
            return false;
        };
        match node.done(public, personal) {
            Some((_, done)) => done.slot.is_some(),
            None => node.fallback.is_none(),
        }
    }

    /// The finished page. `limit` bounds it in bytes.
    pub(super) fn finish(
        &self,
        public: Made<'_>,
        personal: Made<'_>,
        insertions: &Insertions,
        limit: usize,
    ) -> Result<Vec<u8>, PageError> {
        let writer = self.write(public, personal, insertions, limit, None)?;
        Ok(writer.html)
    }

    /// The page without what belongs to a visitor. None when a personal
    /// component stands around or inside of another component, so that the one cannot be made without the other.
    pub(super) fn finish_with_holes(
        &self,
        public: Made<'_>,
        visitors: &Batch,
        insertions: &Insertions,
        limit: usize,
    ) -> Result<Option<WithCuts>, PageError> {
        let is_entangled = |(index, node): (usize, &Node<'_>)| {
            let in_personal = node
                .parent
                .and_then(|parent| self.nodes.get(parent))
                .is_some_and(|parent| parent.site.personal);
            in_personal || (node.site.personal && node.after != index + 1)
        };
        if self.nodes.iter().enumerate().any(is_entangled) {
            return Ok(None);
        }
        let nothing = Rendered {
            html: String::new(),
            islands: Vec::new(),
            restarts: 0,
            unstable: Vec::new(),
        };
        let personal = Made {
            batch: visitors,
            rendered: &nothing,
        };
        let writer = self.write(public, personal, insertions, limit, Some(Vec::new()))?;
        let cuts = writer.cuts.unwrap_or_default();
        let html = writer.html;
        Ok(Some(WithCuts { html, cuts }))
    }

    fn write<'w>(
        &'w self,
        public: Made<'w>,
        personal: Made<'w>,
        insertions: &'w Insertions,
        limit: usize,
        cuts: Option<Vec<Cut>>,
    ) -> Result<Writer<'w>, PageError> {
        let expected = self.text.len()
            + public.rendered.html.len()
            + personal.rendered.html.len()
            + insertions.head.len()
            + insertions.snapshot.len();
        let mut writer = Writer {
            splice: self,
            public,
            personal,
            insertions,
            html: Vec::with_capacity(expected.min(limit)),
            limit,
            next: 0,
            place: 0,
            full: false,
            cuts,
        };
        writer.range(0..self.text.len());
        if writer.full {
            return Err(PageError::TooLarge {
                template: self.template.to_owned(),
                limit,
            });
        }
        Ok(writer)
    }

    /// When personal components come to life; those that never do are left out.
    pub(super) fn personal_directives(&self) -> Vec<&'a Hydrate> {
        self.nodes
            .iter()
            .filter(|node| node.site.personal)
            .map(|node| &node.site.hydrate)
            .filter(|hydrate| **hydrate != Hydrate::None)
            .collect()
    }

    /// Whether the layout has a place for scripts and one for the snapshot.
    pub(super) fn check_places(&self) -> Result<(), PageError> {
        for (mark, what) in [(Mark::Head, "<head>"), (Mark::Snapshot, "</body>")] {
            if !self.places.iter().any(|(place, _)| *place == mark) {
                return Err(self.failed(&format!(
                    "the page has components that the browser brings to life, but no {what} of its own: extend a layout \
                     that has one"
                )));
            }
        }
        Ok(())
    }
}

impl Node<'_> {
    fn done<'r>(&self, public: Made<'r>, personal: Made<'r>) -> Option<(Made<'r>, &'r IslandDone)> {
        let (made, at) = match self.state {
            State::Public(at) => (public, at),
            State::Personal(at) => (personal, at),
            State::InBrowser | State::Absent => return None,
        };
        made.done(at).map(|done| (made, done))
    }
}

impl<'r> Made<'r> {
    fn done(self, at: usize) -> Option<&'r IslandDone> {
        match self.rendered.islands.get(at)? {
            IslandOutcome::Done(done) => Some(done),
            IslandOutcome::Failed(_) => None,
        }
    }
}

/// Walks through the text once.
struct Reader<'a> {
    splice: Splice<'a>,
    sites: &'a [Site],
    calls: Vec<Option<Call>>,
    open: Vec<usize>,
    in_fallback: bool,
    counts: HashMap<&'a str, usize>,
    keyed: HashMap<String, &'a Site>,
}

impl<'a> Reader<'a> {
    /// Returns how many marks there are.
    fn read(&mut self) -> Result<usize, PageError> {
        let text = self.splice.text;
        let mut marks = 0;
        let mut from = 0;
        while let Some(found) = memchr::memchr(0, &text[from..]) {
            let at = from + found;
            let Some((mark, length)) = Mark::read(&text[at..]) else {
                from = at + 1;
                continue;
            };
            from = at + length;
            marks += 1;
            self.mark(mark, at..from)?;
        }
        match self
            .open
            .first()
            .and_then(|index| self.splice.nodes.get(*index))
        {
            None => Ok(marks),
            Some(node) => Err(at_site(
                node.site,
                "this component begins and does not end: a `{% break %}` or `{% continue %}` leaves it",
            )),
        }
    }

    fn mark(&mut self, mark: Mark, range: Range<usize>) -> Result<(), PageError> {
        let splice = &mut self.splice;
        let innermost = self.open.last().copied();
        match mark {
            Mark::Open(call) => {
                let node = self.node(call, range, innermost)?;
                self.open.push(self.splice.nodes.len());
                self.splice.nodes.push(node);
            }
            Mark::Close => {
                let after = splice.nodes.len();
                let node = innermost
                    .filter(|_| !self.in_fallback)
                    .and_then(|index| splice.nodes.get_mut(index));
                let Some(node) = node else {
                    return Err(splice.failed("a component ends that did not begin"));
                };
                node.content.end = range.start;
                node.whole.end = range.end;
                node.after = after;
                self.open.pop();
            }
            Mark::FallbackOpen => match innermost.and_then(|index| splice.nodes.get_mut(index)) {
                Some(node) if node.fallback.is_none() => {
                    node.fallback = Some(Fallback {
                        content: range.end..range.end,
                        whole: range,
                    });
                    self.in_fallback = true;
                }
                _ => {
                    return Err(
                        splice.failed("a fallback stands outside its component, or is its second")
                    );
                }
            },
            Mark::FallbackClose => {
                let node = innermost.and_then(|index| splice.nodes.get_mut(index));
                let fallback = node
                    .and_then(|node| node.fallback.as_mut())
                    .filter(|_| self.in_fallback);
                let Some(fallback) = fallback else {
                    return Err(splice.failed("a fallback ends that did not begin"));
                };
                fallback.content.end = range.start;
                fallback.whole.end = range.end;
                self.in_fallback = false;
            }
            Mark::Head | Mark::Snapshot => splice.places.push((mark, range)),
        }
        Ok(())
    }

    fn node(
        &mut self,
        call: usize,
        range: Range<usize>,
        parent: Option<usize>,
    ) -> Result<Node<'a>, PageError> {
        let Some(slot) = self.calls.get_mut(call) else {
            return Err(self
                .splice
                .failed("a component of another page stands in it"));
        };
        let Some(call) = slot.take() else {
            return Err(self.splice.failed(
                "the HTML of a component is printed twice: place the component twice instead",
            ));
        };
        let Some(site) = self.sites.get(call.site) else {
            return Err(self
                .splice
                .failed("a component without a place in a template"));
        };
        if self.in_fallback {
            return Err(at_site(
                site,
                "this component stands in a fallback, which is shown when components cannot be",
            ));
        }
        if parent
            .and_then(|parent| self.splice.nodes.get(parent))
            .is_some_and(|node| node.site.hydrate == Hydrate::Only)
        {
            return Err(at_site(
                site,
                "this component stands in one that is made in the browser (`hydrate=\"only\"`)",
            ));
        }
        if self.open.len() >= MAX_NESTING {
            return Err(at_site(
                site,
                format!("more than {MAX_NESTING} components inside one another"),
            ));
        }
        let count = self.counts.entry(&site.component).or_default();
        *count += 1;
        let id = match call.key {
            None => format!("{}-{count}", site.component),
            Some(key) => {
                let id = format!("{}:{key}", site.component);
                if let Some(first) = self.keyed.insert(id.clone(), site) {
                    let message = format!(
                        "two components have the id `{id}`; the first is at {}",
                        first.at
                    );
                    return Err(at_site(site, message));
                }
                id
            }
        };
        Ok(Node {
            site,
            id,
            props: call.props,
            state: State::InBrowser,
            content: range.end..range.end,
            whole: range,
            fallback: None,
            after: 0,
            parent,
        })
    }
}

fn at_site(site: &Site, message: impl Into<String>) -> PageError {
    TemplateError {
        at: Some(site.at.clone()),
        message: message.into(),
        line: None,
    }
    .into()
}

/// Writes the page in one pass.
struct Writer<'w> {
    splice: &'w Splice<'w>,
    public: Made<'w>,
    personal: Made<'w>,
    insertions: &'w Insertions,
    html: Vec<u8>,
    limit: usize,
    /// The next component in the order of the text.
    next: usize,
    /// The next place of head or snapshot.
    place: usize,
    full: bool,
    /// What is left out, when something is.
    cuts: Option<Vec<Cut>>,
}

impl Writer<'_> {
    /// A stretch of text with the components in it. Depth is bounded by [`MAX_NESTING`].
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
            None => self.instead(node),
        }
    }

    /// Leaves out a personal component. It has none inside.
    fn cut(&mut self, node: &Node<'_>) {
        let at = self.html.len();
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
        self.cuts.get_or_insert_default().push(Cut { at, what });
    }

    /// The place of a component that is made in the browser.
    fn in_browser(&mut self, node: &Node<'_>) {
        self.push(b"<go-island data-go-id=\"");
        self.push(node.id.as_bytes());
        self.push(b"\" style=\"display:contents\">");
        self.instead(node);
        self.push(b"</go-island>");
    }

    /// What is shown in place of a component.
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
                _ => {}
            }
            from = place.end;
        }
        self.clean(from..range.end);
    }

    /// Text without marks: a NUL in it came from data.
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
