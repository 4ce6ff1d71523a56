//! A body in all content codings. Each is compressed on first use.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::OnceCell;

use super::coding::Coding;

/// Smaller bodies are not compressed.
const WORTH_IT: usize = 512;
/// The level for bodies that are compressed once and sent often.
const BROTLI_QUALITY: u32 = 6;
const BROTLI_WINDOW: u32 = 20;
const GZIP_LEVEL: u32 = 6;

type Encode = fn(&[u8]) -> io::Result<Vec<u8>>;

/// A body that does not change.
#[derive(Debug)]
pub struct Body {
    plain: Bytes,
    gzip: OnceCell<Bytes>,
    brotli: OnceCell<Bytes>,
}

impl Body {
    /// A body of these bytes.
    pub fn new(plain: Bytes) -> Self {
        Self {
            plain,
            gzip: OnceCell::new(),
            brotli: OnceCell::new(),
        }
    }

    /// The bytes in a coding, if they were compressed before or are not compressed.
    pub fn ready(&self, wanted: Coding) -> Option<(Bytes, Coding)> {
        let cell = match wanted {
            Coding::Identity => return Some((self.plain.clone(), wanted)),
            Coding::Gzip => &self.gzip,
            Coding::Brotli => &self.brotli,
        };
        Some((cell.get()?.clone(), wanted))
    }

    /// The bytes in a coding. They are uncompressed if there are too few of them, or compressing
    /// fails.
    pub async fn coded(&self, wanted: Coding) -> (Bytes, Coding) {
        let (cell, encode): (_, Encode) = match wanted {
            Coding::Identity => return (self.plain.clone(), wanted),
            Coding::Gzip => (&self.gzip, |plain| gzip(plain, GZIP_LEVEL)),
            Coding::Brotli => (&self.brotli, |plain| {
                brotli(plain, BROTLI_QUALITY, BROTLI_WINDOW)
            }),
        };
        if self.plain.len() < WORTH_IT {
            return (self.plain.clone(), Coding::Identity);
        }
        let made = cell
            .get_or_try_init(|| async {
                let plain = self.plain.clone();
                let coded = tokio::task::spawn_blocking(move || encode(&plain)).await;
                coded.map_err(io::Error::other)?.map(Bytes::from)
            })
            .await;
        match made {
            Ok(coded) => (coded.clone(), wanted),
            Err(error) => {
                tracing::warn!(%error, "a body could not be compressed");
                (self.plain.clone(), Coding::Identity)
            }
        }
    }
}

/// These bytes in gzip's coding, at a level from 0 to 9.
pub fn gzip(plain: &[u8], level: u32) -> io::Result<Vec<u8>> {
    let room = Vec::with_capacity(plain.len() / 4);
    let mut encoder = GzEncoder::new(room, Compression::new(level));
    encoder.write_all(plain)?;
    encoder.finish()
}

/// These bytes in brotli's coding, at a quality from 0 to 11, with a window of so many bits.
pub fn brotli(plain: &[u8], quality: u32, window: u32) -> io::Result<Vec<u8>> {
    let room = Vec::with_capacity(plain.len() / 4);
    let mut encoder = brotli::CompressorWriter::new(room, 16 * 1024, quality, window);
    encoder.write_all(plain)?;
    Ok(encoder.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[tokio::test]
    async fn each_coding_is_made_once_and_says_the_same() {
        let plain = Bytes::from("<li>A product</li>".repeat(200));
        let body = Body::new(plain.clone());
        let (gzip, _) = body.coded(Coding::Gzip).await;
        let (brotli, _) = body.coded(Coding::Brotli).await;
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(&gzip[..])
            .read_to_end(&mut text)
            .expect("gzip");
        assert_eq!(text, plain);
        text.clear();
        brotli::Decompressor::new(&brotli[..], 4096)
            .read_to_end(&mut text)
            .expect("brotli");
        assert_eq!(text, plain);
        let (again, coding) = body.coded(Coding::Brotli).await;
        assert_eq!((again.as_ptr(), coding), (brotli.as_ptr(), Coding::Brotli));
    }

    #[tokio::test]
    async fn a_small_body_is_not_compressed() {
        let body = Body::new(Bytes::from_static(b"ok"));
        let (bytes, coding) = body.coded(Coding::Brotli).await;
        assert_eq!((&bytes[..], coding), (&b"ok"[..], Coding::Identity));
    }
}
