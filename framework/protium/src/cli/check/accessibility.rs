//! What keeps people from reading and using a page: rules of WCAG 2.2 that its HTML alone can
//! break.

use std::collections::{HashMap, HashSet};

use scraper::{ElementRef, Html};

use super::finding::Finding;
use super::selectors::{attribute, is_hidden, select, shown};

/// Fields that have no label: buttons are named by what they say, hidden ones are not there.
const UNLABELLED: [&str; 5] = ["hidden", "submit", "button", "reset", "image"];

/// What is wrong, with the element that has it.
pub fn findings(page: &Html) -> Vec<(Finding, Option<ElementRef<'_>>)> {
    let mut found = Vec::new();
    document(page, &mut found);
    let ids = ids(page, &mut found);
    headings(page, &mut found);
    let seen = |element: &ElementRef<'_>| !is_hidden(element);
    for picture in select(page, "img:not([alt])").filter(seen) {
        let role = attribute(&picture, "role");
        if !["none", "presentation"].contains(&role) {
            let problem = format!("{} has no `alt`", shown(&picture));
            let advice = "say what it shows, or `alt=\"\"` where it is decoration";
            found.push((Finding::error("image-alt", problem, advice), Some(picture)));
        }
    }
    for field in select(page, "input, select, textarea").filter(seen) {
        let kind = attribute(&field, "type");
        if !UNLABELLED.contains(&kind) && !has_label(page, &field) {
            let problem = format!("{} has no label", shown(&field));
            let advice = "put a <label> around it or one with `for`, or set `aria-label`";
            found.push((Finding::error("field-label", problem, advice), Some(field)));
        }
    }
    for (selector, rule) in [
        ("button, [role=button], input[type=image]", "button-name"),
        ("a[href]", "link-name"),
        ("iframe", "frame-name"),
    ] {
        for element in select(page, selector).filter(seen) {
            if !has_name(page, &element) {
                let problem = format!("{} has no name", shown(&element));
                let advice = "give it text, or `aria-label`";
                found.push((Finding::error(rule, problem, advice), Some(element)));
            }
        }
    }
    for element in select(page, "[aria-labelledby], [aria-describedby], label[for]") {
        for name in ["aria-labelledby", "aria-describedby", "for"] {
            let names = attribute(&element, name).split_ascii_whitespace();
            for missing in names.filter(|id| !ids.contains(id)) {
                let problem = format!("`{name}` of {} names `{missing}`", shown(&element));
                let advice = "no element of the page has this id: give it to the one that is meant";
                found.push((
                    Finding::error("id-reference", problem, advice),
                    Some(element),
                ));
            }
        }
    }
    for element in select(page, "[tabindex]") {
        if attribute(&element, "tabindex")
            .parse()
            .is_ok_and(|index: i32| index > 0)
        {
            let problem = format!("{} has a `tabindex` above 0", shown(&element));
            let advice = "the order of the page is the order of the keyboard: use 0";
            found.push((Finding::error("tab-order", problem, advice), Some(element)));
        }
    }
    found
}

/// Language, title, zoom, and the landmark of what the page is about.
fn document<'a>(page: &'a Html, found: &mut Vec<(Finding, Option<ElementRef<'a>>)>) {
    if select(page, "html[lang]").all(|html| attribute(&html, "lang").is_empty()) {
        let problem = "the page does not say its language";
        let advice = "<html lang=\"{{ shop.locale }}\">";
        found.push((Finding::error("document-language", problem, advice), None));
    }
    let title = select(page, "head > title").next();
    if title.is_none_or(|title| title.text().collect::<String>().trim().is_empty()) {
        let advice = "{% block title %}…{% endblock %} says what the page is about";
        found.push((
            Finding::error("document-title", "the page has no title", advice),
            None,
        ));
    }
    let mains: Vec<ElementRef<'_>> = select(page, "main, [role=main]").collect();
    if mains.len() != 1 {
        let problem = format!("the page has {} <main>", mains.len());
        let advice = "one <main> is around what the page is about";
        let element = mains.get(1).copied();
        found.push((Finding::error("main-landmark", problem, advice), element));
    }
    for viewport in select(page, "meta[name=viewport]") {
        let content = attribute(&viewport, "content").replace(' ', "");
        if ["user-scalable=no", "user-scalable=0", "maximum-scale=1"]
            .iter()
            .any(|part| content.split(',').any(|setting| setting == *part))
        {
            let problem = "the page cannot be enlarged";
            let advice = "take `user-scalable` and `maximum-scale` from the viewport";
            found.push((Finding::error("zoom", problem, advice), Some(viewport)));
        }
    }
}

/// The ids of the page; each is to be there once.
fn ids<'a>(page: &'a Html, found: &mut Vec<(Finding, Option<ElementRef<'a>>)>) -> HashSet<&'a str> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for element in select(page, "[id]") {
        let Some(id) = element.value().attr("id") else {
            continue;
        };
        let count = counts.entry(id).or_default();
        *count += 1;
        if *count == 2 {
            let problem = format!("the id `{id}` is there more than once");
            let advice = "ids are unique in a page: labels and links find the first one only";
            found.push((
                Finding::error("duplicate-id", problem, advice),
                Some(element),
            ));
        }
    }
    counts.into_keys().collect()
}

