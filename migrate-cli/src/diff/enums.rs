//! Enum types of Postgres.

use super::plan::Plan;
use super::{DiffError, same, tables};
use crate::catalog::{Catalog, ColumnType, EnumType, ObjectName, Table};
use crate::operation::Operation;
use peristyle_query::statement::Dialect;
use peristyle_sql::quoted;

/// The values that are only added to types, which a transaction may not use before it ends.
pub(super) fn additions(from: &Catalog, to: &Catalog) -> Vec<Operation> {
    let mut operations = Vec::new();
    for wanted in &to.enums {
        let Some(own) = from.enum_type(&wanted.name) else { continue };
        if !is_extended(own, wanted) {
            continue;
        }
        for (position, value) in wanted.values.iter().enumerate().rev() {
            if own.values.contains(value) {
                continue;
            }
            // From the end: what stands behind is there already.
            let before = wanted.values.get(position + 1).cloned();
            let name = wanted.name.clone();
            operations.push(Operation::AddEnumValue { name, value: value.clone(), before, if_not_exists: false });
        }
    }
    operations
}

/// Whether a type becomes the other one by more values alone.
fn is_extended(own: &EnumType, wanted: &EnumType) -> bool {
    let kept: Vec<&String> = wanted.values.iter().filter(|value| own.values.contains(value)).collect();
    own.values.len() < wanted.values.len() && kept.iter().copied().eq(&own.values)
}

/// Makes types, and makes those anew that lose values or change their order.
pub(super) fn change(plan: &mut Plan<'_>) -> Result<(), DiffError> {
    for wanted in &plan.to.enums {
        match plan.state.enum_type(&wanted.name).cloned() {
            None => plan.push(Operation::CreateEnum(wanted.clone()))?,
            Some(own) if own.values != wanted.values => remake(plan, wanted)?,
            Some(_) => {}
        }
    }
    Ok(())
}

/// Drops the types that are no more.
pub(super) fn drop(plan: &mut Plan<'_>) -> Result<(), DiffError> {
    let gone: Vec<EnumType> =
        plan.state.enums.iter().filter(|each| plan.to.enum_type(&each.name).is_none()).cloned().collect();
    for each in gone {
        plan.push(Operation::DropEnum { name: each.name, if_exists: false, values: Some(each.values) })?;
    }
    Ok(())
}

/// How a column has a type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Value,
    List,
}

fn use_of(column_type: &ColumnType, name: &str) -> Option<Use> {
    let found = same::type_name(column_type, Dialect::Postgres);
    match found.strip_suffix("[]") {
        Some(item) if item == name => Some(Use::List),
        None if found == name => Some(Use::Value),
        _ => None,
    }
}

/// Makes a type anew, and lets its columns have the new one. A row with a value that is no more stops it.
fn remake(plan: &mut Plan<'_>, wanted: &EnumType) -> Result<(), DiffError> {
    let name = &wanted.name;
    let type_name = same::type_name(&ColumnType::Enum(name.clone()), Dialect::Postgres);
    let users: Vec<Table> = plan
        .state
        .tables
        .iter()
        .filter(|table| table.columns.iter().any(|column| use_of(&column.column_type, &type_name).is_some()))
        .cloned()
        .collect();
    // What speaks of the old type cannot stand while its columns have the new one. It is made again with the rest.
    for table in &users {
        let speaks = |sql: &str| sql.contains(&format!("::{type_name}"));
        let checks = table.checks.iter().filter(|check| speaks(&check.condition) && check.name.is_some());
        let checks = checks.map(|check| tables::drop_check(check.clone())).collect();
        plan.alter(&table.name, checks)?;
        for index in table.indexes.iter().filter(|index| index.filter.as_deref().is_some_and(speaks)) {
            plan.push(Operation::DropIndex {
                table: table.name.clone(),
                name: index.name.clone(),
                concurrently: false,
                if_exists: false,
                cascade: false,
                index: Some(Box::new(index.clone())),
            })?;
        }
    }
    let old = ObjectName { prefix: name.prefix.clone(), name: format!("{}_old", name.name) };
    let values: Vec<String> = wanted.values.iter().map(|value| peristyle_sql::text_literal(value)).collect();
    let mut statements = vec![
        format!("ALTER TYPE {} RENAME TO {}", name.quoted(), quoted(&old.name)),
        format!("CREATE TYPE {} AS ENUM ({})", name.quoted(), values.join(", ")),
    ];
    for table in &users {
        let mut parts = Vec::new();
        for column in &table.columns {
            let Some(found) = use_of(&column.column_type, &type_name) else { continue };
            let list = if found == Use::List { "[]" } else { "" };
            let own = quoted(&column.name);
            if column.default.is_some() {
                parts.push(format!("ALTER COLUMN {own} DROP DEFAULT"));
            }
            let new = format!("{}{list}", name.quoted());
            parts.push(format!("ALTER COLUMN {own} TYPE {new} USING {own}::text{list}::{new}"));
        }
        statements.push(format!("ALTER TABLE {} {}", table.name.quoted(), parts.join(", ")));
    }
    statements.push(format!("DROP TYPE {}", old.quoted()));
    plan.push_sql(format!("the enum {name}"), statements)?;
    for each in plan.state.enums.iter_mut().filter(|each| each.name == *name) {
        each.values.clone_from(&wanted.values);
    }
    // The defaults are set again with the other changes of the columns.
    for column in plan.state.tables.iter_mut().flat_map(|table| &mut table.columns) {
        if use_of(&column.column_type, &type_name).is_some() {
            column.default = None;
        }
    }
    Ok(())
}
