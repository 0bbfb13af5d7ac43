//! Rows in groups that set the same columns, cut to the size of statements.

use super::fill::{Filler, check_new_row};
use super::insert_rows::{NewRow, Rows};
use crate::error::QueryError;
use crate::expr::redact;
use crate::query::ast::{Expression, InsertSource, Step};
use crate::schema::{FieldMeta, Schema};
use crate::value::{DataType, Value};
use std::collections::HashMap;

/// How many rows are taken at a time.
pub(super) const ROWS: usize = 50_000;

/// How many bytes of text and the like are, about.
const BYTES: usize = 32 << 20;

/// How many rows have placeholders of their own, where a store needs them. Powers of two, so that few statements serve
/// lists of every length.
const ROWS_OF_PLACEHOLDERS: usize = 512;

/// How many placeholders a statement has at most, below the limit of Postgres.
const PLACEHOLDERS: usize = 60_000;

/// How many rows of expressions a statement has at most.
const ROWS_OF_EXPRESSIONS: usize = 64;

/// The rows of one statement, and their places among all rows.
pub(super) struct Batch {
    pub(super) columns: Vec<&'static FieldMeta>,
    pub(super) source: InsertSource,
    pub(super) places: Vec<usize>,
}

/// Rows that set the same columns.
struct Group {
    columns: Vec<&'static FieldMeta>,
    rows: GroupRows,
    places: Vec<usize>,
}

enum GroupRows {
    Values(Vec<Value>),
    Expressions(Vec<Vec<Expression>>),
}

/// Sorts rows into groups.
#[derive(Default)]
struct Groups {
    groups: Vec<Group>,
    /// The group of a set of columns, each by the address of its field, and whether it has expressions.
    known: HashMap<(Vec<usize>, bool), usize>,
    last: usize,
    bytes: usize,
}

