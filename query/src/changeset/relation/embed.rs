//! The change of an embedded struct, or of a list of them, which is a column of the row itself.

use super::cast::entries;
use super::{CastOptions, ChildParams, Failure, Relation, Writing};
use crate::adapter::BoxFuture;
use crate::changeset::cast::blank;
use crate::changeset::{Action, Changeable, Changeset, FieldError, FieldOf, Found, Last, Nested, Origin};
use crate::error::DecodeError;
use crate::value::{DbType, Embedded, Value};
use serde_json::Value as Json;
use std::any::Any;
use std::fmt;

/// A field that embeds structs: `Settings`, or `Vec<Item>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an embedded struct, nor a list of them",
    note = "write #[derive(Embedded)] on the struct; a field of any other type is cast with `.cast(..)`"
)]
pub trait EmbedType: DbType {
    /// The struct.
    type Item: Changeable + Embedded;

    /// Whether the field holds a list.
    const MANY: bool;

    /// The structs that it holds.
    fn into_items(self) -> Vec<Self::Item>;

    /// The field's value for these structs; `None` for none where there must be one.
    fn from_items(items: Vec<Self::Item>) -> Option<Self>;
}

impl<T: Changeable + DbType> EmbedType for T {
    type Item = T;
    const MANY: bool = false;

    fn into_items(self) -> Vec<T> {
        vec![self]
    }

    fn from_items(mut items: Vec<T>) -> Option<T> {
        items.pop()
    }
}

impl<T: Changeable + DbType> EmbedType for Vec<T>
where
    Vec<T>: DbType,
{
    type Item = T;
    const MANY: bool = true;

    fn into_items(self) -> Vec<T> {
        self
    }

    fn from_items(items: Vec<T>) -> Option<Vec<T>> {
        Some(items)
    }
}

/// What can be put into a field that embeds `T`: structs or changesets of them, one or many.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be put into a field that embeds `{T}`",
    label = "expected a `{T}`, a changeset of one, or an `Option` or `Vec` of either"
)]
pub trait IntoEmbeds<T> {
    /// The changesets.
    fn into_embeds(self) -> Vec<Changeset<T>>;
}

impl<T: Changeable> IntoEmbeds<T> for T {
    fn into_embeds(self) -> Vec<Changeset<T>> {
        vec![Changeset::build(self)]
    }
}

impl<T: Changeable> IntoEmbeds<T> for Changeset<T> {
    fn into_embeds(self) -> Vec<Changeset<T>> {
        vec![self]
    }
}

impl<T, E: IntoEmbeds<T>> IntoEmbeds<T> for Vec<E> {
    fn into_embeds(self) -> Vec<Changeset<T>> {
        self.into_iter().flat_map(E::into_embeds).collect()
    }
}

impl<T, E: IntoEmbeds<T>> IntoEmbeds<T> for Option<E> {
    fn into_embeds(self) -> Vec<Changeset<T>> {
        self.into_iter().flat_map(E::into_embeds).collect()
    }
}

/// The change of a field that embeds structs.
struct EmbedChange<E: EmbedType> {
    found: Found,
    items: Vec<Changeset<E::Item>>,
    /// What the field is before the change.
    before: Value,
    copy: fn(&Changeset<E::Item>) -> Changeset<E::Item>,
}

impl<E: EmbedType> EmbedChange<E> {
    fn staying(&self) -> impl Iterator<Item = &Changeset<E::Item>> {
        self.items.iter().filter(|item| item.action != Some(Action::Delete))
    }

    /// What the field becomes.
    fn value(&self) -> Result<Value, DecodeError> {
        let items = self.staying().map(|item| (self.copy)(item).apply_changes()).collect::<Result<_, _>>()?;
        Ok(E::from_items(items).map_or(Value::Null(self.found.meta.data_type), E::into_value))
    }
}

impl<S: Changeable, E: EmbedType> Relation<S> for EmbedChange<E> {
    fn name(&self) -> &'static str {
        self.found.meta.name
    }

    fn errors(&self) -> Nested {
        if E::MANY {
            Nested::Many(self.items.iter().map(Changeset::errors).collect())
        } else {
            Nested::One(self.items.first().map(Changeset::errors).unwrap_or_default())
        }
    }

    fn is_valid(&self) -> bool {
        self.staying().all(Changeset::is_valid)
    }

    fn is_changed(&self) -> bool {
        self.value().is_ok_and(|value| value != self.before)
    }

    fn count(&self) -> usize {
        self.staying().count()
    }

    fn writes_rows(&self) -> bool {
        false
    }

    fn before<'w>(&'w mut self, _: Writing<'w>) -> BoxFuture<'w, Result<Vec<(usize, Value)>, Failure>> {
        let value = self.value().map(|value| vec![(self.found.index, value)]);
        Box::pin(async move { value.map_err(|error| Failure::Error(error.into())) })
    }

    fn after<'w>(&'w mut self, _: Writing<'w>, _: &'w [Value]) -> BoxFuture<'w, Result<(), Failure>> {
        Box::pin(async { Ok(()) })
    }

    fn finish(self: Box<Self>, row: &mut S) -> Result<(), DecodeError> {
        match self.value()? {
            // The error that the changeset has stays with it.
            Value::Null(_) if !self.found.meta.nullable => Ok(()),
            value => row.set_field(self.found.index, value),
        }
    }

    fn copy(&self) -> Option<Box<dyn Relation<S>>> {
        let (found, copy) = (self.found, self.copy);
        let items = self.items.iter().map(copy).collect();
        Some(Box::new(EmbedChange::<E> { found, items, before: self.before.clone(), copy }))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.found.meta.redact {
            return f.write_str("[redacted]");
        }
        f.debug_list().entries(&self.items).finish()
    }
}

