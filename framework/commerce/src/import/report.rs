//! What an import did.

use super::notes::Warning;

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct ImportReport {
    /// Products that were not there before.
    pub created: u64,
    /// Products that were there and differ now.
    pub updated: u64,
    /// Products that are as they were.
    pub unchanged: u64,
    /// Variants that are not sold any more.
    pub retired: u64,
    /// Collections that were not there before.
    pub collections: u64,
    /// Version of the catalogue after the import; it grew when anything changed.
    pub version: i64,
    /// What is taken otherwise than it stands in the file.
    pub warnings: Vec<Warning>,
}
