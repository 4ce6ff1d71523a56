//! Sanitises messages of guests for the log: one bounded line.

/// The longest message that is kept, in characters.
const LENGTH: usize = 500;
/// One line of at most 500 characters, without control characters and characters that change the
/// direction of text.
pub fn sanitise(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LENGTH));
    for (count, character) in text.chars().enumerate() {
        if count == LENGTH - 1 {
            out.push('…');
            break;
        }
        out.push(if is_plain(character) { character } else { ' ' });
    }
    out.trim().to_owned()
}

fn is_plain(character: char) -> bool {
    !(character.is_control()
        || matches!(
            character,
            '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
        ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_message_cannot_forge_lines_or_colours() {
        assert_eq!(
            sanitise(" panic:\r\n\x1b[31mred\u{202E}\0 \n"),
            "panic:   [31mred"
        );
    }

    proptest! {
        #[test]
        fn any_message_becomes_one_bounded_line(text in any::<String>()) {
            let line = sanitise(&text);
            prop_assert!(line.chars().count() <= LENGTH && !line.chars().any(char::is_control));
        }
    }
}
