//! Running a multi.

use super::done::Done;
use super::step::{Planned, Work};
use super::{Multi, duplicate};
use crate::adapter::TransactionOptions;
use crate::error::{Error, MultiError, QueryError};
use crate::repo::{Repo, RepoFuture};
use std::collections::VecDeque;
use std::panic::Location;
use std::sync::Arc;

impl Repo {
    /// Runs the steps of a [`Multi`] in a transaction, and gives what they gave: all of them, or nothing is kept.
    ///
    /// A changeset that is there before the multi runs and is not valid fails before the transaction is opened. Inside of a
    /// transaction the multi is a nested one. To run it with options, or again after a conflict, build it in
    /// [`transaction_with`](Repo::transaction_with): a multi runs once.
    ///
    /// ```
    /// # use peristyle_query::{error::Error, repo::{Multi, Repo}, schema::Schema};
    /// # async fn example<User: Schema + Clone, Profile: Schema>(repo: Repo, user: User, profile: fn(&User) -> Profile) -> Result<(), Error> {
    /// let mut multi = Multi::new();
    /// let user = multi.insert("user", user);
    /// let profile = multi.insert_with("profile", move |done| profile(&done[user]));
    /// let mut done = repo.multi(multi).await?;
    /// let (user, profile) = (done.take(user), done.take(profile));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Multi`] names the step that failed, and has its error and what the steps before it gave; [`Error::Query`] if
    /// two steps have one name; and as [`transaction`](Repo::transaction).
    #[track_caller]
    pub fn multi(&self, multi: Multi) -> RepoFuture<Done> {
        let (repo, location) = (self.clone(), Location::caller());
        RepoFuture::new(location, async move {
            if let Some(name) = duplicate(multi.names()) {
                return Err(twice(&name).into());
            }
            let steps = match first_invalid(multi) {
                Ok(steps) => steps,
                Err(invalid) => {
                    // Not valid, it comes to no statement.
                    let mut queue = VecDeque::from([invalid]);
                    return run(repo, &mut queue).await;
                }
            };
            repo.transact(None, TransactionOptions::default(), location, async move |tx| {
                run(tx, &mut VecDeque::from(steps)).await
            })
            .await
        })
    }
}

fn twice(name: &str) -> QueryError {
    QueryError::new(format!(
        "two steps of the multi are called {name:?}: give each a name of its own, such as format!(\"{name} {{i}}\")"
    ))
}

/// The steps, or the first of them whose changeset is not valid.
fn first_invalid(mut multi: Multi) -> Result<Vec<Planned>, Planned> {
    let invalid = |step: &Planned| matches!(&step.work, Work::Write(write) if !write.is_valid());
    match multi.steps.iter().position(invalid) {
        Some(place) => Err(multi.steps.swap_remove(place)),
        None => Ok(multi.steps),
    }
}

async fn run(tx: Repo, queue: &mut VecDeque<Planned>) -> Result<Done, Error> {
    let mut done = Done::default();
    while let Some(Planned { id, name, work, location, .. }) = queue.pop_front() {
        let running = match work {
            Work::Write(write) => write.run(tx.clone()),
            Work::Run(run) => run(tx.clone(), &done),
            Work::Look(look) => {
                look(&done);
                continue;
            }
            Work::Merge(merge) => {
                let merged = merge(&done);
                let names = done.names().map(Arc::from).chain(merged.names()).chain(named(queue));
                if let Some(name) = duplicate(names) {
                    let cause = twice(&name).into();
                    return Err(MultiError { step: name.to_string(), cause, done }.into());
                }
                for step in merged.steps.into_iter().rev() {
                    queue.push_front(step);
                }
                continue;
            }
        };
        match running.await {
            Ok(value) => done.push(id, name, value),
            Err(cause) => {
                let cause = cause.at(location);
                return Err(MultiError { step: name.to_string(), cause, done }.into());
            }
        }
    }
    Ok(done)
}

fn named(queue: &VecDeque<Planned>) -> impl Iterator<Item = Arc<str>> {
    queue.iter().filter(|step| step.kind.is_named()).map(|step| step.name.clone())
}
