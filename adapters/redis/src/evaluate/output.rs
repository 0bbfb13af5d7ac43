//! From rows to what a query gives: groups, DISTINCT, ORDER BY, OFFSET and LIMIT, and the columns.
//!
//! Plain columns go to the sink as they are stored; only what is computed becomes a value on the way.

use super::aggregate::Aggregated;
use super::check::is_grouped;
use super::group::{Group, groups};
use super::sort::{SortKey, sort, sort_key};
use super::source::{Computed, Scope, Source};
use super::{check, evaluate, holds, identity};
use crate::row::{Cell, Cells};
use peristyle_query::adapter::{Outcome, Sink};
use peristyle_query::error::Error;
use peristyle_query::query::ast::{Expression, OutputColumn, Select, Step};
use peristyle_query::schema::FieldMeta;
use peristyle_query::value::Value;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

/// What is done already with the rows that come in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Done {
    /// All conditions hold.
    pub(crate) filtered: bool,
    /// They come in the order of the query.
    pub(crate) ordered: bool,
    /// Offset and limit have been applied: only where neither groups nor DISTINCT are left to do.
    pub(crate) limited: bool,
}

/// Takes the rows of a result; `Break` ends it.
type Emit<'e, 'r> = dyn FnMut(Vec<Cell<'r>>) -> Result<(), Error> + 'e;

/// Pushes what a query gives into a sink, from rows of its root that an index has found.
///
/// # Errors
///
/// As [`evaluate`](super::evaluate), and [`Error::Decode`] from the sink.
pub(crate) fn run<R: Source>(
    select: &Select,
    rows: &[R],
    done: Done,
    mut sink: Box<dyn Sink>,
) -> Result<Outcome, Error> {
    let mut count = 0;
    produce(select, rows, done, &mut |cells| {
        sink.row(&Cells::new(cells))?;
        count += 1;
        Ok(())
    })?;
    Ok(Outcome { sink, rows: count })
}

/// What a query gives, as rows that a query around it can ask for its columns by their names.
///
/// # Errors
///
/// As [`evaluate`](super::evaluate).
pub(crate) fn collect<R: Source>(select: &Select, rows: &[R], done: Done) -> Result<Vec<Computed>, Error> {
    let names: Arc<[&'static str]> = names(&select.columns).into();
    let mut collected = Vec::new();
    produce(select, rows, done, &mut |cells| {
        let values = cells.iter().map(Cells::cell_value).collect::<Result<Vec<_>, _>>()?;
        collected.push(Computed { names: Arc::clone(&names), values });
        Ok(())
    })?;
    Ok(collected)
}

/// Pushes what a write gives back of its rows into a sink. With each row, whether it was inserted, if that is known.
///
/// # Errors
///
/// As [`run`].
pub(crate) fn returning<'r, R: Source + 'r>(
    columns: &[OutputColumn],
    rows: impl IntoIterator<Item = (&'r R, Option<bool>)>,
    mut sink: Box<dyn Sink>,
) -> Result<Box<dyn Sink>, Error> {
    let mut planned: Option<Vec<Column<'_>>> = None;
    for (row, inserted) in rows {
        let columns = planned.get_or_insert_with(|| plan(columns, Some(row)));
        let sources: [&dyn Source; 1] = [row];
        let scope = Scope::new(&sources);
        let scope = inserted.map_or(scope, |inserted| scope.inserted(inserted));
        sink.row(&Cells::new(cells(columns, row, &scope)?))?;
    }
    Ok(sink)
}

/// Refuses what a write is to give back and cannot, before it is written: what only SQL has, and what a row has no value for.
///
/// # Errors
///
/// As [`returning`], but for those of the sink.
pub(crate) fn check_returning<'r, R: Source + 'r>(
    columns: &[OutputColumn],
    rows: impl IntoIterator<Item = (&'r R, Option<bool>)>,
) -> Result<(), Error> {
    let planned = plan::<R>(columns, None);
    let computed = planned.iter().filter_map(|column| match column {
        Column::Expression(expression) => Some(*expression),
        Column::Field(..) => None,
    });
    let computed: Vec<&Expression> = computed.collect();
    computed.iter().try_for_each(|expression| check(expression))?;
    if computed.is_empty() {
        return Ok(());
    }
    for (row, inserted) in rows {
        let sources: [&dyn Source; 1] = [row];
        let scope = Scope::new(&sources);
        let scope = inserted.map_or(scope, |inserted| scope.inserted(inserted));
        computed.iter().try_for_each(|expression| evaluate(expression, &scope).map(|_| ()))?;
    }
    Ok(())
}

/// A column of the result.
enum Column<'s> {
    /// A column of the row, and where it is.
    Field(&'static FieldMeta, Option<usize>),
    /// What is computed.
    Expression(&'s Expression),
}

/// The columns of a result, over rows of which this is one.
fn plan<'s, R: Source>(columns: &'s [OutputColumn], row: Option<&R>) -> Vec<Column<'s>> {
    let field = |field: &'static FieldMeta| Column::Field(field, row.and_then(|row| row.position(field)));
    let mut planned = Vec::with_capacity(columns.len());
    for column in columns {
        match column {
            OutputColumn::Row(_, schema) => planned.extend(schema.loaded_fields().map(field)),
            OutputColumn::Expression { expression, .. } => planned.push(match expression.as_slice() {
                [Step::Column(_, column)] => field(column),
                _ => Column::Expression(expression),
            }),
        }
    }
    planned
}

/// The names of the columns of a result; one without a name has an empty one.
fn names(columns: &[OutputColumn]) -> Vec<&'static str> {
    let mut names = Vec::with_capacity(columns.len());
    for column in columns {
        match column {
            OutputColumn::Row(_, schema) => names.extend(schema.loaded_fields().map(|field| field.column)),
            OutputColumn::Expression { alias: Some(alias), .. } => names.push(alias),
            OutputColumn::Expression { expression, .. } => names.push(match expression.as_slice() {
                [Step::Column(_, field)] => field.column,
                _ => "",
            }),
        }
    }
    names
}

/// A row of the result, from a row.
fn cells<'r, R: Source>(columns: &[Column<'_>], row: &'r R, scope: &Scope<'_>) -> Result<Vec<Cell<'r>>, Error> {
    let mut cells = Vec::with_capacity(columns.len());
    for column in columns {
        cells.push(match column {
            Column::Field(_, Some(position)) => row.cell_at(*position),
            Column::Field(field, None) => Cell::Value(row.value(field)?),
            Column::Expression(expression) => Cell::Value(evaluate(expression, scope)?),
        });
    }
    Ok(cells)
}

