//! INSERT.

use crate::builder::slot;
use crate::expression::parameter;
use crate::prefix::table_to_write;
use crate::renderer::Renderer;
use crate::returning::returning;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::Insert;
use sea_query::{InsertStatement, TableRef};

impl Renderer<'_> {
    /// Renders an INSERT.
    pub fn insert(&mut self, insert: &Insert) -> Result<InsertStatement, Error> {
        let mut statement = InsertStatement::new();
        statement.into_table(TableRef::Table(table_to_write(insert.schema, self.prefix)?, None));
        if insert.values.is_empty() {
            statement.or_default_values();
        } else {
            statement.columns(insert.values.iter().map(|(field, _)| field.column));
            let mut values = Vec::with_capacity(insert.values.len());
            for (_, value) in &insert.values {
                values.push(parameter(self.target, slot(self.parameter()), value.data_type(), false));
            }
            statement.values(values).map_err(|error| QueryError::new(error.to_string()))?;
        }
        if let Some(columns) = returning(&insert.returning) {
            statement.returning(columns);
        }
        Ok(statement)
    }
}
