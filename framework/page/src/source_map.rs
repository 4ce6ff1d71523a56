//! The text that Tera compiles, and where each of its bytes came from.

use super::site::Site;

/// Maps offsets in the text that Tera compiles to offsets in the author's file.
#[derive(Debug, Default)]
pub(super) struct SourceMap {
    /// (offset in the output, offset in the source, whether the bytes from there on are copied from
    /// the source), ascending.
    steps: Vec<(usize, usize, bool)>,
}

impl SourceMap {
    /// The source offset of the byte at `offset` of the output.
    pub(super) fn source_offset(&self, offset: usize) -> usize {
        let after = self
            .steps
            .partition_point(|(output, _, _)| *output <= offset);
        match self.steps.get(after.wrapping_sub(1)) {
            Some((output, source, true)) => source + (offset - output),
            Some((_, source, false)) => *source,
            None => offset,
        }
    }
}

/// The text that Tera compiles, with the map back.
pub(super) struct Output<'a> {
    source: &'a str,
    pub text: String,
    pub map: SourceMap,
    /// The end of what is copied so far.
    copied: usize,
    pub sites: Vec<Site>,
}

impl<'a> Output<'a> {
    /// For this template, with nothing written yet.
    pub(super) fn of(source: &'a str) -> Self {
        Self {
            source,
            text: String::with_capacity(source.len() + source.len() / 4),
            map: SourceMap::default(),
            copied: 0,
            sites: Vec::new(),
        }
    }

    /// Copies the source up to `offset`.
    pub(super) fn copy_to(&mut self, offset: usize) {
        if offset > self.copied {
            self.map.steps.push((self.text.len(), self.copied, true));
            self.text.push_str(&self.source[self.copied..offset]);
            self.copied = offset;
        }
    }

    /// Writes text in place of the source at `offset`, which is not copied yet.
    pub(super) fn write(&mut self, text: &str, offset: usize) {
        self.map.steps.push((self.text.len(), offset, false));
        self.text.push_str(text);
    }

    /// Skips the source up to `offset`, but copies its line ends.
    pub(super) fn skip_to(&mut self, offset: usize) {
        let skipped = &self.source[self.copied..offset.max(self.copied)];
        self.map.steps.push((self.text.len(), self.copied, false));
        self.text.extend(skipped.chars().filter(|c| *c == '\n'));
        self.copied = offset.max(self.copied);
    }
}
