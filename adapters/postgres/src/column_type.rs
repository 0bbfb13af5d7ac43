//! The types of a result's columns, told apart once per statement and not once per value.

use peristyle_query::value::DataType;
use sqlx::TypeInfo;
use sqlx::postgres::{PgTypeInfo, PgTypeKind};

/// The type that the server gives a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ColumnType {
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Numeric,
    /// Everything whose binary form is its text: `text`, `varchar`, `char(n)`, `name`, `citext`, enums, `xml`.
    Text,
    Bytea,
    Uuid,
    Date,
    Time,
    Timestamp,
    TimestampTz,
    Interval,
    Json,
    Jsonb,
    Array(Box<ColumnType>),
    /// A type that is not read, by its name.
    Other(Box<str>),
}

impl ColumnType {
    /// The type that the driver describes, domains seen through.
    pub(crate) fn of(info: &PgTypeInfo) -> Self {
        if let Some(known) = info.oid().and_then(|oid| Self::built_in(oid.0)) {
            return known;
        }
        match info.kind() {
            PgTypeKind::Enum(_) => ColumnType::Text,
            PgTypeKind::Domain(base) => Self::of(base),
            PgTypeKind::Array(item) => ColumnType::Array(Box::new(Self::of(item))),
            _ => match info.name().rsplit('.').next().unwrap_or_default().trim_matches('"') {
                // Types of extensions have no fixed number.
                "citext" => ColumnType::Text,
                _ => ColumnType::Other(info.name().into()),
            },
        }
    }

    /// The built-in type of this object identifier (`pg_type.dat` of the server's source has them all).
    pub(crate) fn built_in(oid: u32) -> Option<Self> {
        let item = match oid {
            1000 => 16,
            1001 => 17,
            1002 => 18,
            1003 => 19,
            1005 => 21,
            1007 => 23,
            1009 => 25,
            1014 => 1042,
            1015 => 1043,
            1016 => 20,
            1021 => 700,
            1022 => 701,
            1028 => 26,
            143 => 142,
            199 => 114,
            1115 => 1114,
            1182 => 1082,
            1183 => 1083,
            1185 => 1184,
            1187 => 1186,
            1231 => 1700,
            2951 => 2950,
            3807 => 3802,
            _ => return Self::scalar(oid),
        };
        Self::scalar(item).map(|item| ColumnType::Array(Box::new(item)))
    }

    fn scalar(oid: u32) -> Option<Self> {
        Some(match oid {
            16 => ColumnType::Bool,
            17 => ColumnType::Bytea,
            20 => ColumnType::Int8,
            21 => ColumnType::Int2,
            23 => ColumnType::Int4,
            26 => ColumnType::Oid,
            // "char", name, text, xml, unknown, bpchar, varchar, void (which is empty).
            18 | 19 | 25 | 142 | 705 | 1042 | 1043 | 2278 => ColumnType::Text,
            114 => ColumnType::Json,
            700 => ColumnType::Float4,
            701 => ColumnType::Float8,
            1082 => ColumnType::Date,
            1083 => ColumnType::Time,
            1114 => ColumnType::Timestamp,
            1184 => ColumnType::TimestampTz,
            1186 => ColumnType::Interval,
            1700 => ColumnType::Numeric,
            2950 => ColumnType::Uuid,
            3802 => ColumnType::Jsonb,
            _ => return None,
        })
    }

    /// The name of the type in messages.
    pub(crate) fn name(&self) -> String {
        match self {
            ColumnType::Bool => "boolean".into(),
            ColumnType::Int2 => "smallint".into(),
            ColumnType::Int4 => "integer".into(),
            ColumnType::Int8 => "bigint".into(),
            ColumnType::Oid => "oid".into(),
            ColumnType::Float4 => "real".into(),
            ColumnType::Float8 => "double precision".into(),
            ColumnType::Numeric => "numeric".into(),
            ColumnType::Text => "text".into(),
            ColumnType::Bytea => "bytea".into(),
            ColumnType::Uuid => "uuid".into(),
            ColumnType::Date => "date".into(),
            ColumnType::Time => "time".into(),
            ColumnType::Timestamp => "timestamp without time zone".into(),
            ColumnType::TimestampTz => "timestamp with time zone".into(),
            ColumnType::Interval => "interval".into(),
            ColumnType::Json => "json".into(),
            ColumnType::Jsonb => "jsonb".into(),
            ColumnType::Array(item) => format!("{}[]", item.name()),
            ColumnType::Other(name) => format!("{name}, a type that is not read; cast it to text in SQL"),
        }
    }

    /// The type that a value of this column has when nobody declared one; `None` for types that are not read.
    pub(crate) fn natural(&self) -> Option<DataType> {
        Some(match self {
            ColumnType::Array(item) => DataType::Array(item.natural_item()?),
            scalar => *scalar.natural_item()?,
        })
    }

    /// The same for the items of a list, which lists refer to for as long as the program runs.
    pub(crate) fn natural_item(&self) -> Option<&'static DataType> {
        Some(match self {
            ColumnType::Bool => &DataType::Bool,
            ColumnType::Int2 => &DataType::I16,
            ColumnType::Int4 => &DataType::I32,
            ColumnType::Int8 | ColumnType::Oid => &DataType::I64,
            ColumnType::Float4 => &DataType::F32,
            ColumnType::Float8 => &DataType::F64,
            ColumnType::Numeric => &DataType::Decimal,
            ColumnType::Text => &DataType::Text,
            ColumnType::Bytea => &DataType::Bytes,
            ColumnType::Uuid => &DataType::Uuid,
            ColumnType::Date => &DataType::Date,
            ColumnType::Time => &DataType::Time,
            ColumnType::Timestamp => &DataType::DateTime,
            ColumnType::TimestampTz => &DataType::Timestamp,
            ColumnType::Interval => &DataType::Interval,
            ColumnType::Json | ColumnType::Jsonb => &DataType::Json,
            ColumnType::Array(_) | ColumnType::Other(_) => return None,
        })
    }
}
