//! ORDER BY. NULL is the least value unless the query says where it goes; rows that are equal stay in their order.

use super::compare::compare;
use super::source::Scope;
use super::{evaluate, unsupported};
use peristyle_query::error::Error;
use peristyle_query::query::ast::{Nulls, OrderTerm};
use peristyle_query::value::{DataType, Value};
use std::cmp::Ordering;

/// What a row is sorted by: a value for each term.
pub(super) type SortKey = Vec<Value>;

/// The sort key of a row.
pub(super) fn sort_key(terms: &[OrderTerm], scope: &Scope<'_>) -> Result<SortKey, Error> {
    terms.iter().map(|term| evaluate(&term.expression, scope)).collect()
}

/// Sorts what has sort keys.
///
/// # Errors
///
/// [`Error::Unsupported`] for a type without an order.
pub(super) fn sort<T>(rows: &mut [(SortKey, T)], terms: &[OrderTerm]) -> Result<(), Error> {
    for (index, _) in terms.iter().enumerate() {
        let mut values = rows.iter().filter_map(|(key, _)| key.get(index)).filter(|value| !value.is_null());
        if let Some(first) = values.next() {
            // What compares with the first compares with each other: sorting itself cannot fail.
            require_order(first.data_type())?;
            values.try_for_each(|value| compare(first, value).map(|_| ()))?;
        }
    }
    rows.sort_by(|(left, _), (right, _)| {
        let orders = terms.iter().zip(left.iter().zip(right)).map(|(term, (left, right))| order(term, left, right));
        orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    Ok(())
}

fn order(term: &OrderTerm, left: &Value, right: &Value) -> Ordering {
    let nulls_first = term.nulls.map_or(!term.descending, |nulls| nulls == Nulls::First);
    match (left.is_null(), right.is_null()) {
        (true, true) => Ordering::Equal,
        (false, false) => {
            let order = compare(left, right).unwrap_or(Ordering::Equal);
            if term.descending { order.reverse() } else { order }
        }
        (left_is_null, _) => {
            if left_is_null == nulls_first {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
    }
}

fn require_order(data_type: DataType) -> Result<(), Error> {
    match data_type {
        DataType::Json => Err(unsupported("order of JSON documents", "keep what is sorted in a column of its own")),
        DataType::Array(item) => require_order(*item),
        _ => Ok(()),
    }
}
