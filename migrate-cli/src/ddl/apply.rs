//! What operations do to the description of a database.

use super::{enums_sqlite, mention};
use crate::catalog::{
    Catalog, Column, Extension, ForeignKey, IndexPart, ObjectName, PrimaryKey, ReferentialAction, Table, View,
};
use crate::operation::{Alteration, ColumnChange, Commented, Constraint, Operation};

pub(super) fn operation(operation: &Operation, catalog: &mut Catalog) -> Result<(), String> {
    match operation {
        Operation::CreateTable { table, if_not_exists } => {
            if catalog.table(&table.name).is_none() {
                catalog.tables.push((**table).clone());
            } else if !if_not_exists {
                return Err(format!("there is a table {} already", table.name));
            }
        }
        Operation::DropTable { name, if_exists, .. } => {
            let before = catalog.tables.len();
            catalog.tables.retain(|table| table.name != *name);
            if before == catalog.tables.len() && !if_exists {
                return Err(no_table(name));
            }
            for table in &mut catalog.tables {
                table.foreign_keys.retain(|key| key.table != *name);
            }
        }
        Operation::RenameTable { from, to } => rename_table(catalog, from, to)?,
        Operation::AlterTable { name, changes } => {
            for change in changes {
                alteration(change, table(catalog, name)?)?;
                if let Alteration::RenameColumn { from, to } = change {
                    rename_in_keys(catalog, name, from, to);
                }
            }
        }
        Operation::CreateIndex { table: name, index, if_not_exists, .. } => {
            let indexes = match catalog.views.iter_mut().find(|view| view.name == *name) {
                Some(view) => &mut view.indexes,
                None => &mut table(catalog, name)?.indexes,
            };
            if indexes.iter().all(|each| each.name != index.name) {
                indexes.push((**index).clone());
            } else if !if_not_exists {
                return Err(format!("there is an index \"{}\" already", index.name));
            }
        }
        Operation::DropIndex { table: name, name: index, .. } => {
            if let Some(view) = catalog.views.iter_mut().find(|view| view.name == *name) {
                view.indexes.retain(|each| each.name != *index);
            } else if let Ok(table) = table(catalog, name) {
                table.indexes.retain(|each| each.name != *index);
            }
        }
        Operation::RenameIndex { table: name, from, to } => {
            for index in table(catalog, name)?.indexes.iter_mut().filter(|index| index.name == *from) {
                index.name = to.clone();
            }
        }
        Operation::Comment { on, text, .. } => comment(catalog, on, text)?,
        Operation::CreateEnum(each) => catalog.enums.push(each.clone()),
        Operation::DropEnum { name, .. } => catalog.enums.retain(|each| each.name != *name),
        Operation::AddEnumValue { name, value, before, .. } => {
            enums_sqlite::change_values(catalog, name, |values| {
                if values.contains(value) {
                    return;
                }
                let end = values.len();
                let at = before.as_ref().and_then(|before| values.iter().position(|each| each == before));
                values.insert(at.unwrap_or(end), value.clone());
            });
        }
        Operation::RenameEnumValue { name, from, to } => {
            enums_sqlite::change_values(catalog, name, |values| {
                for value in values.iter_mut().filter(|value| *value == from) {
                    value.clone_from(to);
                }
            });
        }
        Operation::RenameEnum { from, to } => {
            for each in catalog.enums.iter_mut().filter(|each| each.name == *from) {
                each.name.name.clone_from(to);
            }
            for table in &mut catalog.tables {
                for column in &mut table.columns {
                    if let crate::catalog::ColumnType::Enum(name) = &mut column.column_type
                        && name == from
                    {
                        name.name.clone_from(to);
                    }
                }
            }
        }
        Operation::CreateView { view, .. } => {
            catalog.views.retain(|each| each.name != view.name);
            catalog.views.push(view.clone());
        }
        Operation::DropView { name, .. } => catalog.views.retain(|each| each.name != *name),
        Operation::CreateExtension(Extension { name, schema }) => {
            if catalog.extensions.iter().all(|each| each.name != *name) {
                catalog.extensions.push(Extension { name: name.clone(), schema: schema.clone() });
            }
        }
        Operation::DropExtension(extension) => catalog.extensions.retain(|each| each.name != extension.name),
        Operation::CreateSchema { name, .. } => {
            if !catalog.schemas.contains(name) {
                catalog.schemas.push(name.clone());
            }
        }
        Operation::DropSchema { name, .. } => {
            let within = |object: &ObjectName| object.prefix.as_ref() == Some(name);
            catalog.schemas.retain(|each| each != name);
            catalog.tables.retain(|table| !within(&table.name));
            catalog.views.retain(|view| !within(&view.name));
            catalog.enums.retain(|each| !within(&each.name));
            catalog.functions.retain(|function| !within(&function.name));
        }
        Operation::Execute { .. } => {}
    }
    catalog.sort();
    Ok(())
}

