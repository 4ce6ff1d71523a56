//! An edge node in front of an origin, both as programs: pages, purges, deploys, an origin that
//! goes away, and what hostile visitors and a hostile origin try.

mod ahead;
mod alike;
mod carts;
mod demo;
mod hostile;
mod origin;
mod pages;
mod releases;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::redis::RedisServer;

use crate::program::{Answer, Running, SOON, shop, without_address};

const TOKEN: &str = "the token of an operator and of edge nodes";
const SECRET: &str = "one secret for the origin and its nodes";
const STATUS: &str = "cache-status";
/// What the node says of what it had; the shop behind it says so of itself.
const HIT: &str = "Protium-eu-1; hit";

/// A shop and an edge node in front of it.
struct Premises {
    node: Running,
    origin: Option<Running>,
    address: SocketAddr,
    redis: Option<RedisServer>,
    data: TempDir,
}

impl Premises {
    /// The example store, and a node that knows its secret.
    fn open() -> Premises {
        Premises::with(None, SECRET)
    }

    /// With Redis between the two.
    fn with_redis() -> Premises {
        Premises::with(Some(RedisServer::start()), SECRET)
    }

    fn with(redis: Option<RedisServer>, secret: &str) -> Premises {
        let data = TempDir::new().expect("a directory");
        let address = free_address();
        let url = redis.as_ref().map(RedisServer::url);
        let root = tests::workspace::path("example-store");
        let origin = origin(&root, address, &data.path().join("origin"), url.as_deref());
        let node = node(address, &data.path().join("node"), secret, url.as_deref());
        let premises = Premises {
            node,
            origin: Some(origin),
            address,
            redis,
            data,
        };
        premises.until("the node is ready", |premises| {
            premises.node.get("/healthz").status == 200
        });
        premises.until("pages are kept", |premises| {
            premises.node.get("/").head.contains(HIT)
        });
        premises
    }

    fn origin(&self) -> &Running {
        self.origin.as_ref().expect("it runs")
    }

    /// Ends the origin as a power cut would.
    fn kill_origin(&mut self) {
        self.origin = None;
    }

    /// Starts the shop in `root` where the origin was.
    fn start_origin(&mut self, root: &Path) {
        let url = self.redis.as_ref().map(RedisServer::url);
        let data = self.data.path().join("origin");
        self.origin = Some(origin(root, self.address, &data, url.as_deref()));
    }

    #[track_caller]
    fn until(&self, what: &str, is_so: impl Fn(&Premises) -> bool) {
        let limit = Instant::now() + SOON;
        while !is_so(self) {
            assert!(Instant::now() < limit, "it did not happen that {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The page through the node, for somebody with this cookie.
    fn page(&self, path: &str, cookie: &str) -> Answer {
        get_as(&self.node, path, cookie)
    }
}

/// A page for somebody with this cookie.
fn get_as(server: &Running, path: &str, cookie: &str) -> Answer {
    server.sends(
        &format!("GET {path} HTTP/1.1\r\nAccept: text/html\r\nCookie: {cookie}\r\n"),
        "",
    )
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address")
}

/// A data directory with the components made ready: that takes long, and is the same for all.
pub fn prepare(data: &Path) {
    static READY: OnceLock<TempDir> = OnceLock::new();
    let ready = READY.get_or_init(|| {
        let ready = TempDir::new().expect("a directory");
        let mut build = shop(tests::workspace::path("example-store"));
        let built = build.arg("--data").arg(ready.path()).arg("build").status();
        assert!(built.is_ok_and(|status| status.success()));
        ready
    });
    let copied = Command::new("cp")
        .arg("-a")
        .arg(ready.path())
        .arg(data)
        .status();
    assert!(copied.is_ok_and(|status| status.success()));
}

fn origin(root: &Path, address: SocketAddr, data: &Path, redis: Option<&str>) -> Running {
    if !data.exists() {
        prepare(data);
    }
    let mut command = shop(root);
    command
        .arg("--data")
        .arg(data)
        .env("PROTIUM_LISTEN", address.to_string())
        .env(
            "PROTIUM_COMPONENTS",
            tests::workspace::path("components-go/store"),
        )
        .env("PROTIUM_OPERATOR_TOKEN", TOKEN)
        .env("PROTIUM_SECRET", SECRET)
        .env("PROTIUM_REDIS_URL", redis.unwrap_or_default())
        // Pages say when their stock was checked: they change by themselves.
        .env("PROTIUM_PREWARM_ENABLED", "off");
    Running::start(&mut command)
}

fn node(origin: SocketAddr, data: &Path, secret: &str, redis: Option<&str>) -> Running {
    Running::start(&mut node_command(origin, data, secret, redis))
}

/// A node that knows nothing of a shop's directory.
fn node_command(origin: SocketAddr, data: &Path, secret: &str, redis: Option<&str>) -> Command {
    prepare(data);
    let mut command = shop(data);
    command
        .args([
            "edge",
            "--region",
            "eu-1",
            "--origin",
            &format!("http://{origin}"),
        ])
        .arg("--data")
        .arg(data)
        .env("PROTIUM_OPERATOR_TOKEN", TOKEN)
        .env("PROTIUM_SECRET", secret)
        .env("PROTIUM_REDIS_URL", redis.unwrap_or_default())
        // Nothing happens but what a test does.
        .env("PROTIUM_PREWARM_ENABLED", "off");
    command
}

/// The first product that is sold.
fn product(server: &Running) -> String {
    let all = server.get("/collections/all").text();
    let handle = all
        .split("href=\"/products/")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    format!("/products/{}", handle.expect("a product"))
}

/// The cookie of somebody who put so many things into the cart.
fn with_a_cart(server: &Running, quantity: u32) -> String {
    let page = server.get("/collections/all").text();
    let variant = page.split("name=\"variant_id\" value=\"").nth(1);
    let variant = variant
        .and_then(|rest| rest.split('"').next())
        .expect("a variant");
    let added = server.sends(
        &format!(
            "POST /cart/add HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nOrigin: \
             http://{}\r\n",
            server.address
        ),
        &format!("variant_id={variant}&quantity={quantity}"),
    );
    assert_eq!(added.status, 303, "{}", added.head);
    assert!(
        added.header(STATUS).contains("fwd=method"),
        "{}",
        added.head
    );
    let cookie = added.header("set-cookie").split(';').next();
    cookie.expect("a cookie").to_owned()
}

/// A page without the time it was made at, and the address that it was asked for at.
fn timeless(answer: &Answer) -> String {
    let text = without_address(&answer.text());
    let Some((before, after)) = text.split_once("\"time\":") else {
        return text;
    };
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}{after}")
}

/// Every BUILD that a page names.
fn builds(answer: &Answer) -> Vec<String> {
    let text = answer.text();
    let named = text
        .split("\"build\":\"")
        .skip(1)
        .filter_map(|rest| rest.get(..16));
    let mut builds: Vec<String> = named.map(str::to_owned).collect();
    builds.dedup();
    builds
}
