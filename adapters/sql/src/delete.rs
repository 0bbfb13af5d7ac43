//! DELETE.

use crate::prefix::qualified;
use crate::renderer::Renderer;
use peristyle_query::error::Error;
use peristyle_query::query::ast::Delete;
use sea_query::{DeleteStatement, TableRef};

impl Renderer<'_> {
    /// Renders a DELETE.
    pub fn delete(&mut self, delete: &Delete) -> Result<DeleteStatement, Error> {
        let Delete { schema, prefix, filter, returning, allow_filtering: _ } = delete;
        self.scopes.enter_table(schema, std::iter::empty())?;
        let mut statement = DeleteStatement::new();
        let table = qualified(schema, prefix.as_deref(), self.prefix)?;
        statement.from_table(TableRef::Table(table, Some(self.scopes.own(0)?.into())));
        if let Some(condition) = self.conjunction(filter)? {
            statement.cond_where(condition);
        }
        if let Some(columns) = self.returning(returning, schema, false)? {
            statement.returning(columns);
        }
        self.scopes.leave();
        Ok(statement)
    }
}
