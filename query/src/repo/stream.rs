//! Streaming the rows of a query.

use super::Repo;
use super::run::Collect;
use crate::adapter::{BoxFuture, Cursor, Outcome};
use crate::error::Error;
use crate::query::ast::{Operation, Select};
use crate::query::{Decode, IntoQuery};
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
    decode: Decode<Out>,
    /// Whether an error must not show what was found.
    redact: bool,
    repo: Repo,
    location: &'static Location<'static>,
}

type Fetched = (Box<dyn Cursor>, Result<Outcome, Error>);

enum State<Out> {
    Opening(BoxFuture<'static, Result<Box<dyn Cursor>, Error>>),
    Fetching(BoxFuture<'static, Fetched>),
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
        let decode = query.decoder();
        let select = query.into_select();
        let redact = select.as_ref().is_ok_and(Select::computes_redacted);
        let open = {
            let repo = repo.clone();
            async move { repo.open(Operation::Select(select?), location).await }
        };
        Rows { state: State::Opening(Box::pin(open)), decode, redact, repo, location }
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
        let (repo, sink) = (self.repo.clone(), Collect::sink(self.decode, self.redact));
        State::Fetching(Box::pin(async move {
            let result = async {
                match &repo.handle.scope {
                    None => cursor.fetch(ROWS_A_FETCH, sink).await,
                    Some(scope) => {
                        scope.enter().await?;
                        let result = cursor.fetch(ROWS_A_FETCH, sink).await;
                        scope.note(result)
                    }
                }
            };
            let result = result.await;
            (cursor, result)
        }))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Out, Error>>> {
        loop {
            match &mut self.state {
                State::Opening(opening) => match ready!(opening.as_mut().poll(context)) {
                    Ok(cursor) => self.state = self.fetch(cursor),
                    Err(error) => return self.fail(error),
                },
                State::Fetching(fetching) => {
                    let (cursor, result) = ready!(fetching.as_mut().poll(context));
                    match result {
                        Ok(outcome) => {
                            let rows: Vec<Out> = Collect::rows(outcome.sink);
                            let more = rows.len() as u64 >= u64::from(ROWS_A_FETCH);
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

impl<Out> Unpin for Rows<Out> {}

impl<Out: Send + 'static> Stream for Rows<Out> {
    type Item = Result<Out, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}
