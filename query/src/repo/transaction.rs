//! Transactions: their life, nesting, and misuse. What a store does about them is the adapter's.

use super::Repo;
use crate::adapter::{Adapter, BoxFuture, Control, Ending, Session, TransactionOptions};
use crate::error::{Error, TransactionAborted, TransactionMisuse};
use std::cell::RefCell;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

/// The future of a transaction; dropping it rolls back.
#[must_use = "a transaction does nothing until it is awaited"]
pub struct Transaction<'a, T, E = Error> {
    future: BoxFuture<'a, Result<T, E>>,
}

impl<T, E> Future for Transaction<'_, T, E> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.future.as_mut().poll(context)
    }
}

impl Repo {
    /// Runs a function in a transaction: kept if it returns Ok, rolled back if it returns Err, panics, or its future is
    /// dropped. Inside a transaction it is a savepoint.
    ///
    /// The function receives the transaction's own handle. A statement that fails dooms the transaction (or the innermost
    /// savepoint), as on Postgres: a later Ok rolls back too.
    ///
    /// # Errors
    ///
    /// What the function returns; [`Error::TransactionAborted`] if it returned Ok after a statement had failed;
    /// [`Error::CommitUnknown`] if the connection was lost during COMMIT.
    #[track_caller]
    pub fn transaction<'a, T, F, Fut>(&self, body: F) -> Transaction<'a, T>
    where
        F: AsyncFnOnce(Repo) -> Result<T, Error> + FnOnce(Repo) -> Fut + Send + 'a,
        Fut: Future<Output = Result<T, Error>> + Send + 'a,
        T: Send + 'a,
    {
        self.transact(TransactionOptions::default(), Location::caller(), body)
    }

    /// The same, for a function with an error type of its own.
    ///
    /// # Errors
    ///
    /// As [`transaction`](Repo::transaction), turned into `E`.
    #[track_caller]
    pub fn transaction_as<'a, T, E, F, Fut>(&self, body: F) -> Transaction<'a, T, E>
    where
        F: AsyncFnOnce(Repo) -> Result<T, E> + FnOnce(Repo) -> Fut + Send + 'a,
        Fut: Future<Output = Result<T, E>> + Send + 'a,
        T: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        self.transact(TransactionOptions::default(), Location::caller(), body)
    }

    /// The same, with options; with `retries`, the function runs again after a serialization failure or a deadlock.
    ///
    /// Inside a transaction the options are those of the outer one.
    ///
    /// # Errors
    ///
    /// As [`transaction`](Repo::transaction).
    #[track_caller]
    pub fn transaction_with<'a, T, F, Fut>(&self, options: TransactionOptions, body: F) -> Transaction<'a, T>
    where
        F: AsyncFn(Repo) -> Result<T, Error> + Fn(Repo) -> Fut + Send + Sync + 'a,
        Fut: Future<Output = Result<T, Error>> + Send + 'a,
        T: Send + 'a,
    {
        let (mut repo, location) = (self.clone(), Location::caller());
        let future = async move {
            let mut left = if repo.in_transaction() { 0 } else { options.retries };
            loop {
                match repo.transact(options, location, &body).await {
                    Err(error) if left > 0 && error.is_retryable() => {
                        left -= 1;
                        repo = repo.with_new_counts();
                    }
                    result => return result,
                }
            }
        };
        Transaction { future: Box::pin(future) }
    }

    /// A handle to a transaction of its own that only reads, open until the handle is dropped; the same handle inside of a
    /// transaction.
    pub(super) async fn reading(&self) -> Result<Repo, Error> {
        if self.in_transaction() {
            return Ok(self.clone());
        }
        outer_repo_inside(&self.handle.adapter)?;
        let session = self.handle.adapter.begin(TransactionOptions::read_only()).await?;
        let scope = Scope::outermost(session.into());
        Ok(self.with(|handle| handle.scope = Some(scope)))
    }

    pub(super) fn transact<'a, T, E, F, Fut>(
        &self,
        options: TransactionOptions,
        location: &'static Location<'static>,
        body: F,
    ) -> Transaction<'a, T, E>
    where
        F: FnOnce(Repo) -> Fut + Send + 'a,
        Fut: Future<Output = Result<T, E>> + Send + 'a,
        T: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        let repo = self.clone();
        let future = async move {
            let begun = async {
                match &repo.handle.scope {
                    Some(outer) => outer.nest().await,
                    None => {
                        outer_repo_inside(&repo.handle.adapter)?;
                        let session = repo.handle.adapter.begin(options).await?;
                        Ok(Scope::outermost(session.into()))
                    }
                }
            };
            let guard = Guard(begun.await.map_err(|error| error.at(location))?);
            let tx = repo.with(|handle| handle.scope = Some(guard.0.clone()));
            let body = Inside { adapter: key(&repo.handle.adapter), body: Box::pin(body(tx)) };
            match body.await {
                Ok(value) => match guard.finish(true).await {
                    Ok(()) => Ok(value),
                    Err(error) => Err(E::from(error.at(location))),
                },
                Err(error) => {
                    // The function's own error is what matters; a connection that cannot even roll back is dropped.
                    let _ = guard.finish(false).await;
                    Err(error)
                }
            }
        };
        Transaction { future: Box::pin(future) }
    }
}

