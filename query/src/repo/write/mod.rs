//! Writing one row: a file for each write, and here what they share.

mod along;
mod builder;
mod delete;
mod insert;
mod join_row;
mod read_back;
mod taken;
mod update;
mod upsert;
mod version;

pub use builder::{Delete, Insert, InsertOrUpdate, Update};
pub use upsert::{Upsert, Upserted};

use super::Repo;
use super::transaction::Transaction;
use crate::adapter::{BoxFuture, TransactionOptions};
use crate::changeset::{Changeset, Refusal, Written};
use crate::error::{Error, MultipleRows, QueryError, Stale};
use crate::schema::{FieldMeta, Schema};
use crate::value::{DataType, Value};
use std::borrow::Cow;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;

/// How one row is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct WriteOptions {
    /// Whether it gets a savepoint of its own inside of a transaction.
    pub(crate) savepoint: bool,
    /// Whether all violated unique constraints are told, not only the first.
    pub(crate) report_all: bool,
    /// Whether it happens although nothing is changed.
    pub(crate) force: bool,
    /// Whether a row that is gone, or another by now, is no error.
    pub(crate) allow_stale: bool,
    /// The field that gets an error if the row is gone, or another by now.
    pub(crate) stale_error: Option<Cow<'static, str>>,
    /// How long the row lives.
    pub(crate) ttl: Option<Duration>,
    /// The fields that are read back although nothing asks for it, by position.
    pub(crate) returning: Vec<usize>,
}

impl WriteOptions {
    /// Adds the fields that the caller wants to be read back.
    fn read_too<S: Schema>(&self, read: &mut Vec<(usize, &'static FieldMeta)>) {
        for index in &self.returning {
            if read.iter().all(|(known, _)| known != index) {
                read.push((*index, &S::META.fields[*index]));
            }
        }
    }
}

/// The changeset as it was written, and what the row has become.
type Done<S> = (Changeset<S>, Written);

impl Repo {
    /// Runs what writes `changeset`, in a transaction of its own if it takes more than one statement.
    async fn written<S, T, F, Fut>(
        &self,
        together: bool,
        options: &WriteOptions,
        location: &'static Location<'static>,
        write: F,
    ) -> Result<T, Refusal<S>>
    where
        S: Schema,
        T: Send + 'static,
        F: FnOnce(Repo) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Refusal<S>>> + Send + 'static,
    {
        let savepoint = (options.savepoint || options.report_all) && self.in_transaction();
        if savepoint {
            self.check_savepoints().map_err(|error| error.at(location))?;
        }
        let result = if together || savepoint {
            let transaction: Transaction<'static, T, Refusal<S>> =
                self.transact(Some(S::META), TransactionOptions::default(), location, write);
            transaction.await
        } else {
            write(self.clone()).await
        };
        match result {
            Err(Refusal::Invalid(changeset)) if options.report_all => Err(self.also_taken(*changeset, location).await),
            result => result,
        }
    }
}

/// Runs what the changeset is to run before its write. An error that it adds ends the write.
async fn prepared<S: Schema>(repo: &Repo, mut changeset: Changeset<S>) -> Result<Changeset<S>, Refusal<S>> {
    for prepare in changeset.take_prepare() {
        changeset = prepare(changeset, repo.clone()).await?;
        changeset.check()?;
        if !changeset.is_valid() {
            return Err(Refusal::Invalid(Box::new(changeset)));
        }
    }
    Ok(changeset)
}

/// The refusal by the store, as an error of a field if the changeset knows the constraint.
fn refused<S: Schema>(mut changeset: Changeset<S>, mut error: Error) -> Refusal<S> {
    if let Error::Constraint(violated) = &mut error {
        if !changeset.is_bare() && changeset.violated(violated) {
            return Refusal::Invalid(Box::new(changeset));
        }
        changeset.unknown(violated);
    }
    Refusal::Error(error)
}

/// Whether the one row was written; if it was another by now, what becomes of the write.
fn one_row<S: Schema>(
    rows: u64,
    changeset: Changeset<S>,
    options: &WriteOptions,
    sought: String,
    operation: &'static str,
) -> Result<Changeset<S>, Refusal<S>> {
    match (rows, &options.stale_error) {
        (1, _) => Ok(changeset),
        (0, _) if options.allow_stale => Err(Refusal::Skipped(Box::new(changeset))),
        (0, Some(field)) => {
            let error = crate::changeset::FieldError::new("is stale").with("stale", true);
            Err(Refusal::Invalid(Box::new(changeset.add_error(field.clone(), error))))
        }
        (0, None) => Err(Error::from(Stale { schema: S::NAME, sought, operation }).into()),
        _ => Err(Error::from(MultipleRows { schema: S::NAME }).into()),
    }
}

/// Refuses a schema without a primary key, whose rows cannot be told apart.
fn keyed<S: Schema>(operation: &str) -> Result<(), QueryError> {
    if S::META.primary_key.is_empty() {
        return Err(QueryError::new(format!(
            "cannot {operation} a {0}: it has no primary key to tell its rows apart by; use repo.{operation}_all({0}::query().filter(..))",
            S::NAME
        )));
    }
    Ok(())
}

/// The time in the type of a timestamp's column, or `None` if the column holds no time.
pub(super) fn time_for(field: &FieldMeta, now: &Value) -> Option<Value> {
    match (field.data_type, now) {
        (DataType::Timestamp, now) => Some(now.clone()),
        (DataType::DateTime, Value::Timestamp(now)) => Some(Value::DateTime(now.naive_utc())),
        _ => None,
    }
}

/// A write of a row, which may write others of any schema in turn.
type WritingRow<'w, S> = BoxFuture<'w, Result<Done<S>, Refusal<S>>>;
