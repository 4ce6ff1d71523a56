//! The database's layout and its versions.

use std::time::Instant;

use rusqlite::{Connection, TransactionBehavior};

use super::open_error::Problem;

/// One script per version: the first makes version 1 of an empty file, the next makes 2 of 1.
const MIGRATIONS: [&str; 5] = [
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
];

/// The version this build reads and writes.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Marks a file as a shop's database (`prot` in ASCII).
const APPLICATION: i64 = 0x7072_6f74;

/// Brings a database up to [`VERSION`], all at once or not at all; one process does it, others that
/// start at the same time wait for it.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Problem> {
    let began = Instant::now();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let number = |pragma: &str| -> rusqlite::Result<i64> {
        transaction.pragma_query_value(None, pragma, |row| row.get(0))
    };
    let version = number("user_version")?;
    let tables: i64 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 && number("application_id")? != APPLICATION {
        return Err(Problem::Foreign);
    }
    let done = match usize::try_from(version) {
        Ok(done) if done <= MIGRATIONS.len() => done,
        _ => {
            return Err(Problem::Newer {
                found: version,
                known: VERSION,
            });
        }
    };
    if done == MIGRATIONS.len() {
        return Ok(());
    }
    for script in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(script)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    if done > 0 {
        tracing::info!(
            from = version,
            to = VERSION,
            seconds = began.elapsed().as_secs_f64(),
            "the database was brought up to date"
        );
    }
    Ok(())
}

#[cfg(test)]
mod migration_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::import;
    use crate::sqlite::{Options, Store};
    use crate::{Catalogue, Context, Currency};

    #[tokio::test]
    async fn a_catalogue_of_version_2_goes_on() -> Result<(), Box<dyn std::error::Error>> {
        let directory = tempfile::tempdir()?;
        let old = Connection::open(directory.path().join("shop.db"))?;
        for script in MIGRATIONS.iter().take(2) {
            old.execute_batch(script)?;
        }
        old.pragma_update(None, "application_id", APPLICATION)?;
        old.pragma_update(None, "user_version", 2)?;
        old.execute_batch(
            r#"INSERT INTO product (id, handle, revision, published, available, title, title_key,
                 vendor, price_min, price_max, on_sale)
               VALUES (1, 'Blue-Mug', 1, 1, 1, 'Mug', 'mug', '', 100, 100, 0);
               INSERT INTO product_document VALUES (1, '{"body_html":"<p>x</p>","description":"x",
                 "product_type":"Cups","tags":[],"images":[{"src":"/a.png","alt":""}],"options":[],
                 "seo_title":"","seo_description":""}');
               INSERT INTO variant (id, product_id, position, sku, title, options, price, quantity,
                 oversell)
                 VALUES (7, 1, 0, 'S1', '', '[]', 100, 3, 0);
               UPDATE catalogue SET version = 1, currency = 'EUR', published = 1;"#,
        )?;
        drop(old);
        let store = Store::open(directory.path(), Options::default())?;
        let file = "Handle,Variant SKU,Variant Price\nBlue-Mug,S1,2\n";
        let report = import(&store, file.as_bytes(), "prices.csv", Currency::EUR)?;
        assert_eq!(
            (report.created, report.updated, report.collections),
            (0, 1, 0)
        );
        let context = Context::new("en", Currency::EUR);
        let mug = store.product(&context, "blue-mug").await?.ok_or("lost")?;
        assert_eq!(
            (mug.body_html.as_str(), mug.images[0].alt.as_str()),
            ("<p>x</p>", "Mug")
        );
        let variant = &mug.variants[0];
        assert_eq!(
            (variant.id, variant.price, variant.quantity),
            (7, 200, Some(3))
        );
        Ok(())
    }
}
