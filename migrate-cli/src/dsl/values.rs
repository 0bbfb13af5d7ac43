//! What calls take in place of the catalog's own types.

use crate::catalog::{ColumnType, Default, Direction, IndexColumn};

/// A type as the dialect's SQL has it: `"citext"`.
impl From<&str> for ColumnType {
    fn from(sql: &str) -> Self {
        ColumnType::Sql(sql.to_owned())
    }
}

impl From<String> for ColumnType {
    fn from(sql: String) -> Self {
        ColumnType::Sql(sql)
    }
}

impl From<&str> for IndexColumn {
    fn from(name: &str) -> Self {
        IndexColumn::column(name)
    }
}

impl From<String> for IndexColumn {
    fn from(name: String) -> Self {
        IndexColumn::column(name)
    }
}

impl From<(&str, Direction)> for IndexColumn {
    fn from((name, direction): (&str, Direction)) -> Self {
        IndexColumn { direction: Some(direction), ..IndexColumn::column(name) }
    }
}

impl From<bool> for Default {
    fn from(value: bool) -> Self {
        Default::Bool(value)
    }
}

macro_rules! integers {
    ($($integer:ty),*) => {
        $(impl From<$integer> for Default {
            fn from(value: $integer) -> Self {
                Default::Integer(value.into())
            }
        })*
    };
}
integers!(i8, i16, i32, i64, u8, u16, u32);

impl From<f64> for Default {
    fn from(value: f64) -> Self {
        Default::Number(value.to_string())
    }
}

impl From<&str> for Default {
    fn from(value: &str) -> Self {
        Default::Text(value.to_owned())
    }
}

impl From<String> for Default {
    fn from(value: String) -> Self {
        Default::Text(value)
    }
}

impl From<serde_json::Value> for Default {
    fn from(value: serde_json::Value) -> Self {
        Default::Json(value)
    }
}

impl<T: Into<Default>> From<Vec<T>> for Default {
    fn from(items: Vec<T>) -> Self {
        Default::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Default>, const N: usize> From<[T; N]> for Default {
    fn from(items: [T; N]) -> Self {
        Default::List(items.into_iter().map(Into::into).collect())
    }
}

/// `None` is NULL.
impl<T: Into<Default>> From<Option<T>> for Default {
    fn from(value: Option<T>) -> Self {
        value.map_or(Default::Null, Into::into)
    }
}
