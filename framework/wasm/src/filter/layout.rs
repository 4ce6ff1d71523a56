//! Places of rows in the columns of an image.
//!
//! Groups are found a word of 64 rows at a time, so no group lies across two words: where it would,
//! it begins at the next one, after padding. A group of more than 64 rows begins at a word and has
//! all of its last word.

/// Rows of a word.
pub(super) const WORD: usize = 64;

/// The place of each row.
#[derive(Debug, PartialEq)]
pub(super) struct Layout {
    pub slot_of_row: Vec<u32>,
    pub group_of_row: Vec<u32>,
    /// Words of a set of rows.
    pub words: usize,
}

impl Layout {
    /// Of groups with so many rows.
    pub fn of(groups: &[u32]) -> Layout {
        let (mut slot_of_row, mut group_of_row) = (Vec::new(), Vec::new());
        let mut next = 0_usize;
        for (group, rows) in groups.iter().enumerate() {
            let rows = *rows as usize;
            if next % WORD + rows > WORD {
                next = next.next_multiple_of(WORD);
            }
            slot_of_row.extend((next..next + rows).map(|slot| slot as u32));
            group_of_row.extend(std::iter::repeat_n(group as u32, rows));
            next += rows;
            if rows > WORD {
                next = next.next_multiple_of(WORD);
            }
        }
        Layout {
            slot_of_row,
            group_of_row,
            words: next.div_ceil(WORD),
        }
    }

    /// Places of rows, padding included.
    pub fn slots(&self) -> usize {
        self.words * WORD
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_group_lies_across_words_and_a_long_one_has_its_words_alone() {
        let layout = Layout::of(&[60, 4, 1, 63, 2, 130, 1]);
        let first = |group: u32| {
            let row = layout
                .group_of_row
                .iter()
                .position(|of_row| *of_row == group);
            layout.slot_of_row[row.unwrap()]
        };
        let firsts: Vec<u32> = (0..7).map(first).collect();
        assert_eq!(firsts, [0, 60, 64, 65, 128, 192, 384]);
        assert_eq!((layout.words, layout.slot_of_row.len()), (7, 261));
        assert_eq!(Layout::of(&[]).words, 0);
    }
}
