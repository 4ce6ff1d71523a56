//! Tracking parameters, such as `utm_source`. They do not change pages, so they are left out of
//! keys.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The list, which `update.py` writes.
const LIST: &str = include_str!("parameters.txt");
/// Prefixes that only tracking parameters have.
const PREFIXES: [&str; 4] = ["utm_", "mtm_", "hsa_", "gad_"];

static NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = LIST.lines();
    lines.filter(|line| !line.starts_with('#')).collect()
});

/// Whether this is the name of a tracking parameter, in any case.
pub fn is_tracking(name: &str) -> bool {
    if !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return is_listed(name);
    }
    is_listed(&name.to_ascii_lowercase())
}

fn is_listed(name: &str) -> bool {
    PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_advertisers_add_to_links_is_tracking_and_what_shops_use_is_not() {
        for name in [
            "irclickid",
            "_pos",
            "gad_campaignid",
            "gclid",
            "fbclid",
            "srsltid",
            "utm_whatever",
            "CJEVENT",
            "ttclid",
            "_kx",
        ] {
            assert!(is_tracking(name), "{name}");
        }
        for name in [
            "",
            "q",
            "variant",
            "sort",
            "cursor",
            "direction",
            "page",
            "Size",
            "Colour",
            "Origin",
            "Source",
            "email",
            "ref",
            "id",
            "return_to",
            "next",
            "utm",
        ] {
            assert!(!is_tracking(name), "{name}");
        }
    }

    #[test]
    fn the_list_is_as_it_is_compared() {
        assert!(NAMES.len() > 300);
        for name in NAMES.iter() {
            assert!(
                !name.is_empty()
                    && name.trim() == *name
                    && !name.contains(|c: char| c.is_ascii_uppercase())
            );
        }
    }
}
