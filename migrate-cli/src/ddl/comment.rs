//! Comments, which Postgres alone has.

use super::{Context, literal};
use crate::catalog::ObjectName;
use crate::operation::Commented;
use peristyle_sql::quoted;

impl Context<'_> {
    /// The statement that writes a comment, if the dialect has one.
    pub(super) fn comment(self, on: &Commented, text: Option<&str>) -> Result<Option<String>, String> {
        if self.sqlite() {
            return Ok(None);
        }
        let object = match on {
            Commented::Table(name) => format!("TABLE {}", name.quoted()),
            Commented::Column(table, column) => format!("COLUMN {}.{}", table.quoted(), quoted(column)),
            Commented::Index(name) => format!("INDEX {}", name.quoted()),
            Commented::Constraint(table, name) => format!("CONSTRAINT {} ON {}", quoted(name), table.quoted()),
        };
        let text = text.map_or(Ok("NULL".to_owned()), literal::text)?;
        Ok(Some(format!("COMMENT ON {object} IS {text}")))
    }

    pub(super) fn comment_on_column(self, table: &ObjectName, column: &str, text: Option<&str>) -> CommentStatement {
        self.comment(&Commented::Column(table.clone(), column.to_owned()), text)
    }
}

type CommentStatement = Result<Option<String>, String>;
