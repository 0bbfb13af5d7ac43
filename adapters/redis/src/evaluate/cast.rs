//! Casts, to what Postgres would give. A text that is not of the type is an error, which does not show it.

use super::arithmetic::out_of_range;
use super::{failure, unsupported};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use peristyle_query::error::Error;
use peristyle_query::value::{DataType, Value};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// A value as one of another type.
///
/// # Errors
///
/// [`Error::Database`] for a text that is no such value, and for a number out of the range of its new type,
/// [`Error::Unsupported`] for types that have no cast between them.
pub(super) fn cast(value: &Value, to: DataType) -> Result<Value, Error> {
    if value.is_null() {
        return Ok(Value::Null(to));
    }
    Ok(match to {
        DataType::Bool => Value::Bool(boolean(value)?),
        DataType::I16 => narrow(whole(value, to)?, to).map(Value::I16)?,
        DataType::I32 => narrow(whole(value, to)?, to).map(Value::I32)?,
        DataType::I64 => narrow(whole(value, to)?, to).map(Value::I64)?,
        DataType::F32 => {
            let number = float(value, to)?;
            let single = number as f32;
            if number.is_finite() && !single.is_finite() {
                return Err(out_of_range(to));
            }
            Value::F32(single)
        }
        DataType::F64 => Value::F64(float(value, to)?),
        DataType::Decimal => Value::Decimal(decimal(value)?),
        DataType::Text => Value::Text(text(value)?),
        DataType::Enum(name) if matches!(value, Value::Text(_) | Value::Enum(..)) => Value::Enum(name, text(value)?),
        DataType::Bytes => match value {
            Value::Text(text) => Value::Bytes(text.clone().into_bytes()),
            _ => return Err(no_cast(value, to)),
        },
        DataType::Uuid => parsed(value, to).map(Value::Uuid)?,
        DataType::Interval => parsed(value, to).map(Value::Interval)?,
        DataType::Date => match value {
            Value::DateTime(moment) => Value::Date(moment.date()),
            Value::Timestamp(moment) => Value::Date(moment.naive_utc().date()),
            _ => Value::Date(parsed::<NaiveDate>(value, to)?),
        },
        DataType::Time => match value {
            Value::DateTime(moment) => Value::Time(moment.time()),
            Value::Timestamp(moment) => Value::Time(moment.naive_utc().time()),
            _ => Value::Time(micros(parsed::<NaiveTime>(value, to)?)),
        },
        DataType::DateTime => Value::DateTime(moment(value, to)?),
        DataType::Timestamp => Value::Timestamp(moment(value, to)?.and_utc()),
        DataType::Json => match value {
            Value::Array(..) => Value::Json(value.to_json()),
            _ => Value::Json(parsed::<serde_json::Value>(value, to)?),
        },
        DataType::Array(item) => match value {
            Value::Json(json) => Value::from_json(DataType::Array(item), json).map_err(|_| not_of(to))?,
            _ => return Err(no_cast(value, to)),
        },
        _ => return Err(no_cast(value, to)),
    })
}

fn no_cast(value: &Value, to: DataType) -> Error {
    let feature = format!("cast of the type {} to {to}", value.data_type());
    unsupported(feature, "select the value as it is and convert it in Rust")
}

/// The error of a text, or a document, that is no value of the type.
fn not_of(to: DataType) -> Error {
    failure(format!("cast: a value is no {to}: leave such rows out with a condition before it"))
}

fn parsed<T: std::str::FromStr>(value: &Value, to: DataType) -> Result<T, Error> {
    match value {
        Value::Text(text) | Value::Enum(_, text) => text.trim().parse().map_err(|_| not_of(to)),
        _ => Err(no_cast(value, to)),
    }
}

fn boolean(value: &Value) -> Result<bool, Error> {
    Ok(match value {
        Value::I16(number) => *number != 0,
        Value::I32(number) => *number != 0,
        Value::I64(number) => *number != 0,
        Value::F32(number) => *number != 0.0,
        Value::F64(number) => *number != 0.0,
        Value::Decimal(number) => !number.is_zero(),
        Value::Text(text) | Value::Enum(_, text) => match text.trim().to_ascii_lowercase().as_str() {
            "t" | "true" | "y" | "yes" | "on" | "1" => true,
            "f" | "false" | "n" | "no" | "off" | "0" => false,
            _ => return Err(not_of(DataType::Bool)),
        },
        _ => return Err(no_cast(value, DataType::Bool)),
    })
}

fn narrow<T: TryFrom<i64>>(number: i64, to: DataType) -> Result<T, Error> {
    T::try_from(number).map_err(|_| out_of_range(to))
}

