//! `migrate plan` and `--dry-run`: the exact SQL, and what it locks.

use crate::catalog::Catalog;
use crate::cli::app::{App, prefixes};
use crate::cli::args::{Plan, Running};
use crate::cli::exit::Exit;
use crate::cli::failure::Outcome;
use crate::cli::output::{BOLD, FAINT, WARN};
use crate::cli::schema_lock;
use crate::cli::watch::file;
use crate::lint::{TableLock, locks_in, tables_made};
use crate::runner::{self, Action, PlannedMigration, Target};
use peristyle_query::statement::Dialect;
use serde_json::{Value, json};

/// `migrate plan`.
pub async fn plan(app: &App, plan: &Plan) -> Outcome {
    show(app, Action::Up(plan.which.target(Target::All)), &plan.running, plan.json).await
}

/// Prints what an action would run.
pub async fn show(app: &App, action: Action, running: &Running, as_json: bool) -> Outcome {
    let mut reports = Vec::new();
    for config in app.config.chosen(&app.global)? {
        let connected = app.connect(config).await?;
        let dialect = connected.url.dialect();
        // It only adds what the statements lock without naming it.
        let before = schema_lock::describe(&connected.repo, config).await.unwrap_or_default();
        let migrator = super::up::configured(app.migrator(&connected)?, running);
        for prefix in prefixes(&running.prefix, config) {
            let migrator = match &prefix {
                Some(prefix) => migrator.clone().prefix(prefix),
                None => migrator.clone(),
            };
            let plan = migrator.plan(action).await?;
            let label = app.label(config, prefix.as_deref());
            if as_json {
                reports.push(json(&plan, dialect, &before, &config.name, prefix.as_deref()));
                continue;
            }
            plan.warnings.iter().for_each(|warning| app.output.warn(warning));
            if plan.migrations.is_empty() {
                app.output.say(format!("{label}{FAINT}nothing to do{FAINT:#}"));
            }
            for (index, migration) in plan.migrations.iter().enumerate() {
                let gap = if index == 0 { "" } else { "\n" };
                app.output.raw(&format!("{gap}{}", text(migration, dialect, &before, &label)));
            }
        }
        connected.repo.close().await;
    }
    if as_json {
        app.output.json(&Value::Array(reports));
    }
    Ok(Exit::Done)
}

/// What each statement of a migration locks, but for tables that its transaction made: nobody else sees them.
fn locks(migration: &PlannedMigration, dialect: Dialect, before: &Catalog) -> Vec<Vec<TableLock>> {
    let mut made = Vec::new();
    let of_each = migration.statements.iter().map(|statement| {
        let mut locks = locks_in(&statement.sql, dialect, before);
        locks.retain(|lock| !made.contains(&lock.table));
        if migration.transaction {
            let new = tables_made(&statement.sql, dialect).into_iter();
            made.extend(new.filter(|table| before.table(table).is_none()));
        }
        locks
    });
    of_each.collect()
}

/// A migration as a script, with a comment on what each statement locks.
fn text(migration: &PlannedMigration, dialect: Dialect, before: &Catalog, label: &str) -> String {
    let mut text = format!("{BOLD}-- {label}{} {}{BOLD:#}\n", migration.direction, file(&migration.migration));
    for note in &migration.notes {
        text += &format!("{WARN}-- {note}{WARN:#}\n");
    }
    // A pragma works only outside of a transaction.
    let (outside, inside): (Vec<_>, Vec<_>) =
        migration.settings.iter().partition(|setting| setting.starts_with("PRAGMA"));
    for setting in outside {
        text += &format!("{setting};\n");
    }
    if migration.transaction {
        text += "BEGIN;\n";
    }
    for setting in inside {
        text += &format!("{setting};\n");
    }
    let mut told: Vec<TableLock> = Vec::new();
    for (statement, locks) in migration.statements.iter().zip(locks(migration, dialect, before)) {
        for lock in locks {
            // What is locked already, and as strongly, need not be told again.
            let is_held = |held: &TableLock| held.table == lock.table && held.level >= lock.level;
            if !migration.transaction || !told.iter().any(is_held) {
                text += &format!("{FAINT}-- locks {}: {}; {}{FAINT:#}\n", lock.table, lock.level, lock.level.blocks());
                told.push(lock);
            }
        }
        text += &format!("{};\n", statement.sql);
    }
    if migration.transaction {
        text += "COMMIT;\n";
    }
    text
}

fn json(plan: &runner::Plan, dialect: Dialect, before: &Catalog, repo: &str, prefix: Option<&str>) -> Value {
    let migrations = plan.migrations.iter().map(|migration| {
        let statements = migration.statements.iter().zip(locks(migration, dialect, before)).map(|(statement, locks)| {
            let locks = locks.iter().map(|lock| {
                json!({ "table": lock.table.to_string(), "lock": lock.level.to_string(), "blocks": lock.level.blocks() })
            });
            json!({
                "sql": statement.sql, "file": statement.path, "line": statement.line, "locks": locks.collect::<Vec<_>>(),
            })
        });
        json!({
            "version": migration.migration.version,
            "name": migration.migration.name,
            "direction": migration.direction.to_string(),
            "transaction": migration.transaction,
            "settings": migration.settings,
            "statements": statements.collect::<Vec<_>>(),
            "notes": migration.notes,
        })
    });
    json!({ "repo": repo, "prefix": prefix, "migrations": migrations.collect::<Vec<_>>(), "warnings": plan.warnings })
}
