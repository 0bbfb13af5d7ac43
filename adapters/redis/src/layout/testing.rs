//! What the tests of the layout share: values of every type, and a schema with a column of each.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta};
use peristyle_query::schema::{FieldMeta, SchemaMeta};
use peristyle_query::value::{DataType, Interval, Value};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

/// The types that have an order.
pub(crate) const ORDERED: [DataType; 15] = [
    DataType::Bool,
    DataType::I16,
    DataType::I32,
    DataType::I64,
    DataType::F32,
    DataType::F64,
    DataType::Decimal,
    DataType::Text,
    DataType::Enum("mood"),
    DataType::Bytes,
    DataType::Uuid,
    DataType::Date,
    DataType::Time,
    DataType::DateTime,
    DataType::Timestamp,
];

/// All types.
pub(crate) fn all() -> Vec<DataType> {
    let mut all = ORDERED.to_vec();
    all.extend([DataType::Json, DataType::Interval, DataType::Array(&DataType::I64)]);
    all.extend([DataType::Array(&DataType::Text), DataType::Array(&DataType::Array(&DataType::Decimal))]);
    all
}

/// Values of a type, its extremes among them, and no NULL.
pub(crate) fn values(data_type: DataType) -> BoxedStrategy<Value> {
    let days = NaiveDate::MIN.signed_duration_since(NaiveDate::default()).num_days()
        ..=NaiveDate::MAX.signed_duration_since(NaiveDate::default()).num_days();
    let date = prop_oneof![days, -800_000..800_000i64]
        .prop_map(|days| NaiveDate::default().checked_add_signed(TimeDelta::days(days)).unwrap());
    let time = (0..86_400u32, prop_oneof![Just(0), 0..1_000_000u32])
        .prop_map(|(second, micros)| NaiveTime::from_num_seconds_from_midnight_opt(second, micros * 1000).unwrap());
    match data_type {
        DataType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        DataType::I16 => any::<i16>().prop_map(Value::I16).boxed(),
        DataType::I32 => prop_oneof![any::<i32>(), -9..9i32].prop_map(Value::I32).boxed(),
        DataType::I64 => {
            let edges = [i64::MIN, i64::MAX, 1 << 53, (1 << 53) - 1, (1 << 53) + 1, -(1 << 53), 0, -1];
            prop_oneof![any::<i64>(), -9..9i64, proptest::sample::select(edges.to_vec())].prop_map(Value::I64).boxed()
        }
        DataType::F32 => any::<f32>().prop_map(Value::F32).boxed(),
        DataType::F64 => {
            let edges = [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 5e-324, 0.1];
            prop_oneof![proptest::num::f64::ANY, proptest::sample::select(edges.to_vec())].prop_map(Value::F64).boxed()
        }
        DataType::Decimal => {
            let most = (1i128 << 96) - 1;
            (prop_oneof![-most..=most, -2000..2000i128, Just(most), Just(-most)], 0..=28u32)
                .prop_map(|(digits, scale)| Value::Decimal(Decimal::from_i128_with_scale(digits, scale)))
                .boxed()
        }
        DataType::Text => text().prop_map(Value::Text).boxed(),
        DataType::Enum(name) => text().prop_map(move |text| Value::Enum(name, text)).boxed(),
        DataType::Bytes => {
            let byte = prop_oneof![any::<u8>(), Just(0), Just(1), Just(255)];
            proptest::collection::vec(byte, 0..6).prop_map(Value::Bytes).boxed()
        }
        DataType::Uuid => any::<u128>().prop_map(|bits| Value::Uuid(Uuid::from_u128(bits))).boxed(),
        DataType::Date => date.prop_map(Value::Date).boxed(),
        DataType::Time => time.prop_map(Value::Time).boxed(),
        DataType::DateTime => (date, time).prop_map(|(date, time)| Value::DateTime(date.and_time(time))).boxed(),
        DataType::Timestamp => (-9_000_000_000_000_000..9_000_000_000_000_000i64)
            .prop_map(|micros| Value::Timestamp(DateTime::from_timestamp_micros(micros).unwrap()))
            .boxed(),
        DataType::Json => {
            let leaf = prop_oneof![
                Just(serde_json::Value::Null),
                any::<u64>().prop_map(Into::into),
                any::<i64>().prop_map(Into::into),
                proptest::num::f64::NORMAL.prop_map(Into::into),
                text().prop_map(Into::into),
            ];
            let nested = leaf.prop_recursive(3, 12, 4, |inner| {
                prop_oneof![
                    proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                    proptest::collection::hash_map(text(), inner, 0..4)
                        .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
                ]
            });
            nested.prop_map(Value::Json).boxed()
        }
        DataType::Interval => (any::<i32>(), any::<i32>(), any::<i64>())
            .prop_map(|(months, days, micros)| Value::Interval(Interval { months, days, micros }))
            .boxed(),
        DataType::Array(item) => {
            let items = prop_oneof![4 => values(*item), 1 => Just(Value::Null(*item))];
            proptest::collection::vec(items, 0..4).prop_map(move |items| Value::Array(item, items)).boxed()
        }
        other => unreachable!("{other}"),
    }
}