/// A number without its fraction, rounded: a half of a decimal away from zero, of a float to the even neighbour.
fn whole(value: &Value, to: DataType) -> Result<i64, Error> {
    let rounded = |number: f64| {
        let number = number.round_ties_even();
        // The limits are whole floats: -2^63 fits, 2^63 does not.
        let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number);
        if fits { Ok(number as i64) } else { Err(out_of_range(to)) }
    };
    match value {
        Value::I16(number) => Ok(i64::from(*number)),
        Value::I32(number) => Ok(i64::from(*number)),
        Value::I64(number) => Ok(*number),
        Value::Bool(value) => Ok(i64::from(*value)),
        Value::F32(number) => rounded(f64::from(*number)),
        Value::F64(number) => rounded(*number),
        Value::Decimal(number) => {
            let rounded = number.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
            rounded.to_i64().ok_or_else(|| out_of_range(to))
        }
        _ => parsed(value, to),
    }
}

fn float(value: &Value, to: DataType) -> Result<f64, Error> {
    match value {
        Value::I16(number) => Ok(f64::from(*number)),
        Value::I32(number) => Ok(f64::from(*number)),
        Value::I64(number) => Ok(*number as f64),
        Value::Bool(value) => Ok(f64::from(u8::from(*value))),
        Value::F32(number) => Ok(f64::from(*number)),
        Value::F64(number) => Ok(*number),
        // The nearest float to the digits, which a division of integers would not always give.
        Value::Decimal(number) => number.to_string().parse().map_err(|_| out_of_range(to)),
        _ => parsed(value, to),
    }
}

fn decimal(value: &Value) -> Result<Decimal, Error> {
    let of_float = |text: String| Decimal::from_str_exact(&text).map_err(|_| out_of_range(DataType::Decimal));
    match value {
        Value::I16(number) => Ok(Decimal::from(*number)),
        Value::I32(number) => Ok(Decimal::from(*number)),
        Value::I64(number) => Ok(Decimal::from(*number)),
        Value::Bool(value) => Ok(Decimal::from(u8::from(*value))),
        Value::F32(number) => of_float(number.to_string()),
        Value::F64(number) => of_float(number.to_string()),
        Value::Text(text) | Value::Enum(_, text) => {
            let text = text.trim();
            let exact = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text));
            exact.map_err(|_| not_of(DataType::Decimal))
        }
        _ => Err(no_cast(value, DataType::Decimal)),
    }
}

fn text(value: &Value) -> Result<String, Error> {
    Ok(match value {
        Value::Bool(value) => value.to_string(),
        Value::I16(value) => value.to_string(),
        Value::I32(value) => value.to_string(),
        Value::I64(value) => value.to_string(),
        Value::F32(value) => float_text(&format!("{value:e}"), 6),
        Value::F64(value) => float_text(&format!("{value:e}"), 15),
        Value::Text(value) | Value::Enum(_, value) => value.clone(),
        Value::Bytes(bytes) => String::from_utf8(bytes.clone()).map_err(|_| not_of(DataType::Text))?,
        Value::Uuid(value) => value.to_string(),
        Value::Date(value) => value.to_string(),
        Value::Time(value) => fraction(value.format("%H:%M:%S%.6f").to_string()),
        Value::DateTime(value) => fraction(value.format("%Y-%m-%d %H:%M:%S%.6f").to_string()),
        Value::Timestamp(value) => fraction(value.format("%Y-%m-%d %H:%M:%S%.6f").to_string()) + "+00",
        Value::Decimal(value) => value.to_string(),
        Value::Json(value) => value.to_string(),
        Value::Interval(value) => value.to_string(),
        Value::Array(..) => value.to_json().to_string(),
        _ => return Err(no_cast(value, DataType::Text)),
    })
}

/// A time without the zeros that end its fraction.
fn fraction(text: String) -> String {
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A float as Postgres writes it: the fewest digits that tell it apart, with an exponent from `digits` places on.
fn float_text(scientific: &str, digits: i32) -> String {
    let (mantissa, exponent) = match scientific.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().unwrap_or(0)),
        None => return scientific.replace("inf", "Infinity"),
    };
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |mantissa| ("-", mantissa));
    let plain = mantissa.replace('.', "");
    if exponent < -4 || exponent >= digits {
        let (symbol, exponent) = (if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs());
        return format!("{sign}{mantissa}e{symbol}{exponent:02}");
    }
    if exponent < 0 {
        let zeros = "0".repeat((-1 - exponent).unsigned_abs() as usize);
        return format!("{sign}0.{zeros}{plain}");
    }
    let whole = exponent.unsigned_abs() as usize + 1;
    match plain.split_at_checked(whole) {
        Some((whole, "")) => format!("{sign}{whole}"),
        Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{plain}{}", "0".repeat(whole - plain.len())),
    }
}

