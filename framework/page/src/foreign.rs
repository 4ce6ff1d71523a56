//! Foreign HTML: content of merchants and of a CMS, already sanitized when it was imported.
//!
//! It is adapted to a page here (links to other sites, images below the fold), and sanitized again:
//! no scripts, no components, no comments that could be mistaken for the protocol's, no element
//! that would swallow the rest of the page.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::OnceLock;

use lol_html::html_content::{Comment, Element};
use lol_html::{
    DocumentContentHandlers, ElementContentHandlers, HandlerResult, HtmlRewriter, MemorySettings,
    Selector, Settings,
};
use percent_encoding::percent_decode_str;
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};

use super::entities;
use super::markup::Markup;

/// Returns the URL of a static file.
pub(super) type Asset = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The longest text that is rewritten; a longer one is shown as plain text.
const MAX_INPUT_BYTES: usize = 512 * 1024;
/// The memory limit of one rewrite.
const MAX_MEMORY_BYTES: usize = 1024 * 1024;
/// The size of the cache of rewritten HTML.
const MAX_REMEMBERED_BYTES: u64 = 8 * 1024 * 1024;

/// Elements that are removed with their content: they run scripts, restyle, submit, or swallow what
/// follows.
const REMOVED: &[&str] = &[
    "base",
    "button",
    "embed",
    "form",
    "frame",
    "frameset",
    "iframe",
    "input",
    "link",
    "math",
    "meta",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "option",
    "plaintext",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "xmp",
];

/// Elements without an end tag.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "source",
    "track", "wbr",
];

/// Rewrites foreign HTML and caches the result, since the same product is shown many times.
#[derive(Debug)]
pub(super) struct ForeignHtml {
    /// By the prefix of the links and the source.
    made: Cache<(Box<str>, Box<str>), tera::Value, Bytes>,
}

/// Weighs by the bytes of source and HTML.
#[derive(Debug, Clone)]
struct Bytes;

impl Weighter<(Box<str>, Box<str>), tera::Value> for Bytes {
    fn weight(&self, (_, source): &(Box<str>, Box<str>), made: &tera::Value) -> u64 {
        (1 + source.len() + made.as_str().map_or(0, str::len)) as u64
    }
}

/// A key of the cache that is only looked up.
#[derive(Hash)]
struct Asked<'a>(&'a str, &'a str);

impl Equivalent<(Box<str>, Box<str>)> for Asked<'_> {
    fn equivalent(&self, key: &(Box<str>, Box<str>)) -> bool {
        (self.0, self.1) == (&*key.0, &*key.1)
    }
}

impl Default for ForeignHtml {
    fn default() -> Self {
        Self {
            made: Cache::with_weighter(1024, MAX_REMEMBERED_BYTES, Bytes),
        }
    }
}

impl ForeignHtml {
    /// The HTML of `source`, rewritten, as a value that Tera does not escape. Links within the shop
    /// get the `prefix` of the page's market; `asset` returns the URL of a static file.
    pub(super) fn value(&self, source: &str, prefix: &str, asset: &Asset) -> tera::Value {
        if let Some(known) = self.made.get(&Asked(prefix, source)) {
            return known;
        }
        let value = tera::Value::safe_string(&rewrite(source, prefix, asset));
        let key = (prefix.into(), source.into());
        self.made.insert(key, value.clone());
        value
    }
}

/// Rewrites `source`. If it cannot be parsed within the limits, it becomes plain text.
fn rewrite(source: &str, prefix: &str, asset: &Asset) -> String {
    if source.len() <= MAX_INPUT_BYTES {
        match rewrite_html(source, prefix, asset) {
            Ok(html) => return html,
            Err(error) => tracing::warn!(%error, "foreign HTML is shown as plain text"),
        }
    } else {
        tracing::warn!(
            bytes = source.len(),
            "foreign HTML is too long, shown as plain text"
        );
    }
    html_escape::encode_double_quoted_attribute(source).into_owned()
}

