//! Waiting for a lock that somebody else holds.

use super::Holder;
use crate::runner::error::MigrateError;
use crate::runner::event::Event;
use crate::runner::watch::Watch;
use peristyle_query::repo::Repo;
use std::time::{Duration, Instant};

/// How often the wait is told of.
const TOLD_EVERY: Duration = Duration::from_secs(5);

/// A wait with a limit. The pauses between two tries grow, to at most a second.
pub(crate) struct Wait<'w> {
    watch: &'w Watch,
    limit: Duration,
    since: Instant,
    pause: Duration,
    told: Option<Duration>,
}

impl<'w> Wait<'w> {
    pub(crate) fn new(watch: &'w Watch, limit: Duration) -> Self {
        Wait { watch, limit, since: Instant::now(), pause: Duration::from_millis(50), told: None }
    }

    /// Waits before another try; after the limit it is an error, which names the holder.
    pub(crate) async fn pause(&mut self, repo: &Repo, holder: Option<Holder>) -> Result<(), MigrateError> {
        let waited = self.since.elapsed();
        if waited >= self.limit {
            return Err(MigrateError::Locked { waited, holder });
        }
        if self.told.is_none_or(|told| waited.saturating_sub(told) >= TOLD_EVERY) {
            self.watch.emit(&Event::Waiting { waited, holder: holder.as_ref() });
            self.told = Some(waited);
        }
        repo.pause(self.pause.min(self.limit.saturating_sub(waited))).await;
        self.pause = (self.pause * 3 / 2).min(Duration::from_secs(1));
        Ok(())
    }
}
