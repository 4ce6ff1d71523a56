//! What a shop's own program adds, through its router: pages, routes, layers, state, providers.

mod additions;
mod carts;
mod claims;
mod facets;
mod filter;
mod kept;
mod market_paths;
mod markets;
mod price_lists;
mod provider;
mod start;

use std::path::Path;
use std::sync::OnceLock;

use axum::Router;
use protium::prelude::App;
use tempfile::TempDir;
use tests::workspace::path;

use crate::node::prepare;

/// A shop in a directory of its own, with these files.
pub struct Directory {
    root: TempDir,
}

impl Directory {
    pub fn new(files: &[(&str, &str)]) -> Directory {
        let root = TempDir::new().expect("a directory");
        let write = |name: &str, content: &str| {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, content).expect("written");
        };
        write("protium.toml", "[shop]\nname = \"Paper Boat\"\n");
        for (name, content) in files {
            write(name, content);
        }
        std::fs::create_dir_all(root.path().join("data")).expect("made");
        let catalogue = path("example-store/data/catalogue.csv");
        std::fs::copy(catalogue, root.path().join("data/catalogue.csv")).expect("copied");
        prepare(&root.path().join("kept"));
        Directory { root }
    }

    pub fn path(&self) -> &Path {
        self.root.path()
    }

    /// The program of this shop: nothing but what is added to it.
    pub fn app(&self) -> App {
        let kept = self.path().join("kept");
        App::new(self.path()).configure(move |config| {
            config.data.clone_from(&kept);
            config.components = path("components-go/store");
        })
    }
}

pub fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Runtime::new().expect("a runtime"))
}

pub async fn router(app: App) -> Router {
    app.router().await.expect("the shop opens")
}
