//! Markers in the rendered text for components and other parts of the page.
//!
//! A marker is a NUL byte, a token that is random for each process, and what it stands for. Data
//! cannot forge one: it does not know the token, and a NUL without the token is replaced by U+FFFD
//! when the markers are read.

use std::borrow::Cow;
use std::sync::OnceLock;

const TOKEN_LENGTH: usize = 14;

/// Characters that filters (`upper`, `escape`, `trim` …) and Tera's lexer do not change.
const ALPHABET: &[u8; 32] = b"0123456789!$()*+,-.:;=?@[]^_|~/`";

/// What a marker stands for. Its text fits Tera's inline strings, so that it needs no allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// A component begins, with its index in the side table.
    Open(usize),
    /// The innermost open component ends.
    Close,
    /// The fallback of the innermost open component begins.
    FallbackOpen,
    /// The fallback ends.
    FallbackClose,
    /// The place of the page's scripts, in the head.
    Head,
    /// The place of the snapshot, at the end of the body.
    Snapshot,
    /// Scheme and host of the shop, as the visitor uses them.
    Address,
}

/// The marker of [`Mark::Address`]. It has no token, because filters such as `urlencode` would
/// reveal it in the page; forging this marker only yields the shop's own address.
const ADDRESS: &str = "\0=0=";
/// The same in JSON.
const ADDRESS_IN_JSON: &str = "\\u0000=0=";

/// Restores the marker of the address in JSON text.
pub(super) fn unescape_address(json: String) -> String {
    if !json.contains(ADDRESS_IN_JSON) {
        return json;
    }
    let mut text = String::with_capacity(json.len());
    let mut rest = json.as_str();
    while let Some((before, after)) = rest.split_once(ADDRESS_IN_JSON) {
        text.push_str(before);
        let backslashes = text.bytes().rev().take_while(|byte| *byte == b'\\').count();
        // After an odd number of backslashes this one is itself escaped, and not part of a NUL's
        // escape.
        text.push_str(match backslashes % 2 {
            0 => ADDRESS,
            _ => ADDRESS_IN_JSON,
        });
        rest = after;
    }
    text + rest
}

/// Removes markers of the address from text for components: their links begin with a path.
pub(super) fn without_address(text: &str) -> Cow<'_, str> {
    match text.contains(ADDRESS) {
        true => text.replace(ADDRESS, "").into(),
        false => text.into(),
    }
}

/// The token of this process.
fn token() -> &'static [u8; TOKEN_LENGTH] {
    static TOKEN: OnceLock<[u8; TOKEN_LENGTH]> = OnceLock::new();
    TOKEN.get_or_init(|| {
        let mut token = [0; TOKEN_LENGTH];
        // Without randomness markers could be guessed, so there is no safe way to continue.
        getrandom::fill(&mut token).expect("the operating system gives random bytes");
        token.map(|byte| ALPHABET[usize::from(byte % 32)])
    })
}

impl Mark {
    /// The text of the marker.
    pub(super) fn text(self) -> String {
        if self == Mark::Address {
            return ADDRESS.to_owned();
        }
        let mut text = String::with_capacity(TOKEN_LENGTH + 8);
        text.push('\0');
        text.extend(token().iter().map(|byte| char::from(*byte)));
        match self {
            Mark::Open(index) => {
                text.push('1');
                let mut buffer = [0; 20];
                text.push_str(decimal(index, &mut buffer));
                text.push(';');
            }
            Mark::Close => text.push('2'),
            Mark::FallbackOpen => text.push('3'),
            Mark::FallbackClose => text.push('4'),
            Mark::Head => text.push('5'),
            Mark::Snapshot => text.push('6'),
            Mark::Address => {}
        }
        text
    }

    /// The marker at the beginning of `text`, which begins with a NUL, and its length.
    pub(super) fn read(text: &[u8]) -> Option<(Self, usize)> {
        if text.starts_with(ADDRESS.as_bytes()) {
            return Some((Mark::Address, ADDRESS.len()));
        }
        let rest = text.strip_prefix(b"\0")?.strip_prefix(token())?;
        let length = 1 + TOKEN_LENGTH + 1;
        let mark = match rest.first()? {
            b'1' => {
                let digits = rest[1..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_digit())
                    .count();
                let (number, rest) = rest[1..].split_at(digits);
                let index = std::str::from_utf8(number).ok()?.parse().ok()?;
                return (rest.first() == Some(&b';'))
                    .then_some((Mark::Open(index), length + digits + 1));
            }
            b'2' => Mark::Close,
            b'3' => Mark::FallbackOpen,
            b'4' => Mark::FallbackClose,
            b'5' => Mark::Head,
            b'6' => Mark::Snapshot,
            _ => return None,
        };
        Some((mark, length))
    }
}

/// The number of markers in `text`, complete or not.
pub(super) fn count(text: &[u8]) -> usize {
    memchr::memmem::find_iter(text, token()).count()
}

fn decimal(mut number: usize, buffer: &mut [u8; 20]) -> &str {
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    std::str::from_utf8(&buffer[at..]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back_as_it_was_written() {
        let marks = [
            Mark::Open(0),
            Mark::Open(1999),
            Mark::Close,
            Mark::FallbackOpen,
            Mark::FallbackClose,
            Mark::Head,
            Mark::Snapshot,
            Mark::Address,
        ];
        for mark in marks {
            let text = mark.text();
            assert!(text.len() <= 21, "{mark:?} is longer than an inline string");
            assert_eq!(
                Mark::read(format!("{text}9").as_bytes()),
                Some((mark, text.len()))
            );
        }
    }

    #[test]
    fn in_json_the_address_is_still_a_mark_and_other_text_stays() {
        let json = |text: &str| serde_json::to_string(text).expect("json");
        let address = Mark::Address.text();
        assert_eq!(
            unescape_address(json(&format!("{address}/products/a"))),
            format!("\"{address}/products/a\"")
        );
        let about = json("\\u0000=0=");
        assert_eq!(unescape_address(about.clone()), about);
        assert_eq!(without_address(&format!("{address}/cart")), "/cart");
    }

    #[test]
    fn text_without_the_token_is_no_mark() {
        assert_eq!(Mark::read(b"\0"), None);
        assert_eq!(Mark::read(b"\x0000000000000000010;"), None);
        let text = Mark::Open(7).text();
        assert_eq!(Mark::read(&text.as_bytes()[..text.len() - 1]), None);
    }
}
