//! Params inside of params: the rows of associations, and embedded structs.

use super::{AssociationAt, Input, Named, NamedAssociation};
use crate::changeset::{Changeable, Changeset, ChildParams, EmbedType, Params};
use crate::schema::{AssociationReplace, Loadable, Schema};
use crate::value::Value;

impl<S: Changeable> Input<S> {
    /// Casts the rows of the association at `POSITION`.
    pub fn cast_assoc<P, const POSITION: usize>(mut self) -> Self
    where
        P: Params<Schema: Schema + Default + Clone>,
        S: AssociationAt<P::Schema, POSITION>,
    {
        let association = |_| NamedAssociation::<P::Schema, POSITION>::new();
        self.changeset = self.changeset.cast_assoc(association, |child, _| child.cast_params::<P>());
        self
    }

    /// Puts rows into the association at `POSITION`: all that are given. One with the primary key of a row that belongs there
    /// already changes that row.
    pub fn put_assoc<P, const POSITION: usize>(self, rows: Vec<P>) -> Self
    where
        P: Params<Schema: Schema + Default + Clone>,
        S: AssociationAt<P::Schema, POSITION>,
    {
        let link = S::link();
        let Input { mut changeset, .. } = self;
        let mut held = match link.rows(&mut changeset.data) {
            Loadable::Loaded(rows) => rows,
            Loadable::Partial(_) | Loadable::NotLoaded(_) => Vec::new(),
        };
        let updates = link.meta().is_to_one() && link.meta().on_replace == AssociationReplace::Update;
        let key = <P::Schema as Schema>::META.primary_key;
        let children: Vec<Changeset<P::Schema>> = rows
            .into_iter()
            .map(|params| match place_of(&held, &params.key(), key, updates) {
                Some(place) => params.changeset_on(held.remove(place)),
                None => params.changeset(),
            })
            .collect();
        changeset = changeset.put_assoc(|_| NamedAssociation::<P::Schema, POSITION>::new(), children);
        Input { changeset, ..self }.given(link.meta().name)
    }

    /// Casts an embedded struct, or a list of them, of type `E`.
    pub fn cast_embed<P, E>(mut self, name: &'static str) -> Self
    where
        P: Params<Schema: Default + Clone>,
        E: EmbedType<Item = P::Schema>,
    {
        let strict = self.strict;
        // A row to come holds the default of an embedded struct, which nobody gave.
        let one = |child: ChildParams<P::Schema>, _| {
            let strict = strict || !child.exists();
            let (changeset, params) = child.into_parts();
            Input::cast::<P>(changeset, &params, strict)
        };
        self.changeset = self.changeset.cast_embed(|_| Named::<E>::new(name), one);
        self
    }

    /// Puts an embedded struct, or a list of them, into the field at `index`, of type `E`. A single one changes what is there.
    pub fn put_embed<P, E>(self, index: usize, items: Vec<P>) -> Self
    where
        P: Params<Schema: Default + Clone>,
        E: EmbedType<Item = P::Schema>,
    {
        let Input { mut changeset, strict, .. } = self;
        let name = S::shape().fields[index].name;
        let mut held = match changeset.data.field(index) {
            Value::Null(_) => Vec::new(),
            value => E::from_value(value).map(E::into_items).unwrap_or_default(),
        };
        let key: Vec<usize> =
            P::Schema::shape().fields.iter().position(|field| field.name == "id").into_iter().collect();
        let items: Vec<Changeset<P::Schema>> = items
            .into_iter()
            .map(|params| match place_of(&held, &params.key(), &key, !E::MANY) {
                Some(place) => Input::take(Changeset::of(held.remove(place)), params, strict),
                None => params.changeset(),
            })
            .collect();
        changeset = changeset.put_embed(|_| Named::<E>::new(name), items);
        Input { changeset, ..self }.given(name)
    }
}

/// The place of the one with this key; of the only one, where `any` will do.
fn place_of<T: Changeable>(held: &[T], given: &[(usize, Value)], key: &[usize], any: bool) -> Option<usize> {
    let is_whole = !key.is_empty() && key.iter().all(|index| given.iter().any(|(other, _)| other == index));
    if !is_whole {
        return (any && !held.is_empty()).then_some(0);
    }
    held.iter().position(|one| key.iter().all(|index| given.contains(&(*index, one.field(*index)))))
}
