//! What `#[derive(Changeset)]` emits calls of: fields by their names, since those of another module's schema may be private.

mod input;
mod named;
mod nested;

pub use input::Input;
pub use named::{AssociationAt, Named, NamedAssociation, NamedList};

use super::Changeable;
use crate::schema::{Schema, SchemaMeta};

/// What changesets can be of, with its fields known to the compiler.
#[diagnostic::on_unimplemented(
    message = "there are no changesets of `{Self}`",
    note = "write #[derive(Schema)] on the struct, or #[derive(Embedded)] if it has no table"
)]
pub trait Described: Changeable {
    /// The same as [`Changeable::shape`].
    const SHAPE: &'static SchemaMeta;
}

impl<S: Schema> Described for S {
    const SHAPE: &'static SchemaMeta = S::META;
}

/// A field of a struct of params.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// The name of the schema's field.
    pub name: &'static str,
    /// The name in the input, unless it does not come from outside.
    pub param: Option<&'static str>,
    /// What it stands for.
    pub target: Target,
    /// What is demanded of it.
    pub required: Required,
    /// The message where that is not met.
    pub message: Option<&'static str>,
}

/// What a field of a struct of params stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The field at this position.
    Field(usize),
    /// The embedded struct, or the list of them, at this position.
    Embed(usize),
    /// An association.
    Association,
    /// Something that is only checked.
    Input,
}

/// What is demanded of a field of a struct of params.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Required {
    /// Nothing.
    No,
    /// It must be there, in a row to come.
    Given,
    /// It must not be blank.
    Filled,
}
