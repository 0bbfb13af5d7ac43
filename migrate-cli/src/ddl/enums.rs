//! Enum types of Postgres.

use super::{Context, Rendered, flag, literal};
use crate::catalog::{EnumType, ObjectName};
use peristyle_sql::quoted;

impl Context<'_> {
    pub(super) fn create_enum(self, each: &EnumType) -> Result<Vec<String>, String> {
        if self.sqlite() {
            return Ok(Vec::new());
        }
        Ok(vec![format!("CREATE TYPE {} AS ENUM ({})", each.name.quoted(), literal::texts(&each.values)?)])
    }

    pub(super) fn drop_enum(self, name: &ObjectName, if_exists: bool) -> Vec<String> {
        if self.sqlite() {
            return Vec::new();
        }
        vec![format!("DROP TYPE {}{}", flag(if_exists, "IF EXISTS "), name.quoted())]
    }

    pub(super) fn add_enum_value(
        self,
        name: &ObjectName,
        value: &str,
        before: Option<&str>,
        if_not_exists: bool,
    ) -> Result<Rendered, String> {
        if self.sqlite() {
            return self.add_value_to_checks(name, value, before, if_not_exists);
        }
        let exists = flag(if_not_exists, "IF NOT EXISTS ");
        let mut sql = format!("ALTER TYPE {} ADD VALUE {exists}{}", name.quoted(), literal::text(value)?);
        if let Some(before) = before {
            sql.push_str(&format!(" BEFORE {}", literal::text(before)?));
        }
        Ok(Rendered::new(vec![sql]))
    }

    pub(super) fn rename_enum_value(self, name: &ObjectName, from: &str, to: &str) -> Result<Rendered, String> {
        if self.sqlite() {
            return self.rename_value_in_checks(name, from, to);
        }
        let (from, to) = (literal::text(from)?, literal::text(to)?);
        Ok(Rendered::new(vec![format!("ALTER TYPE {} RENAME VALUE {from} TO {to}", name.quoted())]))
    }

    pub(super) fn rename_enum(self, from: &ObjectName, to: &str) -> Result<Rendered, String> {
        if self.sqlite() {
            return self.rename_checks(from, to);
        }
        Ok(Rendered::new(vec![format!("ALTER TYPE {} RENAME TO {}", from.quoted(), quoted(to))]))
    }
}
