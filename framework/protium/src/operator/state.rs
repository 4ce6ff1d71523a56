//! What operators look after.

use crate::prewarm::prewarmer::PrewarmStatus;
use protium_cache::Cache;

/// What operators look after, in a shop or in an edge node.
#[derive(Clone)]
pub(crate) struct OperatorState {
    /// What is kept; absent when nothing is.
    pub cache: Option<Cache>,
    /// What is done ahead; absent when nothing is.
    pub prewarm: Option<PrewarmStatus>,
}
