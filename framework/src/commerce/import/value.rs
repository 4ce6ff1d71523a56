//! Values of rows that are more than text: handles, words, amounts, numbers, addresses.

use super::error::Problem;
use super::row::{Column, Misfit, Row};
use crate::commerce::{Currency, money, text};

/// The handle of a row.
pub(super) fn handle(row: &Row<'_>) -> Result<String, Misfit> {
    let handle = row.raw(Column::Handle)?;
    if handle.is_empty() {
        return Err(row.misfit(Column::Handle, Problem::Missing));
    }
    let allowed = |letter: char| match letter {
        '-' | '_' | '.' | '~' => true,
        letter if letter.is_ascii() => letter.is_ascii_alphanumeric(),
        letter => !letter.is_control() && !letter.is_whitespace(),
    };
    if !handle.chars().all(allowed) || handle.bytes().all(|byte| byte == b'.') {
        let problem = Problem::BadHandle {
            value: excerpt(handle),
        };
        return Err(row.misfit(Column::Handle, problem));
    }
    Ok(handle.to_owned())
}

/// A word out of a few, in any case of letters.
pub(super) fn word(
    row: &Row<'_>,
    column: Column,
    words: &[(&str, bool)],
    known: &'static str,
) -> Result<bool, Misfit> {
    let value = row.raw(column)?;
    words
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(value))
        .map(|(_, meaning)| *meaning)
        .ok_or_else(|| {
            row.misfit(
                column,
                Problem::UnknownWord {
                    value: excerpt(value),
                    known,
                },
            )
        })
}

pub(super) fn amount(row: &Row<'_>, column: Column, currency: Currency) -> Result<i64, Misfit> {
    let value = row.raw(column)?;
    money::parse(value, currency).map_err(|error| {
        row.misfit(
            column,
            Problem::Money {
                value: excerpt(value),
                error,
            },
        )
    })
}

pub(super) fn integer(
    row: &Row<'_>,
    column: Column,
    min: i64,
    max: i64,
) -> Result<Option<i64>, Misfit> {
    let value = row.raw(column)?;
    if value.is_empty() {
        return Ok(None);
    }
    match value.parse() {
        Ok(number) if (min..=max).contains(&number) => Ok(Some(number)),
        _ => Err(row.misfit(
            column,
            Problem::NotANumber {
                value: excerpt(value),
                min,
                max,
            },
        )),
    }
}

/// The address of a picture: http(s), or a path on the shop itself.
pub(super) fn address(row: &Row<'_>, column: Column) -> Result<Option<String>, Misfit> {
    let value = row.raw(column)?;
    if value.is_empty() {
        return Ok(None);
    }
    let lower = value.get(..8).unwrap_or(value).to_ascii_lowercase();
    let host = ["https://", "http://"].into_iter().find_map(|scheme| {
        lower
            .starts_with(scheme)
            .then(|| value.get(scheme.len()..).unwrap_or_default())
    });
    let first = value.split(['/', '?', '#']).next().unwrap_or_default();
    let fits = match host {
        Some(host) => !host.is_empty() && !host.starts_with(['/', '?', '#']),
        None => !first.contains(':') && !value.starts_with("//"),
    };
    if !fits || value.contains(|letter: char| letter.is_control() || letter == '\\') {
        return Err(row.misfit(
            column,
            Problem::BadAddress {
                value: excerpt(value),
            },
        ));
    }
    Ok(Some(value.to_owned()))
}

/// The beginning of a value, fit for a message.
pub(super) fn excerpt(value: &str) -> String {
    let beginning = text::prefix(value, 40);
    let more = if beginning.len() < value.len() {
        "…"
    } else {
        ""
    };
    format!("{}{more}", beginning.escape_debug())
}
