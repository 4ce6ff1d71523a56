//! A body with holes: its pieces are compressed once, and fillings are put between them
//! uncompressed. So a body that differs a little for each visitor needs no compression per request.
//!
//! Deflate and brotli streams are sequences of blocks, which makes this possible. Each piece is
//! compressed on its own, ends at a whole byte, and has no references to earlier pieces; a filling
//! is an uncompressed block. Gzip's checksum of the whole is computed from the checksums of the
//! parts.

use std::io::{self, Write};

use brotli::CompressorWriter;
use brotli::enc::BrotliEncoderParams;
use bytes::{BufMut, Bytes, BytesMut};
use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use tokio::sync::OnceCell;

use super::coding::Coding;

const BROTLI_QUALITY: i32 = 6;
const BROTLI_WINDOW: i32 = 20;
const GZIP_LEVEL: u32 = 6;
/// The most bytes of an uncompressed block.
const BROTLI_BLOCK: usize = 1 << 16;
const GZIP_BLOCK: usize = (1 << 16) - 1;

/// A body with holes. Pieces and fillings alternate; it begins and ends with a piece.
#[derive(Debug)]
pub struct Pieces {
    plain: Vec<Bytes>,
    gzip: OnceCell<Vec<(Bytes, Crc)>>,
    brotli: OnceCell<Vec<Bytes>>,
}

impl Pieces {
    /// A body of these pieces, with a hole between each two.
    pub fn new(mut plain: Vec<Bytes>) -> Self {
        // The first piece begins the stream, even in a body without pieces.
        if plain.is_empty() {
            plain.push(Bytes::new());
        }
        Self {
            plain,
            gzip: OnceCell::new(),
            brotli: OnceCell::new(),
        }
    }

    /// The parts of the finished body, in order. Missing fillings are empty; surplus ones are
    /// ignored.
    pub fn parts<'a>(&'a self, fillings: &'a [Vec<u8>]) -> impl Iterator<Item = &'a [u8]> {
        interleaved(&self.plain, fillings).flat_map(|(piece, filling)| [&piece[..], filling])
    }

    /// The finished body in a coding; uncompressed if compressing fails.
    pub async fn coded(&self, wanted: Coding, fillings: &[Vec<u8>]) -> (Bytes, Coding) {
        let coded = match wanted {
            Coding::Identity => Ok(join(self.parts(fillings))),
            Coding::Gzip => {
                let made = self.gzip.get_or_try_init(|| self.each(deflated)).await;
                made.map(|pieces| gzip(pieces, fillings))
            }
            Coding::Brotli => {
                let made = self.brotli.get_or_try_init(|| self.each(brotlied)).await;
                made.map(|pieces| brotli(pieces, fillings))
            }
        };
        match coded {
            Ok(body) => (body, wanted),
            Err(error) => {
                tracing::warn!(%error, "a body could not be compressed");
                (join(self.parts(fillings)), Coding::Identity)
            }
        }
    }

    /// The finished body in a coding, if the pieces were compressed before or are not compressed.
    pub fn ready(&self, wanted: Coding, fillings: &[Vec<u8>]) -> Option<(Bytes, Coding)> {
        let body = match wanted {
            Coding::Identity => join(self.parts(fillings)),
            Coding::Gzip => gzip(self.gzip.get()?, fillings),
            Coding::Brotli => brotli(self.brotli.get()?, fillings),
        };
        Some((body, wanted))
    }

    /// Maps every piece, on a thread for blocking work.
    async fn each<T: Send + 'static>(
        &self,
        make: fn(usize, &[u8]) -> io::Result<T>,
    ) -> io::Result<Vec<T>> {
        let plain = self.plain.clone();
        let work = move || {
            let pieces = plain.iter().enumerate();
            pieces.map(|(index, piece)| make(index, piece)).collect()
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(io::Error::other)?
    }
}

fn interleaved<'a, T>(
    pieces: &'a [T],
    fillings: &'a [Vec<u8>],
) -> impl Iterator<Item = (&'a T, &'a [u8])> {
    let last = pieces.len().saturating_sub(1);
    pieces.iter().enumerate().map(move |(index, piece)| {
        let filling = fillings.get(index).filter(|_| index < last);
        (piece, filling.map_or(&[][..], Vec::as_slice))
    })
}

fn join<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Bytes {
    let mut body = BytesMut::new();
    parts.for_each(|part| body.extend_from_slice(part));
    body.freeze()
}

/// Compresses a piece to deflate blocks that end at a whole byte.
fn deflated(_: usize, plain: &[u8]) -> io::Result<(Bytes, Crc)> {
    let mut crc = Crc::new();
    crc.update(plain);
    let mut encoder = Compress::new(Compression::new(GZIP_LEVEL), false);
    let mut blocks = Vec::with_capacity(plain.len() / 2 + 64);
    loop {
        let done = usize::try_from(encoder.total_in()).map_err(io::Error::other)?;
        let rest = plain.get(done..).unwrap_or_default();
        let status = encoder.compress_vec(rest, &mut blocks, FlushCompress::Full)?;
        // Unused output space means that the flush is complete.
        if status == Status::Ok && blocks.len() < blocks.capacity() {
            return Ok((blocks.into(), crc));
        }
        if status == Status::StreamEnd {
            return Err(io::Error::other("a deflate stream ended too early"));
        }
        blocks.reserve(blocks.capacity().max(64));
    }
}

