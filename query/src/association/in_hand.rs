//! The rows of an association that a struct holds.

use super::{Link, Many};
use crate::preload::Slot;
use crate::schema::{AssociationMeta, Loadable, Schema};

impl<O, T> Link<O, T> {
    /// What is known of the association.
    pub(crate) fn meta(&self) -> &'static AssociationMeta {
        self.meta
    }
}

impl<O: Schema, T: Schema> Link<O, T> {
    /// A copy of the rows that the struct holds.
    pub(crate) fn rows(self, owner: &mut O) -> Loadable<Vec<T>>
    where
        T: Clone,
    {
        match self.slot {
            Slot::One(slot) => map(slot(owner), |row| row.as_deref().cloned().into_iter().collect()),
            Slot::Many(slot) => slot(owner).clone(),
        }
    }

    /// The rows that the struct holds, taken out of it; where it holds none, it stays as it is.
    pub(crate) fn held(self, owner: &mut O) -> Loadable<Vec<T>> {
        let nothing = Some(self.meta);
        match self.slot {
            Slot::One(slot) => match slot(owner) {
                held @ (Loadable::Loaded(Some(_)) | Loadable::Partial(Some(_))) => {
                    let held = std::mem::replace(held, Loadable::NotLoaded(nothing));
                    map_owned(held, |row| row.map(|row| *row).into_iter().collect())
                }
                _ => Loadable::NotLoaded(nothing),
            },
            Slot::Many(slot) => match slot(owner) {
                Loadable::Loaded(rows) | Loadable::Partial(rows) if rows.is_empty() => Loadable::NotLoaded(nothing),
                held => std::mem::replace(held, Loadable::NotLoaded(nothing)),
            },
        }
    }

    /// Makes these all of the rows that the struct holds.
    pub(crate) fn put(self, owner: &mut O, mut rows: Vec<T>) {
        match self.slot {
            Slot::One(slot) => *slot(owner) = Loadable::Loaded(rows.pop().map(Box::new)),
            Slot::Many(slot) => *slot(owner) = Loadable::Loaded(rows),
        }
    }
}

fn map<T, R>(held: &Loadable<T>, change: impl FnOnce(&T) -> R) -> Loadable<R> {
    match held {
        Loadable::NotLoaded(association) => Loadable::NotLoaded(*association),
        Loadable::Partial(value) => Loadable::Partial(change(value)),
        Loadable::Loaded(value) => Loadable::Loaded(change(value)),
    }
}

fn map_owned<T, R>(held: Loadable<T>, change: impl FnOnce(T) -> R) -> Loadable<R> {
    match held {
        Loadable::NotLoaded(association) => Loadable::NotLoaded(association),
        Loadable::Partial(value) => Loadable::Partial(change(value)),
        Loadable::Loaded(value) => Loadable::Loaded(change(value)),
    }
}

impl<Sc: 'static, T: Schema, O: Schema> Many<Sc, T, O> {
    /// The association, if it is one of a query's root, and all of its rows are meant.
    pub(crate) fn whole_of_root(self) -> Option<Link<O, T>> {
        let (root, link) = (self.owner.is_root(), self.link);
        let whole = self.into_filters("").is_ok_and(|filters| filters.is_empty());
        (root && whole).then_some(link)
    }
}
