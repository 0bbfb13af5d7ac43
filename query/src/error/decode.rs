//! Values that do not fit.

use crate::schema::FieldMeta;
use crate::value::{DataType, Value};
use std::fmt;

/// A stored value that the Rust type cannot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(Box<Decode>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Decode {
    expected: String,
    found: String,
    column: Option<String>,
    field: Option<(&'static str, &'static str)>,
    row: Option<String>,
    path: String,
}

impl DecodeError {
    /// An error saying that `expected` was asked for and `found` was there.
    pub fn new(expected: DataType, found: impl Into<String>) -> Self {
        Self::build(expected.to_string(), found.into())
    }

    /// The same, with words instead of a type, and a JSON value that was found.
    pub fn expected(expected: impl Into<String>, found: &serde_json::Value) -> Self {
        Self::build(expected.into(), Value::Json(found.clone()).to_string())
    }

    /// The error of a value of another type.
    pub fn mismatch(expected: DataType, found: &Value) -> Self {
        match found {
            Value::Null(_) => Self::null(expected),
            found => Self::build(expected.to_string(), format!("{found} ({})", found.data_type())),
        }
    }

    /// The error of an enum's unknown variant.
    pub fn unknown_variant(name: &'static str, variants: &[&str], found: impl fmt::Display) -> Self {
        Self::build(format!("a {name} ({})", variants.join(", ")), found.to_string())
    }

    /// The error of a NULL in a field that is not an `Option`.
    pub fn null(expected: DataType) -> Self {
        Self::build(expected.to_string(), "NULL (make the field an Option if the column may be NULL)".into())
    }

    fn build(expected: String, found: String) -> Self {
        DecodeError(Box::new(Decode { expected, found, column: None, field: None, row: None, path: String::new() }))
    }

    /// Names the column of the result.
    pub fn in_column(mut self, column: impl FnOnce() -> String) -> Self {
        self.0.column.get_or_insert_with(column);
        self
    }

    /// Names the row, where the store knows it: `users:42`.
    pub fn in_row(mut self, row: impl FnOnce() -> String) -> Self {
        self.0.row.get_or_insert_with(row);
        self
    }

    /// Names the schema's field, and hides what was found if the field must never be shown.
    pub fn in_field(mut self, schema: &'static str, field: &FieldMeta) -> Self {
        if field.redact {
            self = self.redacted();
        }
        self.0.field.get_or_insert((schema, field.name));
        self
    }

    /// Hides what was found.
    pub fn redacted(mut self) -> Self {
        self.0.found = "[redacted]".to_owned();
        self
    }

    /// Puts `key` before the path inside a JSON document.
    pub fn inside(mut self, key: &str) -> Self {
        let path = &mut self.0.path;
        *path = if path.is_empty() { key.to_owned() } else { format!("{key}.{path}") };
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decode = &self.0;
        f.write_str("cannot read ")?;
        match (decode.field, &decode.column) {
            (Some((schema, field)), _) => write!(f, "{schema}.{field}")?,
            (None, Some(column)) => write!(f, "column {column:?}")?,
            (None, None) => f.write_str("a value")?,
        }
        if !decode.path.is_empty() {
            write!(f, " at {:?}", decode.path)?;
        }
        if let Some(row) = &decode.row {
            write!(f, " of {row}")?;
        }
        write!(f, ": expected {}, found {}", decode.expected, decode.found)
    }
}

impl std::error::Error for DecodeError {}

/// A Rust value that the store cannot hold, refused before anything was sent.
#[derive(Clone, Debug)]
pub struct EncodeError {
    /// The store, such as `postgres`.
    pub store: &'static str,
    /// The type of the value.
    pub data_type: DataType,
    /// Why it is refused, and what to do.
    pub reason: String,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot hold this {}: {}", self.store, self.data_type, self.reason)
    }
}
