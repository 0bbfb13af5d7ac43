//! A connection of its own, as far as Redis has such: a transaction's writes wait in it for the commit.

use crate::adapter::{no_sql, open, run};
use crate::change::Reason;
use crate::error::is_outcome_unknown;
use crate::pending::{Pending, View, refused};
use crate::store::Store;
use crate::write::attempt;
use peristyle_query::adapter::{
    BoxFuture, Control, Cursor, Ending, Executor, Isolation, Outcome, Request, Session, Sink, TransactionOptions,
};
use peristyle_query::error::{CommitUnknown, Error};
use peristyle_query::schema::SchemaMeta;
use std::sync::{Arc, Mutex, PoisonError};

/// A transaction, or a checkout with transactions one after the other.
pub(crate) struct RedisSession {
    store: Arc<Store>,
    pending: Mutex<Option<Arc<Pending>>>,
}

impl RedisSession {
    /// A checkout, in which no transaction is open.
    pub(crate) fn new(store: Arc<Store>) -> Self {
        RedisSession { store, pending: Mutex::default() }
    }

    /// An open transaction.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for an isolation that it does not have.
    pub(crate) fn begin(store: Arc<Store>, options: TransactionOptions) -> Result<Self, Error> {
        let session = Self::new(store);
        session.open(options)?;
        Ok(session)
    }

    fn open(&self, options: TransactionOptions) -> Result<(), Error> {
        if let Some(isolation @ (Isolation::RepeatableRead | Isolation::Serializable)) = options.isolation {
            let name = if isolation == Isolation::Serializable { "serializable" } else { "repeatable read" };
            return Err(refused(
                format!("{name} isolation"),
                "leave the isolation out: the rows that a transaction reads are the same at its commit, or it fails and can be retried",
            ));
        }
        self.set(Some(Arc::new(Pending::new(self.store.link.is_cluster(), options.read_only))));
        Ok(())
    }

    fn set(&self, pending: Option<Arc<Pending>>) -> Option<Arc<Pending>> {
        std::mem::replace(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner), pending)
    }

    fn pending(&self) -> Option<Arc<Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes all changes with one script.
    async fn commit(&self) -> Result<(), Error> {
        let Some(pending) = self.set(None) else { return Ok(()) };
        let (changes, read) = pending.take();
        if changes.is_empty() {
            return Ok(());
        }
        let refusal = attempt(&self.store, &changes).await.map_err(|error| match error {
            Error::Connect(lost) if is_outcome_unknown(&Error::Connect(lost.clone())) => {
                CommitUnknown { message: lost.message.clone() }.into()
            }
            error => error,
        })?;
        let Some(mut refusal) = refusal else { return Ok(()) };
        if read.get(refusal.change).copied().unwrap_or_default() && refusal.reasons.contains(&Reason::Exists) {
            // There was none when the transaction looked.
            refusal.reasons = vec![Reason::Changed];
        }
        Err(refusal.error(&changes))
    }
}

impl Executor for RedisSession {
    fn run(&self, request: Request, sink: Box<dyn Sink>) -> BoxFuture<'_, Result<Outcome, Error>> {
        Box::pin(async move {
            match self.pending() {
                Some(pending) => run(&self.store, View::Transaction(&pending), request, sink).await,
                None => run(&self.store, View::Store, request, sink).await,
            }
        })
    }

    fn open(&self, request: Request) -> BoxFuture<'_, Result<Box<dyn Cursor>, Error>> {
        Box::pin(open(self.store.clone(), self.pending(), request))
    }

    fn script(&self, _: String) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async { Err(no_sql()) })
    }

    fn tells_inserted(&self, _: &'static SchemaMeta, _: Option<Arc<str>>) -> BoxFuture<'_, Result<bool, Error>> {
        Box::pin(async { Ok(true) })
    }
}

impl Session for RedisSession {
    fn control(&self, control: Control) -> BoxFuture<'_, Result<Ending, Error>> {
        Box::pin(async move {
            match (control, self.pending()) {
                (Control::Begin(options), _) => self.open(options)?,
                (Control::Commit, _) => self.commit().await?,
                (Control::Rollback, _) => drop(self.set(None)),
                // What waits in the session can be forgotten from any point on. The repo refuses nested transactions, since
                // the errors of their constraints come at the commit only.
                (Control::Savepoint(number), Some(pending)) => pending.savepoint(number),
                (Control::RollbackTo(number), Some(pending)) => pending.roll_back_to(number),
                (Control::Release(number), Some(pending)) => pending.release(number),
                (_, None) => {}
            }
            Ok(Ending::Done)
        })
    }
}
