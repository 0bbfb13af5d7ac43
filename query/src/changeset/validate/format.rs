//! Texts that match a pattern.

use super::Validation;
use crate::changeset::{Changeable, Changeset, FieldError, FieldOf};
use crate::expr::Textual;
use crate::value::Value;
use regex::Regex;
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A type whose values have a format: text, and newtypes of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no format",
    label = "expected a field of text",
    note = "a number is checked with .validate_number(..), and a value of any type with .validate_change(..)"
)]
pub trait HasFormat: Textual {}

impl<T: Textual> HasFormat for T {}

impl<S: Changeable> Changeset<S> {
    /// Adds the error "has invalid format" unless the text matches a regular expression somewhere; `^` and `$` stand for its
    /// ends. The syntax is that of the crate `regex`, whose time is linear in the length of the text.
    ///
    /// A pattern that is none is an [`Error::Query`](crate::error::Error::Query) of the write.
    ///
    /// ```
    /// # use peristyle_query::{changeset::{Changeset, FieldOf}, schema::Schema, expr::NotNull};
    /// # fn example<User: Schema, F: FieldOf<User, Type = String>>(changeset: Changeset<User>, email: impl Fn(User::Columns<User, NotNull>) -> F) -> Changeset<User> {
    /// changeset.validate_format(email, r"^[^@\s]+@[^@\s]+$").with_message("is no address")
    /// # }
    /// ```
    pub fn validate_format<F: FieldOf<S>>(
        mut self,
        field: impl FnOnce(S::Fields) -> F,
        pattern: impl AsRef<str>,
    ) -> Self
    where
        F::Type: HasFormat,
    {
        let pattern = pattern.as_ref();
        let regex = match compiled(pattern) {
            Ok(regex) => regex,
            Err(error) => {
                return self.misuse(
                    field,
                    &format!("validate_format(..) takes a regular expression, and {pattern:?} is none: {error}"),
                );
            }
        };
        if let Some((name, Value::Text(text) | Value::Enum(_, text))) =
            self.validated(field, Some(Validation::Format { pattern: pattern.to_owned() }))
            && !regex.is_match(&text)
        {
            self.push_error(name, FieldError::new("has invalid format").with("validation", "format"));
        }
        self
    }
}

/// How many patterns are kept. A program has as many as it has calls, unless it makes them up as it goes.
const KEPT: usize = 512;

/// The compiled pattern: compiling takes much longer than matching, and a changeset is made for every request.
fn compiled(pattern: &str) -> Result<Regex, regex::Error> {
    static KNOWN: OnceLock<Mutex<HashMap<String, Regex>>> = OnceLock::new();
    let known = KNOWN.get_or_init(Mutex::default);
    if let Some(regex) = known.lock().unwrap_or_else(PoisonError::into_inner).get(pattern) {
        return Ok(regex.clone());
    }
    let regex = Regex::new(pattern)?;
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() < KEPT {
        known.insert(pattern.to_owned(), regex.clone());
    }
    Ok(regex)
}
