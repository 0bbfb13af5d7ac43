//! Rendering, case by case: what a migration writes, and the SQL of both dialects.

mod alter_table;
mod create_table;
mod defaults;
mod drops;
mod index;
mod sqlite;

use super::{Rendered, apply, render};
use crate::catalog::Catalog;
use crate::dsl::{Migration, Settings, Step, record};
use crate::operation::Operation;
use peristyle_query::statement::Dialect;

/// The operations of a migration.
pub(super) fn operations(change: impl FnOnce(&mut Migration)) -> Vec<Operation> {
    let settings = Settings { version: 1, name: "Test", transaction: false };
    let steps = match record(&settings, change) {
        Ok(recorded) => recorded.up,
        Err(error) => panic!("{error}"),
    };
    steps
        .into_iter()
        .map(|step| match step {
            Step::Operation(operation) => operation,
            Step::Data(step) => panic!("{step:?} is no operation"),
        })
        .collect()
}

fn rendered(dialect: Dialect, catalog: &mut Catalog, change: impl FnOnce(&mut Migration)) -> Result<Rendered, String> {
    let mut all = Rendered::default();
    for operation in operations(change) {
        all.append(render(&operation, dialect, catalog).map_err(|error| error.to_string())?);
        apply(&operation, catalog).map_err(|error| error.to_string())?;
    }
    Ok(all)
}

/// The statements of a migration on Postgres, a line each.
pub(super) fn postgres(change: impl FnOnce(&mut Migration)) -> String {
    let statements: Result<Vec<_>, _> = operations(change)
        .iter()
        .map(|operation| render(operation, Dialect::Postgres, &Catalog::default()).map(|each| each.statements))
        .collect();
    match statements {
        Ok(statements) => statements.concat().join("\n"),
        Err(error) => error.to_string(),
    }
}

/// The statements of a migration on an empty SQLite database, a line each, or the error.
pub(super) fn sqlite(change: impl FnOnce(&mut Migration)) -> String {
    match rendered(Dialect::Sqlite, &mut Catalog::default(), change) {
        Ok(rendered) => rendered.statements.join("\n"),
        Err(error) => error,
    }
}

/// The statements of a migration on a SQLite database that another migration made.
pub(super) fn sqlite_after(
    before: impl FnOnce(&mut Migration),
    change: impl FnOnce(&mut Migration),
) -> Result<Rendered, String> {
    let mut catalog = Catalog::default();
    rendered(Dialect::Sqlite, &mut catalog, before)?;
    rendered(Dialect::Sqlite, &mut catalog, change)
}
