//! What holds for every file: the same twice changes nothing, columns change only what they are
//! about, and the order of rows and repeated values do not matter.

use proptest::prelude::*;

use crate::fixtures::{Shop, shop};
use crate::import::{ImportError, Problem};

/// Columns of a product, with values that any product may have.
const OF_PRODUCTS: [(&str, &[&str]); 11] = [
    ("Title", &["Mug", "Bowl", "Vase <1>"]),
    ("Body (HTML)", &["", "plain", "<p>Soft <b>wool</b></p>"]),
    ("Vendor", &["", "Acme", "Grove"]),
    ("Product Category", &["", "Home > Cups", "Home > Vases"]),
    ("Type", &["", "Mugs", "Bowls"]),
    ("Tags", &["", "a, b", "women, men"]),
    ("Published", &["", "TRUE", "FALSE"]),
    ("Status", &["", "active", "draft"]),
    ("Collection", &["", "Gifts", "Sale"]),
    ("SEO Title", &["", "Buy"]),
    ("SEO Description", &["", "All of it"]),
];

/// Columns of a variant.
const OF_VARIANTS: [(&str, &[&str]); 6] = [
    ("Variant Price", &["1", "2.50", "30"]),
    ("Variant Compare At Price", &["", "2", "40.00"]),
    ("Variant Barcode", &["", "4006381333931", "12"]),
    ("Variant Inventory Qty", &["", "0", "3", "7.0"]),
    ("Variant Inventory Policy", &["", "deny", "continue"]),
    ("Variant Image", &["", "/v.png", "https://a.example/p0.png"]),
];

/// Columns of a picture.
const OF_IMAGES: [(&str, &[&str]); 2] = [
    ("Image Position", &["", "1", "2"]),
    ("Image Alt Text", &["", "Front"]),
];

/// Columns whose values are the same in every file: what variants and pictures are told apart by,
/// and whether stock is tracked, without which a quantity means nothing.
const FIXED: [&str; 7] = [
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Variant SKU",
    "Variant Inventory Tracker",
    "Image Src",
];

/// A value of each column, as a choice among those it may have.
type Choices = Vec<u8>;

/// A product with two sets of values.
#[derive(Debug, Clone)]
struct Described {
    options: usize,
    variants: usize,
    images: usize,
    with_skus: bool,
    tracked: bool,
    first: Choices,
    second: Choices,
}

/// Most variants, and most pictures.
const MOST: usize = 3;
const CHOICES: usize = OF_PRODUCTS.len() + MOST * OF_VARIANTS.len() + MOST * OF_IMAGES.len();

fn described() -> impl Strategy<Value = Described> {
    let choices = || proptest::collection::vec(any::<u8>(), CHOICES);
    let structure = (0..3_usize, 1..=MOST, 0..=MOST, any::<bool>(), any::<bool>());
    (structure, choices(), choices()).prop_map(|(structure, first, second)| {
        let (options, variants, images, with_skus, tracked) = structure;
        Described {
            options,
            variants: if options == 0 { 1 } else { variants },
            images,
            with_skus,
            tracked,
            first,
            second,
        }
    })
}

/// The columns of a file, and which of them have values of the second set.
struct Columns {
    names: Vec<&'static str>,
    second: Vec<&'static str>,
}

