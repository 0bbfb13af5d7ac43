//! The error of reading row by row what one query could read.

use std::fmt;
use std::panic::Location;

/// A read that one line of the program sent once per row; what [`Guard`](crate::repo::Guard) finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NPlusOne {
    /// The schema or the source that was read.
    pub schema: &'static str,
    /// The field that was compared with another value each time, where the query is that plain.
    pub field: Option<&'static str>,
    /// How often it was asked for, this time included.
    pub count: u32,
    /// The SQL. It holds placeholders, never values.
    pub statement: Box<str>,
    /// The line of the program that made the calls.
    pub location: &'static Location<'static>,
    /// What to write instead.
    pub suggestion: String,
}

impl fmt::Display for NPlusOne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "N+1: {} reads of {}", self.count, self.schema)?;
        if let Some(field) = self.field {
            write!(f, " by `{field} = …`")?;
        }
        write!(f, " from this line, one per row: {}", self.suggestion)
    }
}
