//! The writes of one row, to be awaited.

use super::WriteOptions;
use crate::changeset::{Action, Changeset, FieldList, IntoChangeset};
use crate::expr::NotNull;
use crate::repo::{Repo, RepoFuture};
use crate::schema::{Keyed, Schema};
use std::borrow::Cow;
use std::future::IntoFuture;
use std::panic::Location;
use std::time::Duration;

impl Repo {
    /// Inserts a row, or the row of a changeset, and gives it back as the store holds it.
    ///
    /// A key that the schema generates and a timestamp are filled if they are left at their default, a `None` is left out
    /// so that the database's default applies, and every column that was left out is read back. What a changeset sets
    /// explicitly, NULL too, is written as it is.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::error::Error::Invalid) if the changeset has errors, or a constraint that it or its schema
    /// knows refuses the row; [`Error::Constraint`](crate::error::Error::Constraint) for any other constraint, and for every
    /// one if a plain row was given; [`Error::Encode`](crate::error::Error::Encode) for a value that the store cannot hold,
    /// and what the store refuses with.
    #[track_caller]
    pub fn insert<C: IntoChangeset>(&self, row: C) -> Insert<C::Schema> {
        let (repo, location) = (self.clone(), Location::caller());
        Insert { repo, changeset: row.into_changeset(), options: WriteOptions::default(), location }
    }

    /// Writes the changes of a row and gives it back as the store holds it.
    ///
    /// Only what differs is written; if nothing does, no statement runs. `updated_at` and a `version` are moved on.
    ///
    /// # Errors
    ///
    /// [`Error::Stale`](crate::error::Error::Stale) if the row is gone or its version is another; else as
    /// [`insert`](Repo::insert).
    #[track_caller]
    pub fn update<S: Keyed>(&self, changeset: Changeset<S>) -> Update<S> {
        let (repo, location) = (self.clone(), Location::caller());
        Update { repo, changeset, options: WriteOptions::default(), location }
    }

    /// Deletes a row, or the row of a changeset, and gives it back.
    ///
    /// # Errors
    ///
    /// [`Error::Stale`](crate::error::Error::Stale) if the row is gone or its version is another; else as
    /// [`insert`](Repo::insert).
    #[track_caller]
    pub fn delete<C: IntoChangeset>(&self, row: C) -> Delete<C::Schema>
    where
        C::Schema: Keyed,
    {
        let (repo, location) = (self.clone(), Location::caller());
        Delete { repo, changeset: row.into_changeset(), options: WriteOptions::default(), location }
    }

    /// Inserts or updates the row of a changeset, whichever it was made for: `Changeset::new()` inserts, `Changeset::of(row)`
    /// and `row.change(..)` update. For one statement that does whichever is needed, see `on_conflict`.
    ///
    /// # Errors
    ///
    /// As [`insert`](Repo::insert) and [`update`](Repo::update).
    #[track_caller]
    pub fn insert_or_update<S: Keyed>(&self, changeset: Changeset<S>) -> InsertOrUpdate<S> {
        let (repo, location) = (self.clone(), Location::caller());
        InsertOrUpdate { repo, changeset, options: WriteOptions::default(), location }
    }
}

