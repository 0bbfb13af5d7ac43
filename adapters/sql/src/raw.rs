//! Statements that the program wrote itself.

use crate::renderer::Renderer;
use crate::target::Target;
use crate::types::postgres_type;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::RawStatement;
use peristyle_query::query::template::{Piece, pieces};
use std::fmt::Write;

impl Renderer<'_> {
    /// The text with a placeholder for each value, and the parameter at each.
    ///
    /// On Postgres a placeholder names its type, since the text is all that a prepared statement is known by.
    pub fn raw(&mut self, raw: &RawStatement) -> Result<(String, Vec<usize>), Error> {
        let mismatch = || {
            QueryError::new(format!(
                "the statement has {} values, and its text needs a `{{}}` for each (`{{{{` and `}}}}` are braces)",
                raw.values.len()
            ))
        };
        let mut values = raw.values.iter();
        let (mut sql, mut order) = (String::with_capacity(raw.template.len() + 8 * raw.values.len()), Vec::new());
        for piece in pieces(&raw.template).ok_or_else(mismatch)? {
            match piece {
                Piece::Text(text) => sql.push_str(text),
                Piece::Argument => {
                    let value = values.next().ok_or_else(mismatch)?;
                    let parameter = self.parameter();
                    order.push(parameter);
                    // Writing into a String cannot fail.
                    let _ = write!(sql, "{}{}", self.target.placeholder(), parameter + 1);
                    if self.target == Target::Postgres
                        && let Some(name) = postgres_type(value.data_type())
                    {
                        let _ = write!(sql, "::{name}");
                    }
                }
            }
        }
        if values.next().is_some() { Err(mismatch().into()) } else { Ok((sql, order)) }
    }
}