fn gzip(pieces: &[(Bytes, Crc)], fillings: &[Vec<u8>]) -> Bytes {
    let mut body =
        BytesMut::with_capacity(room(pieces.iter().map(|piece| piece.0.len()), fillings));
    // Gzip header: method deflate, no flags, no time, no hint, unknown system.
    body.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
    let mut whole = Crc::new();
    for ((blocks, crc), filling) in interleaved(pieces, fillings) {
        body.extend_from_slice(blocks);
        whole.combine(crc);
        for block in filling.chunks(GZIP_BLOCK) {
            let length = block.len() as u16;
            body.put_u8(0);
            body.put_u16_le(length);
            body.put_u16_le(!length);
            body.extend_from_slice(block);
        }
        let mut crc = Crc::new();
        crc.update(filling);
        whole.combine(&crc);
    }
    // An empty last block, then the checksum and the length.
    body.extend_from_slice(&[3, 0]);
    body.put_u32_le(whole.sum());
    body.put_u32_le(whole.amount());
    body.freeze()
}

/// Compresses a piece to brotli meta-blocks that end at a whole byte. The first piece begins the
/// stream.
fn brotlied(index: usize, plain: &[u8]) -> io::Result<Bytes> {
    let is_first = index == 0;
    if plain.is_empty() && !is_first {
        return Ok(Bytes::new());
    }
    let params = BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        bare_stream: true,
        byte_align: true,
        appendable: true,
        catable: !is_first,
        // The static dictionary must not be used: its references depend on the length of everything
        // before.
        use_dictionary: is_first,
        size_hint: plain.len(),
        ..BrotliEncoderParams::default()
    };
    let room = Vec::with_capacity(plain.len() / 4);
    let mut encoder = CompressorWriter::with_params(room, 16 * 1024, &params);
    encoder.write_all(plain)?;
    Ok(encoder.into_inner().into())
}

fn brotli(pieces: &[Bytes], fillings: &[Vec<u8>]) -> Bytes {
    let mut body = BytesMut::with_capacity(room(pieces.iter().map(Bytes::len), fillings));
    for (blocks, filling) in interleaved(pieces, fillings) {
        body.extend_from_slice(blocks);
        for block in filling.chunks(BROTLI_BLOCK) {
            // Header of an uncompressed meta-block: not the last (1 bit), length in four nibbles (2
            // bits), length - 1 (16 bits), uncompressed (1 bit).
            let header = (((block.len() - 1) as u32) << 3) | (1 << 19);
            body.extend_from_slice(&header.to_le_bytes()[..3]);
            body.extend_from_slice(block);
        }
    }
    // The last meta-block, empty.
    body.put_u8(3);
    body.freeze()
}

fn room(pieces: impl Iterator<Item = usize>, fillings: &[Vec<u8>]) -> usize {
    pieces.sum::<usize>()
        + fillings
            .iter()
            .map(|filling| filling.len() + 8)
            .sum::<usize>()
        + 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Read;

    fn decoded(coding: Coding, body: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        match coding {
            Coding::Identity => plain.extend_from_slice(body),
            Coding::Gzip => {
                let mut decoder = flate2::read::GzDecoder::new(body);
                decoder.read_to_end(&mut plain).expect("gzip");
            }
            Coding::Brotli => {
                let mut decoder = brotli::Decompressor::new(body, 4096);
                decoder.read_to_end(&mut plain).expect("brotli");
            }
        }
        plain
    }

    fn check(pieces: Vec<Vec<u8>>, fillings: &[Vec<u8>]) {
        let body = Pieces::new(pieces.into_iter().map(Bytes::from).collect());
        let plain = join(body.parts(fillings));
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(async {
            for wanted in [Coding::Identity, Coding::Gzip, Coding::Brotli] {
                let (coded, coding) = body.coded(wanted, fillings).await;
                assert_eq!(coding, wanted);
                assert!(decoded(coding, &coded) == plain, "{coding:?}");
            }
        });
    }

    #[test]
    fn large_fillings_and_pieces_take_several_blocks() {
        let text = |length: usize| -> Vec<u8> {
            (0..length)
                .map(|n| b"<li>The product of the day "[(n * n / 7) % 27])
                .collect()
        };
        check(vec![text(300_000), text(200_000)], &[text(150_000)]);
        check(vec![vec![], vec![], vec![]], &[text(65_536), text(65_535)]);
        check(vec![vec![]], &[]);
        check(vec![], &[]);
    }

    #[test]
    fn pieces_are_compressed() {
        let page = "<li class=card><a href=/products/a>The product</a></li>".repeat(300);
        let body = Pieces::new(vec![page.clone().into(), page.clone().into()]);
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(async {
            for wanted in [Coding::Gzip, Coding::Brotli] {
                let (coded, _) = body.coded(wanted, &[b"1 item".to_vec()]).await;
                assert!(coded.len() < page.len() / 10, "{wanted:?}: {}", coded.len());
            }
        });
    }

    proptest! {
        #[test]
        fn every_coding_says_the_same(
            pieces in prop::collection::vec("[a-e <>/=]{0,300}(the and of to \
                                             in|\u{e4}\u{20ac}){0,9}", 0..5),
            fillings in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..5),
        ) {
            check(pieces.into_iter().map(String::into_bytes).collect(), &fillings);
        }

        #[test]
        fn any_bytes_at_all_come_back(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 0..5),
            fillings in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..5), 0..5),
        ) {
            check(pieces, &fillings);
        }
    }
}
