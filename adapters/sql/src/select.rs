//! SELECT, and its list of columns.

use crate::expression::Place;
use crate::position::output_position;
use crate::renderer::Renderer;
use crate::target::Target;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::{Binding, Expression, OutputColumn, Select, Step};
use peristyle_query::schema::FieldMeta;
use peristyle_query::value::DataType;
use sea_query::{Expr, SelectStatement};

impl Renderer<'_> {
    /// Renders a query.
    pub fn select(&mut self, select: &Select) -> Result<SelectStatement, Error> {
        if select.columns.is_empty() {
            return Err(QueryError::new("the query selects no column: name some with .select(..)").into());
        }
        self.query(select, false)
    }

    /// Renders a query that is only asked whether it gives a row.
    pub fn existence(&mut self, select: &Select) -> Result<SelectStatement, Error> {
        self.query(select, true)
    }

    fn query(&mut self, select: &Select, only_exists: bool) -> Result<SelectStatement, Error> {
        self.scopes.enter(select)?;
        let mut statement = SelectStatement::new();
        self.columns(select, only_exists, &mut statement)?;
        self.from(select, &mut statement)?;
        self.joins(select, &mut statement)?;
        if let Some(condition) = self.conjunction(&select.filter)? {
            statement.cond_where(condition);
        }
        self.group_by(select, &mut statement)?;
        if let Some(condition) = self.conjunction(&select.having)? {
            statement.cond_having(condition);
        }
        self.order_by(select, &mut statement)?;
        self.limit(select, &mut statement);
        self.lock(select, &mut statement);
        self.scopes.leave();
        Ok(statement)
    }

    /// Adds the columns of the result.
    pub fn columns(
        &mut self,
        select: &Select,
        only_exists: bool,
        statement: &mut SelectStatement,
    ) -> Result<(), Error> {
        if select.distinct {
            statement.distinct();
        }
        let mut columns = SelectStatement::new();
        let written = if only_exists && rows_do_not_depend_on_columns(self.target, select) {
            statement.expr(Expr::Custom("1".into()));
            &mut columns
        } else {
            statement
        };
        for column in &select.columns {
            match column {
                OutputColumn::Expression { expression, alias } => {
                    let place = if select.distinct { Place::DistinctColumn } else { Place::Column };
                    let rendered = self.expression(expression, place)?;
                    match alias {
                        Some(alias) if column_name(expression) != Some(*alias) => written.expr_as(rendered, *alias),
                        _ => written.expr(rendered),
                    };
                }
                OutputColumn::Row(binding, schema) => {
                    for field in schema.loaded_fields() {
                        written.expr(self.row_column(*binding, field, select.distinct)?);
                    }
                }
            }
        }
        Ok(())
    }

    /// One column of a whole row.
    fn row_column(&mut self, binding: Binding, field: &'static FieldMeta, distinct: bool) -> Result<Expr, Error> {
        if distinct && self.target == Target::Sqlite && field.data_type == DataType::Decimal {
            return self.expression(&vec![Step::Column(binding, field)], Place::DistinctColumn);
        }
        Ok(Expr::col((self.scopes.resolve(binding, field.column)?, field.column)))
    }
}

/// Whether EXISTS may list any columns: not under DISTINCT, not if an aggregate makes one row of none, and not if a group
/// is named by the position of its column.
fn rows_do_not_depend_on_columns(target: Target, select: &Select) -> bool {
    let plain = |column: &OutputColumn| match column {
        OutputColumn::Expression { expression, .. } => {
            !expression.iter().any(|step| matches!(step, Step::Aggregate { .. } | Step::Fragment(..)))
        }
        OutputColumn::Row(..) => true,
    };
    let positional = |term: &Expression| output_position(target, select, term).is_some();
    select.columns.is_empty()
        || (!select.distinct && select.columns.iter().all(plain) && !select.group_by.iter().any(positional))
}

/// The name that a result's column has without an alias.
pub(crate) fn column_name(expression: &Expression) -> Option<&'static str> {
    match expression.as_slice() {
        [Step::Column(_, field)] => Some(field.column),
        _ => None,
    }
}
