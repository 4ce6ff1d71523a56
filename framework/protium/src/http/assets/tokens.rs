//! The style sheet of the shop's design tokens.

use std::collections::BTreeMap;

use super::error::AssetError;

/// The tokens as custom properties of `:root`. An error names a token whose value could end its
/// declaration.
pub fn tokens_css(tokens: &BTreeMap<String, String>) -> Result<String, AssetError> {
    let mut css = String::from(":root {\n");
    for (name, value) in tokens {
        let refuse = |problem| {
            Err(AssetError::Token {
                name: name.clone(),
                problem,
            })
        };
        let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.len() > 64 || !name.chars().all(sound) {
            return refuse("a name has lower-case letters, digits and `-` only");
        }
        if value.trim().is_empty() || value.len() > 500 {
            return refuse("a value has 1 to 500 bytes");
        }
        if value
            .chars()
            .any(|c| c.is_control() || ";{}<>\\@".contains(c))
            || value.contains("/*")
        {
            return refuse(
                "a value has no `;`, `{`, `}`, `<`, `>`, `\\`, `@`, comment or control character",
            );
        }
        if !balanced(value) {
            return refuse("a quote or bracket is not closed");
        }
        css.push_str(&format!("  --{}{name}: {value};\n", family(name)));
    }
    css.push_str("}\n");
    Ok(css)
}

/// The prefix of the theme's property: `accent` sets `--color-accent`.
fn family(name: &str) -> &'static str {
    match name {
        "accent" | "paper" | "ink" => "color-",
        "body" | "display" => "font-",
        _ => "",
    }
}

/// Whether quotes and brackets are closed, so that a value cannot swallow what follows it.
fn balanced(value: &str) -> bool {
    let mut open = Vec::new();
    let mut quote = None;
    for c in value.chars() {
        match (quote, c) {
            (Some(mark), c) if c == mark => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => open.push(')'),
            (None, '[') => open.push(']'),
            (None, ')' | ']') if open.pop() != Some(c) => return false,
            (None, _) => {}
        }
    }
    quote.is_none() && open.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_cannot_leave_its_declaration() {
        let one = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        assert_eq!(
            tokens_css(&one("accent", "oklch(60% 0.1 200)")).expect("sound"),
            ":root {\n  --color-accent: oklch(60% 0.1 200);\n}\n"
        );
        for value in [
            "red; } body { display: none",
            "</style>",
            "url(",
            "\"open",
            "a /* b",
            "",
            "\\3b",
        ] {
            assert!(tokens_css(&one("accent", value)).is_err(), "{value}");
        }
        assert!(tokens_css(&one("Accent:", "red")).is_err());
    }
}
