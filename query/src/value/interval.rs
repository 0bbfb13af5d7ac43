//! A span of time that keeps months, days and microseconds apart.

use std::{fmt, str::FromStr};

/// A span of time. Months, days and microseconds are kept apart, since their lengths differ.
///
/// Its text form is ISO 8601's duration (`P1M2DT3.5S`), which SQLite and JSON hold.
///
/// ```
/// use peristyle_query::value::Interval;
/// let span = Interval { months: 13, days: 2, micros: 1_500_000 };
/// assert_eq!(span.to_string(), "P13M2DT1.5S");
/// assert_eq!("P13M2DT1.5S".parse::<Interval>().unwrap(), span);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interval {
    /// Whole months; twelve make a year.
    pub months: i32,
    /// Whole days.
    pub days: i32,
    /// Microseconds.
    pub micros: i64,
}

/// A text that is not an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseIntervalError;

impl fmt::Display for ParseIntervalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an ISO 8601 duration such as P1M2DT3.5S")
    }
}

impl std::error::Error for ParseIntervalError {}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("P")?;
        if self.months != 0 {
            write!(f, "{}M", self.months)?;
        }
        if self.days != 0 {
            write!(f, "{}D", self.days)?;
        }
        if self.micros != 0 || (self.months == 0 && self.days == 0) {
            let sign = if self.micros < 0 { "-" } else { "" };
            let micros = self.micros.unsigned_abs();
            write!(f, "T{sign}{}", micros / 1_000_000)?;
            if !micros.is_multiple_of(1_000_000) {
                let fraction = format!("{:06}", micros % 1_000_000);
                write!(f, ".{}", fraction.trim_end_matches('0'))?;
            }
            f.write_str("S")?;
        }
        Ok(())
    }
}

impl FromStr for Interval {
    type Err = ParseIntervalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or(ParseIntervalError)
    }
}

fn parse(text: &str) -> Option<Interval> {
    let rest = text.strip_prefix('P')?;
    let (date, time) = match rest.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (rest, None),
    };
    if date.is_empty() && time.is_none_or(str::is_empty) {
        return None;
    }
    let (mut months, mut days, mut micros) = (0i64, 0i64, 0i128);
    for (number, unit) in parts(date)? {
        let number: i64 = number.parse().ok()?;
        match unit {
            'Y' => months = months.checked_add(number.checked_mul(12)?)?,
            'M' => months = months.checked_add(number)?,
            'W' => days = days.checked_add(number.checked_mul(7)?)?,
            'D' => days = days.checked_add(number)?,
            _ => return None,
        }
    }
    for (number, unit) in parts(time.unwrap_or(""))? {
        let scale = match unit {
            'H' => 3_600_000_000,
            'M' => 60_000_000,
            'S' => 1_000_000,
            _ => return None,
        };
        micros += scaled(number, scale)?;
    }
    Some(Interval { months: months.try_into().ok()?, days: days.try_into().ok()?, micros: micros.try_into().ok()? })
}

/// Splits `1M2D` into its numbers and units.
fn parts(text: &str) -> Option<Vec<(&str, char)>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (index, c) in text.char_indices() {
        if c.is_ascii_alphabetic() {
            parts.push((text.get(start..index)?, c));
            start = index + 1;
        }
    }
    (start == text.len()).then_some(parts)
}

/// A decimal number, times a number of microseconds.
fn scaled(number: &str, scale: i128) -> Option<i128> {
    let (digits, negative) = match number.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (number, false),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 20 || fraction.len() > 6 || !plain(whole) || !plain(fraction) {
        return None;
    }
    let mut micros = whole.parse::<i128>().ok()? * scale;
    if !fraction.is_empty() {
        micros += format!("{fraction:0<6}").parse::<i128>().ok()? * scale / 1_000_000;
    }
    Some(if negative { -micros } else { micros })
}