fn no_table(name: &ObjectName) -> String {
    format!("there is no table {name}")
}

fn table<'a>(catalog: &'a mut Catalog, name: &ObjectName) -> Result<&'a mut Table, String> {
    catalog.tables.iter_mut().find(|table| table.name == *name).ok_or_else(|| no_table(name))
}

fn rename_table(catalog: &mut Catalog, from: &ObjectName, to: &str) -> Result<(), String> {
    table(catalog, from)?.name.name = to.to_owned();
    for table in &mut catalog.tables {
        for key in table.foreign_keys.iter_mut().filter(|key| key.table == *from) {
            key.table.name = to.to_owned();
        }
    }
    let views: Vec<&mut View> =
        catalog.views.iter_mut().filter(|view| mention::mentions(&view.query, &from.name)).collect();
    for view in views {
        view.query = mention::renamed(&view.query, &from.name, to);
    }
    Ok(())
}

/// The keys of other tables name the new column.
fn rename_in_keys(catalog: &mut Catalog, table: &ObjectName, from: &str, to: &str) {
    for key in catalog.tables.iter_mut().flat_map(|each| &mut each.foreign_keys) {
        if key.table == *table {
            rename_all(&mut key.references, from, to);
        }
    }
}

fn comment(catalog: &mut Catalog, on: &Commented, text: &Option<String>) -> Result<(), String> {
    match on {
        Commented::Table(name) => table(catalog, name)?.comment.clone_from(text),
        Commented::Column(name, column) => column_of(table(catalog, name)?, column)?.comment.clone_from(text),
        Commented::Index(name) => {
            let of_tables = catalog.tables.iter_mut().filter(|table| table.name.prefix == name.prefix);
            for index in of_tables.flat_map(|table| &mut table.indexes).filter(|index| index.name == name.name) {
                index.comment.clone_from(text);
            }
        }
        Commented::Constraint(name, constraint) => {
            let table = table(catalog, name)?;
            let named = |name: &Option<String>| name.as_ref() == Some(constraint);
            for key in table.foreign_keys.iter_mut().filter(|key| key.name == *constraint) {
                key.comment.clone_from(text);
            }
            for unique in table.uniques.iter_mut().filter(|unique| named(&unique.name)) {
                unique.comment.clone_from(text);
            }
            for check in table.checks.iter_mut().filter(|check| named(&check.name)) {
                check.comment.clone_from(text);
            }
            for exclusion in table.exclusions.iter_mut().filter(|exclusion| exclusion.name == *constraint) {
                exclusion.comment.clone_from(text);
            }
        }
    }
    Ok(())
}

fn column_of<'a>(table: &'a mut Table, name: &str) -> Result<&'a mut Column, String> {
    let known = column_names(table);
    match table.columns.iter_mut().find(|column| column.name == name) {
        Some(column) => Ok(column),
        None => Err(format!("table {} has no column \"{name}\"; it has {known}", table.name)),
    }
}

fn column_names(table: &Table) -> String {
    table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect::<Vec<_>>().join(", ")
}

/// Does a change to the description of its table.
pub(super) fn alteration(change: &Alteration, table: &mut Table) -> Result<(), String> {
    match change {
        Alteration::AddColumn { column, primary_key, references, if_not_exists } => {
            if table.column(&column.name).is_some() {
                return match if_not_exists {
                    true => Ok(()),
                    false => Err(format!("table {} has a column \"{}\" already", table.name, column.name)),
                };
            }
            table.columns.push((**column).clone());
            table.foreign_keys.extend(references.as_deref().cloned());
            if *primary_key {
                let key = PrimaryKey { name: None, columns: vec![column.name.clone()] };
                add_constraint(table, &Constraint::PrimaryKey(key))?;
            }
        }
        Alteration::ModifyColumn { name, to, from } => modify(table, name, to, from.as_deref())?,
        Alteration::DropColumn { name, if_exists, references, .. } => {
            if table.column(name).is_none() {
                return match if_exists {
                    true => Ok(()),
                    false => {
                        Err(format!("table {} has no column \"{name}\"; it has {}", table.name, column_names(table)))
                    }
                };
            }
            if let Some(key) = references {
                drop_key(table, key);
            }
            drop_column(table, name)?;
        }
        Alteration::RenameColumn { from, to } => rename_column(table, from, to)?,
        Alteration::AddConstraint(constraint) => add_constraint(table, constraint)?,
        Alteration::ValidateConstraint { name } => {
            for key in table.foreign_keys.iter_mut().filter(|key| key.name == *name) {
                key.not_valid = false;
            }
            for check in table.checks.iter_mut().filter(|check| check.name.as_ref() == Some(name)) {
                check.not_valid = false;
            }
        }
        Alteration::DropConstraint { name, if_exists, .. } => drop_constraint(table, name, *if_exists)?,
        Alteration::RenameConstraint { from, to } => rename_constraint(table, from, to)?,
    }
    Ok(())
}

