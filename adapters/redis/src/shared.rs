//! Work that several callers wait for together.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// Work that is done once for all who ask while it runs. It is a task of its own, so that a caller who goes away does not take
/// it with him, and one who is not polled does not hold it up.
pub(crate) struct Shared<T> {
    running: Arc<Mutex<Option<watch::Receiver<Option<T>>>>>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Shared { running: Arc::default() }
    }
}

impl<T: Clone + Send + Sync + 'static> Shared<T> {
    /// The result of the work that runs, or else of `start`; `None` if the runtime that it ran on is gone.
    pub(crate) async fn result<F>(&self, start: impl FnOnce() -> F) -> Option<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut waiting = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            // One that is closed and still here was broken off.
            match running.as_ref().filter(|waiting| waiting.has_changed().is_ok()) {
                Some(waiting) => waiting.clone(),
                None => {
                    let (done, waiting) = watch::channel(None);
                    let (work, own) = (start(), self.running.clone());
                    tokio::spawn(async move {
                        let result = work.await;
                        own.lock().unwrap_or_else(PoisonError::into_inner).take();
                        // Nobody may be waiting any more.
                        let _ = done.send(Some(result));
                    });
                    *running = Some(waiting.clone());
                    waiting
                }
            }
        };
        let result = waiting.wait_for(Option::is_some).await.ok()?;
        result.clone()
    }
}
