//! Rendering one operation after the other.

use super::{DdlError, Rendered, render};
use crate::catalog::{Catalog, EnumType};
use crate::operation::Operation;
use peristyle_query::statement::Dialect;

/// Renders the operations of one run after the other, and remembers what SQLite's tables cannot tell: enum types.
#[derive(Clone, Debug)]
pub struct Renderer {
    dialect: Dialect,
    enums: Vec<EnumType>,
}

impl Renderer {
    /// A renderer that has seen no operation.
    pub fn new(dialect: Dialect) -> Self {
        Renderer { dialect, enums: Vec::new() }
    }

    /// Renders an operation; `before` is what the database holds when the statements run.
    ///
    /// # Errors
    ///
    /// As [`render`].
    pub fn render(&mut self, operation: &Operation, before: &Catalog) -> Result<Rendered, DdlError> {
        if self.dialect != Dialect::Sqlite {
            return render(operation, self.dialect, before);
        }
        let mut with_enums = before.clone();
        with_enums.enums.extend(self.enums.iter().cloned());
        let rendered = render(operation, self.dialect, &with_enums)?;
        match operation {
            Operation::CreateEnum(_)
            | Operation::DropEnum { .. }
            | Operation::AddEnumValue { .. }
            | Operation::RenameEnumValue { .. }
            | Operation::RenameEnum { .. } => {
                let mut known = Catalog { enums: std::mem::take(&mut self.enums), ..Catalog::default() };
                super::apply(operation, &mut known)?;
                self.enums = known.enums;
            }
            _ => {}
        }
        Ok(rendered)
    }
}
