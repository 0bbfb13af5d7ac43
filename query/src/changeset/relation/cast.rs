//! Casting the rows of an association from nested params.

use super::children::key_of;
use super::put::{Current, ignores_one};
use super::{AssociationChange, AssociationOf, ChildParams};
use crate::association::Link;
use crate::changeset::{Changeable, Changeset, FieldError, Last};
use crate::expr::NotNull;
use crate::schema::{AssociationReplace, Schema};
use crate::value::Value;
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How nested params are read.
#[derive(Clone, Debug, Default)]
pub struct CastOptions {
    param: Option<Cow<'static, str>>,
    sort: Option<Cow<'static, str>>,
    drop: Option<Cow<'static, str>>,
}

impl CastOptions {
    /// Reads a param of the field's name.
    pub fn new() -> Self {
        CastOptions::default()
    }

    /// Reads the param of this name instead.
    pub fn param(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.param = Some(name.into());
        self
    }

    /// The name of a param that lists the indexes of the entries in the order that they are to have. Entries that it does not
    /// list come first; an index that has no entry is a new, empty one.
    pub fn sort(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.sort = Some(name.into());
        self
    }

    /// The name of a param that lists the indexes of the entries to leave out.
    pub fn drop(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.drop = Some(name.into());
        self
    }

    /// The param, with its entries sorted and dropped; `None` if nothing was given.
    pub(crate) fn read<'p>(&self, params: &'p Map<String, Json>, field: &str) -> Option<Cow<'p, Json>> {
        let given = params.get(self.param.as_deref().unwrap_or(field));
        let list = |name: &Option<Cow<'static, str>>| name.as_deref().and_then(|name| params.get(name)).map(indexes);
        let (sort, drop) = (list(&self.sort), list(&self.drop));
        if sort.is_none() && drop.is_none() {
            return given.map(Cow::Borrowed);
        }
        let mut entries: BTreeMap<i64, Json> = match given {
            None => BTreeMap::new(),
            Some(given) => match numbered(given) {
                Some(entries) => entries.into_iter().collect(),
                None => return Some(Cow::Borrowed(given)),
            },
        };
        for index in drop.unwrap_or_default() {
            entries.remove(&index);
        }
        let sorted: Vec<Json> = sort
            .unwrap_or_default()
            .into_iter()
            .map(|index| entries.remove(&index).unwrap_or_else(|| Json::Object(Map::new())))
            .collect();
        Some(Cow::Owned(entries.into_values().chain(sorted).collect()))
    }
}

fn indexes(list: &Json) -> Vec<i64> {
    let index = |item: &Json| match item {
        Json::String(text) => text.trim().parse().ok(),
        item => item.as_i64(),
    };
    list.as_array().into_iter().flatten().filter_map(index).collect()
}

/// The entries of a list, or of an object whose keys are numbers, as a form sends them.
fn numbered(input: &Json) -> Option<Vec<(i64, Json)>> {
    match input {
        Json::Array(items) => Some((0..).zip(items.iter().cloned()).collect()),
        Json::Object(object) => {
            let mut entries: Vec<(i64, Json)> =
                object.iter().map(|(key, value)| Some((key.parse().ok()?, value.clone()))).collect::<Option<_>>()?;
            entries.sort_by_key(|(index, _)| *index);
            Some(entries)
        }
        _ => None,
    }
}

/// The entries, each of which is an object.
pub(crate) fn entries(input: &Json) -> Option<Vec<Json>> {
    let entries: Vec<Json> = numbered(input)?.into_iter().map(|(_, entry)| entry).collect();
    entries.iter().all(Json::is_object).then_some(entries)
}

