//! Inserts the components' HTML into the text that Tera rendered, in place of the markers.
//!
//! - `places`: the text with the places of its components.
//! - `reader`: finds the markers, and assigns ids to the components.
//! - `writer`: writes the page in one pass, whole or with holes.

mod places;
mod reader;
mod writer;

use protium_wasm::{Batch, IslandCall, Value};

pub(crate) use self::places::{Made, Splice};
use self::places::{Node, State};
use self::reader::Reader;
use self::writer::Writer;
pub(crate) use self::writer::{Insertions, Missing, WithCuts};
use super::error::PageError;
use super::marker::{self, Mark};
use super::scope::Call;
use super::site::{Hydrate, Site};

/// An island of the finished page that the browser hydrates.
#[derive(Debug)]
pub(super) struct Live<'p> {
    pub id: &'p str,
    pub site: &'p Site,
    pub props: &'p Value,
    /// `None` for one that is rendered only in the browser.
    pub digest: Option<u64>,
}

impl<'a> Splice<'a> {
    /// Finds the markers in `text`, and assigns ids to the components in document order.
    /// `for_visitor`: personal components are rendered too.
    pub(super) fn read(
        template: &'a str,
        text: &'a [u8],
        sites: &'a [Site],
        calls: Vec<Call>,
        for_visitor: bool,
    ) -> Result<Self, PageError> {
        let collected = calls.len();
        let splice = Splice {
            template,
            text,
            nodes: Vec::with_capacity(collected),
            places: Vec::new(),
        };
        let (mut splice, marks) = Reader::new(splice, sites, calls).read()?;
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

    /// Moves the components to render into two batches: the public one, and the visitor's.
    pub(super) fn batches(&mut self) -> (Batch, Batch) {
        let mut public = Batch::default();
        let mut personal = Batch::default();
        for node in &mut self.nodes {
            if node.state == State::Absent || node.site.hydrate == Hydrate::Only {
                continue;
            }
            let (batch, state): (_, fn(usize) -> State) = match node.site.personal {
                true => (&mut personal, State::Personal),
                false => (&mut public, State::Public),
            };
            node.state = state(batch.islands.len());
            batch.islands.push(IslandCall {
                component: node.site.component.clone(),
                id: node.id.clone(),
                props: std::mem::take(&mut node.props),
                hydrate: node.site.directive.clone(),
            });
        }
        (public, personal)
    }

    /// The islands of the finished page that the browser hydrates, in order: public ones and
    /// personal ones.
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
                    let call = made.batch.islands.get(at);
                    let done = made.done(at).filter(|done| done.interactive);
                    done.map(|done| Live {
                        digest: Some(done.digest),
                        props: call.map_or(island.props, |call| &call.props),
                        ..island
                    })
                }
            };
            if node.site.personal {
                live.1.extend(island);
            } else {
                live.0.extend(island);
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

    /// The finished page. `limit` is its largest size in bytes.
    pub(super) fn finish(
        &self,
        public: Made<'_>,
        personal: Made<'_>,
        insertions: &Insertions,
        limit: usize,
    ) -> Result<Vec<u8>, PageError> {
        let written = Writer::new(self, public, personal, insertions, limit).write();
        let written = written.ok_or_else(|| self.too_large(limit))?;
        Ok(written.html)
    }

    /// The page without the visitor's part. `None` if a personal component contains another one or
    /// is contained in one, so that they cannot be rendered separately.
    pub(super) fn finish_with_holes(
        &self,
        public: Made<'_>,
        visitors: Made<'_>,
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
        let writer = Writer::new(self, public, visitors, insertions, limit).with_holes();
        let written = writer.write().ok_or_else(|| self.too_large(limit))?;
        Ok(Some(written))
    }

    fn too_large(&self, limit: usize) -> PageError {
        PageError::TooLarge {
            template: self.template.to_owned(),
            limit,
        }
    }

    /// When personal components are hydrated, without those that never are.
    pub(super) fn personal_directives(&self) -> Vec<Hydrate> {
        self.nodes
            .iter()
            .filter(|node| node.site.personal)
            .map(|node| node.site.hydrate)
            .filter(|hydrate| *hydrate != Hydrate::None)
            .collect()
    }

    /// Whether the layout has a place for scripts and one for the snapshot.
    pub(super) fn check_places(&self) -> Result<(), PageError> {
        for (mark, what) in [(Mark::Head, "<head>"), (Mark::Snapshot, "</body>")] {
            if !self.places.iter().any(|(place, _)| *place == mark) {
                return Err(self.failed(&format!(
                    "the page has components that the browser brings to life, but no {what} of its \
                     own: extend a layout \
                     that has one"
                )));
            }
        }
        Ok(())
    }
}
