//! Associations in queries: what the methods of a schema's columns, such as `u.posts()`, give.

mod embed;
mod expressions;
mod in_hand;
mod join;
mod join_preload;
mod loaded;
mod many;
mod one;
mod plan;
mod preload;
mod rows;
mod steps;

pub use embed::{Embed, EmbedPreload};
pub use join::JoinTarget;
pub use join_preload::{JoinPreloads, JoinedNodes, PreloadsFrom};
pub(crate) use loaded::association_plan;
pub use many::{Collect, First, Many};
pub use one::One;
pub use preload::{Children, Nodes, Preloads};
pub use rows::{InHand, association_query};

use crate::preload::Slot;
use crate::schema::{AssociationMeta, HasAssociations, Hop, Schema};

/// An association of `O` to `T`: its metadata, and where its rows are in `O`. Derived code makes it.
pub struct Link<O, T> {
    meta: &'static AssociationMeta,
    position: u8,
    slot: Slot<O, T>,
}

impl<O, T> Clone for Link<O, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O, T> Copy for Link<O, T> {}

impl<O: HasAssociations, T: Schema> Link<O, T> {
    /// The association at a position of [`SchemaMeta::associations`](crate::schema::SchemaMeta::associations).
    pub const fn new(meta: &'static AssociationMeta, position: u8, slot: Slot<O, T>) -> Self {
        Link { meta, position, slot }
    }

    fn hops(self) -> Vec<Hop> {
        self.meta.hops(O::OWNER)
    }

    /// Whether the steps may reach a row more than once from one row of `O`: a join table's rows are meant, those of a
    /// `through` are not.
    fn repeats(self, hops: &[Hop]) -> bool {
        hops.len() > 1 && matches!(self.meta.keys, crate::schema::AssociationKeys::Through { .. })
    }
}
