//! The JSON Schema of what a changeset takes.

use super::confirmation;
use crate::changeset::{
    Allowed, Changeable, Changeset, Comparison, Found, Length, LengthUnit, Limit, Origin, Validation,
};
use crate::schema::FieldMeta;
use crate::value::DataType;
use serde_json::{Map, Value as Json, json};

type Object = Map<String, Json>;

impl<S: Changeable> Changeset<S> {
    /// The JSON Schema (draft 2020-12) of the params: the fields that are cast (or, if none was, those that can be), with what
    /// their types and the validations ask.
    ///
    /// It says what a client should send: a whole number as one, although casting takes `"42"` too. A field is required if
    /// it is validated so and the row has nothing for it yet. Characters are counted as code points there, and the syntax of
    /// patterns is the program's. What only a program can check, such as an error of `validate_change`, is not in it.
    ///
    /// ```
    /// # use peristyle_query::{changeset::{Changeset, FieldOf, FieldList}, schema::Schema, expr::NotNull};
    /// # fn example<User: Schema + Default, F: FieldOf<User, Type = String> + FieldList<User>>(email: impl Fn(User::Columns<User, NotNull>) -> F) {
    /// let changeset = Changeset::<User>::new().cast(&serde_json::json!({}), &email).validate_length(&email, ..=160);
    /// let schema = changeset.json_schema();
    /// assert_eq!(schema["properties"]["email"], serde_json::json!({"type": "string", "maxLength": 160}));
    /// # }
    /// ```
    pub fn json_schema(&self) -> Json {
        let (mut properties, mut required) = (Object::new(), Vec::new());
        for found in self.shown_fields() {
            let field = found.meta;
            if self.is_awaited(found) {
                required.push(field.name.to_owned());
            }
            properties.insert(field.name.to_owned(), self.property(found).into());
        }
        for (name, validation) in &self.validations {
            match validation {
                Validation::Acceptance => {
                    properties.insert(name.to_string(), json!({"const": true}));
                    required.push(name.to_string());
                }
                Validation::Confirmation { required: must } => {
                    let Some(found) = self.found(name) else { continue };
                    let name = confirmation(name).into_owned();
                    if *must {
                        required.push(name.clone());
                    }
                    properties.insert(name, self.property(found).into());
                }
                _ => {}
            }
        }
        let mut schema = Object::new();
        schema.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
        schema.insert("title".to_owned(), S::shape().name.into());
        schema.insert("type".to_owned(), "object".into());
        schema.insert("properties".to_owned(), properties.into());
        if !required.is_empty() {
            required.sort_unstable();
            required.dedup();
            schema.insert("required".to_owned(), required.into());
        }
        schema.into()
    }

    /// Whether a field must be sent: it is required, and the row has nothing for it.
    fn is_awaited(&self, found: Found) -> bool {
        let value = self.data.field(found.index);
        let has_none = value.is_null() || self.empty_values.has(&value.to_json());
        self.required.contains(&found.meta.name) && (has_none || self.origin == Origin::New && value.is_default())
    }

    fn property(&self, found: Found) -> Object {
        let field = found.meta;
        let mut property = of_type(field.data_type);
        let is_required = self.required.contains(&field.name);
        if let Some(size) = field.size.filter(|_| field.data_type == DataType::Text) {
            tighten(&mut property, "maxLength", size.into());
        }
        if is_required && field.data_type == DataType::Text {
            tighten(&mut property, "minLength", 1.into());
        }
        if !field.variants.is_empty() {
            property = Object::new();
            property.insert("type".to_owned(), "string".into());
            property.insert("enum".to_owned(), self.names_of(found).into());
        }
        for validation in self.validations_of(field.name) {
            restrict(&mut property, validation, field);
        }
        if field.nullable && !is_required {
            allow_null(&mut property);
        }
        property
    }
}

/// The schema of a type.
fn of_type(data_type: DataType) -> Object {
    let schema = match data_type {
        DataType::Bool => json!({"type": "boolean"}),
        DataType::I16 => json!({"type": "integer", "minimum": i16::MIN, "maximum": i16::MAX}),
        DataType::I32 => json!({"type": "integer", "minimum": i32::MIN, "maximum": i32::MAX}),
        DataType::I64 => json!({"type": "integer"}),
        DataType::F32 | DataType::F64 => json!({"type": "number"}),
        // A text has all digits, which a number may lose on its way.
        DataType::Decimal => json!({"type": ["number", "string"]}),
        DataType::Uuid => json!({"type": "string", "format": "uuid"}),
        DataType::Date => json!({"type": "string", "format": "date"}),
        DataType::Timestamp => json!({"type": "string", "format": "date-time"}),
        DataType::Interval => json!({"type": "string", "format": "duration"}),
        DataType::Json => json!({}),
        DataType::Array(item) => json!({"type": "array", "items": of_type(*item)}),
        // What JSON Schema calls a time, or a time with a date, has a zone.
        DataType::Text | DataType::Enum(_) | DataType::Bytes | DataType::Time | DataType::DateTime => {
            json!({"type": "string"})
        }
    };
    match schema {
        Json::Object(schema) => schema,
        _ => Object::new(),
    }
}

