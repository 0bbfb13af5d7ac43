//! Where the columns of an expression come from.

use super::{malformed, unsupported};
use crate::layout::StoredRow;
use crate::row::Cell;
use peristyle_query::error::{DecodeError, Error};
use peristyle_query::query::ast::Binding;
use peristyle_query::schema::FieldMeta;
use peristyle_query::value::{DataType, Value};
use std::sync::Arc;

/// A row whose columns can be asked.
pub(crate) trait Source {
    /// The value of a column; NULL if the row has none.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if what is stored is not of the column's type.
    fn value(&self, field: &'static FieldMeta) -> Result<Value, DecodeError>;

    /// The position of a column, the same in all rows of a query.
    fn position(&self, field: &'static FieldMeta) -> Option<usize>;

    /// The column at a position, to be decoded when it is read.
    fn cell_at(&self, position: usize) -> Cell<'_>;
}

impl Source for StoredRow {
    fn value(&self, field: &'static FieldMeta) -> Result<Value, DecodeError> {
        StoredRow::value(self, field)
    }

    fn position(&self, field: &'static FieldMeta) -> Option<usize> {
        StoredRow::position(self, field)
    }

    fn cell_at(&self, position: usize) -> Cell<'_> {
        Cell::Stored(self, position)
    }
}

/// A row of a query inside of another one: its columns by their names.
#[derive(Clone, Debug)]
pub(crate) struct Computed {
    pub(crate) names: Arc<[&'static str]>,
    pub(crate) values: Vec<Value>,
}

impl Source for Computed {
    fn value(&self, field: &'static FieldMeta) -> Result<Value, DecodeError> {
        match self.position(field).and_then(|index| self.values.get(index)) {
            Some(value) => Ok(value.clone()),
            None => Err(DecodeError::new(field.data_type, "no such column in the inner query")
                .in_column(|| field.column.to_owned())),
        }
    }

    fn position(&self, field: &'static FieldMeta) -> Option<usize> {
        self.names.iter().position(|name| *name == field.column)
    }

    fn cell_at(&self, position: usize) -> Cell<'_> {
        Cell::Value(self.values.get(position).cloned().unwrap_or(Value::Null(DataType::Text)))
    }
}

/// A row without a value in any column: that of an aggregate over no rows.
pub(crate) struct NoRow;

impl Source for NoRow {
    fn value(&self, field: &'static FieldMeta) -> Result<Value, DecodeError> {
        Ok(Value::Null(field.data_type))
    }

    fn position(&self, _: &'static FieldMeta) -> Option<usize> {
        None
    }

    fn cell_at(&self, _: usize) -> Cell<'_> {
        Cell::Value(Value::Null(DataType::Text))
    }
}

/// What an expression is over: the row of each source, and whether the row was just inserted.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s> {
    sources: &'s [&'s dyn Source],
    inserted: Option<bool>,
}

impl<'s> Scope<'s> {
    /// The rows of the sources, in order: the root; in an upsert, then the row that was to be inserted.
    pub(crate) fn new(sources: &'s [&'s dyn Source]) -> Self {
        Scope { sources, inserted: None }
    }

    /// The same, where a write has said whether it inserted the row.
    pub(crate) fn inserted(self, inserted: bool) -> Self {
        Scope { inserted: Some(inserted), ..self }
    }

    /// The value of a column.
    pub(super) fn value(&self, binding: Binding, field: &'static FieldMeta) -> Result<Value, Error> {
        let source = self.sources.get(usize::from(binding.index)).ok_or_else(malformed)?;
        source.value(field).map_err(|error| {
            let error = error.in_column(|| field.column.to_owned());
            if field.redact { error.redacted() } else { error }.into()
        })
    }

    /// Whether the row was inserted.
    pub(super) fn is_inserted(&self) -> Result<bool, Error> {
        self.inserted.ok_or_else(|| {
            let instead = "ask for it in what an upsert gives back";
            unsupported("word for whether a row was inserted outside of upserts", instead)
        })
    }
}