fn modify(table: &mut Table, name: &str, to: &ColumnChange, from: Option<&ColumnChange>) -> Result<(), String> {
    let column = column_of(table, name)?;
    if let Some(column_type) = &to.column_type {
        column.column_type = super::column_type::without_sequence(column_type).clone();
        column.collation.clone_from(&to.collation);
    }
    if let Some(nullable) = to.nullable {
        column.nullable = nullable;
    }
    if let Some(default) = &to.default {
        column.default.clone_from(default);
    }
    if let Some(comment) = &to.comment {
        column.comment.clone_from(comment);
    }
    let former = from.and_then(|from| from.references.as_deref());
    if former != to.references.as_deref() {
        if let Some(key) = former {
            drop_key(table, key);
        }
        table.foreign_keys.extend(to.references.as_deref().cloned());
    }
    Ok(())
}

/// Takes a foreign key away: by its name, else by what it points at, since SQLite's may have no name.
fn drop_key(table: &mut Table, key: &ForeignKey) {
    let count = table.foreign_keys.len();
    table.foreign_keys.retain(|each| each.name != key.name);
    if count == table.foreign_keys.len() {
        table.foreign_keys.retain(|each| each.columns != key.columns || each.table != key.table);
    }
}

/// Takes a column away, with the constraints and indexes that it is in.
fn drop_column(table: &mut Table, name: &str) -> Result<(), String> {
    let has = |columns: &[String]| columns.iter().any(|column| column == name);
    for other in table.columns.iter().filter(|column| column.name != name) {
        if other.generated.as_ref().is_some_and(|generated| mention::mentions(&generated.expression, name)) {
            return Err(format!("column \"{}\" is computed from \"{name}\"; drop it first", other.name));
        }
    }
    table.columns.retain(|column| column.name != name);
    table.primary_key = table.primary_key.take().filter(|key| !has(&key.columns));
    table.foreign_keys.retain(|key| !has(&key.columns));
    table.uniques.retain(|unique| !has(&unique.columns));
    table.checks.retain(|check| !mention::mentions(&check.condition, name));
    table.exclusions.retain(|exclusion| !mention::mentions(&exclusion.definition, name));
    table.indexes.retain(|index| !uses(index, name));
    Ok(())
}

/// Whether an index is on a column, or speaks of it.
pub(super) fn uses(index: &crate::catalog::Index, column: &str) -> bool {
    index.include.iter().any(|name| name == column)
        || index.filter.as_ref().is_some_and(|filter| mention::mentions(filter, column))
        || index.columns.iter().any(|each| match &each.part {
            IndexPart::Column(name) => name == column,
            IndexPart::Expression(sql) => mention::mentions(sql, column),
        })
}

fn rename_all(names: &mut [String], from: &str, to: &str) {
    for name in names.iter_mut().filter(|name| *name == from) {
        to.clone_into(name);
    }
}

fn rename_column(table: &mut Table, from: &str, to: &str) -> Result<(), String> {
    if table.column(to).is_some() {
        return Err(format!("table {} has a column \"{to}\" already", table.name));
    }
    to.clone_into(&mut column_of(table, from)?.name);
    let in_sql = |sql: &mut String| *sql = mention::renamed(sql, from, to);
    for generated in table.columns.iter_mut().filter_map(|column| column.generated.as_mut()) {
        in_sql(&mut generated.expression);
    }
    if let Some(key) = &mut table.primary_key {
        rename_all(&mut key.columns, from, to);
    }
    let own = table.name.clone();
    for key in &mut table.foreign_keys {
        rename_all(&mut key.columns, from, to);
        if key.table == own {
            rename_all(&mut key.references, from, to);
        }
        for action in [&mut key.on_delete, &mut key.on_update] {
            if let ReferentialAction::SetNullColumns(columns) | ReferentialAction::SetDefaultColumns(columns) = action {
                rename_all(columns, from, to);
            }
        }
    }
    for unique in &mut table.uniques {
        rename_all(&mut unique.columns, from, to);
    }
    for check in &mut table.checks {
        in_sql(&mut check.condition);
    }
    for exclusion in &mut table.exclusions {
        in_sql(&mut exclusion.definition);
    }
    for index in &mut table.indexes {
        rename_all(&mut index.include, from, to);
        index.filter.iter_mut().for_each(in_sql);
        for each in &mut index.columns {
            match &mut each.part {
                IndexPart::Column(name) if name == from => to.clone_into(name),
                IndexPart::Column(_) => {}
                IndexPart::Expression(sql) => in_sql(sql),
            }
        }
    }
    Ok(())
}

