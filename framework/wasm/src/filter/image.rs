//! The image of columns: the bytes that the module works on.
//!
//! The format is described in `docs/filter.md`; the module reads it in
//! `components-go/edge/filter/image.go`.

use std::sync::Arc;

use roaring::RoaringBitmap;

use super::columns::{Columns, Facet, ImageError, NO_RANK, NO_VALUE, RowSet};
use super::layout::{Layout, WORD};
use super::shape::Shape;

/// The first word: `PFI1`.
const MAGIC: u32 = u32::from_le_bytes(*b"PFI1");
/// The format's version.
const FORMAT: u32 = 1;
/// Bytes of the header.
const HEADER: usize = 128;
/// Sections begin at multiples of this many bytes.
const ALIGNMENT: usize = 16;
/// Where the header has the checksum, as a word of 64 bits.
const CHECKSUM: usize = 3;

/// Entries of the directories, by kind.
const EMPTY: u32 = 0;
const DENSE: u32 = 1;
const ROARING: u32 = 2;
const ONE: u32 = 1;
const MANY: u32 = 2;
/// A set is dense from one in this many of its bits on, and if it has few bits altogether.
const SPARSE: usize = 64;
const FEW: usize = 4096;

/// Columns in the form that the module works on, and the places of rows in it.
#[derive(Clone)]
pub struct Image {
    bytes: Arc<[u8]>,
    layout: Arc<Layout>,
    shape: Arc<Shape>,
    version: u64,
}

impl Image {
    /// Encodes columns.
    pub fn new(columns: &Columns) -> Result<Image, ImageError> {
        let shape = Shape::of(columns)?;
        let layout = Layout::of(&columns.groups);
        Ok(Image {
            bytes: encode(columns, &layout)?.into(),
            layout: Arc::new(layout),
            shape: Arc::new(shape),
            version: columns.version,
        })
    }

    /// The bytes, with version, length and checksum; a browser loads the same.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The version of the columns.
    pub fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The place of a row.
    pub(super) fn slot(&self, row: u32) -> u32 {
        self.layout
            .slot_of_row
            .get(row as usize)
            .copied()
            .unwrap_or(0)
    }
}

impl std::fmt::Debug for Image {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = self.bytes.len();
        let mut shown = formatter.debug_struct("Image");
        shown
            .field("version", &self.version)
            .field("bytes", &bytes)
            .finish_non_exhaustive()
    }
}

/// Bytes that grow by aligned sections.
struct Writer(Vec<u8>);

impl Writer {
    /// Adds a section and returns where it begins.
    fn section(&mut self, bytes: impl IntoIterator<Item = u8>) -> u32 {
        let at = self.0.len();
        self.0.extend(bytes);
        self.0.resize(self.0.len().next_multiple_of(ALIGNMENT), 0);
        at as u32
    }

    fn words(&mut self, words: impl IntoIterator<Item = u32>) -> u32 {
        self.section(words.into_iter().flat_map(u32::to_le_bytes))
    }

    /// A set of numbers below `bits`, as an entry of a directory.
    fn set(&mut self, set: &RoaringBitmap, bits: usize) -> [u32; 4] {
        let count = set.len() as usize;
        if count == 0 {
            return [EMPTY, 0, 0, 0];
        }
        let (kind, bytes) = if bits <= FEW || count >= bits / SPARSE {
            let mut words = vec![0_u64; bits.div_ceil(WORD)];
            for bit in set {
                if let Some(word) = words.get_mut(bit as usize / WORD) {
                    *word |= 1 << (bit as usize % WORD);
                }
            }
            (
                DENSE,
                words.into_iter().flat_map(u64::to_le_bytes).collect(),
            )
        } else {
            let mut bytes = Vec::with_capacity(set.serialized_size());
            // Writing to memory does not fail.
            let _ = set.serialize_into(&mut bytes);
            (ROARING, bytes)
        };
        let length = bytes.len() as u32;
        [kind, self.section(bytes), length, count as u32]
    }

    fn directory<const N: usize>(&mut self, entries: impl IntoIterator<Item = [u32; N]>) -> u32 {
        self.words(entries.into_iter().flatten())
    }
}

