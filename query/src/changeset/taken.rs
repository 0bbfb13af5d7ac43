//! The unique constraints that a row may violate beside the one that refused it.

use super::constraint::{Constraint, Name, default_name, same_columns};
use super::{Action, Changeable, Changeset, FieldError, Found, plain};
use crate::error::{ConstraintError, ConstraintKind};
use crate::schema::{AssociationKeys, AssociationKind, FieldMeta, Generation, SchemaMeta, Writable};
use crate::value::Value;
use std::borrow::Cow;

/// A unique constraint that other rows may violate together with this one.
pub(crate) struct Candidate {
    /// The columns, with the values that the row was to have.
    pub(crate) values: Vec<(&'static FieldMeta, Value)>,
    constraint: Constraint,
    name: String,
}

impl Candidate {
    /// The field that gets the error, and the error.
    pub(crate) fn field_error(&self) -> (Cow<'static, str>, FieldError) {
        let mut violated = ConstraintError::new(ConstraintKind::Unique, "");
        violated.name.clone_from(&self.name);
        self.constraint.field_error(&violated)
    }
}

impl<S: Changeable> Changeset<S> {
    /// Whether a unique constraint refused the row.
    pub(crate) fn is_taken(&self) -> bool {
        !self.refused.is_empty() && self.errors.iter().any(|(_, error)| error.constraint() == Some("unique"))
    }

    /// The unique constraints that are declared or known from the schema and did not refuse the row, as far as all of
    /// their values are known and not NULL.
    pub(crate) fn candidates(&self) -> Vec<Candidate> {
        let shape = S::shape();
        let declared = self
            .constraints
            .iter()
            .filter(|constraint| constraint.kind == ConstraintKind::Unique && constraint.table.is_none())
            .filter_map(|constraint| Some((columns_of(constraint, shape)?, constraint.clone())));
        let indexes = shape.indexes.iter().filter(|index| index.unique).map(|index| index.columns.to_vec());
        let key = shape.key_fields().map(|(_, field)| field.column).collect();
        let known = indexes.chain([key]).filter_map(|columns| Some((columns.clone(), of_schema(columns, shape)?)));
        let mut candidates: Vec<Candidate> = Vec::new();
        for (columns, constraint) in declared.chain(known) {
            let refused = self.refused.iter().any(|refused| same_columns(&columns, refused));
            let seen = candidates
                .iter()
                .any(|seen| seen.values.iter().map(|(field, _)| field.column).eq(columns.iter().copied()));
            if refused || seen || columns.is_empty() || is_partial(shape, &columns) {
                continue;
            }
            let values: Option<Vec<_>> = columns.iter().map(|column| self.column_value(column)).collect();
            // A row that keeps its values is the one that has them.
            let changed = self.action != Some(Action::Update)
                || shape
                    .stored_fields()
                    .any(|(index, field)| columns.contains(&field.column) && self.change_at(index).is_some());
            if let (Some(values), true) = (values, changed) {
                let named = shape.indexes.iter().find(|index| index.unique && index.columns == columns);
                let name = match named {
                    Some(index) => index.name.to_owned(),
                    None => default_name(shape.table, &constraint),
                };
                candidates.push(Candidate { values, constraint, name });
            }
        }
        candidates
    }

    /// The value that the write gives a column, if it is known and not NULL.
    fn column_value(&self, column: &str) -> Option<(&'static FieldMeta, Value)> {
        let shape = S::shape();
        let (index, field) = shape.stored_fields().find(|(_, field)| field.column == column)?;
        let from_association = shape.associations.iter().any(|association| {
            let AssociationKeys::Direct { own, .. } = &association.keys else { return false };
            association.kind == AssociationKind::BelongsTo
                && own.contains(&field.name)
                && self.relation(association.name).is_some()
        });
        let value = match self.change_at(index) {
            _ if from_association => None,
            Some(change) => plain(&change.expression).cloned(),
            None => {
                let value = self.value_now(Found { index, meta: field })?;
                let from_store = matches!(field.generation, Generation::Key | Generation::Database)
                    || field.writable == Writable::Never;
                let inserts = self.action == Some(Action::Insert);
                (!(inserts && from_store && value.is_default())).then_some(value)
            }
        }?;
        (!value.is_null()).then_some((field, value))
    }
}

/// The columns of a declared constraint: its own or, if it is told by a name, those of the schema's index of that name.
fn columns_of(constraint: &Constraint, shape: &'static SchemaMeta) -> Option<Vec<&'static str>> {
    match &constraint.name {
        None => Some(constraint.columns.clone()),
        Some(name) => {
            let named = |name: &Name| shape.indexes.iter().find(|index| index.unique && name.matches(index.name));
            named(name).map(|index| index.columns.to_vec())
        }
    }
}

fn of_schema(columns: Vec<&'static str>, shape: &'static SchemaMeta) -> Option<Constraint> {
    let first = shape.stored_fields().find(|(_, field)| Some(&field.column) == columns.first())?.1;
    Some(Constraint {
        kind: ConstraintKind::Unique,
        table: None,
        columns,
        name: None,
        field: first.name.into(),
        called: "unique",
        message: "has already been taken".into(),
    })
}

/// Whether only rows that meet a condition take part, which only the store can tell.
fn is_partial(shape: &SchemaMeta, columns: &[&str]) -> bool {
    let mut same = shape.indexes.iter().filter(|index| index.unique && index.columns == columns).peekable();
    same.peek().is_some() && same.all(|index| index.filter.is_some())
}
