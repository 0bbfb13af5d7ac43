//! The errors of a changeset: messages beside fields, as data.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::fmt;

/// What is wrong with a field.
///
/// The message may hold places such as `%{count}`, which stand for the metadata of that name: a translation looks the
/// message up as it is, and fills them in afterwards.
#[derive(Clone, PartialEq)]
pub struct FieldError {
    message: Cow<'static, str>,
    metadata: Map<String, Json>,
}

impl FieldError {
    /// An error with a message and no metadata.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        FieldError { message: message.into(), metadata: Map::new() }
    }

    /// The same error with one more piece of metadata.
    pub fn with(mut self, key: &str, value: impl Into<Json>) -> Self {
        self.metadata.insert(key.to_owned(), value.into());
        self
    }

    /// The message as it was given, with its places.
    pub fn template(&self) -> &str {
        &self.message
    }

    /// What is known of the error: `validation` or `constraint` says what found it, and the rest is what that compared
    /// with, such as `count`.
    pub fn metadata(&self) -> &Map<String, Json> {
        &self.metadata
    }

    /// The validation that found it, such as `length`.
    pub fn validation(&self) -> Option<&str> {
        self.metadata.get("validation")?.as_str()
    }

    /// The kind of constraint that found it, such as `unique`.
    pub fn constraint(&self) -> Option<&str> {
        self.metadata.get("constraint")?.as_str()
    }

    pub(crate) fn set_message(&mut self, message: Cow<'static, str>) {
        self.message = message;
    }
}

/// A message without metadata.
impl<T: Into<Cow<'static, str>>> From<T> for FieldError {
    fn from(message: T) -> Self {
        FieldError::new(message)
    }
}

/// The message, its places filled in.
impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = &*self.message;
        while let Some((before, after)) = rest.split_once("%{") {
            f.write_str(before)?;
            let known = after.split_once('}').and_then(|(key, after)| Some((self.metadata.get(key)?, after)));
            match known {
                Some((Json::String(text), after)) => {
                    f.write_str(text)?;
                    rest = after;
                }
                Some((value, after)) => {
                    value.fmt(f)?;
                    rest = after;
                }
                None => {
                    f.write_str("%{")?;
                    rest = after;
                }
            }
        }
        f.write_str(rest)
    }
}

impl fmt::Debug for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())?;
        if !self.metadata.is_empty() {
            write!(f, " {}", Json::Object(self.metadata.clone()))?;
        }
        Ok(())
    }
}

