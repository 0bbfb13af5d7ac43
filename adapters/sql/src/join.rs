//! FROM and JOIN.

use crate::expression::Place;
use crate::prefix::qualified;
use crate::renderer::Renderer;
use crate::unsupported;
use peristyle_query::error::Error;
use peristyle_query::query::ast::{Join, JoinKind, Select, Source};
use sea_query::{JoinType, SelectStatement, TableRef};

impl Renderer<'_> {
    /// Adds the root.
    pub fn from(&mut self, select: &Select, statement: &mut SelectStatement) -> Result<(), Error> {
        statement.from(self.source(&select.source, 0)?);
        Ok(())
    }

    /// Adds the further sources.
    pub fn joins(&mut self, select: &Select, statement: &mut SelectStatement) -> Result<(), Error> {
        for (position, Join { kind, source, on }) in select.joins.iter().enumerate() {
            let kind = match kind {
                JoinKind::Inner => JoinType::InnerJoin,
                JoinKind::Left => JoinType::LeftJoin,
            };
            let source = self.source(source, position + 1)?;
            let on = self.expression(on, Place::Condition)?;
            statement.join(kind, source, on);
        }
        Ok(())
    }

    /// A source at its position.
    pub fn source(&mut self, source: &Source, position: usize) -> Result<TableRef, Error> {
        let alias = self.scopes.own(position)?;
        match source {
            Source::Table { schema, prefix } => {
                let table = qualified(schema, prefix.as_deref(), self.prefix)?;
                Ok(TableRef::Table(table, Some(alias.into())))
            }
            Source::Subquery(select) => {
                self.scopes.set_visible(false);
                let query = self.select(select)?;
                self.scopes.set_visible(true);
                Ok(TableRef::SubQuery(Box::new(query), alias.into()))
            }
            _ => {
                let instead = "use crates of Peristyle of one version";
                Err(unsupported(self.target.name(), "rendering of this source", instead))
            }
        }
    }
}
