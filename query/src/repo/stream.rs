//! Streaming the rows of a query.

use super::{Loading, Repo};
use crate::adapter::{BoxFuture, Cursor, Outcome};
use crate::error::{Error, QueryError};
use crate::preload::{RowSink, check_tail};
use crate::query::ast::Operation;
use crate::query::{IntoQuery, Reading};
use futures_core::Stream;
use std::future::poll_fn;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// How many rows are fetched at a time.
const ROWS_A_FETCH: u32 = 500;

/// The rows of a query, fetched in parts as they are asked for: memory stays constant, and a slow reader slows the store.
///
/// It is a [`Stream`]; [`next`](Rows::next) needs no other crate. Dropping it ends the query.
#[must_use = "a stream does nothing until it is polled"]
pub struct Rows<Out> {
    state: State<Out>,
    reading: Reading<Out>,
    repo: Repo,
    location: &'static Location<'static>,
}

/// The cursor, and the rows and how many the fetch gave.
type Fetched<Out> = (Box<dyn Cursor>, Result<(Vec<Out>, u64), Error>);

enum State<Out> {
    Opening(BoxFuture<'static, Result<(Box<dyn Cursor>, Repo), Error>>),
    Fetching(BoxFuture<'static, Fetched<Out>>),
    Giving(std::vec::IntoIter<Out>, Option<Box<dyn Cursor>>),
    Done,
}

impl Repo {
    /// The rows of a query as a stream, fetched in parts of 500.
    ///
    /// Outside of a transaction the stream holds a connection until it is dropped or ends; inside of one, the
    /// transaction's connection is free between two fetches.
    ///
    /// # Errors
    ///
    /// The stream's items: as [`all`](Repo::all). The first error ends the stream.
    #[track_caller]
    pub fn stream<Q: IntoQuery>(&self, query: Q) -> Rows<Q::Out> {
        let (repo, query, location) = (self.clone(), query.into_query(), Location::caller());
        let reading = query.reading();
        let prefix = query.own_prefix().map(str::to_owned);
        let select = if query.has_joined() {
            Err(QueryError::new(
                "a stream gives rows as they come, and join_preload needs all rows of a root: use .preload(..)",
            ))
        } else {
            query.into_select()
        };
        let checked = check_tail(&reading);
        let preloads = reading.tail.is_some();
        let open = {
            let repo = repo.clone();
            async move {
                let (select, ()) = (select?, checked?);
                let repo = select.schema().map_or(repo.clone(), |schema| repo.at(schema).into_owned());
                // What is preloaded runs on the connection of the stream, between two fetches.
                let repo = if preloads { repo.reading().await? } else { repo };
                let cursor = repo.open(Operation::Select(select), location).await?;
                Ok((cursor, prefix.map_or(repo.clone(), |prefix| repo.in_prefix(prefix))))
            }
        };
        Rows { state: State::Opening(Box::pin(open)), reading, repo, location }
    }
}

impl<Out: Send + 'static> Rows<Out> {
    /// The next row, or `None` at the end.
    ///
    /// # Errors
    ///
    /// As [`Repo::all`]. The first error ends the stream.
    pub async fn next(&mut self) -> Option<Result<Out, Error>> {
        poll_fn(|context| self.poll(context)).await
    }

    fn fetch(&self, mut cursor: Box<dyn Cursor>) -> State<Out> {
        let (repo, reading, location) = (self.repo.clone(), self.reading.clone(), self.location);
        State::Fetching(Box::pin(async move {
            let result = fetch(&repo, &mut *cursor, reading, location).await;
            (cursor, result)
        }))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Out, Error>>> {
        loop {
            match &mut self.state {
                State::Opening(opening) => match ready!(opening.as_mut().poll(context)) {
                    Ok((cursor, repo)) => {
                        self.repo = repo;
                        self.state = self.fetch(cursor);
                    }
                    Err(error) => return self.fail(error),
                },
                State::Fetching(fetching) => {
                    let (cursor, result) = ready!(fetching.as_mut().poll(context));
                    match result {
                        Ok((rows, count)) => {
                            let more = count >= u64::from(ROWS_A_FETCH);
                            self.state = State::Giving(rows.into_iter(), more.then_some(cursor));
                        }
                        Err(error) => return self.fail(error),
                    }
                }
                State::Giving(rows, cursor) => match (rows.next(), cursor.take()) {
                    (Some(row), rest) => {
                        *cursor = rest;
                        return Poll::Ready(Some(Ok(row)));
                    }
                    (None, Some(rest)) => self.state = self.fetch(rest),
                    (None, None) => self.state = State::Done,
                },
                State::Done => return Poll::Ready(None),
            }
        }
    }

    fn fail(&mut self, error: Error) -> Poll<Option<Result<Out, Error>>> {
        self.state = State::Done;
        Poll::Ready(Some(Err(error.at(self.location))))
    }
}

/// Fetches the next rows, and what is preloaded into them.
async fn fetch<Out: Send + 'static>(
    repo: &Repo,
    cursor: &mut dyn Cursor,
    reading: Reading<Out>,
    location: &'static Location<'static>,
) -> Result<(Vec<Out>, u64), Error> {
    let sink = Box::new(RowSink::new(reading, None));
    let fetched = match &repo.handle.place.scope {
        None => cursor.fetch(ROWS_A_FETCH, sink).await,
        Some(scope) => {
            scope.enter().await?;
            let result = cursor.fetch(ROWS_A_FETCH, sink).await;
            scope.note(result)
        }
    };
    let outcome: Outcome = repo.told(fetched)?;
    let sink = RowSink::<Out>::back(outcome.sink)?;
    let count = sink.rows.len() as u64;
    let loading = Loading::new(repo, location).within_call();
    Ok((sink.finish(&loading).await?, count))
}

impl<Out> Unpin for Rows<Out> {}

impl<Out: Send + 'static> Stream for Rows<Out> {
    type Item = Result<Out, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}
