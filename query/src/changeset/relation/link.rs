//! The associations that closures name: `|u| u.posts()`.

use crate::association::{Link, Many, One};
use crate::changeset::Changeset;
use crate::expr::{Anchor, NotNull, Nullability, enter};
use crate::schema::{AssociationKeys, Schema};

/// An association of `S`, as a closure names it: `u.posts()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an association of `{S}`",
    label = "expected an association, such as `u.posts()`",
    note = "fields are cast with `.cast(..)` and set with `.change(..)`; embedded structs with `.cast_embed(..)` and `.put_embed(..)`"
)]
pub trait AssociationOf<S> {
    /// The schema that it leads to.
    type Target: Schema;

    /// The association, if it is one of the root, and all of it.
    fn link(self) -> Option<Link<S, Self::Target>>;
}

impl<S: Schema, T: Schema, N: Nullability> AssociationOf<S> for One<S, T, N, S> {
    type Target = T;

    fn link(self) -> Option<Link<S, T>> {
        self.of_root()
    }
}

impl<S: Schema, T: Schema> AssociationOf<S> for Many<S, T, S> {
    type Target = T;

    fn link(self) -> Option<Link<S, T>> {
        self.whole_of_root()
    }
}

impl<S: Schema> Changeset<S> {
    /// The association that a closure names, if its rows can be written with the row.
    pub(crate) fn one_association<A: AssociationOf<S>>(
        &mut self,
        association: impl FnOnce(S::Columns<S, NotNull>) -> A,
    ) -> Option<Link<S, A::Target>> {
        let link = enter(|level| association(S::columns(Anchor::new(0, level))).link());
        let Some(link) = link else {
            self.refuse(format!(
                "a changeset of {} writes an association of its own and whole: `|row| row.posts()`, without a filter, an order or a limit",
                S::NAME
            ));
            return None;
        };
        if let AssociationKeys::Through { path } = &link.meta().keys {
            self.refuse(format!(
                "{}.{} leads through {}: write the rows of that association, and theirs in turn",
                S::NAME,
                link.meta().name,
                path.first().copied().unwrap_or("another one")
            ));
            return None;
        }
        Some(link)
    }
}
