//! Text from outside, made fit to keep.

/// One line of text: NUL becomes U+FFFD, other control characters and line ends become spaces, and
/// the ends are trimmed.
pub(super) fn one_line(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|letter| match letter {
            '\0' => char::REPLACEMENT_CHARACTER,
            letter if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') => ' ',
            letter => letter,
        })
        .collect();
    line.trim().to_owned()
}

/// A name for addresses: letters and digits of any script in lower case, runs of everything else
/// as one dash. Empty when the text has neither letters nor digits.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// The first `limit` characters of a text.
pub(super) fn prefix(text: &str, limit: usize) -> &str {
    match text.char_indices().nth(limit) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

/// The letters and digits of a name, in lower case.
pub(super) fn letters(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The beginning of a value, fit for a message.
pub(super) fn excerpt(value: &str) -> String {
    let beginning = prefix(value, 40);
    let more = if beginning.len() < value.len() {
        "…"
    } else {
        ""
    };
    format!("{}{more}", beginning.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slugs_keep_letters_of_any_script() {
        assert_eq!(slug("Classic Varsity Top"), "classic-varsity-top");
        assert_eq!(slug("  S/M & co. "), "s-m-co");
        assert_eq!(slug("Été à Zürich"), "été-à-zürich");
        assert_eq!(slug("红色"), "红色");
        assert_eq!(slug("!?"), "");
    }

    #[test]
    fn lines_have_no_control_characters() {
        assert_eq!(one_line(" a\0b\nc\u{7}d\t"), "a\u{fffd}b c d");
    }

    proptest! {
        #[test]
        fn a_slug_is_its_own_slug(text in ".*") {
            let once = slug(&text);
            prop_assert_eq!(slug(&once), once);
        }

        #[test]
        fn a_prefix_has_no_more_letters_than_asked_for(text in ".*", limit in 0..20_usize) {
            prop_assert_eq!(prefix(&text, limit).chars().count(), text.chars().count().min(limit));
        }
    }
}