impl<S: Schema> Changeset<S> {
    /// Casts the rows of an association from the params that [`cast`](Changeset::cast) was given before, under the name of
    /// the association: a list of objects (or an object of them by number) for many rows, an object or null for one.
    ///
    /// `with` makes the changeset of each row, from what came for it and its place in the list. An entry with the primary key
    /// of a row that belongs to this one already is a change of that row; any other is a row to insert. What the association
    /// holds and the params leave out is replaced, as the association's `on_replace` says. An absent param changes nothing.
    ///
    /// The rows that belong to an existing row must be preloaded, all of them. Errors of the rows stand under the
    /// association's name.
    pub fn cast_assoc<A>(
        self,
        association: impl FnOnce(S::Columns<S, NotNull>) -> A,
        with: impl Fn(ChildParams<A::Target>, usize) -> Changeset<A::Target>,
    ) -> Self
    where
        A: AssociationOf<S>,
        A::Target: Default + Clone,
    {
        self.cast_assoc_with(association, CastOptions::new(), with)
    }

    /// The same with options: another param, or params that sort and drop entries.
    pub fn cast_assoc_with<A>(
        mut self,
        association: impl FnOnce(S::Columns<S, NotNull>) -> A,
        options: CastOptions,
        with: impl Fn(ChildParams<A::Target>, usize) -> Changeset<A::Target>,
    ) -> Self
    where
        A: AssociationOf<S>,
        A::Target: Default + Clone,
    {
        self.last = Last::Errors(self.errors.len());
        let Some(link) = self.one_association(association) else { return self };
        let name = link.meta().name;
        let Some(input) = self.nested_params(name, &options) else { return self };
        let list = match (&input, link.meta().is_to_one()) {
            (Json::Null, true) => Some(Vec::new()),
            (Json::Object(_), true) => Some(vec![input]),
            (_, true) => None,
            (input, false) if self.empty_values.has(input) => Some(Vec::new()),
            (input, false) => entries(input),
        };
        let Some(list) = list else {
            let what = if link.meta().is_to_one() { "object" } else { "list of objects" };
            self.push_error(name, FieldError::new("is invalid").with("validation", "cast").with("type", what));
            return self;
        };
        let Some(current) = self.current(link) else { return self };
        self.cast_children(link, current, list, with)
    }

    fn cast_children<T: Schema + Default + Clone>(
        mut self,
        link: Link<S, T>,
        mut current: Current<T>,
        list: Vec<Json>,
        with: impl Fn(ChildParams<T>, usize) -> Changeset<T>,
    ) -> Self {
        let updates = link.meta().is_to_one() && link.meta().on_replace == AssociationReplace::Update;
        let mut children = Vec::with_capacity(list.len());
        for (index, params) in list.into_iter().enumerate() {
            let existing = match key_in::<T>(&params) {
                Some(key) => current.take(&key),
                None if updates => current.take_any(),
                None => None,
            };
            let linked = existing.is_some();
            let changeset = existing.map_or_else(Changeset::new, Changeset::of);
            let changeset = with(ChildParams { changeset, params }, index);
            if ignores_one(link.meta(), std::slice::from_ref(&changeset)) {
                return self;
            }
            if let Some(child) = self.child(link.meta(), changeset, linked) {
                children.push(child);
            }
        }
        self.replace_with(
            AssociationChange { link, children, replaced: Vec::new(), copy: Some(Changeset::clone) },
            current,
        )
    }
}

impl<S: Changeable> Changeset<S> {
    /// What was given for a relation. Nothing is a mistake, unless what came was no object, which is an error already.
    pub(super) fn nested_params(&mut self, name: &str, options: &CastOptions) -> Option<Json> {
        match &self.params {
            Some(params) => options.read(params, name).map(Cow::into_owned),
            None if !self.errors.is_empty() => None,
            None => {
                self.refuse(format!(
                    "{}.{name} is cast from the params that .cast(&params, ..) was given: call that first",
                    S::shape().name
                ));
                None
            }
        }
    }
}

/// The primary key that params name, cast to its type.
fn key_in<T: Schema>(params: &Json) -> Option<Vec<Value>> {
    let part = |(index, field): (usize, &crate::schema::FieldMeta)| {
        let input = params.get(field.name).filter(|input| !input.is_null())?;
        T::cast(index, input).ok()
    };
    let key: Vec<Value> = T::META.key_fields().map(part).collect::<Option<_>>()?;
    (!key.is_empty()).then_some(key)
}

/// The key of a row, for looking it up.
pub(super) fn same_key<T: Schema>(row: &T, key: &[Value]) -> bool {
    !key.is_empty() && key_of(row) == key
}
