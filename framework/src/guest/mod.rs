//! Go modules on the server: artifacts, instances, the ABI, limits. Knows nothing of shops.
