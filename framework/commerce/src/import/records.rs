//! CSV records one at a time, from a stream of any length, in bounded memory.
//!
//! This drives the state machine of the `csv` crate by hand: its reader grows a record without
//! bound, and counts lines from where the last record ended rather than where the next begins.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Chain, Cursor, ErrorKind, Read};

use csv_core::ReadRecordResult;
use serde::{Deserialize, Serialize};

/// Longest record, in bytes, without its quotation marks.
pub(super) const MAX_RECORD: usize = 1 << 20;

/// Most fields of a record.
pub(super) const MAX_FIELDS: usize = 1_024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why there is no next record.
pub(super) enum Stop {
    /// The stream failed around this line.
    Read { line: u64, source: io::Error },
    /// The record that begins here is longer than [`MAX_RECORD`]; the number of the field, from 0.
    TooLong { line: u64, field: usize },
    /// The record that begins here has more than [`MAX_FIELDS`].
    TooWide { line: u64 },
}

type Input<R> = BufReader<Chain<Cursor<Vec<u8>>, R>>;

/// A stream of records.
pub(super) struct Records<R> {
    input: Input<R>,
    parser: csv_core::Reader,
    lines: Lines,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// One record. The first line is 1.
#[derive(Serialize, Deserialize)]
pub(crate) struct Record<'a> {
    /// Where it begins.
    pub line: u64,
    /// The bytes of all its fields.
    pub bytes: &'a [u8],
    /// Where each field ends.
    pub ends: Cow<'a, [usize]>,
}

impl Record<'_> {
    /// How many fields it has.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of a field.
    pub(super) fn field(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.bytes.get(start..end)
    }

    /// The line of a byte of a field: the fields before it may span several.
    pub(super) fn line_at(&self, index: usize, byte: usize) -> u64 {
        let start = match index.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or(self.bytes.len()),
            None => 0,
        };
        let mut lines = Lines {
            line: self.line,
            after_return: false,
        };
        lines.count(self.bytes.get(..start + byte).unwrap_or(self.bytes));
        lines.line
    }
}

/// Counts line ends: LF, CR LF and CR.
struct Lines {
    line: u64,
    after_return: bool,
}

impl Lines {
    fn count(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\r' || (*byte == b'\n' && !self.after_return) {
                self.line += 1;
            }
            self.after_return = *byte == b'\r';
        }
    }
}

impl<R: Read> Records<R> {
    /// Reads the first bytes, to skip a byte order mark.
    pub(super) fn new(mut reader: R) -> io::Result<Self> {
        let mut head = Vec::with_capacity(BYTE_ORDER_MARK.len());
        reader
            .by_ref()
            .take(BYTE_ORDER_MARK.len() as u64)
            .read_to_end(&mut head)?;
        if head == BYTE_ORDER_MARK {
            head.clear();
        }
        Ok(Self {
            input: BufReader::with_capacity(64 << 10, Cursor::new(head).chain(reader)),
            parser: csv_core::Reader::new(),
            lines: Lines {
                line: 1,
                after_return: false,
            },
            bytes: vec![0; 8 << 10],
            ends: vec![0; 64],
        })
    }

