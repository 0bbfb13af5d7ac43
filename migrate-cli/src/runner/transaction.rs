//! A migration in one transaction with the row of its version.

use super::apply::{Applied, Begun};
use super::error::MigrateError;
use super::event::Event;
use super::failure::{Failure, Left};
use super::hooks::{Around, run_each};
use super::lock::{Lock, Wait, try_in_transaction};
use super::run::Run;
use super::script::Script;
use super::set::Migration;
use super::version_table::{NewRow, RowState};
use super::{Direction, foreign_keys, hand_made_rebuild, session, steps};
use peristyle_query::error::{Error, TransactionAborted};
use peristyle_query::repo::Repo;
use peristyle_query::statement::Dialect;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What one try came to.
enum Tried {
    Applied(Applied),
    /// Another process holds the lock of the migrations.
    Locked,
}

/// Runs a migration, again if it could not have a lock in time.
pub(crate) async fn run(
    run: &Run,
    migration: &Arc<Migration>,
    around: &Around,
    begun: &Begun,
    script: Script,
) -> Result<Applied, MigrateError> {
    let settings = &run.settings;
    let (mut wait, mut attempt) = (Wait::new(&settings.watch, settings.lock_wait), 1);
    loop {
        let error = match once(run, migration, around, begun, &script).await {
            Ok(Tried::Applied(applied)) => return Ok(applied),
            Ok(Tried::Locked) => None,
            // Another process writes to the SQLite database for long.
            Err(MigrateError::Database(Error::Database(error)))
                if run.dialect == Dialect::Sqlite && error.retryable =>
            {
                None
            }
            Err(MigrateError::Database(error)) => Some(failed(around, error)),
            Err(error) => Some(error),
        };
        match error {
            None => wait.pause(&run.repo, None).await?,
            Some(error) => match reason_to_retry(&error) {
                Some(reason) if attempt <= settings.retries => {
                    let pause = backoff(attempt);
                    attempt += 1;
                    settings.watch.emit(&Event::Retrying {
                        migration: migration.id(),
                        attempt,
                        pause,
                        reason: &reason,
                    });
                    run.repo.pause(pause).await;
                }
                _ => return Err(error),
            },
        }
    }
}

/// The pause before the next attempt: a second, and twice as long each time, to half a minute.
pub(crate) fn backoff(attempt: u32) -> Duration {
    Duration::from_secs(1 << (attempt - 1).min(5)).min(Duration::from_secs(30))
}

/// What the database said, if trying again may help: a lock that was not free in time, or a deadlock.
pub(crate) fn reason_to_retry(error: &MigrateError) -> Option<String> {
    let MigrateError::Failed(failure) = error else { return None };
    match &failure.error {
        Error::Database(error) if error.retryable || error.code.as_deref() == Some("55P03") => {
            Some(error.message.clone())
        }
        _ => None,
    }
}

/// An error of the migrator's own statements, or of COMMIT.
fn failed(around: &Around, error: Error) -> MigrateError {
    let left = if matches!(error, Error::CommitUnknown(_)) { Left::Unknown } else { Left::Nothing };
    MigrateError::Failed(Box::new(Failure {
        migration: around.migration.clone(),
        direction: around.direction,
        statement: None,
        error,
        left,
        cut_off_before: false,
    }))
}

async fn once(
    run: &Run,
    migration: &Arc<Migration>,
    around: &Around,
    begun: &Begun,
    script: &Script,
) -> Result<Tried, MigrateError> {
    let off = script.foreign_keys_off && run.dialect == Dialect::Sqlite;
    let work = {
        let (run, migration, around) = (run.clone(), migration.clone(), around.clone());
        let (begun, script) = (begun.clone(), script.clone());
        async move |tx: Repo| inside(run, migration, around, begun, script, tx).await
    };
    run.settings.watch.own(if run.dialect == Dialect::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" });
    let result = match off {
        true => foreign_keys::without(run, work).await,
        false => run.repo.transaction_as(work).await,
    };
    run.settings.watch.own(if result.is_ok() { "COMMIT" } else { "ROLLBACK" });
    result
}

async fn inside(
    run: Run,
    migration: Arc<Migration>,
    around: Around,
    begun: Begun,
    script: Script,
    tx: Repo,
) -> Result<Tried, MigrateError> {
    let (settings, id) = (&run.settings, migration.id());
    let since = Instant::now();
    let postgres = run.dialect == Dialect::Postgres;
    if postgres
        && settings.lock == Lock::Transaction
        && !try_in_transaction(&tx, run.table.name(), &settings.watch).await?
    {
        return Ok(Tried::Locked);
    }
    let applied = run.table.row(&tx, id.version).await?.is_some();
    if applied == (around.direction == Direction::Up) {
        return Ok(Tried::Applied(Applied::Already));
    }
    if run.dialect == Dialect::Sqlite && !script.foreign_keys_off {
        hand_made_rebuild::refuse(&tx, id, &script).await?;
    }
    begun.tell(&settings.watch, &around);
    session::prepare(&run, &tx, &script, true).await?;
    run_each(&settings.hooks.after_begin, "after_begin", &tx, &around).await?;
    for (index, step) in script.steps.iter().enumerate() {
        steps::run(&run, &tx, step, index + 1).await.map_err(|(statement, error)| {
            MigrateError::Failed(Box::new(Failure {
                migration: id.clone(),
                direction: around.direction,
                statement: Some(statement),
                error,
                left: Left::Nothing,
                cut_off_before: false,
            }))
        })?;
    }
    run_each(&settings.hooks.before_commit, "before_commit", &tx, &around).await?;
    if script.foreign_keys_off {
        foreign_keys::check(&tx, &settings.watch).await?;
    }
    match around.direction {
        Direction::Up => {
            let content = migration.content(run.dialect)?;
            let millis = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
            let row = NewRow { id, content: &content, state: RowState::Applied, duration_ms: millis, baseline: false };
            run.table.insert(&tx, &settings.watch, row).await?;
        }
        Direction::Down if !run.table.delete(&tx, &settings.watch, id.version).await? => {
            // Another process took it back meanwhile; what this one did must not be kept.
            return Err(Error::from(TransactionAborted { cause: None }).into());
        }
        Direction::Down => {}
    }
    Ok(Tried::Applied(Applied::Done))
}