/// Texts, with what has a meaning in JSON, in keys or in ordered bytes.
fn text() -> BoxedStrategy<String> {
    let special = proptest::sample::select(vec!['\0', '\u{1}', '"', '\\', '%', ':', 'a', 'b', 'ÿ', '\u{10ffff}', '\n']);
    let chars = proptest::collection::vec(prop_oneof![special, any::<char>()], 0..6);
    chars.prop_map(|chars| chars.into_iter().collect()).boxed()
}

const fn nullable(column: &'static str, data_type: DataType) -> FieldMeta {
    let mut field = FieldMeta::new(column, column, data_type);
    field.nullable = true;
    field
}

/// A schema with a column of every type.
pub(crate) static EVERY: SchemaMeta = {
    let mut schema = SchemaMeta::new("Every", "every");
    schema.primary_key = &[0];
    schema.fields = &FIELDS;
    schema
};

static FIELDS: [FieldMeta; 21] = [
    FieldMeta::new("id", "id", DataType::I64),
    nullable("bool", DataType::Bool),
    nullable("i16", DataType::I16),
    nullable("i32", DataType::I32),
    nullable("i64", DataType::I64),
    nullable("f32", DataType::F32),
    nullable("f64", DataType::F64),
    nullable("decimal", DataType::Decimal),
    nullable("text", DataType::Text),
    nullable("mood", DataType::Enum("mood")),
    nullable("bytes", DataType::Bytes),
    nullable("uuid", DataType::Uuid),
    nullable("date", DataType::Date),
    nullable("time", DataType::Time),
    nullable("date_time", DataType::DateTime),
    nullable("moment", DataType::Timestamp),
    nullable("json", DataType::Json),
    nullable("interval", DataType::Interval),
    nullable("numbers", DataType::Array(&DataType::I64)),
    nullable("decimals", DataType::Array(&DataType::Array(&DataType::Decimal))),
    {
        let mut secret = nullable("secret", DataType::I32);
        secret.redact = true;
        secret
    },
];

/// A row of [`EVERY`], with a value or NULL in every column.
pub(crate) fn rows() -> impl Strategy<Value = Vec<(&'static FieldMeta, Value)>> {
    let column = |field: &'static FieldMeta| {
        let value = match field.nullable {
            true => prop_oneof![3 => values(field.data_type), 1 => Just(Value::Null(field.data_type))].boxed(),
            false => values(field.data_type),
        };
        value.prop_map(move |value| (field, value))
    };
    EVERY.fields.iter().map(column).collect::<Vec<_>>()
}

/// Whether two values are the same, NaN being itself, and decimals with the same scale.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::F32(left), Value::F32(right)) => left.to_bits() == right.to_bits() || (left.is_nan() && right.is_nan()),
        (Value::F64(left), Value::F64(right)) => left.to_bits() == right.to_bits() || (left.is_nan() && right.is_nan()),
        (Value::Decimal(left), Value::Decimal(right)) => left == right && left.scale() == right.scale(),
        (Value::Array(one, left), Value::Array(other, right)) => {
            one == other && left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (left, right) => left == right,
    }
}
