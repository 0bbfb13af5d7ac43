//! The way from tasks to worker threads of one kind: first come, first served, with a bound on the wait.

use crate::connection::Connection;
use crate::error::{STORE, closed};
use crate::task::{Pending, Ticket, task};
use peristyle_query::error::{ConnectError, Error, PoolError};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Work for the next free worker: it receives the connection, or the reason why there is none.
type Work = Box<dyn FnOnce(Result<&Connection, Error>) + Send>;

struct Job {
    ticket: Arc<Ticket>,
    since: Instant,
    work: Work,
}

/// The workers of one kind, the writer or the readers, and the jobs that wait for them.
pub(crate) struct Pool {
    state: Mutex<State>,
    /// The watcher waits here for the next deadline.
    watch: Condvar,
    acquire_timeout: Duration,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// How many workers there are.
    workers: usize,
    /// Those of them that wait for a job. The last one is woken first: its connection's caches are the warmest.
    idle: Vec<Thread>,
    /// Whether a thread watches the deadlines.
    watched: bool,
    closed: bool,
    /// Who waits for the last worker to go.
    closing: Vec<oneshot::Sender<()>>,
}

impl Pool {
    pub(crate) fn new(acquire_timeout: Duration) -> Arc<Self> {
        Arc::new(Pool { state: Mutex::default(), watch: Condvar::new(), acquire_timeout })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a thread that serves the pool on `connection`.
    pub(crate) fn start(self: &Arc<Self>, name: &str, connection: Connection) -> Result<(), Error> {
        self.lock().workers += 1;
        let worker = Worker(self.clone());
        let serve = move || {
            connection.enter_thread();
            while let Some(work) = worker.0.next() {
                // The work answers for its own panics; this one keeps the thread whatever happens.
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(Ok(&connection))));
                connection.settle();
            }
            drop(connection);
            drop(worker);
        };
        match thread::Builder::new().name(name.to_owned()).spawn(serve) {
            Ok(_) => Ok(()),
            Err(error) => Err(no_thread(&error)),
        }
    }

    /// Lets the next free worker do `work`, and waits for its result.
    pub(crate) fn call<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Pending<T> {
        let (reply, pending) = task(closed);
        let ticket = reply.ticket();
        self.submit(
            ticket,
            Box::new(move |turn| match turn {
                Ok(connection) => {
                    reply.answer(|| work(connection));
                }
                Err(error) => reply.refuse(error),
            }),
        );
        pending
    }

    /// Puts work at the end of the queue.
    pub(crate) fn submit(self: &Arc<Self>, ticket: Arc<Ticket>, work: Work) {
        let mut state = self.lock();
        if state.closed {
            drop(state);
            return work(Err(closed()));
        }
        state.jobs.push_back(Job { ticket, since: Instant::now(), work });
        match state.idle.pop() {
            Some(worker) => {
                // A worker that is woken first would only wait for the lock.
                drop(state);
                worker.unpark();
            }
            None if state.watched => self.watch.notify_one(),
            None => self.start_watcher(&mut state),
        }
    }

    /// The next job that somebody waits for; `None` once the pool is closed.
    fn next(&self) -> Option<Work> {
        let mut skipped = Vec::new();
        let mut state = self.lock();
        loop {
            match state.jobs.pop_front() {
                Some(job) if job.ticket.is_cancelled() => skipped.push(job),
                Some(job) => {
                    drop(state);
                    return Some(job.work);
                }
                None if state.closed => return None,
                None => {
                    state.idle.push(thread::current());
                    state = self.parked(state);
                }
            }
        }
    }

    /// Waits until this worker, which is among the idle ones, is called.
    fn parked<'p>(&'p self, mut state: MutexGuard<'p, State>) -> MutexGuard<'p, State> {
        let own = thread::current().id();
        // A thread may also wake by itself.
        while state.idle.iter().any(|worker| worker.id() == own) {
            drop(state);
            thread::park();
            state = self.lock();
        }
        state
    }

    /// Starts the thread that refuses jobs which wait too long. It is started by the first job that has to wait.
    fn start_watcher(self: &Arc<Self>, state: &mut State) {
        let pool = self.clone();
        let watcher = thread::Builder::new().name("peristyle-sqlite-wait".to_owned());
        // Without it jobs wait for their turn without a bound.
        state.watched = watcher.spawn(move || pool.refuse_late_jobs()).is_ok();
    }

    fn refuse_late_jobs(&self) {
        let mut state = self.lock();
        while !state.closed {
            let now = Instant::now();
            let deadline = state.jobs.front().map(|job| job.since.checked_add(self.acquire_timeout));
            state = match deadline {
                // The queue is first come, first served, and all wait as long: the front is the first to be late.
                Some(Some(deadline)) if deadline <= now => match state.jobs.pop_front() {
                    Some(job) => {
                        let error = self.too_late(&state, &job);
                        drop(state);
                        if !job.ticket.is_cancelled() {
                            (job.work)(Err(error.into()));
                        }
                        self.lock()
                    }
                    None => state,
                },
                Some(Some(deadline)) => {
                    let wait = self.watch.wait_timeout(state, deadline - now);
                    wait.unwrap_or_else(PoisonError::into_inner).0
                }
                Some(None) | None => self.watch.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    fn too_late(&self, state: &State, job: &Job) -> PoolError {
        PoolError {
            store: STORE,
            waited: job.since.elapsed(),
            max_size: state.workers,
            size: state.workers,
            idle: state.idle.len(),
            waiting: state.jobs.iter().filter(|job| !job.ticket.is_cancelled()).count(),
            last_connect_error: None,
        }
    }

    /// Refuses the jobs that wait and those that come later; workers go when they have done what they do now.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        let (jobs, idle) = (std::mem::take(&mut state.jobs), std::mem::take(&mut state.idle));
        drop(state);
        idle.iter().for_each(Thread::unpark);
        self.watch.notify_all();
        for job in jobs {
            (job.work)(Err(closed()));
        }
    }

    /// Waits until the last worker has closed its connection.
    pub(crate) async fn closed(&self) {
        let gone = {
            let mut state = self.lock();
            if state.workers == 0 {
                return;
            }
            let (sender, receiver) = oneshot::channel();
            state.closing.push(sender);
            receiver
        };
        // An error means that the sender went with the last worker.
        let _ = gone.await;
    }
}

/// Counts a worker until it is dropped.
struct Worker(Arc<Pool>);

impl Drop for Worker {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.workers -= 1;
        if state.workers == 0 {
            for closing in state.closing.drain(..) {
                let _ = closing.send(());
            }
        }
    }
}

/// The error of a machine that gives no more threads.
pub(crate) fn no_thread(error: &std::io::Error) -> Error {
    ConnectError { store: STORE, message: format!("no thread could be started for it: {error}") }.into()
}