/// Takes the next rows, in groups; none at the end. `taken` counts them.
pub(super) fn next<S: Schema>(
    rows: &mut Rows<S>,
    filler: &Filler,
    taken: &mut usize,
) -> Result<Vec<Batch>, QueryError> {
    let mut groups = Groups::default();
    let mut scratch: Vec<(&'static FieldMeta, Value)> = Vec::new();
    let end = taken.saturating_add(ROWS);
    while *taken < end && groups.bytes < BYTES {
        match rows {
            Rows::Structs(rows) => {
                let Some(row) = rows.next() else { break };
                for filling in &filler.fields {
                    scratch.extend(
                        filler.of_struct(filling, row.value(filling.index)).map(|value| (filling.field, value)),
                    );
                }
                groups.add_values(&mut scratch, *taken);
            }
            Rows::Values(values) => {
                if values.len() == 0 {
                    break;
                }
                for (filling, value) in filler.fields.iter().zip(values.by_ref().take(filler.fields.len())) {
                    scratch.extend(filler.of_struct(filling, value).map(|value| (filling.field, value)));
                }
                groups.add_values(&mut scratch, *taken);
            }
            Rows::Assigned(rows) => {
                let Some(row) = rows.next() else { break };
                groups.add_assigned::<S>(row, filler, &mut scratch, *taken)?;
            }
            Rows::Query(..) => break,
        }
        *taken += 1;
    }
    Ok(groups.into_batches())
}

impl Groups {
    fn add_values(&mut self, row: &mut Vec<(&'static FieldMeta, Value)>, place: usize) {
        self.bytes += row.iter().map(|(_, value)| size(value)).sum::<usize>();
        let group = self.group(row.iter().map(|(field, _)| *field), false);
        group.places.push(place);
        if let GroupRows::Values(values) = &mut group.rows {
            values.extend(row.drain(..).map(|(_, value)| value));
        }
        row.clear();
    }

    fn add_assigned<S: Schema>(
        &mut self,
        NewRow { mut set, elsewhere, .. }: NewRow<S>,
        filler: &Filler,
        scratch: &mut Vec<(&'static FieldMeta, Value)>,
        place: usize,
    ) -> Result<(), QueryError> {
        if elsewhere {
            return Err(QueryError::new(format!("a row of {} sets a column of another source: set its own", S::NAME)));
        }
        check_new_row(S::NAME, &mut set)?;
        // In the order of the schema, so that rows that say the same in another order are one group.
        let mut row: Vec<(&'static FieldMeta, Expression)> = Vec::with_capacity(filler.fields.len());
        for filling in &filler.fields {
            match set.iter().position(|(field, _)| std::ptr::eq(*field, filling.field)) {
                Some(position) => {
                    let (field, mut expression) = set.swap_remove(position);
                    if field.redact {
                        redact(&mut expression);
                    }
                    row.push((field, expression));
                }
                None => row.extend(
                    filler
                        .of_unassigned(filling)
                        .map(|value| (filling.field, vec![Step::Value { value, redact: filling.field.redact }])),
                ),
            }
        }
        if row.iter().all(|(_, expression)| matches!(expression.as_slice(), [Step::Value { .. }])) {
            scratch.extend(row.into_iter().filter_map(|(field, mut steps)| match steps.pop() {
                Some(Step::Value { value, .. }) => Some((field, value)),
                _ => None,
            }));
            self.add_values(scratch, place);
            return Ok(());
        }
        let group = self.group(row.iter().map(|(field, _)| *field), true);
        group.places.push(place);
        if let GroupRows::Expressions(rows) = &mut group.rows {
            rows.push(row.into_iter().map(|(_, expression)| expression).collect());
        }
        Ok(())
    }

    /// The group of these columns.
    fn group(&mut self, columns: impl Iterator<Item = &'static FieldMeta> + Clone, expressions: bool) -> &mut Group {
        let is_last = self.groups.get(self.last).is_some_and(|last| {
            let same = |(one, other): (&&'static FieldMeta, &'static FieldMeta)| std::ptr::eq(*one, other);
            matches!(last.rows, GroupRows::Expressions(_)) == expressions
                && last.columns.len() == columns.clone().count()
                && last.columns.iter().zip(columns.clone()).all(same)
        });
        if !is_last {
            let key = (columns.clone().map(|field| std::ptr::from_ref(field).addr()).collect(), expressions);
            let groups = &mut self.groups;
            self.last = *self.known.entry(key).or_insert_with(|| {
                let rows = match expressions {
                    true => GroupRows::Expressions(Vec::new()),
                    false => GroupRows::Values(Vec::new()),
                };
                groups.push(Group { columns: columns.collect(), rows, places: Vec::new() });
                groups.len() - 1
            });
        }
        &mut self.groups[self.last]
    }

    fn into_batches(self) -> Vec<Batch> {
        self.groups.into_iter().flat_map(Group::into_batches).collect()
    }
}

impl Group {
    /// The statements of the group.
    fn into_batches(self) -> Vec<Batch> {
        let Group { columns, rows, mut places } = self;
        let has_lists = columns.iter().any(|field| matches!(field.data_type, DataType::Array(_)));
        let mut batches = Vec::new();
        match rows {
            GroupRows::Values(values) if !columns.is_empty() && !has_lists => {
                let source = InsertSource::Rows { count: places.len(), values };
                batches.push(Batch { columns, source, places });
            }
            GroupRows::Values(values) => {
                let width = columns.len();
                let mut values = values.into_iter();
                while !places.is_empty() {
                    // A row of defaults is a statement of its own.
                    let most = PLACEHOLDERS.checked_div(width).map_or(1, |rows| rows.min(ROWS_OF_PLACEHOLDERS)).max(1);
                    let count = 1 << places.len().min(most).ilog2();
                    let rest = places.split_off(count);
                    let values = values.by_ref().take(count * width).collect();
                    let source = InsertSource::Rows { count, values };
                    batches.push(Batch {
                        columns: columns.clone(),
                        source,
                        places: std::mem::replace(&mut places, rest),
                    });
                }
            }
            GroupRows::Expressions(rows) => {
                let mut rows = rows.into_iter();
                while !places.is_empty() {
                    let count = places.len().min(ROWS_OF_EXPRESSIONS);
                    let rest = places.split_off(count);
                    let source = InsertSource::Expressions(rows.by_ref().take(count).collect());
                    batches.push(Batch {
                        columns: columns.clone(),
                        source,
                        places: std::mem::replace(&mut places, rest),
                    });
                }
            }
        }
        batches
    }
}

/// How much memory a value takes beside its own place, about.
fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) | Value::Enum(_, text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Json(json) => json_size(json),
        Value::Array(_, items) => items.iter().map(|item| size_of::<Value>() + size(item)).sum(),
        _ => 0,
    }
}

fn json_size(json: &serde_json::Value) -> usize {
    match json {
        serde_json::Value::String(text) => text.len() + 2,
        serde_json::Value::Array(items) => items.iter().map(|item| 1 + json_size(item)).sum(),
        serde_json::Value::Object(fields) => fields.iter().map(|(key, value)| key.len() + 4 + json_size(value)).sum(),
        _ => 8,
    }
}
