//! Changesets: what a write changes, checked before it reaches the store.
//!
//! A [`Changeset`] holds a row, what came from outside, the changes that were made of it, and the errors that were found on
//! the way. `repo.insert(..)` and `repo.update(..)` write it if it is valid; [`Changeset::apply`] makes the changes
//! without a store.

mod apply;
mod assign;
mod cast;
mod change;
mod changeable;
mod constraint;
#[doc(hidden)]
pub mod derived;
mod empty;
mod errors;
mod field;
mod form;
mod from_form;
mod lock;
mod merge;
mod params;
mod prepare;
mod relation;
mod validate;
mod write;

pub use assign::{Assignment, Assignments, Settable};
pub use changeable::Changeable;
pub use empty::EmptyValues;
pub use errors::{Errors, FieldError, Nested};
pub use field::{FieldList, FieldName, FieldOf};
pub use form::{Form, Input, InputType};
pub use from_form::{FormError, from_form};
pub use lock::Version;
pub use params::Params;
pub use relation::{
    AnyClone, AssociationOf, CastOptions, ChildParams, Copier, EmbedType, IntoChildren, IntoEmbeds, Tree,
};
pub use validate::{
    Allowed, Choices, Comparison, HasFormat, HasLength, IntoNumber, Length, LengthUnit, Limit, LimitOf, ListField,
    Number, Numeric, UniqueCheck, Validation,
};
pub use write::IntoChangeset;

pub(crate) use change::plain;
pub(crate) use field::Found;
pub(crate) use relation::Writing;
pub(crate) use write::{Refusal, Written};

use crate::error::QueryError;
use change::Change;
use constraint::Constraint;
use lock::Lock;
use prepare::Prepare;
use relation::Relation;
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::fmt;

/// A row, what is to be changed of it, and what is wrong with that.
///
/// [`Changeset::new`] is of a row to come, [`Changeset::of`] and [`Schema::change`](crate::schema::Schema::change) are of one
/// that exists.
#[must_use = "a changeset does nothing until a repo writes it"]
pub struct Changeset<S> {
    data: S,
    origin: Origin,
    action: Option<Action>,
    params: Option<Map<String, Json>>,
    empty_values: EmptyValues,
    /// The fields that were given to `cast`, whether or not the params had them.
    permitted: Vec<usize>,
    changes: Vec<Change>,
    /// Whether changes to the values that the row has already are kept.
    force: bool,
    /// What is changed beside the columns of the row.
    relations: Vec<Box<dyn Relation<S>>>,
    errors: Vec<(Cow<'static, str>, FieldError)>,
    required: Vec<&'static str>,
    /// The validations, whether or not they found something.
    validations: Vec<(Cow<'static, str>, Validation)>,
    constraints: Vec<Constraint>,
    /// The fields that are compared with the row in the store by an update or a delete, and moved on by an update.
    locks: Vec<Lock<S>>,
    /// What runs in the transaction of the write, before it.
    prepare: Vec<Prepare<S>>,
    /// Whether it is only a row, which nothing was cast, changed or declared of.
    bare: bool,
    /// What the last method added, which `with_message` and its kind are about.
    last: Last,
    /// The first mistake of the program's own, which a repo call returns.
    problem: Option<QueryError>,
}

/// Where the row of a changeset comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It is to be inserted.
    New,
    /// It is in a store.
    Existing,
}

/// What is done, or was tried, with a changeset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Action {
    Insert,
    Update,
    Delete,
    /// Nothing, with a row of another's association.
    Ignore,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::Insert => "insert",
            Action::Update => "update",
            Action::Delete => "delete",
            Action::Ignore => "ignore",
        })
    }
}

/// What a method of a changeset added last.
#[derive(Clone, Copy, Debug)]
enum Last {
    /// The errors from this one on.
    Errors(usize),
    /// The constraint at this place.
    Constraint(usize),
}

impl<S: Changeable> Changeset<S> {
    /// A changeset of a row that is to be inserted, without a change yet.
    pub fn new() -> Self
    where
        S: Default,
    {
        Changeset::with_origin(S::default(), Origin::New)
    }

    /// A changeset of an existing row, without a change yet.
    pub fn of(data: S) -> Self {
        Changeset::with_origin(data, Origin::Existing)
    }

    /// A changeset of a row that is to be inserted, with values that are given already.
    ///
    /// ```
    /// # use peristyle_query::changeset::{Changeable, Changeset};
    /// fn draft<Post: Changeable>(post: Post) -> Changeset<Post> {
    ///     Changeset::build(post)
    /// }
    /// ```
    pub fn build(data: S) -> Self {
        Changeset::with_origin(data, Origin::New)
    }

    fn with_origin(data: S, origin: Origin) -> Self {
        Changeset {
            data,
            origin,
            action: None,
            params: None,
            empty_values: EmptyValues::default(),
            permitted: Vec::new(),
            changes: Vec::new(),
            force: false,
            relations: Vec::new(),
            errors: Vec::new(),
            required: Vec::new(),
            validations: Vec::new(),
            constraints: Vec::new(),
            locks: Vec::new(),
            prepare: Vec::new(),
            bare: false,
            last: Last::Errors(0),
            problem: None,
        }
    }

