//! What would run, without running it.

use super::choose::{Action, Move};
use super::error::MigrateError;
use super::migrator::Migrator;
use super::run::Run;
use super::script::{Script, Step};
use super::set::Migration;
use super::{Direction, MigrationId, session};
use peristyle_query::statement::Dialect;
use std::fmt;

/// What would run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The migrations, in order.
    pub migrations: Vec<PlannedMigration>,
    /// What is worth a look.
    pub warnings: Vec<String>,
}

/// A migration that would run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedMigration {
    /// The migration.
    pub migration: MigrationId,
    /// Its direction.
    pub direction: Direction,
    /// Where it stands.
    pub place: String,
    /// Whether all of it runs in one transaction with the row of its version.
    pub transaction: bool,
    /// What the connection is set to before: `SET LOCAL lock_timeout ..`.
    pub settings: Vec<String>,
    /// Its statements, as they are sent.
    pub statements: Vec<PlannedStatement>,
    /// What cannot be told before it runs.
    pub notes: Vec<String>,
}

/// A statement that would run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedStatement {
    /// Its text, without a semicolon.
    pub sql: String,
    /// The file, if it stands in one.
    pub path: Option<String>,
    /// The line of the file.
    pub line: Option<usize>,
}

impl Migrator {
    /// What an action would run: the statements, without running them.
    ///
    /// # Errors
    ///
    /// As the action itself before its first migration runs.
    pub async fn plan(&self, action: Action) -> Result<Plan, MigrateError> {
        let run = self.begin().await?;
        let (moves, warnings) = run.moves(action, &run.history().await?)?;
        let mut plan = Plan { migrations: Vec::new(), warnings };
        for Move { migration, direction } in moves {
            plan.migrations.push(planned(&run, &migration, direction)?);
        }
        Ok(plan)
    }
}

fn planned(run: &Run, migration: &Migration, direction: Direction) -> Result<PlannedMigration, MigrateError> {
    let script = migration.script(direction, run.dialect)?;
    let mut settings = session::statements(run, &script, script.transaction);
    if script.foreign_keys_off && run.dialect == Dialect::Sqlite {
        settings.insert(0, "PRAGMA foreign_keys = OFF".to_owned());
    }
    let Script { steps, transaction, .. } = script;
    let statements = steps.into_iter().map(|step| match step {
        Step::Sql(sql) => {
            let (path, line) = sql.start.map(|(path, line, _)| (path, line)).unzip();
            PlannedStatement { sql: sql.text, path, line }
        }
    });
    Ok(PlannedMigration {
        migration: migration.id().clone(),
        direction,
        place: migration.place(),
        transaction,
        settings,
        statements: statements.collect(),
        notes: Vec::new(),
    })
}

/// A script for a person to read; the rows of versions are left out.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, each) in self.migrations.iter().enumerate() {
            let before = if index == 0 { "" } else { "\n" };
            writeln!(f, "{before}-- {} {} ({})", each.direction, each.migration, each.place)?;
            each.notes.iter().try_for_each(|note| writeln!(f, "-- note: {note}"))?;
            let (outside, inside): (Vec<_>, Vec<_>) =
                each.settings.iter().partition(|setting| setting.starts_with("PRAGMA"));
            outside.iter().try_for_each(|setting| writeln!(f, "{setting};"))?;
            if each.transaction {
                writeln!(f, "BEGIN;")?;
            }
            inside.iter().try_for_each(|setting| writeln!(f, "{setting};"))?;
            each.statements.iter().try_for_each(|statement| writeln!(f, "{};", statement.sql))?;
            if each.transaction {
                writeln!(f, "COMMIT;")?;
            }
        }
        self.warnings.iter().try_for_each(|warning| writeln!(f, "-- warning: {warning}"))
    }
}
