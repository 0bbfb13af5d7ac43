//! Keys, uniques, checks and exclusions.

use super::rows::ConstraintRow;
use super::{Scope, rows};
use crate::catalog::{Check, Exclusion, ForeignKey, Match, PrimaryKey, ReferentialAction, Table, Unique};
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;
use std::collections::HashMap;

pub(super) async fn read(repo: &Repo, scope: &Scope, tables: &mut HashMap<i64, Table>) -> Result<(), Error> {
    for row in rows::<ConstraintRow>(repo, include_str!("constraints.sql"), (scope.oids(),)).await? {
        if let Some(table) = tables.get_mut(&row.relation) {
            add(scope, table, row);
        }
    }
    Ok(())
}

fn add(scope: &Scope, table: &mut Table, row: ConstraintRow) {
    match row.kind {
        'p' => {
            let usual = format!("{}_pkey", table.name.name);
            let name = (row.name != usual).then_some(row.name);
            table.primary_key = Some(PrimaryKey { name, columns: row.columns.unwrap_or_default() });
        }
        'u' => table.uniques.push(Unique {
            name: Some(row.name),
            columns: row.columns.unwrap_or_default(),
            nulls_not_distinct: row.nulls_not_distinct,
            deferrable: row.deferrable,
            initially_deferred: row.deferred,
            comment: row.comment,
        }),
        'c' => table.checks.push(Check {
            name: Some(row.name),
            condition: row.condition.unwrap_or_default(),
            not_valid: !row.validated,
            comment: row.comment,
        }),
        'x' => table.exclusions.push(Exclusion {
            name: row.name,
            definition: row.definition.strip_prefix("EXCLUDE ").unwrap_or(&row.definition).to_owned(),
            comment: row.comment,
        }),
        _ => table.foreign_keys.push(foreign_key(scope, row)),
    }
}

fn foreign_key(scope: &Scope, row: ConstraintRow) -> ForeignKey {
    let (schema, table) = (row.foreign_schema.unwrap_or_default(), row.foreign_table.unwrap_or_default());
    ForeignKey {
        name: row.name,
        columns: row.columns.unwrap_or_default(),
        table: scope.name(&schema, &table),
        references: row.foreign_columns.unwrap_or_default(),
        on_delete: action(&row.on_delete, row.on_delete_columns),
        on_update: action(&row.on_update, None),
        matching: if row.matching == "f" { Match::Full } else { Match::Simple },
        deferrable: row.deferrable,
        initially_deferred: row.deferred,
        not_valid: !row.validated,
        comment: row.comment,
    }
}

fn action(code: &str, columns: Option<Vec<String>>) -> ReferentialAction {
    match (code, columns) {
        ("r", _) => ReferentialAction::Restrict,
        ("c", _) => ReferentialAction::Cascade,
        ("n", None) => ReferentialAction::SetNull,
        ("n", Some(columns)) => ReferentialAction::SetNullColumns(columns),
        ("d", None) => ReferentialAction::SetDefault,
        ("d", Some(columns)) => ReferentialAction::SetDefaultColumns(columns),
        _ => ReferentialAction::Nothing,
    }
}
