//! DELETE.

use crate::prefix::table_to_write;
use crate::renderer::Renderer;
use crate::returning::returning;
use peristyle_query::error::Error;
use peristyle_query::query::ast::Delete;
use sea_query::{DeleteStatement, TableRef};

impl Renderer<'_> {
    /// Renders a DELETE.
    pub fn delete(&mut self, delete: &Delete) -> Result<DeleteStatement, Error> {
        self.scopes.enter_table(delete.schema)?;
        let mut statement = DeleteStatement::new();
        let table = table_to_write(delete.schema, self.prefix)?;
        statement.from_table(TableRef::Table(table, Some(self.scopes.own(0)?.into())));
        if let Some(condition) = self.conjunction(&delete.filter)? {
            statement.cond_where(condition);
        }
        if let Some(columns) = returning(&delete.returning) {
            statement.returning(columns);
        }
        self.scopes.leave();
        Ok(statement)
    }
}
