//! Names of tags and prefixes.

/// The longest tag or prefix, in bytes.
pub const MAX_NAME: usize = 256;

/// Whether a text can be a tag.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_NAME && !text.chars().any(char::is_control)
}
