//! The database that models describe.

use super::Models;
use super::default::ModelDefault;
use super::stored::Stored;
use super::table::{ModelColumn, ModelTable};
use crate::catalog::{
    Catalog, Check, Column, ColumnType, Default, EnumType, Identity, Index, IndexColumn, ObjectName, PrimaryKey, Table,
};
use crate::ddl;
use peristyle_query::statement::Dialect;
use std::collections::BTreeMap;

/// The database that models describe, in a dialect.
///
/// It has only what structs can say: `diff::adopt` completes it from the database that is there.
pub fn catalog(models: &Models, dialect: Dialect) -> Catalog {
    let mut enums = BTreeMap::new();
    let mut catalog = Catalog::default();
    for table in &models.tables {
        // On SQLite a prefix is an attached database, which has migrations of its own.
        if dialect == Dialect::Sqlite && table.name.prefix.is_some() {
            continue;
        }
        catalog.tables.push(described(table, dialect, &mut enums));
    }
    catalog.enums = enums.into_values().collect();
    let names = catalog.tables.iter().map(|table| &table.name).chain(catalog.enums.iter().map(|each| &each.name));
    catalog.schemas = names.filter_map(|name| name.prefix.clone()).collect();
    catalog.sort();
    catalog.schemas.dedup();
    catalog
}

fn described(model: &ModelTable, dialect: Dialect, enums: &mut BTreeMap<ObjectName, EnumType>) -> Table {
    let mut table = Table::new(model.name.clone());
    table.columns = model.columns.iter().map(|column| described_column(column, dialect, enums)).collect();
    if !model.primary_key.is_empty() {
        table.primary_key = Some(PrimaryKey { name: None, columns: model.primary_key.clone() });
    }
    let foreign_keys = model.foreign_keys.iter().map(|foreign| foreign.key.clone());
    table.foreign_keys = foreign_keys.filter(|key| dialect != Dialect::Sqlite || key.table.prefix.is_none()).collect();
    table.indexes = model
        .indexes
        .iter()
        .map(|index| Index {
            columns: index.columns.iter().map(IndexColumn::column).collect(),
            unique: index.unique,
            filter: index.filter.clone(),
            ..Index::new(&index.name, Vec::<String>::new())
        })
        .collect();
    let check = |check: &super::ModelCheck| Check {
        name: Some(check.name.clone()),
        condition: check.condition.clone(),
        not_valid: false,
        comment: None,
    };
    table.checks = model.checks.iter().map(check).collect();
    table
}

fn described_column(model: &ModelColumn, dialect: Dialect, enums: &mut BTreeMap<ObjectName, EnumType>) -> Column {
    let mut column = Column::new(&model.name, column_type(model, dialect, enums));
    column.nullable = model.nullable;
    if dialect == Dialect::Sqlite && model.stored == Stored::Decimal {
        column.collation = Some("decimal".to_owned());
    }
    if model.is_generated_key {
        column.identity = Some(Identity::default());
    }
    column.default = model.default.as_ref().and_then(|default| match (default, dialect) {
        (ModelDefault::Value(value), Dialect::Sqlite) => Some(on_sqlite(value, &model.stored)),
        (ModelDefault::Value(value), _) => Some(value.clone()),
        (ModelDefault::Now, Dialect::Postgres) => Some(Default::Sql("now()".to_owned())),
        (ModelDefault::Now, _) => Some(Default::Sql("CURRENT_TIMESTAMP".to_owned())),
        (ModelDefault::RandomUuid, Dialect::Postgres) => Some(Default::Sql("gen_random_uuid()".to_owned())),
        (ModelDefault::RandomUuid | ModelDefault::Unknown(_), _) => None,
    });
    column
}

/// A value as SQLite holds it: decimals and documents are texts.
fn on_sqlite(value: &Default, stored: &Stored) -> Default {
    match (value, stored) {
        (Default::Number(number), Stored::Decimal) => Default::Text(number.clone()),
        (Default::Integer(number), Stored::Decimal) => Default::Text(number.to_string()),
        (Default::Json(json), _) => Default::Text(json.to_string()),
        (Default::List(_), _) => match ddl::default(value, &ColumnType::Text, Dialect::Sqlite) {
            Ok(sql) => Default::Text(sql.trim_matches('\'').replace("''", "'")),
            Err(_) => value.clone(),
        },
        _ => value.clone(),
    }
}

fn column_type(model: &ModelColumn, dialect: Dialect, enums: &mut BTreeMap<ObjectName, EnumType>) -> ColumnType {
    match (dialect, &model.stored) {
        (_, Stored::Sql(sql)) => ColumnType::Sql(sql.clone()),
        (Dialect::Postgres, stored) => postgres(stored, model, enums),
        (_, stored) => ColumnType::Sql(
            match stored {
                Stored::Bool => "BOOLEAN",
                Stored::I16 | Stored::I32 | Stored::I64 => "INTEGER",
                Stored::F32 | Stored::F64 => "REAL",
                Stored::Bytes => "BLOB",
                _ => "TEXT",
            }
            .to_owned(),
        ),
    }
}

fn postgres(stored: &Stored, model: &ModelColumn, enums: &mut BTreeMap<ObjectName, EnumType>) -> ColumnType {
    let sql = |text: &str| ColumnType::Sql(text.to_owned());
    match stored {
        Stored::Bool => sql("boolean"),
        Stored::I16 => sql("smallint"),
        Stored::I32 => sql("integer"),
        Stored::I64 => sql("bigint"),
        Stored::F32 => sql("real"),
        Stored::F64 => sql("double precision"),
        Stored::Text => match model.size {
            Some(size) => sql(&format!("varchar({size})")),
            None => sql("text"),
        },
        Stored::Bytes => sql("bytea"),
        Stored::Uuid => sql("uuid"),
        Stored::Date => sql("date"),
        Stored::Time => sql("time"),
        Stored::DateTime => sql("timestamp"),
        Stored::Timestamp => sql("timestamptz"),
        Stored::Decimal => match model.precision {
            Some((digits, scale)) => sql(&format!("numeric({digits},{scale})")),
            None => sql("numeric"),
        },
        Stored::Json => sql("jsonb"),
        Stored::Interval => sql("interval"),
        Stored::Sql(text) => sql(text),
        Stored::Enum(name, values) => {
            let name = match name.split_once('.') {
                Some((prefix, name)) => ObjectName::with_prefix(prefix, name),
                None => ObjectName::new(name),
            };
            let found = EnumType { name: name.clone(), values: values.clone() };
            enums.entry(name.clone()).or_insert(found);
            ColumnType::Enum(name)
        }
        Stored::Array(item) => match postgres(item, model, enums) {
            ColumnType::Sql(item) => ColumnType::Sql(format!("{item}[]")),
            item => ColumnType::Array(Box::new(item)),
        },
    }
}
