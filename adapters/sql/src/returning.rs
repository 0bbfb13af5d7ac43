//! RETURNING: what a write gives back of its rows.

use crate::expression::Place;
use crate::renderer::Renderer;
use crate::target::Target;
use peristyle_query::error::Error;
use peristyle_query::query::ast::{Binding, OutputColumn, Step};
use peristyle_query::schema::{FieldMeta, SchemaMeta};
use sea_query::{Expr, Returning, ReturningClause};

impl Renderer<'_> {
    /// The columns that are read back of the rows of `schema`, source 0 of the innermost query, if there are any.
    ///
    /// A column carries no alias where only the target table can be meant: not `among` others, or on SQLite, which knows
    /// the table here by its own name alone.
    pub fn returning(
        &mut self,
        columns: &[OutputColumn],
        schema: &SchemaMeta,
        among: bool,
    ) -> Result<Option<ReturningClause>, Error> {
        if self.target == Target::Sqlite {
            self.scopes.rename(0, schema.table);
        }
        let mut rendered = Vec::with_capacity(columns.len());
        for column in columns {
            match column {
                OutputColumn::Row(binding, schema) => {
                    for field in schema.loaded_fields() {
                        rendered.push(self.own_column(*binding, field, among)?);
                    }
                }
                OutputColumn::Expression { expression, .. } => rendered.push(match expression.as_slice() {
                    [Step::Column(binding, field)] => self.own_column(*binding, field, among)?,
                    _ => self.expression(expression, Place::Column)?,
                }),
            }
        }
        Ok((!rendered.is_empty()).then(|| Returning::new().exprs(rendered)))
    }

    fn own_column(&self, binding: Binding, field: &FieldMeta, among: bool) -> Result<Expr, Error> {
        if binding == Binding::of(0, 0) && (!among || self.target == Target::Sqlite) {
            return Ok(Expr::col(field.column));
        }
        Ok(Expr::col((self.scopes.resolve(binding, field.column)?, field.column)))
    }
}

/// Whether something is read back that must name the table.
pub(crate) fn names_its_table(columns: &[OutputColumn]) -> bool {
    columns.iter().any(|column| match column {
        OutputColumn::Row(..) => false,
        OutputColumn::Expression { expression, .. } => !matches!(expression.as_slice(), [Step::Column(..)]),
    })
}
