//! A small shop with edge modules, kept warm.

use std::time::{Duration, Instant};

use axum::Router;
use protium::prewarm::job::Report;
use protium::prewarm::prewarmer::PrewarmStatus;
use protium::{Shop, config::Config};
use tempfile::TempDir;

use crate::cache::premises::{Answer, get, open};

/// Bound for what takes a tenth of it: a test machine is busy.
pub const SOON: Duration = Duration::from_secs(10);

/// Two products, one of them twice as large; one SKU that is there twice.
const CATALOGUE: &str = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,\
    Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Collection\n\
    fork,Hand Fork,Title,Default Title,HAND-FORK,18.50,shopify,4,deny,Tools\n\
    can,Watering Can,Size,Small,CAN-S,39.00,shopify,7,deny,Tools\n\
    can,,,Large,CAN-L,49.00,,0,deny,Tools\n\
    twine,Twine,Size,Short,TWINE,3.00,shopify,9,deny,Tools\n\
    twine,,,Long,TWINE,5.00,shopify,8,deny,Tools\n";

const INVENTORY: &str = "
[modules.inventory.grants]
key_value = [\"stock:\"]
database = true
clock = true
";

/// The price module, which asks this aggregator. More of its backend may follow.
pub fn prices_of(url: &str) -> String {
    format!(
        "
[modules.price.grants]
key_value = [\"price:\", \"stock:\"]
clock = true

[modules.price.grants.backends.aggregator]
address = \"{url}\"
"
    )
}

/// A shop's directory and data. The data may be opened again and again.
pub struct Place {
    pub root: TempDir,
    pub data: TempDir,
}

impl Place {
    /// With the inventory module, and more of `protium.toml`.
    pub fn new(more: &str) -> Place {
        Place::with_catalogue(more, CATALOGUE)
    }

    pub fn with_catalogue(more: &str, catalogue: &str) -> Place {
        let place = Place {
            root: TempDir::new().expect("a directory"),
            data: TempDir::new().expect("a directory"),
        };
        let file = |name: &str| place.root.path().join(name);
        let settings = format!("{more}\n{INVENTORY}");
        std::fs::write(file("protium.toml"), settings).expect("written");
        std::fs::create_dir(file("data")).expect("made");
        std::fs::write(file("data/catalogue.csv"), catalogue).expect("written");
        place
    }

    /// The shop, which nobody keeps warm.
    pub async fn open(&self, vars: &[(&str, &str)]) -> (Shop, Config) {
        let components = tests::workspace::path("components-go/store");
        let mut all = vec![("PROTIUM_COMPONENTS", components.to_str().expect("a path"))];
        all.extend(vars);
        open(self.root.path(), self.data.path(), &all).await
    }

    /// A connection to its database, as another process has one.
    pub fn database(&self) -> rusqlite::Connection {
        let database = rusqlite::Connection::open(self.data.path().join("shop.db"));
        database.expect("the database")
    }

    pub fn sql(&self, statement: &str) {
        let changed = self.database().execute(statement, []);
        assert!(changed.expect("it is sound") > 0, "{statement}");
    }
}

/// A shop that is kept warm for as long as this lives.
pub struct Warm {
    pub shop: Shop,
    pub router: Router,
    prewarm: tokio::task::JoinHandle<()>,
}

impl Warm {
    /// Opens it and waits until it is warm.
    pub async fn open(place: &Place, vars: &[(&str, &str)]) -> Warm {
        let (shop, _) = place.open(vars).await;
        let prewarm = tokio::spawn(shop.clone().keep_warm());
        let warm = Warm {
            router: shop.router(),
            shop,
            prewarm,
        };
        warm.until(Duration::from_secs(240), |status| {
            status.runs.iter().any(|run| run.why == "start")
        })
        .await;
        warm
    }

    pub fn status(&self) -> PrewarmStatus {
        self.shop.prewarm_status().expect("there are modules")
    }

    /// What it did at start.
    pub fn start(&self) -> Report {
        let runs = self.status().runs;
        let start = runs.into_iter().find(|run| run.why == "start");
        start.expect("it was warmed").report
    }

    /// Waits for a state of the prewarm.
    pub async fn until(&self, bound: Duration, is_so: impl Fn(&PrewarmStatus) -> bool) {
        let limit = Instant::now() + bound;
        while !is_so(&self.status()) {
            assert!(Instant::now() < limit, "{:?}", self.status());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        get(&self.router, path, &[]).await
    }

    /// Asks for a page until it is as wanted, and says how long that took.
    pub async fn shows(&self, path: &str, is_so: impl Fn(&Answer) -> bool) -> (Answer, Duration) {
        let start = Instant::now();
        loop {
            let page = self.get(path).await;
            if is_so(&page) {
                return (page, start.elapsed());
            }
            assert!(
                start.elapsed() < 3 * SOON,
                "{}\n{:?}",
                main(&page),
                self.status()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Warm {
    fn drop(&mut self) {
        self.prewarm.abort();
    }
}

/// The part of a page between the header and the footer.
pub fn main(page: &Answer) -> String {
    let text = page.text();
    let from = text.find("<main").unwrap_or(0);
    let to = text.find("</main>").unwrap_or(text.len());
    text.get(from..to).unwrap_or_default().to_owned()
}

/// When the page says that its stock was checked.
pub fn checked_at(page: &Answer) -> Option<String> {
    let text = page.text();
    let (_, rest) = text.split_once("data-stock-checked=\"")?;
    Some(rest.split('"').next()?.to_owned())
}

/// Whether it was ready before it was asked for.
pub fn is_hit(page: &Answer) -> bool {
    page.header("cache-status").contains("; hit")
}
