//! The one cache of a shop: pages, and what its edge modules answered. With `PROTIUM_REDIS_URL` the
//! nodes of the shop share it.

use std::path::Path;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use crate::app::data_files;
use crate::app::start_error::StartError;
use crate::config::{Config, Switch};
use crate::http::assets::Assets;
use protium_cache::{Cache, Config as Room, SharedConfig};
use protium_types::hex;

/// Memory, in bytes.
const CAPACITY: u64 = 64 * 1024 * 1024;
/// Memory for what all builds share, in bytes.
const ALL_BUILDS: u64 = 1024 * 1024;

/// The format of the entries that nodes share: what they are of is in their keys.
pub const FORMAT: &str = concat!("pages-", env!("CARGO_PKG_VERSION"));

/// The shop's name in stores that its nodes share. Nodes are of one shop when they have one secret.
pub fn shared_name(secret: &[u8]) -> String {
    name(&[b"protium shared cache", secret])
}

/// What pages are made from: `build`, the shop's settings and data files, the addresses of its
/// files and this program. Nodes share pages when all of these are the same.
pub fn generation(root: &Path, config: &Config, build: &str, assets: &Assets) -> String {
    let markets = (&config.markets, &config.price_lists);
    let settings = (&config.shop, markets, &config.csp);
    let settings = serde_json::to_vec(&settings).unwrap_or_default();
    name(&[
        build.as_bytes(),
        env!("CARGO_PKG_VERSION").as_bytes(),
        &settings,
        &assets.digest(),
        &program(config).to_le_bytes(),
        &data_files::digest(root, &config.data).to_le_bytes(),
    ])
}

/// A digest of this program, whose handlers pages are made by; 0 where nobody but this process has
/// the pages, and the same program therefore made them.
fn program(config: &Config) -> u128 {
    if config.redis_url.is_empty() {
        return 0;
    }
    static DIGEST: OnceLock<u128> = OnceLock::new();
    *DIGEST.get_or_init(|| {
        let program = std::env::current_exe().and_then(std::fs::read);
        program.map_or(0, |bytes| xxhash_rust::xxh3::xxh3_128(&bytes))
    })
}

/// The cache; none where it is off, as in development, where everything changes.
pub fn open(config: &Config, shared_name: &str) -> Result<Option<Cache>, StartError> {
    if config.cache == Switch::Off || config.dev {
        return Ok(None);
    }
    Ok(Some(of_node(config, shared_name, FORMAT)?))
}

/// The cache of a node: of the shop with this name, whose entries other nodes share that give them
/// the same `format`.
pub fn of_node(config: &Config, shop: &str, format: &str) -> Result<Cache, StartError> {
    let room = Room {
        capacity: CAPACITY,
        ..Room::default()
    };
    if config.redis_url.is_empty() {
        return Ok(Cache::new(room));
    }
    let shared = SharedConfig {
        budget: config.redis_page_bytes,
        ..SharedConfig::new(&config.redis_url, shop, format)
    };
    Ok(Cache::with_shared(room, shared)?)
}

/// What all builds of the shop share, and this node does not keep in memory for long; none without
/// a server.
pub fn for_all_builds(config: &Config, shop: &str) -> Result<Option<Cache>, StartError> {
    if config.redis_url.is_empty() || config.dev {
        return Ok(None);
    }
    let room = Room {
        capacity: ALL_BUILDS,
        ..Room::default()
    };
    let shared = SharedConfig::new(&config.redis_url, shop, "all-builds");
    Ok(Some(Cache::with_shared(room, shared)?))
}

/// A name for what all of these are.
fn name(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    hex(&digest.finalize()[..16])
}
