//! A generated catalogue to measure with: products, variants, prices and stock as large shops have
//! them, the same for the same seed.
//!
//! A product has one of 240 vendors, of which few have most of the products; one of 48 types, each
//! with its options (sizes, colours, volumes); three tags of 180; four variants on average, whose
//! prices follow a log-normal distribution; one variant in eight is sold out.

use std::io::{self, Write};

use fastrand::Rng;

/// Columns of the file.
const HEADER: &str = "Handle,Title,Body (HTML),Vendor,Type,Tags,Collection,Option1 Name,\
    Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Price,Variant Compare At Price,\
    Variant Inventory Tracker,Variant Inventory Qty,Image Src\n";

const QUALITIES: [&str; 16] = [
    "Light", "Heavy", "Classic", "Slim", "Wide", "Soft", "Sturdy", "Fine", "Plain", "Striped",
    "Warm", "Cool", "Folding", "Travel", "Everyday", "Winter",
];
const MATERIALS: [&str; 12] = [
    "cotton", "linen", "wool", "steel", "oak", "leather", "canvas", "glass", "copper", "felt",
    "bamboo", "enamel",
];
const THINGS: [&str; 24] = [
    "shirt", "jacket", "trousers", "socks", "jumper", "scarf", "boots", "belt", "apron", "blanket",
    "cushion", "lamp", "bowl", "mug", "jug", "pan", "knife", "board", "basket", "rucksack", "tent",
    "bottle", "chair", "shelf",
];
/// Things that are worn and have a size: the first so many of [`THINGS`].
const WORN: usize = 9;
const ROOMS: [&str; 2] = ["indoors", "outdoors"];
const SIZES: [&str; 7] = ["XS", "S", "M", "L", "XL", "XXL", "3XL"];
const VOLUMES: [&str; 5] = ["0.25 l", "0.5 l", "1 l", "2 l", "5 l"];
const COLOURS: [&str; 18] = [
    "Black", "White", "Grey", "Navy", "Blue", "Sky", "Green", "Olive", "Sage", "Red", "Rust",
    "Pink", "Yellow", "Ochre", "Sand", "Brown", "Cream", "Plum",
];
const VENDORS: usize = 240;
const TAGS: usize = 180;

/// A catalogue of so many products.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue {
    pub products: usize,
    pub seed: u64,
}

impl Catalogue {
    /// Writes it as a product CSV.
    pub fn write(self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(HEADER.as_bytes())?;
        let mut rng = Rng::with_seed(self.seed);
        (0..self.products).try_for_each(|number| product(&mut rng, number, out))
    }

    /// The same in memory.
    pub fn csv(self) -> Vec<u8> {
        let mut csv = Vec::new();
        // Memory takes all of it.
        let _ = self.write(&mut csv);
        csv
    }
}

/// One of them, the first ones far more often than the last.
fn favoured(rng: &mut Rng, count: usize) -> usize {
    let place = rng.f64().powi(3) * count as f64;
    (place as usize).min(count - 1)
}

/// One of a list.
fn one<'a>(rng: &mut Rng, list: &[&'a str]) -> &'a str {
    rng.choice(list.iter()).copied().unwrap_or_default()
}

fn vendor(number: usize) -> String {
    let first = [
        "North", "Marrow", "Oak", "Stone", "Fern", "Mill", "Ash", "Lark",
    ];
    let last = [
        "field", "by", "worth", "ley", "ford", "gate", "well", "holm", "wick", "den",
    ];
    let kind = ["& Co", "Works", "Studio"];
    format!(
        "{}{} {}",
        first[number % first.len()],
        last[number / first.len() % last.len()],
        kind[number / (first.len() * last.len()) % kind.len()],
    )
}

fn product(rng: &mut Rng, number: usize, out: &mut impl Write) -> io::Result<()> {
    let (quality, material) = (one(rng, &QUALITIES), one(rng, &MATERIALS));
    let thing = favoured(rng, THINGS.len());
    let name = THINGS[thing];
    let kind = format!("{name} {}", ROOMS[usize::from(rng.u8(..4) == 0)]);
    let vendor = vendor(favoured(rng, VENDORS));
    let tags: Vec<String> = (0..3)
        .map(|_| format!("tag {:03}", favoured(rng, TAGS)))
        .collect();
    let title = format!("{quality} {material} {name} {number}");
    let body = format!(
        "<p>A {} {name} of {material}, made by {vendor}. It is made to be used for years, and to \
         be mended when something gives way.</p><ul><li>Material: {material}</li><li>Model: \
         {number}</li><li>Made in small batches, checked by hand</li></ul>",
        quality.to_lowercase(),
    );
    let mut sizes: Vec<&str> = match thing < WORN {
        true => SIZES.to_vec(),
        false => VOLUMES.to_vec(),
    };
    sizes.truncate(1 + rng.usize(..sizes.len().min(4)));
    let mut colours = COLOURS.to_vec();
    rng.shuffle(&mut colours);
    colours.truncate(1 + rng.usize(..3));
    let size_name = if thing < WORN { "Size" } else { "Volume" };
    // The sum of twelve is nearly normal.
    let normal = (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0;
    let price = (35.0 * (0.9 * normal).exp()).clamp(1.0, 5_000.0).floor();
    let mut is_first = true;
    for size in &sizes {
        for colour in &colours {
            let pieces = if rng.u8(..8) == 0 { 0 } else { rng.u8(1..60) };
            let price = price + if rng.bool() { 0.99 } else { 0.50 };
            let reduced = rng.u8(..10) == 0;
            let before = if reduced {
                format!("{:.2}", price * 1.25)
            } else {
                String::new()
            };
            write!(out, "p-{number},")?;
            match is_first {
                true => write!(
                    out,
                    "{title},\"{body}\",{vendor},{kind},\"{}\",{name},",
                    tags.join(", ")
                )?,
                false => write!(out, ",,,,,,")?,
            }
            writeln!(
                out,
                "{size_name},{size},Colour,{colour},P{number}-{size}-{colour},{price:.2},{before},\
                 shopify,{pieces},{}",
                if is_first {
                    "/static/products/generated.svg"
                } else {
                    ""
                },
            )?;
            is_first = false;
        }
    }
    Ok(())
}