/// Headings are the page's table of contents: one at the top, and no level left out on the way
/// down.
fn headings<'a>(page: &'a Html, found: &mut Vec<(Finding, Option<ElementRef<'a>>)>) {
    let mut before = 0;
    let headings = select(page, "h1, h2, h3, h4, h5, h6");
    for heading in headings.filter(|heading| !is_hidden(heading)) {
        let level = heading.value().name()[1..].parse::<u8>().unwrap_or(1);
        // Before the first <h1> stands what every page has, such as a menu.
        if before != 0 && level > before + 1 {
            let text: String = heading.text().collect();
            let problem = format!("<h{level}> `{}` comes after <h{before}>", text.trim());
            let advice = "no level is left out: choose it by the order, the size by the style";
            found.push((
                Finding::error("heading-order", problem, advice),
                Some(heading),
            ));
        }
        before = level;
    }
    match select(page, "h1")
        .filter(|heading| !is_hidden(heading))
        .count()
    {
        1 => {}
        count => {
            let problem = format!("the page has {count} <h1>");
            let advice = "one says what the page is about";
            found.push((Finding::warning("heading-top", problem, advice), None));
        }
    }
}

fn has_label(page: &Html, field: &ElementRef<'_>) -> bool {
    let is_inside = || {
        let mut around = field.ancestors().filter_map(ElementRef::wrap);
        around.any(|above| above.value().name() == "label")
    };
    let id = attribute(field, "id");
    let is_labelled =
        || !id.is_empty() && select(page, "label[for]").any(|label| attribute(&label, "for") == id);
    says(field, &["aria-label", "aria-labelledby", "title"]) || is_inside() || is_labelled()
}

/// Whether assistive technology has something to say for an element.
fn has_name(page: &Html, element: &ElementRef<'_>) -> bool {
    let mut labels = attribute(element, "aria-labelledby").split_ascii_whitespace();
    let is_there = |id: &str| select(page, "[id]").any(|label| attribute(&label, "id") == id);
    if says(element, &["aria-label", "title", "alt", "value"]) || labels.any(is_there) {
        return true;
    }
    let mut inside = element.descendants();
    inside.any(|node| {
        let text = node.value().as_text();
        let has_text = text.is_some_and(|text| !text.trim().is_empty());
        let has_alt = ElementRef::wrap(node);
        let has_alt = has_alt.is_some_and(|inner| says(&inner, &["alt", "aria-label"]));
        let parent = node.parent().and_then(ElementRef::wrap);
        (has_text || has_alt) && parent.is_some_and(|parent| !is_hidden(&parent))
    })
}

/// Whether one of these attributes has a text.
fn says(element: &ElementRef<'_>, names: &[&str]) -> bool {
    let mut texts = names.iter().map(|name| attribute(element, name));
    texts.any(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules that a body breaks.
    fn rules(body: &str) -> Vec<&'static str> {
        let page = Html::parse_document(&format!(
            "<!doctype html><html lang=en><head><title>Tea</title></head>\
             <body><main><h1>Tea</h1>{body}</main></body></html>"
        ));
        let found = findings(&page).into_iter();
        found.map(|(finding, _)| finding.rule).collect()
    }

    #[test]
    fn a_page_that_says_all_breaks_no_rule() {
        let body = "<h2>Pots</h2><h3>Small</h3><h2>Cups</h2>\
                    <img src=a alt=''><img src=b alt='A pot'>\
                    <label for=q>Search</label><input id=q><label>Size <select></select></label>\
                    <input type=hidden name=id><input type=search aria-label=Search>\
                    <button>Buy</button><button><img src=c alt=Buy></button>\
                    <a href=/>Home</a><a href=/ aria-labelledby=q></a>\
                    <div hidden><button></button><img src=d></div>\
                    <button aria-label=Close><span aria-hidden=true>×</span></button>\
                    <template><a href=/></a></template>";
        assert_eq!(rules(body), [""; 0]);
    }

    #[test]
    fn each_rule_is_broken_by_what_it_is_about() {
        for (body, rule) in [
            ("<img src=a>", "image-alt"),
            ("<input name=q>", "field-label"),
            ("<textarea></textarea>", "field-label"),
            (
                "<label for=x>Name</label><input id=y aria-label=y>",
                "id-reference",
            ),
            ("<button></button>", "button-name"),
            (
                "<button><span aria-hidden=true>×</span></button>",
                "button-name",
            ),
            ("<a href=/><img src=a alt=''></a>", "link-name"),
            ("<iframe src=a></iframe>", "frame-name"),
            ("<h3>Small</h3>", "heading-order"),
            ("<h1>Tea</h1>", "heading-top"),
            ("<p id=a></p><p id=a></p>", "duplicate-id"),
            ("<main></main>", "main-landmark"),
            ("<p tabindex=3></p>", "tab-order"),
            (
                "<meta name=viewport content='width=device-width, user-scalable=no'>",
                "zoom",
            ),
        ] {
            assert_eq!(rules(body), [rule], "{body}");
        }
        let bare = Html::parse_document("<!doctype html><body><h1>Tea</h1>");
        let found: Vec<_> = findings(&bare)
            .into_iter()
            .map(|(one, _)| one.rule)
            .collect();
        assert_eq!(
            found,
            ["document-language", "document-title", "main-landmark"]
        );
    }
}
