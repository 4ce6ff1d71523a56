//! Elements of a page, as the rules look at them.

use scraper::{ElementRef, Html, Selector};

/// The longest attribute that is shown.
const LONGEST: usize = 60;

/// The elements that a selector is for. What a template element has is not on the page.
pub fn select<'a>(page: &'a Html, selector: &str) -> impl Iterator<Item = ElementRef<'a>> {
    let selector = Selector::parse(selector).ok();
    let all = page
        .root_element()
        .descendants()
        .filter_map(ElementRef::wrap);
    all.filter(move |element| {
        let is_meant = selector
            .as_ref()
            .is_some_and(|selector| selector.matches(element));
        is_meant && !is_within(element, |above| above.value().name() == "template")
    })
}

/// An attribute; empty when it is not there.
pub fn attribute<'a>(element: &ElementRef<'a>, name: &str) -> &'a str {
    element.value().attr(name).unwrap_or_default()
}

/// Whether neither eyes nor assistive technology get the element.
pub fn is_hidden(element: &ElementRef<'_>) -> bool {
    let hides = |one: &ElementRef<'_>| {
        one.value().attr("hidden").is_some() || one.value().attr("aria-hidden") == Some("true")
    };
    hides(element) || is_within(element, |above| hides(above))
}

fn is_within(element: &ElementRef<'_>, is_meant: impl Fn(&ElementRef<'_>) -> bool) -> bool {
    let mut above = element.ancestors().filter_map(ElementRef::wrap);
    above.any(|above| is_meant(&above))
}

/// The start of an element, with what tells it from others.
pub fn shown(element: &ElementRef<'_>) -> String {
    let mut text = format!("<{}", element.value().name());
    for name in ["id", "name", "href", "src", "class"] {
        let value = attribute(element, name);
        if !value.is_empty() {
            let short: String = value.chars().take(LONGEST).collect();
            text += &format!(" {name}=\"{short}\"");
            break;
        }
    }
    text + ">"
}