fn encode(columns: &Columns, layout: &Layout) -> Result<Vec<u8>, ImageError> {
    let mut writer = Writer(vec![0; HEADER]);
    let sizes = columns.groups.iter();
    let sizes = writer.section(sizes.map(|rows| match *rows as usize {
        rows if rows <= WORD => rows as u8,
        _ => 0,
    }));
    let long = columns.groups.iter().copied();
    let long: Vec<u32> = long.filter(|rows| *rows as usize > WORD).collect();
    let (longs, long) = (long.len() as u32, writer.words(long));
    let facets = columns.facets.iter();
    let facets: Vec<_> = facets
        .map(|facet| write_facet(&mut writer, facet, layout))
        .collect();
    let facets = writer.directory(facets);
    let sets = columns.sets.iter();
    let sets = sets.map(|rows| writer.set(&placed(rows, layout), layout.slots()));
    let sets: Vec<_> = sets.collect();
    let sets = writer.directory(sets);
    let ranks = columns.ranks.iter();
    let ranks: Vec<_> = ranks
        .map(|column| write_ranks(&mut writer, column, layout))
        .collect();
    let ranks = writer.directory(ranks);
    let orders = columns.orders.iter();
    let orders: Vec<_> = orders
        .map(|order| [writer.words(order.iter().copied()), 0])
        .collect();
    let orders = writer.directory(orders);
    let Writer(mut bytes) = writer;
    let length = u32::try_from(bytes.len()).map_err(|_| ImageError::TooMany {
        what: "bytes of the image",
        found: bytes.len(),
        limit: u32::MAX as usize,
    })?;
    let header = [
        MAGIC,
        FORMAT,
        length,
        0,
        columns.version as u32,
        (columns.version >> 32) as u32,
        0,
        0,
        columns.groups.len() as u32,
        columns.rows() as u32,
        layout.words as u32,
        columns.facets.len() as u32,
        facets,
        columns.sets.len() as u32,
        sets,
        columns.ranks.len() as u32,
        ranks,
        columns.orders.len() as u32,
        orders,
        sizes,
        longs,
        long,
    ];
    for (word, value) in bytes.chunks_exact_mut(4).zip(header) {
        word.copy_from_slice(&value.to_le_bytes());
    }
    let checksum = checksum(&bytes);
    if let Some(word) = bytes.chunks_exact_mut(8).nth(CHECKSUM) {
        word.copy_from_slice(&checksum.to_le_bytes());
    }
    Ok(bytes)
}

