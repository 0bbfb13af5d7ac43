//! What is refused before anything is read.

use super::{malformed, unsupported};
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::{BinaryOperator, OutputColumn, Select, Step};
use peristyle_query::value::DataType;

/// How many operands a step takes.
///
/// # Errors
///
/// [`Error::Unsupported`] for a step that only SQL has, [`Error::Query`] for a mistake of the query.
pub(super) fn arity(step: &Step) -> Result<usize, Error> {
    Ok(match step {
        Step::Column(..) | Step::Value { .. } | Step::Literal(_) | Step::Star | Step::Inserted => 0,
        Step::Unary(_) | Step::In { .. } | Step::Cast(_) => 1,
        Step::Binary(_) | Step::Like { .. } => 2,
        Step::Between(_) => 3,
        Step::Aggregate { filter, .. } => 1 + usize::from(*filter),
        Step::All(count) | Step::Any(count) | Step::Function(_, count) => *count,
        Step::InQuery(..) => {
            let instead = "run the inner query first and pass its values: `.in_(values)`";
            return Err(unsupported("IN over a query", instead));
        }
        Step::Exists(..) => {
            let instead = "run the inner query first, or preload the association and look at its rows";
            return Err(unsupported("EXISTS, nor conditions on rows of other schemas", instead));
        }
        Step::Scalar(_) => {
            return Err(unsupported("query as a value", "run the inner query first and pass what it gives"));
        }
        Step::Fragment(..) => {
            let instead = "use the typed methods, or compute in Rust what they lack";
            return Err(unsupported("SQL, and so no raw parts of queries", instead));
        }
        Step::Invalid(message) => return Err(QueryError::new(*message).into()),
        other => return Err(unsupported(format!("evaluation of {other:?}"), "use crates of Peristyle of one version")),
    })
}

/// Refuses an expression that cannot be evaluated, whatever the rows are.
///
/// # Errors
///
/// [`Error::Unsupported`] for what only SQL has, [`Error::Query`] for a mistake of the query.
pub(crate) fn check(steps: &[Step]) -> Result<(), Error> {
    let mut depth: usize = 0;
    for step in steps {
        depth = depth.checked_sub(arity(step)?).ok_or_else(malformed)? + 1;
        match step {
            Step::Column(binding, _) if binding.depth > 0 || !binding.path.is_empty() => {
                let instead = "run the queries one after the other, or preload the association";
                return Err(unsupported("columns of other queries in a query", instead));
            }
            Step::Binary(BinaryOperator::Remainder(DataType::F32 | DataType::F64)) => {
                let instead = "cast both sides to a decimal or an integer";
                return Err(unsupported("remainder of floats", instead));
            }
            _ => {}
        }
    }
    if depth == 1 { Ok(()) } else { Err(malformed()) }
}

/// The same for all expressions of a query.
///
/// # Errors
///
/// As [`check`]; [`Error::Query`] too where an aggregate stands in a condition on rows.
pub(crate) fn check_select(select: &Select) -> Result<(), Error> {
    if select.columns.is_empty() {
        return Err(QueryError::new("the query selects no column: name some with .select(..)").into());
    }
    if !select.joins.is_empty() || !select.implied.is_empty() {
        let instead = "preload the association, or run one query after the other";
        return Err(unsupported("joins, nor conditions on other schemas' rows", instead));
    }
    select.expressions().try_for_each(|expression| check(expression))?;
    if select.filter.iter().chain(&select.group_by).any(|expression| aggregates(expression)) {
        let message =
            "an aggregate has no value in a condition on rows or in a group's key: use .having(..) after .group_by(..)";
        return Err(QueryError::new(message).into());
    }
    Ok(())
}

/// Whether an expression is over a group of rows.
pub(super) fn aggregates(steps: &[Step]) -> bool {
    steps.iter().any(|step| matches!(step, Step::Aggregate { .. }))
}

/// Whether a query gives rows for groups.
pub(crate) fn is_grouped(select: &Select) -> bool {
    let aggregated = |column: &OutputColumn| match column {
        OutputColumn::Expression { expression, .. } => aggregates(expression),
        OutputColumn::Row(..) => false,
    };
    !select.group_by.is_empty()
        || !select.having.is_empty()
        || select.columns.iter().any(aggregated)
        || select.order_by.iter().any(|term| aggregates(&term.expression))
}
