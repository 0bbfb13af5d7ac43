//! UPDATE.

use crate::expression::Place;
use crate::prefix::table_to_write;
use crate::renderer::Renderer;
use crate::returning::returning;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::Update;
use sea_query::{TableRef, UpdateStatement};

impl Renderer<'_> {
    /// Renders an UPDATE.
    pub fn update(&mut self, update: &Update) -> Result<UpdateStatement, Error> {
        if update.set.is_empty() {
            return Err(QueryError::new(format!("an update of {} sets no column", update.schema.name)).into());
        }
        self.scopes.enter_table(update.schema)?;
        let mut statement = UpdateStatement::new();
        let table = table_to_write(update.schema, self.prefix)?;
        statement.table(TableRef::Table(table, Some(self.scopes.own(0)?.into())));
        for (field, expression) in &update.set {
            let value = self.expression(expression, Place::Assignment)?;
            statement.value(field.column, value);
        }
        if let Some(condition) = self.conjunction(&update.filter)? {
            statement.cond_where(condition);
        }
        if let Some(columns) = returning(&update.returning) {
            statement.returning(columns);
        }
        self.scopes.leave();
        Ok(statement)
    }
}
