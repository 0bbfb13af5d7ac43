//! From schemas to tables.

use super::keys;
use super::scope::{Definition, Scope};
use super::stored::Stored;
use super::table::{ModelCheck, ModelColumn, ModelIndex, ModelTable};
use super::{Models, Site, SourceError};
use crate::catalog::ObjectName;
use peristyle_derive_model::{Field, Generation, Prefix, Schema};
use syn::spanned::Spanned;

/// The tables of all schemas.
pub(super) fn models(scope: &Scope, errors: &mut Vec<SourceError>) -> Models {
    let mut models = Models::default();
    for (definition, schema) in scope.schemas() {
        if schema.managed {
            let table = table(scope, definition, schema, errors);
            add(&mut models.tables, table, errors);
        } else {
            models.unmanaged.insert(table_name(schema));
        }
    }
    models.unmanaged.retain(|name| !models.tables.iter().any(|table| table.name == *name));
    keys::add(scope, &mut models, errors);
    models.tables.sort_by(|a, b| a.name.cmp(&b.name));
    check_enums(&models.tables, errors);
    models
}

/// Reports enums that declare one type of Postgres with other values.
fn check_enums(tables: &[ModelTable], errors: &mut Vec<SourceError>) {
    let mut seen: Vec<(&String, &Vec<String>, &Site)> = Vec::new();
    for column in tables.iter().flat_map(|table| &table.columns) {
        let (Some((name, values)), Some(site)) = (enum_of(&column.stored), column.sites.first()) else { continue };
        match seen.iter().find(|(earlier, ..)| *earlier == name) {
            Some((_, others, other)) if *others != values => {
                let message = format!("the enum type `{name}` has other values here than at `{}`", other.name);
                let fix = "give one of the enums another `pg_type`, or both the same variants";
                errors.push(site.error(format!("{message} ({}): {fix}", other.position())));
            }
            Some(_) => {}
            None => seen.push((name, values, site)),
        }
    }
}

fn enum_of(stored: &Stored) -> Option<(&String, &Vec<String>)> {
    match stored {
        Stored::Enum(name, values) => Some((name, values)),
        Stored::Array(item) => enum_of(item),
        _ => None,
    }
}

/// Adds a table, or what it says of one that is there.
pub(super) fn add(tables: &mut Vec<ModelTable>, table: ModelTable, errors: &mut Vec<SourceError>) {
    match tables.iter_mut().find(|own| own.name == table.name) {
        Some(own) => own.merge(table, errors),
        None => tables.push(table),
    }
}

/// The table of a schema. One whose prefix each tenant gives is in the usual database schema: its migrations run in each.
pub(super) fn table_name(schema: &Schema) -> ObjectName {
    match &schema.prefix {
        Prefix::Named(prefix) => ObjectName::with_prefix(prefix, &schema.table),
        Prefix::None | Prefix::Required => ObjectName::new(&schema.table),
    }
}

fn table(scope: &Scope, definition: &Definition, schema: &Schema, errors: &mut Vec<SourceError>) -> ModelTable {
    let column_of = |position: &usize| schema.fields[*position].column.clone();
    let site = &definition.site;
    let columns = schema.fields.iter().filter(|field| !field.is_virtual);
    ModelTable {
        name: table_name(schema),
        sites: vec![site.clone()],
        is_join_table: false,
        columns: columns.filter_map(|field| column(scope, definition, schema, field, errors)).collect(),
        primary_key: schema.primary_key.iter().map(column_of).collect(),
        foreign_keys: Vec::new(),
        indexes: schema
            .indexes
            .iter()
            .map(|index| ModelIndex {
                name: index.name.clone(),
                columns: index.fields.iter().map(column_of).collect(),
                unique: index.unique,
                filter: index.filter.clone(),
                site: site.clone(),
            })
            .collect(),
        checks: schema
            .checks
            .iter()
            .map(|check| ModelCheck {
                name: check.name.clone(),
                condition: check.condition.clone(),
                site: site.clone(),
            })
            .collect(),
    }
}

fn column(
    scope: &Scope,
    definition: &Definition,
    schema: &Schema,
    field: &Field,
    errors: &mut Vec<SourceError>,
) -> Option<ModelColumn> {
    let file = &definition.place.file;
    let stored = match &field.sql_type {
        Some(sql) => Stored::Sql(sql.clone()),
        None if field.embed => Stored::Json,
        None => match scope.stored(&field.ty, &definition.place) {
            Ok(stored) => stored,
            Err(message) => {
                errors.push(SourceError::at(file, field.ty.span(), &message));
                return None;
            }
        },
    };
    // With an SQL type of its own, the Rust type tells what the default is, if it is known.
    let of_default = match &stored {
        Stored::Sql(_) => scope.stored(&field.ty, &definition.place).unwrap_or(Stored::Text),
        stored => stored.clone(),
    };
    let default =
        field.default.as_ref().map(|default| scope.column_default(&default.expression, &of_default, &definition.place));
    let numbered = matches!(of_default, Stored::I16 | Stored::I32 | Stored::I64);
    Some(ModelColumn {
        name: field.column.clone(),
        stored,
        nullable: field.nullable,
        is_generated_key: field.generation == Generation::Key && numbered,
        is_generated: field.generation == Generation::Database,
        default,
        size: field.size,
        precision: field.precision,
        sites: vec![Site::new(format!("{}.{}", schema.name, field.name), file, field.ident.span())],
    })
}
