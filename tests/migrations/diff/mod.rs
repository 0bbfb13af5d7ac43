//! Differences of databases, and of databases and structs.

mod conditions;
mod model;
mod property;
mod structs;
mod types;

use peristyle_migrate::catalog::Catalog;
use peristyle_migrate::ddl;
use peristyle_migrate::diff::{Part, PartKind, Step};
use peristyle_migrate::introspect::{self, Options};
use peristyle_migrate::operation::Operation;
use peristyle_tests::Store;

/// What the store holds, columns in the order of names.
pub async fn read(store: &Store) -> Catalog {
    let mut catalog = introspect::read(&store.repo, &Options::default()).await.unwrap();
    for table in &mut catalog.tables {
        table.columns.sort_by(|a, b| a.name.cmp(&b.name));
    }
    catalog
}

/// Makes everything that a catalog has.
pub async fn create(store: &Store, catalog: &Catalog) -> Result<(), String> {
    let mut state = Catalog::default();
    for each in &catalog.enums {
        run(
            store,
            &[ddl::render(&Operation::CreateEnum(each.clone()), store.dialect, &state).unwrap().statements.join(";\n")],
            false,
        )
        .await?;
        state.enums.push(each.clone());
    }
    let mut keys = Vec::new();
    for table in &catalog.tables {
        let mut table = table.clone();
        if store.is_postgres() {
            keys.push((table.name.clone(), std::mem::take(&mut table.foreign_keys)));
        }
        let create = Operation::CreateTable { table: Box::new(table), if_not_exists: false };
        run(store, &ddl::render(&create, store.dialect, &state).unwrap().statements, false).await?;
    }
    for (name, keys) in keys {
        let add = |key| {
            peristyle_migrate::operation::Alteration::AddConstraint(
                peristyle_migrate::operation::Constraint::ForeignKey(key),
            )
        };
        let changes: Vec<_> = keys.into_iter().map(add).collect();
        if !changes.is_empty() {
            let alter = Operation::AlterTable { name, changes };
            run(store, &ddl::render(&alter, store.dialect, &state).unwrap().statements, false).await?;
        }
    }
    Ok(())
}

/// Runs statements in a transaction, with SQLite's foreign keys off around it if they must be.
async fn run(store: &Store, statements: &[String], foreign_keys_off: bool) -> Result<(), String> {
    let mut script = format!("BEGIN;\n{};\n", statements.join(";\n"));
    if foreign_keys_off {
        script = format!("PRAGMA foreign_keys = OFF;\n{script}PRAGMA foreign_key_check;\n");
    }
    script.push_str("COMMIT;\n");
    if foreign_keys_off {
        script.push_str("PRAGMA foreign_keys = ON;\n");
    }
    store.repo.script(&script).await.map_err(|error| format!("{error}\n{script}"))
}

async fn run_steps(store: &Store, steps: &[Step], transaction: bool) -> Result<(), String> {
    let statements: Vec<String> = steps.iter().flat_map(|step| step.statements.clone()).collect();
    if transaction {
        return run(store, &statements, steps.iter().any(|step| step.needs_foreign_keys_off)).await;
    }
    for statement in &statements {
        store.repo.script(statement).await.map_err(|error| format!("{error}\n{statement}"))?;
    }
    Ok(())
}

/// Goes the whole way up.
pub async fn up(store: &Store, parts: &[Part]) -> Result<(), String> {
    for part in parts {
        run_steps(store, &part.up, part.kind != PartKind::Indexes).await?;
    }
    Ok(())
}

/// Goes the whole way down.
pub async fn down(store: &Store, parts: &[Part]) -> Result<(), String> {
    for part in parts.iter().rev() {
        run_steps(store, &part.down, part.kind != PartKind::Indexes).await?;
    }
    Ok(())
}
