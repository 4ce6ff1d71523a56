//! Narrowed lists, held against a plain look at every product.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use proptest::prelude::*;

use crate::filter::facets::CountedFacet;
use crate::filter::{FacetName, Facets, List, NarrowRequest, NarrowedPage, Narrowing, PriceBounds};
use crate::fixtures::{Shop, context, shop};
use crate::sqlite::ListProducts;
use crate::{Catalogue, Context, Currency, PageRequest, Product, Sort, Variant};

/// A product of a random catalogue.
#[derive(Debug, Clone)]
struct Row {
    vendor: String,
    kind: String,
    tags: Vec<String>,
    collection: String,
    options: Vec<String>,
    variants: Vec<SkuOf>,
}

#[derive(Debug, Clone)]
struct SkuOf {
    values: Vec<String>,
    price: i64,
    us_price: Option<i64>,
    pieces: Option<i64>,
}

fn one_of(values: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(values).prop_map(str::to_owned)
}

fn sku() -> impl Strategy<Value = SkuOf> {
    let values = prop::collection::vec(one_of(&["S", "M", "Größe", "it's"]), 2);
    let us_price = prop::option::of(1..5_i64);
    (values, 1..6_i64, us_price, prop::option::of(0..2_i64)).prop_map(
        |(values, price, us_price, pieces)| SkuOf {
            values,
            price,
            us_price,
            pieces,
        },
    )
}

fn row() -> impl Strategy<Value = Row> {
    let tags = prop::collection::vec(one_of(&["red", "new", "a b"]), 0..3);
    let options = prop::sample::subsequence(vec!["Size", "Colour"], 0..=2);
    let variants = prop::collection::vec(sku(), 1..5);
    (
        one_of(&["", "A", "B & Co"]),
        one_of(&["", "Cup", "Bowl"]),
        tags,
        one_of(&["one", "two"]),
        options,
        variants,
    )
        .prop_map(|(vendor, kind, tags, collection, options, mut variants)| {
            let mut taken = BTreeSet::new();
            for sku in &mut variants {
                sku.values.truncate(options.len());
            }
            variants.retain(|sku| taken.insert(sku.values.clone()));
            Row {
                vendor,
                kind,
                tags,
                collection,
                options: options.into_iter().map(str::to_owned).collect(),
                variants,
            }
        })
}

/// The products as a file.
fn csv(rows: &[Row]) -> String {
    let mut text = "Handle,Title,Vendor,Type,Tags,Collection,Option1 Name,Option1 Value,\
        Option2 Name,Option2 Value,Variant SKU,Variant Price,Price / us,Variant Inventory Tracker,\
        Variant Inventory Qty\n"
        .to_owned();
    for (number, row) in rows.iter().enumerate() {
        for (place, sku) in row.variants.iter().enumerate() {
            let option = |at: usize| match (row.options.get(at), sku.values.get(at)) {
                (Some(name), Some(value)) => format!("{name},{value}"),
                _ => ",".to_owned(),
            };
            let (tracker, pieces) = match sku.pieces {
                Some(pieces) => ("shopify", pieces.to_string()),
                None => ("", String::new()),
            };
            let us_price = sku.us_price.map(|price| price.to_string());
            let _ = writeln!(
                text,
                "p{number},Title {},{},{},\"{}\",{},{},{},p{number}-{place},{},{},{tracker},\
                 {pieces}",
                number % 3,
                row.vendor,
                row.kind,
                row.tags.join(", "),
                row.collection,
                option(0),
                option(1),
                sku.price,
                us_price.unwrap_or_default(),
            );
        }
    }
    text
}

