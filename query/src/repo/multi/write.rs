//! Steps that write one row.

use super::done::{Step, given};
use super::step::{Row, StepKind, Work};
use super::{Done, Multi};
use crate::adapter::BoxFuture;
use crate::changeset::{Changeset, IntoChangeset};
use crate::error::Error;
use crate::repo::Repo;
use crate::schema::{Keyed, Schema};
use std::fmt::Display;
use std::panic::Location;

impl Multi {
    /// Inserts a row, or the row of a changeset. It gives the row as the store holds it.
    #[track_caller]
    pub fn insert<C: IntoChangeset>(&mut self, name: impl Display, row: C) -> Step<C::Schema> {
        let location = Location::caller();
        self.write(name, StepKind::Insert, row.into_changeset(), location, move |repo, changeset| {
            Box::pin(repo.insert(changeset).at(location).into_future())
        })
    }

    /// The same, of what a function makes of what is done so far.
    #[track_caller]
    pub fn insert_with<C: IntoChangeset>(
        &mut self,
        name: impl Display,
        row: impl FnOnce(&Done) -> C + Send + 'static,
    ) -> Step<C::Schema> {
        let location = Location::caller();
        self.write_with(name, StepKind::Insert, location, row, move |repo, row| {
            Box::pin(repo.insert(row).at(location).into_future())
        })
    }

    /// Writes the changes of a row. It gives the row as the store holds it.
    #[track_caller]
    pub fn update<S: Keyed>(&mut self, name: impl Display, changeset: Changeset<S>) -> Step<S> {
        let location = Location::caller();
        self.write(name, StepKind::Update, changeset, location, move |repo, changeset| {
            Box::pin(repo.update(changeset).at(location).into_future())
        })
    }

    /// The same, of what a function makes of what is done so far.
    #[track_caller]
    pub fn update_with<S: Keyed>(
        &mut self,
        name: impl Display,
        changeset: impl FnOnce(&Done) -> Changeset<S> + Send + 'static,
    ) -> Step<S> {
        let location = Location::caller();
        self.write_with(name, StepKind::Update, location, changeset, move |repo, changeset| {
            Box::pin(repo.update(changeset).at(location).into_future())
        })
    }

    /// Deletes a row, or the row of a changeset. It gives the row.
    #[track_caller]
    pub fn delete<C: IntoChangeset>(&mut self, name: impl Display, row: C) -> Step<C::Schema>
    where
        C::Schema: Keyed,
    {
        let location = Location::caller();
        self.write(name, StepKind::Delete, row.into_changeset(), location, move |repo, changeset| {
            Box::pin(repo.delete(changeset).at(location).into_future())
        })
    }

    /// The same, of what a function makes of what is done so far.
    #[track_caller]
    pub fn delete_with<C: IntoChangeset>(
        &mut self,
        name: impl Display,
        row: impl FnOnce(&Done) -> C + Send + 'static,
    ) -> Step<C::Schema>
    where
        C::Schema: Keyed,
    {
        let location = Location::caller();
        self.write_with(name, StepKind::Delete, location, row, move |repo, row| {
            Box::pin(repo.delete(row).at(location).into_future())
        })
    }

    /// Inserts or updates the row of a changeset, whichever it was made for. It gives the row as the store holds it.
    #[track_caller]
    pub fn insert_or_update<S: Keyed>(&mut self, name: impl Display, changeset: Changeset<S>) -> Step<S> {
        let location = Location::caller();
        self.write(name, StepKind::InsertOrUpdate, changeset, location, move |repo, changeset| {
            Box::pin(repo.insert_or_update(changeset).at(location).into_future())
        })
    }

    /// The same, of what a function makes of what is done so far.
    #[track_caller]
    pub fn insert_or_update_with<S: Keyed>(
        &mut self,
        name: impl Display,
        changeset: impl FnOnce(&Done) -> Changeset<S> + Send + 'static,
    ) -> Step<S> {
        let location = Location::caller();
        self.write_with(name, StepKind::InsertOrUpdate, location, changeset, move |repo, changeset| {
            Box::pin(repo.insert_or_update(changeset).at(location).into_future())
        })
    }

    fn write<S: Schema>(
        &mut self,
        name: impl Display,
        kind: StepKind,
        changeset: Changeset<S>,
        location: &'static Location<'static>,
        write: impl FnOnce(Repo, Changeset<S>) -> BoxFuture<'static, Result<S, Error>> + Send + 'static,
    ) -> Step<S> {
        self.add(name, kind, location, Work::Write(Box::new(Row { changeset, write })))
    }

    fn write_with<C: 'static, S: Schema>(
        &mut self,
        name: impl Display,
        kind: StepKind,
        location: &'static Location<'static>,
        row: impl FnOnce(&Done) -> C + Send + 'static,
        write: impl FnOnce(Repo, C) -> BoxFuture<'static, Result<S, Error>> + Send + 'static,
    ) -> Step<S> {
        self.work(name, kind, location, move |repo, done| {
            let written = write(repo, row(done));
            Box::pin(async move { written.await.map(given) })
        })
    }
}
