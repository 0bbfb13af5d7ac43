//! ORDER BY.

use crate::builder::Pieces;
use crate::expression::Place;
use crate::position::output_position;
use crate::renderer::Renderer;
use peristyle_query::error::Error;
use peristyle_query::query::ast::{Nulls, OrderTerm, Select};
use sea_query::{Expr, Order, SelectStatement};

impl Renderer<'_> {
    /// Adds the terms of ORDER BY.
    pub fn order_by(&mut self, select: &Select, statement: &mut SelectStatement) -> Result<(), Error> {
        for term in &select.order_by {
            let position = output_position(self.target, select, &term.expression);
            // The direction is part of the term: the builder adds none.
            statement.order_by_expr(self.order_term(term, position)?, Order::Asc);
        }
        Ok(())
    }

    /// One term, as the position of the column that it repeats if that is given.
    pub fn order_term(&mut self, term: &OrderTerm, position: Option<usize>) -> Result<Expr, Error> {
        let OrderTerm { expression, descending, nulls } = term;
        let mut pieces = Pieces::default();
        match position {
            Some(position) => pieces.text(position.to_string().into()),
            None => pieces.part(self.expression(expression, Place::Order)?),
        }
        pieces.text(if *descending { " DESC" } else { " ASC" }.into());
        match nulls {
            None => {}
            Some(Nulls::First) => pieces.text(" NULLS FIRST".into()),
            Some(Nulls::Last) => pieces.text(" NULLS LAST".into()),
        }
        Ok(pieces.into_expr())
    }
}