/// The place of a handle in a transaction: the transaction, and which of its nested ones.
#[derive(Clone)]
pub(super) struct Scope {
    shared: Arc<Shared>,
    id: u64,
    /// 0 for the transaction itself, else the number of the savepoint.
    depth: u32,
}

struct Shared {
    state: Mutex<State>,
}

struct State {
    session: Option<Arc<dyn Session>>,
    levels: Vec<Level>,
    /// A nested transaction was dropped: its savepoint is to be undone before anything else runs.
    abandoned: Option<u32>,
}

struct Level {
    id: u64,
    doomed: Option<Error>,
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements that could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scope {
    fn outermost(session: Arc<dyn Session>) -> Self {
        let id = next_id();
        let levels = vec![Level { id, doomed: None }];
        let state = Mutex::new(State { session: Some(session), levels, abandoned: None });
        Scope { shared: Arc::new(Shared { state }), id, depth: 0 }
    }

    /// The session, if this handle may use it now.
    pub(super) async fn enter(&self) -> Result<Arc<dyn Session>, Error> {
        let (session, abandoned) = {
            let mut state = self.shared.state();
            let session = state.session.clone().ok_or(TransactionMisuse::Ended)?;
            match state.levels.iter().position(|level| level.id == self.id) {
                None => return Err(TransactionMisuse::Ended.into()),
                Some(place) if place + 1 < state.levels.len() => return Err(TransactionMisuse::NestedOpen.into()),
                Some(place) if state.levels[place].doomed.is_some() => {
                    return Err(TransactionAborted { cause: state.levels[place].doomed.clone() }.into());
                }
                Some(_) => {}
            }
            (session, state.abandoned.take())
        };
        if let Some(savepoint) = abandoned {
            let mut unsettled = Unsettled { shared: &self.shared, level: None, settled: false };
            session.control(Control::RollbackTo(savepoint)).await?;
            unsettled.settled = true;
        }
        Ok(session)
    }

    /// Notes a statement's failure, which dooms the transaction.
    pub(super) fn note<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        if let Err(error @ (Error::Database(_) | Error::Constraint(_) | Error::Connect(_))) = &result {
            let mut state = self.shared.state();
            if let Some(level) = state.levels.iter_mut().find(|level| level.id == self.id) {
                level.doomed.get_or_insert_with(|| error.clone());
            }
        }
        result
    }

    async fn nest(&self) -> Result<Scope, Error> {
        let session = self.enter().await?;
        let id = next_id();
        let nested = Scope { shared: self.shared.clone(), id, depth: self.depth + 1 };
        // The level is entered first, so that nobody uses the outer handle meanwhile.
        self.shared.state().levels.push(Level { id, doomed: None });
        let mut unsettled = Unsettled { shared: &self.shared, level: Some(id), settled: false };
        match session.control(Control::Savepoint(nested.depth)).await {
            Ok(_) => {
                unsettled.settled = true;
                Ok(nested)
            }
            // Dropping `unsettled` takes the level off.
            Err(error) => Err(error),
        }
    }
}

/// A change of savepoints that is under way. If it is cut off, nobody knows which savepoints there are, so that the
/// enclosing level can only be rolled back.
struct Unsettled<'s> {
    shared: &'s Shared,
    /// The level that is being made.
    level: Option<u64>,
    settled: bool,
}

