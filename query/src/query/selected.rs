//! What a selection adds to a query: columns, and the places in its output that later statements fill.

use super::ast::{Binding, Expression, OutputColumn, Step};
use crate::expr::Anchor;
use crate::preload::{Collection, Preload};
use crate::schema::{FieldMeta, SchemaMeta};
use std::any::Any;
use std::sync::Arc;

/// The columns of a selection.
#[derive(Default)]
pub struct Selected {
    pub(crate) columns: Vec<OutputColumn>,
    pub(crate) places: Vec<Place>,
}

impl Selected {
    /// How many columns, or whole rows, there are.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Adds an expression.
    pub(crate) fn expression(&mut self, expression: Expression) {
        self.columns.push(OutputColumn::Expression { expression, alias: None });
    }

    /// Adds all columns of a source; [`slot`](Slots::row) is where its row is in the output.
    pub fn row(&mut self, anchor: Anchor, schema: &'static SchemaMeta) {
        let binding = anchor.binding();
        let root = binding == Binding::of(0, 0);
        self.columns.push(OutputColumn::Row(binding, schema));
        self.places.push(if root { Place::Root } else { Place::Row });
    }

    /// Adds one column of a source.
    pub fn column(&mut self, anchor: Anchor, field: &'static FieldMeta) {
        self.expression(vec![Step::Column(anchor.binding(), field)]);
    }

    pub(crate) fn collection(&mut self, collection: Arc<dyn Collection>) {
        self.places.push(Place::Collection(collection));
    }

    /// Names the column from `start` on, if there is one alone.
    pub fn name(&mut self, start: usize, name: &'static str) {
        if let Some([column]) = self.columns.get_mut(start..) {
            column.set_alias(name);
        }
    }
}

/// A place in the output.
#[derive(Clone)]
pub(crate) enum Place {
    /// The root's row, which preloads fill.
    Root,
    /// Another row.
    Row,
    /// What a collection gives.
    Collection(Arc<dyn Collection>),
}

/// The places in one row's output, in the order of the selection.
#[derive(Default)]
pub struct Slots<'o>(pub(crate) Vec<&'o mut (dyn Any + Send)>);

impl<'o> Slots<'o> {
    /// Adds the place of a whole row.
    pub fn row<T: Any + Send>(&mut self, row: &'o mut T) {
        self.0.push(row);
    }
}

/// Finds the places in an output.
pub(crate) type FindSlots<Out> = for<'o> fn(&'o mut Out, &mut Slots<'o>);

/// What is to be done with rows after they were read, and what else is read for it.
#[derive(Clone, Default)]
pub(crate) struct Tail {
    pub(crate) places: Vec<Place>,
    pub(crate) preloads: Vec<Arc<dyn Preload>>,
    /// The columns of a collection's key, after those of the selection.
    pub(crate) keys: Vec<KeyColumns>,
}

impl Tail {
    pub(crate) fn is_idle(&self) -> bool {
        self.preloads.is_empty() && self.keys.is_empty()
    }
}

/// Columns of a result that make a key.
#[derive(Clone, Debug)]
pub(crate) struct KeyColumns {
    pub(crate) first: usize,
    pub(crate) fields: Vec<&'static FieldMeta>,
}

/// How many columns a list of them has, whole rows counted by their fields.
pub(crate) fn width(columns: &[OutputColumn]) -> usize {
    let columns = columns.iter().map(|column| match column {
        OutputColumn::Expression { .. } => 1,
        OutputColumn::Row(_, schema) => schema.loaded_fields().count(),
    });
    columns.sum()
}

/// Adds the columns of a key, or finds them among those that are there.
pub(crate) fn add_key(columns: &mut Vec<OutputColumn>, key: Vec<(Expression, &'static FieldMeta)>) -> KeyColumns {
    let fields = key.iter().map(|(_, field)| *field).collect();
    if let [(expression, field)] = key.as_slice()
        && let Some(first) = position(columns, expression, field)
    {
        return KeyColumns { first, fields };
    }
    let first = width(columns);
    columns.extend(key.into_iter().map(|(expression, _)| OutputColumn::Expression { expression, alias: None }));
    KeyColumns { first, fields }
}

/// Where a column is among others.
fn position(columns: &[OutputColumn], expression: &Expression, field: &FieldMeta) -> Option<usize> {
    let mut start = 0;
    for column in columns {
        match column {
            OutputColumn::Expression { expression: known, .. } => {
                if known == expression {
                    return Some(start);
                }
                start += 1;
            }
            OutputColumn::Row(binding, schema) => {
                let same = |known: &&FieldMeta| std::ptr::eq(*known, field);
                if let [Step::Column(of, _)] = expression.as_slice()
                    && of == binding
                    && let Some(place) = schema.loaded_fields().position(|known| same(&known))
                {
                    return Some(start + place);
                }
                start += schema.loaded_fields().count();
            }
        }
    }
    None
}
