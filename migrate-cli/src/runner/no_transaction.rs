//! A migration without a transaction: its statements one by one, and in the row of its version how far it came.

use super::apply::{Applied, Begun};
use super::error::MigrateError;
use super::event::Event;
use super::failure::{Failure, Left};
use super::hooks::{Around, run_each};
use super::lock::{Advisory, Lock};
use super::resume::{self, Start};
use super::run::{Held, Run};
use super::script::Script;
use super::set::Migration;
use super::transaction::{backoff, reason_to_retry};
use super::version_table::{NewRow, RowState};
use super::{Direction, concurrent_index, session, steps};
use crate::catalog::ObjectName;
use peristyle_query::repo::Repo;
use peristyle_query::statement::Dialect;
use std::sync::Arc;
use std::time::Instant;

/// Runs a migration on one connection.
pub(crate) async fn run(
    run: &Run,
    migration: &Arc<Migration>,
    around: &Around,
    begun: &Begun,
    script: Script,
    held: &Held,
) -> Result<Applied, MigrateError> {
    if run.dialect == Dialect::Postgres && run.settings.lock == Lock::Transaction {
        return Err(MigrateError::Refused {
            migration: migration.id().clone(),
            reason: "it has no transaction, and Lock::Transaction protects nothing else: migrate through a URL of the server \
                     itself"
                .to_owned(),
        });
    }
    let (shared, migration, around, begun) = (run.clone(), migration.clone(), around.clone(), begun.clone());
    let held = held.clone();
    let result = run.repo.checkout(async move |connection| {
        // A program that is killed lets its lock go, and its statement runs on: it is waited for, not begun a second time.
        let own = match &held {
            Held::Advisory(_) => {
                let (settings, table) = (&shared.settings, shared.table.name());
                let name = ObjectName { name: format!("{} without a transaction", table.name), ..table.clone() };
                match Advisory::take(connection.clone(), &name, settings.lock_wait, &settings.watch).await {
                    Ok(lock) => Some(lock),
                    Err(error) => return Ok(Err(error)),
                }
            }
            Held::Nothing => None,
        };
        let result = on_connection(&shared, &migration, &around, &begun, &script, &held, &connection).await;
        if let Some(own) = own {
            own.release(&shared.settings.watch).await;
        }
        Ok(result)
    });
    result.await?
}

async fn on_connection(
    run: &Run,
    migration: &Arc<Migration>,
    around: &Around,
    begun: &Begun,
    script: &Script,
    held: &Held,
    connection: &Repo,
) -> Result<Applied, MigrateError> {
    let (settings, id, direction) = (&run.settings, migration.id(), around.direction);
    let (table, watch) = (&run.table, &settings.watch);
    let content = migration.content(run.dialect)?;
    let row = table.row(connection, id.version).await?;
    let state = if direction == Direction::Up { RowState::Applying } else { RowState::Reverting };
    let done = match resume::start(run, id, direction, row.as_ref(), script, &content)? {
        Start::Already => return Ok(Applied::Already),
        Start::Fresh => {
            begun.tell(watch, around);
            match direction {
                Direction::Up => {
                    let row = NewRow { id, content: &content, state, duration_ms: 0, baseline: false };
                    table.insert(connection, watch, row).await?;
                }
                Direction::Down => table.progress(connection, watch, id.version, state, 0).await?,
            }
            0
        }
        Start::Resume(done) => {
            begun.tell(watch, around);
            table.describe(connection, watch, id, &content, None).await?;
            watch.emit(&Event::Warning(&format!(
                "{id} stopped on its way {direction} after {done} of {} statements, and goes on there",
                script.steps.len()
            )));
            done
        }
    };
    let resumed = matches!(row, Some(row) if row.state == state);
    let since = Instant::now();
    session::prepare(run, connection, script, false).await?;
    run_each(&settings.hooks.after_begin, "after_begin", connection, around).await?;
    for (index, step) in script.steps.iter().enumerate().skip(done) {
        // Who has the lock by now would go on with the same statement.
        held.check().await?;
        let first_again = resumed && index == done;
        if first_again && concurrent_index::settle(run, connection, step).await? == concurrent_index::Settled::Built {
            watch.emit(&Event::Warning(&format!("statement {} of {id} had been done before it stopped", index + 1)));
        } else {
            if !first_again && concurrent_index::is_conditional(step) {
                concurrent_index::settle(run, connection, step).await?;
            }
            step_with_retries(run, connection, script, around, index, first_again).await?;
        }
        table.progress(connection, watch, id.version, state, index + 1).await?;
    }
    run_each(&settings.hooks.before_commit, "before_commit", connection, around).await?;
    match direction {
        Direction::Up => {
            let millis = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
            table.describe(connection, watch, id, &content, Some(millis)).await?;
            table.progress(connection, watch, id.version, RowState::Applied, 0).await?;
        }
        Direction::Down => drop(table.delete(connection, watch, id.version).await?),
    }
    Ok(Applied::Done)
}

async fn step_with_retries(
    run: &Run,
    connection: &Repo,
    script: &Script,
    around: &Around,
    index: usize,
    cut_off_before: bool,
) -> Result<(), MigrateError> {
    let Some(step) = script.steps.get(index) else { return Ok(()) };
    let settings = &run.settings;
    let mut attempt = 1;
    loop {
        let Err(error) = steps::run_alone(run, connection, step, index + 1).await else { return Ok(()) };
        let error = failed(around, script, index, cut_off_before, error);
        match reason_to_retry(&error) {
            Some(reason) if attempt <= settings.retries => {
                concurrent_index::settle(run, connection, step).await?;
                let pause = backoff(attempt);
                attempt += 1;
                let migration = &around.migration;
                settings.watch.emit(&Event::Retrying { migration, attempt, pause, reason: &reason });
                run.repo.pause(pause).await;
            }
            _ => return Err(error),
        }
    }
}

fn failed(
    around: &Around,
    script: &Script,
    index: usize,
    cut_off_before: bool,
    (statement, error): steps::StepError,
) -> MigrateError {
    MigrateError::Failed(Box::new(Failure {
        migration: around.migration.clone(),
        direction: around.direction,
        statement: Some(statement),
        error,
        left: Left::Done { statements: index, of: script.steps.len() },
        cut_off_before,
    }))
}
