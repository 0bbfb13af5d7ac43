//! One input of a form.

use crate::changeset::{
    Allowed, Changeable, Changeset, Comparison, FieldError, Found, LengthUnit, Limit, Origin, Validation,
};
use crate::schema::FieldMeta;
use crate::value::{DataType, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value as Json;
use std::borrow::Cow;

/// What of a field a form shows.
///
/// It serializes to an object in which what is not known is left out: `{"name": "email", "type": "text", "required": true,
/// "max_length": 160, "value": "ann", "errors": ["has invalid format"]}`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Input {
    /// The name of the field, and of its param.
    pub name: Cow<'static, str>,
    /// What kind of input suits its type.
    pub kind: InputType,
    /// Whether it must not be blank.
    pub required: bool,
    /// The least length of a text, in characters.
    pub min_length: Option<usize>,
    /// The greatest length of a text, in characters.
    pub max_length: Option<usize>,
    /// The least number or date.
    pub min: Option<String>,
    /// The greatest number or date.
    pub max: Option<String>,
    /// The regular expression that a text matches somewhere. (HTML's attribute `pattern` is about the whole text.)
    pub pattern: Option<String>,
    /// All values that it can have, if they are few.
    pub options: Vec<String>,
    /// The text that it holds; a list or an object is JSON. `None` for nothing, and always for a `redact` field.
    pub value: Option<String>,
    /// What is wrong with it. Each prints its message; [`template`](FieldError::template) is for translations.
    pub errors: Vec<FieldError>,
}

/// The kind of an input, after those of HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum InputType {
    Text,
    /// Of a `redact` text.
    Password,
    Checkbox,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Decimal,
    Date,
    Time,
    /// A date and a time.
    DateTime,
    /// One of [`Input::options`].
    Select,
    /// Several values, or several of [`Input::options`].
    List,
    /// JSON.
    Json,
    /// Bytes.
    File,
}

impl InputType {
    pub(super) fn of(field: &FieldMeta) -> Self {
        match field.data_type {
            _ if !field.variants.is_empty() => InputType::Select,
            DataType::Bool => InputType::Checkbox,
            DataType::I16 | DataType::I32 | DataType::I64 => InputType::Integer,
            DataType::F32 | DataType::F64 | DataType::Decimal => InputType::Decimal,
            DataType::Date => InputType::Date,
            DataType::Time => InputType::Time,
            DataType::DateTime | DataType::Timestamp => InputType::DateTime,
            DataType::Json => InputType::Json,
            DataType::Array(_) => InputType::List,
            DataType::Bytes => InputType::File,
            _ if field.redact => InputType::Password,
            _ => InputType::Text,
        }
    }

    /// The `type` of HTML's `<input>`, where there is one; else `select`, `list` or `json`.
    pub fn name(self) -> &'static str {
        match self {
            InputType::Text => "text",
            InputType::Password => "password",
            InputType::Checkbox => "checkbox",
            InputType::Integer | InputType::Decimal => "number",
            InputType::Date => "date",
            InputType::Time => "time",
            InputType::DateTime => "datetime-local",
            InputType::Select => "select",
            InputType::List => "list",
            InputType::Json => "json",
            InputType::File => "file",
        }
    }

    /// What of HTML's attribute `step` a number needs.
    pub fn step(self) -> Option<&'static str> {
        match self {
            InputType::Integer => Some("1"),
            InputType::Decimal => Some("any"),
            _ => None,
        }
    }
}

impl Input {
    pub(super) fn new(name: impl Into<Cow<'static, str>>, kind: InputType) -> Self {
        Input {
            name: name.into(),
            kind,
            required: false,
            min_length: None,
            max_length: None,
            min: None,
            max: None,
            pattern: None,
            options: Vec::new(),
            value: None,
            errors: Vec::new(),
        }
    }

