//! The way back of an operation.

use super::{Alteration, ColumnChange, Constraint, Operation};
use crate::catalog::{EnumType, ObjectName, View};
use std::fmt;

/// Why an operation has no way back, and what would give it one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Irreversible {
    /// The call that records the operation: `m.drop_table("posts")`.
    pub operation: String,
    /// What is missing and how to give it, as the rest of a sentence.
    pub missing: String,
}

impl fmt::Display for Irreversible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be reversed: {}, or write `up` and `down`", self.operation, self.missing)
    }
}

impl std::error::Error for Irreversible {}

impl Operation {
    /// What undoes the operation, in the order to run it.
    ///
    /// # Errors
    ///
    /// If it does not say what to make again on the way back.
    pub fn reversed(&self) -> Result<Vec<Operation>, Irreversible> {
        let without = |missing: &str| Irreversible { operation: self.call(), missing: missing.to_owned() };
        let reverse = match self {
            Operation::CreateTable { table, if_not_exists } => Operation::DropTable {
                name: table.name.clone(),
                if_exists: *if_not_exists,
                cascade: false,
                table: Some(table.clone()),
            },
            Operation::DropTable { table: Some(table), if_exists, .. } => {
                Operation::CreateTable { table: table.clone(), if_not_exists: *if_exists }
            }
            Operation::DropTable { table: None, .. } => {
                return Err(without("say what to make again with `.reversible(|t| ..)`"));
            }
            Operation::RenameTable { from, to } => {
                Operation::RenameTable { from: beside(from, to), to: from.name.clone() }
            }
            Operation::AlterTable { name, changes } => {
                let mut back = Vec::new();
                for change in changes.iter().rev() {
                    back.extend(change.reversed(&name.name).map_err(|missing| Irreversible {
                        operation: Operation::AlterTable { name: name.clone(), changes: vec![change.clone()] }.call(),
                        missing,
                    })?);
                }
                if back.is_empty() {
                    return Ok(Vec::new());
                }
                Operation::AlterTable { name: name.clone(), changes: back }
            }
            Operation::CreateIndex { table, index, concurrently, if_not_exists } => Operation::DropIndex {
                table: table.clone(),
                name: index.name.clone(),
                concurrently: *concurrently,
                if_exists: *if_not_exists,
                cascade: false,
                index: Some(index.clone()),
            },
            Operation::DropIndex { table, index: Some(index), concurrently, if_exists, .. } => Operation::CreateIndex {
                table: table.clone(),
                index: index.clone(),
                concurrently: *concurrently,
                if_not_exists: *if_exists,
            },
            Operation::DropIndex { index: None, .. } => {
                return Err(without("say what it was on with `.was([..])`"));
            }
            Operation::RenameIndex { table, from, to } => {
                Operation::RenameIndex { table: table.clone(), from: to.clone(), to: from.clone() }
            }
            Operation::Comment { on, text, from: Some(from) } => {
                Operation::Comment { on: on.clone(), text: from.clone(), from: Some(text.clone()) }
            }
            Operation::Comment { from: None, .. } => {
                return Err(without("give the comment that it replaces with `.from(text)` or `.from_none()`"));
            }
            Operation::CreateEnum(each) => {
                Operation::DropEnum { name: each.name.clone(), if_exists: false, values: Some(each.values.clone()) }
            }
            Operation::DropEnum { name, values: Some(values), .. } => {
                Operation::CreateEnum(EnumType { name: name.clone(), values: values.clone() })
            }
            Operation::DropEnum { values: None, .. } => {
                return Err(without("give the values that it had with `.was([..])`"));
            }
            Operation::AddEnumValue { .. } => {
                return Err(without(
                    "databases cannot take a value away from an enum; keep it with `down: |m| m.nothing()`",
                ));
            }
            Operation::RenameEnumValue { name, from, to } => {
                Operation::RenameEnumValue { name: name.clone(), from: to.clone(), to: from.clone() }
            }
            Operation::RenameEnum { from, to } => {
                Operation::RenameEnum { from: beside(from, to), to: from.name.clone() }
            }
            Operation::CreateView { view, replaces: None } => Operation::DropView {
                name: view.name.clone(),
                materialized: view.materialized,
                if_exists: false,
                cascade: false,
                view: Some(view.clone()),
            },
            Operation::CreateView { view, replaces: Some(query) } => Operation::CreateView {
                view: View { query: query.clone(), ..view.clone() },
                replaces: Some(view.query.clone()),
            },
            Operation::DropView { view: Some(view), .. } => {
                Operation::CreateView { view: view.clone(), replaces: None }
            }
            Operation::DropView { view: None, .. } => {
                return Err(without("give the query that it had with `.was(query)`"));
            }
            Operation::CreateExtension(each) => Operation::DropExtension(each.clone()),
            Operation::DropExtension(each) => Operation::CreateExtension(each.clone()),
            Operation::CreateSchema { name, if_not_exists } => {
                Operation::DropSchema { name: name.clone(), if_exists: *if_not_exists, cascade: false }
            }
            Operation::DropSchema { name, if_exists, cascade: false } => {
                Operation::CreateSchema { name: name.clone(), if_not_exists: *if_exists }
            }
            Operation::DropSchema { .. } => {
                return Err(without("what is in the schema goes along; drop each object so that it can be made again"));
            }
            Operation::Execute { subject, up, down: Some(down) } => {
                if down.is_empty() {
                    return Ok(Vec::new());
                }
                Operation::Execute { subject: subject.clone(), up: down.clone(), down: Some(up.clone()) }
            }
            Operation::Execute { down: None, .. } => {
                return Err(without("give the statement that undoes it with `.down(sql)`, or `.down_nothing()`"));
            }
        };
        Ok(vec![reverse])
    }
}

