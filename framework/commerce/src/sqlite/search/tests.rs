//! Searches over a catalogue whose names are of many kinds, with others beside them that must not
//! be found in their place.

use std::path::PathBuf;

use crate::fixtures::{Shop, context, shop};
use crate::listing::{SearchPage, Suggestions};
use crate::sqlite::{Options, Store};
use crate::{Catalogue, PageRequest};

/// A file beside the tests of the repository.
fn data(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/search");
    std::fs::read_to_string(path.join(name)).expect("test data")
}

fn catalogue() -> Shop {
    shop().filled(data("catalogue.csv"))
}

async fn search(shop: &Shop, query: &str) -> SearchPage {
    let found = shop
        .store
        .search(&context(), query, &PageRequest::default())
        .await;
    found.expect("an answer")
}

async fn suggest(shop: &Shop, query: &str) -> Suggestions {
    let found = shop.store.suggest(&context(), query).await;
    found.expect("an answer")
}

async fn handles(shop: &Shop, query: &str) -> Vec<String> {
    let found = search(shop, query).await;
    found.products.into_iter().map(|card| card.handle).collect()
}

/// Whether one of the wanted products is in its place: `first`, among the first three (`top`), or
/// one of several first (`any`: the first is one of them, and all are there).
fn is_in_place(found: &[String], wanted: &str, place: &str) -> bool {
    let wanted: Vec<&str> = wanted.split(',').collect();
    let is_wanted = |handle: &String| wanted.contains(&handle.as_str());
    match place {
        "none" => found.is_empty(),
        "top" => found.iter().take(3).any(is_wanted),
        "any" => {
            found.first().is_some_and(is_wanted)
                && wanted
                    .iter()
                    .all(|one| found.iter().any(|handle| handle == one))
        }
        _ => found.first().is_some_and(is_wanted),
    }
}

