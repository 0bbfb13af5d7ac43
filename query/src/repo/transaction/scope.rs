//! The place of a handle on a connection of its own: in a checkout, a transaction or a savepoint.

use super::hooks::Hook;
use crate::adapter::{Control, Ending, Session, TransactionOptions};
use crate::error::{Error, TransactionAborted, TransactionMisuse};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The place of a handle: whose connection it uses, and at which level.
#[derive(Clone)]
pub(in crate::repo) struct Scope {
    shared: Arc<Shared>,
    id: u64,
    kind: Kind,
}

/// What a level is, the outer ones first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A connection without a transaction.
    Checkout,
    Transaction,
    /// The number of the savepoint.
    Savepoint(u32),
}

impl Kind {
    /// The kind of what is opened inside.
    fn inner(self) -> Kind {
        match self {
            Kind::Checkout => Kind::Transaction,
            Kind::Transaction => Kind::Savepoint(1),
            Kind::Savepoint(number) => Kind::Savepoint(number + 1),
        }
    }

    fn open(self, options: TransactionOptions) -> Option<Control> {
        match self {
            Kind::Checkout => None,
            Kind::Transaction => Some(Control::Begin(options)),
            Kind::Savepoint(number) => Some(Control::Savepoint(number)),
        }
    }

    fn keep(self) -> Option<Control> {
        match self {
            Kind::Checkout => None,
            Kind::Transaction => Some(Control::Commit),
            Kind::Savepoint(number) => Some(Control::Release(number)),
        }
    }

    fn undo(self) -> Option<Control> {
        match self {
            Kind::Checkout => None,
            Kind::Transaction => Some(Control::Rollback),
            Kind::Savepoint(number) => Some(Control::RollbackTo(number)),
        }
    }
}

struct Shared {
    state: Mutex<State>,
    /// The outermost kind.
    outermost: Kind,
}

struct State {
    session: Option<Arc<dyn Session>>,
    levels: Vec<Level>,
    /// The outermost level that was dropped: it is to be undone before anything else runs.
    abandoned: Option<Kind>,
}

struct Level {
    id: u64,
    kind: Kind,
    doomed: Option<Error>,
    /// What runs when this, and all around it, is kept.
    hooks: Vec<Hook>,
}

impl Level {
    fn new(kind: Kind) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Level { id: NEXT.fetch_add(1, Ordering::Relaxed), kind, doomed: None, hooks: Vec::new() }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements that could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn control(session: &dyn Session, control: Option<Control>) -> Result<Ending, Error> {
    match control {
        Some(control) => session.control(control).await,
        None => Ok(Ending::Done),
    }
}

impl Scope {
    fn outermost(session: Box<dyn Session>, kind: Kind) -> Self {
        let level = Level::new(kind);
        let id = level.id;
        let state = State { session: Some(session.into()), levels: vec![level], abandoned: None };
        Scope { shared: Arc::new(Shared { state: Mutex::new(state), outermost: kind }), id, kind }
    }

    /// A transaction that a store has opened.
    pub(super) fn transaction(session: Box<dyn Session>) -> Self {
        Self::outermost(session, Kind::Transaction)
    }

    /// A connection that a store has handed out.
    pub(super) fn checkout(session: Box<dyn Session>) -> Self {
        Self::outermost(session, Kind::Checkout)
    }

    /// Whether a transaction is open for this handle.
    pub(in crate::repo) fn in_transaction(&self) -> bool {
        self.kind != Kind::Checkout
    }

    /// The position of this handle's level, if the handle may be used now.
    fn place(&self, state: &State) -> Result<usize, Error> {
        let ended =
            if self.kind == Kind::Checkout { TransactionMisuse::CheckoutEnded } else { TransactionMisuse::Ended };
        let place = state.levels.iter().position(|level| level.id == self.id).ok_or(ended)?;
        if place + 1 < state.levels.len() {
            return Err(TransactionMisuse::NestedOpen.into());
        }
        match &state.levels[place].doomed {
            Some(cause) => Err(TransactionAborted { cause: Some(cause.clone()) }.into()),
            None => Ok(place),
        }
    }

    /// The session, if this handle may use it now.
    pub(in crate::repo) async fn enter(&self) -> Result<Arc<dyn Session>, Error> {
        let (session, abandoned) = {
            let mut state = self.shared.state();
            self.place(&state)?;
            (state.session.clone().ok_or(TransactionMisuse::Ended)?, state.abandoned.take())
        };
        if let Some(kind) = abandoned {
            let mut unsettled = Unsettled { shared: &self.shared, level: None, settled: false };
            control(&*session, kind.undo()).await?;
            unsettled.settled = true;
        }
        Ok(session)
    }

    /// Notes a statement's failure, which dooms the transaction.
    pub(in crate::repo) fn note<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        if let Err(error @ (Error::Database(_) | Error::Constraint(_) | Error::Connect(_))) = &result
            && self.in_transaction()
        {
            let mut state = self.shared.state();
            if let Some(level) = state.levels.iter_mut().find(|level| level.id == self.id) {
                level.doomed.get_or_insert_with(|| error.clone());
            }
        }
        result
    }

