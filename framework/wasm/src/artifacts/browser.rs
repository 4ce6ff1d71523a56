//! The module for browsers: without the snapshot, which contains what a server must not reveal,
//! such as the seeds of its maps.

use std::io::Write;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::cache::{Cache, Key};
use super::error::ArtifactError;
use protium_types::hex;

/// Above this size the best brotli level takes seconds for a few percent.
const BEST: usize = 512 << 10;

/// The module for browsers, with its compressed variants.
#[derive(Clone, Debug)]
pub struct BrowserModule {
    /// The module.
    pub wasm: Bytes,
    /// `None` in development: over loopback it would take longer than the download.
    pub compressed: Option<Compressed>,
    /// SHA-256 of the module, 64 lower-case hex digits.
    pub sha256: String,
}

/// The compressed variants of a module.
#[derive(Clone, Debug)]
pub struct Compressed {
    /// The module under `Content-Encoding: br`.
    pub brotli: Bytes,
    /// The module under `Content-Encoding: gzip`.
    pub gzip: Bytes,
}

impl BrowserModule {
    /// The module as it is.
    pub(super) fn uncompressed(wasm: Bytes) -> BrowserModule {
        BrowserModule {
            sha256: hex(&Sha256::digest(&wasm)),
            compressed: None,
            wasm,
        }
    }
}

/// Compresses the module, or takes the variants from the cache.
pub(super) fn variants(wasm: Bytes, cache: &Cache) -> Result<BrowserModule, ArtifactError> {
    let compressed = |kind, make: fn(&[u8]) -> std::io::Result<Vec<u8>>| {
        cache.get_or_make(Key::new(kind, 1).part(&wasm), || {
            make(&wasm).map_err(|error| ArtifactError::Module {
                stage: "compressing",
                message: error.to_string(),
            })
        })
    };
    let brotli = compressed("brotli", brotli)?.into();
    let gzip = compressed("gzip", gzip)?.into();
    Ok(BrowserModule {
        compressed: Some(Compressed { brotli, gzip }),
        ..BrowserModule::uncompressed(wasm)
    })
}

fn brotli(wasm: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let quality = if wasm.len() <= BEST { 11 } else { 9 };
    let params = ::brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: 22,
        size_hint: wasm.len(),
        ..Default::default()
    };
    ::brotli::BrotliCompress(&mut &*wasm, &mut out, &params)?;
    Ok(out)
}

fn gzip(wasm: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(wasm)?;
    encoder.finish()
}
