//! Steps that run a program's own code.

use super::migration::Entry;
use peristyle_query::adapter::BoxFuture;
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

type Run = dyn Fn(Repo) -> BoxFuture<'static, Result<(), Error>> + Send + Sync;

/// A step of a migration that changes data with a [`Repo`].
#[derive(Clone)]
pub struct DataStep {
    run: Arc<Run>,
    at: &'static Location<'static>,
}

impl DataStep {
    pub(super) fn new<F, Fut>(body: F, at: &'static Location<'static>) -> Self
    where
        F: Fn(Repo) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Error>> + Send + 'static,
    {
        DataStep { run: Arc::new(move |repo| Box::pin(body(repo))), at }
    }

    /// Runs the step.
    ///
    /// # Errors
    ///
    /// The error of the step itself.
    pub fn run(&self, repo: Repo) -> BoxFuture<'static, Result<(), Error>> {
        (self.run)(repo)
    }

    /// Where the migration has the step.
    pub fn location(&self) -> &'static Location<'static> {
        self.at
    }
}

impl fmt::Debug for DataStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataStep({}:{})", self.at.file(), self.at.line())
    }
}

/// A data step, to be told its way back.
pub struct DataBuilder<'a> {
    pub(super) entry: &'a mut Entry,
}

impl DataBuilder<'_> {
    /// The code of the way back.
    #[track_caller]
    pub fn down<F, Fut>(self, body: F)
    where
        F: AsyncFn(Repo) -> Result<(), Error> + Fn(Repo) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Error>> + Send + 'static,
    {
        self.entry.data_down = Some(Some(DataStep::new(body, Location::caller())));
    }

    /// Leaves the data as they are on the way back.
    pub fn down_nothing(self) {
        self.entry.data_down = Some(None);
    }
}
