//! Where a migration without a transaction begins: at its start, or where it stopped.

use super::error::MigrateError;
use super::run::Run;
use super::script::{Script, Step, flavor};
use super::version_table::{Content, RowState, VersionRow};
use super::{Direction, MigrationId};
use peristyle_migration_files::{Statement, checksum_of, statements};
use peristyle_query::statement::Dialect;

/// Where a migration begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// It is done.
    Already,
    /// At its start.
    Fresh,
    /// After so many statements, which were done before it stopped.
    Resume(usize),
}

/// Finds out where a migration begins. One that stopped goes on only if what it did is still what it says.
pub(crate) fn start(
    run: &Run,
    id: &MigrationId,
    direction: Direction,
    row: Option<&VersionRow>,
    script: &Script,
    content: &Content,
) -> Result<Start, MigrateError> {
    let dirty = |reason: String| Err(MigrateError::Dirty { migration: id.clone(), reason });
    let (row, under_way) = match (row, direction) {
        (None, Direction::Up) => return Ok(Start::Fresh),
        (None, Direction::Down) => return Ok(Start::Already),
        (Some(row), Direction::Up) if row.state == RowState::Applied => return Ok(Start::Already),
        (Some(row), Direction::Down) if row.state == RowState::Applied => return Ok(Start::Fresh),
        (Some(row), Direction::Up) => (row, RowState::Applying),
        (Some(row), Direction::Down) => (row, RowState::Reverting),
    };
    if row.state != under_way {
        return dirty("it stopped on its way in the other direction; finish that one first".to_owned());
    }
    let (before, sums) = match direction {
        Direction::Up => (&row.content.script_up, (&row.content.checksum_up, &content.checksum_up)),
        Direction::Down => (&row.content.script_down, (&row.content.checksum_down, &content.checksum_down)),
    };
    let (done, steps) = (row.statements_done, script.steps.len());
    if done > steps {
        return dirty(format!(
            "{done} statements of it were done, and it has {steps} now: put it back as it was, or say with `mark` what became of it"
        ));
    }
    if sums.0 != sums.1 && !same_beginning(run.dialect, before.as_deref(), script, done) {
        return dirty(format!(
            "its first {done} statements were done, and they are others now: put them back as they were, or undo by hand what \
             they did and forget the version with `mark`"
        ));
    }
    Ok(Start::Resume(done))
}

/// Refuses to run as a whole what stopped on its way when it had no transaction: it would be done again, or taken for done.
pub(crate) fn refuse_transaction(row: &VersionRow, script: &Script) -> Result<(), MigrateError> {
    let way = match row.state {
        RowState::Applied => return Ok(()),
        RowState::Applying => Direction::Up,
        RowState::Reverting => Direction::Down,
    };
    if !script.transaction {
        return Ok(());
    }
    let (id, done) = (&row.id, row.statements_done);
    let reason = format!(
        "it had no transaction then, and {done} of its statements are done: put `-- migrate:no-transaction` back and run \
         `{way}` again, or undo by hand what they did and forget the version with `mark`"
    );
    Err(MigrateError::Dirty { migration: id.clone(), reason })
}

/// Whether the statements that were done are still those that a script begins with.
fn same_beginning(dialect: Dialect, before: Option<&str>, script: &Script, done: usize) -> bool {
    let Some(Ok(before)) = before.map(|text| statements(text, flavor(dialect))) else { return done == 0 };
    let mut now = script.steps.iter().map(|step| match step {
        Step::Sql(sql) => Some(sql.text.as_str()),
        Step::Operation(_) | Step::Data(_) => None,
    });
    let sum = |text: &str| checksum_of(text, flavor(dialect)).ok();
    let same = |before: &Statement| now.next().flatten().is_some_and(|now| sum(now) == sum(&before.text));
    before.len() >= done && before.iter().take(done).all(same)
}