    /// The row as it is before the write.
    pub fn data(&self) -> &S {
        &self.data
    }

    /// What was tried with the changeset; `None` before anything was, when a form shows no errors yet.
    pub fn action(&self) -> Option<Action> {
        self.action
    }

    /// What was cast, as it came from outside; `None` if nothing was.
    pub fn params(&self) -> Option<&Map<String, Json>> {
        self.params.as_ref()
    }

    /// Whether no error was found.
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty() && self.relations.iter().all(|relation| relation.is_valid())
    }

    /// The errors of its fields, and those of its associations and embedded structs.
    pub fn errors(&self) -> Errors {
        let nested = self.relations.iter().map(|relation| (relation.name(), relation.errors())).collect();
        Errors::new(self.errors.clone(), nested)
    }

    /// The errors as JSON, as [`Errors::traverse`] gives them.
    ///
    /// ```
    /// # use peristyle_query::{changeset::Changeset, schema::Schema};
    /// # fn example<User: Schema>(changeset: Changeset<User>) {
    /// let messages = changeset.traverse_errors(|field, error| format!("{field} {error}"));
    /// # }
    /// ```
    pub fn traverse_errors(&self, translate: impl Fn(&str, &FieldError) -> String) -> Json {
        self.errors().traverse(translate)
    }

    /// Adds an error to a field, or to a name that stands for the whole.
    pub fn add_error(mut self, field: impl Into<Cow<'static, str>>, error: impl Into<FieldError>) -> Self {
        self.last = Last::Errors(self.errors.len());
        self.errors.push((field.into(), error.into()));
        self
    }

    /// Replaces the message of what the last method found, or will find: a validation or a constraint.
    ///
    /// ```
    /// # use peristyle_query::{changeset::{Changeset, FieldList}, schema::Schema};
    /// # fn example<User: Schema, F: FieldList<User>>(changeset: Changeset<User>, email: impl Fn(User::Columns<User, peristyle_query::expr::NotNull>) -> F) -> Changeset<User> {
    /// changeset.unique_constraint(email).with_message("belongs to somebody else")
    /// # }
    /// ```
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        match self.last {
            Last::Errors(from) => {
                for (_, error) in self.errors.iter_mut().skip(from) {
                    error.set_message(message.clone());
                }
            }
            Last::Constraint(place) => self.constraints[place].message = message,
        }
        self
    }

    /// The names of the fields that must not be blank.
    pub fn required(&self) -> &[&'static str] {
        &self.required
    }

    fn refuse(&mut self, message: String) {
        self.problem.get_or_insert_with(|| QueryError::new(message));
    }

    fn push_error(&mut self, field: &'static str, error: FieldError) {
        self.errors.push((field.into(), error));
    }

    fn has_error(&self, field: &str) -> bool {
        self.errors.iter().any(|(known, _)| known == field)
    }
}

impl<S: Changeable + Default> Default for Changeset<S> {
    fn default() -> Self {
        Changeset::new()
    }
}

impl<S: Changeable + Clone> Clone for Changeset<S> {
    fn clone(&self) -> Self {
        Changeset {
            data: self.data.clone(),
            origin: self.origin,
            action: self.action,
            params: self.params.clone(),
            empty_values: self.empty_values.clone(),
            permitted: self.permitted.clone(),
            changes: self.changes.clone(),
            force: self.force,
            // The rows of its associations are Clone, since `S` is.
            relations: self.relations.iter().filter_map(|relation| relation.copy()).collect(),
            errors: self.errors.clone(),
            required: self.required.clone(),
            validations: self.validations.clone(),
            constraints: self.constraints.clone(),
            locks: self.locks.clone(),
            prepare: self.prepare.clone(),
            bare: self.bare,
            last: self.last,
            problem: self.problem.clone(),
        }
    }
}

/// Shows the changes and the errors, without values of `redact` fields.
impl<S: Changeable> fmt::Debug for Changeset<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Related<'r, S>(&'r dyn Relation<S>);
        impl<S> fmt::Debug for Related<'_, S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.show(f)
            }
        }
        struct Changes<'c, S>(&'c [Change], &'c [Box<dyn Relation<S>>]);
        impl<S> fmt::Debug for Changes<'_, S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut shown = f.debug_map();
                for change in self.0 {
                    let name = format_args!("{}", change.field.name);
                    match plain(&change.expression) {
                        _ if change.field.redact => shown.entry(&name, &format_args!("[redacted]")),
                        Some(value) => shown.entry(&name, &format_args!("{value}")),
                        None => shown.entry(&name, &change.expression),
                    };
                }
                for relation in self.1 {
                    shown.entry(&format_args!("{}", relation.name()), &Related(&**relation));
                }
                shown.finish()
            }
        }
        f.debug_struct(&format!("Changeset<{}>", S::shape().name))
            .field("action", &self.action)
            .field("changes", &Changes(&self.changes, &self.relations))
            .field("errors", &self.errors())
            .field("valid", &self.is_valid())
            .finish()
    }
}
