//! The generated SKUs: the same on every machine, in the shape of a shop's: few brands have most
//! products, most products have a few variants, prices end in 9.

use protium::filter::{Columns, Facet, NO_VALUE, RowSet};

use super::words::Words;

/// Of the generator's numbers.
const SEED: u64 = 0x70726f_7469756d;
/// Of a hundred variants, so many are in stock.
const IN_STOCK: u64 = 88;

/// What was generated.
pub struct Catalogue {
    /// Facets in the order of [`Words::form`]; the set of what is in stock; the ranks of prices;
    /// orders by sales, by age and by price.
    pub columns: Columns,
    /// All prices in minor units, ascending: those of the ranks.
    pub prices: Vec<u32>,
    pub products: Vec<Product>,
}

/// What is the same for all variants of a product.
pub struct Product {
    pub brand: u8,
    pub kind: u8,
    /// The word that its name begins with.
    pub first: u8,
    /// Its first colour.
    pub colour: u8,
    /// The rank of its lowest price.
    pub lowest: u32,
}

/// Numbers that only look random (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// Low numbers are more frequent: half of all are below a quarter of the limit.
    fn low(&mut self, limit: usize) -> usize {
        let part = self.below(1 << 20);
        (part * part * limit) >> 40
    }
}

/// A catalogue of so many SKUs.
pub fn generate(words: &Words, skus: usize) -> Catalogue {
    let mut numbers = Numbers(SEED);
    let mut products = Vec::new();
    let mut groups = Vec::new();
    let mut price_of_row: Vec<u32> = Vec::with_capacity(skus);
    let mut brands = Vec::with_capacity(skus);
    let mut kinds = Vec::with_capacity(skus);
    let mut colours = Vec::with_capacity(skus);
    let mut sizes = Vec::with_capacity(skus);
    let mut tags = vec![RowSet::new(); words.tags.len()];
    let mut in_stock = RowSet::new();
    while price_of_row.len() < skus {
        let product = Product {
            brand: numbers.low(words.brands.len()) as u8,
            kind: numbers.low(words.types.len()) as u8,
            first: numbers.below(words.first.len()) as u8,
            colour: numbers.low(words.colours.len()) as u8,
            lowest: u32::MAX,
        };
        let usual = words.types.get(usize::from(product.kind));
        // From half of what is usual to three times that.
        let dear = 50 + numbers.low(250) as u32;
        let usual = usual.map_or(1_000, |usual| usual.price) * dear / 100;
        let first_row = price_of_row.len();
        let in_colours = 1 + numbers.low(5);
        let in_sizes = 1 + numbers.low(words.sizes.len());
        let smallest = numbers.below(words.sizes.len() - in_sizes + 1);
        for (colour, size) in (0..in_colours * in_sizes).map(|at| (at / in_sizes, at % in_sizes)) {
            let row = price_of_row.len();
            if row == skus {
                break;
            }
            let has_size = in_sizes > 1;
            colours.push(((usize::from(product.colour) + colour) % words.colours.len()) as u16);
            sizes.push(match has_size {
                true => (smallest + size) as u16,
                false => NO_VALUE,
            });
            price_of_row.push(price(usual + usual / 8 * size as u32));
            if numbers.next() % 100 < IN_STOCK {
                in_stock.insert(row as u32);
            }
        }
        let rows = first_row as u32..price_of_row.len() as u32;
        brands.extend(rows.clone().map(|_| u16::from(product.brand)));
        kinds.extend(rows.clone().map(|_| u16::from(product.kind)));
        for _ in 0..numbers.below(4) {
            if let Some(tag) = tags.get_mut(numbers.low(words.tags.len())) {
                tag.insert_range(rows.clone());
            }
        }
        groups.push(rows.end - rows.start);
        products.push(product);
    }
    let mut prices = price_of_row.clone();
    prices.sort_unstable();
    prices.dedup();
    let rank = |price: &u32| prices.partition_point(|other| other < price) as u32;
    let ranks: Vec<u32> = price_of_row.iter().map(rank).collect();
    let mut rest = ranks.iter();
    for (product, rows) in products.iter_mut().zip(&groups) {
        let of_product = rest.by_ref().take(*rows as usize);
        product.lowest = of_product.copied().min().unwrap_or(0);
    }
    let by_age: Vec<u32> = (0..groups.len() as u32).collect();
    let mut by_price = by_age.clone();
    by_price.sort_by_key(|group| products.get(*group as usize).map(|product| product.lowest));
    let mut by_sales = by_age.clone();
    by_sales.sort_by_cached_key(|_| numbers.next());
    let one = |values: usize, of_row| Facet::One {
        values: values as u16,
        of_row,
    };
    Catalogue {
        columns: Columns {
            version: 1,
            groups,
            facets: vec![
                one(words.brands.len(), brands),
                one(words.types.len(), kinds),
                Facet::Many(tags),
                one(words.colours.len(), colours),
                one(words.sizes.len(), sizes),
            ],
            sets: vec![in_stock],
            ranks: vec![ranks],
            orders: vec![by_sales, by_age, by_price],
        },
        prices,
        products,
    }
}

/// The price beside one that ends in 9: finer, the lower it is.
fn price(minor: u32) -> u32 {
    let step = match minor {
        ..2_000 => 10,
        2_000..10_000 => 50,
        _ => 100,
    };
    (minor / step).max(1) * step - 1
}
