//! What a delete does to associated rows first: `on_delete` of associations.

use crate::query::ast::{BinaryOperator, Delete, Expression, Operation, Step, Update, compared};
use crate::schema::{AssociationDelete, AssociationKeys, AssociationMeta, FieldMeta, Schema, SchemaMeta};
use crate::value::Value;

/// Whether a delete of such a row takes more than one statement.
pub(super) fn takes_others_along(meta: &SchemaMeta) -> bool {
    meta.associations.iter().any(acts)
}

fn acts(association: &AssociationMeta) -> bool {
    matches!(association.on_delete, AssociationDelete::DeleteAll | AssociationDelete::NilifyAll)
}

/// One statement for each association that says what becomes of its rows.
pub(super) fn along<S: Schema>(row: &S) -> Vec<Operation> {
    S::META.associations.iter().filter(|association| acts(association)).filter_map(|one| of_one(row, one)).collect()
}

fn of_one<S: Schema>(row: &S, association: &'static AssociationMeta) -> Option<Operation> {
    let value = |name: &FieldMeta| {
        let index = S::META.fields.iter().position(|field| field.name == name.name)?;
        Some(row.value(index))
    };
    let (schema, theirs, own) = match &association.keys {
        AssociationKeys::Direct { own, target } => {
            let schema = association.target.meta();
            (schema, schema.fields_or_key(target), S::META.fields_or_key(own))
        }
        AssociationKeys::Join { schema, own, references, .. } => {
            let schema = schema.meta();
            (schema, schema.fields_or_key(own), S::META.fields_or_key(references))
        }
        AssociationKeys::Through { .. } => return None,
    };
    let values: Vec<Value> = own.into_iter().map(value).collect::<Option<_>>()?;
    let mut filter: Vec<Expression> =
        theirs.iter().zip(values).map(|(field, value)| compared(field, BinaryOperator::Equal, value)).collect();
    if matches!(association.keys, AssociationKeys::Direct { .. }) {
        filter.extend(association.filter.as_ref().map(|filter| (filter.0)()));
    }
    Some(match association.on_delete {
        AssociationDelete::NilifyAll => {
            let null = |field: &&'static FieldMeta| {
                let value = Value::Null(field.data_type);
                (*field, vec![Step::Value { value, redact: field.redact }])
            };
            Operation::Update(Update { set: theirs.iter().map(null).collect(), filter, ..Update::new(schema) })
        }
        _ => Operation::Delete(Delete { filter, ..Delete::new(schema) }),
    })
}
