//! Conditions without an index, in key-value stores.

use super::{Query, Scope};

impl<Sc: Scope, Out> Query<Sc, Out> {
    /// Lets a key-value store read up to `limit` rows, once an index has narrowed them, to find those that its other conditions
    /// leave, or to sort them. More rows are an error, and so is a query of which no index answers any condition, so that none
    /// becomes slow in silence as its table grows.
    ///
    /// SQL stores need no such leave, and ignore it. `#[schema(allow_filtering = 1000)]` gives it to every query of a schema.
    ///
    /// ```
    /// # use peristyle_query::{query::Query, schema::Schema};
    /// # fn example<Session: Schema>() -> Query<Session> {
    /// Session::query().allow_filtering(1000)
    /// # }
    /// ```
    pub fn allow_filtering(mut self, limit: u64) -> Self {
        self.select_mut().allow_filtering = Some(limit);
        self
    }
}
