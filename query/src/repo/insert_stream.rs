//! Inserting the rows of a stream.

use super::batch;
use super::insert_all::{How, Parts};
use super::insert_rows::{InsertRow, InsertRows};
use super::returning::{Counted, Gives};
use super::{Repo, RepoFuture};
use crate::adapter::TransactionOptions;
use crate::error::Error;
use crate::query::OnConflict;
use crate::schema::Schema;
use futures_core::Stream;
use std::future::{IntoFuture, poll_fn};
use std::panic::Location;
use std::pin::Pin;
use std::time::Duration;

/// How many rows of a stream are gathered for a statement.
const ROWS: usize = 10_000;

/// An insert of the rows of a stream; awaiting it runs it.
#[must_use = "nothing is inserted until it is awaited"]
pub struct InsertStream<T, S> {
    repo: Repo,
    stream: Pin<Box<dyn Stream<Item = T> + Send>>,
    how: How<S, Counted>,
    location: &'static Location<'static>,
}

/// What a stream of rows gives: rows, or `Result`s of them.
#[diagnostic::on_unimplemented(
    message = "a stream of `{Self}` cannot be inserted",
    label = "expected a stream of a schema's structs, or of `Result<_, peristyle::Error>`s of them"
)]
pub trait StreamedRow: Send + 'static {
    /// The row.
    type Row: InsertRow;

    #[doc(hidden)]
    fn row(self) -> Result<Self::Row, Error>;
}

impl<R: InsertRow> StreamedRow for R {
    type Row = R;

    fn row(self) -> Result<R, Error> {
        Ok(self)
    }
}

impl<R: InsertRow> StreamedRow for Result<R, Error> {
    type Row = R;

    fn row(self) -> Result<R, Error> {
        self
    }
}

type SchemaOf<T> = <<T as StreamedRow>::Row as InsertRow>::Schema;

impl Repo {
    /// Inserts the rows of a stream in one transaction, and gives their number.
    ///
    /// Rows are taken as they are written, 10,000 at a time, so that memory stays constant and a slow store slows the stream;
    /// the transaction is open meanwhile. They are filled as by [`insert_all`](Repo::insert_all).
    ///
    /// # Errors
    ///
    /// The first error of the stream rolls back; else as [`insert_all`](Repo::insert_all). On a key-value store, where each row
    /// is kept by itself, it ends the insert: it is the last one of [`Error::Partial`].
    #[track_caller]
    pub fn insert_stream<T: StreamedRow>(
        &self,
        stream: impl Stream<Item = T> + Send + 'static,
    ) -> InsertStream<T, SchemaOf<T>> {
        InsertStream { repo: self.clone(), stream: Box::pin(stream), how: How::new(), location: Location::caller() }
    }
}

impl<T, S: Schema> InsertStream<T, S> {
    /// Writes the rows as they are; see [`InsertAll::raw`](super::InsertAll::raw).
    pub fn raw(mut self) -> Self {
        self.how.set_raw();
        self
    }

    /// Lets the rows live so long from this write on, whatever their schema says; see [`Insert::ttl`](super::Insert::ttl).
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.how.set_ttl(ttl);
        self
    }

    /// What happens to a row that is there already, instead of an error; see [`OnConflict`].
    pub fn on_conflict(mut self, conflict: impl FnOnce(OnConflict<S>) -> OnConflict<S>) -> Self {
        self.how.set_conflict(conflict);
        self
    }
}

impl<T: StreamedRow> IntoFuture for InsertStream<T, SchemaOf<T>> {
    type Output = Result<u64, Error>;
    type IntoFuture = RepoFuture<u64>;

    fn into_future(self) -> Self::IntoFuture {
        let InsertStream { repo, mut stream, how, location } = self;
        if repo.inserts_each(<SchemaOf<T> as Schema>::META) {
            return RepoFuture::new(location, insert_each::<T>(repo, stream, how, location));
        }
        let insert = async move |tx: Repo| -> Result<u64, Error> {
            let (filler, mut taken, mut total) = (how.filler(&tx), 0, 0);
            loop {
                let mut rows = Vec::new();
                while rows.len() < ROWS
                    && let Some(row) = poll_fn(|context| stream.as_mut().poll_next(context)).await
                {
                    rows.push(row.row()?);
                }
                if rows.is_empty() {
                    return Ok(<Counted as Gives>::all(total));
                }
                let InsertRows(mut rows) = T::Row::rows(rows);
                loop {
                    let batches = batch::next(&mut rows, &filler, &mut taken)?;
                    if batches.is_empty() {
                        break;
                    }
                    how.run(&tx, batches, &mut total, location).await?;
                }
            }
        };
        RepoFuture::new(location, async move {
            repo.transact(Some(<SchemaOf<T> as Schema>::META), TransactionOptions::default(), location, insert).await
        })
    }
}

/// Inserts the rows of a stream, each of which is kept by itself.
async fn insert_each<T: StreamedRow>(
    repo: Repo,
    mut stream: Pin<Box<dyn Stream<Item = T> + Send>>,
    how: How<SchemaOf<T>, Counted>,
    location: &'static Location<'static>,
) -> Result<u64, Error> {
    let name = <SchemaOf<T> as Schema>::META.name;
    let (filler, mut taken, mut parts) = (how.filler(&repo), 0, Parts::new());
    loop {
        let (mut rows, mut broken) = (Vec::new(), None);
        while rows.len() < ROWS
            && broken.is_none()
            && let Some(row) = poll_fn(|context| stream.as_mut().poll_next(context)).await
        {
            match row.row() {
                Ok(row) => rows.push(row),
                Err(error) => broken = Some(error),
            }
        }
        if rows.is_empty() && broken.is_none() {
            return parts.all(name);
        }
        let InsertRows(mut rows) = T::Row::rows(rows);
        loop {
            match batch::next(&mut rows, &filler, &mut taken) {
                Ok(batches) if batches.is_empty() => break,
                Ok(batches) => how.run_each(&repo, batches, &mut parts, location).await?,
                Err(error) => return parts.end(name, taken, error.into()),
            }
        }
        if let Some(error) = broken {
            return parts.end(name, taken, error);
        }
    }
}
