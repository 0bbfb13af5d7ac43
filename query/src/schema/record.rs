//! The traits that `#[derive(Schema)]` implements.

use super::{FieldMeta, SchemaMeta};
use crate::changeset::{Assignments, Changeset, Tree};
use crate::error::DecodeError;
use crate::expr::{Anchor, Columns, NotNull, Nullability};
use crate::query::{InScope, IntoQuery, Query, Selected, Sub};
use crate::repo::{InsertRows, NewRow, RowOf};
use crate::row::RowReader;
use crate::value::{CastError, DbType, Value};

/// Anything with columns: a schema, or a projection used as a source.
#[diagnostic::on_unimplemented(
    message = "the rows of this query, `{Self}`, have no columns by name that the query around it could use",
    label = "expected a query whose rows are a schema or a projection of columns",
    note = "end it with whole rows of a schema, or with a #[derive(Projection)] struct of columns: `.select(|u| LineSelect {{ id: u.id, posts: u.posts().count() }})`"
)]
pub trait Record: Sized + Send + 'static {
    /// Its columns, as closures receive them. `Sc` is the scope of the query; `N` says whether the whole row may be
    /// missing.
    type Columns<Sc: 'static, N: Nullability>: Copy;

    /// The name of the struct.
    const NAME: &'static str;

    /// The columns of the source that `anchor` points at.
    fn columns<Sc: 'static, N: Nullability>(anchor: Anchor) -> Self::Columns<Sc, N>;

    /// The fields that a select of the whole row lists, in order.
    fn loaded_fields() -> impl Iterator<Item = &'static FieldMeta>;

    /// Adds the columns of a whole row of a source to a selection: those of [`loaded_fields`](Record::loaded_fields).
    fn append(anchor: Anchor, columns: &mut Selected);

    /// Reads a whole row: the columns of [`loaded_fields`](Record::loaded_fields), in order.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] naming the field that does not fit.
    fn decode(row: &mut RowReader<'_>) -> Result<Self, DecodeError>;
}

/// A struct whose rows live in a table. Derive it.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a schema", note = "write #[derive(Schema)] on the struct")]
pub trait Schema: Record + Sync {
    /// What is known of the schema.
    const META: &'static SchemaMeta;

    /// The value of field `index` of [`SchemaMeta::fields`]; NULL for a virtual field of a type that no store can hold.
    fn value(&self, index: usize) -> Value;

    /// Replaces the value of field `index`.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the field does not hold such a value.
    fn set_value(&mut self, index: usize, value: Value) -> Result<(), DecodeError>;

    /// The value that `input`, which comes from outside and is not null, means for field `index`.
    ///
    /// # Errors
    ///
    /// [`CastError`] if it means none.
    fn cast(index: usize, input: &serde_json::Value) -> Result<Value, CastError>;

    /// Takes the rows that its associations hold, on their way into a changeset.
    #[doc(hidden)]
    fn take_associations(&mut self, tree: &mut Tree<Self>);

    /// A query for all rows.
    fn query() -> Query<Self> {
        Query::new()
    }

    /// A query for all rows inside of a closure over another query, whose columns it sees:
    /// `|u| exists(Post::query_in(&u).filter(|p| p.author_id.eq(u.id)))`.
    fn query_in<C: InScope>(_outer: &C) -> Query<Sub<C::Scope, Self>> {
        Query::inside()
    }

    /// A row to insert, of assignments: `Post::row(|p| (p.title.set("a"), p.visits.set(1)))`. What is not assigned is left out,
    /// but for generated keys and timestamps.
    fn row<A: Assignments<Self>>(row: impl FnOnce(Self::Columns<Self, NotNull>) -> A) -> NewRow<Self> {
        NewRow::new(row)
    }

    /// Rows to insert, one for each item: `Post::rows(titles, |p, title| p.title.set(title))`.
    fn rows<I: IntoIterator, A: Assignments<Self>>(
        items: I,
        mut row: impl FnMut(Self::Columns<Self, NotNull>, I::Item) -> A,
    ) -> InsertRows<Self> {
        InsertRows::assigned(items.into_iter().map(|item| NewRow::new(|columns| row(columns, item))).collect())
    }

