//! Completing what was recorded, and finding its mistakes.

use super::error::Mistake;
use super::migration::{Entry, Migration};
use super::{constraint, index};
use crate::catalog::{Index, LONGEST_NAME, Table};
use crate::operation::{Alteration, Commented, Operation};

/// Fills in usual names, and collects what is wrong.
pub(super) fn migration(migration: &mut Migration, transaction: bool) {
    for entry in &mut migration.entries {
        names(&mut entry.operation);
        let mut messages = std::mem::take(&mut entry.messages);
        messages.extend(wrong(&entry.operation, transaction));
        let Entry { operation, at, .. } = entry;
        migration.mistakes.extend(messages.into_iter().map(|message| Mistake::new(at, operation.call(), message)));
    }
}

fn names(operation: &mut Operation) {
    match operation {
        Operation::CreateIndex { table, index, .. } => index::complete(index, &table.name),
        Operation::AlterTable { name, changes } => {
            for change in changes {
                match change {
                    Alteration::AddConstraint(each) | Alteration::DropConstraint { constraint: Some(each), .. } => {
                        constraint::complete(each, name)
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

fn wrong(operation: &Operation, transaction: bool) -> Vec<String> {
    let mut messages: Vec<String> = named(operation).into_iter().filter_map(wrong_name).collect();
    match operation {
        Operation::CreateIndex { concurrently: true, .. } | Operation::DropIndex { concurrently: true, .. }
            if transaction =>
        {
            messages.push(
                "`.concurrently()` does not work in a transaction; write `no_transaction` after the migration's name"
                    .to_owned(),
            );
        }
        Operation::CreateEnum(each) if each.values.is_empty() => {
            messages.push("an enum without values takes no row; give it some".to_owned());
        }
        Operation::CreateEnum(each) => {
            messages.extend(repeated(&each.values).map(|value| format!("the value \"{value}\" is given twice")));
        }
        Operation::CreateView { view, .. } if view.query.trim().is_empty() => {
            messages.push("the query of the view is empty".to_owned());
        }
        Operation::Execute { up, subject, .. }
            if subject != "data step" && up.iter().all(|sql| sql.trim().is_empty()) =>
        {
            messages.push("the statement is empty".to_owned());
        }
        _ => {}
    }
    if let Operation::CreateIndex { index, .. } = operation {
        messages.extend(wrong_index(index));
    }
    if let Operation::CreateTable { table, .. } = operation {
        messages.extend(wrong_table(table));
    }
    messages
}

fn wrong_index(index: &Index) -> Option<String> {
    index.columns.is_empty().then(|| "the index is on nothing; name a column or an expression".to_owned())
}

fn wrong_table(table: &Table) -> Vec<String> {
    let mut messages: Vec<String> = table.indexes.iter().filter_map(wrong_index).collect();
    for column in &table.columns {
        let name = &column.name;
        if column.generated.is_some() && (column.default.is_some() || column.identity.is_some()) {
            messages.push(format!("the column \"{name}\" is computed, and so has no default and no numbers"));
        } else if column.identity.is_some() && column.default.is_some() {
            messages.push(format!("the column \"{name}\" is numbered by the database, and so has no default"));
        }
    }
    let indexes = table.indexes.iter().map(|index| index.name.clone()).collect::<Vec<_>>();
    messages
        .extend(repeated(&indexes).map(|name| format!("two indexes are called \"{name}\"; `.name(..)` one of them")));
    let keys = table.foreign_keys.iter().map(|key| key.name.clone());
    let checks = table.checks.iter().filter_map(|check| check.name.clone());
    let uniques = table.uniques.iter().filter_map(|unique| unique.name.clone());
    let constraints = keys.chain(checks).chain(uniques).collect::<Vec<_>>();
    messages.extend(
        repeated(&constraints).map(|name| format!("two constraints are called \"{name}\"; `.name(..)` one of them")),
    );
    messages
}

fn repeated(values: &[String]) -> impl Iterator<Item = &String> {
    values.iter().enumerate().filter(|(at, value)| values[..*at].contains(value)).map(|(_, value)| value)
}

fn wrong_name(name: &str) -> Option<String> {
    if name.is_empty() {
        Some("a name is empty".to_owned())
    } else if name.contains('\0') {
        Some(format!("the name {name:?} holds a zero byte, which no name can"))
    } else if name.len() > LONGEST_NAME {
        Some(format!("the name \"{name}\" is longer than the {LONGEST_NAME} bytes that Postgres keeps; `.name(..)` it"))
    } else {
        None
    }
}

/// The names in an operation.
fn named(operation: &Operation) -> Vec<&str> {
    match operation {
        Operation::CreateTable { table, .. } => named_in_table(table),
        Operation::DropTable { name, table, .. } => {
            let mut names = vec![name.name.as_str()];
            names.extend(table.iter().flat_map(|table| named_in_table(table)));
            names
        }
        Operation::RenameTable { from, to } | Operation::RenameEnum { from, to } => vec![&from.name, to],
        Operation::AlterTable { name, changes } => {
            let mut names = vec![name.name.as_str()];
            changes.iter().for_each(|change| names.extend(named_in_change(change)));
            names
        }
        Operation::CreateIndex { table, index, .. } => {
            let mut names = vec![table.name.as_str()];
            names.extend(named_in_index(index));
            names
        }
        Operation::DropIndex { table, name, .. } => vec![&table.name, name],
        Operation::RenameIndex { table, from, to } => vec![&table.name, from, to],
        Operation::Comment { on, .. } => match on {
            Commented::Table(name) | Commented::Index(name) => vec![&name.name],
            Commented::Column(name, other) | Commented::Constraint(name, other) => vec![&name.name, other],
        },
        Operation::CreateEnum(each) => vec![&each.name.name],
        Operation::DropEnum { name, .. }
        | Operation::AddEnumValue { name, .. }
        | Operation::RenameEnumValue { name, .. }
        | Operation::DropView { name, .. } => vec![&name.name],
        Operation::CreateView { view, .. } => vec![&view.name.name],
        Operation::CreateExtension(each) | Operation::DropExtension(each) => vec![&each.name],
        Operation::CreateSchema { name, .. } | Operation::DropSchema { name, .. } => vec![name],
        Operation::Execute { .. } => Vec::new(),
    }
}

fn named_in_table(table: &Table) -> Vec<&str> {
    let mut names = vec![table.name.name.as_str()];
    names.extend(table.columns.iter().map(|column| column.name.as_str()));
    for key in &table.foreign_keys {
        names.extend([key.name.as_str(), key.table.name.as_str()]);
        names.extend(key.references.iter().map(String::as_str));
    }
    names.extend(table.uniques.iter().filter_map(|unique| unique.name.as_deref()));
    names.extend(table.checks.iter().filter_map(|check| check.name.as_deref()));
    names.extend(table.exclusions.iter().map(|exclusion| exclusion.name.as_str()));
    table.indexes.iter().for_each(|index| names.extend(named_in_index(index)));
    names
}

fn named_in_index(index: &Index) -> Vec<&str> {
    let columns = index.columns.iter().filter_map(|column| column.column_name());
    columns.chain(&index.include).chain([&index.name]).map(String::as_str).collect()
}

fn named_in_change(change: &Alteration) -> Vec<&str> {
    match change {
        Alteration::AddColumn { column, references, .. } => {
            let mut names = vec![column.name.as_str()];
            names.extend(references.iter().flat_map(|key| [key.name.as_str(), key.table.name.as_str()]));
            names
        }
        Alteration::ModifyColumn { name, to, .. } => {
            let mut names = vec![name.as_str()];
            names.extend(to.references.iter().flat_map(|key| [key.name.as_str(), key.table.name.as_str()]));
            names
        }
        Alteration::DropColumn { name, .. }
        | Alteration::ValidateConstraint { name }
        | Alteration::DropConstraint { name, .. } => vec![name],
        Alteration::RenameColumn { from, to } | Alteration::RenameConstraint { from, to } => vec![from, to],
        Alteration::AddConstraint(constraint) => constraint.name().into_iter().collect(),
    }
}
