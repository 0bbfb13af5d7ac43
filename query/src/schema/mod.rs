//! Schemas: structs whose fields are columns, and their metadata.

mod association;
pub mod between;
pub mod check;
mod fields;
mod has_associations;
mod loadable;
mod meta;
mod record;

pub use association::{
    AssociationDelete, AssociationKeys, AssociationKind, AssociationMeta, AssociationReplace, Hop, Lazy, Target,
};
pub use between::{JoinTable, JoinTableColumns};
#[doc(hidden)]
pub use fields::{AnyType, VirtualType};
pub use fields::{Field, FieldKind, Virtual};
pub use has_associations::HasAssociations;
pub use loadable::{BelongsTo, HasMany, HasOne, Loadable, ManyToMany, ToOne};
pub use meta::{CheckMeta, Default, FieldMeta, Generation, IndexMeta, OnDelete, ReferenceMeta, SchemaMeta, Writable};
pub use record::{FromKey, IntoKey, Key, Keyed, Record, Schema};