fn narrowing() -> impl Strategy<Value = Narrowing> {
    let facet = prop::sample::select(vec![
        FacetName::Vendor,
        FacetName::Type,
        FacetName::Tag,
        FacetName::option("size"),
        FacetName::option("colour"),
        FacetName::option("no such"),
    ]);
    let value = one_of(&[
        "A", "B & Co", "Cup", "Bowl", "red", "a b", "S", "M", "Größe", "no",
    ]);
    let price = prop::option::of(0..600_i64);
    let chosen = prop::collection::vec((facet, value), 0..4);
    (chosen, price.clone(), price, any::<bool>()).prop_map(|(chosen, from, to, available)| {
        let mut narrowing = Narrowing::default();
        narrowing.price_from = from;
        narrowing.price_to = to;
        narrowing.available = available;
        for (facet, value) in chosen {
            assert_eq!(narrowing.choose(facet, &value), Ok(()));
        }
        narrowing
    })
}

fn us() -> Context {
    context().with_price_list("us", Currency::USD)
}

/// What a variant has of a facet.
fn values<'a>(product: &'a Product, variant: &'a Variant, facet: &FacetName) -> Vec<&'a str> {
    match facet {
        FacetName::Vendor => vec![&product.vendor],
        FacetName::Type => vec![&product.product_type],
        FacetName::Tag => product.tags.iter().map(String::as_str).collect(),
        FacetName::Option(name) => {
            let place = product
                .options
                .iter()
                .position(|option| option.name.to_lowercase() == *name);
            let value = place.and_then(|place| variant.options.get(place));
            value.into_iter().map(String::as_str).collect()
        }
    }
}

/// Whether a variant meets what is chosen, without regard to one facet, or to the price.
fn meets(
    product: &Product,
    variant: &Variant,
    narrowing: &Narrowing,
    besides: Option<&FacetName>,
    any_price: bool,
) -> bool {
    let price = variant.price;
    let fits = narrowing.price_from.is_none_or(|from| price >= from)
        && narrowing.price_to.is_none_or(|to| price <= to);
    (any_price || fits)
        && (!narrowing.available || variant.available)
        && narrowing.chosen().iter().all(|(facet, wanted)| {
            besides == Some(facet)
                || values(product, variant, facet)
                    .iter()
                    .any(|value| wanted.contains(*value))
        })
}

/// The answer by looking at every variant.
fn plain(
    products: &[Arc<Product>],
    everything: &[Arc<Product>],
    request: &NarrowRequest,
) -> (i64, Vec<i64>, Facets) {
    let narrowing = &request.narrowing;
    let skus = || {
        let of = |product: &'_ Arc<Product>| {
            let product = Arc::clone(product);
            let variants = product.variants.clone().into_iter();
            variants.map(move |variant| (Arc::clone(&product), variant))
        };
        products.iter().flat_map(of)
    };
    let found: BTreeSet<i64> = skus()
        .filter(|(product, variant)| meets(product, variant, narrowing, None, false))
        .map(|(product, _)| product.id)
        .collect();
    let buyable: BTreeSet<i64> = skus()
        .filter(|(_, variant)| variant.available)
        .filter(|(product, variant)| meets(product, variant, narrowing, None, false))
        .map(|(product, _)| product.id)
        .collect();
    let prices = skus()
        .filter(|(product, variant)| meets(product, variant, narrowing, None, true))
        .map(|(_, variant)| variant.price);
    let prices: BTreeSet<i64> = prices.collect();
    let price = match (prices.first(), prices.last()) {
        (Some(lowest), Some(highest)) => Some(PriceBounds {
            lowest: *lowest,
            highest: *highest,
        }),
        _ => None,
    };
    let mut labels: BTreeMap<FacetName, String> =
        [FacetName::Vendor, FacetName::Type, FacetName::Tag]
            .into_iter()
            .map(|name| (name, String::new()))
            .collect();
    for option in everything.iter().flat_map(|product| &product.options) {
        labels.insert(FacetName::option(&option.name), option.name.clone());
    }
    let counted = labels.into_iter().map(|(name, label)| {
        let mut counts: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        for (product, variant) in skus() {
            if meets(&product, &variant, narrowing, Some(&name), false) {
                for value in values(&product, &variant, &name) {
                    let ids = counts.entry(value.to_owned()).or_default();
                    ids.insert(product.id);
                }
            }
        }
        counts.remove("");
        let counts = counts.into_iter();
        let counts = counts.map(|(value, ids)| (value, ids.len() as i64));
        CountedFacet {
            name,
            label,
            counts: counts.collect(),
        }
    });
    let facets = Facets::new(counted.collect(), narrowing, price, buyable.len() as i64);
    let mut order: Vec<&Arc<Product>> = products
        .iter()
        .filter(|one| found.contains(&one.id))
        .collect();
    let title = |one: &&Arc<Product>| (one.title.to_lowercase(), one.id);
    let price = |one: &&Arc<Product>| (one.price_min, one.id);
    match request.sort {
        Sort::Featured => {}
        Sort::Newest => order.reverse(),
        Sort::TitleAsc | Sort::TitleDesc => order.sort_by_key(title),
        Sort::PriceAsc | Sort::PriceDesc => order.sort_by_key(price),
    }
    if matches!(request.sort, Sort::TitleDesc | Sort::PriceDesc) {
        order.reverse();
    }
    let page = order.into_iter().skip(request.offset() as usize);
    let page = page.take(request.size as usize).map(|one| one.id);
    (found.len() as i64, page.collect(), facets)
}

