//! Generators of values, with the edges of each type among them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use peristyle::prelude::Interval;
use proptest::prelude::*;
use proptest::strategy::Union;
use rust_decimal::Decimal;
use serde_json::Value as Json;
use uuid::Uuid;

/// Where a value is going to be kept: what a store cannot hold there is not generated.
#[derive(Clone, Copy)]
pub struct Place {
    /// On Postgres; else on SQLite.
    pub postgres: bool,
    /// Inside a list; else in a column of its own.
    pub in_list: bool,
}

impl Place {
    /// JSON holds lists on SQLite.
    fn is_json(self) -> bool {
        self.in_list && !self.postgres
    }
}

/// A type that has a generator.
pub trait Generated: Clone + std::fmt::Debug + 'static {
    /// Values that `place` can hold.
    fn values(place: Place) -> BoxedStrategy<Self>;

    /// Whether a list of this type can tell NULL from a value.
    fn has_null_items(_postgres: bool) -> bool {
        true
    }
}

/// The edges as often as any other values.
fn with_edges<T: Clone + std::fmt::Debug + 'static>(
    edges: Vec<T>,
    others: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<T> {
    Union::new([proptest::sample::select(edges).boxed(), others.boxed()]).boxed()
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl Generated for $integer {
            fn values(_: Place) -> BoxedStrategy<Self> {
                with_edges(vec![<$integer>::MIN, <$integer>::MIN + 1, -1, 0, 1, <$integer>::MAX - 1,
                <$integer>::MAX], any::<$integer>())
            }
        }
    )*};
}
integers!(i16, i32, i64);

macro_rules! floats {
    ($($float:ident),*) => {$(
        impl Generated for $float {
            fn values(place: Place) -> BoxedStrategy<Self> {
                use proptest::num::$float::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
                let mut edges = vec![
                    0.0, -0.0, $float::MIN, $float::MAX, $float::MIN_POSITIVE, -$float::MIN_POSITIVE, $float::EPSILON,
                    $float::from_bits(1), -$float::from_bits(1), 0.1, 1.0 / 3.0,
                ];
                if !place.is_json() {
                    edges.extend([$float::INFINITY, $float::NEG_INFINITY]);
                }
                let floats = with_edges(edges, NORMAL | SUBNORMAL | ZERO | POSITIVE | NEGATIVE);
                match place.postgres || place.in_list {
                    true => floats,
                    // A column of reals has no sign of zero there.
                    false => floats.prop_map(|float| if float == 0.0 { 0.0 } else { float }).boxed(),
                }
            }
        }
    )*};
}
floats!(f32, f64);

impl Generated for bool {
    fn values(_: Place) -> BoxedStrategy<Self> {
        any::<bool>().boxed()
    }
}

impl Generated for String {
    fn values(place: Place) -> BoxedStrategy<Self> {
        let edges = [
            "",
            " ",
            "'",
            "\"",
            "\\",
            "'; drop table things; --",
            "\r\n\t",
            "{}",
            "null",
            "NULL",
            "$1",
            "?",
            "%_",
            "a,b",
            "{a,\"b\"}",
            "\u{7f}\u{80}\u{a0}",
            "Straße",
            "e\u{301}",
            "\u{202e}",
            "日本語",
            "🦀👨‍👩‍👧",
            "\u{feff}",
            "\u{fffe}\u{ffff}\u{10ffff}",
        ];
        let texts = with_edges(
            edges.map(str::to_owned).to_vec(),
            proptest::collection::vec(any::<char>(), 0..40).prop_map(String::from_iter),
        );
        match place.postgres {
            true => texts.prop_map(|text| text.replace('\0', "")).boxed(),
            false => Union::new([texts, Just("\0a\0".to_owned()).boxed()]).boxed(),
        }
    }
}

impl Generated for Vec<u8> {
    fn values(_: Place) -> BoxedStrategy<Self> {
        with_edges(
            vec![vec![], vec![0], vec![0xff; 3], (0..=255).collect()],
            proptest::collection::vec(any::<u8>(), 0..64),
        )
    }
}