impl<S: Changeable> Changeset<S> {
    /// Casts an embedded struct, or a list of them, from the params that [`cast`](Changeset::cast) was given before, under the
    /// name of the field: an object for one, a list of objects (or an object of them by number) for many.
    ///
    /// `with` makes the changeset of each, from what came for it and its place in the list. A single struct that is there
    /// already is changed. In a list, an entry whose `id` is that of one that is there changes that one, and any other is new;
    /// what the params leave out goes. An absent param changes nothing.
    pub fn cast_embed<F>(
        self,
        field: impl FnOnce(S::Fields) -> F,
        with: impl Fn(ChildParams<<F::Type as EmbedType>::Item>, usize) -> Changeset<<F::Type as EmbedType>::Item>,
    ) -> Self
    where
        F: FieldOf<S>,
        F::Type: EmbedType<Item: Default + Clone>,
    {
        self.cast_embed_with(field, CastOptions::new(), with)
    }

    /// The same with options: another param, or params that sort and drop entries.
    pub fn cast_embed_with<F>(
        mut self,
        field: impl FnOnce(S::Fields) -> F,
        options: CastOptions,
        with: impl Fn(ChildParams<<F::Type as EmbedType>::Item>, usize) -> Changeset<<F::Type as EmbedType>::Item>,
    ) -> Self
    where
        F: FieldOf<S>,
        F::Type: EmbedType<Item: Default + Clone>,
    {
        self.last = Last::Errors(self.errors.len());
        let Some(found) = self.one_field(field) else { return self };
        let name = found.meta.name;
        let Some(input) = self.nested_params(name, &options) else { return self };
        let many = <F::Type as EmbedType>::MANY;
        let list = match &input {
            input if input.is_null() || self.empty_values.has(input) => Some(Vec::new()),
            Json::Object(_) if !many => Some(vec![input]),
            input if many => entries(input),
            _ => None,
        };
        let Some(list) = list else {
            let what = if many { "list of objects" } else { "object" };
            self.push_error(name, FieldError::new("is invalid").with("validation", "embed").with("type", what));
            return self;
        };
        let mut current = self.embedded::<F::Type>(found);
        let mut items = Vec::with_capacity(list.len());
        for (index, params) in list.into_iter().enumerate() {
            let place = if many { place_of(&current, &params) } else { (!current.is_empty()).then_some(0) };
            let existing = place.map(|place| current.remove(place));
            let changeset = existing.map_or_else(Changeset::new, Changeset::of);
            items.push(with(ChildParams { changeset, params }, index));
        }
        self.set_embed::<F::Type>(found, items)
    }

    /// Sets an embedded struct, or a list of them, to these: structs, or changesets whose errors are errors of this one.
    pub fn put_embed<F>(
        mut self,
        field: impl FnOnce(S::Fields) -> F,
        items: impl IntoEmbeds<<F::Type as EmbedType>::Item>,
    ) -> Self
    where
        F: FieldOf<S>,
        F::Type: EmbedType<Item: Clone>,
    {
        self.last = Last::Errors(self.errors.len());
        let Some(found) = self.one_field(field) else { return self };
        let items = items.into_embeds();
        if !<F::Type as EmbedType>::MANY && items.len() > 1 {
            self.refuse(format!("{}.{} embeds one struct: {} were put", S::shape().name, found.meta.name, items.len()));
            return self;
        }
        self.set_embed::<F::Type>(found, items)
    }

    /// The changesets of what a field embeds, if they are changed.
    pub fn get_embed<F>(
        &self,
        field: impl FnOnce(S::Fields) -> F,
    ) -> Option<Vec<&Changeset<<F::Type as EmbedType>::Item>>>
    where
        F: FieldOf<S>,
        F::Type: EmbedType,
    {
        let found = crate::changeset::field::lookup::<S, F>(field).ok()?;
        let change = self.relation(found.meta.name)?.as_any().downcast_ref::<EmbedChange<F::Type>>()?;
        Some(change.items.iter().collect())
    }

    fn embedded<E: EmbedType>(&self, found: Found) -> Vec<E::Item> {
        match self.data.field(found.index) {
            Value::Null(_) => Vec::new(),
            value => E::from_value(value).map(E::into_items).unwrap_or_default(),
        }
    }

    fn set_embed<E: EmbedType<Item: Clone>>(mut self, found: Found, mut items: Vec<Changeset<E::Item>>) -> Self {
        for item in &mut items {
            if let Some(problem) = item.problem.take() {
                self.problem.get_or_insert(problem);
            }
        }
        self.forget(found.index);
        self.forget_relation(found.meta.name);
        let before = self.data.field(found.index);
        let change = EmbedChange::<E> { found, items, before, copy: Changeset::clone };
        if Relation::<S>::is_empty(&change) && !E::MANY && !found.meta.nullable {
            self.push_error(found.meta.name, blank());
        } else if self.origin == Origin::New || Relation::<S>::is_changed(&change) || !Relation::<S>::is_valid(&change)
        {
            self.set_relation(Box::new(change));
        }
        self
    }
}

/// The place of the item with the `id` that the params name.
fn place_of<T: Changeable>(items: &[T], params: &Json) -> Option<usize> {
    let index = T::shape().fields.iter().position(|field| field.name == "id")?;
    let id = T::cast_field(index, params.get("id").filter(|id| !id.is_null())?).ok()?;
    items.iter().position(|item| item.field(index) == id)
}
