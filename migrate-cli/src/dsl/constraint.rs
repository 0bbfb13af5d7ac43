//! Constraints of a table.

use super::reference::reference_options;
use crate::catalog::{Check, Exclusion, ForeignKey, ObjectName, PrimaryKey, Unique};
use crate::operation::Constraint;

/// A check, a unique or an exclusion constraint, to be told more about.
pub struct ConstraintBuilder<'a> {
    pub(super) constraint: Option<&'a mut Constraint>,
    pub(super) mistakes: &'a mut Vec<String>,
}

impl ConstraintBuilder<'_> {
    /// The name.
    pub fn name(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        match self.constraint.as_deref_mut() {
            Some(Constraint::Check(check)) => check.name = Some(text),
            Some(Constraint::Unique(unique)) => unique.name = Some(text),
            Some(Constraint::Exclusion(exclusion)) => exclusion.name = text,
            Some(Constraint::PrimaryKey(key)) => key.name = Some(text),
            Some(Constraint::ForeignKey(key)) => key.name = text,
            None => {}
        }
        self
    }

    /// The comment in the database.
    pub fn comment(mut self, text: impl Into<String>) -> Self {
        let text = Some(text.into());
        match self.constraint.as_deref_mut() {
            Some(Constraint::Check(check)) => check.comment = text,
            Some(Constraint::Unique(unique)) => unique.comment = text,
            Some(Constraint::Exclusion(exclusion)) => exclusion.comment = text,
            Some(Constraint::ForeignKey(key)) => key.comment = text,
            Some(Constraint::PrimaryKey(_)) => self.mistakes.push("a primary key takes no comment here".to_owned()),
            None => {}
        }
        self
    }

    /// Does not check the rows that are there; `validate_constraint` does it later, without a long lock.
    pub fn not_valid(mut self) -> Self {
        match self.constraint.as_deref_mut() {
            Some(Constraint::Check(check)) => check.not_valid = true,
            Some(Constraint::ForeignKey(key)) => key.not_valid = true,
            _ => self.mistakes.push("only checks and foreign keys can be not valid".to_owned()),
        }
        self
    }

    /// Takes two NULLs for equal.
    pub fn nulls_not_distinct(self) -> Self {
        self.unique("only a unique constraint compares NULLs", |unique| unique.nulls_not_distinct = true)
    }

    /// Lets a transaction put the check off until its end.
    pub fn deferrable(self) -> Self {
        self.unique("only unique constraints and foreign keys are deferrable", |unique| unique.deferrable = true)
    }

    /// Puts the check off until the end of each transaction.
    pub fn initially_deferred(self) -> Self {
        self.unique("only unique constraints and foreign keys are deferrable", |unique| {
            unique.deferrable = true;
            unique.initially_deferred = true;
        })
    }

    fn unique(mut self, otherwise: &str, change: impl FnOnce(&mut Unique)) -> Self {
        match self.constraint.as_deref_mut() {
            Some(Constraint::Unique(unique)) => change(unique),
            _ => self.mistakes.push(otherwise.to_owned()),
        }
        self
    }
}

/// A foreign key of a table, to be told more about.
pub struct ForeignKeyBuilder<'a> {
    pub(super) constraint: Option<&'a mut Constraint>,
}

impl ForeignKeyBuilder<'_> {
    reference_options!();

    /// The columns that it points at, if not `id`.
    pub fn to<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        self.edit(|key| key.references = columns)
    }

    /// The comment in the database.
    pub fn comment(self, text: impl Into<String>) -> Self {
        self.edit(|key| key.comment = Some(text.into()))
    }

    fn edit(mut self, change: impl FnOnce(&mut ForeignKey)) -> Self {
        if let Some(Constraint::ForeignKey(key)) = self.constraint.as_deref_mut() {
            change(key);
        }
        self
    }
}

pub(super) fn strings<C: Into<String>>(items: impl IntoIterator<Item = C>) -> Vec<String> {
    items.into_iter().map(Into::into).collect()
}

