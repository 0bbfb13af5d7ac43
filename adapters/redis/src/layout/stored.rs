//! A row as Redis has it.

use super::{json, key_text};
use peristyle_query::error::{DecodeError, Error};
use peristyle_query::schema::{FieldMeta, SchemaMeta};
use peristyle_query::value::{DataType, Value};
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A stored row: its JSON text, and where in it the columns are. Cheap to clone.
#[derive(Clone)]
pub(crate) struct StoredRow(Arc<Stored>);

struct Stored {
    schema: &'static SchemaMeta,
    raw: String,
    /// Where the value of each of the schema's fields is; an empty range is NULL.
    places: Box<[Range<usize>]>,
    /// The members that no column has: their names with the quotes, and their values.
    others: Vec<(Range<usize>, Range<usize>)>,
}

impl StoredRow {
    /// Finds the columns in the JSON text of a row. Of members with the same name, the last counts.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if it is not a JSON object; who knows the row's key adds it with
    /// [`in_row`](DecodeError::in_row).
    pub(crate) fn parse(schema: &'static SchemaMeta, raw: impl Into<Vec<u8>>) -> Result<Self, DecodeError> {
        let raw = String::from_utf8(raw.into()).map_err(|_| not_a_row(schema, "bytes that are no UTF-8"))?;
        let mut places = vec![0..0; schema.fields.len()].into_boxed_slice();
        let mut others = Vec::new();
        let visitor = Members { schema, raw: &raw, places: &mut places, others: &mut others };
        let mut json = serde_json::Deserializer::from_str(&raw);
        let read = json.deserialize_map(visitor).and_then(|()| json.end());
        // The message of the parser may show a value; where it stopped is enough.
        read.map_err(|error| not_a_row(schema, &format!("what is no JSON object, at byte {}", error.column())))?;
        Ok(StoredRow(Arc::new(Stored { schema, raw, places, others })))
    }

    /// The JSON text, as it was read.
    pub(crate) fn raw(&self) -> &str {
        &self.0.raw
    }

    /// The schema whose row it is.
    pub(crate) fn schema(&self) -> &'static SchemaMeta {
        self.0.schema
    }

    /// The same row as one of another schema of the table.
    ///
    /// # Errors
    ///
    /// As for [`parse`](Self::parse).
    pub(crate) fn of(&self, schema: &'static SchemaMeta) -> Result<Self, DecodeError> {
        if std::ptr::eq(self.0.schema, schema) { Ok(self.clone()) } else { Self::parse(schema, self.raw()) }
    }

    /// The JSON text of the schema's field at this position; `None` is NULL.
    pub(crate) fn member(&self, position: usize) -> Option<&str> {
        let place = self.0.places.get(position)?;
        self.0.raw.get(place.clone()).filter(|raw| !raw.is_empty())
    }

    /// The value of a column; one that the row lacks is NULL.
    ///
    /// # Errors
    ///
    /// [`DecodeError`], naming the row and the column, if what is stored is not of its type.
    pub(crate) fn value(&self, field: &FieldMeta) -> Result<Value, DecodeError> {
        match self.position(field) {
            Some(position) => self.value_at(position),
            None => Ok(Value::Null(field.data_type)),
        }
    }

    /// The value of the schema's field at this position.
    ///
    /// # Errors
    ///
    /// As for [`value`](Self::value).
    pub(crate) fn value_at(&self, position: usize) -> Result<Value, DecodeError> {
        let data_type = self.0.schema.fields.get(position).map_or(DataType::Text, |field| field.data_type);
        match self.member(position) {
            None => Ok(Value::Null(data_type)),
            Some(raw) => json::value(raw, data_type).map_err(|error| self.located(error, position)),
        }
    }

    /// The position of a field in the schema.
    pub(crate) fn position(&self, field: &FieldMeta) -> Option<usize> {
        position(self.0.schema, field)
    }

    /// The text of the row's key.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] if a column of the key is not of its type, [`Error::Encode`] if it is NULL.
    pub(crate) fn key(&self) -> Result<String, Error> {
        let columns = self.0.schema.primary_key.iter().map(|position| self.value_at(*position));
        key_text(&columns.collect::<Result<Vec<_>, _>>()?)
    }

    /// Names the row and the column in an error, and hides what was found if the column must never be shown.
    pub(crate) fn located(&self, mut error: DecodeError, position: usize) -> DecodeError {
        let schema = self.0.schema;
        let Some(field) = schema.fields.get(position) else { return error };
        if field.redact {
            error = error.redacted();
        }
        let error = error.in_column(|| field.column.to_owned());
        let known = |(position, field): (usize, &FieldMeta)| json::value(self.member(position)?, field.data_type).ok();
        let key = schema.key_fields().map(known).collect::<Option<Vec<_>>>().and_then(|key| key_text(&key).ok());
        error.in_row(|| key.map_or_else(|| schema.table.to_owned(), |key| row_name(schema, &key)))
    }
}