impl Described {
    fn choice(
        &self,
        column: &str,
        at: usize,
        values: &[&'static str],
        columns: &Columns,
    ) -> String {
        let choices = match columns.second.contains(&column) {
            true => &self.second,
            false => &self.first,
        };
        values[choices[at] as usize % values.len()].to_owned()
    }

    /// The value of a column that is about the product.
    fn product(&self, column: &str, columns: &Columns) -> Option<String> {
        let at = OF_PRODUCTS.iter().position(|(name, _)| *name == column)?;
        Some(self.choice(column, at, OF_PRODUCTS[at].1, columns))
    }

    /// The value of a column that is about a variant.
    fn variant(&self, number: usize, column: &str, columns: &Columns) -> Option<String> {
        if let Some(at) = OF_VARIANTS.iter().position(|(name, _)| *name == column) {
            let place = OF_PRODUCTS.len() + number * OF_VARIANTS.len() + at;
            return Some(self.choice(column, place, OF_VARIANTS[at].1, columns));
        }
        let text = match (column, self.options) {
            ("Option1 Name", 0) => "Title".to_owned(),
            ("Option1 Value", 0) => "Default Title".to_owned(),
            ("Option1 Name", _) => "Size".to_owned(),
            ("Option1 Value", _) => format!("S{number}"),
            ("Option2 Name", 2) => "Colour".to_owned(),
            ("Option2 Value", 2) => format!("C{}", number % 2),
            ("Variant SKU", _) if self.with_skus => format!("SKU-{number}"),
            ("Variant Inventory Tracker", _) if self.tracked => "shopify".to_owned(),
            ("Option2 Name" | "Option2 Value" | "Variant SKU" | "Variant Inventory Tracker", _) => {
                String::new()
            }
            _ => return None,
        };
        Some(text)
    }

    /// The value of a column that is about a picture.
    fn image(&self, number: usize, column: &str, columns: &Columns) -> Option<String> {
        if column == "Image Src" {
            return Some(format!("https://a.example/p{number}.png"));
        }
        let at = OF_IMAGES.iter().position(|(name, _)| *name == column)?;
        let place = OF_PRODUCTS.len() + MOST * OF_VARIANTS.len() + number * OF_IMAGES.len() + at;
        Some(self.choice(column, place, OF_IMAGES[at].1, columns))
    }

    /// The rows of the product in a usual file.
    fn rows(&self, handle: &str, columns: &Columns) -> Vec<Vec<String>> {
        (0..self.variants.max(self.images))
            .map(|row| {
                let cell = |column: &&'static str| {
                    let value = match row {
                        _ if *column == "Handle" => Some(handle.to_owned()),
                        0 => self.product(column, columns),
                        _ => None,
                    };
                    value
                        .or_else(|| {
                            self.variant(row, column, columns)
                                .filter(|_| row < self.variants)
                        })
                        .or_else(|| {
                            self.image(row, column, columns)
                                .filter(|_| row < self.images)
                        })
                        .unwrap_or_default()
                };
                columns.names.iter().map(cell).collect()
            })
            .collect()
    }
}

fn every_column(with_collections: bool) -> Vec<&'static str> {
    let others = OF_PRODUCTS.iter().chain(&OF_VARIANTS).chain(&OF_IMAGES);
    ["Handle"]
        .into_iter()
        .chain(others.map(|(name, _)| *name))
        .chain(FIXED)
        .filter(|name| with_collections || *name != "Collection")
        .collect()
}

fn file(columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(columns).expect("written");
    for row in rows {
        csv.write_record(row).expect("written");
    }
    csv.into_inner().expect("written")
}

fn usual(products: &[Described], columns: &Columns) -> Vec<u8> {
    let rows = products
        .iter()
        .enumerate()
        .flat_map(|(number, one)| one.rows(&format!("p-{number}"), columns));
    file(&columns.names, rows)
}

/// What a visitor can notice of a catalogue, and what a later file is compared with.
const FACTS: [&str; 4] = [
    "SELECT handle, published, available, title, title_key, vendor, image_src, image_alt, \
     price_min, \
     price_max, compare_at, on_sale FROM product ORDER BY handle",
    "SELECT p.handle, d.body FROM product_document d JOIN product p ON p.id = d.product_id \
     ORDER BY 1",
    "SELECT p.handle, v.position, v.sku, v.barcode, v.title, v.options, c.amount, \
     c.compare_at, v.tracked, v.oversell, v.image, \
     CASE v.tracked WHEN 1 THEN (SELECT group_concat(s.location_id || ' ' || s.on_hand) \
     FROM stock s WHERE s.variant_id = v.id) END \
     FROM variant v JOIN product p ON p.id = v.product_id \
     JOIN price c ON c.variant_id = v.id \
     WHERE v.position IS NOT NULL ORDER BY 1, 2",
    "SELECT p.handle, c.handle, c.title FROM collection_product cp \
     JOIN product p ON p.id = cp.product_id JOIN collection c ON c.id = cp.collection_id ORDER \
     BY 1, 2",
];

fn facts(shop: &Shop) -> Vec<String> {
    FACTS.iter().flat_map(|sql| rows(shop, sql)).collect()
}

