//! HTML character references that occur in attributes of templates and in links of merchants'
//! texts.

/// An unknown named reference.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnknownEntity<'a>(pub &'a str);

/// Decodes the references in `text`: numeric ones and the five of XML, plus `&nbsp;`. A bare `&` is
/// left as it is.
pub(super) fn decode(text: &str) -> Result<String, UnknownEntity<'_>> {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        let reference = &rest[at + 1..];
        let name_end = reference
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '#'))
            .unwrap_or(reference.len());
        let name = &reference[..name_end];
        let closed = reference[name_end..].starts_with(';');
        let numeric = name.starts_with('#');
        if name.is_empty() || (!closed && !numeric) {
            decoded.push('&');
            rest = reference;
            continue;
        }
        match character(name) {
            Some(c) => decoded.push(c),
            None if numeric => decoded.push('\u{FFFD}'),
            None => return Err(UnknownEntity(name)),
        }
        rest = &reference[name_end + usize::from(closed)..];
    }
    decoded.push_str(rest);
    Ok(decoded)
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| *c != '\0');
    }
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{A0}'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded_and_bare_ampersands_kept() {
        assert_eq!(
            decode("a &amp;&lt;&#233;&#x1F600; b"),
            Ok("a &<é😀 b".to_owned())
        );
        assert_eq!(decode("/?a=1&b=2 & c"), Ok("/?a=1&b=2 & c".to_owned()));
        assert_eq!(
            decode("&#0;&#xD800;&#99999999999;"),
            Ok("\u{FFFD}".repeat(3))
        );
        assert_eq!(decode("&hearts;"), Err(UnknownEntity("hearts")));
    }
}