/// The name in the same database schema as another.
fn beside(other: &ObjectName, name: &str) -> ObjectName {
    ObjectName { prefix: other.prefix.clone(), name: name.to_owned() }
}

impl Alteration {
    /// What undoes the change; the error is what is missing.
    fn reversed(&self, table: &str) -> Result<Option<Alteration>, String> {
        Ok(Some(match self {
            Alteration::AddColumn { if_not_exists: true, .. } => {
                return Err("whether the column was there is not known; add it without `if_not_exists`".to_owned());
            }
            Alteration::AddColumn { column, primary_key, references, .. } => Alteration::DropColumn {
                name: column.name.clone(),
                if_exists: false,
                references: references.clone(),
                primary_key: *primary_key,
                column: Some(column.clone()),
            },
            Alteration::ModifyColumn { name, to, from } => {
                let Some(from) = from else {
                    return Err("say what the column was with `.from(|c| ..)`".to_owned());
                };
                if let Some(part) = missing_part(to, from) {
                    return Err(format!("its `.from(|c| ..)` does not say {part}"));
                }
                Alteration::ModifyColumn { name: name.clone(), to: from.clone(), from: Some(to.clone()) }
            }
            Alteration::DropColumn { if_exists: true, .. } => {
                return Err("whether the column was there is not known; drop it without `if_exists`".to_owned());
            }
            Alteration::DropColumn { column: None, .. } => {
                return Err("say what the column was with `.was(type)`".to_owned());
            }
            Alteration::DropColumn { column: Some(column), references, primary_key, .. } => Alteration::AddColumn {
                column: column.clone(),
                primary_key: *primary_key,
                references: references.clone(),
                if_not_exists: false,
            },
            Alteration::RenameColumn { from, to } => Alteration::RenameColumn { from: to.clone(), to: from.clone() },
            Alteration::AddConstraint(constraint) => match constraint_name(table, constraint) {
                Some(name) => Alteration::DropConstraint {
                    name,
                    if_exists: false,
                    cascade: false,
                    constraint: Some(constraint.clone()),
                },
                None => return Err("give the constraint a name".to_owned()),
            },
            Alteration::ValidateConstraint { .. } => return Ok(None),
            Alteration::DropConstraint { constraint: Some(constraint), .. } => {
                Alteration::AddConstraint(constraint.clone())
            }
            Alteration::DropConstraint { constraint: None, .. } => {
                return Err("say what it was with `.was_check(..)` or its like".to_owned());
            }
            Alteration::RenameConstraint { from, to } => {
                Alteration::RenameConstraint { from: to.clone(), to: from.clone() }
            }
        }))
    }
}

/// The first part that changes without its former state being said.
fn missing_part(to: &ColumnChange, from: &ColumnChange) -> Option<&'static str> {
    let parts = [
        (to.column_type.is_some() && from.column_type.is_none(), "which type it had"),
        (to.nullable.is_some() && from.nullable.is_none(), "whether it was nullable"),
        (to.default.is_some() && from.default.is_none(), "which default it had"),
        (to.comment.is_some() && from.comment.is_none(), "which comment it had"),
    ];
    parts.into_iter().find_map(|(missing, part)| missing.then_some(part))
}

/// The constraint's name, or the one that Postgres gives a primary key.
fn constraint_name(table: &str, constraint: &Constraint) -> Option<String> {
    match (constraint.name(), constraint) {
        (Some(name), _) => Some(name.to_owned()),
        (None, Constraint::PrimaryKey(_)) => Some(format!("{table}_pkey")),
        (None, _) => None,
    }
}
