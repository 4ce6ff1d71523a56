//! Why a filter does not answer.

use super::columns::ImageError;
use crate::error::GuestError;

/// Why a filter does not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// The query or change names something that there is not.
    #[error("there is no {what} {number}, only {limit}")]
    Invalid {
        /// What it names.
        what: &'static str,
        /// Its number.
        number: u32,
        /// How many there are.
        limit: usize,
    },
    /// The query has something more than once.
    #[error("the query has the {what} {number} more than once")]
    Twice {
        /// A facet or a column.
        what: &'static str,
        /// Its number.
        number: u16,
    },
    /// The groups that a query begins from are not in ascending order.
    #[error("the groups that the query begins from do not ascend")]
    Unsorted,
    /// An order is not a permutation of the groups.
    #[error("an order has each group once")]
    NotAnOrder,
    /// The columns do not fit together.
    #[error(transparent)]
    Columns(#[from] ImageError),
    /// The module could not be found, built or instantiated.
    #[error("the filter's module cannot be loaded")]
    Module(#[from] GuestError),
    /// The columns do not fit into the memory that the module may have.
    #[error("the columns need more than the {limit} bytes that the filter may have")]
    Memory {
        /// The limit in bytes.
        limit: usize,
    },
    /// The module refuses an image or a message.
    #[error("the filter's module refuses the {what} (code {code})")]
    Refused {
        /// What it was given.
        what: &'static str,
        /// The module's reason, a number of `components-go/edge/filter`.
        code: i32,
    },
    /// The module's answer cannot be read.
    #[error("the filter's module did not answer the query that it was asked")]
    Answer,
    /// The call took too long.
    #[error("the filter did not answer within its time")]
    Deadline,
    /// The call did not return.
    #[error("the filter's module trapped: {reason}")]
    Trapped {
        /// The message of the runtime, sanitised.
        reason: String,
    },
    /// The same query ended the module's instance before.
    #[error("this query made the filter fail before, and is not tried again")]
    FailedBefore,
    /// The instance failed a moment ago and is not made again yet.
    #[error("the filter failed and is made anew in a moment")]
    Restarting,
    /// The thread of the filter has ended.
    #[error("the filter was closed")]
    Closed,
}