impl Generated for Uuid {
    fn values(_: Place) -> BoxedStrategy<Self> {
        with_edges(vec![Uuid::nil(), Uuid::max()], any::<u128>().prop_map(Uuid::from_u128))
    }
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

impl Generated for NaiveDate {
    fn values(_: Place) -> BoxedStrategy<Self> {
        let (first, last) = (day(1, 1, 1), day(9999, 12, 31));
        let edges = vec![
            first,
            day(1582, 10, 15),
            day(1900, 2, 28),
            day(1970, 1, 1),
            day(1999, 12, 31),
            day(2000, 1, 1),
            day(2024, 2, 29),
            last,
        ];
        let days = (last - first).num_days();
        with_edges(edges, (0..=days).prop_map(move |days| first + chrono::TimeDelta::days(days)))
    }
}

const MICROS_A_DAY: i64 = 86_400_000_000;

fn time_of(micros: i64) -> NaiveTime {
    NaiveTime::MIN + chrono::TimeDelta::microseconds(micros)
}

impl Generated for NaiveTime {
    fn values(_: Place) -> BoxedStrategy<Self> {
        let edges = [0, 1, 999_999, 1_000_000, 100_000, 43_200_000_000, MICROS_A_DAY - 1_000_000, MICROS_A_DAY - 1];
        with_edges(edges.map(time_of).to_vec(), (0..MICROS_A_DAY).prop_map(time_of))
    }
}

impl Generated for NaiveDateTime {
    fn values(place: Place) -> BoxedStrategy<Self> {
        (NaiveDate::values(place), NaiveTime::values(place)).prop_map(|(date, time)| date.and_time(time)).boxed()
    }
}

impl Generated for DateTime<Utc> {
    fn values(place: Place) -> BoxedStrategy<Self> {
        NaiveDateTime::values(place).prop_map(|time| time.and_utc()).boxed()
    }
}

/// The greatest mantissa of a decimal.
pub const MAX_MANTISSA: i128 = (1 << 96) - 1;

impl Generated for Decimal {
    fn values(_: Place) -> BoxedStrategy<Self> {
        let edges = [
            "0",
            "0.0",
            "0.0000000000000000000000000000",
            "1",
            "1.1",
            "1.10",
            "-1.10",
            "1.1000000000000000000000000000",
            "10000",
            "9999",
            "0.0001",
            "12345678901234567890.12345678",
            "79228162514264337593543950335",
            "-79228162514264337593543950335",
            "7.9228162514264337593543950335",
            "0.0000000000000000000000000001",
            "100000000000000000",
            "1000000000000000000000000000",
            "0.10",
            "999999999999999.9999",
        ];
        let edges = edges.map(|text| text.parse().unwrap()).to_vec();
        let any = (-MAX_MANTISSA..=MAX_MANTISSA, 0u32..=96, 0u32..=28);
        with_edges(
            edges,
            any.prop_map(|(mantissa, bits, scale)| Decimal::from_i128_with_scale(mantissa >> bits, scale)),
        )
    }
}

impl Generated for Interval {
    fn values(_: Place) -> BoxedStrategy<Self> {
        let edges = [
            (0, 0, 0),
            (1, 0, 0),
            (0, 1, 0),
            (0, 0, 1),
            (0, 0, -1),
            (-1, 2, -1_500_000),
            (13, 0, 1_000_100),
            (0, 0, 999_999),
            (i32::MIN, 0, 0),
            (i32::MAX, 0, 0),
            (0, i32::MIN, 0),
            (0, i32::MAX, 0),
            (0, 0, i64::MIN),
            (0, 0, i64::MAX),
            (i32::MAX, i32::MIN, i64::MAX),
        ];
        let span = |(months, days, micros)| Interval { months, days, micros };
        with_edges(edges.map(span).to_vec(), any::<(i32, i32, i64)>().prop_map(span))
    }
}

impl Generated for Json {
    /// A list that is a JSON document has one null: that of JSON.
    fn has_null_items(postgres: bool) -> bool {
        postgres
    }

    /// Floats are smaller than those that Postgres writes without a fraction, which read as integers.
    fn values(place: Place) -> BoxedStrategy<Self> {
        let text =
            String::values(place).prop_map(move |text| if place.postgres { text } else { text.replace('\0', "") });
        let text = text.boxed();
        let leaf = prop_oneof![
            any::<bool>().prop_map(Json::Bool),
            any::<i64>().prop_map(Json::from),
            any::<u64>().prop_map(Json::from),
            (-1_000_000_000i64..1_000_000_000).prop_map(|n| Json::from(n as f64 / 1024.0)),
            text.clone().prop_map(Json::String),
        ];
        let inner = leaf.clone().prop_recursive(3, 16, 4, move |inner| {
            let inner = prop_oneof![3 => inner, 1 => Just(Json::Null)];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
                proptest::collection::btree_map(text.clone(), inner, 0..4)
                    .prop_map(|map| Json::Object(map.into_iter().collect())),
            ]
        });
        Union::new([leaf.boxed(), inner.boxed()]).boxed()
    }
}
