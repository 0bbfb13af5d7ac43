//! A query over one table: its plan, and which of its clauses run where.

use super::Reader;
use crate::evaluate::{Done, check_select, is_grouped};
use crate::layout::Table;
use crate::plan::choose::Asked;
use crate::plan::program::Window;
use crate::plan::refusal::{self, unsupported};
use crate::plan::text::Text;
use crate::plan::{Plan, Source};
use peristyle_query::error::Error;
use peristyle_query::query::ast::{self, Aggregate, OutputColumn, ParentKey, Select, Step};
use std::sync::Arc;

/// What is read to answer a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The number of rows, which is the answer.
    Count,
    /// The number of rows, each of which gives the same.
    Constants,
    /// The rows.
    Rows,
}

/// A query over one table.
#[derive(Debug)]
pub(crate) struct Task<'q> {
    pub(crate) select: &'q Select,
    pub(crate) plan: Plan,
    pub(crate) mode: Mode,
    /// Offset and limit of what the server gives of each part, or of each parent in it.
    pub(crate) window: Window,
    /// What is done with the rows when they come.
    pub(crate) done: Done,
}

impl<'q> Task<'q> {
    /// Plans a query without inner queries.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for what Redis does not have, or what lacks an index.
    pub(crate) fn new(reader: &Reader<'_>, select: &'q Select, parents: Option<&[ParentKey]>) -> Result<Self, Error> {
        let table = table(reader, select)?;
        check_select(select)?;
        let grouped = is_grouped(select);
        let order = if grouped { &[][..] } else { &select.order_by[..] };
        let asked = Asked { filter: &select.filter, order, allow_filtering: select.allow_filtering, parents };
        let plan = Plan::new(&table, &asked)?;
        let parts = usize::from(table.buckets.max(1));
        let whole = !plan.filters && !plan.sorts && !grouped && !select.distinct;
        let by_index = matches!(plan.source, Source::Index(_));
        let (offset, limit) = (select.offset.unwrap_or(0), select.limit);
        let limited =
            whole && by_index && (parts == 1 || (offset == 0 && limit.is_none())) && plan.gives_parents(parents);
        let window = match plan.most {
            Some(most) => Window { offset: 0, limit: Some(most.saturating_add(1)) },
            None if limited => Window { offset, limit },
            None if whole && by_index && plan.gives_parents(parents) => {
                Window { offset: 0, limit: limit.map(|limit| limit.saturating_add(offset)) }
            }
            None => Window::default(),
        };
        let ordered = !plan.sorts && (parts == 1 || !by_index || select.order_by.is_empty());
        let done = Done { filtered: !plan.filters, ordered, limited };
        let mode = match by_index && !plan.filters && parents.is_none() {
            true if counts(select) => Mode::Count,
            true if whole && limited && is_constant(select) => Mode::Constants,
            _ => Mode::Rows,
        };
        Ok(Task { select, plan, mode, window, done })
    }

    /// The text of what is sent, with its values.
    pub(crate) fn describe(&self, text: &mut Text) {
        let command = if self.mode == Mode::Rows { "ZRANGE" } else { "ZLEXCOUNT" };
        let order = if self.plan.sorts { &[][..] } else { &self.select.order_by[..] };
        self.plan.describe(text, command, true, order);
        if self.plan.filters {
            text.push(" FILTER ").all(&self.plan.open);
        }
        if self.plan.sorts {
            text.push(" SORT BY ").order(&self.select.order_by);
        }
        if let Some(limit) = self.select.limit {
            text.push(" LIMIT ").value(number(limit), false);
        }
        if let Some(offset) = self.select.offset {
            text.push(" OFFSET ").value(number(offset), false);
        }
    }
}

pub(super) fn number(number: u64) -> peristyle_query::value::Value {
    peristyle_query::value::Value::I64(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The table of a query, if it is one over a single table.
fn table(reader: &Reader<'_>, select: &Select) -> Result<Arc<Table>, Error> {
    let ast::Source::Table { schema, prefix } = &select.source else {
        return Err(unsupported("queries of queries here", "run the inner query first"));
    };
    if let Some(join) = select.joins.first().or(select.implied.first()) {
        return Err(refusal::joins(schema, join.source.schema()));
    }
    if select.lock.is_some() {
        return Err(unsupported(
            "locks on rows",
            "read in a transaction: its commit fails, and can be retried, if another has changed a row that it read",
        ));
    }
    reader.table(schema, prefix.as_deref())
}

/// Whether a query asks for nothing but the number of its rows.
pub(super) fn counts(select: &Select) -> bool {
    let count = |column: &OutputColumn| match column {
        OutputColumn::Expression { expression, .. } => matches!(
            expression.as_slice(),
            [Step::Star, Step::Aggregate { function: Aggregate::Count, distinct: false, filter: false, .. }]
        ),
        OutputColumn::Row(..) => false,
    };
    select.group_by.is_empty()
        && select.having.is_empty()
        && select.offset.unwrap_or(0) == 0
        && select.limit != Some(0)
        && select.columns.iter().all(count)
}

/// Whether a query gives the same for all rows.
fn is_constant(select: &Select) -> bool {
    select.columns.iter().all(|column| match column {
        OutputColumn::Expression { expression, .. } => {
            matches!(expression.as_slice(), [Step::Literal(_) | Step::Value { .. }])
        }
        OutputColumn::Row(..) => false,
    })
}
