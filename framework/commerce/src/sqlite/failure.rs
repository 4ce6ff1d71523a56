//! SQLite's errors in the words of the provider traits.

use rusqlite::ErrorCode;

use crate::ProviderError;

/// The provider error for an error of the database.
pub(super) fn failure(doing: &'static str, error: rusqlite::Error) -> ProviderError {
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::OperationInterrupted,
        ) => ProviderError::Busy(doing),
        Some(ErrorCode::DiskFull) => ProviderError::DiskFull(doing),
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly) => {
            ProviderError::Unavailable {
                doing,
                source: error.into(),
            }
        }
        _ => ProviderError::Internal {
            doing,
            source: error.into(),
        },
    }
}
