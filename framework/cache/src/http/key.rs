//! Cache keys: which requests are the same. A page is made from the normalised target alone, so
//! nothing else that a visitor sends can change what another one sees.

use std::fmt::Write;

use http::Uri;

use super::tracking::is_tracking;

/// The longest path that is stored, in bytes.
const MAX_PATH: usize = 512;
/// The longest name, and value, of a parameter, in bytes.
const MAX_PARAM: usize = 512;
/// The most parameters of a query; further ones are dropped.
const MAX_PARAMS: usize = 32;

/// Normalises a target (path and query): percent-encoding only where needed, parameters sorted by
/// name. Parameters of tracking are dropped, and those that no page can have: too long, or not
/// UTF-8. So a visitor cannot bypass the cache with arbitrary queries. `None` if there can be no
/// such page: the path is too long, or ambiguous (`//`, dot segments, encoded slashes, control
/// characters).
///
/// ```
/// use protium_cache::http::key::normalise;
/// assert_eq!(
///     normalise("/products/%73hirt?size=M&utm_source=mail&colour=red").as_deref(),
///     Some("/products/shirt?colour=red&size=M"),
/// );
/// assert_eq!(normalise("/products/../cart"), None);
/// ```
pub fn normalise(target: &str) -> Option<String> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut text = normal_path(path)?;
    if query.is_empty() {
        return Some(text);
    }
    let params = form_urlencoded::parse(query.as_bytes());
    let params = params.filter(|(name, value)| is_in_key(name, value));
    let mut params: Vec<_> = params.take(MAX_PARAMS).collect();
    // A stable sort: the order of several values of one name may matter.
    params.sort_by(|(one, _), (other, _)| one.cmp(other));
    if !params.is_empty() {
        text.push('?');
        let start = text.len();
        text = form_urlencoded::Serializer::for_suffix(text, start)
            .extend_pairs(params)
            .finish();
    }
    Some(text)
}

/// The normalised target of an address.
pub fn target_of(uri: &Uri) -> Option<String> {
    normalise(uri.path_and_query()?.as_str())
}

/// The key of a response: a normalised target, and the other dimensions that it depends on, such as
/// locale, currency and build. It begins with `kind` and the path, for purges by prefix. `None` if
/// a dimension is not a word.
pub fn of(kind: &str, target: &str, dimensions: &[&str]) -> Option<String> {
    let room = dimensions.iter().map(|word| word.len() + 1).sum::<usize>();
    let mut key = String::with_capacity(kind.len() + target.len() + room);
    key.push_str(kind);
    key.push_str(target);
    for word in dimensions {
        if !word.chars().all(|c| c.is_ascii_graphic()) {
            return None;
        }
        // A normalised target has no space.
        key.push(' ');
        key.push_str(word);
    }
    Some(key)
}

fn normal_path(path: &str) -> Option<String> {
    if !path.starts_with('/') || path.len() > MAX_PATH {
        return None;
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let odd = path.bytes().position(|byte| !is_plain(byte));
    let (plain, rest) = path.split_at(odd.unwrap_or(path.len()));
    let mut text = String::with_capacity(path.len());
    text.push_str(plain);
    let mut bytes = rest.bytes();
    while let Some(byte) = bytes.next() {
        let (byte, was_encoded) = match byte {
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                (u8::try_from(high * 16 + low).ok()?, true)
            }
            byte => (byte, false),
        };
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            // Encoded or not, some software reads these as the end of a segment.
            b'/' if !was_encoded => text.push('/'),
            b'/' | b'\\' | b'%' | b'?' | b'#' => return None,
            0..0x20 | 0x7f => return None,
            byte => write!(text, "%{byte:02X}").ok()?,
        }
    }
    let is_dots = |segment: &str| matches!(segment, "." | "..");
    let is_plain = !text.contains("//") && !text.split('/').any(is_dots);
    is_plain.then_some(text)
}

/// Whether a parameter may change a page.
fn is_in_key(name: &str, value: &str) -> bool {
    name.len() <= MAX_PARAM
        && value.len() <= MAX_PARAM
        && !name.chars().chain(value.chars()).any(is_odd)
        && !is_tracking(name)
}

