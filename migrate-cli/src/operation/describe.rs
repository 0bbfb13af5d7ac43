//! Operations in words: as the call that a migration writes, and as what it does.

use super::{Alteration, Commented, Constraint, Operation};
use std::fmt;

impl Operation {
    /// The call of a Rust migration that records the operation: `m.drop_table("posts")`.
    pub fn call(&self) -> String {
        match self {
            Operation::CreateTable { table, if_not_exists: false, .. } => format!("m.create_table(\"{}\")", table.name),
            Operation::CreateTable { table, .. } => format!("m.create_table_if_not_exists(\"{}\")", table.name),
            Operation::DropTable { name, .. } => format!("m.drop_table(\"{name}\")"),
            Operation::RenameTable { from, to } => format!("m.rename_table(\"{from}\", \"{to}\")"),
            Operation::AlterTable { name, changes } => match changes.as_slice() {
                [change] => format!("m.alter_table(\"{name}\"), {}", change.call()),
                _ => format!("m.alter_table(\"{name}\")"),
            },
            Operation::CreateIndex { table, index, .. } => format!("m.create_index(\"{table}\") of {}", index.name),
            Operation::DropIndex { table, name, .. } => format!("m.drop_index(\"{table}\", \"{name}\")"),
            Operation::RenameIndex { table, from, to } => format!("m.rename_index(\"{table}\", \"{from}\", \"{to}\")"),
            Operation::Comment { on: Commented::Table(name), .. } => format!("m.comment_on_table(\"{name}\")"),
            Operation::Comment { on: Commented::Column(table, column), .. } => {
                format!("m.comment_on_column(\"{table}\", \"{column}\")")
            }
            Operation::Comment { on: Commented::Index(name), .. } => format!("m.comment_on_index(\"{name}\")"),
            Operation::Comment { on: Commented::Constraint(table, name), .. } => {
                format!("m.comment_on_constraint(\"{table}\", \"{name}\")")
            }
            Operation::CreateEnum(each) => format!("m.create_enum(\"{}\")", each.name),
            Operation::DropEnum { name, .. } => format!("m.drop_enum(\"{name}\")"),
            Operation::AddEnumValue { name, value, .. } => format!("m.add_enum_value(\"{name}\", \"{value}\")"),
            Operation::RenameEnumValue { name, from, to } => {
                format!("m.rename_enum_value(\"{name}\", \"{from}\", \"{to}\")")
            }
            Operation::RenameEnum { from, to } => format!("m.rename_enum(\"{from}\", \"{to}\")"),
            Operation::CreateView { view, replaces: Some(_) } => format!("m.replace_view(\"{}\")", view.name),
            Operation::CreateView { view, .. } if view.materialized => {
                format!("m.create_materialized_view(\"{}\")", view.name)
            }
            Operation::CreateView { view, .. } => format!("m.create_view(\"{}\")", view.name),
            Operation::DropView { name, materialized: true, .. } => format!("m.drop_materialized_view(\"{name}\")"),
            Operation::DropView { name, .. } => format!("m.drop_view(\"{name}\")"),
            Operation::CreateExtension(each) => format!("m.create_extension(\"{}\")", each.name),
            Operation::DropExtension(each) => format!("m.drop_extension(\"{}\")", each.name),
            Operation::CreateSchema { name, .. } => format!("m.create_schema(\"{name}\")"),
            Operation::DropSchema { name, .. } => format!("m.drop_schema(\"{name}\")"),
            Operation::Execute { subject, up, .. } => {
                format!("m.execute(\"{}\")", if subject.is_empty() { first_words(up) } else { subject.clone() })
            }
        }
    }
}

