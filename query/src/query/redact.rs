//! Finding what a statement must never show.

use super::ast::{Expression, Insert, InsertSource, Operation, OutputColumn, Select, Source, Step};
use std::fmt;

impl Operation {
    /// Whether a field that must never be shown takes part in it, so that what a store says of it may hold such a value.
    pub fn has_redacted(&self) -> bool {
        match self {
            Operation::Select(select) => select.has_redacted(),
            Operation::PerParent(children) => {
                children.select.has_redacted() || children.keys.iter().any(|key| key.field.redact)
            }
            Operation::Insert(insert) => {
                let read = matches!(&insert.source, InsertSource::Query(select) if select.has_redacted());
                read || insert.schema.fields.iter().any(|field| field.redact)
            }
            Operation::Update(update) => {
                let joined = update.from.iter().any(|join| match &join.source {
                    Source::Subquery(inner) => inner.has_redacted(),
                    Source::Table { schema, .. } => schema.fields.iter().any(|field| field.redact),
                });
                joined || update.schema.fields.iter().any(|field| field.redact)
            }
            Operation::Delete(delete) => delete.schema.fields.iter().any(|field| field.redact),
            Operation::Explain(operation, _) => operation.has_redacted(),
            Operation::Raw(_) => false,
        }
    }
}

impl Select {
    /// Whether a field that must never be shown is used anywhere in it.
    pub(crate) fn has_redacted(&self) -> bool {
        let in_row = |column: &OutputColumn| match column {
            OutputColumn::Row(_, schema) => schema.loaded_fields().any(|field| field.redact),
            OutputColumn::Expression { .. } => false,
        };
        self.columns.iter().any(in_row)
            || self.expressions().any(is_redacted)
            || self.sources().any(|source| matches!(source, Source::Subquery(inner) if inner.has_redacted()))
    }

    /// Whether an expression among its columns may give a value that must never be shown. The columns of a whole row
    /// are known to be such by their fields.
    pub(crate) fn computes_redacted(&self) -> bool {
        OutputColumn::compute_redacted(&self.columns)
    }

    /// The positions among its columns of those that give a value that must never be shown.
    pub(super) fn hidden_columns(&self) -> impl Iterator<Item = usize> {
        self.columns.iter().enumerate().filter_map(|(position, column)| match column {
            OutputColumn::Expression { expression, .. } if is_redacted(expression) => Some(position),
            _ => None,
        })
    }
}

impl OutputColumn {
    /// Whether an expression among columns may give a value that must never be shown.
    pub(crate) fn compute_redacted(columns: &[OutputColumn]) -> bool {
        columns.iter().any(|column| match column {
            OutputColumn::Expression { expression, .. } => is_redacted(expression),
            OutputColumn::Row(..) => false,
        })
    }
}

fn is_redacted(expression: &Expression) -> bool {
    expression.iter().any(|step| match step {
        Step::Column(_, field) => field.redact,
        step => step.query().is_some_and(Select::has_redacted),
    })
}

/// Shows the first row without the values that must never be shown, and what else there is.
impl fmt::Debug for Insert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct(&format!("Insert<{}>", self.schema.name));
        for (field, value) in self.columns.iter().zip(self.first_row()) {
            match field.redact {
                true => shown.field(field.name, &format_args!("[redacted]")),
                false => shown.field(field.name, &format_args!("{value}")),
            };
        }
        match &self.source {
            InsertSource::Rows { count: 1, .. } => &mut shown,
            InsertSource::Rows { count, .. } => shown.field("rows", count),
            InsertSource::Expressions(rows) => shown.field("rows", rows),
            InsertSource::Query(select) => shown.field("query", select),
        };
        if let Some(on_conflict) = &self.on_conflict {
            shown.field("on_conflict", on_conflict);
        }
        shown.finish()
    }
}
