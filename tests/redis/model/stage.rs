//! A store on which steps are run, and what comes of each.

use super::schemas::Place;
use super::steps::Life;
use peristyle::Error;
use peristyle::prelude::*;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

/// A repo, and what its runs leave for the other store.
pub struct Stage {
    pub repo: Repo,
    pub redis: bool,
    /// The keys that Redis generated and SQLite is to use, in the order of the inserts.
    generated: Mutex<VecDeque<Option<i64>>>,
    /// The rows that were written, and how long they live.
    written: Mutex<Vec<(Place, Lives)>>,
}

impl Stage {
    pub fn new(repo: Repo, redis: bool) -> Self {
        Stage { repo, redis, generated: Mutex::default(), written: Mutex::default() }
    }

    /// What a call says of it.
    pub fn ttl(&self, life: Life) -> Option<Duration> {
        match life {
            _ if !self.redis => None,
            Life::Schema => None,
            Life::Hour => Some(Duration::from_secs(3600)),
            Life::Moment => Some(MOMENT),
        }
    }

    pub fn give_key(&self, key: Option<i64>) {
        self.generated.lock().unwrap().push_back(key);
    }

    pub fn take_key(&self) -> Option<i64> {
        self.generated.lock().unwrap().pop_front().flatten()
    }

    pub fn take_keys(&self) -> VecDeque<Option<i64>> {
        std::mem::take(&mut *self.generated.lock().unwrap())
    }

    pub fn set_keys(&self, keys: VecDeque<Option<i64>>) {
        *self.generated.lock().unwrap() = keys;
    }

    pub fn note(&self, place: Place, lives: Lives) {
        self.written.lock().unwrap().push((place, lives));
    }

    pub fn take_written(&self) -> Vec<(Place, Lives)> {
        std::mem::take(&mut *self.written.lock().unwrap())
    }
}

/// How long a written row lives, by what the call, the row and the schema say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lives {
    Forever,
    UntilItExpires,
    /// Not even until the next step.
    Gone,
}

impl Lives {
    pub fn of(life: Life, by_schema: Lives) -> Lives {
        match life {
            Life::Schema => by_schema,
            Life::Hour => Lives::UntilItExpires,
            Life::Moment => Lives::Gone,
        }
    }
}

/// How long [`Life::Moment`] is.
pub const MOMENT: Duration = Duration::from_millis(12);

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    Of(String),
    /// The store cannot do it.
    Unsupported(String),
}

impl Came {
    pub fn of(result: Result<String, Error>) -> Came {
        match result {
            Ok(text) => Came::Of(text),
            Err(error) => match unsupported(&error) {
                Some(message) => Came::Unsupported(message),
                None => Came::Of(format!("refused: {}", described(&error))),
            },
        }
    }
}

fn unsupported(error: &Error) -> Option<String> {
    match error {
        Error::Unsupported(error) => Some(error.to_string()),
        Error::TransactionAborted(error) => error.cause.as_ref().and_then(unsupported),
        Error::Multi(error) => unsupported(&error.cause),
        Error::Partial(error) => error.failed.iter().find_map(|(_, error)| unsupported(error)),
        _ => None,
    }
}

/// An error as far as it has to be the same on both stores.
pub fn described(error: &Error) -> String {
    match error {
        Error::NotFound(_) => "not found".to_owned(),
        Error::Stale(_) => "stale".to_owned(),
        Error::Rollback(_) => "rolled back".to_owned(),
        Error::Constraint(error) => format!("{:?} of {:?} {:?}", error.kind, error.table, error.columns),
        Error::Invalid(error) => serde_json::to_string(error.errors()).unwrap(),
        Error::TransactionAborted(error) => match &error.cause {
            Some(cause) => described(cause),
            None => "aborted".to_owned(),
        },
        Error::Multi(error) => format!("step {}: {}", error.step, described(&error.cause)),
        other => format!("{other}"),
    }
}