/// Why a text is not treated as HTML.
#[derive(Debug, thiserror::Error)]
enum ForeignError {
    #[error(transparent)]
    Parse(#[from] lol_html::errors::RewritingError),
    #[error("it ends inside a tag, a comment or an element without markup")]
    Unfinished,
    #[error("its elements are not closed in order")]
    Unbalanced,
}

fn rewrite_html(source: &str, prefix: &str, asset: &Asset) -> Result<String, ForeignError> {
    if !is_balanced(source) {
        return Err(ForeignError::Unbalanced);
    }
    let mut output = Vec::with_capacity(source.len() + source.len() / 4);
    let ended = Cell::new(false);
    let settings = Settings::new()
        .with_strict(false)
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(MAX_MEMORY_BYTES))
        .append_element_content_handler((
            Cow::Borrowed(everything()),
            ElementContentHandlers::default()
                .element(|found: &mut Element<'_, '_>| element(found, prefix, asset)),
        ))
        .append_document_content_handler(DocumentContentHandlers::default().comments(
            |comment: &mut Comment<'_>| {
                ended.set(comment.source_location().bytes().start == source.len());
                comment.remove();
                Ok(())
            },
        ));
    let mut rewriter = HtmlRewriter::new(settings, |chunk: &[u8]| output.extend_from_slice(chunk));
    rewriter.write(source.as_bytes())?;
    // A comment is only allowed if nothing before it was left open that would swallow the rest of
    // the page.
    rewriter.write(b"<!---->")?;
    rewriter.end()?;
    if !ended.get() {
        return Err(ForeignError::Unfinished);
    }
    Ok(String::from_utf8_lossy(&output).into_owned())
}

/// Whether every element is closed in order: a stray end tag would close an element of the page.
/// The import's sanitizer writes HTML like that.
fn is_balanced(source: &str) -> bool {
    let Ok(markup) = Markup::read(source.as_bytes()) else {
        return false;
    };
    let mut open: Vec<&str> = Vec::new();
    let mut ends = markup.ends.iter().peekable();
    for start in &markup.starts {
        while let Some(end) = ends.next_if(|end| end.range.start < start.range.start) {
            if open.pop() != Some(end.name.as_str()) {
                return false;
            }
        }
        let closes_itself =
            start.self_closing && open.iter().any(|name| matches!(*name, "svg" | "math"));
        if !VOID.contains(&start.name.as_str()) && !closes_itself {
            open.push(&start.name);
        }
    }
    ends.all(|end| open.pop() == Some(end.name.as_str())) && open.is_empty()
}

fn everything() -> &'static Selector {
    static EVERYTHING: OnceLock<Selector> = OnceLock::new();
    EVERYTHING.get_or_init(|| "*".parse().expect("`*` is a selector"))
}