impl Shop {
    async fn narrowed(
        &self,
        context: &Context,
        list: &List,
        request: &NarrowRequest,
    ) -> NarrowedPage {
        let found = self.store.narrowed(context, list, request).await;
        found.expect("an answer").expect("a list")
    }

    /// The products of a collection that a context's price list sells, by their ids.
    async fn products_in(
        &self,
        context: &Context,
        collection: &str,
        count: usize,
    ) -> Vec<Arc<Product>> {
        let mut products = Vec::new();
        for number in 0..count {
            let handle = format!("p{number}");
            let found = self
                .store
                .product(context, &handle)
                .await
                .expect("an answer");
            products.extend(found.filter(|product| {
                let mut collections = product.collections.iter();
                collection == "all" || collections.any(|one| one.handle == collection)
            }));
        }
        products.sort_by_key(|product| product.id);
        products
    }
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn sql_finds_and_counts_what_a_look_at_every_variant_does(
        rows in prop::collection::vec(row(), 1..8),
        narrowings in prop::collection::vec(narrowing(), 1..6),
        sort in prop::sample::select(Sort::ALL.to_vec()),
        (number, size) in (1..3_u32, 1..5_u32),
        collection in one_of(&["all", "one"]),
        abroad: bool,
    ) {
        let shop = shop();
        shop.store.add_price_list("us", Currency::USD).expect("a list");
        let shop = shop.filled(csv(&rows));
        let context = if abroad { us() } else { context() };
        let result = runtime().block_on(async {
            let products = shop.products_in(&context, &collection, rows.len()).await;
            let home = crate::fixtures::context();
            let everything = shop.products_in(&home, "all", rows.len()).await;
            for narrowing in narrowings {
                let request = NarrowRequest { narrowing, sort, number, size };
                let list = List::Collection(collection.clone());
                let Ok(Some(found)) = shop.store.narrowed(&context, &list, &request).await else {
                    prop_assert!(products.is_empty());
                    continue;
                };
                let ids: Vec<i64> = found.products.iter().map(|card| card.id).collect();
                let expected = plain(&products, &everything, &request);
                prop_assert_eq!((found.total, ids, found.facets), expected);
            }
            Ok(())
        });
        result?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn products_stand_in_the_columns_where_sql_lists_them(
        rows in prop::collection::vec(row(), 1..9),
        abroad: bool,
    ) {
        let shop = shop();
        shop.store.add_price_list("us", Currency::USD).expect("a list");
        let shop = shop.filled(csv(&rows));
        let context = if abroad { us() } else { context() };
        runtime().block_on(async {
            let columns = shop.store.filter_columns(context.deadline).await?;
            let index = columns.index;
            for (handle, sort) in ["all", "one", "two"]
                .into_iter()
                .flat_map(|handle| Sort::ALL.map(|sort| (handle, sort)))
            {
                let request = PageRequest { sort, ..PageRequest::default() };
                let page = shop.store.collection(&context, handle, &request).await?;
                let Some(asked) = shop.store.asked_page(&context, handle, &request).await? else {
                    prop_assert!(page.is_none());
                    continue;
                };
                let ListProducts::Collection(collection) = asked.list.products else {
                    return Err(TestCaseError::fail("no collection"));
                };
                let lists: Vec<i64> = index.lists.iter().map(|list| list.id).collect();
                let Ok(list) = lists.binary_search(&asked.list.price_list) else {
                    continue;
                };
                let listed: Vec<i64> = page.iter()
                    .flat_map(|page| page.products.iter().map(|card| card.id))
                    .collect();
                for id in &index.products {
                    let place = index.place_in(collection, list, sort, *id);
                    let before = listed.iter().position(|one| one == id);
                    let expected = before.map(|before| before as u32);
                    let found = place.filter(|place| place.is_in_it).map(|place| place.before);
                    prop_assert_eq!(found, expected, "{} by {:?}", handle, sort);
                }
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn one_variant_must_meet_everything() -> Result<(), Box<dyn std::error::Error>> {
    let shop = shop().filled(
        "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant Price,\
         Variant Inventory Tracker,Variant Inventory Qty\n\
         shirt,Shirt,Size,S,Colour,Red,10,shopify,0\n\
         shirt,,,M,,Blue,20,shopify,5\n",
    );
    let total = async |narrowing: &Narrowing| {
        let list = List::Collection("all".to_owned());
        let request = NarrowRequest {
            narrowing: narrowing.clone(),
            ..NarrowRequest::default()
        };
        shop.narrowed(&context(), &list, &request).await.total
    };
    let mut narrowing = Narrowing::default();
    narrowing.choose(FacetName::option("Size"), "S")?;
    assert_eq!(total(&narrowing).await, 1);
    let mut other_colour = narrowing.clone();
    other_colour.choose(FacetName::option("colour"), "Blue")?;
    assert_eq!(total(&other_colour).await, 0);
    narrowing.available = true;
    assert_eq!(total(&narrowing).await, 0, "the small one is sold out");
    let mut reversed = Narrowing::default();
    reversed.price_from = Some(2_000);
    reversed.price_to = Some(1_000);
    assert_eq!(total(&reversed).await, 0);
    Ok(())
}

#[tokio::test]
async fn a_search_is_narrowed_in_its_own_order() -> Result<(), Box<dyn std::error::Error>> {
    let shop = shop().filled(
        "Handle,Title,Vendor,Variant Price\n\
         a,Long red woollen winter scarf,Anne,10\n\
         b,Scarf,Ben,20\n\
         c,Hat,Anne,5\n\
         d,Red scarf,Anne,30\n",
    );
    let list = List::Search {
        query: "scarf".to_owned(),
        exact: false,
    };
    let mut request = NarrowRequest::default();
    let whole = shop.narrowed(&context(), &list, &request).await;
    let found = shop
        .store
        .search(&context(), "scarf", &crate::PageRequest::default())
        .await?;
    assert_eq!(whole.products, found.products);
    request.narrowing.choose(FacetName::Vendor, "Anne")?;
    let narrowed = shop.narrowed(&context(), &list, &request).await;
    let handles: Vec<&str> = narrowed
        .products
        .iter()
        .map(|card| card.handle.as_str())
        .collect();
    assert_eq!(handles, ["d", "a"]);
    request.number = 9;
    let beyond = shop.narrowed(&context(), &list, &request).await;
    assert_eq!((beyond.total, beyond.products.len()), (2, 0));
    let none = List::Collection("none".to_owned());
    assert!(
        shop.store
            .narrowed(&context(), &none, &request)
            .await?
            .is_none()
    );
    Ok(())
}
