//! What a validation asks, as data: for forms, documentation and other languages.

use super::{Length, Limit};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

/// What a validation asks of a field.
///
/// It serializes to the metadata that its errors have: `{"validation": "length", "min": 1, "max": 100}`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Validation {
    /// The text matches a pattern.
    Format {
        /// The regular expression.
        pattern: String,
    },
    /// The value is one of these.
    Inclusion(Allowed),
    /// The value is none of these.
    Exclusion(Allowed),
    /// Each item of the list is one of these.
    Subset(Allowed),
    /// The length of a text, a list, bytes or a map.
    Length(Length),
    /// What a number is compared with.
    Number(Vec<Limit>),
    /// The param is true, as that of a checkbox that was ticked.
    Acceptance,
    /// The param `.._confirmation` has what the field's own param has.
    Confirmation {
        /// Whether it must be there.
        required: bool,
    },
    /// No row of the store has the same values in these fields.
    Unique {
        /// The fields.
        fields: Vec<&'static str>,
    },
}

/// The values that are allowed, or those that are not.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Allowed {
    /// These values, as JSON.
    Values(Vec<Json>),
    /// The values of a range, as JSON.
    Range {
        /// The least one, if there is one.
        min: Option<Json>,
        /// The greatest one, if there is one.
        max: Option<Json>,
        /// Whether `max` is the first one beyond the range.
        exclusive: bool,
    },
}

impl Allowed {
    /// The values as a list, or an object with `min` and `max` (`below`, if the range ends before it).
    pub fn to_json(&self) -> Json {
        match self {
            Allowed::Values(values) => values.clone().into(),
            Allowed::Range { min, max, exclusive } => {
                let mut range = Map::new();
                range.extend(min.clone().map(|min| ("min".to_owned(), min)));
                let end = if *exclusive { "below" } else { "max" };
                range.extend(max.clone().map(|max| (end.to_owned(), max)));
                range.into()
            }
        }
    }
}

impl Validation {
    /// What the metadata of its errors calls it, such as `length`.
    pub fn name(&self) -> &'static str {
        match self {
            Validation::Format { .. } => "format",
            Validation::Inclusion(_) => "inclusion",
            Validation::Exclusion(_) => "exclusion",
            Validation::Subset(_) => "subset",
            Validation::Length(_) => "length",
            Validation::Number(_) => "number",
            Validation::Acceptance => "acceptance",
            Validation::Confirmation { .. } => "confirmation",
            Validation::Unique { .. } => "unsafe_unique",
        }
    }

    /// What it asks, as a JSON object with the key `validation` for its name.
    pub fn to_json(&self) -> Json {
        let mut object = Map::new();
        let mut put = |key: &str, value: Json| object.insert(key.to_owned(), value);
        put("validation", self.name().into());
        match self {
            Validation::Format { pattern } => {
                put("pattern", pattern.as_str().into());
            }
            Validation::Inclusion(allowed) | Validation::Exclusion(allowed) | Validation::Subset(allowed) => {
                put("enum", allowed.to_json());
            }
            Validation::Length(length) => length.describe(&mut put),
            Validation::Number(limits) => {
                for limit in limits {
                    put(limit.comparison.name(), limit.number.clone());
                }
            }
            Validation::Acceptance => {}
            Validation::Confirmation { required } => {
                put("required", (*required).into());
            }
            Validation::Unique { fields } => {
                put("fields", fields.as_slice().into());
            }
        }
        object.into()
    }
}

impl Serialize for Validation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}
