//! Tables of nothing but two foreign keys.

use super::structs::constraint_name;
use crate::catalog::{Catalog, ColumnType, ForeignKey, PrimaryKey, ReferentialAction, Table};
use std::collections::HashSet;

/// A table that only joins two others, or one with itself.
pub(super) struct JoinTable {
    /// Its place in the catalog.
    pub table: usize,
    /// Whether it has more to say than an association can, and so gets a struct too.
    pub has_struct: bool,
    pub left: ForeignKey,
    pub right: ForeignKey,
}

/// The tables between.
pub(super) fn join_tables(catalog: &Catalog) -> Vec<JoinTable> {
    let candidates: Vec<JoinTable> =
        catalog.tables.iter().enumerate().filter_map(|(place, table)| join_table(catalog, place, table)).collect();
    let names: Vec<_> = candidates.iter().map(|each| catalog.tables[each.table].name.clone()).collect();
    // What another table points at, or what joins tables that join, is a thing of its own.
    let points_at = |table: &Table| {
        let others = catalog.tables.iter().filter(|other| other.name != table.name);
        others.flat_map(|other| &other.foreign_keys).any(|key| key.table == table.name)
    };
    candidates
        .into_iter()
        .filter(|each| {
            let joins_joins = [&each.left, &each.right].iter().any(|key| names.contains(&key.table));
            !joins_joins && !points_at(&catalog.tables[each.table])
        })
        .collect()
}

fn join_table(catalog: &Catalog, place: usize, table: &Table) -> Option<JoinTable> {
    let [first, second] = &table.foreign_keys[..] else { return None };
    let position = |key: &ForeignKey| table.columns.iter().position(|column| key.columns.contains(&column.name));
    let (left, right) = if position(first) <= position(second) { (first, second) } else { (second, first) };
    let columns: HashSet<&String> = left.columns.iter().chain(&right.columns).collect();
    let is_pure = columns.len() == table.columns.len()
        && left.columns.len() + right.columns.len() == columns.len()
        && table.checks.is_empty()
        && table.columns.iter().all(|column| column.default.is_none() && column.generated.is_none());
    let is_key = match &table.primary_key {
        Some(key) => key.columns.iter().collect::<HashSet<_>>() == columns,
        None => true,
    };
    // Code names the columns.
    let are_names = columns.iter().all(|name| syn::parse_str::<syn::Ident>(name).is_ok());
    let fits = |key: &ForeignKey| points_at_key(catalog, table, key) && key.table.prefix == table.name.prefix;
    if !is_pure || !is_key || !are_names || table.partition_of.is_some() || !fits(left) || !fits(right) {
        return None;
    }
    let mut bare = Table::new(table.name.clone());
    bare.columns.clone_from(&table.columns);
    bare.primary_key = table.primary_key.as_ref().map(|key| PrimaryKey { name: None, columns: key.columns.clone() });
    bare.foreign_keys.clone_from(&table.foreign_keys);
    let is_plain = |key: &ForeignKey| {
        key.on_delete == ReferentialAction::Nothing
            && key.on_update == ReferentialAction::Nothing
            && key.name == constraint_name(&table.name.name, &key.columns, "fkey")
    };
    let has_struct = table.primary_key.is_none() || bare != *table || !is_plain(left) || !is_plain(right);
    Some(JoinTable { table: place, has_struct, left: left.clone(), right: right.clone() })
}

/// Whether a foreign key equals the primary key of its target, column by column and in type.
fn points_at_key(catalog: &Catalog, table: &Table, key: &ForeignKey) -> bool {
    let Some(target) = catalog.table(&key.table) else { return false };
    let is_key = target.primary_key.as_ref().is_some_and(|primary_key| primary_key.columns == key.references);
    let types =
        key.columns.iter().zip(&key.references).all(|(own, other)| match (table.column(own), target.column(other)) {
            (Some(own), Some(other)) => number_type(&own.column_type) == number_type(&other.column_type),
            _ => false,
        });
    is_key && types
}

/// A type without the sequence that fills it.
fn number_type(column_type: &ColumnType) -> ColumnType {
    match column_type {
        ColumnType::Sql(sql) => ColumnType::Sql(match sql.as_str() {
            "bigserial" => "bigint".to_owned(),
            "serial" => "integer".to_owned(),
            "smallserial" => "smallint".to_owned(),
            sql => sql.to_owned(),
        }),
        ColumnType::Serial => ColumnType::Integer,
        ColumnType::BigSerial => ColumnType::BigInt,
        other => other.clone(),
    }
}
