//! Stores for tests, filled from CSV.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;

use super::import::{ImportError, ImportReport, import};
use super::sqlite::{Options, Store};
use super::{Catalogue, CollectionPage, Context, Currency, PageRequest, Product};

/// A store in a directory that goes when it goes.
pub(super) struct Shop {
    pub store: Store,
    pub directory: TempDir,
}

pub(super) fn shop() -> Shop {
    shop_with(Options {
        readers: 2,
        ..Options::default()
    })
}

pub(super) fn shop_with(options: Options) -> Shop {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::open(directory.path(), options).expect("a new store");
    Shop { store, directory }
}

pub(super) fn context() -> Context {
    Context::new("en", Currency::EUR)
}

/// A file of the repository's test data.
pub(super) fn example(name: &str) -> File {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/shopify-csv");
    File::open(path.join(name)).expect("an example of Shopify's")
}

/// The text of a small file of the repository's test data.
pub(super) fn data(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/import");
    std::fs::read_to_string(path.join(name)).expect("a file of test data")
}

impl Shop {
    pub(super) fn import(&self, csv: impl AsRef<[u8]>) -> Result<ImportReport, ImportError> {
        import(&self.store, csv.as_ref(), "test.csv", Currency::EUR)
    }

    /// The shop with a file that is sound.
    pub(super) fn filled(self, csv: impl AsRef<[u8]>) -> Self {
        self.import(csv).expect("a sound file");
        self
    }

    pub(super) async fn product(&self, handle: &str) -> Option<Arc<Product>> {
        self.store
            .product(&context(), handle)
            .await
            .expect("an answer")
    }

    pub(super) async fn collection(
        &self,
        handle: &str,
        page: PageRequest,
    ) -> Option<CollectionPage> {
        self.store
            .collection(&context(), handle, &page)
            .await
            .expect("an answer")
    }

    /// Everything in the database, as text: equal before and after what must change nothing.
    pub(super) fn dump(&self) -> Vec<String> {
        let connection = self.other_process();
        let tables = [
            "catalogue",
            "product",
            "product_document",
            "variant",
            "price",
            "stock",
            "metafield",
            "location",
            "price_list",
            "product_by_list",
            "price_event",
            "stock_event",
            "collection",
            "collection_product",
            "search",
            "cart",
            "cart_line",
        ];
        let mut rows = Vec::new();
        for table in tables {
            let mut query = connection
                .prepare(&format!("SELECT * FROM {table}"))
                .expect("a table");
            let columns = query.column_count();
            let mut found = query.query([]).expect("rows");
            while let Some(row) = found.next().expect("a row") {
                let values: Vec<_> = (0..columns).map(|column| row.get_ref(column)).collect();
                rows.push(format!("{table} {values:?}"));
            }
        }
        rows
    }

    /// A connection of its own, as another process would have.
    pub(super) fn other_process(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.directory.path().join("shop.db")).expect("the database")
    }
}
