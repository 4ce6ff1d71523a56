//! Metafields of a product or a variant after a file.

use super::cell::Cell;
use super::error::{CellError, Problem};
use super::named_columns::MetafieldColumn;
use crate::metafield::MAX_METAFIELDS;
use crate::text::excerpt;
use crate::{Metafield, MetafieldName, Metafields};

/// What there are after a file. A column that does not say its type leaves
/// it as it is; of a new one it is text.
pub(super) fn merge(
    cells: &[Cell<String>],
    columns: &[MetafieldColumn],
    known: Option<&Metafields>,
    cell_error: impl Fn(usize, Problem) -> CellError,
) -> Result<Metafields, CellError> {
    let mut after = known.cloned().unwrap_or_default();
    for (column, cell) in columns.iter().zip(cells) {
        let value = match cell {
            Cell::Absent => continue,
            Cell::Empty => {
                after.remove(&column.name);
                continue;
            }
            Cell::Value(value) => value,
        };
        let MetafieldName { namespace, key } = &column.name;
        let field = match (&column.type_name, after.get(namespace, key)) {
            (Some(type_name), _) => Metafield::new(type_name, value),
            (None, Some(known)) => match known.is_text() {
                true => Metafield::text(value),
                false => Metafield::new(known.type_name(), value),
            },
            (None, None) => Metafield::text(value),
        };
        let field = field.map_err(|error| {
            let value = excerpt(value);
            cell_error(column.place, Problem::Metafield { value, error })
        })?;
        if !after.insert(column.name.clone(), field) {
            let problem = Problem::TooMany {
                what: "metafields",
                limit: MAX_METAFIELDS,
            };
            return Err(cell_error(column.place, problem));
        }
    }
    Ok(after)
}
