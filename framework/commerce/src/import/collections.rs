//! Collections of a product: those that a file names, else its type, its category or its tags.

use super::draft::MAX_COLLECTIONS;
use super::patch::Patch;
use crate::sqlite::document::Document;
use crate::{CollectionLink, text};

/// The collections of a product.
pub(crate) struct Collections {
    pub links: Vec<CollectionLink>,
    /// Whether they are made from its type, category or tags.
    pub derived: bool,
}

/// The collections after a file; `None` leaves them as they are.
pub(super) fn merge(patch: &Patch, is_known: bool, document: &mut Document) -> Option<Collections> {
    if let Some(links) = &patch.collections {
        document.named_collections = Some(true);
        return Some(Collections {
            links: links.clone(),
            derived: false,
        });
    }
    if document.named_collections == Some(true) {
        return None;
    }
    document.named_collections = Some(false);
    let says =
        !patch.product_type.is_absent() || !patch.category.is_absent() || !patch.tags.is_absent();
    (says || !is_known).then(|| Collections {
        links: derived(document),
        derived: true,
    })
}

fn derived(document: &Document) -> Vec<CollectionLink> {
    // `Home & Garden > Kitchen > Mugs`; exports also have bare numbers of a taxonomy.
    let category = document.category.rsplit('>').next().unwrap_or_default();
    let category = category.trim();
    let is_name = |name: &str| name.chars().any(char::is_alphabetic);
    let titles: Vec<String> = if is_name(&document.product_type) {
        vec![document.product_type.clone()]
    } else if is_name(category) {
        vec![category.to_owned()]
    } else {
        let tags = document.tags.iter();
        tags.filter(|tag| is_name(tag) && !tag.contains([':', '=', '_']))
            .map(|tag| capitalised(tag))
            .collect()
    };
    let mut links: Vec<CollectionLink> = Vec::new();
    for title in titles {
        let handle = text::slug(&title);
        if handle != "all" && !links.iter().any(|link| link.handle == handle) {
            links.push(CollectionLink { handle, title });
        }
    }
    links.truncate(MAX_COLLECTIONS);
    links
}

fn capitalised(tag: &str) -> String {
    let mut letters = tag.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_goes_before_a_category_and_a_category_before_tags() {
        let made = |product_type: &str, category: &str, tags: &[&str]| {
            let links = derived(&Document {
                product_type: product_type.to_owned(),
                category: category.to_owned(),
                tags: tags.iter().map(ToString::to_string).collect(),
                ..Document::default()
            });
            links
                .into_iter()
                .map(|link| format!("{} {}", link.handle, link.title))
                .collect::<Vec<_>>()
        };
        assert_eq!(made("Mugs", "Home > Cups", &["blue"]), ["mugs Mugs"]);
        assert_eq!(made("", "Home > Cups", &["blue"]), ["cups Cups"]);
        assert_eq!(
            made(
                "",
                "1604",
                &["women", "size:xl", "All", "Women", "99", "on sale"]
            ),
            ["women Women", "on-sale On sale"]
        );
        assert!(made("", "", &[]).is_empty());
    }
}
