//! DROP TABLE.

use super::alter_sqlite::{Copies, same_table};
use super::{Context, Rendered, flag};
use crate::catalog::ObjectName;

impl Context<'_> {
    pub(super) fn drop_table(self, name: &ObjectName, if_exists: bool, cascade: bool) -> Result<Rendered, String> {
        if !self.sqlite() {
            let exists = flag(if_exists, "IF EXISTS ");
            return Ok(Rendered::new(vec![format!(
                "DROP TABLE {exists}{}{}",
                name.quoted(),
                flag(cascade, " CASCADE")
            )]));
        }
        // SQLite would delete the rows that point at the table's own, or leave them pointing at nothing.
        let mut rendered = Rendered::default();
        let children =
            self.before.tables.iter().filter(|table| {
                table.name != *name && table.foreign_keys.iter().any(|key| same_table(&key.table, name))
            });
        for child in children {
            if !cascade {
                return Err(format!(
                    "table {} points at {name}; drop it or its foreign key first, or drop the key along with `.cascade()`",
                    child.name
                ));
            }
            let mut free = child.clone();
            free.foreign_keys.retain(|key| !same_table(&key.table, name));
            rendered.append(self.rebuild(child, &free, &Copies::of(child).without_generated(child))?);
        }
        rendered.statements.push(format!("DROP TABLE {}{}", flag(if_exists, "IF EXISTS "), name.quoted()));
        Ok(rendered)
    }
}