impl Alteration {
    /// The call of a Rust migration that records the change: `t.drop_column("title")`.
    pub fn call(&self) -> String {
        match self {
            Alteration::AddColumn { column, if_not_exists: true, .. } => {
                format!("t.add_if_not_exists(\"{}\")", column.name)
            }
            Alteration::AddColumn { column, .. } => format!("the new column \"{}\"", column.name),
            Alteration::ModifyColumn { name, .. } => format!("t.modify(\"{name}\")"),
            Alteration::DropColumn { name, if_exists: true, .. } => format!("t.drop_column_if_exists(\"{name}\")"),
            Alteration::DropColumn { name, .. } => format!("t.drop_column(\"{name}\")"),
            Alteration::RenameColumn { from, to } => format!("t.rename_column(\"{from}\", \"{to}\")"),
            Alteration::AddConstraint(constraint) => match constraint.name() {
                Some(name) => format!("the new constraint \"{name}\""),
                None => "the new constraint".to_owned(),
            },
            Alteration::ValidateConstraint { name } => format!("validate_constraint(\"{name}\")"),
            Alteration::DropConstraint { name, .. } => format!("drop_constraint(\"{name}\")"),
            Alteration::RenameConstraint { from, to } => format!("rename_constraint(\"{from}\", \"{to}\")"),
        }
    }
}

impl Constraint {
    /// The name, if it was given one.
    pub fn name(&self) -> Option<&str> {
        let name = match self {
            Constraint::ForeignKey(key) => Some(&key.name),
            Constraint::Exclusion(exclusion) => Some(&exclusion.name),
            Constraint::Unique(unique) => unique.name.as_ref(),
            Constraint::Check(check) => check.name.as_ref(),
            Constraint::PrimaryKey(key) => key.name.as_ref(),
        };
        name.map(String::as_str).filter(|name| !name.is_empty())
    }
}

/// As a log says it: `create index posts_title_index on posts`.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operation::CreateTable { table, .. } => write!(f, "create table {}", table.name),
            Operation::DropTable { name, .. } => write!(f, "drop table {name}"),
            Operation::RenameTable { from, to } => write!(f, "rename table {from} to {to}"),
            Operation::AlterTable { name, .. } => write!(f, "alter table {name}"),
            Operation::CreateIndex { table, index, .. } => write!(f, "create index {} on {table}", index.name),
            Operation::DropIndex { name, .. } => write!(f, "drop index {name}"),
            Operation::RenameIndex { from, to, .. } => write!(f, "rename index {from} to {to}"),
            Operation::Comment { on: Commented::Table(name), .. } => write!(f, "comment on table {name}"),
            Operation::Comment { on: Commented::Column(table, column), .. } => {
                write!(f, "comment on column {table}.{column}")
            }
            Operation::Comment { on: Commented::Index(name), .. } => write!(f, "comment on index {name}"),
            Operation::Comment { on: Commented::Constraint(table, name), .. } => {
                write!(f, "comment on constraint {name} of {table}")
            }
            Operation::CreateEnum(each) => write!(f, "create enum {}", each.name),
            Operation::DropEnum { name, .. } => write!(f, "drop enum {name}"),
            Operation::AddEnumValue { name, value, .. } => write!(f, "add value {value} to enum {name}"),
            Operation::RenameEnumValue { name, from, to } => write!(f, "rename value {from} of enum {name} to {to}"),
            Operation::RenameEnum { from, to } => write!(f, "rename enum {from} to {to}"),
            Operation::CreateView { view, replaces: Some(_) } => write!(f, "replace view {}", view.name),
            Operation::CreateView { view, .. } => write!(f, "create view {}", view.name),
            Operation::DropView { name, .. } => write!(f, "drop view {name}"),
            Operation::CreateExtension(each) => write!(f, "create extension {}", each.name),
            Operation::DropExtension(each) => write!(f, "drop extension {}", each.name),
            Operation::CreateSchema { name, .. } => write!(f, "create schema {name}"),
            Operation::DropSchema { name, .. } => write!(f, "drop schema {name}"),
            Operation::Execute { subject, up, .. } if subject.is_empty() => write!(f, "execute {}", first_words(up)),
            Operation::Execute { subject, .. } => write!(f, "execute {subject}"),
        }
    }
}

/// The first line of a statement, shortened.
fn first_words(statements: &[String]) -> String {
    let Some(line) = statements.iter().flat_map(|each| each.lines()).map(str::trim).find(|line| !line.is_empty())
    else {
        return String::new();
    };
    match line.char_indices().nth(50) {
        Some((end, _)) => format!("{}..", &line[..end]),
        None => line.to_owned(),
    }
}
