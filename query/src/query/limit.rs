//! LIMIT and OFFSET.

use super::{Query, Scope};

impl<Sc: Scope, Out> Query<Sc, Out> {
    /// Gives at most `count` rows; a later call wins.
    pub fn limit(mut self, count: u64) -> Self {
        self.select.limit = Some(count);
        self
    }

    /// Passes over the first `count` rows; a later call wins.
    pub fn offset(mut self, count: u64) -> Self {
        self.select.offset = Some(count);
        self
    }
}