    fn apply(&mut self, validation: &Validation) {
        match validation {
            Validation::Format { pattern } => {
                self.pattern.get_or_insert_with(|| pattern.clone());
            }
            Validation::Inclusion(Allowed::Values(values)) | Validation::Subset(Allowed::Values(values)) => {
                if self.kind != InputType::List {
                    self.kind = InputType::Select;
                }
                // The names of an enum's values, which are there already, serve better than what the store has for them.
                if self.options.is_empty() {
                    self.options = values.iter().filter_map(text).collect();
                }
            }
            Validation::Inclusion(Allowed::Range { min, max, exclusive }) => {
                self.least(min.as_ref(), false);
                self.greatest(max.as_ref(), *exclusive);
            }
            Validation::Length(length) if self.is_text() && length.unit() != LengthUnit::Bytes => {
                self.min_length = self.min_length.max(length.least());
                self.max_length = [self.max_length, length.greatest()].into_iter().flatten().min();
            }
            Validation::Number(limits) => {
                for Limit { comparison, number } in limits {
                    match comparison {
                        Comparison::GreaterThan => self.least(Some(number), true),
                        Comparison::GreaterThanOrEqualTo => self.least(Some(number), false),
                        Comparison::LessThan => self.greatest(Some(number), true),
                        Comparison::LessThanOrEqualTo => self.greatest(Some(number), false),
                        Comparison::EqualTo => {
                            self.least(Some(number), false);
                            self.greatest(Some(number), false);
                        }
                        Comparison::NotEqualTo => {}
                    }
                }
            }
            Validation::Acceptance => self.required = true,
            _ => {}
        }
    }

    fn is_text(&self) -> bool {
        matches!(self.kind, InputType::Text | InputType::Password)
    }

    /// Forms' limits are inclusive: beyond 17 is from 18 on, and beyond 0.5 is nothing that a form can say exactly.
    fn least(&mut self, limit: Option<&Json>, beyond: bool) {
        let inside = limit.and_then(|limit| within(limit, beyond && self.kind == InputType::Integer, 1));
        self.min = [self.min.take(), inside].into_iter().flatten().max_by(|one, other| order(one, other));
    }

    fn greatest(&mut self, limit: Option<&Json>, beyond: bool) {
        let inside = limit.and_then(|limit| within(limit, beyond && self.kind == InputType::Integer, -1));
        self.max = [self.max.take(), inside].into_iter().flatten().min_by(|one, other| order(one, other));
    }
}

fn within(limit: &Json, beyond: bool, step: i64) -> Option<String> {
    match limit.as_i64() {
        Some(limit) if beyond => Some(limit.saturating_add(step).to_string()),
        _ => text(limit),
    }
}

/// The order of two limits: of numbers, or of dates as text.
fn order(one: &str, other: &str) -> std::cmp::Ordering {
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => one.total_cmp(&other),
        _ => one.cmp(other),
    }
}

/// A JSON value as the text of an input.
fn text(json: &Json) -> Option<String> {
    match json {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

impl<S: Changeable> Changeset<S> {
    pub(super) fn input_of(&self, found: Found) -> Input {
        let Found { index, meta: field } = found;
        let mut input = Input::new(field.name, InputType::of(field));
        input.required = self.required.contains(&field.name);
        input.options = self.names_of(found).into_iter().map(str::to_owned).collect();
        if input.is_text() {
            input.max_length = field.size.map(|size| size as usize);
        }
        for validation in self.validations_of(field.name) {
            input.apply(validation);
        }
        if !field.redact {
            input.value = self.sent(field.name).or_else(|| self.held(index, found));
        }
        input
    }

    /// What was sent for a name, as text; an empty text where null was.
    pub(super) fn sent(&self, name: &str) -> Option<String> {
        let sent = self.params.as_ref()?.get(name)?;
        Some(text(sent).unwrap_or_default())
    }

    /// What a field becomes, or is, as text. A row to come is blank but for what it was given.
    fn held(&self, index: usize, found: Found) -> Option<String> {
        let given = self.origin == Origin::Existing || self.change_at(index).is_some();
        let value = self.value_now(found).filter(|value| given || !value.is_default())?;
        if matches!(value, Value::Bytes(_)) {
            return None;
        }
        let named = |name: &&&str| S::cast_field(index, &Json::from(**name)).is_ok_and(|named| named == value);
        match found.meta.variants.iter().find(named) {
            Some(name) => Some((*name).to_owned()),
            None => text(&value.to_json()),
        }
    }
}

impl Serialize for Input {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("type", self.kind.name())?;
        map.serialize_entry("required", &self.required)?;
        for (key, length) in [("min_length", self.min_length), ("max_length", self.max_length)] {
            if let Some(length) = length {
                map.serialize_entry(key, &length)?;
            }
        }
        let texts = [("min", &self.min), ("max", &self.max), ("pattern", &self.pattern), ("value", &self.value)];
        for (key, text) in texts {
            if let Some(text) = text {
                map.serialize_entry(key, text)?;
            }
        }
        if let Some(step) = self.kind.step() {
            map.serialize_entry("step", step)?;
        }
        if !self.options.is_empty() {
            map.serialize_entry("options", &self.options)?;
        }
        let errors: Vec<String> = self.errors.iter().map(FieldError::to_string).collect();
        map.serialize_entry("errors", &errors)?;
        map.end()
    }
}
