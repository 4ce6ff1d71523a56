//! Addresses in style sheets.

use bytes::Bytes;

/// The style sheet at `sheet`, in which the files of `url(…)` have the addresses that `address`
/// returns. Whatever is not a path, or has no other address, is left as it is.
pub(crate) fn with_urls(
    sheet: &str,
    body: Bytes,
    address: impl Fn(&str) -> Option<String>,
) -> Bytes {
    let Ok(css) = std::str::from_utf8(&body) else {
        return body;
    };
    let mut written = String::with_capacity(css.len() + css.len() / 8);
    let mut rest = css;
    while let Some(at) = rest.find("url(") {
        let (before, from) = rest.split_at(at + "url(".len());
        written.push_str(before);
        let Some(end) = from.find(')') else {
            rest = from;
            break;
        };
        let (named, after) = from.split_at(end);
        let quote = named
            .trim()
            .chars()
            .next()
            .filter(|c| matches!(c, '"' | '\''));
        let path = named.trim().trim_matches(['"', '\'']);
        match resolved(sheet, path).and_then(|path| address(&path)) {
            Some(address) => {
                written.extend(quote);
                written.push_str(&address);
                written.extend(quote);
            }
            None => written.push_str(named),
        }
        rest = after;
    }
    written.push_str(rest);
    written.into()
}

/// The path that `path` in a style sheet refers to; `None` if it is not a path of this server.
fn resolved(sheet: &str, path: &str) -> Option<String> {
    let is_elsewhere =
        path.is_empty() || path.starts_with(['#', '?']) || path.contains([':', '\\']);
    if is_elsewhere || path.starts_with("//") {
        return None;
    }
    if path.starts_with('/') {
        return Some(path.to_owned());
    }
    let mut parts: Vec<&str> = sheet.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." if parts.len() > 1 => drop(parts.pop()),
            ".." => return None,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_sheet() {
        let path = |path| resolved("/static/css/a.css", path);
        assert_eq!(path("b.svg").as_deref(), Some("/static/css/b.svg"));
        assert_eq!(path("./b.svg").as_deref(), Some("/static/css/b.svg"));
        assert_eq!(path("../b.svg").as_deref(), Some("/static/b.svg"));
        assert_eq!(path("/c/b.svg").as_deref(), Some("/c/b.svg"));
        for elsewhere in [
            "",
            "#a",
            "data:x",
            "https://a.example/b",
            "//a.example/b",
            "../../../b",
        ] {
            assert_eq!(path(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn what_is_not_closed_and_what_is_not_text_stays_as_it_is() {
        for css in [&b"a { b: url(c"[..], b"url()", b"url(\xff)"] {
            let body = Bytes::copy_from_slice(css);
            assert_eq!(with_urls("/a.css", body.clone(), |_| None), body);
        }
    }
}
