//! WHERE and HAVING: several conditions are joined by AND.

use crate::expression::Place;
use crate::renderer::Renderer;
use peristyle_query::error::Error;
use peristyle_query::query::ast::{Expression, Step};
use sea_query::Expr;

impl Renderer<'_> {
    /// The condition that all of `conditions` hold, or `None` if there are none.
    pub fn conjunction(&mut self, conditions: &[Expression]) -> Result<Option<Expr>, Error> {
        if conditions.is_empty() {
            return Ok(None);
        }
        let all = Step::All(conditions.len());
        self.steps(conditions.iter().flatten().chain([&all]), Place::Condition).map(Some)
    }
}
