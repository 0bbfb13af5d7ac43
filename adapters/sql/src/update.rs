//! UPDATE.

use crate::builder::{Pieces, raw_table};
use crate::expression::Place;
use crate::prefix::qualified;
use crate::renderer::Renderer;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::{Expression, Join, JoinKind, Update};
use sea_query::{TableRef, UpdateStatement};

impl Renderer<'_> {
    /// Renders an UPDATE.
    pub fn update(&mut self, update: &Update) -> Result<UpdateStatement, Error> {
        let Update { schema, prefix, set, from, filter, returning, allow_filtering: _ } = update;
        if set.is_empty() {
            return Err(QueryError::new(format!("an update of {} sets no column", schema.name)).into());
        }
        self.scopes.enter_table(schema, from.iter().map(|join| &join.source))?;
        let mut statement = UpdateStatement::new();
        let table = qualified(schema, prefix.as_deref(), self.prefix)?;
        statement.table(TableRef::Table(table, Some(self.scopes.own(0)?.into())));
        for (field, expression) in set {
            let value = self.expression(expression, Place::Assignment)?;
            statement.value(field.column, value);
        }
        self.further_tables(from, &mut statement)?;
        let own = from.iter().enumerate().filter(|(index, _)| is_condition(from, *index)).map(|(_, join)| &join.on);
        let conditions: Vec<Expression> = own.chain(filter).cloned().collect();
        if let Some(condition) = self.conjunction(&conditions)? {
            statement.cond_where(condition);
        }
        if let Some(columns) = self.returning(returning, schema, !from.is_empty())? {
            statement.returning(columns);
        }
        self.scopes.leave();
        Ok(statement)
    }

    /// Adds FROM. Inner joins stand side by side and their conditions after WHERE, since only there they may be over the
    /// table that is updated; with a left join among them, the others are joined to the first.
    fn further_tables(&mut self, from: &[Join], statement: &mut UpdateStatement) -> Result<(), Error> {
        for (index, Join { kind, source, on }) in from.iter().enumerate() {
            let source = self.source(source, index + 1)?;
            if is_condition(from, index) {
                statement.from(source);
                continue;
            }
            let on = self.expression(on, Place::Condition)?;
            let (mut join, mut condition) = (Pieces::default(), Pieces::default());
            let words = match kind {
                JoinKind::Inner => " INNER JOIN ",
                JoinKind::Left => " LEFT JOIN ",
            };
            join.text(words.into());
            condition.text(" ON ".into());
            condition.part(on);
            statement.from(raw_table(join.into_expr())).from(source).from(raw_table(condition.into_expr()));
        }
        Ok(())
    }
}

/// Whether the condition of a further table stands after WHERE.
pub(crate) fn is_condition(from: &[Join], index: usize) -> bool {
    index == 0 || from.iter().all(|join| join.kind == JoinKind::Inner)
}