impl Drop for Unsettled<'_> {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        let mut state = self.shared.state();
        state.levels.retain(|level| Some(level.id) != self.level);
        if let Some(level) = state.levels.last_mut() {
            level.doomed.get_or_insert_with(|| TransactionAborted { cause: None }.into());
        }
    }
}

/// Ends a transaction, one way or another.
struct Guard(Scope);

impl Guard {
    async fn finish(self, keep: bool) -> Result<(), Error> {
        let Closed { session, cause, abandoned } = self.close();
        let Some(session) = session else { return Err(TransactionMisuse::Ended.into()) };
        let depth = self.0.depth;
        let keep = keep && cause.is_none();
        let control = match (keep, depth) {
            (true, 0) => Control::Commit,
            (false, 0) => Control::Rollback,
            (true, savepoint) => Control::Release(savepoint),
            (false, savepoint) => Control::RollbackTo(savepoint),
        };
        let mut unsettled = Unsettled { shared: &self.0.shared, level: None, settled: false };
        let ending = async {
            // What a nested transaction left behind that did not end is not kept with the rest.
            if let Some(savepoint) = abandoned.filter(|_| keep) {
                session.control(Control::RollbackTo(savepoint)).await?;
            }
            session.control(control).await
        };
        let ending = ending.await;
        unsettled.settled = ending.is_ok();
        match (cause, ending) {
            (Some(cause), _) => Err(TransactionAborted { cause: Some(cause) }.into()),
            (None, Ok(Ending::Done)) => Ok(()),
            (None, Ok(Ending::RolledBack)) => Err(TransactionAborted { cause: None }.into()),
            (None, Err(error)) => Err(error),
        }
    }

    /// Takes the level and those inside of it off.
    fn close(&self) -> Closed {
        let Guard(scope) = self;
        let mut state = scope.shared.state();
        let place = state.levels.iter().position(|level| level.id == scope.id);
        let mut levels = place.map(|place| state.levels.split_off(place)).unwrap_or_default().into_iter();
        let cause = levels.next().and_then(|level| level.doomed);
        let still_open = levels.next().map(|_| scope.depth + 1);
        let session = if scope.depth == 0 { state.session.take() } else { state.session.clone() };
        Closed { session, cause, abandoned: still_open.or(state.abandoned.take()) }
    }
}

/// A level that was taken off.
struct Closed {
    session: Option<Arc<dyn Session>>,
    /// What doomed it.
    cause: Option<Error>,
    /// The outermost savepoint inside of it whose transaction did not end.
    abandoned: Option<u32>,
}

/// Without [`finish`](Guard::finish), by a panic or because the future was dropped, everything is rolled back: the
/// transaction by dropping its session, a nested one before the next statement.
impl Drop for Guard {
    fn drop(&mut self) {
        let Guard(scope) = self;
        let mut state = scope.shared.state();
        let Some(place) = state.levels.iter().position(|level| level.id == scope.id) else { return };
        state.levels.truncate(place);
        if scope.depth == 0 {
            state.session = None;
        } else {
            state.abandoned = Some(scope.depth.min(state.abandoned.unwrap_or(scope.depth)));
        }
    }
}

thread_local! {
    /// The adapters whose transactions' functions are being polled on this thread.
    static INSIDE: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

fn key(adapter: &Arc<dyn Adapter>) -> usize {
    Arc::as_ptr(adapter).cast::<()>() as usize
}

/// Refuses the outer repo inside its own transaction, on a store where it would wait for itself.
pub(super) fn outer_repo_inside(adapter: &Arc<dyn Adapter>) -> Result<(), Error> {
    if adapter.single_writer() && INSIDE.with_borrow(|inside| inside.contains(&key(adapter))) {
        return Err(TransactionMisuse::OuterRepo.into());
    }
    Ok(())
}

/// The future of a transaction's function, which remembers while it is polled whose transaction it is.
struct Inside<'a, T> {
    adapter: usize,
    body: Pin<Box<dyn Future<Output = T> + Send + 'a>>,
}

impl<T> Future for Inside<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        struct Leave;
        impl Drop for Leave {
            fn drop(&mut self) {
                INSIDE.with_borrow_mut(|inside| inside.pop());
            }
        }
        INSIDE.with_borrow_mut(|inside| inside.push(self.adapter));
        let _leave = Leave;
        self.body.as_mut().poll(context)
    }
}
