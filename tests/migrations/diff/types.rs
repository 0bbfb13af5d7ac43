//! The types of random columns.

use peristyle_migrate::catalog::{ColumnType, Default, ObjectName};

/// A type of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Type {
    Bool,
    Int,
    Big,
    Text,
    Varchar,
    Decimal,
    Timestamp,
    Json,
    Uuid,
    Date,
    Enum,
    List,
    Reference,
}

pub const TYPES: [Type; 12] = [
    Type::Bool,
    Type::Int,
    Type::Big,
    Type::Text,
    Type::Varchar,
    Type::Decimal,
    Type::Timestamp,
    Type::Json,
    Type::Uuid,
    Type::Date,
    Type::Enum,
    Type::List,
];

impl Type {
    pub fn column_type(self) -> ColumnType {
        match self {
            Type::Bool => ColumnType::Boolean,
            Type::Int => ColumnType::Integer,
            Type::Big | Type::Reference => ColumnType::BigInt,
            Type::Text => ColumnType::Text,
            Type::Varchar => ColumnType::Varchar(200),
            Type::Decimal => ColumnType::Decimal(Some((12, 2))),
            Type::Timestamp => ColumnType::Timestamp(None),
            Type::Json => ColumnType::Json,
            Type::Uuid => ColumnType::Uuid,
            Type::Date => ColumnType::Date,
            Type::Enum => ColumnType::Enum(ObjectName::new("mood")),
            Type::List => ColumnType::Array(Box::new(ColumnType::Text)),
        }
    }

    pub fn default(self) -> Option<Default> {
        Some(match self {
            Type::Bool => Default::Bool(true),
            Type::Int | Type::Big => Default::Integer(-7),
            Type::Text | Type::Varchar => Default::Text("it's".into()),
            Type::Decimal => Default::Number("1.50".into()),
            Type::Timestamp => Default::Sql("now()".into()),
            Type::Json => Default::Json(serde_json::json!({"a": [1]})),
            Type::Uuid => Default::Text("67e55044-10b1-426f-9247-bb680e5fe0c8".into()),
            Type::Date => Default::Text("2024-02-29".into()),
            Type::Enum => Default::Text("good".into()),
            Type::List => Default::List(vec![Default::Text("x".into())]),
            Type::Reference => return None,
        })
    }

    /// The value of the row with this number, in SQL.
    pub fn value(self, row: usize) -> String {
        match self {
            Type::Bool => row.is_multiple_of(2).to_string(),
            Type::Int | Type::Big => format!("{row}"),
            Type::Text | Type::Varchar => format!("'text {row}'"),
            Type::Decimal => format!("'{row}.25'"),
            Type::Timestamp => format!("'2024-02-0{row} 13:05:00'"),
            Type::Json => format!("'{{\"n\": {row}}}'"),
            Type::Uuid => format!("'67e55044-10b1-426f-9247-bb680e5fe0c{row}'"),
            Type::Date => format!("'2024-02-0{row}'"),
            Type::Enum => "'good'".to_owned(),
            Type::List => "'{}'".to_owned(),
            Type::Reference => format!("{row}"),
        }
    }

    /// The types that its values, and those of the way back, can be turned into.
    pub fn other(self, choice: usize) -> Option<Type> {
        let all: &[Type] = match self {
            Type::Int => &[Type::Big, Type::Text, Type::Decimal],
            Type::Big => &[Type::Int, Type::Varchar],
            Type::Varchar => &[Type::Text],
            Type::Text => &[Type::Varchar],
            Type::Decimal | Type::Json | Type::Uuid | Type::Enum | Type::Timestamp => &[Type::Text],
            Type::Date => &[Type::Timestamp, Type::Text],
            _ => return None,
        };
        all.get(choice % all.len()).copied()
    }
}
