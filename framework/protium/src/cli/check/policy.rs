//! What the content security policy of a page keeps its own HTML from doing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scraper::{ElementRef, Html};
use sha2::{Digest, Sha256};

use super::finding::Finding;
use super::selectors::{attribute, select, shown};

/// Elements that load or send, by the directive that decides about them, and the key that adds a
/// source to it.
const LOADING: [(&str, &str, &str, &str); 8] = [
    ("script[src]", "src", "script-src", "script"),
    ("link[rel~=stylesheet]", "href", "style-src", "style"),
    ("img[src]", "src", "img-src", "img"),
    ("iframe[src]", "src", "frame-src", "frame"),
    ("video[src], audio[src]", "src", "media-src", "media"),
    (
        "video source[src], audio source[src]",
        "src",
        "media-src",
        "media",
    ),
    ("form[action]", "action", "form-action", "form"),
    ("object[data]", "data", "object-src", ""),
];

/// What browsers will not do of what the page says, with the element that says it.
pub fn findings<'a>(page: &'a Html, policy: &str) -> Vec<(Finding, Option<ElementRef<'a>>)> {
    let mut found = Vec::new();
    let mut refused = |problem: String, advice: String, element| {
        let finding = Finding::error("content-security-policy", problem, advice);
        found.push((finding, Some(element)));
    };
    for (selector, name, directive, key) in LOADING {
        for element in select(page, selector) {
            let address = attribute(&element, name);
            if !allows(policy, directive, address) {
                let advice = match (key, origin(address)) {
                    ("", _) | (_, None) => "take it out".to_owned(),
                    (key, Some(origin)) => {
                        format!("`{key} = [\"{origin}\"]` below [csp] in protium.toml allows it")
                    }
                };
                refused(
                    format!("`{directive}` refuses {}", shown(&element)),
                    advice,
                    element,
                );
            }
        }
    }
    for script in select(page, "script:not([src])") {
        let kind = attribute(&script, "type");
        let runs = ["", "module", "text/javascript", "importmap"].contains(&kind);
        let text: String = script.text().collect();
        let hash = STANDARD.encode(Sha256::digest(&text));
        if runs && !policy.contains(&format!("'sha256-{hash}'")) {
            let advice = "put it into a file in static/ and name that with `src`";
            refused(
                "a script in the page is refused".to_owned(),
                advice.to_owned(),
                script,
            );
        }
    }
    for style in select(page, "style") {
        let advice = "put it into a file in static/; an attribute `style` is allowed";
        refused(
            "a <style> in the page is refused".to_owned(),
            advice.to_owned(),
            style,
        );
    }
    for element in select(page, "*") {
        let mut names = element.value().attrs().map(|(name, _)| name);
        if let Some(name) = names.find(|name| name.starts_with("on")) {
            let problem = format!("`{name}` of {} is refused", shown(&element));
            let advice = "a script in static/ adds the listener, or a component has the handler";
            refused(problem, advice.to_owned(), element);
        }
    }
    for link in select(page, "[href], [action]") {
        let address = attribute(&link, "href").trim_start();
        if address.to_ascii_lowercase().starts_with("javascript:") {
            let advice = "a button whose listener is in a script in static/ does it";
            refused(
                format!("{} is refused", shown(&link)),
                advice.to_owned(),
                link,
            );
        }
    }
    found
}

/// Whether a directive of the policy allows an address.
fn allows(policy: &str, directive: &str, address: &str) -> bool {
    let directives = || policy.split(';').map(|one| one.split_ascii_whitespace());
    let sources_of = |name: &str| {
        directives().find_map(|mut words| (words.next() == Some(name)).then_some(words))
    };
    // Without its own directive `default-src` decides, except about forms.
    let own = sources_of(directive);
    let Some(mut sources) = own.or_else(|| match directive {
        "form-action" => None,
        _ => sources_of("default-src"),
    }) else {
        return true;
    };
    let scheme = address.split_once(':').map(|(scheme, _)| scheme);
    sources.any(|source| match (source, origin(address)) {
        ("'none'", _) => false,
        ("'self'", None) => scheme != Some("data"),
        (source, None) => source.strip_suffix(':') == scheme && scheme.is_some(),
        (source, Some(origin)) => is_of(source, &origin),
    })
}

