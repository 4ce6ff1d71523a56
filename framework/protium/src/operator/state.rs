//! What the operator's routes show and change.

use crate::prewarm::prewarmer::PrewarmStatus;
use protium_cache::Cache;

/// What the operator's routes show and change, in a shop or in an edge node.
#[derive(Clone)]
pub(crate) struct OperatorState {
    /// The cache; absent when it is off.
    pub cache: Option<Cache>,
    /// The prewarm; absent when there is none.
    pub prewarm: Option<PrewarmStatus>,
}
