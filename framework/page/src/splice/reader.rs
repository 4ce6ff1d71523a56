//! Reads the rendered text once: finds the markers, and assigns ids to the components in document
//! order.

use std::collections::HashMap;
use std::ops::Range;

use super::places::{Fallback, Node, Splice, State};
use crate::error::{PageError, TemplateError};
use crate::marker::Mark;
use crate::scope::Call;
use crate::site::{Hydrate, Site};

/// The deepest nesting of components in slots.
const MAX_NESTING: usize = 32;

/// Reads the text once.
pub(super) struct Reader<'a> {
    splice: Splice<'a>,
    sites: &'a [Site],
    calls: Vec<Option<Call>>,
    open: Vec<usize>,
    in_fallback: bool,
    counts: HashMap<&'a str, usize>,
    keyed: HashMap<String, &'a Site>,
}

impl<'a> Reader<'a> {
    /// For a text without places yet.
    pub(super) fn new(splice: Splice<'a>, sites: &'a [Site], calls: Vec<Call>) -> Self {
        Self {
            splice,
            sites,
            calls: calls.into_iter().map(Some).collect(),
            open: Vec::new(),
            in_fallback: false,
            counts: HashMap::new(),
            keyed: HashMap::new(),
        }
    }

    /// The text with its places, and the number of markers.
    pub(super) fn read(mut self) -> Result<(Splice<'a>, usize), PageError> {
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
            // This marker has no token, by which markers are counted.
            if mark != Mark::Address {
                marks += 1;
            }
            self.mark(mark, at..from)?;
        }
        match self
            .open
            .first()
            .and_then(|index| self.splice.nodes.get(*index))
        {
            None => Ok((self.splice, marks)),
            Some(node) => Err(at_site(
                node.site,
                "this component begins and does not end: a `{% break %}` or `{% continue %}` \
                 leaves it",
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
            Mark::Head | Mark::Snapshot | Mark::Address => splice.places.push((mark, range)),
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
