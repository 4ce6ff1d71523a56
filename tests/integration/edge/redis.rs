//! Inventory with its store in a Redis that comes and goes.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use protium::edge::{RegionConfig, Run};

use super::{LANES, Shop, inventory, open, run, setup};

/// A redis-server on a port of its own. It ends with the test.
struct Redis(Child);

impl Redis {
    fn start(port: u16) -> Redis {
        let child = Command::new("redis-server")
            .args([
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--port",
            ])
            .arg(port.to_string())
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is on PATH");
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "redis-server does not listen"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Redis(child)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_redis_that_is_killed_costs_speed_and_no_answer() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let redis = Redis::start(port);

    let shop = Arc::new(Shop::default());
    let mut setup = setup(LANES[0]);
    setup.database = Some(shop.clone());
    let redis_here = RegionConfig {
        redis: format!("127.0.0.1:{port}"),
    };
    setup.edge.regions.insert("eu-1".into(), redis_here);
    setup.modules.insert("inventory".into(), inventory());
    let edge = open(setup);
    let of = Run::of_sku("HAND-FORK", "eu-1");
    let ask = || {
        let began = Instant::now();
        assert_eq!(
            run(&edge, "inventory", &of).unwrap().sku().unwrap().stock,
            Some(4)
        );
        assert!(
            began.elapsed() < Duration::from_secs(1),
            "{:?}",
            began.elapsed()
        );
    };

    ask();
    ask();
    assert_eq!(shop.asked(), 1, "the second answer came from Redis");
    run(&edge, "inventory", &Run::of_sku("HAND-FORK", "us-1")).unwrap();
    assert_eq!(shop.asked(), 2, "the other region has the embedded store");

    drop(redis);
    ask();
    ask();
    assert_eq!(shop.asked(), 4, "without Redis the database answers");

    let _redis = Redis::start(port);
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
