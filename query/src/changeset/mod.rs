//! Changesets: what a write changes.

mod assign;

pub use assign::{Assignment, Assignments, Settable};

use crate::error::QueryError;
use crate::expr::{Anchor, NotNull, enter};
use crate::query::ast::{Expression, Step};
use crate::schema::{FieldMeta, Schema};
use crate::value::Value;
use std::fmt;

/// A row, and what is to be changed of it.
///
/// [`Schema::change`] makes one; `repo.update(..)` writes it.
#[must_use = "a changeset does nothing until a repo writes it"]
pub struct Changeset<S> {
    data: S,
    changes: Vec<Change>,
    problem: Option<QueryError>,
}

/// One field and what it becomes.
struct Change {
    index: usize,
    field: &'static FieldMeta,
    expression: Expression,
}

/// What is written of a changeset, and what it becomes afterwards.
pub(crate) struct Plan {
    /// The columns that are set, with their fields' positions.
    pub(crate) set: Vec<(usize, &'static FieldMeta, Expression)>,
    /// The fields whose new values only the store knows.
    pub(crate) computed: Vec<(usize, &'static FieldMeta)>,
}

impl<S: Schema> Changeset<S> {
    /// A changeset of an existing row, without a change yet.
    pub fn of(data: S) -> Self {
        Changeset { data, changes: Vec::new(), problem: None }
    }

    /// Adds changes; a later change of the same field wins.
    pub fn change<A: Assignments<S>>(mut self, changes: impl FnOnce(S::Columns<S, NotNull>) -> A) -> Self {
        let mut assignments = Vec::new();
        enter(|level| changes(S::columns(Anchor::new(0, level))).append(&mut assignments));
        for Assignment { field, expression, root, .. } in assignments {
            let index = S::META.fields.iter().position(|known| std::ptr::eq(known, field) || known.name == field.name);
            match index {
                Some(index) if root => {
                    self.changes.retain(|change| change.index != index);
                    self.changes.push(Change { index, field, expression });
                }
                _ => self.refuse(format!("{}.{} is set on a column of another source than {0}", S::NAME, field.name)),
            }
        }
        self
    }

    /// The row as it is before the write.
    pub fn data(&self) -> &S {
        &self.data
    }

    /// The names of the fields that the write would change: those given a value that differs, or an expression.
    pub fn changed(&self) -> Vec<&'static str> {
        self.changes.iter().filter(|change| self.differs(change)).map(|change| change.field.name).collect()
    }

    fn differs(&self, change: &Change) -> bool {
        match change.expression.as_slice() {
            [Step::Value { value, .. }] => *value != self.data.value(change.index),
            _ => true,
        }
    }

    fn refuse(&mut self, message: String) {
        self.problem.get_or_insert_with(|| QueryError::new(message));
    }

    pub(crate) fn into_plan(mut self) -> Result<(S, Plan), QueryError> {
        let mut plan = Plan { set: Vec::new(), computed: Vec::new() };
        for change in std::mem::take(&mut self.changes) {
            if !self.differs(&change) {
                continue;
            }
            let Change { index, field, mut expression } = change;
            if field.writable != crate::schema::Writable::Always {
                self.refuse(format!(
                    "{}.{} cannot be updated: it is #[schema(writable = ..)]; leave it out of the change",
                    S::NAME,
                    field.name
                ));
            }
            if let Some(Step::Invalid(message)) = expression.iter().find(|step| matches!(step, Step::Invalid(_))) {
                self.refuse((*message).to_owned());
            }
            if let Err(message) = crate::query::paths::close(&mut expression) {
                self.refuse(message.to_owned());
            }
            if field.redact {
                crate::expr::redact(&mut expression);
            }
            if !matches!(expression.as_slice(), [Step::Value { .. }]) {
                plan.computed.push((index, field));
            }
            plan.set.push((index, field, expression));
        }
        match self.problem {
            Some(problem) => Err(problem),
            None => Ok((self.data, plan)),
        }
    }
}

/// The one value of an expression that is a plain value.
pub(crate) fn plain(expression: &Expression) -> Option<&Value> {
    match expression.as_slice() {
        [Step::Value { value, .. }] => Some(value),
        _ => None,
    }
}

/// Shows the changes, without values of `redact` fields.
impl<S: Schema> fmt::Debug for Changeset<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct(&format!("Changeset<{}>", S::NAME));
        for change in &self.changes {
            match plain(&change.expression) {
                _ if change.field.redact => shown.field(change.field.name, &format_args!("[redacted]")),
                Some(value) => shown.field(change.field.name, &format_args!("{value}")),
                None => shown.field(change.field.name, &change.expression),
            };
        }
        shown.finish()
    }
}
