//! Suggestions for misspelt names.

use strsim::levenshtein as distance;

/// The name in `known` nearest to `name`, if it is close enough to suggest.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|known| (distance(name, known), known))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, known)| *distance <= known.len().div_ceil(3).min(3))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_not() {
        let known = ["product-card", "cart-badge", "cart-lines"];
        assert_eq!(nearest("prodct-card", known), Some("product-card"));
        assert_eq!(nearest("cart-lnes", known), Some("cart-lines"));
        assert_eq!(nearest("carousel", known), None);
        assert_eq!(distance("", "ab"), 2);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
