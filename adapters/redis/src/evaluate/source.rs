//! Where the columns of an expression come from.

use super::{malformed, unsupported};
use peristyle_query::error::{DecodeError, Error};
use peristyle_query::query::ast::Binding;
use peristyle_query::schema::FieldMeta;
use peristyle_query::value::Value;
use std::sync::Arc;

/// A row whose columns can be asked.
pub(crate) trait Source {
    /// The value of a column; NULL if the row has none.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if what is stored is not of the column's type.
    fn value(&self, field: &'static FieldMeta) -> Result<Value, DecodeError>;
}

/// A row of a query inside of another one: its columns by their names.
#[derive(Clone, Debug)]
pub(crate) struct Computed {
    pub(crate) names: Arc<[&'static str]>,
    pub(crate) values: Vec<Value>,
}

impl Source for Computed {
    fn value(&self, field: &'static FieldMeta) -> Result<Value, DecodeError> {
        let index = self.names.iter().position(|name| *name == field.column);
        match index.and_then(|index| self.values.get(index)) {
            Some(value) => Ok(value.clone()),
            None => Err(DecodeError::new(field.data_type, "no such column in the inner query")
                .in_column(|| field.column.to_owned())),
        }
    }
}

/// A row without a value in any column: that of an aggregate over no rows.
pub(crate) struct NoRow;

impl Source for NoRow {
    fn value(&self, field: &'static FieldMeta) -> Result<Value, DecodeError> {
        Ok(Value::Null(field.data_type))
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