    /// The next record; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Record<'_>>, Stop> {
        self.skip_empty_lines()?;
        let line = self.lines.line;
        let (mut length, mut fields) = (0, 0);
        loop {
            let input = fill(&mut self.input).map_err(|source| Stop::Read {
                line: self.lines.line,
                source,
            })?;
            let (result, read, written, ended) = self.parser.read_record(
                input,
                self.bytes.get_mut(length..).unwrap_or_default(),
                self.ends.get_mut(fields..).unwrap_or_default(),
            );
            self.lines.count(input.get(..read).unwrap_or_default());
            self.input.consume(read);
            length += written;
            fields += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.bytes.len() >= MAX_RECORD => {
                    return Err(Stop::TooLong {
                        line,
                        field: fields,
                    });
                }
                ReadRecordResult::OutputFull => self.bytes.resize(self.bytes.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if self.ends.len() >= MAX_FIELDS => {
                    return Err(Stop::TooWide { line });
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => {
                    return Ok(Some(Record {
                        line,
                        bytes: self.bytes.get(..length).unwrap_or_default(),
                        ends: self.ends.get(..fields).unwrap_or_default().into(),
                    }));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// The parser skips empty lines too, but then nobody knows where the record begins.
    fn skip_empty_lines(&mut self) -> Result<(), Stop> {
        loop {
            let input = fill(&mut self.input).map_err(|source| Stop::Read {
                line: self.lines.line,
                source,
            })?;
            let empty = input
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'))
                .count();
            if empty == 0 {
                return Ok(());
            }
            self.lines.count(input.get(..empty).unwrap_or_default());
            self.input.consume(empty);
        }
    }
}

fn fill<R: Read>(input: &mut Input<R>) -> io::Result<&[u8]> {
    loop {
        match input.fill_buf() {
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(input.buffer())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(bytes: &[u8]) -> Vec<(u64, Vec<String>)> {
        let mut records = Records::new(bytes).expect("bytes can be read");
        let mut found = Vec::new();
        while let Ok(Some(record)) = records.next() {
            let fields = (0..record.len())
                .filter_map(|index| record.field(index))
                .map(|field| String::from_utf8_lossy(field).into_owned())
                .collect();
            found.push((record.line, fields));
        }
        found
    }

    fn lines(bytes: &[u8]) -> Vec<u64> {
        all(bytes).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn lines_are_those_an_editor_shows() {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("a,b{end}c,\"d{end}{end}e\"{end}{end}{end}f,g{end}h,i");
            assert_eq!(lines(text.as_bytes()), [1, 2, 7, 8], "{end:?}");
        }
    }

    #[test]
    fn a_field_knows_its_own_line() {
        let text = &b"\"a\nb\",\"c\r\nd\",e\n"[..];
        let mut records = Records::new(text).expect("bytes can be read");
        let Ok(Some(record)) = records.next() else {
            panic!("a record")
        };
        assert_eq!([0, 1, 2].map(|index| record.line_at(index, 0)), [1, 2, 3]);
    }

    #[test]
    fn a_byte_order_mark_is_skipped_and_quotes_are_undone() {
        assert_eq!(
            all(b"\xef\xbb\xbf\"a\"\"b\",c"),
            [(1, vec!["a\"b".to_owned(), "c".to_owned()])]
        );
    }

    #[test]
    fn a_field_without_end_is_refused_early() {
        struct Endless(u64);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += buffer.len() as u64;
                buffer.fill(b'x');
                Ok(buffer.len())
            }
        }
        let mut records = Records::new(Endless(0)).expect("bytes can be read");
        assert!(matches!(
            records.next(),
            Err(Stop::TooLong { line: 1, field: 0 })
        ));
        assert!(records.input.get_ref().get_ref().1.0 < 2 * MAX_RECORD as u64);
        assert!(records.bytes.len() <= MAX_RECORD);
        let mut records = Records::new(io::repeat(b',')).expect("bytes can be read");
        assert!(matches!(records.next(), Err(Stop::TooWide { line: 1 })));
    }

    proptest! {
        #[test]
        fn records_are_those_of_the_csv_crate(
            text in proptest::collection::vec(
                prop_oneof![Just("a"), Just("é"), Just(","), Just("\""), Just("\n"), Just("\r")],
                0..60,
            )
        ) {
            let text = text.concat();
            let expected: Vec<Vec<String>> = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(text.as_bytes())
                .records()
                .map(|record| record.unwrap_or_default().iter().map(str::to_owned).collect())
                .collect();
            let found: Vec<_> = all(text.as_bytes()).into_iter().map(
                |(_, fields)| fields
            ).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
