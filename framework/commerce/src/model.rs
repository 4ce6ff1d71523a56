//! What a shop sells, as pages and components see it. Amounts are minor units of the context's
//! currency; serialised names are the fields' names.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::metafield::Metafields;

/// A product with everything its page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Product {
    /// Stable for the life of the shop.
    pub id: i64,
    /// The name in the address: `/products/HANDLE`.
    pub handle: String,
    /// Plain text.
    pub title: String,
    /// The merchant's HTML, sanitised at import.
    pub body_html: String,
    /// The body as plain text, at most 300 characters.
    pub description: String,
    /// Who makes it; may be empty.
    pub vendor: String,
    /// What kind of thing it is; may be empty.
    pub product_type: String,
    /// The merchant's tags, in the merchant's order.
    pub tags: Vec<String>,
    /// Pictures, the first one leading; those that only a variant names stand at the end.
    pub images: Vec<ProductImage>,
    /// What can be chosen; empty when there is one variant and no choice.
    pub options: Vec<ProductOption>,
    /// At least one.
    pub variants: Vec<Variant>,
    /// Price of the cheapest variant.
    pub price_min: i64,
    /// Price of the dearest variant.
    pub price_max: i64,
    /// The former price of the cheapest variant, when it is on sale.
    pub compare_at: Option<i64>,
    /// Whether any variant can be bought now.
    pub available: bool,
    /// Title for search engines: the merchant's, else the title.
    pub seo_title: String,
    /// Description for search engines: the merchant's, else the description.
    pub seo_description: String,
    /// Collections the product is in, without the virtual `all`.
    pub collections: Vec<CollectionLink>,
    /// What the shop knows of it besides, by namespace and key.
    pub metafields: Metafields,
}

impl Product {
    /// The variant a page shows: the one with the id `variant`; else the first that has all the
    /// chosen option values (pairs of option name and value, of which unknown names are ignored),
    /// those that can be bought first; else the first that can be bought; else the first.
    pub fn select<'a>(
        &self,
        variant: Option<i64>,
        chosen: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Option<&Variant> {
        if let Some(found) = variant.and_then(|id| self.variants.iter().find(|one| one.id == id)) {
            return Some(found);
        }
        let wanted: Vec<(usize, &str)> = chosen
            .into_iter()
            .filter_map(|(name, value)| {
                let place = self.options.iter().position(|option| option.name == name)?;
                Some((place, value))
            })
            .collect();
        let fits = |one: &&Variant| {
            wanted
                .iter()
                .all(|(place, value)| one.options.get(*place).is_some_and(|has| has == value))
        };
        let mut all = self.variants.iter();
        all.find(|one| fits(one) && one.available)
            .or_else(|| self.variants.iter().find(fits))
            .or_else(|| self.variants.iter().find(|one| one.available))
            .or_else(|| self.variants.first())
    }
}

/// A picture of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductImage {
    /// An `http(s)` address or a path, as the merchant gave it.
    pub src: String,
    /// Alternative text: the merchant's, else the product's title.
    pub alt: String,
    /// Pixels, where they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels, where they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// A picture on a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Image {
    /// An `http(s)` address or a path.
    pub src: String,
    /// Alternative text: the merchant's, else the title of what the card shows.
    pub alt: String,
}

/// Something to choose, such as a size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductOption {
    /// Such as `Size`.
    pub name: String,
    /// In order of first appearance among the variants.
    pub values: Vec<String>,
}

/// One thing that can be put into a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variant {
    /// Stable for the life of the shop.
    pub id: i64,
    /// The merchant's number for it.
    pub sku: String,
    /// `Small / Blue`; empty for a product's only variant.
    pub title: String,
    /// Values in the order of [`Product::options`].
    pub options: Vec<String>,
    /// What it costs.
    pub price: i64,
    /// The former, higher price when it is on sale.
    pub compare_at: Option<i64>,
    /// Whether it can be bought now.
    pub available: bool,
    /// Pieces in stock; `None` when stock is not tracked.
    pub quantity: Option<i64>,
    /// Whether it is sold on when stock is used up. Not serialised: pages need not know.
    #[serde(skip)]
    pub oversell: bool,
    /// GTIN, EAN, UPC or ISBN as the merchant gave it; may be empty.
    pub barcode: String,
    /// The address of a picture of this variant; it is one of [`Product::images`].
    pub image: Option<String>,
    /// Where that picture stands in [`Product::images`], from 0.
    pub image_index: Option<usize>,
    /// What the shop knows of it besides, by namespace and key.
    pub metafields: Metafields,
}

