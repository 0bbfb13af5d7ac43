//! Lengths of texts, lists, bytes and maps.

use super::Validation;
use crate::changeset::{AssociationOf, Changeable, Changeset, EmbedType, FieldError, FieldOf, Last};
use crate::expr::{NotNull, Textual};
use crate::schema::Schema;
use crate::value::{DbType, ListItem, Value};
use serde_json::Value as Json;
use std::ops::{Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};
use unicode_segmentation::UnicodeSegmentation;

/// A type whose values have a length: text, bytes, lists and JSON.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no length",
    label = "expected a field of text, bytes, JSON or a list",
    note = "the size of a number is for .validate_number(..)"
)]
pub trait HasLength: DbType {}

impl<T: Textual> HasLength for T {}
impl HasLength for Vec<u8> {}
impl HasLength for Json {}
impl<T: ListItem> HasLength for Vec<T> {}
impl<T: ListItem> HasLength for Vec<Option<T>> {}

/// What the length of a text is counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LengthUnit {
    /// What a reader takes for one character, such as a letter with its accents or a flag.
    #[default]
    Graphemes,
    /// Code points of Unicode, as databases count.
    Codepoints,
    /// Bytes of UTF-8.
    Bytes,
}

/// How long a value may be.
///
/// A number or a range of `usize` serves for most: `5`, `1..=100`, `..=160`, `3..`.
///
/// ```
/// use peristyle_query::changeset::Length;
/// assert_eq!(Length::from(1..=100), Length::new().min(1).max(100));
/// assert_eq!(Length::from(5), Length::new().is(5));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use = "a length says what a validation checks"]
pub struct Length {
    is: Option<usize>,
    min: Option<usize>,
    max: Option<usize>,
    unit: LengthUnit,
    /// Whether it was made of a range that has no length in it.
    empty: bool,
}

impl Length {
    /// Any length.
    pub fn new() -> Self {
        Length::default()
    }

    /// Exactly this long.
    pub fn is(mut self, length: usize) -> Self {
        self.is = Some(length);
        self
    }

    /// At least this long.
    pub fn min(mut self, length: usize) -> Self {
        self.min = Some(length);
        self
    }

    /// At most this long.
    pub fn max(mut self, length: usize) -> Self {
        self.max = Some(length);
        self
    }

    /// Counts what a reader takes for one character; the default.
    pub fn graphemes(mut self) -> Self {
        self.unit = LengthUnit::Graphemes;
        self
    }

    /// Counts code points, as databases do.
    pub fn codepoints(mut self) -> Self {
        self.unit = LengthUnit::Codepoints;
        self
    }

    /// Counts the bytes of UTF-8.
    pub fn bytes(mut self) -> Self {
        self.unit = LengthUnit::Bytes;
        self
    }

    /// The least length.
    pub fn least(&self) -> Option<usize> {
        self.is.max(self.min)
    }

    /// The greatest length.
    pub fn greatest(&self) -> Option<usize> {
        self.is.or(self.max)
    }

    /// What the length of a text is counted in.
    pub fn unit(&self) -> LengthUnit {
        self.unit
    }

    pub(super) fn describe(&self, put: &mut impl FnMut(&str, Json) -> Option<Json>) {
        for (key, length) in [("is", self.is), ("min", self.min), ("max", self.max)] {
            if let Some(length) = length {
                put(key, length.into());
            }
        }
        match self.unit {
            LengthUnit::Graphemes => {}
            LengthUnit::Codepoints => {
                put("count", "codepoints".into());
            }
            LengthUnit::Bytes => {
                put("count", "bytes".into());
            }
        }
    }

    /// The one that does not hold of a length, if any: what the metadata calls it, and how long the value should be.
    fn wrong(&self, length: usize) -> Option<(&'static str, usize)> {
        let is = self.is.filter(|is| length != *is).map(|is| ("is", is));
        let min = self.min.filter(|min| length < *min).map(|min| ("min", min));
        let max = self.max.filter(|max| length > *max).map(|max| ("max", max));
        is.or(min).or(max)
    }

    fn is_possible(&self) -> bool {
        !self.empty && self.min.unwrap_or(0) <= self.max.unwrap_or(usize::MAX)
    }
}

impl From<usize> for Length {
    fn from(length: usize) -> Self {
        Length::new().is(length)
    }
}

impl From<RangeInclusive<usize>> for Length {
    fn from(range: RangeInclusive<usize>) -> Self {
        Length::new().min(*range.start()).max(*range.end())
    }
}

impl From<RangeFrom<usize>> for Length {
    fn from(range: RangeFrom<usize>) -> Self {
        Length::new().min(range.start)
    }
}

impl From<RangeToInclusive<usize>> for Length {
    fn from(range: RangeToInclusive<usize>) -> Self {
        Length::new().max(range.end)
    }
}

impl From<Range<usize>> for Length {
    fn from(range: Range<usize>) -> Self {
        Length { empty: range.end == 0, ..Length::new().min(range.start).max(range.end.saturating_sub(1)) }
    }
}

impl From<RangeTo<usize>> for Length {
    fn from(range: RangeTo<usize>) -> Self {
        Length { empty: range.end == 0, ..Length::new().max(range.end.saturating_sub(1)) }
    }
}

/// What a length is one of; the metadata and the messages name it.
#[derive(Clone, Copy, PartialEq)]
pub(in crate::changeset) enum Counted {
    Text,
    Bytes,
    Items,
    Entries,
}

