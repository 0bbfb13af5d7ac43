//! Tables and views, with what hangs on them.

use super::rows::{ColumnRow, NameRow, RelationRow, TriggerRow};
use super::{Scope, constraints, indexes, rows};
use crate::catalog::{Catalog, Column, ColumnType, Default, Generated, Identity, PartitionOf, Table, Trigger, View};
use crate::introspect::{Options, literal};
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;
use peristyle_sql::quoted;
use std::collections::{HashMap, HashSet};

/// What the reading of other objects needs to know of the tables.
pub(super) struct Relations {
    /// The sequences that are said by a column's type or identity.
    pub implied_sequences: HashSet<i64>,
    /// The tables that are left out.
    pub ignored: HashSet<i64>,
}

/// Reads the tables and the views into the catalog.
pub(super) async fn read(
    repo: &Repo,
    scope: &Scope,
    options: &Options,
    catalog: &mut Catalog,
) -> Result<Relations, Error> {
    let (mut tables, mut views, mut ignored) = (HashMap::new(), HashMap::new(), HashSet::new());
    for row in rows::<RelationRow>(repo, include_str!("relations.sql"), (scope.oids(),)).await? {
        match row.kind {
            'v' | 'm' => {
                views.insert(row.oid, view(scope, row));
            }
            _ if options.ignores(&row.name) => {
                ignored.insert(row.oid);
            }
            _ => {
                tables.insert(row.oid, table(scope, row));
            }
        }
    }
    let mut implied_sequences = HashSet::new();
    for row in rows::<ColumnRow>(repo, include_str!("columns.sql"), (scope.oids(),)).await? {
        if ignored.contains(&row.relation) {
            implied_sequences.extend(row.sequence);
        }
        if let Some(table) = tables.get_mut(&row.relation) {
            // A partition is described in full; of an inheriting table, only what is its own.
            if row.is_local || table.partition_of.is_some() {
                implied_sequences.extend(sequence_of(&row));
                table.columns.push(column(row));
            }
        }
    }
    constraints::read(repo, scope, &mut tables).await?;
    indexes::read(repo, scope, &mut tables, &mut views).await?;
    for row in rows::<TriggerRow>(repo, include_str!("triggers.sql"), (scope.oids(),)).await? {
        if let Some(table) = tables.get_mut(&row.relation) {
            table.triggers.push(Trigger { name: row.name, definition: row.definition });
        }
    }
    catalog.tables.extend(tables.into_values());
    catalog.views.extend(views.into_values());
    Ok(Relations { implied_sequences, ignored })
}

fn view(scope: &Scope, row: RelationRow) -> View {
    let query = row.query.unwrap_or_default();
    View {
        name: scope.name(&row.schema, &row.name),
        query: query.trim().trim_end_matches(';').to_owned(),
        materialized: row.kind == 'm',
        indexes: Vec::new(),
    }
}

fn table(scope: &Scope, row: RelationRow) -> Table {
    let mut table = Table::new(scope.name(&row.schema, &row.name));
    let name = |parent: &NameRow| scope.name(&parent.schema, &parent.name);
    let parents = row.parents.unwrap_or_default();
    let mut options = Vec::new();
    match (row.partition_bound, parents.first()) {
        (Some(bound), Some(parent)) => table.partition_of = Some(PartitionOf { table: name(parent), bound }),
        (_, Some(_)) => {
            let parents: Vec<String> = parents.iter().map(|parent| name(parent).quoted()).collect();
            options.push(format!("INHERITS ({})", parents.join(", ")));
        }
        _ => {}
    }
    options.extend(row.partition_key.map(|key| format!("PARTITION BY {key}")));
    options.extend(row.method.map(|method| format!("USING {}", quoted(&method))));
    options.extend(row.options.map(|options| format!("WITH ({})", storage_parameters(&options))));
    options.extend(row.tablespace.map(|tablespace| format!("TABLESPACE {}", quoted(&tablespace))));
    table.options = (!options.is_empty()).then(|| options.join(" "));
    table.modifiers = row.unlogged.then(|| "UNLOGGED".to_owned());
    table.comment = row.comment;
    table
}

/// Parameters as SQL has them: `fillfactor=70, autovacuum_enabled=false`.
pub(super) fn storage_parameters(options: &[String]) -> String {
    let parameter = |option: &String| match option.split_once('=') {
        Some((name, value)) if !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte)) => {
            format!("{name}='{}'", value.replace('\'', "''"))
        }
        _ => option.clone(),
    };
    options.iter().map(parameter).collect::<Vec<_>>().join(", ")
}

/// The sequence that the column's type or identity says by itself.
fn sequence_of(row: &ColumnRow) -> Option<i64> {
    row.sequence.filter(|_| !row.identity.is_empty() || serial(row).is_some())
}

/// `serial` and its kin, if the column is what these words make.
fn serial(row: &ColumnRow) -> Option<&'static str> {
    let default = row.expression.as_deref()?;
    let plain = row.is_plain_sequence == Some(true)
        && row.start == Some(1)
        && row.increment == Some(1)
        && row.not_null
        && row.generated.is_empty()
        && default.starts_with("nextval('")
        && default.ends_with("'::regclass)");
    match row.column_type.as_str() {
        "smallint" if plain => Some("smallserial"),
        "integer" if plain => Some("serial"),
        "bigint" if plain => Some("bigserial"),
        _ => None,
    }
}

fn column(row: ColumnRow) -> Column {
    let serial = serial(&row);
    let column_type = serial.map_or(row.column_type.clone(), str::to_owned);
    let mut column = Column::new(row.name, ColumnType::Sql(column_type));
    column.nullable = !row.not_null;
    if row.generated.is_empty() {
        column.default = row
            .expression
            .filter(|_| serial.is_none())
            .map(|expression| literal::postgres_default(&expression, &row.column_type))
            // Said aloud or not, a column without another default has this one.
            .filter(|default| *default != Default::Null);
    } else {
        let expression = row.expression.unwrap_or_default();
        column.generated = Some(Generated { expression, stored: row.generated == "s" });
    }
    if !row.identity.is_empty() {
        let unusual = |value: Option<i64>| value.filter(|value| *value != 1);
        column.identity = Some(Identity {
            always: row.identity == "a",
            start: unusual(row.start),
            increment: unusual(row.increment),
        });
    }
    column.collation = row.collation;
    column.comment = row.comment;
    column
}
