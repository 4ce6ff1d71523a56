//! An error with its causes, as text.

use std::error::Error;

/// The error, then its causes, one per line. A cause that is already part of the text before it is
/// left out.
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
    #[error("{message}")]
    struct TestError {
        message: &'static str,
        source: Option<Box<TestError>>,
    }

    fn error(message: &'static str, source: Option<TestError>) -> TestError {
        let source = source.map(Box::new);
        TestError { message, source }
    }

    #[test]
    fn every_cause_is_named_once() {
        let root = error("no space", None);
        let middle = error("cannot write", Some(root));
        let error = error("no shop: cannot write", Some(middle));
        assert_eq!(
            with_causes(&error),
            "no shop: cannot write\n  because: no space"
        );
    }
}
