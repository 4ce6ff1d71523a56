//! Opening the database of a data directory.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::open_error::{FILE, Problem};
use super::{facets, schema, search};
use protium_types::private_files;

/// How long a connection waits for another process before it gives up.
const BUSY: Duration = Duration::from_secs(5);

/// Prepared statements a connection keeps.
const STATEMENTS: usize = 64;

/// Opens the connection that writes, making directory, file and layout where they are missing.
pub(super) fn writer(directory: &Path) -> Result<Connection, Problem> {
    private_files::create_dir_all(directory).map_err(Problem::Create)?;
    // If this fails, opening the database does too, with a better error.
    let _ = private_files::touch(&directory.join(FILE));
    let mut connection = Connection::open_with_flags(
        directory.join(FILE),
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    prepare(&connection)?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        return Err(Problem::NoLog);
    }
    // With a write-ahead log a crash of the process loses nothing; a power cut may lose the last
    // moments, never the database.
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    schema::migrate(&mut connection)?;
    search::index::bring_up_to_date(&mut connection)?;
    // What a statement with triggers may have to undo: on its way to a file it would have a buffer
    // of 64 KB for each statement.
    connection.pragma_update(None, "temp_store", "memory")?;
    Ok(connection)
}

/// Opens a connection that can only read; the writer has been opened before.
pub(super) fn reader(directory: &Path) -> Result<Connection, Problem> {
    let connection = Connection::open_with_flags(
        directory.join(FILE),
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    prepare(&connection)?;
    connection.execute_batch(facets::TABLES)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // The planner would else plan anew for every bound value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Views and triggers of a damaged or forged file must not call functions with side effects.
    connection.pragma_update(None, "trusted_schema", false)
}