/// A row as errors name it.
pub(crate) fn row_name(schema: &SchemaMeta, key: &str) -> String {
    match schema.key_fields().any(|(_, field)| field.redact) {
        true => schema.table.to_owned(),
        false => format!("{}:{key}", schema.table),
    }
}

fn not_a_row(schema: &SchemaMeta, found: &str) -> DecodeError {
    DecodeError::new(DataType::Json, format!("in the table {} {found}", schema.table))
}

/// The position of a field in a schema.
pub(crate) fn position(schema: &SchemaMeta, field: &FieldMeta) -> Option<usize> {
    let same = |known: &FieldMeta| std::ptr::eq(known, field) || (!known.is_virtual && known.column == field.column);
    schema.fields.iter().position(same)
}

/// Texts do not show values.
impl fmt::Debug for StoredRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredRow({}, {} bytes)", self.0.schema.table, self.0.raw.len())
    }
}

struct Members<'a> {
    schema: &'static SchemaMeta,
    raw: &'a str,
    places: &'a mut [Range<usize>],
    others: &'a mut Vec<(Range<usize>, Range<usize>)>,
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let fields = self.schema.fields;
        let mut next = 0;
        while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            let (name, value) = (name.get(), value.get());
            let inner = name.get(1..name.len() - 1).unwrap_or_default();
            let unescaped;
            let column = if inner.contains('\\') {
                unescaped = serde_json::from_str::<String>(name).unwrap_or_default();
                unescaped.as_str()
            } else {
                inner
            };
            // Rows have their columns in the schema's order, without those that are NULL.
            let named = |field: &FieldMeta| !field.is_virtual && field.column == column;
            let found = (next..fields.len()).chain(0..next).find(|position| named(&fields[*position]));
            match found {
                Some(position) => {
                    let null = value == "null" && fields[position].data_type != DataType::Json;
                    self.places[position] = if null { 0..0 } else { place(self.raw, value) };
                    next = position + 1;
                }
                None => self.others.push((place(self.raw, name), place(self.raw, value))),
            }
        }
        Ok(())
    }
}

/// Where in a text a slice of it is.
fn place(whole: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
    start..start + part.len()
}

/// The JSON text of a row: the columns that are not NULL in the schema's order, then what no column has.
///
/// Columns that `values` does not name, and the members that no column has, are taken from `old` byte for byte.
///
/// # Errors
///
/// [`Error::Encode`] that names the column, if a value is not of its type.
pub(crate) fn write_row(
    schema: &'static SchemaMeta,
    values: &[(&'static FieldMeta, Value)],
    old: Option<&StoredRow>,
) -> Result<String, Error> {
    let mut given = vec![None; schema.fields.len()];
    for (field, value) in values {
        if let Some(position) = position(schema, field) {
            given[position] = Some(value);
        }
    }
    let mut out = String::with_capacity(old.map_or(128, |old| old.raw().len() + 32));
    out.push('{');
    let name = |out: &mut String, column: &str| {
        if out.len() > 1 {
            out.push(',');
        }
        json::push_text(out, column);
        out.push(':');
    };
    for (position, field) in schema.stored_fields() {
        match given[position] {
            Some(Value::Null(_)) => {}
            Some(value) => {
                name(&mut out, field.column);
                json::push(&mut out, &*json::fit(field, value)?)?;
            }
            None => {
                if let Some(raw) = old.and_then(|old| old.member(position)) {
                    name(&mut out, field.column);
                    out.push_str(raw);
                }
            }
        }
    }
    for (name, value) in old.into_iter().flat_map(|old| &old.0.others) {
        let text = |place: &Range<usize>| old.and_then(|old| old.raw().get(place.clone())).unwrap_or_default();
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(text(name));
        out.push(':');
        out.push_str(text(value));
    }
    out.push('}');
    Ok(out)
}
