//! DISTINCT.

use super::{Query, Scope};

impl<Sc: Scope, Out> Query<Sc, Out> {
    /// Leaves out rows that are equal to another in all selected columns.
    pub fn distinct(mut self) -> Self {
        self.select.distinct = true;
        self
    }
}
