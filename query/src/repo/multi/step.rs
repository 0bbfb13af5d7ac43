//! One step: its name, what is known of it without a store, and how it runs.

use super::Multi;
use super::done::{Done, Given, given};
use crate::adapter::BoxFuture;
use crate::changeset::{Changeset, Errors};
use crate::error::Error;
use crate::repo::Repo;
use crate::schema::Schema;
use std::any::Any;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum StepKind {
    Insert,
    Update,
    Delete,
    InsertOrUpdate,
    All,
    One,
    Exists,
    Run,
    Put,
    Inspect,
    Error,
    Merge,
}

impl StepKind {
    /// Whether steps of this kind have names of their own.
    pub(super) fn is_named(self) -> bool {
        !matches!(self, StepKind::Inspect | StepKind::Merge)
    }
}

pub(super) struct Planned {
    pub(super) id: u64,
    pub(super) name: Arc<str>,
    pub(super) kind: StepKind,
    pub(super) work: Work,
    /// The line that added the step.
    pub(super) location: &'static Location<'static>,
}

/// What a step runs.
pub(super) type Running = BoxFuture<'static, Result<Given, Error>>;

pub(super) enum Work {
    /// Writes a changeset that is there already.
    Write(Box<dyn Write>),
    /// Runs with what is done so far.
    Run(Box<dyn FnOnce(Repo, &Done) -> Running + Send>),
    /// Looks at what is done so far.
    Look(Box<dyn FnOnce(&Done) + Send>),
    /// Gives the steps to run in its place.
    Merge(Box<dyn FnOnce(&Done) -> Multi + Send>),
}

/// A write of a changeset.
pub(super) trait Write: Send {
    /// The schema of the row.
    fn schema(&self) -> &'static str;
    /// Whether the changeset has no error.
    fn is_valid(&self) -> bool;
    fn errors(&self) -> Errors;
    fn changed(&self) -> Vec<&'static str>;
    /// The changeset.
    fn as_any(&self) -> &dyn Any;
    /// The changeset, without secrets.
    fn as_debug(&self) -> &dyn fmt::Debug;
    fn run(self: Box<Self>, repo: Repo) -> Running;
}

/// A changeset, and the call that writes it.
pub(super) struct Row<S, F> {
    pub(super) changeset: Changeset<S>,
    pub(super) write: F,
}

impl<S: Schema, F> Write for Row<S, F>
where
    F: FnOnce(Repo, Changeset<S>) -> BoxFuture<'static, Result<S, Error>> + Send + 'static,
{
    fn schema(&self) -> &'static str {
        S::NAME
    }

    fn is_valid(&self) -> bool {
        self.changeset.is_valid()
    }

    fn errors(&self) -> Errors {
        self.changeset.errors()
    }

    fn changed(&self) -> Vec<&'static str> {
        self.changeset.changed()
    }

    fn as_any(&self) -> &dyn Any {
        &self.changeset
    }

    fn as_debug(&self) -> &dyn fmt::Debug {
        &self.changeset
    }

    fn run(self: Box<Self>, repo: Repo) -> Running {
        let Row { changeset, write } = *self;
        let written = write(repo, changeset);
        Box::pin(async move { written.await.map(given) })
    }
}

/// What is known of a step without a store. See [`Multi::steps`].
pub struct StepInfo<'m>(pub(super) &'m Planned);

impl<'m> StepInfo<'m> {
    fn write(&self) -> Option<&'m dyn Write> {
        match &self.0.work {
            Work::Write(write) => Some(&**write),
            _ => None,
        }
    }

    /// Its name; that of a step which has none is its kind's.
    pub fn name(&self) -> &'m str {
        &self.0.name
    }

    /// What it does.
    pub fn kind(&self) -> StepKind {
        self.0.kind
    }

    /// The schema of the row that it writes, if that is known before it runs.
    pub fn schema(&self) -> Option<&'static str> {
        self.write().map(Write::schema)
    }

    /// Whether its changeset has no error; true for a step without one, or whose changeset is made when it runs.
    pub fn is_valid(&self) -> bool {
        self.write().is_none_or(Write::is_valid)
    }

    /// The errors of its changeset, if it has one.
    pub fn errors(&self) -> Option<Errors> {
        self.write().map(Write::errors)
    }

    /// The names of the fields that its changeset changes.
    pub fn changed(&self) -> Vec<&'static str> {
        self.write().map(Write::changed).unwrap_or_default()
    }

    /// Its changeset, if it has one of an `S`.
    pub fn changeset<S: Schema>(&self) -> Option<&'m Changeset<S>> {
        self.write()?.as_any().downcast_ref()
    }
}

/// Shows a changeset without values of `redact` fields.
impl fmt::Debug for StepInfo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Step");
        shown.field("name", &self.name()).field("kind", &self.kind());
        if let Some(write) = self.write() {
            shown.field("changeset", write.as_debug());
        }
        shown.finish()
    }
}