/// Control characters, and the replacement of invalid UTF-8.
fn is_odd(c: char) -> bool {
    c.is_control() || c == char::REPLACEMENT_CHARACTER
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_page_has_one_key() {
        let key = normalise("/collections/all?sort=price&cursor=abc");
        for target in [
            "/collections/all?cursor=abc&sort=price",
            "/collections/%61ll?cursor=abc&sort=price",
            "/collections/all?utm_source=x&cursor=abc&gclid=1&sort=price&fbclid=",
            "/collections/all?&cursor=%61bc&&sort=price",
        ] {
            assert_eq!(normalise(target), key, "{target}");
        }
        assert_ne!(normalise("/collections/all?sort=price"), key);
        assert_eq!(normalise("/p?utm_campaign=x").as_deref(), Some("/p"));
        assert_eq!(
            normalise("/p?a=2&b=1&a=1").as_deref(),
            Some("/p?a=2&a=1&b=1")
        );
    }

    #[test]
    fn tricks_have_no_key() {
        for target in [
            "",
            "*",
            "products",
            "//evil.example/",
            "/a//b",
            "/a/../b",
            "/a/%2e%2E/b",
            "/./a",
            "/a%2fb",
            "/a%5cb",
            "/a\\b",
            "/a%00",
            "/a%0d%0aSet-Cookie:x",
            "/%",
            "/%4",
            "/%zz",
            "/a%25%32%66",
        ] {
            assert_eq!(normalise(target), None, "{target}");
        }
        assert_eq!(normalise(&format!("/{}", "x".repeat(MAX_PATH))), None);
    }

    #[test]
    fn a_query_that_no_page_has_is_that_of_the_page() {
        for query in [
            "q=%00",
            "x=%FF",
            "%ff=1",
            "a=%0d%0a",
            "&",
            "irclickid=1&_pos=2",
        ] {
            assert_eq!(normalise(&format!("/p?{query}")).as_deref(), Some("/p"));
        }
        let long = "x".repeat(MAX_PARAM + 1);
        for query in [format!("{long}&a=1"), format!("b={long}&a=1")] {
            assert_eq!(normalise(&format!("/?{query}")).as_deref(), Some("/?a=1"));
        }
        let most = format!("/?{}", ["a=1"; MAX_PARAMS].join("&"));
        assert_eq!(
            normalise(&format!("/?{}", "a=1&".repeat(MAX_PARAMS + 1))).as_ref(),
            Some(&most)
        );
    }

    #[test]
    fn a_key_begins_with_the_path_and_keeps_dimensions_apart() {
        let key = of("page", "/products/a?b=c", &["en", "EUR"]);
        assert_eq!(key.as_deref(), Some("page/products/a?b=c en EUR"));
        assert_eq!(of("page", "/", &["en EUR"]), None);
        assert_eq!(of("page", "/", &["en\n"]), None);
    }

    proptest! {
        #[test]
        fn a_normal_target_stays_and_leads_to_the_same_page(target in "/[ -~]{0,60}") {
            let Some(normal) = normalise(&target) else { return Ok(()) };
            let again = normalise(&normal);
            prop_assert_eq!(again.as_ref(), Some(&normal));
            prop_assert!(normal.bytes().all(|byte| byte.is_ascii_graphic()));
            let decode = |path: &str| {
                percent_encoding::percent_decode_str(path).collect::<Vec<u8>>()
            };
            let path = |target: &str| decode(target.split('?').next().unwrap_or_default());
            prop_assert_eq!(path(&normal), path(&target));
            let query = |target: &str| -> Vec<(String, String)> {
                let query = target.split_once('?').map_or("", |(_, query)| query);
                let mut pairs: Vec<_> = form_urlencoded::parse(query.as_bytes())
                    .into_owned()
                    .filter(|(name, value)| is_in_key(name, value))
                    .take(MAX_PARAMS)
                    .collect();
                pairs.sort_by(|one, other| one.0.cmp(&other.0));
                pairs
            };
            prop_assert_eq!(query(&normal), query(&target));
        }

        #[test]
        fn any_text_at_all_has_a_normal_target_or_none(target in any::<String>()) {
            if let Some(normal) = normalise(&target) {
                prop_assert!(normal.starts_with('/') && !normal.starts_with("//"));
                prop_assert!(normal.parse::<::http::Uri>().is_ok());
            }
        }
    }
}
