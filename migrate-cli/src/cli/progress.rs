//! What is shown while something takes longer than a second, to somebody who watches.

use super::output::Output;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long nothing is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// A line that says what goes on, from the second second on. It disappears when it is dropped.
pub struct Progress {
    bar: Arc<Mutex<Bar>>,
    task: Option<tokio::task::JoinHandle<()>>,
}

enum Bar {
    /// With the words to show.
    Waiting(String),
    Shown(ProgressBar),
    Done,
}

impl Progress {
    /// Begins; `what` is as in `running 20261122143000_add_posts`.
    pub fn new(output: Output, what: impl Into<String>) -> Self {
        let bar = Arc::new(Mutex::new(Bar::Waiting(what.into())));
        let shared = bar.clone();
        let show = async move {
            tokio::time::sleep(PATIENCE).await;
            let mut bar = shared.lock().unwrap_or_else(PoisonError::into_inner);
            if let Bar::Waiting(what) = &mut *bar {
                let what = std::mem::take(what);
                let spinner = ProgressBar::new_spinner().with_message(what).with_elapsed(PATIENCE);
                if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}  {elapsed}") {
                    spinner.set_style(style);
                }
                spinner.enable_steady_tick(Duration::from_millis(120));
                *bar = Bar::Shown(spinner);
            }
        };
        let task = (output.is_watched() && tokio::runtime::Handle::try_current().is_ok()).then(|| tokio::spawn(show));
        Progress { bar, task }
    }

    /// What gives the line other words.
    pub fn words(&self) -> impl Fn(String) + Send + Sync + use<> {
        let bar = self.bar.clone();
        move |words| match &mut *bar.lock().unwrap_or_else(PoisonError::into_inner) {
            Bar::Waiting(what) => *what = words,
            Bar::Shown(spinner) => spinner.set_message(words),
            Bar::Done => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
        let bar = std::mem::replace(&mut *self.bar.lock().unwrap_or_else(PoisonError::into_inner), Bar::Done);
        if let Bar::Shown(spinner) = bar {
            spinner.finish_and_clear();
        }
    }
}
