//! The inventory module: the node's store first, then the shop's database.

use std::sync::Arc;
use std::time::SystemTime;

use protium_wasm::functions::Cause;

use super::{LANES, Shop, ShopDatabase, inventory, of_sku, open, run, setup, sku_answer};

#[test]
fn the_database_is_asked_once_and_then_the_store_answers() {
    for lane in LANES {
        let shop = Arc::new(Shop::default());
        let mut setup = setup(lane);
        setup.database = Some(Arc::new(ShopDatabase(shop.clone())));
        setup.modules.insert("inventory".into(), inventory());
        let edge = open(setup);

        let hand_fork = of_sku("HAND-FORK", "eu-1");
        let first = run(&edge, "inventory", &hand_fork).unwrap();
        let answer = sku_answer(&first);
        assert_eq!((answer.sku.as_str(), answer.stock), ("HAND-FORK", Some(4)));
        assert_eq!((answer.price, answer.currency.as_str()), (1850, "EUR"));
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        let age = i64::try_from(now.as_millis()).unwrap() - answer.ts;
        assert!((0..60_000).contains(&age), "{age} ms");

        assert_eq!(run(&edge, "inventory", &hand_fork).unwrap(), first);
        assert_eq!(shop.asked(), 1);
    }
}

#[test]
fn what_the_shop_does_not_have_is_an_error_of_the_module() {
    let mut setup = setup(LANES[0]);
    setup.database = Some(Arc::new(ShopDatabase(Arc::new(Shop::default()))));
    setup.modules.insert("inventory".into(), inventory());
    let edge = open(setup);
    let failed = |message: &str| {
        Err(Cause::Failed {
            message: message.into(),
        })
    };
    let unknown = of_sku("NO-SUCH", "eu-1");
    assert_eq!(
        run(&edge, "inventory", &unknown),
        failed("the shop has no such SKU")
    );
    let unreadable = of_sku("a b", "eu-1");
    assert_eq!(
        run(&edge, "inventory", &unreadable),
        failed("SKU_ID must be 1 to 128 bytes without spaces and control characters")
    );
}