fn add_constraint(table: &mut Table, constraint: &Constraint) -> Result<(), String> {
    if let Some(name) = constraint.name()
        && has_constraint(table, name)
    {
        return Err(format!("table {} has a constraint \"{name}\" already", table.name));
    }
    match constraint {
        Constraint::ForeignKey(key) => table.foreign_keys.push(key.clone()),
        Constraint::Unique(unique) => table.uniques.push(unique.clone()),
        Constraint::Check(check) => table.checks.push(check.clone()),
        Constraint::Exclusion(exclusion) => table.exclusions.push(exclusion.clone()),
        Constraint::PrimaryKey(_) if table.primary_key.is_some() => {
            return Err(format!("table {} has a primary key already; drop it first", table.name));
        }
        Constraint::PrimaryKey(key) => table.primary_key = Some(key.clone()),
    }
    Ok(())
}

/// The names of the constraints that have one.
fn constraint_names(table: &Table) -> Vec<&str> {
    let keys = table.foreign_keys.iter().map(|key| key.name.as_str());
    let uniques = table.uniques.iter().filter_map(|unique| unique.name.as_deref());
    let checks = table.checks.iter().filter_map(|check| check.name.as_deref());
    let exclusions = table.exclusions.iter().map(|exclusion| exclusion.name.as_str());
    let key = table.primary_key.iter().filter_map(|key| key.name.as_deref());
    keys.chain(uniques).chain(checks).chain(exclusions).chain(key).filter(|name| !name.is_empty()).collect()
}

fn has_constraint(table: &Table, name: &str) -> bool {
    constraint_names(table).contains(&name)
}

/// Whether a name is the one that Postgres gives the primary key, which SQLite's has none for.
fn is_usual_key(table: &Table, name: &str) -> bool {
    table.primary_key.as_ref().is_some_and(|key| key.name.is_none()) && name == format!("{}_pkey", table.name.name)
}

fn no_constraint(table: &Table, name: &str) -> String {
    let known = constraint_names(table).join("\", \"");
    let known = if known.is_empty() { "none with a name".to_owned() } else { format!("\"{known}\"") };
    format!("table {} has no constraint \"{name}\"; it has {known}", table.name)
}

fn drop_constraint(table: &mut Table, name: &str, if_exists: bool) -> Result<(), String> {
    if is_usual_key(table, name) {
        table.primary_key = None;
        return Ok(());
    }
    if !has_constraint(table, name) {
        return if if_exists { Ok(()) } else { Err(no_constraint(table, name)) };
    }
    table.foreign_keys.retain(|key| key.name != name);
    table.uniques.retain(|unique| unique.name.as_deref() != Some(name));
    table.checks.retain(|check| check.name.as_deref() != Some(name));
    table.exclusions.retain(|exclusion| exclusion.name != name);
    table.primary_key = table.primary_key.take().filter(|key| key.name.as_deref() != Some(name));
    Ok(())
}

fn rename_constraint(table: &mut Table, from: &str, to: &str) -> Result<(), String> {
    if is_usual_key(table, from) {
        if let Some(key) = &mut table.primary_key {
            key.name = Some(to.to_owned());
        }
        return Ok(());
    }
    if !has_constraint(table, from) {
        return Err(no_constraint(table, from));
    }
    let exact = table.foreign_keys.iter_mut().map(|key| &mut key.name);
    for name in exact.chain(table.exclusions.iter_mut().map(|each| &mut each.name)).filter(|name| *name == from) {
        to.clone_into(name);
    }
    let optional = table.uniques.iter_mut().map(|each| &mut each.name);
    let optional = optional.chain(table.checks.iter_mut().map(|each| &mut each.name));
    for name in optional.chain(table.primary_key.iter_mut().map(|key| &mut key.name)).flatten() {
        if name == from {
            to.clone_into(name);
        }
    }
    Ok(())
}
