//! INSERT.

use crate::builder::{Pieces, slot};
use crate::expression::{Place, parameter};
use crate::prefix::qualified;
use crate::renderer::Renderer;
use crate::returning::names_its_table;
use crate::target::Target;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::{ConflictAction, Expression, Insert, InsertSource, Select, Step};
use peristyle_query::schema::FieldMeta;
use peristyle_query::value::{DataType, Value};
use sea_query::{Expr, InsertStatement, SelectStatement, TableRef};

/// How rows of values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowsForm {
    /// As a row of defaults.
    Defaults,
    /// With one placeholder for each column, for one row or for one row after the other.
    One,
    /// With one array for each column.
    Arrays,
    /// With a placeholder for each value of so many rows.
    Many(usize),
}

impl RowsForm {
    /// The form of so many rows.
    pub fn of(target: Target, columns: &[&'static FieldMeta], count: usize) -> Self {
        // Postgres unnests an array of arrays down to the items of the inner ones.
        let nested = || columns.iter().any(|field| matches!(field.data_type, DataType::Array(_)));
        match target {
            _ if columns.is_empty() => RowsForm::Defaults,
            Target::Postgres if count > 1 && nested() => RowsForm::Many(count),
            Target::Postgres if count > 1 => RowsForm::Arrays,
            _ => RowsForm::One,
        }
    }
}

impl Renderer<'_> {
    /// Renders an INSERT.
    pub fn insert(&mut self, insert: &Insert) -> Result<InsertStatement, Error> {
        let Insert { schema, columns, source, on_conflict, returning } = insert;
        let mut statement = InsertStatement::new();
        let table = qualified(schema, None, self.prefix)?;
        match source {
            InsertSource::Rows { count, values } => self.rows(columns, *count, values, &mut statement)?,
            InsertSource::Expressions(rows) => {
                statement.columns(columns.iter().map(|field| field.column));
                for row in rows {
                    let mut rendered = Vec::with_capacity(row.len());
                    for expression in row {
                        rendered.push(self.expression(expression, Place::Assignment)?);
                    }
                    self.add_row(&mut statement, rendered)?;
                }
            }
            InsertSource::Query(select) => {
                statement.columns(columns.iter().map(|field| field.column));
                let query = if on_conflict.is_some() { self.select(&apart(select))? } else { self.select(select)? };
                statement.select_from(query).map_err(|error| QueryError::new(error.to_string()))?;
            }
        }
        self.scopes.enter_insert(schema)?;
        let updates = on_conflict.as_ref().is_some_and(|conflict| conflict.action != ConflictAction::Ignore);
        let alias = if updates || names_its_table(returning) { Some(self.scopes.own(0)?.into()) } else { None };
        statement.into_table(TableRef::Table(table, alias));
        if let Some(conflict) = on_conflict {
            let conflict = self.on_conflict(conflict, schema)?;
            statement.on_conflict(conflict);
        }
        if let Some(columns) = self.returning(returning, schema, false)? {
            statement.returning(columns);
        }
        self.scopes.leave();
        Ok(statement)
    }

    fn rows(
        &mut self,
        columns: &[&'static FieldMeta],
        count: usize,
        values: &[Value],
        statement: &mut InsertStatement,
    ) -> Result<(), Error> {
        let form = RowsForm::of(self.target, columns, count);
        if form != RowsForm::Defaults {
            statement.columns(columns.iter().map(|field| field.column));
        }
        match form {
            RowsForm::Defaults => {
                statement.or_default_values();
            }
            RowsForm::One | RowsForm::Many(_) => {
                let count = if form == RowsForm::One { 1 } else { count };
                for row in values.chunks(columns.len()).take(count) {
                    let row = row.iter().map(|value| self.bound(value.data_type())).collect();
                    self.add_row(statement, row)?;
                }
            }
            RowsForm::Arrays => {
                let mut arrays = SelectStatement::new();
                for field in columns {
                    let mut pieces = Pieces::default();
                    pieces.text("unnest(".into());
                    let array = DataType::Array(&field.data_type);
                    pieces.part(parameter(self.target, slot(self.parameter()), array, true));
                    pieces.text(")".into());
                    arrays.expr(pieces.into_expr());
                }
                statement.select_from(arrays).map_err(|error| QueryError::new(error.to_string()))?;
            }
        }
        Ok(())
    }

    fn bound(&mut self, data_type: DataType) -> Expr {
        parameter(self.target, slot(self.parameter()), data_type, false)
    }

    fn add_row(&self, statement: &mut InsertStatement, row: Vec<Expr>) -> Result<(), Error> {
        statement.values(row).map_err(|error| QueryError::new(error.to_string()))?;
        Ok(())
    }
}

/// The query with a condition, without which SQLite would take ON CONFLICT for that of a join.
fn apart(select: &Select) -> Select {
    let mut select = select.clone();
    if select.filter.is_empty() {
        select.filter.push(Expression::from([Step::All(0)]));
    }
    select
}
