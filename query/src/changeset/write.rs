//! What of a changeset is written, and what it becomes afterwards. The repo runs it.

use super::{Action, Changeable, Changeset, Lock, Origin, Prepare};
use crate::error::{DecodeError, Error, Invalid, QueryError};
use crate::query::ast::Expression;
use crate::query::ast::Step;
use crate::schema::{FieldMeta, Schema, Writable};
use crate::value::Value;

/// What a repo can insert: a row, or a changeset of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a row nor a changeset",
    label = "expected a struct with #[derive(Schema)], or a changeset of one"
)]
pub trait IntoChangeset: Send + 'static {
    /// The schema of the row.
    type Schema: Schema;

    /// The changeset.
    fn into_changeset(self) -> Changeset<Self::Schema>;
}

impl<S: Schema> IntoChangeset for S {
    type Schema = S;

    fn into_changeset(self) -> Changeset<S> {
        Changeset { bare: true, ..Changeset::build(self) }
    }
}

impl<S: Schema> IntoChangeset for Changeset<S> {
    type Schema = S;

    fn into_changeset(self) -> Changeset<S> {
        self
    }
}

/// Why a write came to nothing.
pub(crate) enum Refusal<S> {
    /// The changeset has errors.
    Invalid(Box<Changeset<S>>),
    /// There was no row to write, and that is no error: what was written along is undone.
    Skipped(Box<Changeset<S>>),
    /// Anything else.
    Error(Error),
}

impl<S> From<Error> for Refusal<S> {
    fn from(error: Error) -> Self {
        Refusal::Error(error)
    }
}

impl<S> From<QueryError> for Refusal<S> {
    fn from(error: QueryError) -> Self {
        Refusal::Error(error.into())
    }
}

impl<S: Changeable> From<Refusal<S>> for Error {
    fn from(refusal: Refusal<S>) -> Self {
        match refusal {
            Refusal::Invalid(changeset) => Invalid::new(*changeset).into(),
            // Its callers give the row back instead.
            Refusal::Skipped(_) => QueryError::new(format!("there was no {} to write", S::shape().name)).into(),
            Refusal::Error(error) => error,
        }
    }
}

/// The values that a written row has other than the changeset's row: what was changed, filled in and read back.
#[derive(Default)]
pub(crate) struct Written(pub(crate) Vec<(usize, Value)>);

impl<S: Changeable> Changeset<S> {
    /// The changeset, if it may be tried: it is valid, and made for such a write.
    pub(crate) fn tried(mut self, action: Action) -> Result<Self, Refusal<S>> {
        self.check()?;
        let name = S::shape().name;
        match (self.origin, action) {
            (Origin::Existing, Action::Insert) => {
                return Err(QueryError::new(format!(
                    "this changeset is of a {name} that exists: write it with repo.update(..), or start from Changeset::new() or Changeset::build(row)"
                ))
                .into());
            }
            (Origin::New, Action::Update) => {
                return Err(QueryError::new(format!(
                    "this changeset is of a {name} to come: write it with repo.insert(..), or start from Changeset::of(row) or row.change(..)"
                ))
                .into());
            }
            _ => {}
        }
        self.action = Some(action);
        if self.is_valid() { Ok(self) } else { Err(Refusal::Invalid(Box::new(self))) }
    }

    /// Refuses a changeset that was made wrongly.
    pub(crate) fn check(&mut self) -> Result<(), QueryError> {
        self.problem.take().map_or(Ok(()), Err)
    }

    /// Which write the changeset is made for.
    pub(crate) fn natural_action(&self) -> Action {
        match self.origin {
            Origin::New => Action::Insert,
            Origin::Existing => Action::Update,
        }
    }

    pub(crate) fn has_changes(&self) -> bool {
        !self.changes.is_empty() || self.relations.iter().any(|relation| relation.is_changed())
    }

    pub(crate) fn take_prepare(&mut self) -> Vec<Prepare<S>> {
        std::mem::take(&mut self.prepare)
    }

    pub(crate) fn has_prepare(&self) -> bool {
        !self.prepare.is_empty()
    }

    pub(crate) fn locks(&self) -> &[Lock<S>] {
        &self.locks
    }

    /// Whether it is only a row, so that what refuses it is the caller's to handle.
    pub(crate) fn is_bare(&self) -> bool {
        self.bare
    }

    /// The changes, each with its field, for a write that may set fields of this kind.
    pub(crate) fn assignments(
        &self,
        may_set: Writable,
    ) -> Result<Vec<(usize, &'static FieldMeta, Expression)>, QueryError> {
        let name = S::shape().name;
        let mut set = Vec::with_capacity(self.changes.len());
        for change in self.changes.iter().filter(|change| !change.field.is_virtual) {
            let (field, mut expression) = (change.field, change.expression.clone());
            let allowed = match field.writable {
                Writable::Always => true,
                Writable::Insert => may_set == Writable::Insert,
                Writable::Never => false,
            };
            if !allowed {
                let write = if may_set == Writable::Insert { "inserted" } else { "updated" };
                return Err(QueryError::new(format!(
                    "{name}.{} cannot be {write}: it is #[schema(writable = ..)]; leave it out of the change",
                    field.name
                )));
            }
            if let Some(Step::Invalid(message)) = expression.iter().find(|step| matches!(step, Step::Invalid(_))) {
                return Err(QueryError::new(*message));
            }
            crate::query::paths::close(&mut expression).map_err(QueryError::new)?;
            set.push((change.index, field, expression));
        }
        Ok(set)
    }

    /// The row as it is after the write.
    pub(crate) fn finish(self, Written(values): Written) -> Result<S, DecodeError> {
        let mut row = self.apply_changes()?;
        for (index, value) in values {
            row.set_field(index, value)?;
        }
        Ok(row)
    }
}
