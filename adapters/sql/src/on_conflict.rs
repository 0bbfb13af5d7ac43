//! ON CONFLICT: what happens to a row that is there already.

use crate::expression::Place;
use crate::renderer::Renderer;
use crate::target::Target;
use crate::unsupported;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::{ConflictAction, ConflictTarget, Expression, OnConflict, Step};
use peristyle_query::schema::SchemaMeta;
use sea_query::{Expr, OnConflict as Clause};

impl Renderer<'_> {
    /// Renders ON CONFLICT. The innermost query has the table as source 0 and `excluded` as source 1.
    pub fn on_conflict(&mut self, conflict: &OnConflict, schema: &SchemaMeta) -> Result<Clause, Error> {
        let mut clause = match &conflict.target {
            None => Clause::new(),
            Some(ConflictTarget::Index { columns, filter }) => self.index(columns, filter)?,
            Some(ConflictTarget::Constraint(name)) => self.constraint(name, schema)?,
        };
        match &conflict.action {
            ConflictAction::Ignore => {
                clause.do_nothing();
            }
            ConflictAction::Update { .. } if conflict.target.is_none() && self.target == Target::Postgres => {
                return Err(QueryError::new(format!(
                    "on_conflict of {}: postgres updates a row only if it knows what must be unique: add \
                     .target(|u| u.column), or .target_constraint(\"name\")",
                    schema.name
                ))
                .into());
            }
            ConflictAction::Update { set, filter } => {
                for (field, expression) in set {
                    clause.value(field.column, self.expression(expression, Place::Assignment)?);
                }
                if let Some(condition) = self.conjunction(filter)? {
                    clause.action_and_where(condition);
                }
            }
        }
        Ok(clause)
    }

    /// The columns of a unique index, which carry no alias.
    fn index(&mut self, columns: &[Expression], filter: &[Expression]) -> Result<Clause, Error> {
        let alias = self.scopes.rename(0, "");
        let mut clause = Clause::new();
        for column in columns {
            let expression = self.expression(column, Place::Condition)?;
            // Pieces are written in parentheses of their own, a column without.
            match column.as_slice() {
                [Step::Column(_, field)] => clause.expr(Expr::col(field.column)),
                _ => clause.expr(expression),
            };
        }
        if let Some(condition) = self.conjunction(filter)? {
            clause.target_and_where(condition);
        }
        self.scopes.rename(0, &alias);
        Ok(clause)
    }

    /// A constraint by its name, for which SQLite needs the columns.
    fn constraint(&self, name: &str, schema: &SchemaMeta) -> Result<Clause, Error> {
        if self.target == Target::Postgres {
            return Ok(Clause::constraint(name));
        }
        if let Some(columns) = schema.constraint_columns(name) {
            return Ok(Clause::columns(columns.into_iter().map(|field| field.column)));
        }
        let feature =
            format!("ON CONFLICT with the name of a constraint that {} does not declare, {name:?}", schema.name);
        Err(unsupported(self.target.name(), feature, "name the columns with .target(|u| u.column)"))
    }
}