macro_rules! builders {
    ($($(#[$doc:meta])* $name:ident, $bound:ident, $run:expr;)*) => {$(
        $(#[$doc])*
        #[must_use = "a write does nothing until it is awaited"]
        pub struct $name<S> {
            pub(super) repo: Repo,
            pub(super) changeset: Changeset<S>,
            pub(super) options: WriteOptions,
            pub(super) location: &'static Location<'static>,
        }

        impl<S: Schema> $name<S> {
            /// Keeps an open transaction usable if the write fails, by a savepoint around it; outside of a transaction it
            /// changes nothing. It costs two more round trips.
            pub fn savepoint(mut self) -> Self {
                self.options.savepoint = true;
                self
            }

            /// Says that the call is at another line.
            pub(in crate::repo) fn at(mut self, location: &'static Location<'static>) -> Self {
                self.location = location;
                self
            }

            /// Reads these fields back from the store, beside those that always are: for what triggers and generated columns
            /// make of them. A delete gives what they were.
            pub fn returning<L: FieldList<S>>(mut self, fields: impl FnOnce(S::Columns<S, NotNull>) -> L) -> Self {
                self.options.returning = self.changeset.columns(fields, "returning");
                self
            }

            /// Writes to the table of this prefix.
            pub fn prefix(mut self, prefix: impl AsRef<str>) -> Self {
                self.repo = self.repo.in_prefix(prefix);
                self
            }
        }

        impl<S: $bound> IntoFuture for $name<S> {
            type Output = Result<S, crate::error::Error>;
            type IntoFuture = RepoFuture<S>;

            fn into_future(self) -> RepoFuture<S> {
                let $name { repo, changeset, options, location } = self;
                RepoFuture::new(location, async move { $run(repo, changeset, options, location).await })
            }
        }
    )*};
}

builders! {
    /// An insert of one row; await it. [`Repo::insert`] makes it.
    Insert, Schema, async |repo: Repo, changeset, options, location| repo.insert_changeset(changeset, options, location).await;
    /// An update of one row; await it. [`Repo::update`] makes it.
    Update, Keyed, async |repo: Repo, changeset, options, location| repo.update_changeset(changeset, options, location).await;
    /// A delete of one row; await it. [`Repo::delete`] makes it.
    Delete, Keyed, async |repo: Repo, changeset, options, location| repo.delete_changeset(changeset, options, location).await;
    /// An insert or an update of one row; await it. [`Repo::insert_or_update`] makes it.
    InsertOrUpdate, Keyed, async |repo: Repo, changeset: Changeset<S>, options, location| match changeset.natural_action() {
        Action::Insert => repo.insert_changeset(changeset, options, location).await,
        _ => repo.update_changeset(changeset, options, location).await,
    };
}

macro_rules! stale {
    ($($name:ident)*) => {$(
        impl<S: Schema> $name<S> {
            /// Takes a row that is gone, or another by now, for no error: nothing is written then, and the row comes back as it
            /// was given.
            pub fn allow_stale(mut self) -> Self {
                self.options.allow_stale = true;
                self
            }

            /// Makes a row that is gone, or another by now, the error "is stale" of a field, or of a name that stands for the
            /// whole.
            pub fn stale_error(mut self, field: impl Into<Cow<'static, str>>) -> Self {
                self.options.stale_error = Some(field.into());
                self
            }
        }
    )*};
}
stale!(Update Delete InsertOrUpdate);

macro_rules! report_all {
    ($($name:ident)*) => {$(
        impl<S: Schema> $name<S> {
            /// Tells of all unique constraints that the row violates, where the store tells only of the first.
            ///
            /// After a unique constraint has refused the row, a query each looks for rows that have the values of the other
            /// ones: those that the changeset declares and those that its schema knows, the primary key too. NULLs do not
            /// conflict, and an update's own row does not. Left out are partial indexes, constraints that are declared by a
            /// name which is none of the schema's, and values that the store computes. In a transaction it implies
            /// [`savepoint`](Self::savepoint); with a conflict clause it does nothing. A row that was written meanwhile may
            /// be missed or found: these errors are for people; the constraints remain what decides.
            pub fn report_all(mut self) -> Self {
                self.options.report_all = true;
                self
            }
        }
    )*};
}
report_all!(Insert Update InsertOrUpdate);

macro_rules! ttl {
    ($($name:ident)*) => {$(
        impl<S: Schema> $name<S> {
            /// Lets the row live so long from this write on, whatever its schema says. Rows of its associations live as theirs say.
            ///
            /// Only key-value stores have such a time; the others refuse it.
            pub fn ttl(mut self, ttl: Duration) -> Self {
                self.options.ttl = Some(ttl);
                self
            }
        }
    )*};
}
ttl!(Insert Update InsertOrUpdate);

impl<S: Schema> Update<S> {
    /// Writes although nothing is changed, so that `updated_at` and a `version` are moved on.
    pub fn force(mut self) -> Self {
        self.options.force = true;
        self
    }
}