#[tokio::test]
async fn searches_find_names_however_they_are_written() {
    let shop = catalogue();
    let queries = data("queries.csv");
    let mut missed = Vec::new();
    let mut asked = 0;
    for line in queries.lines().filter(|line| !line.starts_with('#')) {
        let parts: Vec<&str> = line.split(';').collect();
        let [kind, query, wanted, place] = parts.as_slice() else {
            panic!("not a query: {line}");
        };
        let mut found = vec![handles(&shop, query).await];
        if *kind == "typing" {
            let suggested = suggest(&shop, query).await.products;
            found.push(
                suggested
                    .into_iter()
                    .map(|product| product.handle)
                    .collect(),
            );
        }
        for found in found {
            asked += 1;
            if !is_in_place(&found, wanted, place) {
                missed.push(format!("{line} found {found:?}"));
            }
        }
    }
    assert!(asked >= 180, "only {asked} queries");
    assert!(
        missed.is_empty(),
        "{} of {asked} missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

#[tokio::test]
async fn nonsense_finds_nothing_and_plain_words_find_no_flood() {
    let shop = catalogue();
    for query in [
        "xqzptv",
        "asdfgh",
        "qwerty",
        "zzzz",
        "blorptangle",
        "1608",
        "M9x41",
        "9999999999999",
        "ins115",
        "kt-ins999-dre",
        "9.5 x 12",
        "beer",
        "ring",
        "%",
        "??",
        "\"",
        "*",
        "фывапр",
        "犬猫",
        "xyzzy plugh",
        "qq ww",
        "lorem ipsum",
        "for zzzz qqqq wwww",
        "-",
        "()",
        "302xl zzz",
    ] {
        assert_eq!(handles(&shop, query).await, Vec::<String>::new(), "{query}");
    }
    for (query, most) in [
        ("trowel", 1),
        ("mug", 2),
        ("bolt", 3),
        ("ink", 3),
        ("tea", 4),
        ("knife", 1),
        ("socks", 1),
        ("wool", 2),
        ("garden", 7),
        ("16-07", 1),
        ("301xl", 1),
        ("c++", 1),
        ("hp 301xl", 1),
        ("M8x40", 1),
        ("茶杯", 1),
        ("trowle", 1),
        ("kt-ins114-dre", 1),
    ] {
        let found = handles(&shop, query).await;
        assert!(found.len() <= most, "{query} found {found:?}");
    }
}

#[tokio::test]
async fn an_answer_says_what_was_looked_for() {
    let shop = catalogue();
    let whole = search(&shop, "trowel").await;
    assert_eq!((whole.corrected, whole.partial), (None, false));
    let corrected = search(&shop, "trowle").await;
    assert_eq!(corrected.query, "trowle");
    assert_eq!(corrected.corrected.as_deref(), Some("trowel"));
    // As the product writes it, not as it is compared.
    let accents = search(&shop, "smorebrod bord").await;
    assert_eq!(accents.corrected.as_deref(), Some("smørrebrød board"));
    let partial = search(&shop, "green ceramic trowel").await;
    assert_eq!((partial.corrected, partial.partial), (None, true));
    let suggested = suggest(&shop, "secatuer").await;
    assert_eq!(suggested.corrected.as_deref(), Some("secateurs"));
    assert!(suggest(&shop, "green ceramic trowel").await.partial);
}

#[tokio::test]
async fn words_that_are_meant_as_typed_are_not_corrected() {
    let shop = catalogue();
    for (query, found) in [
        ("trowle", 0),
        ("woolsocks", 0),
        ("green ceramic trowel", 0),
        ("trowel", 1),
        ("t shirt", 1),
    ] {
        let exact = PageRequest {
            exact: true,
            ..PageRequest::default()
        };
        let page = shop.store.search(&context(), query, &exact).await;
        let page = page.expect("an answer");
        assert_eq!(page.page.total, found, "{query}");
        assert_eq!((page.corrected, page.partial), (None, false), "{query}");
    }
}

#[tokio::test]
async fn the_words_are_those_of_the_catalogue_after_every_import() {
    let header = "Handle,Title,Tags,Variant SKU,Variant Price,Published\n";
    let shop = shop().filled(format!("{header}a,Copper Kettle,tea,KT-1,9,true\n"));
    assert_eq!(handles(&shop, "kettel").await, ["a"]);
    shop.import(format!(
        "{header}a,Copper Saucepan,,SP-1,9,true\nb,Whisk,,WH-1,9,true\n"
    ))
    .expect("a sound file");
    assert_eq!(handles(&shop, "kettel").await, Vec::<String>::new());
    assert_eq!(handles(&shop, "kettle").await, Vec::<String>::new());
    assert_eq!(handles(&shop, "kt1").await, Vec::<String>::new());
    assert_eq!(handles(&shop, "sauspan").await, ["a"]);
    assert_eq!(handles(&shop, "whisks").await, ["b"]);
    shop.import(format!("{header}b,Whisk,,WH-1,9,false\n"))
        .expect("a sound file");
    assert_eq!(handles(&shop, "whisk").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_database_from_before_these_searches_is_made_searchable_when_it_is_opened() {
    let directory = tempfile::tempdir().expect("a directory");
    let old = rusqlite::Connection::open(directory.path().join("shop.db")).expect("a database");
    for script in [
        include_str!("../schema.sql"),
        include_str!("../schema_2.sql"),
    ] {
        old.execute_batch(script).expect("an earlier version");
    }
    let document = r#"{"body_html":"<p>Forged</p>","description":"",
        "product_type":"Tools","tags":[],
        "images":[],"options":[],"seo_title":"","seo_description":""}"#;
    old.execute_batch(&format!(
        "PRAGMA application_id = 0x70726f74; PRAGMA user_version = 2;
         UPDATE catalogue SET version = 4, currency = 'EUR', published = 1;
         INSERT INTO product VALUES (7, 't', 3, 1, 1, 'Trowel', 'trowel', '', NULL, NULL, 950, \
         950, NULL, 0, 9, 0);
         INSERT INTO product_document VALUES (7, '{document}');
         INSERT INTO variant VALUES (9, 7, 0, 'HT-204', '', '[]', 950, NULL, 3, 0, NULL);"
    ))
    .expect("filled");
    drop(old);
    for _ in 0..2 {
        let store = Store::open(directory.path(), Options::default()).expect("a store");
        let shop = Shop {
            store,
            directory: tempfile::tempdir().expect("a directory"),
        };
        for query in ["trowels", "trowle", "ht204", "forged tool"] {
            assert_eq!(handles(&shop, query).await, ["t"], "{query}");
        }
    }
}

#[tokio::test]
async fn hostile_queries_are_bounded_and_answered() {
    let shop = catalogue();
    for query in [
        "a ".repeat(5_000),
        "a1".repeat(5_000),
        "茶".repeat(5_000),
        "\u{301}".repeat(5_000),
        "\u{fdfa}".repeat(5_000),
        "trowel* OR NEAR(a b, 5) - ^ {title} : \"x".to_owned(),
        "\0trowel\0".to_owned(),
        "x'); DROP TABLE search; --".to_owned(),
        "a1-".repeat(40) + " b2-c3",
        "🌱🌱🌱🌱".repeat(30),
    ] {
        let found = search(&shop, &query).await;
        assert!(found.query.chars().count() <= 100);
        suggest(&shop, &query).await;
    }
    assert_eq!(handles(&shop, "\0trowel\0").await, ["trowel"]);
}

mod plans {
    use super::super::query::{Reader, Reading};
    use super::super::vocabulary::Vocabulary;
    use proptest::prelude::*;

    /// Longest expression that a query may become, in bytes.
    const LONGEST: usize = 64 << 10;

    proptest! {
        #[test]
        fn sqlite_understands_whatever_visitors_type(
            query in "(\\PC|[a-z0-9 +#.'\\-]){0,100}",
            typing: bool,
        ) {
            let words = ["trowel", "c++", "m8x40", "m", "8", "茶杯", "a", "b", "ab", "1607"];
            let words = words.map(|word| (word.to_owned(), 1));
            let vocabulary = Vocabulary::new(words.into(), "en");
            let connection = rusqlite::Connection::open_in_memory().expect("an empty database");
            connection
                .execute_batch(
                    "CREATE VIRTUAL TABLE search USING fts5 (title, keywords, codes, body, \
                     tokenize = \"ascii tokenchars '+#.'\")",
                )
                .expect("an index");
            let count = |expression: &str| -> rusqlite::Result<i64> {
                let sql = "SELECT count(*) FROM search WHERE search MATCH ?1";
                connection.query_row(sql, [expression], |row| row.get(0))
            };
            for words in [None, Some(&vocabulary)] {
                let exists = |expression: &str| count(expression).map(|found| found > 0);
                let reader = Reader {
                    words,
                    reading: Reading { typing, exact: false },
                    exists: &exists,
                };
                let plan = reader.read(&query).expect("understood");
                let known: Vec<_> = plan.groups.iter().filter(
                    |group| !group.is_unknown()
                ).collect();
                prop_assert!(known.len() <= 64);
                for group in known {
                    let expression = group.any();
                    prop_assert!(expression.len() <= LONGEST, "{} bytes", expression.len());
                    prop_assert_eq!(count(&expression), Ok(0), "{}", expression);
                }
            }
        }
    }
}