impl Counted {
    /// How long a value is, if it has a length.
    fn count(value: &Value, unit: LengthUnit) -> Option<(Counted, usize)> {
        match value {
            Value::Text(text) | Value::Enum(_, text) | Value::Json(Json::String(text)) => Some(match unit {
                LengthUnit::Graphemes => (Counted::Text, text.graphemes(true).count()),
                LengthUnit::Codepoints => (Counted::Text, text.chars().count()),
                LengthUnit::Bytes => (Counted::Bytes, text.len()),
            }),
            Value::Bytes(bytes) => Some((Counted::Bytes, bytes.len())),
            Value::Array(_, items) => Some((Counted::Items, items.len())),
            Value::Json(Json::Array(items)) => Some((Counted::Items, items.len())),
            Value::Json(Json::Object(entries)) => Some((Counted::Entries, entries.len())),
            _ => None,
        }
    }

    /// The error of a length that is wrong.
    pub(in crate::changeset) fn error(self, length: Length, found: usize) -> Option<FieldError> {
        let (kind, count) = length.wrong(found)?;
        let (called, message) = match (self, kind) {
            (Counted::Text, "is") => ("string", "should be %{count} character(s)"),
            (Counted::Text, "min") => ("string", "should be at least %{count} character(s)"),
            (Counted::Text, _) => ("string", "should be at most %{count} character(s)"),
            (Counted::Bytes, "is") => ("binary", "should be %{count} byte(s)"),
            (Counted::Bytes, "min") => ("binary", "should be at least %{count} byte(s)"),
            (Counted::Bytes, _) => ("binary", "should be at most %{count} byte(s)"),
            (counted, kind) => {
                let called = if counted == Counted::Items { "list" } else { "map" };
                let message = match kind {
                    "is" => "should have %{count} item(s)",
                    "min" => "should have at least %{count} item(s)",
                    _ => "should have at most %{count} item(s)",
                };
                (called, message)
            }
        };
        let error = FieldError::new(message).with("validation", "length").with("kind", kind);
        Some(error.with("count", count).with("type", called))
    }
}

impl<S: Changeable> Changeset<S> {
    /// Adds an error such as "should be at most 160 character(s)" unless the value is as long as it should be: a text in
    /// characters, a list in items, bytes in bytes, and a JSON value in what it has of these. JSON that has no length, such
    /// as a number, "is invalid".
    ///
    /// ```
    /// # use peristyle_query::{changeset::{Changeset, FieldOf, Length}, schema::Schema, expr::NotNull};
    /// # fn example<User: Schema, F: FieldOf<User, Type = String>>(changeset: Changeset<User>, name: impl Fn(User::Columns<User, NotNull>) -> F, bio: impl Fn(User::Columns<User, NotNull>) -> F) -> Changeset<User> {
    /// changeset.validate_length(name, 1..=100).validate_length(bio, Length::new().max(2_000).bytes())
    /// # }
    /// ```
    pub fn validate_length<F: FieldOf<S>>(
        mut self,
        field: impl FnOnce(S::Fields) -> F,
        length: impl Into<Length>,
    ) -> Self
    where
        F::Type: HasLength,
    {
        let length = length.into();
        if !length.is_possible() {
            return self.misuse(field, "validate_length(..) was given a range that no length is in");
        }
        if let Some((name, value)) = self.validated(field, Some(Validation::Length(length))) {
            let error = match Counted::count(&value, length.unit) {
                Some((counted, found)) => counted.error(length, found),
                None => Some(FieldError::new("is invalid").with("validation", "length")),
            };
            if let Some(error) = error {
                self.push_error(name, error);
            }
        }
        self
    }
}

impl<S: Schema> Changeset<S> {
    /// Adds an error such as "should have at least 2 item(s)" to an association that is changed, unless it has so many rows
    /// afterwards. Rows that go do not count.
    pub fn validate_assoc_length<A: AssociationOf<S>>(
        mut self,
        association: impl FnOnce(S::Columns<S, NotNull>) -> A,
        length: impl Into<Length>,
    ) -> Self {
        self.last = Last::Errors(self.errors.len());
        match self.one_association(association) {
            Some(link) => self.counted(link.meta().name, length.into(), "validate_assoc_length"),
            None => self,
        }
    }
}

impl<S: Changeable> Changeset<S> {
    /// The same for a list of embedded structs.
    pub fn validate_embed_length<F: FieldOf<S>>(
        mut self,
        field: impl FnOnce(S::Fields) -> F,
        length: impl Into<Length>,
    ) -> Self
    where
        F::Type: EmbedType,
    {
        self.last = Last::Errors(self.errors.len());
        match self.one_field(field) {
            Some(found) => self.counted(found.meta.name, length.into(), "validate_embed_length"),
            None => self,
        }
    }

    fn counted(mut self, name: &'static str, length: Length, method: &str) -> Self {
        if !length.is_possible() {
            self.refuse(format!("{method}(..) of {}.{name} was given a range that no length is in", S::shape().name));
            return self;
        }
        self.validations.push((name.into(), Validation::Length(length)));
        let count = self.relation(name).map(|relation| relation.count());
        if let Some(error) = count.and_then(|count| Counted::Items.error(length, count)) {
            self.push_error(name, error);
        }
        self
    }
}