fn restrict(property: &mut Object, validation: &Validation, field: &FieldMeta) {
    match validation {
        Validation::Format { pattern } if property.contains_key("pattern") => {
            and(property, json!({"pattern": pattern}));
        }
        Validation::Format { pattern } => {
            property.insert("pattern".to_owned(), pattern.as_str().into());
        }
        // The values of an enum have names, which are there already.
        Validation::Inclusion(Allowed::Values(values)) if field.variants.is_empty() => {
            property.insert("enum".to_owned(), values.clone().into());
        }
        Validation::Exclusion(Allowed::Values(values)) if field.variants.is_empty() => {
            and(property, json!({"not": {"enum": values}}));
        }
        Validation::Inclusion(range @ Allowed::Range { .. }) => within(property, range),
        Validation::Exclusion(range @ Allowed::Range { .. }) => {
            let mut inside = Object::new();
            within(&mut inside, range);
            if !inside.is_empty() {
                and(property, json!({"not": inside}));
            }
        }
        Validation::Subset(Allowed::Values(values)) if field.variants.is_empty() => {
            property.insert("items".to_owned(), json!({"enum": values}));
        }
        Validation::Subset(range @ Allowed::Range { .. }) => {
            if let Some(Json::Object(items)) = property.get_mut("items") {
                within(items, range);
            }
        }
        Validation::Length(length) => measure(property, length, field.data_type),
        Validation::Number(limits) => limits.iter().for_each(|limit| compare(property, limit)),
        Validation::Acceptance => {
            property.insert("const".to_owned(), true.into());
        }
        _ => {}
    }
}

fn measure(property: &mut Object, length: &Length, data_type: DataType) {
    let (least, greatest) = match data_type {
        DataType::Text | DataType::Enum(_) => ("minLength", "maxLength"),
        DataType::Array(_) => ("minItems", "maxItems"),
        _ => return,
    };
    // A character has one byte at least, but may have more.
    let min = length.least().filter(|_| length.unit() != LengthUnit::Bytes);
    for (key, length) in [(least, min), (greatest, length.greatest())] {
        if let Some(length) = length {
            tighten(property, key, length.into());
        }
    }
}

fn compare(property: &mut Object, Limit { comparison, number }: &Limit) {
    let Some(number) = exact(number) else { return };
    match comparison {
        Comparison::LessThan => tighten(property, "exclusiveMaximum", number),
        Comparison::LessThanOrEqualTo => tighten(property, "maximum", number),
        Comparison::GreaterThan => tighten(property, "exclusiveMinimum", number),
        Comparison::GreaterThanOrEqualTo => tighten(property, "minimum", number),
        Comparison::EqualTo => {
            property.insert("const".to_owned(), number);
        }
        Comparison::NotEqualTo => and(property, json!({"not": {"const": number}})),
    }
}

/// The limits of a range of numbers; JSON Schema knows no others.
fn within(property: &mut Object, range: &Allowed) {
    let Allowed::Range { min, max, exclusive } = range else { return };
    let greatest = if *exclusive { "exclusiveMaximum" } else { "maximum" };
    for (key, limit) in [("minimum", min), (greatest, max)] {
        if let Some(number) = limit.as_ref().and_then(exact) {
            tighten(property, key, number);
        }
    }
}

/// A limit as a number: a decimal is a text in metadata.
fn exact(limit: &Json) -> Option<Json> {
    match limit {
        Json::Number(_) => Some(limit.clone()),
        Json::String(text) => text.parse::<serde_json::Number>().ok().map(Json::Number),
        _ => None,
    }
}

/// Sets a limit, unless a stricter one is there.
fn tighten(property: &mut Object, key: &str, limit: Json) {
    let is_least = key.to_ascii_lowercase().contains("min");
    let looser = match (property.get(key).and_then(Json::as_f64), limit.as_f64()) {
        (Some(known), Some(limit)) if is_least => limit <= known,
        (Some(known), Some(limit)) => limit >= known,
        _ => false,
    };
    if !looser {
        property.insert(key.to_owned(), limit);
    }
}

/// Adds a condition of its own.
fn and(property: &mut Object, condition: Json) {
    if let Json::Array(all) = property.entry("allOf").or_insert_with(|| Json::Array(Vec::new())) {
        all.push(condition);
    }
}

fn allow_null(property: &mut Object) {
    match property.get_mut("type") {
        Some(Json::Array(types)) => types.push("null".into()),
        Some(one) => *one = json!([one.clone(), "null"]),
        None => {}
    }
    if let Some(Json::Array(values)) = property.get_mut("enum") {
        values.push(Json::Null);
    }
}
