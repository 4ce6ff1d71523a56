//! An error with its causes, as text for people.

use std::error::Error;

/// The error, then its causes, one a line. A cause that is part of what was said already is left
/// out.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.contains(&message) {
            text.push_str("\n  because: ");
            text.push_str(&message);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{says}")]
    struct Said {
        says: &'static str,
        source: Option<Box<Said>>,
    }

    fn said(says: &'static str, source: Option<Said>) -> Said {
        let source = source.map(Box::new);
        Said { says, source }
    }

    #[test]
    fn every_cause_is_named_once() {
        let root = said("no space", None);
        let middle = said("cannot write", Some(root));
        let error = said("no shop: cannot write", Some(middle));
        assert_eq!(
            with_causes(&error),
            "no shop: cannot write\n  because: no space"
        );
    }
}
