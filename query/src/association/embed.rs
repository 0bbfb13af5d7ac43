//! Embedded structs in preloads: what the methods of a schema's columns, such as `o.item()`, give.

use super::{Nodes, Preloads};
use crate::error::QueryError;
use crate::expr::{Anchor, enter};
use crate::preload::{EmbedNode, Parents, Preload};
use crate::query::Sub;
use crate::schema::HasAssociations;
use std::marker::PhantomData;
use std::sync::Arc;

/// The embedded structs in a field of `O`: one, an `Option` of one, or a `Vec` of them, as `F` says. Associations of theirs
/// are preloaded inside of it: `.preload(|o| o.items().preload(|i| i.product()))`.
#[must_use = "it does nothing until associations are preloaded inside of it, with `.preload(..)`"]
pub struct Embed<Sc, O, F> {
    owner: Anchor,
    name: &'static str,
    field: fn(&mut O) -> &mut F,
    scope: PhantomData<fn() -> Sc>,
}

impl<Sc, O, F> Clone for Embed<Sc, O, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Sc, O, F> Copy for Embed<Sc, O, F> {}

impl<Sc: 'static, O: HasAssociations, F> Embed<Sc, O, F> {
    /// The field `name` of the source `owner`. Derived code calls it.
    pub fn new(owner: Anchor, name: &'static str, field: fn(&mut O) -> &mut F) -> Self {
        Embed { owner, name, field, scope: PhantomData }
    }

    /// Loads associations of the embedded structs, each with one statement for those of all rows. Where there is no
    /// embedded struct, nothing is loaded.
    ///
    /// # Parameters
    ///
    /// `associations` receives the associations of the embedded struct and gives one, or a tuple of them.
    pub fn preload<A: Preloads<F::Row>>(
        self,
        associations: impl FnOnce(<F::Row as HasAssociations>::Associations<Sub<Sc, F::Row>>) -> A,
    ) -> EmbedPreload<Sc, O, F>
    where
        F: Parents + 'static,
    {
        let mut nodes = Nodes::default();
        enter(|level| associations(F::Row::associations(Anchor::new(0, level))).append(&mut nodes));
        EmbedPreload { embed: self, nested: nodes.0 }
    }
}

/// Associations to be loaded into the embedded structs in a field of `O`.
#[must_use = "nothing is loaded until a preload takes it"]
pub struct EmbedPreload<Sc, O, F> {
    embed: Embed<Sc, O, F>,
    nested: Vec<Arc<dyn Preload>>,
}

impl<Sc: 'static, O: HasAssociations, F: Parents + 'static> Preloads<O> for EmbedPreload<Sc, O, F> {
    fn append(self, nodes: &mut Nodes) {
        let EmbedPreload { embed: Embed { owner, name, field, .. }, nested } = self;
        let problem = (!owner.is_root()).then(|| {
            QueryError::new(format!(
                "{}.{name} is embedded in another row than the one that is loaded: preload it inside of the association that \
                 leads there, as in `.preload(|l| l.order().preload(|o| o.{name}().preload(..)))`",
                O::OWNER.name,
            ))
        });
        nodes.0.push(Arc::new(EmbedNode { field, nested, problem }));
    }
}