    /// The rows of a query to insert, without a way through the program: the query selects a value for each of `columns`.
    ///
    /// `Post::rows_from(Draft::query().select(|d| (d.title, d.text)), |p| (p.title, p.text))`
    fn rows_from<Q: IntoQuery, C: Columns<Self>>(
        query: Q,
        columns: impl FnOnce(Self::Columns<Self, NotNull>) -> C,
    ) -> InsertRows<Self>
    where
        Q::Out: RowOf<C>,
    {
        InsertRows::of_query(query, columns)
    }

    /// Changes of this row, for `repo.update(..)`: `user.change(|u| (u.name.set("Ann"), u.age.set(None)))`.
    fn change<A: Assignments<Self>>(self, changes: impl FnOnce(Self::Columns<Self, NotNull>) -> A) -> Changeset<Self> {
        Changeset::of(self).change(changes)
    }
}

/// A schema with a primary key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no primary key",
    label = "no primary key",
    note = "name a field `id`, mark one #[schema(primary_key)], or write #[schema(primary_key(a, b))] on the struct; without a key use a query with .filter(..)"
)]
pub trait Keyed: Schema {
    /// The type of the key; a tuple for a composite one, in the order of the fields.
    type Key: Key;
}

/// The value of a primary key: a [`DbType`], or a tuple of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type that a primary key can have",
    label = "expected a type that a store can hold, such as i64, Uuid or String",
    note = "stores have no unsigned integers: use i64 (or i16, i32) instead of u64"
)]
pub trait Key: Send + 'static {
    /// The values, in the order of the key's fields.
    fn into_values(self) -> Vec<Value>;
}

impl<T: DbType> Key for T {
    fn into_values(self) -> Vec<Value> {
        vec![self.into_value()]
    }
}

macro_rules! composite_keys {
    ($($name:ident)*) => {
        impl<$($name: DbType),*> Key for ($($name,)*) {
            fn into_values(self) -> Vec<Value> {
                #[allow(non_snake_case)]
                let ($($name,)*) = self;
                vec![$($name.into_value()),*]
            }
        }
    };
}
composite_keys!(A B);
composite_keys!(A B C);
composite_keys!(A B C D);
composite_keys!(A B C D E);
composite_keys!(A B C D E F);

/// What may be given as a key of type `K`: the key itself, or a `&str` for text.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a key of type `{K}`", label = "expected `{K}`")]
pub trait IntoKey<K> {
    /// The key.
    fn into_key(self) -> K;
}

impl<K: Key> IntoKey<K> for K {
    fn into_key(self) -> K {
        self
    }
}

impl IntoKey<String> for &str {
    fn into_key(self) -> String {
        self.to_owned()
    }
}

/// A key that a preload's own function receives: a type that a store can hold, or a tuple of them.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a type that a key can have")]
pub trait FromKey: Send + 'static + Sized {
    /// The key of these values.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the values are of other types.
    fn from_values(values: Vec<Value>) -> Result<Self, DecodeError>;
}

impl<T: DbType> FromKey for T {
    fn from_values(values: Vec<Value>) -> Result<Self, DecodeError> {
        T::from_value(values.into_iter().next().unwrap_or(Value::Null(T::DATA_TYPE)))
    }
}

macro_rules! from_keys {
    ($($name:ident)*) => {
        impl<$($name: DbType),*> FromKey for ($($name,)*) {
            fn from_values(values: Vec<Value>) -> Result<Self, DecodeError> {
                let mut values = values.into_iter();
                Ok(($($name::from_value(values.next().unwrap_or(Value::Null($name::DATA_TYPE)))?,)*))
            }
        }
    };
}
from_keys!(A B);
from_keys!(A B C);
from_keys!(A B C D);
from_keys!(A B C D E);
from_keys!(A B C D E F);
