//! The types of association fields: what of an association is in hand.

use super::{AssociationMeta, Record, Schema};
use crate::error::{Error, NotLoaded};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// What of an association is in hand; each association field wraps one.
#[derive(Clone)]
pub enum Loadable<T> {
    /// Nothing. The association is known if the row came from a store.
    NotLoaded(Option<&'static AssociationMeta>),
    /// A part: it was loaded with a filter, a limit or an offset.
    Partial(T),
    /// All of it.
    Loaded(T),
}

impl<T> Loadable<T> {
    /// What is in hand, in part or whole.
    pub fn value(&self) -> Option<&T> {
        match self {
            Loadable::NotLoaded(_) => None,
            Loadable::Partial(value) | Loadable::Loaded(value) => Some(value),
        }
    }

    /// What is in hand, in part or whole.
    pub fn value_mut(&mut self) -> Option<&mut T> {
        match self {
            Loadable::NotLoaded(_) => None,
            Loadable::Partial(value) | Loadable::Loaded(value) => Some(value),
        }
    }

    fn into_value(self) -> Result<T, Option<&'static AssociationMeta>> {
        match self {
            Loadable::NotLoaded(association) => Err(association),
            Loadable::Partial(value) | Loadable::Loaded(value) => Ok(value),
        }
    }

    fn is_loaded(&self) -> bool {
        !matches!(self, Loadable::NotLoaded(_))
    }

    fn is_complete(&self) -> bool {
        matches!(self, Loadable::Loaded(_))
    }

    fn association(&self) -> Option<&'static AssociationMeta> {
        match self {
            Loadable::NotLoaded(association) => *association,
            _ => None,
        }
    }
}

/// What is not loaded is equal, whichever association it is of.
impl<T: PartialEq> PartialEq for Loadable<T> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Loadable::NotLoaded(_), Loadable::NotLoaded(_)) => true,
            (Loadable::Partial(one), Loadable::Partial(other)) | (Loadable::Loaded(one), Loadable::Loaded(other)) => {
                one == other
            }
            _ => false,
        }
    }
}

impl<T: Eq> Eq for Loadable<T> {}

impl<T: fmt::Debug> fmt::Debug for Loadable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loadable::NotLoaded(_) => f.write_str("NotLoaded"),
            Loadable::Partial(value) => f.debug_tuple("Partial").field(value).finish(),
            Loadable::Loaded(value) => value.fmt(f),
        }
    }
}

fn not_loaded<T: Schema>(association: Option<&'static AssociationMeta>) -> Error {
    NotLoaded::new(association, T::NAME).into()
}

/// The associated row: many rows of this struct may belong to one `T`, whose key this struct has.
///
/// `BelongsTo<User>` always leads to a row, `BelongsTo<Option<Org>>` perhaps to none. Its default is "not loaded".
pub struct BelongsTo<T: ToOne>(Loadable<Option<Box<T::Target>>>);

/// The target of a [`BelongsTo`]: a schema, or an `Option` of one where the key may be NULL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a schema that a row can belong to",
    label = "expected a schema, or an `Option` of one",
    note = "write #[derive(Schema)] on the struct"
)]
pub trait ToOne {
    /// The schema.
    type Target: Schema;
    /// A reference to the row, or an `Option` of one.
    type Ref<'a>;
    /// The row, or an `Option` of it.
    type Owned;

    #[doc(hidden)]
    fn borrow<'a>(row: Option<&'a Self::Target>, name: &'static str) -> Result<Self::Ref<'a>, Error>;
    #[doc(hidden)]
    fn own(row: Option<Self::Target>, name: &'static str) -> Result<Self::Owned, Error>;
    #[doc(hidden)]
    fn option(owned: Self::Owned) -> Option<Self::Target>;
}

fn dangling(target: &'static str) -> Error {
    let sought = "the row that the key points at does not exist".to_owned();
    crate::error::NotFound { schema: target, sought }.into()
}

impl<S: Schema> ToOne for S {
    type Target = S;
    type Ref<'a> = &'a S;
    type Owned = S;

    fn borrow<'a>(row: Option<&'a S>, name: &'static str) -> Result<&'a S, Error> {
        row.ok_or_else(|| dangling(name))
    }

    fn own(row: Option<S>, name: &'static str) -> Result<S, Error> {
        row.ok_or_else(|| dangling(name))
    }

    fn option(owned: S) -> Option<S> {
        Some(owned)
    }
}

impl<S: Schema> ToOne for Option<S> {
    type Target = S;
    type Ref<'a> = Option<&'a S>;
    type Owned = Option<S>;

    fn borrow<'a>(row: Option<&'a S>, _: &'static str) -> Result<Option<&'a S>, Error> {
        Ok(row)
    }

    fn own(row: Option<S>, _: &'static str) -> Result<Option<S>, Error> {
        Ok(row)
    }

    fn option(owned: Option<S>) -> Option<S> {
        owned
    }
}

impl<T: ToOne> BelongsTo<T> {
    /// The row that is in hand.
    ///
    /// # Errors
    ///
    /// [`Error::NotLoaded`] naming the preload to add; [`Error::NotFound`] if the key of a `BelongsTo<User>` points at no
    /// row.
    pub fn get(&self) -> Result<T::Ref<'_>, Error> {
        match self.0.value() {
            Some(row) => T::borrow(row.as_deref(), T::Target::NAME),
            None => Err(not_loaded::<T::Target>(self.0.association())),
        }
    }

