//! Redirects for paths that are written differently: with a trailing slash, in upper case, or in
//! the form of other shop software.

use percent_encoding::percent_decode_str;

use protium_types::Url;

/// Folders of files, whose names may have upper case.
const FILES: [&str; 2] = ["static", "_protium"];
/// The list of all products.
const ALL: &str = "collections/all";

/// The path of the page that is probably meant by this one, with the query; `None` if the path is
/// already in canonical form.
pub fn moved(path: &str, query: Option<&str>) -> Option<String> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    decoded.strip_prefix('/')?;
    let lower = decoded.to_lowercase();
    let segments: Vec<&str> = lower
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let is_odd = |segment: &&str| {
        matches!(*segment, "." | "..") || segment.contains(|c: char| c == '\\' || c.is_control())
    };
    // An encoded slash does not end a segment.
    let is_joined = decoded.matches('/').count() != path.matches('/').count();
    if is_joined || segments.iter().any(is_odd) || FILES.contains(segments.first()?) {
        return None;
    }
    let segments = match segments[..] {
        ["collections" | "products"] => ALL.split('/').collect(),
        ["collections", _, "products", handle] => vec!["products", handle],
        _ => segments,
    };
    let target = format!("/{}", segments.join("/"));
    if target == decoded {
        return None;
    }
    let target = Url::path_of(&segments);
    Some(match query {
        Some(query) => format!("{target}?{query}"),
        None => target.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_lead_to_the_one_way_they_are_written_in() {
        for (path, query, to) in [
            ("/products/hand-fork/", None, "/products/hand-fork"),
            ("/products//hand-fork", Some(""), "/products/hand-fork?"),
            (
                "/Products/Hand-Fork/",
                Some("variant=2"),
                "/products/hand-fork?variant=2",
            ),
            (
                "/collections/tools/products/hand-fork",
                None,
                "/products/hand-fork",
            ),
            ("//products/a", None, "/products/a"),
            ("//evil.example//", None, "/evil.example"),
            (
                "/PRODUCTS/Hand-Fork",
                Some("Size=XL"),
                "/products/hand-fork?Size=XL",
            ),
            (
                "/collections",
                Some("sort=price-asc"),
                "/collections/all?sort=price-asc",
            ),
            ("/products/", None, "/collections/all"),
            (
                "/collections/tools/products/fork",
                Some("variant=1"),
                "/products/fork?variant=1",
            ),
            ("/Collections/Tools/Products/Fork/", None, "/products/fork"),
            ("/products/%C3%84pfel", None, "/products/%C3%A4pfel"),
            ("/cart/", None, "/cart"),
        ] {
            assert_eq!(moved(path, query).as_deref(), Some(to), "{path}");
        }
        for path in [
            "/",
            "/products/hand-fork",
            "/products/%C3%A4pfel",
            "/products/a%27b",
            "/products/a'b",
            "/static/Logo.png",
            "/_protium/X",
            "/products/../cart/",
            "/products/%2e%2e/x/",
            "/Products%2fx",
            "/products/a%5cb/",
            "/products/a%0d%0ab/",
            "/products/%ff/",
            "/collections/all/products",
            "*",
            "",
        ] {
            assert_eq!(moved(path, None), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn nobody_is_sent_in_a_circle_or_out_of_the_shop(
            path in "/[!-~]{0,60}", query in "[!-~]{0,20}"
        ) {
            let (path, _) = path.split_once(['?', '#']).unwrap_or((&path, ""));
            if let Some(to) = moved(path, Some(&query)) {
                prop_assert!(
                    to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/\\")
                );
                let (again, _) = to.split_once('?').expect("a query");
                prop_assert_eq!(moved(again, None), None);
            }
        }
    }
}
