//! Parses the attributes of Peristyle's derives, as an ordinary library.
//!
//! Each derive has a model: plain data that says what its attributes mean, with the defaults filled in. The procedural
//! macros turn the models into code; tools that read source files use them without compiling anything.
//!
//! ```
//! use peristyle_derive_model::Schema;
//!
//! let item: syn::ItemStruct = syn::parse_str("struct Category { id: i64, #[schema(unique)] name: String }")?;
//! let schema = Schema::parse(&item.into())?;
//! assert_eq!(schema.table, "categories");
//! assert_eq!(schema.indexes[0].name, "categories_name_index");
//! # Ok::<(), syn::Error>(())
//! ```
//!
//! Every error points at the token that is wrong and says what to write; all errors of an item are reported at once, as
//! one combined [`syn::Error`].

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]
// How large the types of syn are depends on whether spans know their lines, which tools that read source files need.
#![allow(clippy::large_enum_variant)]

mod association;
mod association_keys;
mod attribute;
mod constraint;
mod db_enum;
mod default;
mod duration;
mod embedded;
mod embedded_associations;
mod errors;
mod field;
mod field_rules;
mod identifiers;
mod index;
mod item;
mod newtype;
mod own_key;
mod param;
mod params;
mod plural;
mod primary_key;
mod projection;
mod reference;
mod rename;
mod schema;
mod types;
mod validation;

pub use association::{Association, AssociationKind, JoinSource, Keys, OnDelete, OnReplace};
pub use constraint::{Constraint, ConstraintKind, NameMatch};
pub use db_enum::{DbEnum, EnumVariant, Integer, Storage};
pub use default::DefaultExpression;
pub use embedded::{Embedded, EmbeddedField, EmbeddedKind, EmbeddedVariant, VariantFields};
pub use embedded_associations::EmbeddedAssociations;
pub use field::{Field, Generation, Writable};
pub use index::{Check, Index};
pub use newtype::Newtype;
pub use param::{Param, ParamKind};
pub use params::Params;
pub use plural::pluralize;
pub use projection::{Projection, ProjectionField};
pub use reference::Reference;
pub use rename::Rename;
pub use schema::{Prefix, Schema};
pub use types::{is_number, is_string, option_item};
pub use validation::{Bounds, Rule, Validation};