pub(super) fn check(name: impl Into<String>, condition: impl Into<String>) -> Constraint {
    Constraint::Check(Check { name: Some(name.into()), condition: condition.into(), not_valid: false, comment: None })
}

pub(super) fn exclusion(name: impl Into<String>, definition: impl Into<String>) -> Constraint {
    Constraint::Exclusion(Exclusion { name: name.into(), definition: definition.into(), comment: None })
}

pub(super) fn unique(columns: Vec<String>) -> Constraint {
    Constraint::Unique(Unique {
        name: None,
        columns,
        nulls_not_distinct: false,
        deferrable: false,
        initially_deferred: false,
        comment: None,
    })
}

pub(super) fn primary_key(columns: Vec<String>) -> Constraint {
    Constraint::PrimaryKey(PrimaryKey { name: None, columns })
}

pub(super) fn foreign_key(columns: Vec<String>, table: ObjectName) -> Constraint {
    Constraint::ForeignKey(super::reference::key(columns, table))
}

/// Fills in what a constraint was not told: its usual name.
pub(super) fn complete(constraint: &mut Constraint, table: &ObjectName) {
    match constraint {
        Constraint::ForeignKey(key) => super::reference::complete(key, table),
        Constraint::Unique(unique) if unique.name.is_none() => {
            unique.name = Some(format!("{}_{}_key", table.name, unique.columns.join("_")));
        }
        _ => {}
    }
}

/// The methods that add a constraint, for builders with `fn constrain(&mut self, Constraint, caller) -> ConstraintBuilder`.
macro_rules! constraint_methods {
    () => {
        /// A condition that every row holds: `t.check("price_is_positive", "price > 0")`.
        #[track_caller]
        pub fn check(
            &mut self,
            name: impl Into<String>,
            condition: impl Into<String>,
        ) -> $crate::dsl::ConstraintBuilder<'_> {
            self.constrain($crate::dsl::constraint::check(name, condition))
        }

        /// A constraint that no two rows agree in these columns. [`index`](Self::index) with `.unique()` can do more.
        #[track_caller]
        pub fn unique<C: Into<String>>(
            &mut self,
            columns: impl IntoIterator<Item = C>,
        ) -> $crate::dsl::ConstraintBuilder<'_> {
            self.constrain($crate::dsl::constraint::unique($crate::dsl::constraint::strings(columns)))
        }

        /// A constraint that no two rows overlap: `t.exclude("no_overlap", "USING gist (during WITH &&)")`.
        #[track_caller]
        pub fn exclude(
            &mut self,
            name: impl Into<String>,
            definition: impl Into<String>,
        ) -> $crate::dsl::ConstraintBuilder<'_> {
            self.constrain($crate::dsl::constraint::exclusion(name, definition))
        }

        /// The primary key, of several columns or under a name of its own.
        #[track_caller]
        pub fn primary_key<C: Into<String>>(
            &mut self,
            columns: impl IntoIterator<Item = C>,
        ) -> $crate::dsl::ConstraintBuilder<'_> {
            self.constrain($crate::dsl::constraint::primary_key($crate::dsl::constraint::strings(columns)))
        }

        /// A foreign key of columns that are there: `t.foreign_key(["author_id"], "users")`.
        #[track_caller]
        pub fn foreign_key<C: Into<String>>(
            &mut self,
            columns: impl IntoIterator<Item = C>,
            table: impl Into<$crate::catalog::ObjectName>,
        ) -> $crate::dsl::ForeignKeyBuilder<'_> {
            let columns = $crate::dsl::constraint::strings(columns);
            let constraint = $crate::dsl::constraint::foreign_key(columns, table.into());
            $crate::dsl::ForeignKeyBuilder { constraint: self.constrain(constraint).constraint }
        }

        /// An index of the table.
        #[track_caller]
        pub fn index<C: Into<$crate::catalog::IndexColumn>>(
            &mut self,
            columns: impl IntoIterator<Item = C>,
        ) -> $crate::dsl::IndexBuilder<'_> {
            self.add_index($crate::dsl::index::draft(columns))
        }
    };
}
pub(super) use constraint_methods;
