//! What a file says in one column of a product or variant.

use serde::{Deserialize, Serialize};

/// A column that the file does not have leaves things as they are; one without a value empties
/// them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Cell<T> {
    /// The file does not have the column.
    #[default]
    Absent,
    /// The file has the column, without a value here.
    Empty,
    /// A value.
    Value(T),
}

impl<T> Cell<T> {
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Cell<U> {
        match self {
            Self::Absent => Cell::Absent,
            Self::Empty => Cell::Empty,
            Self::Value(value) => Cell::Value(change(value)),
        }
    }

    pub(super) fn try_map<U, E>(
        self,
        change: impl FnOnce(T) -> Result<U, E>,
    ) -> Result<Cell<U>, E> {
        Ok(match self {
            Self::Absent => Cell::Absent,
            Self::Empty => Cell::Empty,
            Self::Value(value) => Cell::Value(change(value)?),
        })
    }

    pub(super) fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Empty => None,
        }
    }

    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// What there is afterwards: `kept` without the column, nothing without a value.
    pub(super) fn or(self, kept: Option<T>) -> Option<T> {
        self.map(Some).resolve(kept, None)
    }

    /// What there is afterwards: `kept` without the column, `empty` without a value.
    pub(super) fn resolve(self, kept: T, empty: T) -> T {
        match self {
            Self::Absent => kept,
            Self::Empty => empty,
            Self::Value(value) => value,
        }
    }
}

impl<T: PartialEq> Cell<T> {
    /// Takes what a further row says of the same thing: nothing, the same, or what was not said so
    /// far. False when it says something else.
    pub(super) fn take(&mut self, further: Self) -> bool {
        match (&*self, &further) {
            (Self::Value(first), Self::Value(second)) => first == second,
            (Self::Absent | Self::Empty, Self::Empty | Self::Value(_)) => {
                *self = further;
                true
            }
            (_, Self::Absent) | (Self::Value(_), Self::Empty) => true,
        }
    }
}