/// The rows of a query, as text.
fn rows(shop: &Shop, sql: &str) -> Vec<String> {
    let connection = shop.other_process();
    let mut query = connection.prepare(sql).expect("a query");
    let columns = query.column_count();
    let rows = query.query_map([], |row| {
        let values: Vec<_> = (0..columns).map(|column| row.get_ref(column)).collect();
        Ok(format!("{values:?}"))
    });
    rows.expect("rows").map(|row| row.expect("a row")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_columns_change_nothing_but_what_they_are_about(
        products in proptest::collection::vec(described(), 1..5),
        with_collections: bool,
        chosen in proptest::collection::vec(any::<bool>(), 32),
    ) {
        let all = every_column(with_collections);
        let mut some: Vec<&str> = all
            .iter()
            .zip(chosen)
            .filter(|(name, chosen)| *chosen || **name == "Handle")
            .map(|(name, _)| *name)
            .collect();
        if !some.contains(&"Image Src") {
            some.retain(|name| !name.starts_with("Image "));
        }
        let of = |names: &[&'static str], second: &[&'static str]| {
            usual(&products, &Columns { names: names.to_vec(), second: second.to_vec() })
        };
        let shop_1 = shop().filled(of(&all, &[]));
        let before = shop_1.dump();
        let update = of(&some, &some);
        match shop_1.import(&update) {
            Ok(_) => {}
            Err(ImportError::Row(error)) => {
                let of_several = matches!(
                    error.problem,
                    Problem::WhichVariant | Problem::DuplicateVariant { .. }
                );
                prop_assert!(of_several, "{}", error);
                prop_assert_eq!(shop_1.dump(), before);
                return Ok(());
            }
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
        let at_once = shop().filled(of(&all, &some));
        prop_assert_eq!(facts(&shop_1), facts(&at_once), "{:?}", some);
        let before = shop_1.dump();
        let again = shop_1.import(&update)?;
        prop_assert_eq!((again.created, again.updated, again.retired), (0, 0, 0));
        prop_assert_eq!(shop_1.dump(), before);
    }

    #[test]
    fn lists_show_of_a_new_product_what_triggers_derive_from_its_variants(
        products in proptest::collection::vec(described(), 1..5),
    ) {
        let columns = Columns { names: every_column(true), second: vec![] };
        let shop = shop().filled(usual(&products, &columns));
        let summaries = || rows(
            &shop,
            "SELECT id, available, price_min, price_max, compare_at, on_sale, single_variant \
             FROM product ORDER BY id",
        );
        let before = summaries();
        let derive = "INSERT INTO product_to_summarise SELECT id FROM product";
        shop.other_process().execute_batch(derive).expect("derived");
        prop_assert_eq!(before, summaries());
    }

    #[test]
    fn the_order_of_rows_and_repeated_values_do_not_matter(
        products in proptest::collection::vec(described(), 1..5),
        chances in proptest::collection::vec(any::<u16>(), 200),
    ) {
        let columns = Columns { names: every_column(true), second: vec![] };
        let mut chances = chances.into_iter().cycle();
        let mut chance = |of: usize| usize::from(chances.next().unwrap_or_default()) % of.max(1);
        // Pictures have places of their own here: without, they are in the file's order.
        let place = |column: &str, number: usize, value: Option<String>| match column {
            "Image Position" => Some((number + 1).to_string()),
            _ => value,
        };
        let in_order = products.iter().enumerate().flat_map(|(number, one)| {
            let mut rows = one.rows(&format!("p-{number}"), &columns);
            for (number, row) in rows.iter_mut().enumerate().take(one.images) {
                for (column, cell) in columns.names.iter().zip(row) {
                    if let Some(value) = place(column, number, None) {
                        *cell = value;
                    }
                }
            }
            rows
        });
        let in_order = shop().filled(file(&columns.names, in_order.collect::<Vec<_>>()));

        // Variants stay in order; everything else goes where chance puts it, some of it more than
        // once.
        let mut queues: Vec<Vec<Vec<String>>> = Vec::new();
        for (number, one) in products.iter().enumerate() {
            let handle = format!("p-{number}");
            let row = |cell: &dyn Fn(&str) -> Option<String>| -> Vec<String> {
                let cell = |column: &&str| match *column {
                    "Handle" => handle.clone(),
                    column => cell(column).unwrap_or_default(),
                };
                columns.names.iter().map(cell).collect()
            };
            let variants: Vec<_> =
                (0..one.variants).map(
                    |at| row(&|column| one.variant(at, column, &columns))
                ).collect();
            let images: Vec<_> = (0..one.images)
                .map(|at| row(&|column| place(column, at, one.image(at, column, &columns))
                    .filter(|_| column.starts_with("Image "))))
                .collect();
            let head = row(&|column| one.product(column, &columns));
            let mut rows = [variants, images];
            let whole: usize = rows.iter().map(Vec::len).sum();
            let at = chance(whole);
            for (place, row) in rows.iter_mut().flatten().enumerate() {
                if place == at || chance(3) == 0 {
                    for (cell, value) in row.iter_mut().zip(&head) {
                        if cell.is_empty() {
                            cell.clone_from(value);
                        }
                    }
                }
            }
            let [variants, mut images] = rows;
            for at in (1..images.len()).rev() {
                images.swap(at, chance(at + 1));
            }
            queues.push(variants);
            queues.extend(images.into_iter().map(|image| vec![image]));
        }
        let mut mixed: Vec<Vec<String>> = Vec::new();
        while !queues.is_empty() {
            let at = chance(queues.len());
            let row = queues[at].remove(0);
            mixed.push(row.clone());
            if chance(4) == 0 {
                mixed.push(row);
            }
            queues.retain(|queue| !queue.is_empty());
        }
        let mixed = shop().filled(file(&columns.names, mixed));
        prop_assert_eq!(facts(&mixed), facts(&in_order));
    }
}
