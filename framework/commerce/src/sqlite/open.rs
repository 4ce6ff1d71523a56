//! Opening a data directory, with an error that says what to do.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{schema, search};
use protium_types::private_files;

/// The database's file in the data directory.
const FILE: &str = "shop.db";

/// How long a connection waits for another process before it gives up.
const BUSY: Duration = Duration::from_secs(5);

/// Prepared statements a connection keeps.
const STATEMENTS: usize = 64;

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the data directory {}: {problem}", .directory.display())]
pub struct OpenError {
    /// The directory that was asked for.
    pub directory: PathBuf,
    /// What is wrong with it.
    #[source]
    pub problem: Problem,
}

/// What is wrong with a data directory.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It does not exist and cannot be made.
    #[error("it cannot be made ({0}); choose another one or give this user the right to make it")]
    Create(io::Error),
    /// Files in it cannot be made or written.
    #[error("it cannot be written ({0}); give this user the right to, or choose another one")]
    NotWritable(String),
    /// There is no room.
    #[error("the disk is full; make room, or choose another one")]
    DiskFull,
    /// The database was made by a newer release.
    #[error(
        "its {FILE} has layout {found}, this release knows up to {known}; \
         start a newer release, or choose another directory"
    )]
    Newer {
        /// The layout found.
        found: i64,
        /// The newest layout known.
        known: i64,
    },
    /// The file is no database, or is damaged.
    #[error("its {FILE} is not a database or is damaged; restore a backup, or move it away")]
    Damaged,
    /// The file is a database of something else.
    #[error("its {FILE} belongs to another program; move it away, or choose another directory")]
    Foreign,
    /// The file system cannot share memory between processes, which write-ahead logging needs.
    #[error("its file system cannot hold a database with a write-ahead log; choose a local one")]
    NoLog,
    /// The writer's thread or the source of randomness of the system failed.
    #[error("the system refused: {0}")]
    System(io::Error),
    /// Anything else the database says.
    #[error("the database says: {0}")]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(
                ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure,
            ) => Self::NotWritable(error.to_string()),
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged,
            _ => Self::Sqlite(error),
        }
    }
}

/// Opens the connection that writes, making directory, file and layout where they are missing.
pub(super) fn writer(directory: &Path) -> Result<Connection, Problem> {
    private_files::create_dir_all(directory).map_err(Problem::Create)?;
    // What is wrong with the file SQLite says.
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
    Ok(connection)
}

/// Opens a connection that can only read; the writer has been opened before.
pub(super) fn reader(directory: &Path) -> Result<Connection, Problem> {
    let connection = Connection::open_with_flags(
        directory.join(FILE),
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    prepare(&connection)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // The planner would else plan anew for every bound value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Tables and views of a damaged or forged file must not call functions behind our back.
    connection.pragma_update(None, "trusted_schema", false)
}
