//! What would run, without running it.

use super::choose::{Action, Move};
use super::error::MigrateError;
use super::migrator::Migrator;
use super::run::Run;
use super::script::Step;
use super::set::Migration;
use super::{Direction, MigrationId, session, steps};
use crate::catalog::Catalog;
use crate::ddl;
use crate::operation::Operation;
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
        let mut state = None;
        for Move { migration, direction } in moves {
            plan.migrations.push(planned(&run, &migration, direction, &mut state).await?);
        }
        Ok(plan)
    }
}

async fn planned(
    run: &Run,
    migration: &Migration,
    direction: Direction,
    state: &mut Option<State>,
) -> Result<PlannedMigration, MigrateError> {
    let script = migration.script(direction, run.dialect, run.prefix())?;
    let mut settings = session::statements(run, &script, script.transaction);
    if script.foreign_keys_off && run.dialect == Dialect::Sqlite {
        settings.insert(0, "PRAGMA foreign_keys = OFF".to_owned());
    }
    let mut planned = PlannedMigration {
        migration: migration.id().clone(),
        direction,
        place: migration.place(),
        transaction: script.transaction,
        settings,
        statements: Vec::new(),
        notes: Vec::new(),
    };
    for step in script.steps {
        match step {
            Step::Sql(sql) => {
                let (path, line) = sql.start.map(|(path, line, _)| (path, line)).unzip();
                planned.statements.push(PlannedStatement { sql: sql.text, path, line });
                if let Some(state) = state {
                    state.certain = false;
                }
            }
            Step::Data(data) => planned.notes.push(format!("a data step of {} runs Rust", data.location())),
            Step::Operation(operation) => {
                let state = match state {
                    Some(state) => state,
                    None => state.insert(State { catalog: steps::all_tables(&run.repo).await?, certain: true }),
                };
                state.plan(&operation, &mut planned);
            }
        }
    }
    if run.dialect == Dialect::Sqlite && state.is_none() {
        // Files come before operations: what those make of the tables is not known.
        *state = Some(State { catalog: steps::all_tables(&run.repo).await?, certain: planned.statements.is_empty() });
    }
    Ok(planned)
}

/// The tables as they will be, as far as that is known.
struct State {
    catalog: Catalog,
    /// Whether nothing but operations changed them.
    certain: bool,
}

impl State {
    /// Renders an operation of SQLite for the tables as they will be.
    fn plan(&mut self, operation: &Operation, planned: &mut PlannedMigration) {
        match ddl::render(operation, Dialect::Sqlite, &self.catalog) {
            Ok(rendered) => {
                let statements = rendered.statements.into_iter();
                planned.statements.extend(statements.map(|sql| PlannedStatement { sql, path: None, line: None }));
                if !self.certain {
                    planned.notes.push(format!(
                        "{} is shown for the tables of now: files before it may change them",
                        operation.call()
                    ));
                }
            }
            Err(error) => {
                planned.notes.push(format!("what {} runs shows when it is its turn: {error}", operation.call()))
            }
        }
        self.certain &= ddl::apply(operation, &mut self.catalog).is_ok();
    }
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
