//! What cards show of a product, as `static/million.js` reads it: little-endian, the number of
//! prices and of products as 32 bits each, all prices as 32 bits, for each product the rank of its
//! lowest price as 32 bits, then a byte of each product for its brand, its type, its first word and
//! its colour.

use super::catalogue::Catalogue;

/// The bytes.
pub fn bytes(catalogue: &Catalogue) -> Vec<u8> {
    let Catalogue {
        prices, products, ..
    } = catalogue;
    let counts = [prices.len() as u32, products.len() as u32];
    let lowest = products.iter().map(|product| product.lowest);
    let words = counts
        .into_iter()
        .chain(prices.iter().copied())
        .chain(lowest);
    let mut bytes: Vec<u8> = words.flat_map(u32::to_le_bytes).collect();
    bytes.extend(products.iter().map(|product| product.brand));
    bytes.extend(products.iter().map(|product| product.kind));
    bytes.extend(products.iter().map(|product| product.first));
    bytes.extend(products.iter().map(|product| product.colour));
    bytes
}