fn moment(value: &Value, to: DataType) -> Result<NaiveDateTime, Error> {
    match value {
        Value::Date(date) => Ok(date.and_time(NaiveTime::MIN)),
        Value::DateTime(moment) => Ok(*moment),
        Value::Timestamp(moment) => Ok(moment.naive_utc()),
        Value::Text(text) => parse_moment(text.trim()).map(micros).ok_or_else(|| not_of(to)),
        _ => Err(no_cast(value, to)),
    }
}

/// A time cut to whole microseconds, as all times that are stored; a leap second becomes the last one before it ends.
fn micros<T: Timelike + Copy>(time: T) -> T {
    let nanos = time.nanosecond().min(999_999_999);
    time.with_nanosecond(nanos / 1_000 * 1_000).unwrap_or(time)
}

/// Reads a date, or a date and a time with `T` or a space between them, in UTC unless there is an offset.
fn parse_moment(text: &str) -> Option<NaiveDateTime> {
    let iso = text.replacen(' ', "T", 1);
    let plain = || iso.parse::<NaiveDateTime>().ok();
    let zoned = || iso.parse::<DateTime<Utc>>().ok().map(|moment| moment.naive_utc());
    // Postgres writes an offset of whole hours without minutes.
    let short = || format!("{iso}:00").parse::<DateTime<Utc>>().ok().map(|moment| moment.naive_utc());
    let date = || iso.parse::<NaiveDate>().ok().map(|date| date.and_time(NaiveTime::MIN));
    plain().or_else(zoned).or_else(short).or_else(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(value: Value) -> String {
        match cast(&value, DataType::Text) {
            Ok(Value::Text(text)) => text,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn floats_are_written_as_postgres_writes_them() {
        let cases = [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (100.25, "100.25"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (123456789012345.0, "123456789012345"),
            (1e15, "1e+15"),
            (1.25e300, "1.25e+300"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (number, expected) in cases {
            assert_eq!(texts(Value::F64(number)), expected);
        }
        assert_eq!(texts(Value::F32(1e6)), "1e+06");
        assert_eq!(texts(Value::F32(0.1)), "0.1");
    }

    #[test]
    fn fractions_are_rounded_and_what_does_not_fit_is_refused() {
        let whole = |value: Value| cast(&value, DataType::I16).ok();
        assert_eq!(whole(Value::F64(2.5)), Some(Value::I16(2)));
        assert_eq!(whole(Value::F64(3.5)), Some(Value::I16(4)));
        assert_eq!(whole(Value::Decimal(Decimal::new(25, 1))), Some(Value::I16(3)));
        assert_eq!(whole(Value::Decimal(Decimal::new(-25, 1))), Some(Value::I16(-3)));
        assert_eq!(whole(Value::Text(" 12 ".into())), Some(Value::I16(12)));
        for refused in [Value::F64(f64::NAN), Value::F64(1e300), Value::I64(40_000), Value::Text("1.5".into())] {
            assert_eq!(whole(refused), None);
        }
        assert!(cast(&Value::F64(9_223_372_036_854_775_808.0), DataType::I64).is_err());
        assert!(cast(&Value::F64(1e300), DataType::F32).is_err());
    }

    #[test]
    fn times_go_to_text_and_back() {
        let text = "2026-01-31 08:30:00.25+00";
        let moment = cast(&Value::Text(text.into()), DataType::Timestamp).unwrap();
        assert_eq!(texts(moment.clone()), text);
        let date = cast(&moment, DataType::Date).unwrap();
        assert_eq!(texts(date.clone()), "2026-01-31");
        assert_eq!(texts(cast(&date, DataType::DateTime).unwrap()), "2026-01-31 00:00:00");
        assert_eq!(texts(cast(&moment, DataType::Time).unwrap()), "08:30:00.25");
        let nanos = Value::Text("2026-01-31 08:30:00.123456789".into());
        assert_eq!(texts(cast(&nanos, DataType::DateTime).unwrap()), "2026-01-31 08:30:00.123456");
    }

    #[test]
    fn a_text_that_is_refused_is_not_shown() {
        let error = cast(&Value::Text("secret".into()), DataType::I32).unwrap_err().to_string();
        assert_eq!(error, "redis: cast: a value is no i32: leave such rows out with a condition before it");
    }
}
