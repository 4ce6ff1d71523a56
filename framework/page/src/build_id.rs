//! BUILD: 16 hex digits that change with everything that a page, its snapshot and the browser must
//! agree on.

use sha2::{Digest, Sha256};

use protium_types::hex;

/// The protocol's version, as `docs/protocol.md` has it.
pub const PROTOCOL_VERSION: u32 = 2;

/// What BUILD is a digest of, besides the templates.
#[derive(Debug, Clone)]
pub struct BuildParts {
    digest: Sha256,
}

impl BuildParts {
    /// `modules`: the browser's modules; `runtime`: the files of the browser runtime.
    pub fn new<'a>(
        modules: impl IntoIterator<Item = &'a [u8]>,
        runtime: impl IntoIterator<Item = &'a [u8]>,
    ) -> Self {
        let mut digest = Sha256::new();
        digest.update(PROTOCOL_VERSION.to_le_bytes());
        for (kind, parts) in [
            (0u8, modules.into_iter().collect::<Vec<_>>()),
            (1, runtime.into_iter().collect()),
        ] {
            for part in parts {
                digest.update([kind]);
                digest.update((part.len() as u64).to_le_bytes());
                digest.update(part);
            }
        }
        Self { digest }
    }

    /// BUILD with templates of this digest.
    pub(super) fn with_templates(&self, templates: &[u8]) -> String {
        let mut digest = self.digest.clone();
        digest.update([2]);
        digest.update(templates);
        hex(&digest.finalize()[..8])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts_and_so_does_where_it_ends() {
        let build = |modules: &[&[u8]], runtime: &[&[u8]], templates: &[u8]| {
            BuildParts::new(modules.iter().copied(), runtime.iter().copied())
                .with_templates(templates)
        };
        let builds = [
            build(&[b"ab"], &[b"c"], b"d"),
            build(&[b"a", b"b"], &[b"c"], b"d"),
            build(&[b"a"], &[b"bc"], b"d"),
            build(&[b"ab"], &[b"c"], b"e"),
            build(&[], &[b"ab", b"c"], b"d"),
        ];
        for (index, build) in builds.iter().enumerate() {
            assert_eq!(build.len(), 16);
            assert!(builds[..index].iter().all(|other| other != build));
        }
    }
}
