//! Merchants' HTML: what of it is kept, and how it reads as plain text.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::text;

/// Text, tables, pictures and links; no scripts, frames, forms, styles, classes, ids or handlers.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::Custom(Box::new(rooted)))
        .attribute_filter(|tag, attribute, value| match (tag, attribute) {
            ("img", "src") => Some(by_https(value)),
            _ => Some(value.into()),
        })
        .link_rel(Some("noopener noreferrer"))
        .rm_tags(["area", "map", "article", "aside", "footer", "header", "nav"]);
    builder
});

/// A relative URL that means the same on every page. A file of products has no address of its own,
/// so a path that starts without a slash leads nowhere: it would be another place on each page that
/// shows the text.
fn rooted(url: &str) -> Option<Cow<'_, str>> {
    url.starts_with(['/', '\\', '#'])
        .then_some(Cow::Borrowed(url))
}

/// Pages load no pictures by plain http, and one without a scheme is loaded by that of the page.
fn by_https(src: &str) -> Cow<'_, str> {
    let src = src.trim();
    let (start, rest) = src.split_once("//").unwrap_or_default();
    match start.is_empty() || start.eq_ignore_ascii_case("http:") {
        true if !rest.is_empty() => format!("https://{rest}").into(),
        _ => src.into(),
    }
}

/// The harmless part of a merchant's HTML, well formed.
pub(super) fn clean(body: &str) -> String {
    if !body.contains(['<', '&', '\0']) {
        // Plain text, which is what most short descriptions are.
        return html_escape::encode_text(body).into_owned();
    }
    CLEANER.clean(&body.replace('\0', "\u{fffd}")).to_string()
}

/// The words of HTML that [`clean`] made, with single spaces, at most `limit` characters; a text
/// that is cut ends with an ellipsis.
pub(super) fn plain_text(clean: &str, limit: usize) -> String {
    let mut words = String::with_capacity(clean.len());
    let mut rest = clean;
    while let Some(at) = rest.find('<') {
        let (text, html) = rest.split_at(at);
        html_escape::decode_html_entities_to_string(text, &mut words);
        let (tag, after) = split_tag(html);
        if !is_inline(tag) {
            words.push(' ');
        }
        rest = after;
    }
    html_escape::decode_html_entities_to_string(rest, &mut words);
    let mut line = String::with_capacity(words.len());
    for word in words.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if line.chars().nth(limit).is_none() {
        return line;
    }
    let cut = text::prefix(&line, limit.saturating_sub(1));
    let end = cut
        .rfind(' ')
        .filter(|end| *end > cut.len() / 2)
        .unwrap_or(cut.len());
    format!("{}…", cut.get(..end).unwrap_or(cut).trim_end())
}

/// A tag and what comes after it. Quoted attribute values may hold a `>`.
fn split_tag(text: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return text.split_at(at + 1),
            _ => {}
        }
    }
    (text, "")
}

/// Whether a tag may stand inside of a word.
fn is_inline(tag: &str) -> bool {
    let name = tag.trim_start_matches(['<', '/']);
    let end = name
        .find(|letter: char| !letter.is_ascii_alphanumeric())
        .unwrap_or(name.len());
    matches!(
        name.get(..end).unwrap_or_default(),
        "a" | "abbr"
            | "acronym"
            | "b"
            | "bdi"
            | "bdo"
            | "cite"
            | "code"
            | "data"
            | "del"
            | "dfn"
            | "em"
            | "i"
            | "ins"
            | "kbd"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_could_act_is_dropped() {
        for (given, kept) in [
            ("<script>alert(1)</script>a", "a"),
            ("<p onclick=\"x()\">a</p>", "<p>a</p>"),
            ("<iframe src=\"https://e.org\"></iframe>a", "a"),
            (
                "<style>p{}</style><p style=\"color:red\" class=\"b\" id=\"c\">a</p>",
                "<p>a</p>",
            ),
            ("<img src=\"javascript:x()\">", "<img>"),
            ("<img src=\"data:image/png;base64,AA\">", "<img>"),
            ("<img src=\"x.png\" alt=\"A\">", "<img alt=\"A\">"),
            (
                "<a href=\" java\nscript:x()\">a</a>",
                "<a rel=\"noopener noreferrer\">a</a>",
            ),
            ("<go-cart-badge>a</go-cart-badge>", "a"),
            (
                "<form action=\"/cart\"><input name=\"x\"><button>a</button></form>",
                "a",
            ),
            ("<template><p>x</p></template>", ""),
            ("<p>a", "<p>a</p>"),
            ("</p></div>a", "<p></p>a"),
            ("a\0b", "a\u{fffd}b"),
            ("5 > 4 & 3 < 4", "5 &gt; 4 &amp; 3 &lt; 4"),
            ("5 > 4", "5 &gt; 4"),
        ] {
            assert_eq!(clean(given), kept, "{given:?}");
        }
    }

    #[test]
    fn what_merchants_write_is_kept() {
        let body = "<h2>Fit</h2><ul><li><strong>Slim</strong></li></ul>\
             <table><tbody><tr><td>S</td></tr></tbody></table><img src=\"/a.png\" alt=\"A\">";
        assert_eq!(clean(body), body);
    }

    #[test]
    fn words_stay_whole_and_blocks_stay_apart() {
        let body = clean("<p>Soft <b>w</b>ool</p><p>Warm &amp; &lt;dry&gt;<br>fast&nbsp;too</p>");
        assert_eq!(plain_text(&body, 300), "Soft wool Warm & <dry> fast too");
        let tricky = clean("<img alt=\"a > b\" src=\"/x\">end");
        assert_eq!(plain_text(&tricky, 300), "end");
    }

    #[test]
    fn long_texts_are_cut_between_words() {
        assert_eq!(plain_text("one two three four", 12), "one two…");
        assert_eq!(plain_text("one two", 7), "one two");
        assert_eq!(
            plain_text(&"é".repeat(50), 10),
            format!("{}…", "é".repeat(9))
        );
    }

    #[test]
    fn deep_and_tangled_html_does_not_take_the_stack_or_the_day() {
        let started = std::time::Instant::now();
        clean(&"<div>".repeat(20_000));
        clean(&"<b><i>".repeat(10_000));
        clean(
            &(0..5_000)
                .map(|n| format!("<a id={n}><p>"))
                .collect::<String>(),
        );
        clean(&"<table><b>x".repeat(5_000));
        assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(body in "[<>/a-p \"'=&;!-]{0,80}") {
            let once = clean(&body);
            prop_assert_eq!(clean(&once), once.clone());
            prop_assert!(!once.contains("<script"));
        }

        #[test]
        fn plain_text_is_never_longer_than_asked(body in ".{0,200}", limit in 1..50_usize) {
            prop_assert!(plain_text(&clean(&body), limit).chars().count() <= limit);
        }
    }
}