/// All errors of a changeset, and of the changesets of its associations and embedded structs.
///
/// It serializes to what a client wants to show: `{"email": ["has already been taken"], "posts": [{}, {"title": ["can't be
/// blank"]}]}`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Errors {
    fields: Vec<(Cow<'static, str>, FieldError)>,
    nested: Vec<(&'static str, Nested)>,
}

/// The errors of an association or an embedded struct.
#[derive(Clone, Debug, PartialEq)]
pub enum Nested {
    /// Of one row.
    One(Errors),
    /// Of each row, in order; those without an error are empty.
    Many(Vec<Errors>),
}

impl Nested {
    fn is_empty(&self) -> bool {
        match self {
            Nested::One(errors) => errors.is_empty(),
            Nested::Many(rows) => rows.iter().all(Errors::is_empty),
        }
    }
}

impl Errors {
    pub(super) fn new(fields: Vec<(Cow<'static, str>, FieldError)>, nested: Vec<(&'static str, Nested)>) -> Self {
        Errors { fields, nested: nested.into_iter().filter(|(_, nested)| !nested.is_empty()).collect() }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.nested.is_empty()
    }

    /// The errors of the struct's own fields, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FieldError)> {
        self.fields.iter().map(|(field, error)| (&**field, error))
    }

    /// The errors of one field.
    pub fn on<'e>(&'e self, field: &'e str) -> impl Iterator<Item = &'e FieldError> {
        self.iter().filter(move |(name, _)| *name == field).map(|(_, error)| error)
    }

    /// The errors of the rows of an association or an embedded struct.
    pub fn nested(&self, name: &str) -> Option<&Nested> {
        self.nested.iter().find(|(known, _)| *known == name).map(|(_, nested)| nested)
    }

    /// Whether any error, a nested one too, is one that `test` holds for.
    pub fn any(&self, test: &mut dyn FnMut(&str, &FieldError) -> bool) -> bool {
        self.iter().any(|(field, error)| test(field, error))
            || self.nested.iter().any(|(_, nested)| match nested {
                Nested::One(errors) => errors.any(test),
                Nested::Many(rows) => rows.iter().any(|errors| errors.any(test)),
            })
    }

    /// The errors as JSON, each message made by `translate` from the field's name and the error.
    ///
    /// ```
    /// use peristyle_query::changeset::{Errors, FieldError};
    /// # let errors = Errors::default();
    /// let german = |_: &str, error: &FieldError| match error.template() {
    ///     "can't be blank" => "darf nicht leer sein".to_owned(),
    ///     _ => error.to_string(),
    /// };
    /// assert_eq!(errors.traverse(german), serde_json::json!({}));
    /// ```
    pub fn traverse(&self, translate: impl Fn(&str, &FieldError) -> String) -> Json {
        self.to_json(&translate)
    }

    fn to_json(&self, translate: &dyn Fn(&str, &FieldError) -> String) -> Json {
        let mut object = by_field(self.iter(), &|field, error| translate(field, error).into());
        for (name, nested) in &self.nested {
            let nested = match nested {
                Nested::One(errors) => errors.to_json(translate),
                Nested::Many(rows) => rows.iter().map(|errors| errors.to_json(translate)).collect(),
            };
            object.insert((*name).to_owned(), nested);
        }
        Json::Object(object)
    }
}

/// A list for each field of what `describe` makes of its entries.
pub(super) fn by_field<'e, T: 'e>(
    entries: impl Iterator<Item = (&'e str, &'e T)>,
    describe: &dyn Fn(&str, &T) -> Json,
) -> Map<String, Json> {
    let mut object = Map::new();
    for (field, entry) in entries {
        let list = object.entry(field).or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(list) = list {
            list.push(describe(field, entry));
        }
    }
    object
}

/// `email can't be blank; posts[1].title can't be blank`.
impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Vec::new();
        self.describe("", &mut lines);
        f.write_str(&lines.join("; "))
    }
}

impl Errors {
    fn describe(&self, path: &str, lines: &mut Vec<String>) {
        lines.extend(self.iter().map(|(field, error)| format!("{path}{field} {error}")));
        for (name, nested) in &self.nested {
            match nested {
                Nested::One(errors) => errors.describe(&format!("{path}{name}."), lines),
                Nested::Many(rows) => {
                    for (index, errors) in rows.iter().enumerate() {
                        errors.describe(&format!("{path}{name}[{index}]."), lines);
                    }
                }
            }
        }
    }
}

impl Serialize for Errors {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Json::Object(object) = self.traverse(|_, error| error.to_string()) else {
            return serializer.serialize_map(Some(0))?.end();
        };
        object.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_a_message_are_filled_from_its_metadata() {
        let error = FieldError::new("from %{min} to %{max}, not %{what} nor %{").with("min", 1).with("max", "ten");
        assert_eq!(error.to_string(), "from 1 to ten, not %{what} nor %{");
    }

    #[test]
    fn errors_serialize_to_messages_by_field_and_nested_rows() {
        let title = Errors::new(vec![("title".into(), "can't be blank".into())], Vec::new());
        let nested =
            vec![("posts", Nested::Many(vec![Errors::default(), title])), ("org", Nested::One(Errors::default()))];
        let errors = Errors::new(vec![("name".into(), "is odd".into()), ("name".into(), "is long".into())], nested);
        let json = serde_json::to_value(&errors).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"name": ["is odd", "is long"], "posts": [{}, {"title": ["can't be blank"]}]})
        );
        assert_eq!(errors.to_string(), "name is odd; name is long; posts[1].title can't be blank");
    }
}
