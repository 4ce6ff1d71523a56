//! The database's layout and its versions.

use rusqlite::{Connection, TransactionBehavior};

use super::open::Problem;

/// One script per version: the first makes version 1 of an empty file, the next makes 2 of 1.
const MIGRATIONS: [&str; 4] = [
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
];

/// The version this build reads and writes.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Marks a file as a shop's database (`prot` in ASCII).
const APPLICATION: i64 = 0x7072_6f74;

/// Brings a database up to [`VERSION`]; one process does it, others that start at the same time
/// wait for it.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Problem> {
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
    Ok(())
}
