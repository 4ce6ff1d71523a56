//! Answers of edge modules are about the shop's own price list.

use super::premises::{Place, Warm, checked_at, main};

const MARKETS: &str = "
[price_lists.export]
currency = \"EUR\"

[markets.fr]
prefix = \"/fr\"
locale = \"fr-FR\"

[markets.ch]
prefix = \"/ch\"
price_list = \"export\"
";

const CATALOGUE: &str = "Handle,Title,Variant SKU,Variant Price,Price / Export,\
    Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Collection\n\
    fork,Hand Fork,HAND-FORK,18.50,21.00,shopify,4,deny,Tools\n";

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_leaves_the_prices_of_another_list_alone() {
    let place = Place::with_catalogue(MARKETS, CATALOGUE);
    let warm = Warm::open(&place, &[]).await;
    for path in ["/products/fork", "/collections/all"] {
        for (prefix, price, other) in [
            ("", "€18.50", "21.00"),
            ("/fr", "18,50", "21,00"),
            ("/ch", "€21.00", "18.50"),
        ] {
            let page = warm.get(&format!("{prefix}{path}")).await;
            let shown = main(&page);
            assert!(shown.contains(price), "{prefix}{path}: {shown}");
            assert!(!shown.contains(other), "{prefix}{path}: {shown}");
            assert!(checked_at(&page).is_some(), "{prefix}{path}: its stock");
        }
    }
}
