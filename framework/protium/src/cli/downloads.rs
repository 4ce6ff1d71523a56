//! What visitors download of a shop, beside what its budget allows.

use serde::Serialize;

use crate::app::Shop;
use crate::http::assets::{Asset, MODULE, TOKENS};
use protium_cache::http::Coding;

/// What visitors download of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Download {
    /// The key of its bound, in `[budget]`.
    pub key: &'static str,
    /// What it is.
    pub name: &'static str,
    /// Bytes as browsers get them.
    pub bytes: u64,
    /// Bytes that are allowed; 0: any number.
    pub limit: u64,
}

impl Download {
    /// Whether it is more than is allowed.
    pub fn is_over(&self) -> bool {
        self.limit != 0 && self.bytes > self.limit
    }

    /// What is too much of it, and what to do.
    pub fn problem(&self) -> String {
        let Download {
            key,
            name,
            bytes,
            limit,
        } = self;
        let advice = match *key {
            "module_bytes" => ": TinyGo makes the module about ten times smaller than Go does",
            "picture_bytes" => ": smaller pixels, or WebP or AVIF, make it smaller",
            _ => "",
        };
        format!("{name}: {bytes} bytes, and budget.{key} allows {limit}{advice}")
    }
}

/// What visitors download of the shop's current release. Slow the first time: files are compressed.
pub fn of(shop: &Shop) -> [Download; 4] {
    let budget = &shop.config().budget;
    let assets = &shop.release().assets;
    let (mut module, mut scripts, mut styles, mut picture) = (0, 0, 0, 0);
    for (url, asset) in assets.all() {
        let size = size(asset);
        match url {
            MODULE => module = size,
            // `theme.css` ends with them.
            TOKENS => {}
            url if url.ends_with(".js") => scripts += size,
            url if url.ends_with(".css") => styles += size,
            _ if asset.is_picture() => picture = size.max(picture),
            _ => {}
        }
    }
    let download = |key, name, bytes, limit| Download {
        key,
        name,
        bytes,
        limit,
    };
    [
        download(
            "module_bytes",
            "the components' module",
            module,
            budget.module_bytes,
        ),
        download("script_bytes", "the scripts", scripts, budget.script_bytes),
        download(
            "style_bytes",
            "the style sheets",
            styles,
            budget.style_bytes,
        ),
        download(
            "picture_bytes",
            "the largest picture",
            picture,
            budget.picture_bytes,
        ),
    ]
}

fn size(asset: &Asset) -> u64 {
    let compressed = asset.encoded(Coding::Brotli);
    compressed.unwrap_or(asset.body()).len() as u64
}
