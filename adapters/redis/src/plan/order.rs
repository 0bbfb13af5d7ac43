//! Which order an index gives.

use super::access::{Range, member_columns};
use super::interval::Interval;
use super::predicate::Way;
use crate::layout::Table;
use crate::layout::order::{NULL, VALUE};
use peristyle_query::query::ast::{Nulls, OrderTerm, Step};
use peristyle_query::schema::FieldMeta;

/// A term of an order that an index may give: a column of the root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ColumnTerm {
    pub(crate) field: &'static FieldMeta,
    pub(crate) descending: bool,
    /// Whether NULLs go where they are not by themselves: NULL is the least.
    turned: bool,
}

/// What is asked of the order of the rows.
#[derive(Debug)]
pub(crate) enum Wanted {
    /// Any order.
    Any,
    /// That of columns.
    Columns(Vec<ColumnTerm>),
    /// One that no index gives.
    Computed,
}

/// The terms that tell rows of these ways apart: without those over columns that are the same in all of them, and those
/// after the primary key.
pub(crate) fn wanted(table: &Table, terms: &[OrderTerm], ways: &[Way]) -> Wanted {
    let mut columns: Vec<ColumnTerm> = Vec::with_capacity(terms.len());
    for term in terms {
        let key_is_given = table
            .schema
            .key_fields()
            .all(|(_, key)| columns.iter().any(|column| std::ptr::eq(column.field, key)) || is_fixed(key, ways));
        if key_is_given {
            break;
        }
        match term.expression.as_slice() {
            [Step::Column(binding, field)] if binding.depth == 0 && binding.index == 0 => {
                let known = columns.iter().any(|column| std::ptr::eq(column.field, *field));
                if known || is_fixed(field, ways) {
                    continue;
                }
                let natural = if term.descending { Nulls::Last } else { Nulls::First };
                let may_be_null = field.nullable
                    && ways.iter().any(|way| way.column(field).is_none_or(|column| column.intervals.has_null()));
                let turned = may_be_null && term.nulls.is_some_and(|nulls| nulls != natural);
                columns.push(ColumnTerm { field, descending: term.descending, turned });
            }
            [Step::Value { .. } | Step::Literal(_)] => {}
            _ => return Wanted::Computed,
        }
    }
    if columns.is_empty() { Wanted::Any } else { Wanted::Columns(columns) }
}

/// Whether a column has the same one value in all rows.
pub(crate) fn is_fixed(field: &FieldMeta, ways: &[Way]) -> bool {
    let mut values = ways.iter().map(|way| way.column(field).map(|column| column.intervals.list()));
    match values.next() {
        Some(Some([one])) => {
            let discrete =
                ways.iter().all(|way| way.column(field).is_some_and(|column| column.intervals.is_discrete()));
            discrete && values.all(|other| matches!(other, Some([other]) if other == one))
        }
        _ => false,
    }
}

/// How the ranges of an index give an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    /// How many leading columns do not take part in it.
    pub(crate) from: usize,
    /// From the end to the beginning.
    pub(crate) reverse: bool,
    /// Whether NULLs of the first column go to the other end.
    pub(crate) turned: bool,
}

/// Whether an index gives an order, if so many of its leading columns, at most, do not take part.
pub(crate) fn given(
    table: &Table,
    index: usize,
    leading: std::ops::RangeInclusive<usize>,
    terms: &[ColumnTerm],
    ways: &[Way],
) -> Option<Given> {
    let columns: Vec<_> = member_columns(table, index).collect();
    leading.into_iter().find_map(|from| {
        let mut place = from;
        let mut matched: Vec<&FieldMeta> = Vec::new();
        for (number, term) in terms.iter().enumerate() {
            let skipped = |column: &&'static FieldMeta| {
                let column = *column;
                !std::ptr::eq(column, term.field)
                    && (matched.iter().any(|known| std::ptr::eq(*known, column)) || is_fixed(column, ways))
            };
            place += columns.get(place..)?.iter().take_while(|column| skipped(column)).count();
            let fits = columns.get(place).is_some_and(|column| std::ptr::eq(*column, term.field));
            if !fits || term.descending != terms.first()?.descending || (term.turned && (number > 0 || place > from)) {
                return None;
            }
            matched.push(term.field);
            place += 1;
        }
        let first = terms.first()?;
        Some(Given { from, reverse: first.descending, turned: first.turned })
    })
}

/// Cuts ranges that begin alike in two runs: those with NULL in the column behind the beginning, and the others.
pub(crate) fn nulls_apart(ranges: &[Range], leading: &[u8]) -> (Vec<Range>, Vec<Range>) {
    let end = |tag: u8| Some([leading, &[tag + 1]].concat());
    let nulls = Interval { low: [leading, &[NULL]].concat(), high: end(NULL) };
    let others = Interval { low: [leading, &[VALUE]].concat(), high: end(VALUE) };
    let within = |interval: &Interval| ranges.iter().filter_map(|range| range.within(interval)).collect();
    (within(&nulls), within(&others))
}
