//! The one cache of a shop: pages, and what its edge modules answered. With `PROTIUM_REDIS_URL` the nodes of the shop share it.

use sha2::{Digest, Sha256};

use super::start::StartError;
use crate::cache::{Cache, Config as Room, SharedConfig};
use crate::config::{Config, Switch};
use crate::web::assets::Assets;

/// Memory, in bytes.
const CAPACITY: u64 = 64 * 1024 * 1024;
/// Memory for what all builds share, in bytes.
const ALL_BUILDS: u64 = 1024 * 1024;

/// The cache; none where nothing is to be kept, which is so in development: there everything changes.
///
/// Nodes are of one shop when they have one secret. They share entries when they would make the same of them: when `build`,
/// the shop's settings, the addresses of its files and this program's version are the same.
pub(super) fn open(
    config: &Config,
    secret: &[u8],
    build: &str,
    assets: &Assets,
) -> Result<Option<Cache>, StartError> {
    if config.cache == Switch::Off || config.dev {
        return Ok(None);
    }
    let room = Room {
        capacity: CAPACITY,
        ..Room::default()
    };
    if config.redis_url.is_empty() {
        return Ok(Some(Cache::new(room)));
    }
    let name_of_shop = name_of_shop(secret);
    let settings = serde_json::to_vec(&config.shop).unwrap_or_default();
    let made_by = [
        build.as_bytes(),
        env!("CARGO_PKG_VERSION").as_bytes(),
        &settings,
        &assets.digest(),
    ];
    let shared = SharedConfig::new(&config.redis_url, &name_of_shop, &name(&made_by));
    Ok(Some(Cache::with_shared(room, shared)?))
}

/// What all builds of the shop share, and this node does not keep in memory for long; none without a server.
pub(super) fn for_all_builds(config: &Config, secret: &[u8]) -> Result<Option<Cache>, StartError> {
    if config.redis_url.is_empty() || config.dev {
        return Ok(None);
    }
    let room = Room {
        capacity: ALL_BUILDS,
        ..Room::default()
    };
    let shared = SharedConfig::new(&config.redis_url, &name_of_shop(secret), "all-builds");
    Ok(Some(Cache::with_shared(room, shared)?))
}

fn name_of_shop(secret: &[u8]) -> String {
    name(&[b"protium shared cache", secret])
}

/// A name for what all of these are.
fn name(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    let digest = digest.finalize();
    digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
