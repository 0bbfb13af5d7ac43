//! What preloads need of a repo: where their statements run, and in which order they are seen.

use super::Repo;
use super::apart::Apart;
use crate::adapter::{Observer, Outcome, Request, Sink};
use crate::error::Error;
use crate::preload::{Found, Job};
use crate::query::ast::{Operation, Select};
use crate::schema::{AssociationMeta, SchemaMeta};
use crate::statement::Statement;
use futures_util::future::try_join_all;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};

/// Where the statements of a preload run.
#[derive(Clone)]
pub(crate) struct Loading {
    repo: Repo,
    location: &'static Location<'static>,
    forced: bool,
}

impl Loading {
    pub(crate) fn new(repo: &Repo, location: &'static Location<'static>) -> Self {
        Loading { repo: repo.clone(), location, forced: false }
    }

    /// The same where the tables have the prefix of a query, if it has one.
    pub(crate) fn in_prefix(mut self, prefix: Option<&str>) -> Self {
        if let Some(prefix) = prefix {
            self.repo = self.repo.in_prefix(prefix);
        }
        self
    }

    /// Loads even what is loaded.
    pub(crate) fn force(&mut self) {
        self.forced = true;
    }

    pub(crate) fn is_forced(&self) -> bool {
        self.forced
    }

    pub(crate) fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// The same for what follows the first statement of a call, which the guard counts.
    pub(crate) fn within_call(mut self) -> Self {
        self.repo = self.repo.within_call();
        self
    }

    /// The same for rows of another repo. Its statements are seen by who watches this one, too.
    pub(crate) fn elsewhere(&self, repo: &Repo) -> Self {
        let observers = self.repo.handle.observers.clone();
        let repo = repo.with(|handle| handle.observers.extend(observers));
        Loading { repo, location: self.location, forced: self.forced }
    }

    /// What of a query lives in another store than the rest, if anything does.
    pub(crate) fn apart(&self, select: &Select) -> Option<Apart> {
        self.repo.select_apart(select)
    }

    /// Refuses the query for the rows of an association that joins another table, in a store that has no joins.
    pub(crate) fn check_joins(
        &self,
        select: &Select,
        (owner, association): (&'static SchemaMeta, &'static AssociationMeta),
        by_owner: bool,
    ) -> Result<(), Error> {
        self.repo.check_joins(select, owner, association, by_owner)
    }

    /// Runs a statement.
    pub(crate) async fn run(&self, operation: Operation, sink: Box<dyn Sink>) -> Result<Outcome, Error> {
        self.repo.run(operation, sink, self.location).await
    }

    /// Branches for siblings, whose statements are seen in the order of the siblings, whichever runs first.
    pub(crate) fn branches(&self) -> Branches {
        Branches { loading: self.clone(), buffers: Vec::new() }
    }
}

/// Siblings of one level of a preload.
pub(crate) struct Branches {
    loading: Loading,
    buffers: Vec<Arc<Buffer>>,
}

impl Branches {
    /// The place of the next sibling.
    pub(crate) fn next(&mut self) -> Loading {
        let mut loading = self.loading.clone();
        if !loading.repo.handle.observers.is_empty() {
            let buffer = Arc::new(Buffer::default());
            self.buffers.push(buffer.clone());
            loading.repo = loading.repo.with(|handle| handle.observers = vec![buffer]);
        }
        loading
    }

    /// Runs the siblings' jobs: side by side, each on a connection that is free, or one after the other on a connection of
    /// the repo's own.
    /// None holds a connection while it waits for one.
    pub(crate) async fn run(self, jobs: Vec<Job>) -> Result<Vec<Found>, Error> {
        let result = if self.loading.repo.checked_out() {
            let mut all = Vec::with_capacity(jobs.len());
            let mut failure = None;
            for job in jobs {
                match job.await {
                    Ok(found) => all.push(found),
                    Err(error) => {
                        failure = Some(error);
                        break;
                    }
                }
            }
            failure.map_or(Ok(all), Err)
        } else {
            try_join_all(jobs).await
        };
        for buffer in self.buffers {
            let seen = std::mem::take(&mut *buffer.0.lock().unwrap_or_else(PoisonError::into_inner));
            for (statement, request) in seen {
                for observer in &self.loading.repo.handle.observers {
                    observer.statement(&statement, &request)?;
                }
            }
        }
        result
    }
}

/// Keeps what a sibling ran until it is its turn to be seen.
#[derive(Default)]
struct Buffer(Mutex<Vec<(Statement, Request)>>);

impl Observer for Buffer {
    fn statement(&self, statement: &Statement, request: &Request) -> Result<(), Error> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push((statement.clone(), request.clone()));
        Ok(())
    }
}
