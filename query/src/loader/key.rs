//! The keys that a loader takes.

use crate::preload::Key;
use crate::schema::{FieldMeta, Schema};
use crate::value::{DbType, Value};
use std::hash::{Hash, Hasher};

/// One value of a key: a value, or an `Option` of one where the field is nullable.
///
/// ```
/// use peristyle_query::loader::KeyValue;
///
/// fn takes(_: impl KeyValue) {}
/// takes("de");
/// takes(None::<i64>);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value that a key can have",
    label = "expected a value such as `user.id`, or an Option of one such as `post.author_id`"
)]
pub trait KeyValue {
    #[doc(hidden)]
    fn into_key_value(self) -> Value;
}

impl<T: DbType> KeyValue for T {
    fn into_key_value(self) -> Value {
        self.into_value()
    }
}

impl<T: DbType> KeyValue for Option<T> {
    fn into_key_value(self) -> Value {
        self.map_or(Value::Null(T::DATA_TYPE), T::into_value)
    }
}

impl KeyValue for &str {
    fn into_key_value(self) -> Value {
        self.to_owned().into_value()
    }
}

/// The values of a row that an association's rows are found by, as [`Loader::load`](super::Loader::load) takes them: a value,
/// an `Option` of one, or a tuple of these.
///
/// ```
/// use peristyle_query::loader::LoaderKey;
///
/// fn takes(_: impl LoaderKey) {}
/// takes(7_i64);
/// takes(Some(7_i64));
/// takes(("de", None::<i32>));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a key that a loader takes",
    label = "expected a value such as `user.id`, an Option of one such as `post.author_id`, or a tuple of them"
)]
pub trait LoaderKey {
    #[doc(hidden)]
    fn into_key_values(self) -> Vec<Value>;
}

impl<T: KeyValue> LoaderKey for T {
    fn into_key_values(self) -> Vec<Value> {
        vec![self.into_key_value()]
    }
}

macro_rules! composite_keys {
    ($($name:ident)*) => {
        impl<$($name: KeyValue),*> LoaderKey for ($($name,)*) {
            fn into_key_values(self) -> Vec<Value> {
                #[allow(non_snake_case)]
                let ($($name,)*) = self;
                vec![$($name.into_key_value()),*]
            }
        }
    };
}
composite_keys!(A B);
composite_keys!(A B C);
composite_keys!(A B C D);
composite_keys!(A B C D E);
composite_keys!(A B C D E F);

/// A key that is asked for: its values, and how they are looked up.
#[derive(Clone)]
pub(super) struct Wanted {
    key: Key,
    pub(super) values: Vec<Value>,
}

impl Wanted {
    /// `None` if one of the values is NULL, which no row has.
    pub(super) fn new(values: Vec<Value>) -> Option<Self> {
        Some(Wanted { key: Key::of(&values)?, values })
    }

    /// The primary key of a row.
    pub(super) fn of_row<S: Schema>(row: &S) -> Option<Self> {
        Self::new(S::META.primary_key.iter().map(|&index| row.value(index)).collect())
    }
}

impl PartialEq for Wanted {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Wanted {}

impl Hash for Wanted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

/// What is wrong with values as a key of these fields, if anything.
pub(super) fn mismatch(association: &str, fields: &[&'static FieldMeta], values: &[Value]) -> Option<String> {
    let fits = |(field, value): (&&FieldMeta, &Value)| field.data_type == value.data_type();
    if fields.len() == values.len() && fields.iter().zip(values).all(fits) {
        return None;
    }
    let listed = |parts: Vec<String>| match parts.as_slice() {
        [part] => part.clone(),
        parts => format!("({})", parts.join(", ")),
    };
    let expected = listed(fields.iter().map(|field| format!("`{}`, {}", field.name, field.data_type)).collect());
    let given = listed(values.iter().map(|value| value.data_type().to_string()).collect());
    Some(format!("the rows of {association} are found by {expected}, but the key that the loader was given is {given}"))
}
