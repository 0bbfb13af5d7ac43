//! Structs with association fields: schemas, and embedded structs that have some.

use super::{Record, Schema, SchemaMeta};
use crate::expr::{Anchor, NotNull};
use crate::value::Value;

/// A struct that has associations: a schema, or an embedded struct with fields such as `user: BelongsTo<User>`.
/// `#[derive(Schema)]` and `#[derive(Embedded)]` implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no associations",
    label = "expected a struct with #[derive(Schema)], or an embedded one with an association field",
    note = "an embedded struct has associations if it has a field such as `user: BelongsTo<User>` beside its key `user_id`"
)]
pub trait HasAssociations: Sized + Send + Sync + 'static {
    /// What closures receive, with a method for each association. `Sc` is the scope that it is used in.
    type Associations<Sc: 'static>: Copy;

    /// What is known of the struct. Of an embedded one that is its name, the fields of its keys and its associations: it has
    /// no table.
    const OWNER: &'static SchemaMeta;

    /// The associations of the row that `anchor` points at.
    fn associations<Sc: 'static>(anchor: Anchor) -> Self::Associations<Sc>;

    /// The value of field `index` of [`OWNER`](HasAssociations::OWNER).
    fn key_value(&self, index: usize) -> Value;
}

impl<S: Schema> HasAssociations for S {
    type Associations<Sc: 'static> = <S as Record>::Columns<Sc, NotNull>;

    const OWNER: &'static SchemaMeta = S::META;

    fn associations<Sc: 'static>(anchor: Anchor) -> Self::Associations<Sc> {
        S::columns(anchor)
    }

    fn key_value(&self, index: usize) -> Value {
        self.value(index)
    }
}
