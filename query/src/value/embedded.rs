//! Structs and enums kept as one JSON column.

use super::{DbType, Value};
use crate::error::DecodeError;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};

/// A type with a JSON form: a struct or enum with `#[derive(Embedded)]`, and what its fields may be.
///
/// Unknown keys are ignored and a missing key is NULL, or the field's `#[embedded(default)]`, so that a document written
/// by an older version of the program still loads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of an embedded struct",
    note = "derive `Embedded`, `DbType` or `DbEnum` for it"
)]
pub trait Embedded: Sized {
    /// This value as JSON.
    fn to_json(&self) -> Json;

    /// The value that `json` holds.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] naming the path in the document that does not fit.
    fn from_json(json: &Json) -> Result<Self, DecodeError>;
}

impl<T: DbType> Embedded for T {
    fn to_json(&self) -> Json {
        self.to_value().to_json()
    }

    fn from_json(json: &Json) -> Result<Self, DecodeError> {
        match Value::from_json(T::DATA_TYPE, json) {
            Ok(value) => T::from_value(value),
            Err(found) => Err(DecodeError::new(T::DATA_TYPE, found)),
        }
    }
}

impl<T: Embedded> Embedded for Option<T> {
    fn to_json(&self) -> Json {
        self.as_ref().map_or(Json::Null, T::to_json)
    }

    fn from_json(json: &Json) -> Result<Self, DecodeError> {
        if json.is_null() { Ok(None) } else { T::from_json(json).map(Some) }
    }
}

macro_rules! maps {
    ($($map:ident),*) => {$(
        impl<T: Embedded> Embedded for $map<String, T> {
            fn to_json(&self) -> Json {
                Json::Object(self.iter().map(|(key, value)| (key.clone(), value.to_json())).collect())
            }

            fn from_json(json: &Json) -> Result<Self, DecodeError> {
                let object = json.as_object().ok_or_else(|| DecodeError::expected("a JSON object", json))?;
                let entry = |(key, json): (&String, &Json)| {
                    T::from_json(json).map(|value| (key.clone(), value)).map_err(|error| error.inside(key))
                };
                object.iter().map(entry).collect()
            }
        }
    )*};
}
maps!(HashMap, BTreeMap);

/// Reads one field of an embedded struct; `#[derive(Embedded)]` calls it.
///
/// # Errors
///
/// [`DecodeError`] naming `key` if it is missing and cannot be null, or holds something else.
pub fn field_from_json<T: Embedded>(json: &Json, key: &str, default: Option<fn() -> T>) -> Result<T, DecodeError> {
    match (json.get(key), default) {
        (None, Some(default)) => Ok(default()),
        (found, _) => T::from_json(found.unwrap_or(&Json::Null)).map_err(|error| error.inside(key)),
    }
}