/// The variant that a SKU or a barcode names, with its product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantMatch {
    /// The product, as [`Catalogue::product`](super::Catalogue::product) answers.
    pub product: Arc<Product>,
    /// The id of the variant.
    pub variant_id: i64,
}

impl VariantMatch {
    /// The variant; `None` only when a provider names one that the product does not have.
    pub fn variant(&self) -> Option<&Variant> {
        let mut variants = self.product.variants.iter();
        variants.find(|one| one.id == self.variant_id)
    }
}

/// A product in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Card {
    /// The product's id.
    pub id: i64,
    /// The name in the address.
    pub handle: String,
    /// Plain text.
    pub title: String,
    /// May be empty.
    pub vendor: String,
    /// The leading picture.
    pub image: Option<Image>,
    /// Price of the cheapest variant.
    pub price_min: i64,
    /// Price of the dearest variant.
    pub price_max: i64,
    /// The former price of the cheapest variant, when it is on sale.
    pub compare_at: Option<i64>,
    /// Whether any variant can be bought now.
    pub available: bool,
    /// Set when the product has exactly one variant, which can then be added without a choice.
    pub variant_id: Option<i64>,
    /// Whether any variant has a former, higher price.
    pub on_sale: bool,
}

/// A group of products.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Collection {
    /// The name in the address: `/collections/HANDLE`; `all` is the virtual one of everything.
    pub handle: String,
    /// Plain text.
    pub title: String,
    /// Plain text; may be empty.
    pub description: String,
    /// The leading picture of its first product.
    pub image: Option<Image>,
    /// How many products a visitor sees in it.
    pub product_count: i64,
}

/// A collection as products and suggestions name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionLink {
    /// The name in the address.
    pub handle: String,
    /// Plain text.
    pub title: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(id: i64, size: &str, color: &str, available: bool) -> Variant {
        Variant {
            id,
            sku: format!("sku-{id}"),
            title: format!("{size} / {color}"),
            options: vec![size.into(), color.into()],
            price: 100,
            compare_at: None,
            available,
            quantity: None,
            oversell: false,
            barcode: String::new(),
            image: None,
            image_index: None,
            metafields: Metafields::default(),
        }
    }

    fn shirt() -> Product {
        let option = |name: &str, values: [&str; 2]| ProductOption {
            name: name.into(),
            values: values.map(String::from).into(),
        };
        Product {
            id: 1,
            handle: "shirt".into(),
            title: "Shirt".into(),
            body_html: String::new(),
            description: String::new(),
            vendor: String::new(),
            product_type: String::new(),
            tags: vec![],
            images: vec![],
            options: vec![option("Size", ["S", "L"]), option("Color", ["Blue", "Red"])],
            variants: vec![
                variant(1, "S", "Blue", false),
                variant(2, "S", "Red", true),
                variant(3, "L", "Blue", true),
                variant(4, "L", "Red", false),
            ],
            price_min: 100,
            price_max: 100,
            compare_at: None,
            available: true,
            seo_title: String::new(),
            seo_description: String::new(),
            collections: vec![],
            metafields: Metafields::default(),
        }
    }

    #[test]
    fn a_page_shows_the_variant_its_address_asks_for() {
        let shirt = shirt();
        let selected = |variant, chosen: &[(&'static str, &'static str)]| {
            shirt
                .select(variant, chosen.iter().copied())
                .map(|one| one.id)
        };
        assert_eq!(selected(Some(4), &[]), Some(4));
        assert_eq!(selected(None, &[("Size", "L"), ("Color", "Red")]), Some(4));
        assert_eq!(
            selected(None, &[("Size", "L"), ("utm_source", "x")]),
            Some(3)
        );
        assert_eq!(
            selected(None, &[("Size", "S")]),
            Some(2),
            "what can be bought comes first"
        );
        assert_eq!(selected(None, &[]), Some(2));
        assert_eq!(selected(Some(99), &[("Size", "XXL")]), Some(2));
    }
}
