//! What a query is refused with, and what to do about it.

use super::order::{ColumnTerm, is_fixed};
use super::predicate::Way;
use super::text::Text;
use crate::layout::{STORE, Table, order};
use peristyle_query::error::{Error, QueryError, Unsupported};
use peristyle_query::query::ast::{Expression, ParentKey};
use peristyle_query::schema::{FieldMeta, SchemaMeta};
use peristyle_query::value::{DataType, Value};

/// What no index does for a query.
#[derive(Clone, Debug)]
pub(crate) enum Lack {
    /// Fulfil what is asked of this column.
    Column(&'static FieldMeta),
    /// Tell whether this condition holds.
    Condition(Expression),
    /// Give this order, of an index over these columns; `mixed`: no index could.
    Order { fields: Vec<&'static FieldMeta>, by: Vec<&'static FieldMeta>, mixed: bool },
    /// Give an order by more than columns.
    ComputedOrder,
}

impl Lack {
    /// That of an order, within the rows of each parent.
    pub(crate) fn order(terms: &[ColumnTerm], ways: &[Way], parents: Option<&[ParentKey]>) -> Self {
        let by: Vec<_> = terms.iter().map(|term| term.field).collect();
        let mut fields: Vec<&'static FieldMeta> = parents.unwrap_or_default().iter().map(|key| key.field).collect();
        let columns = ways.first().into_iter().flat_map(|way| &way.columns).map(|column| column.field);
        for field in columns.filter(|field| is_fixed(field, ways)).chain(by.iter().copied()) {
            if !fields.iter().any(|known| std::ptr::eq(*known, field)) {
                fields.push(field);
            }
        }
        let mixed = terms.iter().any(|term| terms.first().is_some_and(|first| first.descending != term.descending));
        Lack::Order { fields, by, mixed }
    }
}

/// The refusal of something by name.
pub(crate) fn unsupported(feature: impl Into<String>, instead: impl Into<String>) -> Error {
    Unsupported { store: STORE, feature: feature.into().into(), instead: instead.into().into() }.into()
}

/// The refusal of a query that would read rows to find those that it wants; `narrowed`: not all of them, since an index answers a
/// part of its condition.
pub(crate) fn not_indexed(table: &Table, lacks: &[Lack], narrowed: bool) -> Error {
    let schema = table.schema;
    let or_filter = match narrowed {
        true => "or allow reading up to n rows with .allow_filtering(n)",
        false => "or narrow the rows by an indexed column, and allow reading up to n of them with .allow_filtering(n)",
    };
    match lacks.first() {
        Some(Lack::Column(field)) if !can_be_indexed(field.data_type) => unsupported(
            format!("index of {} over `{}`, since it is of type {}", schema.table, field.column, field.data_type),
            format!("keep what is searched for in a column of its own, {or_filter}"),
        ),
        Some(Lack::Column(field)) => unsupported(
            format!("index of {} that begins with `{}`", schema.table, field.column),
            format!("add {}, {or_filter}", attribute(schema, &[field])),
        ),
        Some(Lack::Condition(expression)) => unsupported(
            format!("index of {} that answers `{}`", schema.table, Text::of(expression)),
            format!("compare an indexed column as it is with a value, {or_filter}"),
        ),
        Some(Lack::Order { by, mixed: true, .. }) => unsupported(
            format!("index that gives {} ordered by {} in mixed directions", schema.table, names(by)),
            format!("order by all in one direction, {or_filter}"),
        ),
        Some(Lack::Order { fields, by, .. }) if by.is_empty() => unsupported(
            format!("index of {} that begins with {}", schema.table, names(fields)),
            format!("add {}, {or_filter}", attribute(schema, fields)),
        ),
        Some(Lack::Order { fields, by, .. }) => unsupported(
            format!("index that gives {} ordered by {}", schema.table, names(by)),
            format!("add {}, {or_filter}", attribute(schema, fields)),
        ),
        Some(Lack::ComputedOrder) | None => unsupported(
            format!("index that gives {} in a computed order", schema.table),
            format!("order by columns of an index, {or_filter}"),
        ),
    }
}

/// The error of a query that is allowed to read rows, and would have to read more.
pub(crate) fn too_many(schema: &SchemaMeta, most: u64) -> Error {
    QueryError::new(format!(
        "more than {most} rows of {} have to be read for what no index answers: narrow the query by an indexed column, add an \
         index over what repo.explain(..) says is filtered or sorted here, or allow more than .allow_filtering({most})",
        schema.table
    ))
    .into()
}

fn names(fields: &[&FieldMeta]) -> String {
    fields.iter().map(|field| format!("`{}`", field.column)).collect::<Vec<_>>().join(", ")
}

/// The attribute that makes an index, and where it goes.
fn attribute(schema: &SchemaMeta, fields: &[&FieldMeta]) -> String {
    match fields {
        [field] => format!("#[schema(index)] to {}.{}", schema.name, field.name),
        fields => {
            let list = fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
            format!("#[schema(index({list}))] to {}", schema.name)
        }
    }
}

/// Whether values of a type have ordered bytes.
fn can_be_indexed(data_type: DataType) -> bool {
    match data_type {
        DataType::Json | DataType::Interval | DataType::Array(_) => false,
        other => order::encode(&Value::Null(other), &mut Vec::new()).is_ok(),
    }
}

/// The refusal of joins, with the preload to write.
pub(crate) fn joins(schema: &SchemaMeta, joined: Option<&SchemaMeta>) -> Error {
    let Some(joined) = joined else {
        return unsupported("joins", "read the one side, then the other with .in_(..) of its keys");
    };
    let association = schema.associations.iter().find(|association| std::ptr::eq(association.target.meta(), joined));
    let instead = match association {
        Some(association) => format!(
            "write .preload(|x| x.{}()) instead of the join; to filter by columns of {}, .in_query(..) over its keys",
            association.name, joined.table
        ),
        None => format!("read {} first, then {} with .in_(..) of its keys", joined.table, schema.table),
    };
    unsupported(format!("joins, as of {} with {}", schema.table, joined.table), instead)
}
