//! What observers are shown of writes. The texts depend neither on values nor on how many rows there are.

use super::Writer;
use crate::layout::Table;
use crate::plan::explain::tag;
use crate::plan::text::Text;
use crate::read;
use peristyle_query::error::Error;
use peristyle_query::query::ast::{
    ConflictAction, ConflictTarget, Delete, Expression, Insert, InsertSource, OnConflict, Step, Update,
};
use peristyle_query::schema::FieldMeta;
use peristyle_query::statement::{Parameter, Statement};

pub(super) fn insert(table: &Table, insert: &Insert) -> Statement {
    let mut text = Text::default();
    text.push("APPLY ").push(&tag(table)).push(" INSERT (");
    text.list(insert.columns.iter(), ", ", |text, field| text.push(field.column)).push(") VALUES (");
    let mut parameters = Vec::new();
    let mut count = 1;
    match &insert.source {
        InsertSource::Rows { count: rows, values } => {
            let numbers = 1..=insert.columns.len();
            text.list(numbers, ", ", |text, number| text.push(&format!("${number}")));
            let fields = insert.columns.iter().cycle();
            parameters = values
                .iter()
                .zip(fields)
                .map(|(value, field)| Parameter { value: value.clone(), redact: field.redact })
                .collect();
            count = *rows;
        }
        InsertSource::Expressions(rows) => {
            text.list(rows.first().into_iter().flatten(), ", ", |text, expression| text.expression(expression));
        }
        InsertSource::Query(_) => {
            text.push("query");
        }
    }
    text.push(")");
    if let Some(conflict) = &insert.on_conflict {
        on_conflict(&mut text, conflict);
    }
    parameters.append(&mut text.parameters);
    match count {
        1 => Statement::new(text.text.into(), parameters),
        rows => Statement::repeated(text.text.into(), parameters, rows),
    }
}

fn on_conflict(text: &mut Text, OnConflict { target, action }: &OnConflict) {
    text.push(" ON CONFLICT");
    match target {
        None => {}
        Some(ConflictTarget::Constraint(name)) => {
            text.push(" ON CONSTRAINT ").push(name);
        }
        Some(ConflictTarget::Index { columns, .. }) => {
            text.push(" (").list(columns.iter(), ", ", |text, column| text.expression(column)).push(")");
        }
    }
    match action {
        ConflictAction::Ignore => {
            text.push(" IGNORE");
        }
        ConflictAction::Update { set: assigned, filter } => {
            text.push(" UPDATE SET ");
            set(text, assigned);
            condition(text, filter);
        }
    }
}

pub(super) fn update(writer: &Writer<'_>, update: &Update) -> Result<Statement, Error> {
    let mut text = read::candidates_text(writer.reader, &writer.table, &update.filter, update.allow_filtering)?;
    text.push(" APPLY SET ");
    set(&mut text, &update.set);
    Ok(Statement::new(text.text.into(), text.parameters))
}

pub(super) fn delete(writer: &Writer<'_>, delete: &Delete) -> Result<Statement, Error> {
    let mut text = read::candidates_text(writer.reader, &writer.table, &delete.filter, delete.allow_filtering)?;
    text.push(" APPLY DELETE");
    Ok(Statement::new(text.text.into(), text.parameters))
}

/// Assignments. What an upsert sets from the new row reads `excluded.`.
fn set(text: &mut Text, set: &[(&'static FieldMeta, Expression)]) {
    text.list(set.iter(), ", ", |text, (field, expression)| {
        text.push(field.column).push(" = ");
        match expression.as_slice() {
            [Step::Column(binding, column)] if binding.index == 1 => text.push("excluded.").push(column.column),
            expression => text.expression(expression),
        }
    });
}

fn condition(text: &mut Text, filter: &[Expression]) {
    if !filter.is_empty() {
        text.push(" WHERE ").all(filter);
    }
}
