//! Random choices, made of numbers that the property test shrinks to zero: choice 0 is the simplest one.

use chrono::{DateTime, NaiveDate};
use peristyle_query::value::{DataType, Value};
use rust_decimal::Decimal;
use std::vec::IntoIter;

pub(super) struct Choices(IntoIter<u32>);

impl Choices {
    pub(super) fn new(numbers: Vec<u32>) -> Self {
        Choices(numbers.into_iter())
    }

    /// One of `count` choices.
    pub(super) fn of(&mut self, count: usize) -> usize {
        self.0.next().unwrap_or(0) as usize % count
    }

    pub(super) fn flip(&mut self) -> bool {
        self.of(2) == 1
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.of(from.len())]
    }

    /// A value of a type, among few, so that some are equal.
    pub(super) fn value(&mut self, data_type: DataType) -> Value {
        match data_type {
            DataType::Bool => Value::Bool(self.flip()),
            DataType::I16 => Value::I16(self.pick(&[0, 1, 2, 3, -1, -7, 100, i16::MAX, i16::MIN])),
            DataType::I32 => Value::I32(self.pick(&[0, 1, 2, 3, -1, -7, 10, 1000, i32::MAX, i32::MIN])),
            DataType::I64 => {
                Value::I64(self.pick(&[0, 1, 2, 3, -1, -7, 10, 1 << 40, (1 << 53) + 1, i64::MAX, i64::MIN]))
            }
            DataType::F64 => Value::F64(self.pick(&[0.0, 1.0, 0.5, -0.25, 2.0, 0.1, -3.75, 1e10, -0.0, 1e300])),
            DataType::Decimal => {
                let (number, scale) =
                    self.pick(&[(0, 0), (1, 0), (15, 1), (150, 2), (-1, 1), (-75, 1), (1, 6), (99_999, 2)]);
                Value::Decimal(Decimal::new(number, scale))
            }
            DataType::Text => Value::Text(
                self.pick(&[
                    "", "a", "b", "A", "ab", "aB", "abc", "10", "-7", "a%", "a_b", "日本", "it's", "a\\b", "true",
                ])
                .to_owned(),
            ),
            DataType::Timestamp => {
                let micros =
                    self.pick(&[0, 1, 250_000, 1_700_000_000_000_000, 1_700_000_000_500_000, 951_782_400_000_000]);
                Value::Timestamp(DateTime::from_timestamp_micros(micros).unwrap())
            }
            DataType::Date => {
                let (year, day) = self.pick(&[(1970, 1), (1970, 2), (2000, 60), (2024, 60), (1, 1)]);
                Value::Date(NaiveDate::from_yo_opt(year, day).unwrap())
            }
            DataType::Bytes => Value::Bytes(self.pick(&[&b""[..], b"\0", b"a", b"a\0", b"\xff"]).to_vec()),
            other => panic!("no values of {other}"),
        }
    }

    /// A pattern of LIKE.
    pub(super) fn pattern(&mut self) -> Value {
        let patterns = ["%", "a%", "%b", "_", "%a%", "a\\%", "A_%", "__", "\\_%", "%\\", "", "%本", "a\\\\b"];
        Value::Text(self.pick(&patterns).to_owned())
    }
}
