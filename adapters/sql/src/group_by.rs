//! GROUP BY.

use crate::expression::Place;
use crate::position::output_position;
use crate::renderer::Renderer;
use peristyle_query::error::Error;
use peristyle_query::query::ast::Select;
use sea_query::{Expr, SelectStatement};

impl Renderer<'_> {
    /// Adds the terms of GROUP BY.
    pub fn group_by(&mut self, select: &Select, statement: &mut SelectStatement) -> Result<(), Error> {
        for term in &select.group_by {
            let term = match output_position(self.target, select, term) {
                Some(position) => Expr::Custom(position.to_string().into()),
                None => self.expression(term, Place::Key)?,
            };
            statement.add_group_by([term]);
        }
        Ok(())
    }
}
