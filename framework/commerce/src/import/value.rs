//! Values of rows that are more than text: handles, words, amounts, numbers, addresses.

use std::borrow::Cow;

use super::cell::Cell;
use super::column::{Column, LINE};
use super::error::{CellError, Problem};
use super::notes::{Note, Notes};
use super::row::Row;
use crate::text::excerpt;
use crate::{Currency, text};
use protium_types::money;

/// Characters of an address.
const ADDRESS: usize = 2_048;
/// Most pictures of a product.
pub(super) const MAX_IMAGES: usize = 250;

/// The handle of a row, in lower case: addresses are written in one way. What cannot stand in an
/// address becomes a dash, which is said.
pub(super) fn handle(row: &Row<'_>, notes: &mut Notes) -> Result<String, CellError> {
    let Cell::Value(handle) = row.cell(Column::Handle)? else {
        return Err(row.cell_error(Column::Handle, Problem::Missing));
    };
    let allowed = |letter: char| match letter {
        '-' | '_' | '.' | '~' => true,
        letter if letter.is_ascii() => letter.is_ascii_alphanumeric(),
        letter => !letter.is_control() && !letter.is_whitespace(),
    };
    if handle.chars().all(allowed) && !handle.bytes().all(|byte| byte == b'.') {
        return Ok(handle.to_lowercase());
    }
    let made = text::slug(handle);
    if made.is_empty() {
        let value = excerpt(handle);
        return Err(row.cell_error(Column::Handle, Problem::BadHandle { value }));
    }
    notes.add(Note::HandleMade, row.line());
    Ok(made)
}

/// Whether an option's value says that there is nothing to choose.
pub(super) fn is_default(value: &str) -> bool {
    value.eq_ignore_ascii_case("Default Title")
}

/// A word out of a few, in any case of letters.
pub(super) fn word<T: Copy>(
    row: &Row<'_>,
    column: Column,
    words: &[(&str, T)],
    known: &'static str,
) -> Result<Cell<T>, CellError> {
    row.cell(column)?.try_map(|value| {
        words
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(value))
            .map(|(_, meaning)| *meaning)
            .ok_or_else(|| {
                let value = excerpt(value);
                row.cell_error(column, Problem::UnknownWord { value, known })
            })
    })
}

/// The amount in the column at a place, where the file has that.
pub(super) fn amount(
    row: &Row<'_>,
    place: Option<usize>,
    currency: Currency,
) -> Result<Cell<i64>, CellError> {
    let Some(place) = place else {
        return Ok(Cell::Absent);
    };
    row.cell_at(place, LINE)?.try_map(|value| {
        money::parse(value, currency).map_err(|error| {
            let value = excerpt(value);
            row.cell_error_at(place, Problem::Money { value, error })
        })
    })
}

/// The whole number in the column at a place, where the file has that. Spreadsheets write some with
/// decimals: `3.0`.
pub(super) fn integer(
    row: &Row<'_>,
    place: Option<usize>,
    min: i64,
    max: i64,
) -> Result<Cell<i64>, CellError> {
    let Some(place) = place else {
        return Ok(Cell::Absent);
    };
    row.cell_at(place, LINE)?.try_map(|value| {
        let whole = match value.split_once('.') {
            Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => {
                whole
            }
            _ => value,
        };
        match whole.parse() {
            Ok(number) if (min..=max).contains(&number) => Ok(number),
            _ => {
                let value = excerpt(value);
                Err(row.cell_error_at(place, Problem::NotANumber { value, min, max }))
            }
        }
    })
}

/// A SKU. A line feed in it becomes a space, which is said.
pub(super) fn sku(row: &Row<'_>, notes: &mut Notes) -> Result<Cell<String>, CellError> {
    let cell = row.cell(Column::Sku)?;
    if cell.value().is_some_and(|sku| sku.contains(['\n', '\r'])) {
        notes.add(Note::SkuLines, row.line());
    }
    Ok(cell.map(|sku| text::one_line(unquoted(sku))))
}

/// A barcode. One that a spreadsheet took for a large number has lost digits, which is said.
pub(super) fn barcode(row: &Row<'_>, notes: &mut Notes) -> Result<Cell<String>, CellError> {
    let cell = row.cell(Column::Barcode)?;
    let is_float = |code: &&str| {
        code.contains(['E', 'e']) && code.contains('+') && code.parse::<f64>().is_ok()
    };
    if cell.value().is_some_and(is_float) {
        notes.add(Note::BarcodeDigits, row.line());
    }
    Ok(cell.map(|code| text::one_line(unquoted(code))))
}

/// Shopify's exports put a `'` before numbers, so that spreadsheets take them as text.
fn unquoted(value: &str) -> &str {
    match value.strip_prefix('\'') {
        Some(number) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => {
            number
        }
        _ => value,
    }
}