/// Whether a source of a policy is for an origin: a scheme, a host, or all hosts below one.
fn is_of(source: &str, origin: &str) -> bool {
    let Some((scheme, host)) = source.split_once("://") else {
        return origin
            .strip_prefix(source)
            .is_some_and(|rest| rest.starts_with("//"));
    };
    let host = host.split('/').next().unwrap_or(host);
    origin
        .split_once("://")
        .is_some_and(|(its_scheme, its_host)| {
            let is_below = || {
                host.strip_prefix('*')
                    .is_some_and(|below| its_host.ends_with(below))
            };
            scheme == its_scheme && (host == its_host || is_below())
        })
}

/// Scheme and host of an address of another site.
fn origin(address: &str) -> Option<String> {
    let address = match address.strip_prefix("//") {
        Some(rest) => format!("https://{rest}"),
        None => address.to_owned(),
    };
    let (scheme, rest) = address.split_once("://")?;
    let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_alphabetic());
    let host = rest.split(['/', '?', '#']).next()?;
    (is_scheme && !host.is_empty()).then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::csp::{CspSources, SecurityHeaders};

    /// What is refused of a body, under the policy of a shop with these sources of scripts.
    fn refused(body: &str, script: &[&str]) -> Vec<String> {
        let sources = CspSources {
            script: script.iter().map(|source| (*source).to_owned()).collect(),
            ..CspSources::default()
        };
        let headers = SecurityHeaders::new(&["alert(1)"], &sources);
        let mut policies = headers.iter();
        let policy = policies.find(|(name, _)| *name == "content-security-policy");
        let policy = policy
            .and_then(|(_, value)| value.to_str().ok())
            .expect("a policy");
        let page = Html::parse_document(body);
        let found = findings(&page, policy).into_iter();
        found
            .map(|(finding, _)| format!("{}; {}", finding.found, finding.advice))
            .collect()
    }

    #[test]
    fn what_the_policy_allows_is_not_told() {
        let body = "<script>alert(1)</script><script src=/a.js></script>\
                    <script type='application/ld+json'>{}</script>\
                    <script src=https://pay.example/a.js></script>\
                    <script src=https://a.cdn.example/a.js></script>\
                    <link rel=stylesheet href=/a.css><img src=https://any.example/a.png>\
                    <img src='data:image/png;base64,'><p style='color: red'>\
                    <form action=/cart/add></form>";
        let allowed = ["https://pay.example", "https://*.cdn.example"];
        assert_eq!(refused(body, &allowed), [""; 0]);
    }

    #[test]
    fn what_browsers_refuse_is_told_with_what_allows_it() {
        for (body, words) in [
            ("<script>alert(2)</script>", "a file in static/"),
            (
                "<script src=https://pay.example/a.js></script>",
                "script = [\"https://pay.example\"]",
            ),
            (
                "<script src=//pay.example/a.js></script>",
                "script = [\"https://pay.example\"]",
            ),
            (
                "<img src=http://plain.example/a.png>",
                "img = [\"http://plain.example\"]",
            ),
            (
                "<link rel=stylesheet href=https://f.example/a.css>",
                "`style-src` refuses",
            ),
            (
                "<iframe src=https://map.example></iframe>",
                "frame = [\"https://map.example\"]",
            ),
            (
                "<form action=https://mail.example></form>",
                "form = [\"https://mail.example\"]",
            ),
            ("<style>p {}</style>", "a <style> in the page"),
            ("<button onclick='go()'>", "`onclick`"),
            ("<a href='javascript:go()'>", "a button whose listener"),
            ("<object data=/a.swf></object>", "`object-src` refuses"),
        ] {
            let found = refused(body, &["https://cdn.example"]);
            assert_eq!(found.len(), 1, "{body}: {found:?}");
            assert!(found[0].contains(words), "{body}: {found:?}");
        }
    }
}