fn element(element: &mut Element<'_, '_>, prefix: &str, asset: &Asset) -> HandlerResult {
    let name = element.tag_name();
    if REMOVED.contains(&name.as_str()) {
        element.remove();
        return Ok(());
    }
    if name.contains('-') || matches!(name.as_str(), "html" | "head" | "body") {
        element.remove_and_keep_content();
        return Ok(());
    }
    let unwanted: Vec<String> = element
        .attributes()
        .iter()
        .filter(|attribute| !is_harmless(&attribute.name(), &attribute.value()))
        .map(lol_html::html_content::Attribute::name)
        .collect();
    for attribute in unwanted {
        element.remove_attribute(&attribute);
    }
    match name.as_str() {
        "a" => match element.get_attribute("href") {
            Some(href) if leaves_the_shop(&href) => element.set_attribute("rel", "noopener")?,
            Some(href) if is_of_the_shop(&href, prefix) => {
                element.set_attribute("href", &format!("{prefix}{href}"))?;
            }
            _ => {}
        },
        "img" => {
            let src = element.get_attribute("src");
            if let Some(url) = src.and_then(|src| static_file(&src, asset)) {
                element.set_attribute("src", &url)?;
            }
            for (attribute, value) in [("loading", "lazy"), ("decoding", "async")] {
                if !element.has_attribute(attribute) {
                    element.set_attribute(attribute, value)?;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// The URL of a static file that an attribute refers to by its plain address.
fn static_file(src: &str, asset: &Asset) -> Option<String> {
    let src = entities::decode(src).ok()?;
    let name = percent_decode_str(src.strip_prefix("/static/")?);
    let url = asset(&name.decode_utf8().ok()?)?;
    (!url.contains(['&', '"'])).then_some(url)
}

fn is_harmless(name: &str, value: &str) -> bool {
    if name.starts_with("on") || name.starts_with("data-go") || name == "srcdoc" {
        return false;
    }
    if !matches!(
        name,
        "href" | "src" | "action" | "formaction" | "poster" | "cite" | "data"
    ) {
        return true;
    }
    let Ok(value) = entities::decode(value) else {
        return false;
    };
    match scheme(&value) {
        None => true,
        Some(scheme) => matches!(scheme.as_str(), "http" | "https" | "mailto" | "tel"),
    }
}

/// The scheme of a URL as a browser parses it: blanks and control characters are ignored.
fn scheme(url: &str) -> Option<String> {
    let visible: String = url
        .chars()
        .filter(|c| !c.is_control() && *c != ' ')
        .take(40)
        .collect();
    let end = visible.find([':', '/', '?', '#'])?;
    visible[end..]
        .starts_with(':')
        .then(|| visible[..end].to_ascii_lowercase())
}

fn leaves_the_shop(href: &str) -> bool {
    let href = href.trim_start();
    href.starts_with("//")
        || href.starts_with("\\\\")
        || matches!(scheme(href).as_deref(), Some("http" | "https"))
}

/// Whether a link leads to a page of the shop, by an address without the prefix of the market.
fn is_of_the_shop(href: &str, prefix: &str) -> bool {
    let is_path = href.starts_with('/') && !href.starts_with("/\\");
    let rest = href.strip_prefix(prefix).unwrap_or(href);
    let has_prefix = rest.len() < href.len() && (rest.is_empty() || rest.starts_with(['/', '?']));
    is_path && !has_prefix && !href.starts_with("/static/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rewrite(source: &str) -> String {
        super::rewrite(source, "", &|_| None)
    }

    #[test]
    fn links_within_the_shop_are_in_the_market() {
        let link = |href: &str| {
            let html = super::rewrite(&format!("<a href=\"{href}\">x</a>"), "/fr", &|_| None);
            html.split('"').nth(1).unwrap_or_default().to_owned()
        };
        for (href, in_market) in [
            ("/", "/fr/"),
            ("/cart?a=1&amp;b=2", "/fr/cart?a=1&amp;b=2"),
            ("/french", "/fr/french"),
            ("/fr/cart", "/fr/cart"),
            ("/static/size-guide.pdf", "/static/size-guide.pdf"),
            ("https://shop.example/cart", "https://shop.example/cart"),
            ("//shop.example/cart", "//shop.example/cart"),
            ("#top", "#top"),
        ] {
            assert_eq!(link(href), in_market);
        }
        let remembered = ForeignHtml::default();
        let of = |prefix: &str| {
            let value = remembered.value("<a href=\"/cart\">x</a>", prefix, &|_| None);
            value.as_str().unwrap_or_default().to_owned()
        };
        assert!(of("").contains("\"/cart\"") && of("/fr").contains("\"/fr/cart\""));
    }

    #[test]
    fn a_picture_among_the_static_files_has_an_address_that_changes_with_it() {
        let asset = |file: &str| (file == "a b.svg").then(|| "/static/a%20b-1.svg".to_owned());
        let image = |src: &str| super::rewrite(&format!("<img src=\"{src}\">"), "", &asset);
        assert!(image("/static/a%20b.svg").contains("src=\"/static/a%20b-1.svg\""));
        for other in [
            "/static/c.svg",
            "/a b.svg",
            "https://a.example/static/a%20b.svg",
        ] {
            assert!(
                image(other).contains(&format!("src=\"{other}\"")),
                "{other}"
            );
        }
    }

    #[test]
    fn links_that_leave_the_shop_and_images_get_their_attributes() {
        assert_eq!(
            rewrite(
                r#"<p><a href="https://example.com/?a=1&amp;b">x</a> <a href="/cart">y</a></p>"#
            ),
            "<p><a href=\"https://example.com/?a=1&amp;b\" rel=\"noopener\">x</a> \
             <a href=\"/cart\">y</a></p>"
        );
        assert_eq!(
            rewrite(r#"<img src="/a.svg" alt="a" loading="eager">"#),
            r#"<img src="/a.svg" alt="a" loading="eager" decoding="async">"#
        );
    }

    #[test]
    fn what_could_run_or_be_taken_for_a_component_is_gone() {
        let cases = [
            ("a<script>alert(1)</script>b", "ab"),
            ("<go-cart-badge></go-cart-badge>", ""),
            ("<go-card title=x>words</go-card>", "words"),
            ("<svg><path d='m0'/></svg>a", "a"),
            (
                "<p onclick=x data-go-id='counter-1' class=a>x</p>",
                "<p class=a>x</p>",
            ),
            ("<a href='java&#115;cript:alert(1)'>x</a>", "<a>x</a>"),
            ("<a href=' java\tscript:alert(1)'>x</a>", "<a>x</a>"),
            ("a<!--go-->b<!--/-->", "ab"),
            ("a<textarea>b</textarea>c", "ac"),
            ("a<textarea>b", "a&lt;textarea&gt;b"),
            ("a</div></main>", "a&lt;/div&gt;&lt;/main&gt;"),
            ("<b>a", "&lt;b&gt;a"),
            ("<ul><li>a<br>b</li></ul>", "<ul><li>a<br>b</li></ul>"),
            ("a<p title=\"b", "a&lt;p title=&quot;b"),
        ];
        for (source, wanted) in cases {
            assert_eq!(rewrite(source).replace(" >", ">"), wanted, "{source}");
        }
    }

    #[test]
    fn a_text_beyond_the_bound_is_shown_as_text() {
        let long = "<b>x</b>".repeat(MAX_INPUT_BYTES / 8 + 1);
        assert!(rewrite(&long).starts_with("&lt;b&gt;x"));
    }

    proptest! {
        #[test]
        fn no_input_yields_a_component_a_script_or_a_comment(
            pieces in proptest::collection::vec(
                prop_oneof![
                    Just("<go-x>"), Just("</go-x>"), Just("<script>"), Just("</script>"),
                    Just("<!--go-->"), Just("<p"),
                    Just(" a=\""), Just("\""), Just(">"), Just("<"), Just("/"), Just("x"),
                    Just("<svg>"), Just("<title>"),
                ],
                0..12,
            )
        ) {
            let html = rewrite(&pieces.concat());
            let mut found = Vec::new();
            let check = |element: &mut Element<'_, '_>| -> HandlerResult {
                let name = element.tag_name();
                if name.starts_with("go-") || name == "script" {
                    found.push(name);
                }
                Ok(())
            };
            let settings = Settings::new().with_strict(false).append_element_content_handler((
                std::borrow::Cow::Owned("*".parse::<Selector>().expect("selector")),
                ElementContentHandlers::default().element(check),
            ));
            let mut reader = HtmlRewriter::new(settings, |_: &[u8]| {});
            reader.write(html.as_bytes()).expect("parsed");
            reader.end().expect("parsed");
            prop_assert!(found.is_empty(), "{html}");
        }
    }
}
