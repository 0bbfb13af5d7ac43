//! Rendering one operation after the other.

use super::{DdlError, Rendered, render};
use crate::catalog::{Catalog, EnumType};
use crate::operation::Operation;
use peristyle_query::statement::Dialect;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Renders the operations of one run after the other, and remembers what SQLite's tables cannot tell: enum types.
#[derive(Debug)]
pub struct Renderer {
    dialect: Dialect,
    enums: Mutex<Vec<EnumType>>,
}

impl Renderer {
    /// A renderer that has seen no operation.
    pub fn new(dialect: Dialect) -> Self {
        Renderer { dialect, enums: Mutex::default() }
    }

    /// Renders an operation; `before` is what the database holds when the statements run.
    ///
    /// # Errors
    ///
    /// As [`render`].
    pub fn render(&self, operation: &Operation, before: &Catalog) -> Result<Rendered, DdlError> {
        if self.dialect != Dialect::Sqlite {
            return render(operation, self.dialect, before);
        }
        let mut enums = self.enums();
        let mut with_enums = before.clone();
        with_enums.enums.extend(enums.iter().cloned());
        let rendered = render(operation, self.dialect, &with_enums)?;
        match operation {
            Operation::CreateEnum(each) => {
                // It is seen again when its migration is tried again.
                enums.retain(|known| known.name != each.name);
                enums.push(each.clone());
            }
            Operation::DropEnum { .. }
            | Operation::AddEnumValue { .. }
            | Operation::RenameEnumValue { .. }
            | Operation::RenameEnum { .. } => {
                let mut known = Catalog { enums: std::mem::take(&mut *enums), ..Catalog::default() };
                super::apply(operation, &mut known)?;
                *enums = known.enums;
            }
            _ => {}
        }
        Ok(rendered)
    }

    fn enums(&self) -> MutexGuard<'_, Vec<EnumType>> {
        self.enums.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
