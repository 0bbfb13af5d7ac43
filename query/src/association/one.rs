//! To-one associations: paths to another table's columns.

use super::{Link, Many};
use crate::error::DecodeError;
use crate::expr::{Anchor, Nullability};
use crate::query::{Selected, Selection, Slots};
use crate::row::RowReader;
use crate::schema::{Record, Schema};
use std::ops::Deref;

/// A to-one association, `p.author()`: the columns of its target, and an association to join or to preload.
///
/// Where an expression uses a column of it, the target's table is joined, once for the whole query: `LEFT` if there may be
/// no row, and then its columns may be NULL.
pub struct One<Sc: 'static, T: Schema, N: Nullability, O> {
    columns: T::Columns<Sc, N>,
    owner: Anchor,
    link: Link<O, T>,
}

impl<Sc: 'static, T: Schema, N: Nullability, O> Clone for One<Sc, T, N, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Sc: 'static, T: Schema, N: Nullability, O> Copy for One<Sc, T, N, O> {}

impl<Sc: 'static, T: Schema, N: Nullability, O: Schema> One<Sc, T, N, O> {
    /// The association `link` of the source `owner`. Derived code calls it.
    pub fn new(owner: Anchor, link: Link<O, T>) -> Self {
        One { columns: T::columns(owner.then(link.position)), owner, link }
    }

    /// The association, if it is one of a query's root.
    pub(crate) fn of_root(self) -> Option<Link<O, T>> {
        self.owner.is_root().then_some(self.link)
    }

    pub(super) fn link(&self) -> Link<O, T> {
        self.link
    }

    /// The association as a query for its row, with the methods of [`Many`].
    pub(super) fn many(self) -> Many<Sc, T, O> {
        Many::new(self.owner, self.link)
    }
}

impl<Sc: 'static, T: Schema, N: Nullability, O> Deref for One<Sc, T, N, O> {
    type Target = T::Columns<Sc, N>;

    fn deref(&self) -> &Self::Target {
        &self.columns
    }
}

impl<Sc: 'static, T: Schema, N: Nullability, O> Selection<Sc> for One<Sc, T, N, O>
where
    <T as Record>::Columns<Sc, N>: Selection<Sc>,
{
    type Out = <T::Columns<Sc, N> as Selection<Sc>>::Out;

    fn append(self, columns: &mut Selected) {
        self.columns.append(columns);
    }

    fn decode(row: &mut RowReader<'_>) -> Result<Self::Out, DecodeError> {
        <T::Columns<Sc, N> as Selection<Sc>>::decode(row)
    }

    fn slots<'o>(out: &'o mut Self::Out, slots: &mut Slots<'o>) {
        <T::Columns<Sc, N> as Selection<Sc>>::slots(out, slots);
    }
}