    /// Keeps a hook until it is known whether this level is kept.
    pub(super) fn add_hook(&self, hook: Hook) -> Result<(), Error> {
        let mut state = self.shared.state();
        let place = self.place(&state)?;
        state.levels[place].hooks.push(hook);
        Ok(())
    }

    /// Opens what is inside: a transaction in a checkout, else a savepoint.
    pub(super) async fn nest(&self, options: TransactionOptions) -> Result<Scope, Error> {
        let session = self.enter().await?;
        let kind = self.kind.inner();
        let level = Level::new(kind);
        let nested = Scope { shared: self.shared.clone(), id: level.id, kind };
        // The level is entered first, so that nobody uses the outer handle meanwhile.
        self.shared.state().levels.push(level);
        let mut unsettled = Unsettled { shared: &self.shared, level: Some(nested.id), settled: false };
        // If it fails, dropping `unsettled` takes the level off.
        control(&*session, kind.open(options)).await?;
        unsettled.settled = true;
        Ok(nested)
    }
}

/// A change of levels that is under way. If it is cut off, nobody knows which levels the store has, so that the enclosing
/// one can only be rolled back; in a checkout, the transaction is.
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
        match state.levels.last_mut() {
            Some(Level { kind: Kind::Checkout, .. }) => state.abandoned = Some(Kind::Transaction),
            Some(level) => {
                level.doomed.get_or_insert_with(|| TransactionAborted { cause: None }.into());
            }
            None => {}
        }
    }
}

/// Ends a level, one way or another.
pub(super) struct Guard(pub(super) Scope);

impl Guard {
    /// Keeps or undoes the level. Gives the hooks to run, if nothing around it can undo it any more.
    pub(super) async fn finish(self, keep: bool) -> Result<Vec<Hook>, Error> {
        let Closed { session, cause, hooks, abandoned } = self.close();
        let Guard(scope) = &self;
        if scope.kind == Kind::Checkout {
            return Ok(Vec::new());
        }
        let Some(session) = session else { return Err(TransactionMisuse::Ended.into()) };
        let keep = keep && cause.is_none();
        let mut unsettled = Unsettled { shared: &scope.shared, level: None, settled: false };
        let ending = async {
            // What a nested transaction left behind that did not end is not kept with the rest.
            if let Some(kind) = abandoned.filter(|_| keep) {
                control(&*session, kind.undo()).await?;
            }
            control(&*session, if keep { scope.kind.keep() } else { scope.kind.undo() }).await
        };
        let ending = ending.await;
        unsettled.settled = ending.is_ok();
        match (cause, ending) {
            (Some(cause), _) => Err(TransactionAborted { cause: Some(cause) }.into()),
            (None, Ok(Ending::RolledBack)) => Err(TransactionAborted { cause: None }.into()),
            (None, Err(error)) => Err(error),
            (None, Ok(Ending::Done)) if !keep => Ok(Vec::new()),
            (None, Ok(Ending::Done)) => Ok(self.hand_on(hooks)),
        }
    }

    /// Gives the hooks of a savepoint to the level around it.
    fn hand_on(&self, hooks: Vec<Hook>) -> Vec<Hook> {
        let mut state = self.0.shared.state();
        match state.levels.last_mut() {
            Some(around) if around.kind != Kind::Checkout => {
                around.hooks.extend(hooks);
                Vec::new()
            }
            _ => hooks,
        }
    }

    /// Takes the level and those inside of it off.
    fn close(&self) -> Closed {
        let Guard(scope) = self;
        let mut state = scope.shared.state();
        let place = state.levels.iter().position(|level| level.id == scope.id);
        let mut levels = place.map(|place| state.levels.split_off(place)).unwrap_or_default().into_iter();
        let (cause, hooks) = levels.next().map(|level| (level.doomed, level.hooks)).unwrap_or_default();
        let still_open = levels.next().map(|level| level.kind);
        let last = scope.kind == scope.shared.outermost;
        let session = if last { state.session.take() } else { state.session.clone() };
        Closed { session, cause, hooks, abandoned: still_open.or(state.abandoned.take()) }
    }
}

/// A level that was taken off.
struct Closed {
    session: Option<Arc<dyn Session>>,
    /// What doomed it.
    cause: Option<Error>,
    hooks: Vec<Hook>,
    /// The outermost level inside of it that did not end.
    abandoned: Option<Kind>,
}

/// Without [`finish`](Guard::finish), by a panic or because the future was dropped, everything is rolled back: the
/// outermost level by dropping its session, one inside of it before the next statement.
impl Drop for Guard {
    fn drop(&mut self) {
        let Guard(scope) = self;
        let mut state = scope.shared.state();
        let Some(place) = state.levels.iter().position(|level| level.id == scope.id) else { return };
        // Hooks are dropped later: they may hold what looks at this state.
        let levels = state.levels.split_off(place);
        let session = if scope.kind == scope.shared.outermost {
            state.session.take()
        } else {
            state.abandoned = Some(scope.kind.min(state.abandoned.unwrap_or(scope.kind)));
            None
        };
        drop(state);
        drop((levels, session));
    }
}
