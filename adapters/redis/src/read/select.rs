//! SELECT: over a table, or over the rows of a query.

use super::task::{Mode, Task, counts};
use super::{Place, Reader};
use crate::evaluate::{self, Computed, Done, Scope, check_select, holds};
use crate::layout::{StoredRow, Table};
use crate::plan::Source;
use crate::plan::program::Window;
use crate::plan::refusal;
use crate::plan::text::Text;
use crate::row::{Cell, Cells};
use peristyle_query::adapter::{BoxFuture, Outcome, Sink};
use peristyle_query::error::Error;
use peristyle_query::query::ast::{self, OutputColumn, Select, Step};
use peristyle_query::value::Value;
use std::sync::Arc;

/// The rows of a stream.
pub(crate) enum Stream {
    /// Those of these keys, of which those are left out that do not fulfil the query's filter any more.
    Keys { table: Arc<Table>, keys: Vec<String>, select: Box<Select> },
    /// In hand.
    Rows(Vec<Computed>),
}

impl Reader<'_> {
    /// The text of a query's commands, with its values.
    pub(super) fn text(&self, select: &Select) -> Result<Text, Error> {
        let mut text = Text::default();
        self.add_text(select, &mut text)?;
        Ok(text)
    }

    pub(super) fn add_text(&self, select: &Select, text: &mut Text) -> Result<(), Error> {
        if let ast::Source::Subquery(inner) = &select.source {
            self.check_outer(select)?;
            self.add_text(inner, text)?;
            if counts(select) {
                text.push(" COUNT(*)");
            }
            if !select.filter.is_empty() {
                text.push(" FILTER ").all(&select.filter);
            }
            return Ok(());
        }
        let shaped = self.shaped_select(select, text)?;
        Task::new(self, &shaped, None)?.describe(text);
        Ok(())
    }

    fn check_outer(&self, select: &Select) -> Result<(), Error> {
        if let (Some(join), Some(schema)) = (select.joins.first(), select.schema()) {
            return Err(refusal::joins(schema, join.source.schema()));
        }
        check_select(select)
    }

    /// Runs a query.
    pub(super) fn select<'a>(
        &'a self,
        select: &'a Select,
        sink: Box<dyn Sink>,
    ) -> BoxFuture<'a, Result<Outcome, Error>> {
        Box::pin(async move {
            if let ast::Source::Subquery(inner) = &select.source {
                if counts(select)
                    && select.filter.is_empty()
                    && let Some(count) = self.count_of(inner).await?
                {
                    return give_counts(select, count, sink);
                }
                self.check_outer(select)?;
                let rows = self.collect(inner).await?;
                let filter = self.without_inner(&select.filter).await?;
                let select = Select { filter, ..select.clone() };
                return evaluate::run(&select, &rows, Done::default(), sink);
            }
            let select = self.resolved(select).await?;
            let task = Task::new(self, &select, None)?;
            match (task.mode, &task.plan.source) {
                (Mode::Count, Source::Index(read)) => {
                    let count = self.count(&task.plan, read, Window::default()).await?;
                    give_counts(&select, count, sink)
                }
                (Mode::Constants, Source::Index(read)) => {
                    let count = self.count(&task.plan, read, task.window).await?;
                    give_constants(&select, count, sink)
                }
                _ => {
                    let rows = self.task_rows(&task).await?;
                    evaluate::run(&select, &rows, task.done, sink)
                }
            }
        })
    }

    /// What a query gives.
    pub(super) fn collect<'a>(&'a self, select: &'a Select) -> BoxFuture<'a, Result<Vec<Computed>, Error>> {
        Box::pin(async move {
            if let ast::Source::Subquery(inner) = &select.source {
                self.check_outer(select)?;
                let rows = self.collect(inner).await?;
                let filter = self.without_inner(&select.filter).await?;
                return evaluate::collect(&Select { filter, ..select.clone() }, &rows, Done::default());
            }
            let select = self.resolved(select).await?;
            let task = Task::new(self, &select, None)?;
            let rows = self.task_rows(&task).await?;
            evaluate::collect(&select, &rows, task.done)
        })
    }

    /// How many rows a query gives, if the server can count them.
    async fn count_of(&self, select: &Select) -> Result<Option<u64>, Error> {
        if !matches!(select.source, ast::Source::Table { .. }) {
            return Ok(None);
        }
        let select = self.resolved(select).await?;
        let task = Task::new(self, &select, None)?;
        match &task.plan.source {
            Source::Index(read) if task.done.limited => Ok(Some(self.count(&task.plan, read, task.window).await?)),
            _ => Ok(None),
        }
    }

    /// The rows of a task, at most as many as may be read.
    async fn task_rows(&self, task: &Task<'_>) -> Result<Vec<StoredRow>, Error> {
        let mut rows = self.rows(&task.plan, task.window).await?;
        let Some(most) = task.plan.most.filter(|most| rows.len() as u64 > *most) else { return Ok(rows) };
        // In the order of the query, the first rows may be enough.
        let select = task.select;
        let needed = select.limit.filter(|_| task.done.ordered && !select.distinct && select.group_by.is_empty());
        let needed = needed.map(|limit| limit.saturating_add(select.offset.unwrap_or(0)));
        rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        let mut found: u64 = 0;
        for row in &rows {
            found += u64::from(!task.plan.filters || holds(&select.filter, &Scope::new(&[row]))?);
        }
        match needed {
            Some(needed) if found >= needed => Ok(rows),
            _ => Err(refusal::too_many(task.plan.table.schema, most)),
        }
    }

    /// The rows of a stream: their keys where they need not be in hand together.
    pub(super) async fn stream(&self, select: &Select) -> Result<Stream, Error> {
        if !matches!(select.source, ast::Source::Table { .. }) {
            return Ok(Stream::Rows(self.collect(select).await?));
        }
        let select = self.resolved(select).await?;
        let task = Task::new(self, &select, None)?;
        let streams = task.mode == Mode::Rows && !task.plan.filters && !task.plan.sorts && !select.distinct;
        let (offset, limit) = (select.offset.unwrap_or(0), select.limit);
        let keys = match &task.plan.source {
            Source::Nothing => Vec::new(),
            Source::Index(read) if streams && (task.done.limited || task.window.limit.is_some() || limit.is_none()) => {
                let places = self.places(&task.plan, read, task.window).await?;
                let keys = places.into_iter().map(|Place { key, .. }| key);
                match task.done.limited {
                    true => keys.collect(),
                    false => within(keys, offset, limit),
                }
            }
            Source::Keys { keys, .. } if streams && offset == 0 && limit.is_none() => keys.clone(),
            _ => {
                let rows = self.task_rows(&task).await?;
                return Ok(Stream::Rows(evaluate::collect(&select, &rows, task.done)?));
            }
        };
        let table = task.plan.table.clone();
        let select = Box::new(Select { limit: None, offset: None, order_by: Vec::new(), ..select.into_owned() });
        Ok(Stream::Keys { table, keys, select })
    }
}