/// The checksum of an image, whose own word does not count. Each step is one-to-one, so that no
/// change within a single word goes unnoticed.
fn checksum(bytes: &[u8]) -> u64 {
    let words = bytes.chunks_exact(8).enumerate();
    words
        .filter(|(index, _)| *index != CHECKSUM)
        .fold(0, |sum: u64, (_, word)| {
            let word = word
                .iter()
                .rev()
                .fold(0, |all, byte| all << 8 | u64::from(*byte));
            let mixed = (sum ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            mixed ^ mixed >> 32
        })
}

/// A set of rows by their places.
fn placed(rows: &RowSet, layout: &Layout) -> RoaringBitmap {
    let slots = rows
        .iter()
        .filter_map(|row| layout.slot_of_row.get(row as usize));
    slots.copied().collect()
}

/// A facet by product, if all rows of each product have the same of its values: then it takes a
/// fraction of the memory and time. Else by row.
fn write_facet(writer: &mut Writer, facet: &Facet, layout: &Layout) -> [u32; 8] {
    let of_group = &layout.group_of_row;
    let groups = of_group.last().map_or(0, |last| *last as usize + 1);
    let (space, bits, sets, codes) = match facet {
        Facet::One { values, of_row } => {
            let mut codes = vec![NO_VALUE; groups];
            for (group, value) in of_group.iter().zip(of_row) {
                if let Some(code) = codes.get_mut(*group as usize) {
                    *code = *value;
                }
            }
            let mut all = of_group.iter().zip(of_row);
            let by_group = all.all(|(group, value)| codes.get(*group as usize) == Some(value));
            let bits = if by_group { groups } else { layout.slots() };
            if !by_group {
                codes = vec![NO_VALUE; bits];
                for (slot, value) in layout.slot_of_row.iter().zip(of_row) {
                    if let Some(code) = codes.get_mut(*slot as usize) {
                        *code = *value;
                    }
                }
            }
            let mut sets = vec![RoaringBitmap::new(); usize::from(*values)];
            for (place, value) in codes.iter().enumerate() {
                if let Some(set) = sets.get_mut(usize::from(*value)) {
                    set.insert(place as u32);
                }
            }
            (u32::from(by_group), bits, sets, Some((*values, codes)))
        }
        Facet::Many(sets) => {
            let by_group = sets.iter().map(|rows| by_group(rows, layout));
            match by_group.collect::<Option<Vec<_>>>() {
                Some(sets) => (1, groups, sets, None),
                None => {
                    let sets = sets.iter().map(|rows| placed(rows, layout)).collect();
                    (0, layout.slots(), sets, None)
                }
            }
        }
    };
    let values = sets.len() as u32;
    let sets: Vec<_> = sets.iter().map(|set| writer.set(set, bits)).collect();
    let sets = writer.directory(sets);
    let (kind, width, codes) = match codes {
        None => (MANY, 0, 0),
        Some((values, codes)) if values <= u16::from(u8::MAX) => {
            // What is none as 16 bits is none as 8.
            (
                ONE,
                1,
                writer.section(codes.into_iter().map(|code| code as u8)),
            )
        }
        Some((_, codes)) => (
            ONE,
            2,
            writer.section(codes.into_iter().flat_map(u16::to_le_bytes)),
        ),
    };
    [kind, space, values, width, codes, sets, 0, 0]
}

/// The groups whose rows are all in the set; `None` if there is a group with some of its rows in
/// it.
fn by_group(rows: &RowSet, layout: &Layout) -> Option<RoaringBitmap> {
    let groups: RoaringBitmap = rows
        .iter()
        .filter_map(|row| layout.group_of_row.get(row as usize))
        .copied()
        .collect();
    let first = |group| {
        layout
            .group_of_row
            .partition_point(|of_row| *of_row < group) as u64
    };
    let all: u64 = groups
        .iter()
        .map(|group| first(group + 1) - first(group))
        .sum();
    (all == rows.len()).then_some(groups)
}

/// A column of ranks by place, as narrow as it can be.
fn write_ranks(writer: &mut Writer, column: &[u32], layout: &Layout) -> [u32; 4] {
    let mut ranks = vec![NO_RANK; layout.slots()];
    for (slot, rank) in layout.slot_of_row.iter().zip(column) {
        if let Some(place) = ranks.get_mut(*slot as usize) {
            *place = *rank;
        }
    }
    let known = column.iter().copied().filter(|rank| *rank != NO_RANK);
    let count = known.max().map_or(0, |most| most + 1);
    match count <= u32::from(u16::MAX) {
        // What is none as 32 bits is none as 16.
        true => {
            let ranks = ranks.into_iter().map(|rank| rank as u16);
            [
                2,
                writer.section(ranks.flat_map(u16::to_le_bytes)),
                count,
                0,
            ]
        }
        false => [4, writer.words(ranks), count, 0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Columns {
        Columns {
            version: 7,
            groups: vec![2, 70, 1],
            facets: vec![
                Facet::One {
                    values: 2,
                    of_row: [vec![0, 1], vec![1; 71]].concat(),
                },
                Facet::Many(vec![(0..2).collect(), RowSet::new()]),
            ],
            sets: vec![(3..9).collect()],
            ranks: vec![(0..72).chain([NO_RANK]).collect()],
            orders: vec![vec![2, 0, 1]],
        }
    }

    fn word(image: &Image, index: usize) -> u32 {
        let bytes = image.bytes().chunks_exact(4).nth(index).unwrap();
        u32::from_le_bytes(bytes.try_into().unwrap())
    }

    #[test]
    fn an_image_has_its_length_and_checksum() {
        let image = Image::new(&columns()).unwrap();
        assert_eq!(
            (word(&image, 0), word(&image, 1), word(&image, 4)),
            (MAGIC, FORMAT, 7)
        );
        assert_eq!(word(&image, 2) as usize, image.bytes().len());
        let sum = u64::from(word(&image, 6)) | u64::from(word(&image, 7)) << 32;
        assert_eq!(sum, checksum(image.bytes()));
        let mut flipped = image.bytes().to_vec();
        *flipped.last_mut().unwrap() ^= 1;
        assert_ne!(sum, checksum(&flipped));
    }

    #[test]
    fn a_facet_is_by_product_where_all_rows_of_each_product_agree() {
        let image = Image::new(&columns()).unwrap();
        let facets = word(&image, 12) as usize / 4;
        let spaces = [0, 1].map(|facet| word(&image, facets + facet * 8 + 1));
        assert_eq!(spaces, [0, 1]);
    }

    #[test]
    fn columns_that_do_not_fit_together_are_refused() {
        type Break = fn(&mut Columns);
        let wrong: [Break; 8] = [
            |columns| columns.groups[0] = 0,
            |columns| columns.groups[0] = 3,
            |columns| {
                columns.facets[0] = Facet::One {
                    values: 1,
                    of_row: vec![1; 73],
                }
            },
            |columns| columns.facets[1] = Facet::Many(vec![(73..74).collect()]),
            |columns| columns.sets[0] = (0..74).collect(),
            |columns| columns.ranks[0] = vec![0; 72],
            |columns| columns.ranks[0] = vec![u32::MAX - 1; 73],
            |columns| columns.orders[0] = vec![0, 0, 1],
        ];
        for (number, wrong) in wrong.into_iter().enumerate() {
            let mut columns = columns();
            wrong(&mut columns);
            assert!(Image::new(&columns).is_err(), "{number}");
        }
        assert!(Image::new(&Columns::default()).is_ok());
    }
}