    /// The row itself.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn into_inner(self) -> Result<T::Owned, Error> {
        match self.0.into_value() {
            Ok(row) => T::own(row.map(|row| *row), T::Target::NAME),
            Err(association) => Err(not_loaded::<T::Target>(association)),
        }
    }
}

/// The one row, if there is one, that has the key of this struct. Its default is "not loaded".
pub struct HasOne<T>(Loadable<Option<Box<T>>>);

impl<T: Schema> HasOne<T> {
    /// The row that is in hand, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::NotLoaded`] naming the preload to add.
    pub fn get(&self) -> Result<Option<&T>, Error> {
        match self.0.value() {
            Some(row) => Ok(row.as_deref()),
            None => Err(not_loaded::<T>(self.0.association())),
        }
    }

    /// The row itself.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn into_inner(self) -> Result<Option<T>, Error> {
        match self.0.into_value() {
            Ok(row) => Ok(row.map(|row| *row)),
            Err(association) => Err(not_loaded::<T>(association)),
        }
    }
}

/// The rows that have the key of this struct. Its default is "not loaded".
pub struct HasMany<T>(Loadable<Vec<T>>);

/// The rows that a join table ties to this struct. Its default is "not loaded".
pub struct ManyToMany<T>(Loadable<Vec<T>>);

macro_rules! lists {
    ($($name:ident)*) => {$(
        impl<T: Schema> $name<T> {
            /// The rows that are in hand.
            ///
            /// # Errors
            ///
            /// [`Error::NotLoaded`] naming the preload to add.
            pub fn get(&self) -> Result<&[T], Error> {
                match self.0.value() {
                    Some(rows) => Ok(rows),
                    None => Err(not_loaded::<T>(self.0.association())),
                }
            }

            /// The rows themselves.
            ///
            /// # Errors
            ///
            /// As [`get`](Self::get).
            pub fn into_inner(self) -> Result<Vec<T>, Error> {
                self.0.into_value().map_err(not_loaded::<T>)
            }
        }

        impl<T> From<Vec<T>> for $name<T> {
            fn from(rows: Vec<T>) -> Self {
                $name(Loadable::Loaded(rows))
            }
        }
    )*};
}
lists!(HasMany ManyToMany);

impl<T> From<Option<T>> for HasOne<T> {
    fn from(row: Option<T>) -> Self {
        HasOne(Loadable::Loaded(row.map(Box::new)))
    }
}

impl<S: Schema> From<S> for BelongsTo<S> {
    fn from(row: S) -> Self {
        BelongsTo(Loadable::Loaded(Some(Box::new(row))))
    }
}

impl<S: Schema> From<Option<S>> for BelongsTo<Option<S>> {
    fn from(row: Option<S>) -> Self {
        BelongsTo(Loadable::Loaded(row.map(Box::new)))
    }
}

macro_rules! common {
    ($($name:ident [$($bound:tt)*] $item:ty => $held:ty, $plain:ty;)*) => {$(
        impl<T: $($bound)*> $name<T> {
            /// Whether anything is in hand, in part or whole.
            pub fn is_loaded(&self) -> bool {
                self.0.is_loaded()
            }

            /// Whether nothing is in hand; for serde's `skip_serializing_if`.
            pub fn is_unloaded(&self) -> bool {
                !self.0.is_loaded()
            }

            /// Whether all of it is in hand: false if it was loaded with a filter, a limit or an offset.
            pub fn is_complete(&self) -> bool {
                self.0.is_complete()
            }

            /// The field of a row as it comes from a store. Derived code calls it.
            #[doc(hidden)]
            pub const fn unloaded(association: &'static AssociationMeta) -> Self {
                $name(Loadable::NotLoaded(Some(association)))
            }

            /// What is in hand, for preloads.
            #[doc(hidden)]
            pub fn loadable(&mut self) -> &mut Loadable<$held> {
                &mut self.0
            }
        }

        impl<T: $($bound)*> Default for $name<T> {
            fn default() -> Self {
                $name(Loadable::NotLoaded(None))
            }
        }

        impl<T: $($bound)*> Clone for $name<T>
        where
            $item: Clone,
        {
            fn clone(&self) -> Self {
                $name(self.0.clone())
            }
        }

        impl<T: $($bound)*> PartialEq for $name<T>
        where
            $item: PartialEq,
        {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl<T: $($bound)*> Eq for $name<T> where $item: Eq {}

        impl<T: $($bound)*> fmt::Debug for $name<T>
        where
            $item: fmt::Debug,
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        /// What is not loaded is null.
        impl<T: $($bound)*> Serialize for $name<T>
        where
            $item: Serialize,
        {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.value().serialize(serializer)
            }
        }

        /// Null is not loaded; anything else is all of it.
        impl<'de, T: $($bound)*> Deserialize<'de> for $name<T>
        where
            $item: Deserialize<'de>,
        {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value: Option<$plain> = Option::deserialize(deserializer)?;
                Ok(value.map_or_else(Self::default, |value| $name(Loadable::Loaded(value.into()))))
            }
        }
    )*};
}
common! {
    BelongsTo[ToOne] T::Target => Option<Box<T::Target>>, Box<T::Target>;
    HasOne[Sized] T => Option<Box<T>>, Box<T>;
    HasMany[Sized] T => Vec<T>, Vec<T>;
    ManyToMany[Sized] T => Vec<T>, Vec<T>;
}
