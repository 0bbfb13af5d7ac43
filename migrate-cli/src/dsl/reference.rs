//! A column that points at another table.

use super::column::{ColumnDraft, column_options};
use crate::catalog::{ColumnType, ForeignKey, ObjectName};

/// A foreign key whose name is still to be made.
pub(super) fn key(columns: Vec<String>, table: ObjectName) -> ForeignKey {
    ForeignKey::new("", columns, table, vec!["id".to_owned()])
}

/// Fills in what a foreign key was not told: its name, and the database schema of the table that it points at.
pub(super) fn complete(key: &mut ForeignKey, table: &ObjectName) {
    if key.name.is_empty() {
        key.name = format!("{}_{}_fkey", table.name, key.columns.join("_"));
    }
    if key.table.prefix.is_none() {
        key.table.prefix.clone_from(&table.prefix);
    }
}

/// What foreign keys can be told, for builders with `fn key(&mut self) -> Option<&mut ForeignKey>`.
macro_rules! reference_options {
    () => {
        /// What happens to the rows when theirs is deleted.
        pub fn on_delete(self, action: $crate::catalog::ReferentialAction) -> Self {
            self.edit(|key| key.on_delete = action)
        }

        /// What happens to the rows when its key changes.
        pub fn on_update(self, action: $crate::catalog::ReferentialAction) -> Self {
            self.edit(|key| key.on_update = action)
        }

        /// The name of the constraint, if not the usual one: `posts_author_id_fkey`.
        pub fn name(self, name: impl Into<String>) -> Self {
            self.edit(|key| key.name = name.into())
        }

        /// The column that it points at, if not `id`.
        pub fn key(self, column: impl Into<String>) -> Self {
            self.edit(|key| match key.references.first_mut() {
                Some(first) => *first = column.into(),
                None => key.references.push(column.into()),
            })
        }

        /// A further column of the key: `here` points at the column `there` of the other table.
        pub fn with(self, here: impl Into<String>, there: impl Into<String>) -> Self {
            self.edit(|key| {
                key.columns.push(here.into());
                key.references.push(there.into());
            })
        }

        /// Refuses a key that is NULL in part.
        pub fn match_full(self) -> Self {
            self.edit(|key| key.matching = $crate::catalog::Match::Full)
        }

        /// Lets a transaction put the check off until its end.
        pub fn deferrable(self) -> Self {
            self.edit(|key| key.deferrable = true)
        }

        /// Puts the check off until the end of each transaction.
        pub fn initially_deferred(self) -> Self {
            self.edit(|key| {
                key.deferrable = true;
                key.initially_deferred = true;
            })
        }

        /// Does not check the rows that are there; `validate_constraint` does it later, without a long lock.
        pub fn not_valid(self) -> Self {
            self.edit(|key| key.not_valid = true)
        }
    };
}
pub(super) use reference_options;

/// A column that points at another table, to be told more about.
pub struct ReferenceBuilder<'a> {
    pub(super) draft: &'a mut ColumnDraft,
}

impl ReferenceBuilder<'_> {
    column_options!();
    reference_options!();

    /// The name of the column.
    pub fn column(self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.draft.column.name.clone_from(&name);
        self.edit(|key| {
            if let Some(first) = key.columns.first_mut() {
                *first = name;
            }
        })
    }

    /// The type of the column, if the key that it points at is no 64-bit number.
    pub fn of(self, column_type: impl Into<ColumnType>) -> Self {
        self.draft.column.column_type = column_type.into();
        self
    }

    fn edit(self, change: impl FnOnce(&mut ForeignKey)) -> Self {
        if let Some(key) = &mut self.draft.references {
            change(key);
        }
        self
    }
}