/// Addresses of pictures: https, or a path on the shop itself. A cell may have several; `http:`
/// becomes `https:`, which is said, since pages load no pictures without it.
pub(super) fn addresses(
    row: &Row<'_>,
    column: Column,
    notes: &mut Notes,
) -> Result<Cell<Vec<String>>, CellError> {
    row.cell(column)?.try_map(|value| {
        let mut found: Vec<String> = Vec::new();
        for address in split_addresses(value) {
            if address.chars().nth(ADDRESS).is_some() {
                return Err(row.cell_error(column, Problem::TooLong { limit: ADDRESS }));
            }
            let Some(address) = picture(address) else {
                let value = excerpt(address);
                return Err(row.cell_error(column, Problem::BadAddress { value }));
            };
            if matches!(address, Cow::Owned(_)) {
                notes.add(Note::PictureByHttp, row.line());
            }
            if found.len() >= MAX_IMAGES {
                return Err(row.too_many(column, "pictures", MAX_IMAGES));
            }
            if !found.iter().any(|known| *known == address) {
                found.push(address.into_owned());
            }
        }
        Ok(found)
    })
}

/// The address of a picture as pages can use it; owned where it had to change.
fn picture(value: &str) -> Option<Cow<'_, str>> {
    if value.contains(|letter: char| letter.is_control() || letter == '\\') {
        return None;
    }
    let after = |scheme: &str| {
        let start = value.get(..scheme.len())?;
        start
            .eq_ignore_ascii_case(scheme)
            .then(|| value.get(scheme.len()..))?
    };
    let is_host = |rest: &str| !rest.is_empty() && !rest.starts_with(['/', '?', '#']);
    if let Some(rest) = after("https://") {
        return is_host(rest).then_some(Cow::Borrowed(value));
    }
    if let Some(rest) = after("http://").or_else(|| after("//")) {
        return is_host(rest).then(|| Cow::Owned(format!("https://{rest}")));
    }
    let first = value.split(['/', '?', '#']).next().unwrap_or_default();
    (!first.contains(':')).then_some(Cow::Borrowed(value))
}

/// Splits a cell where a separator stands before something that can only be the beginning of a
/// further address: commas and spaces also occur within addresses.
fn split_addresses(cell: &str) -> impl Iterator<Item = &str> {
    const SEPARATORS: [char; 3] = [',', ';', '|'];
    let is_separator = |letter: char| SEPARATORS.contains(&letter) || letter.is_whitespace();
    let mut starts = vec![0];
    let mut run: Option<usize> = None;
    for (at, letter) in cell.char_indices() {
        if is_separator(letter) {
            run.get_or_insert(at);
            continue;
        }
        let (Some(from), rest) = (run.take(), cell.get(at..).unwrap_or_default()) else {
            continue;
        };
        let between = cell.get(from..at).unwrap_or_default();
        let begins = |scheme: &str| {
            rest.get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        };
        let is_strong = between.contains([';', '|', '\n', '\r'])
            || (between.contains(',') && between.contains(char::is_whitespace));
        if begins("https://") || begins("http://") || (is_strong && rest.starts_with('/')) {
            starts.push(at);
        }
    }
    let ends: Vec<usize> = starts.iter().copied().skip(1).chain([cell.len()]).collect();
    starts
        .into_iter()
        .zip(ends)
        .filter_map(move |(start, end)| {
            let address = cell.get(start..end)?.trim_matches(is_separator);
            (!address.is_empty()).then_some(address)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_addresses_in_one_cell_are_told_apart() {
        let split = |cell: &'static str| split_addresses(cell).collect::<Vec<_>>();
        assert_eq!(
            split("https://a.example/1.jpg, https://a.example/2.jpg;http://a.example/3.jpg"),
            [
                "https://a.example/1.jpg",
                "https://a.example/2.jpg",
                "http://a.example/3.jpg"
            ]
        );
        assert_eq!(
            split("https://a.example/1.jpg\nhttps://a.example/2.jpg |\n"),
            ["https://a.example/1.jpg", "https://a.example/2.jpg"]
        );
        assert_eq!(split("/a.png; /b.png"), ["/a.png", "/b.png"]);
        for one in [
            "https://res.example/w_100,h_200/a.jpg",
            "https://a.example/b c.png",
            "https://web.example/2020/https://b.example/c.png",
            "/a, b.png",
        ] {
            assert_eq!(split(one), [one]);
        }
        assert!(split(" , ;").is_empty());
    }

    #[test]
    fn pictures_are_loaded_by_https() {
        assert_eq!(
            picture("HTTP://a.example/b.png").as_deref(),
            Some("https://a.example/b.png")
        );
        assert_eq!(
            picture("//a.example/b.png").as_deref(),
            Some("https://a.example/b.png")
        );
        for bad in [
            "javascript:x",
            "data:image/png;x",
            "https:///a",
            "http://",
            "a\\b",
        ] {
            assert_eq!(picture(bad), None, "{bad}");
        }
    }
}
