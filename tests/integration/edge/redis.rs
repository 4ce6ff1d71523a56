//! Inventory with its store in a Redis that comes and goes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tests::redis::RedisServer;

use super::{Shop, inventory_with, of_sku, open, run, sku_answer};

#[test]
fn a_redis_that_is_killed_costs_speed_and_no_answer() {
    let mut redis = RedisServer::start();
    let shop = Arc::new(Shop::default());
    let edge = open(inventory_with(&shop, &redis));
    let of = of_sku("HAND-FORK", "eu-1");
    let ask = || {
        let began = Instant::now();
        let answer = run(&edge, "inventory", &of).unwrap();
        assert_eq!(sku_answer(&answer).stock, Some(4));
        assert!(
            began.elapsed() < Duration::from_secs(1),
            "{:?}",
            began.elapsed()
        );
    };

    ask();
    ask();
    assert_eq!(shop.asked(), 1, "the second answer came from Redis");
    run(&edge, "inventory", &of_sku("HAND-FORK", "us-1")).unwrap();
    assert_eq!(shop.asked(), 2, "the other region has the embedded store");

    redis.kill();
    ask();
    ask();
    assert_eq!(shop.asked(), 4, "without Redis the database answers");

    redis.restart();
    let began = Instant::now();
    loop {
        let before = shop.asked();
        ask();
        if shop.asked() == before {
            break;
        }
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "Redis is back and not used"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}
