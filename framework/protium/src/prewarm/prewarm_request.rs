//! A mark on requests that the prewarm makes.

/// In the extensions of a request that the prewarm makes: no visitor waits for its response.
#[derive(Clone, Copy)]
pub(crate) struct PrewarmRequest;
