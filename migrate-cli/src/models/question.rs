//! What only Postgres can compare.

use super::{Models, Site};
use crate::catalog::{Catalog, Column, Default, Index, ObjectName, Table};
use crate::ddl;
use crate::diff::same;
use crate::models::table::ModelTable;
use crate::models::{ModelColumn, Spellings, Stored};
use peristyle_query::statement::Dialect;
use std::fmt;

/// Something that a struct says in other words than the database, so that only Postgres knows whether both are the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The table.
    pub table: ObjectName,
    /// What it is.
    pub subject: Subject,
    /// What the struct says, in SQL.
    pub sql: String,
    /// The struct, or the field.
    pub site: Site,
    /// The conditions of the database that it may be.
    pub(super) candidates: Vec<String>,
}

/// What a [`Question`] is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The condition of the check of this name.
    Check(String),
    /// The filter of the index of this name.
    Filter(String),
    /// The default of the column of this name.
    Default(String),
    /// The type of the column of this name.
    Type(String),
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            Subject::Check(name) => write!(f, "the check {name} of {}", self.table),
            Subject::Filter(index) => write!(f, "the filter of the index {index} of {}", self.table),
            Subject::Default(column) => write!(f, "the default of {}.{column}", self.table),
            Subject::Type(column) => write!(f, "the type of {}.{column}", self.table),
        }
    }
}

impl Spellings {
    /// Whether Postgres answered.
    pub fn answer(&self, question: &Question) -> bool {
        self.table(&question.table).is_some_and(|known| match &question.subject {
            Subject::Check(_) | Subject::Filter(_) => known.conditions.contains_key(&question.sql),
            Subject::Default(column) => known.defaults.contains_key(column),
            Subject::Type(column) => known.types.contains_key(column),
        })
    }
}

/// What only Postgres can compare: conditions, defaults and types that structs write in other words than the database. There
/// are none on SQLite, which keeps what was written.
pub fn questions(models: &Models, current: &Catalog, dialect: Dialect) -> Vec<Question> {
    if dialect != Dialect::Postgres {
        return Vec::new();
    }
    let described = super::catalog(models, dialect);
    let mut questions = Vec::new();
    for table in &described.tables {
        if let (Some(model), Some(own)) = (models.table(&table.name), current.table(&table.name)) {
            of_table(model, table, own, &mut questions);
        }
    }
    questions
}

fn of_table(model: &ModelTable, table: &Table, own: &Table, questions: &mut Vec<Question>) {
    let mut ask = |subject, sql: String, site: &Site, candidates| {
        questions.push(Question { table: model.name.clone(), subject, sql, site: site.clone(), candidates });
    };
    for column in &model.columns {
        let described = table.column(&column.name);
        let (Some(described), Some(own), Some(site)) = (described, own.column(&column.name), column.sites.first())
        else {
            continue;
        };
        if matches!(column.stored, Stored::Sql(_)) && !same::same_type(described, own, Dialect::Postgres) {
            let sql = ddl::column_type(&described.column_type, Dialect::Postgres);
            ask(Subject::Type(column.name.clone()), sql, site, Vec::new());
        }
        if let Some(sql) = unclear_default(column, described, own) {
            ask(Subject::Default(column.name.clone()), sql, site, Vec::new());
        }
    }
    for check in &model.checks {
        let candidates = own.checks.iter().filter(|other| other.name.as_ref() == Some(&check.name));
        let candidates: Vec<String> = candidates.map(|other| other.condition.clone()).collect();
        if is_unclear(&check.condition, &candidates) {
            ask(Subject::Check(check.name.clone()), check.condition.clone(), &check.site, candidates);
        }
    }
    for index in &model.indexes {
        let Some(filter) = &index.filter else { continue };
        let columns = |other: &&Index| {
            other.unique == index.unique && super::adopt::plain_columns(other).as_ref() == Some(&index.columns)
        };
        let candidates: Vec<String> =
            own.indexes.iter().filter(columns).filter_map(|other| other.filter.clone()).collect();
        if is_unclear(filter, &candidates) {
            ask(Subject::Filter(index.name.clone()), filter.clone(), &index.site, candidates);
        }
    }
}

fn is_unclear(condition: &str, candidates: &[String]) -> bool {
    !candidates.is_empty() && !candidates.iter().any(|other| same::same_sql(condition, other))
}

/// The default in SQL, if it is none that the text of both tells apart.
fn unclear_default(model: &ModelColumn, column: &Column, own: &Column) -> Option<String> {
    let (Some(default), Some(theirs)) = (&column.default, &own.default) else { return None };
    let is_plain = match default {
        Default::Integer(_) | Default::Bool(_) => true,
        Default::Text(_) => matches!(model.stored, Stored::Text | Stored::Enum(..)),
        _ => false,
    };
    let is_expression = |default: &Default| matches!(default, Default::Sql(_));
    let of_database = same::is_numbered(own) || own.generated.is_some();
    let same = same::same_default(Some(default), Some(theirs), &column.column_type, Dialect::Postgres);
    if same || of_database || is_plain && !is_expression(theirs) {
        return None;
    }
    ddl::default(default, &column.column_type, Dialect::Postgres).ok()
}
