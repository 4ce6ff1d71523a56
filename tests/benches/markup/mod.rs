//! Whether two pages are the same to a visitor: their elements with attributes, and their text,
//! without what a framework adds for itself.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tokenizer::states::{RawKind, Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{
    CharacterTokens, StartTag, Tag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer,
    TokenizerOpts,
};

use crate::report::Fallible;

/// Elements without content or end.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];
/// Elements around a part that is hydrated. Their content is the page's.
const WRAPPERS: [&str; 3] = ["go-slot", "leptos-children", "leptos-island"];

/// An element of a page.
#[derive(Debug, Default)]
pub struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Node>,
}

#[derive(Debug)]
enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// The page in this HTML, in which every element is closed.
    pub fn parse(html: &str) -> Fallible<Element> {
        let tree = Tree {
            open: RefCell::new(vec![Element::default()]),
            fault: RefCell::new(None),
        };
        let tokenizer = Tokenizer::new(tree, TokenizerOpts::default());
        let queue = BufferQueue::default();
        queue.push_back(html.into());
        // It pauses after a script.
        while !queue.is_empty() {
            let _ = tokenizer.feed(&queue);
        }
        tokenizer.end();
        let Tree { open, fault } = tokenizer.sink;
        if let Some(fault) = fault.into_inner() {
            return Err(fault.into());
        }
        let mut open = open.into_inner();
        match (open.pop(), open.last()) {
            (Some(page), None) => Ok(page.normal()),
            (last, _) => Err(format!("{} is not closed", last.unwrap_or_default()).into()),
        }
    }

    /// The element as all frameworks would write it.
    fn normal(mut self) -> Element {
        self.attributes.retain(|name, _| !is_own(name));
        if let Some(classes) = self.attributes.get_mut("class") {
            *classes = words(classes);
        }
        let mut children = Vec::new();
        take_up(self.children, &mut children);
        self.children = children
            .into_iter()
            .filter_map(|child| match child {
                Node::Element(element) => Some(Node::Element(element.normal())),
                Node::Text(text) => {
                    Some(Node::Text(words(&text))).filter(|_| !text.trim().is_empty())
                }
            })
            .collect();
        if self.name == "head" {
            // A framework writes it in an order of its own.
            self.children.sort_by_key(|child| format!("{child:?}"));
        }
        self
    }

    /// The first difference between this page and another, in words.
    pub fn difference(&self, other: &Element) -> Option<String> {
        self.differs(other, "page")
    }

    fn differs(&self, other: &Element, path: &str) -> Option<String> {
        let mut others = other.children.iter();
        for child in &self.children {
            let there = others.next();
            match (child, there) {
                (Node::Element(a), Some(Node::Element(b))) if a.to_string() == b.to_string() => {
                    let found = a.differs(b, &format!("{path} > {a}"));
                    if found.is_some() {
                        return found;
                    }
                }
                (Node::Text(a), Some(Node::Text(b))) if a == b => {}
                _ => return Some(unlike(path, Some(child), there)),
            }
        }
        let more = others.next();
        more.map(|there| unlike(path, None, Some(there)))
    }
}

fn unlike(path: &str, here: Option<&Node>, there: Option<&Node>) -> String {
    let shown = |node: Option<&Node>| node.map_or("nothing more".to_owned(), Node::to_string);
    format!("in {path}: {} instead of {}", shown(there), shown(here))
}

/// The children of an element, without scripts and their preloads, and those of wrappers in place
/// of these. Text that this brings together becomes one.
fn take_up(children: Vec<Node>, into: &mut Vec<Node>) {
    for child in children {
        match child {
            Node::Element(element) if WRAPPERS.contains(&&*element.name) => {
                take_up(element.children, into);
            }
            Node::Element(element) if element.loads_code() => {}
            Node::Text(text) => match into.last_mut() {
                Some(Node::Text(before)) => before.push_str(&text),
                _ => into.push(Node::Text(text)),
            },
            element => into.push(element),
        }
    }
}

impl Element {
    fn loads_code(&self) -> bool {
        let rel = self.attributes.get("rel").map_or("", String::as_str);
        self.name == "script"
            || (self.name == "link" && ["modulepreload", "preload"].contains(&rel))
    }
}

/// Whether an attribute is a framework's own.
fn is_own(name: &str) -> bool {
    name.starts_with("data-go-") || name.starts_with("data-hk")
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The start of the element.
impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.name)?;
        for (name, value) in &self.attributes {
            match value.is_empty() {
                true => write!(f, " {name}")?,
                false => write!(f, " {name}=\"{value}\"")?,
            }
        }
        f.write_str(">")
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::Element(element) => element.fmt(f),
            Node::Text(text) => write!(f, "“{text}”"),
        }
    }
}

/// The tree while it grows. The first of the open elements has no name and holds the page.
struct Tree {
    open: RefCell<Vec<Element>>,
    fault: RefCell<Option<String>>,
}

impl Tree {
    fn start(&self, tag: Tag) -> TokenSinkResult<()> {
        let name = tag.name.to_string();
        let attributes = tag.attrs.into_iter();
        let element = Element {
            attributes: attributes
                .map(|one| (one.name.local.to_string(), one.value.to_string()))
                .collect(),
            children: Vec::new(),
            name,
        };
        let raw = raw_text(&element.name);
        let is_empty = tag.self_closing || VOID.contains(&&*element.name);
        self.open.borrow_mut().push(element);
        if is_empty {
            self.close();
        }
        raw.map_or(TokenSinkResult::Continue, TokenSinkResult::RawData)
    }

    fn end(&self, name: &str) {
        let innermost = self
            .open
            .borrow()
            .last()
            .map(|element| element.name.clone());
        if VOID.contains(&name) {
            return;
        }
        if innermost.as_deref() == Some(name) {
            self.close();
        } else {
            let open = innermost.unwrap_or_default();
            let fault = format!("</{name}> where <{open}> is open");
            self.fault.borrow_mut().get_or_insert(fault);
        }
    }

    /// Makes the innermost element a child of the one around it.
    fn close(&self) {
        let mut open = self.open.borrow_mut();
        if let Some(element) = open.pop()
            && let Some(around) = open.last_mut()
        {
            around.children.push(Node::Element(element));
        }
    }

    fn text(&self, text: &str) {
        if let Some(around) = self.open.borrow_mut().last_mut() {
            match around.children.last_mut() {
                Some(Node::Text(before)) => before.push_str(text),
                _ => around.children.push(Node::Text(text.to_owned())),
            }
        }
    }
}

impl TokenSink for Tree {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            TagToken(tag) if tag.kind == StartTag => return self.start(tag),
            TagToken(tag) => self.end(&tag.name),
            CharacterTokens(text) => self.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// How the text of an element is read that has no elements in it.
fn raw_text(name: &str) -> Option<RawKind> {
    match name {
        "script" => Some(ScriptData),
        "style" => Some(Rawtext),
        "textarea" | "title" => Some(Rcdata),
        _ => None,
    }
}
