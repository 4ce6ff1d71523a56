//! Why a data directory cannot be used, and what to do about it.

use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;

/// The database's file in the data directory.
pub(super) const FILE: &str = "shop.db";

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
