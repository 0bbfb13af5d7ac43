//! Decimals, which SQLite holds as text: how they are read and how they compare.

use rusqlite::types::ValueRef;
use rust_decimal::Decimal;
use std::cmp::Ordering;

/// Reads a decimal from what SQLite holds: text, or the integers and reals of other programs, these in their shortest
/// form. `None` is NULL; the error is what was found.
pub(crate) fn read(value: ValueRef<'_>) -> Result<Option<Decimal>, String> {
    match value {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(number) => Ok(Some(number.into())),
        ValueRef::Real(number) => match Decimal::from_str_exact(&number.to_string()) {
            Ok(decimal) => Ok(Some(decimal)),
            Err(_) => Err(format!("the real {number:?}, which has more than 28 digits")),
        },
        ValueRef::Text(text) => match std::str::from_utf8(text).ok().and_then(parse) {
            Some(decimal) => Ok(Some(decimal)),
            None => Err(format!("the text {}", crate::row::shown(text))),
        },
        ValueRef::Blob(blob) => Err(format!("a blob of {} bytes", blob.len())),
    }
}

/// Reads `-12.50`, or `1.25e3`, exactly: more digits than a decimal has are refused.
pub(crate) fn parse(text: &str) -> Option<Decimal> {
    match Parts::of(text) {
        Some(_) => Decimal::from_str_exact(text.strip_prefix('+').unwrap_or(text)).ok(),
        None => {
            let (number, _) = text.split_once(['e', 'E'])?;
            Parts::of(number)?;
            Decimal::from_scientific(text).ok()
        }
    }
}

/// A plain decimal number, taken apart: any number of digits.
#[derive(PartialEq, Eq)]
struct Parts<'t> {
    negative: bool,
    /// Without leading zeros.
    whole: &'t str,
    /// Without trailing zeros.
    fraction: &'t str,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return None,
            None => (digits, ""),
        };
        let plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(fraction) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        // There is no negative zero.
        let negative = negative && !(whole.is_empty() && fraction.is_empty());
        Some(Parts { negative, whole, fraction })
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.compare_size(other),
            (true, true) => other.compare_size(self),
        }
    }

    fn compare_size(&self, other: &Self) -> Ordering {
        let whole = self.whole.len().cmp(&other.whole.len()).then_with(|| self.whole.cmp(other.whole));
        whole.then_with(|| self.fraction.cmp(other.fraction))
    }
}

/// The order of the collation `decimal`: numbers by their value, so that `1.5` and `1.50` are equal; then other texts,
/// byte by byte.
pub(crate) fn collate(left: &str, right: &str) -> Ordering {
    match (Parts::of(left), Parts::of(right)) {
        (Some(left), Some(right)) => left.compare(&right),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => left.cmp(right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_collate_by_their_value() {
        let ordered = [
            "-100",
            "-99.99",
            "-0.01",
            "0",
            "0.001",
            "1",
            "1.05",
            "1.5",
            "9",
            "10",
            "10.000000000000000000000000000000001",
            "123456789012345678901234567890123",
            "",
            "-",
            "1.",
            "abc",
        ];
        for (index, left) in ordered.iter().enumerate() {
            for (other, right) in ordered.iter().enumerate() {
                assert_eq!(collate(left, right), index.cmp(&other), "{left} {right}");
            }
        }
        for (left, right) in [("1.5", "1.50"), ("-0", "0.00"), ("007", "7"), ("+3", "3")] {
            assert_eq!(collate(left, right), Ordering::Equal, "{left} {right}");
        }
    }

    #[test]
    fn texts_are_read_exactly_with_their_scale_or_refused() {
        for text in ["12.50", "-0.10", "0", "79228162514264337593543950335", "0.0000000000000000000000000001"] {
            assert_eq!(parse(text).map(|decimal| decimal.to_string()).as_deref(), Some(text));
        }
        assert_eq!(parse("1.5e3").map(|decimal| decimal.to_string()).as_deref(), Some("1500"));
        for text in
            ["", "1_000", "1,5", " 1", "0x10", "79228162514264337593543950336", "1e", "e5", "NaN", "1e400", "1.5e3e3"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(read(ValueRef::Real(0.1)), Ok(Decimal::from_str_exact("0.1").ok()));
        assert_eq!(read(ValueRef::Integer(-7)), Ok(Some(Decimal::from(-7))));
        assert!(read(ValueRef::Real(1e300)).is_err());
        assert!(read(ValueRef::Real(f64::INFINITY)).is_err());
        assert!(read(ValueRef::Blob(b"1")).is_err());
    }
}