fn produce<'r, R: Source>(select: &Select, rows: &'r [R], done: Done, emit: &mut Emit<'_, 'r>) -> Result<(), Error> {
    let mut window = Window::new(select, done, emit);
    if window.is_over() {
        return Ok(());
    }
    if is_grouped(select) {
        let mut kept = Vec::with_capacity(rows.len());
        for row in rows {
            if done.filtered || holds(&select.filter, &Scope::new(&[row]))? {
                kept.push(row as &dyn Source);
            }
        }
        return grouped(select, groups(select, kept.into_iter())?, &mut window);
    }
    let columns = plan(&select.columns, rows.first());
    let sorts = !done.ordered && !select.order_by.is_empty();
    let mut keyed = Vec::new();
    for row in rows {
        let sources: [&dyn Source; 1] = [row];
        let scope = Scope::new(&sources);
        if !done.filtered && !holds(&select.filter, &scope)? {
            continue;
        }
        if sorts {
            keyed.push((sort_key(&select.order_by, &scope)?, row));
        } else if window.take(|| cells(&columns, row, &scope))?.is_break() {
            return Ok(());
        }
    }
    sort(&mut keyed, &select.order_by)?;
    for (_, row) in keyed {
        if window.take(|| cells(&columns, row, &Scope::new(&[row])))?.is_break() {
            break;
        }
    }
    Ok(())
}

/// The rows of the result, one for each group.
fn grouped<'r>(select: &Select, groups: Vec<Group<'_>>, window: &mut Window<'_, '_, 'r>) -> Result<(), Error> {
    let terms = select.order_by.iter().map(|term| Aggregated::new(&term.expression)).collect::<Result<Vec<_>, _>>()?;
    let mut outputs = Vec::with_capacity(select.columns.len());
    for column in plan::<Computed>(&select.columns, None) {
        outputs.push(match column {
            Column::Field(field, _) => GroupColumn::Field(field),
            Column::Expression(expression) => GroupColumn::Expression(Aggregated::new(expression)?),
        });
    }
    let mut keyed: Vec<(SortKey, Group<'_>)> = Vec::with_capacity(groups.len());
    for group in groups {
        keyed.push((terms.iter().map(|term| term.evaluate(&group)).collect::<Result<_, _>>()?, group));
    }
    sort(&mut keyed, &select.order_by)?;
    for (_, group) in keyed {
        let cells = || outputs.iter().map(|output| output.cell(&group)).collect();
        if window.take(cells)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// A column of a group.
enum GroupColumn<'s> {
    Field(&'static FieldMeta),
    Expression(Aggregated<'s>),
}

impl GroupColumn<'_> {
    fn cell<'r>(&self, group: &Group<'_>) -> Result<Cell<'r>, Error> {
        let value = match (self, group.first()) {
            (GroupColumn::Expression(expression), _) => expression.evaluate(group)?,
            (GroupColumn::Field(field), Some(row)) => row.value(field)?,
            (GroupColumn::Field(field), None) => Value::Null(field.data_type),
        };
        Ok(Cell::Value(value))
    }
}

/// DISTINCT, OFFSET and LIMIT.
struct Window<'w, 'e, 'r> {
    /// The rows that were given, if equal ones count once.
    seen: Option<HashSet<Vec<u8>>>,
    skip: u64,
    /// How many rows may still come.
    left: u64,
    emit: &'w mut Emit<'e, 'r>,
}

impl<'w, 'e, 'r> Window<'w, 'e, 'r> {
    fn new(select: &Select, done: Done, emit: &'w mut Emit<'e, 'r>) -> Self {
        let (skip, left) = match done.limited {
            true => (0, u64::MAX),
            false => (select.offset.unwrap_or(0), select.limit.unwrap_or(u64::MAX)),
        };
        Window { seen: select.distinct.then(HashSet::new), skip, left, emit }
    }

    fn is_over(&self) -> bool {
        self.left == 0
    }

    /// Takes the next row, which is only made if it is needed.
    fn take(&mut self, cells: impl FnOnce() -> Result<Vec<Cell<'r>>, Error>) -> Result<ControlFlow<()>, Error> {
        if self.seen.is_none() && self.skip > 0 {
            self.skip -= 1;
            return Ok(ControlFlow::Continue(()));
        }
        let cells = cells()?;
        if let Some(seen) = &mut self.seen {
            let values = cells.iter().map(Cells::cell_value).collect::<Result<Vec<_>, _>>()?;
            if !seen.insert(identity::of(&values)) {
                return Ok(ControlFlow::Continue(()));
            }
            if self.skip > 0 {
                self.skip -= 1;
                return Ok(ControlFlow::Continue(()));
            }
        }
        (self.emit)(cells)?;
        self.left -= 1;
        Ok(if self.left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}