fn within(keys: impl Iterator<Item = String>, offset: u64, limit: Option<u64>) -> Vec<String> {
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    keys.skip(size(offset)).take(limit.map_or(usize::MAX, size)).collect()
}

/// The row of a query that asks for nothing but counts.
fn give_counts(select: &Select, count: u64, mut sink: Box<dyn Sink>) -> Result<Outcome, Error> {
    let count = Value::I64(i64::try_from(count).unwrap_or(i64::MAX));
    sink.row(&Cells::new(select.columns.iter().map(|_| Cell::Value(count.clone())).collect()))?;
    Ok(Outcome { sink, rows: 1 })
}

/// The rows of a query that gives the same for all.
fn give_constants(select: &Select, count: u64, mut sink: Box<dyn Sink>) -> Result<Outcome, Error> {
    let values = select.columns.iter().filter_map(|column| match column {
        OutputColumn::Expression { expression, .. } => match expression.as_slice() {
            [Step::Literal(value) | Step::Value { value, .. }] => Some(Cell::Value(value.clone())),
            _ => None,
        },
        OutputColumn::Row(..) => None,
    });
    let cells: Vec<Cell<'_>> = values.collect();
    for _ in 0..count {
        sink.row(&Cells::new(cells.clone()))?;
    }
    Ok(Outcome { sink, rows: count })
}
