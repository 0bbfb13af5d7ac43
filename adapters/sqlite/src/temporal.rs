//! The text forms of dates and times: one to write, and the ones that other programs write to read.
//!
//! Every form has fixed widths, in UTC and with the largest unit first, so that the order of texts is the order of times.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

/// `2024-02-29`.
pub(crate) fn date(date: NaiveDate) -> Result<String, &'static str> {
    let mut text = String::with_capacity(10);
    push_date(&mut text, date)?;
    Ok(text)
}

/// `13:05:00`, `13:05:00.25`: digits after microseconds are cut off, and a fraction of zero is left out.
pub(crate) fn time(time: NaiveTime) -> Result<String, &'static str> {
    let mut text = String::with_capacity(15);
    push_time(&mut text, time)?;
    Ok(text)
}

/// `2024-02-29 13:05:00.25`, the form of SQLite's own CURRENT_TIMESTAMP.
pub(crate) fn date_time(moment: NaiveDateTime) -> Result<String, &'static str> {
    let mut text = String::with_capacity(26);
    push_date(&mut text, moment.date())?;
    text.push(' ');
    push_time(&mut text, moment.time())?;
    Ok(text)
}

fn push_date(text: &mut String, date: NaiveDate) -> Result<(), &'static str> {
    let year = u32::try_from(date.year()).ok().filter(|year| *year <= 9999);
    push_digits::<4>(text, year.ok_or("years before 0 and after 9999 have no text form whose order is that of time")?);
    text.push('-');
    push_digits::<2>(text, date.month());
    text.push('-');
    push_digits::<2>(text, date.day());
    Ok(())
}

fn push_time(text: &mut String, time: NaiveTime) -> Result<(), &'static str> {
    let nanos = time.nanosecond();
    if nanos >= 1_000_000_000 {
        return Err("a leap second has no text form; use the second before or after it");
    }
    push_digits::<2>(text, time.hour());
    text.push(':');
    push_digits::<2>(text, time.minute());
    text.push(':');
    push_digits::<2>(text, time.second());
    let micros = nanos / 1000;
    if micros > 0 {
        text.push('.');
        push_digits::<6>(text, micros);
        text.truncate(text.trim_end_matches('0').len());
    }
    Ok(())
}

/// Adds the last `N` digits of a number.
fn push_digits<const N: usize>(text: &mut String, mut number: u32) {
    let mut digits = ['0'; N];
    for digit in digits.iter_mut().rev() {
        *digit = char::from(b'0' + (number % 10) as u8);
        number /= 10;
    }
    text.extend(digits);
}

/// Reads a date; one with a time only if that is midnight.
pub(crate) fn parse_date(text: &str) -> Option<NaiveDate> {
    if text.len() > 10 {
        let moment = parse_date_time(text)?;
        return (moment.time() == NaiveTime::MIN).then(|| moment.date());
    }
    let [year, month, day] = parts(text, '-')?;
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// Reads `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fraction`; digits after microseconds are cut off.
pub(crate) fn parse_time(text: &str) -> Option<NaiveTime> {
    let (text, fraction) = match text.split_once('.') {
        Some((text, fraction)) if text.len() == 8 && is_digits(fraction) => (text, fraction),
        Some(_) => return None,
        None => (text, "0"),
    };
    let [hour, minute, second] = match text.len() {
        5 => {
            let [hour, minute] = parts(text, ':')?;
            [hour, minute, "00"]
        }
        _ => parts(text, ':')?,
    };
    if (hour.len(), minute.len(), second.len()) != (2, 2, 2) {
        return None;
    }
    let micros: u32 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    NaiveTime::from_hms_micro_opt(hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?, micros)
}

/// Reads a date and time in UTC, `T` or a space between them, with or without `Z`, `UTC` or an offset; a date alone is its midnight.
pub(crate) fn parse_date_time(text: &str) -> Option<NaiveDateTime> {
    if let Some(moment) = parse_own(text.as_bytes()) {
        return Some(moment);
    }
    let date = parse_date(text.get(..10)?)?;
    let Some(separator) = text[10..].chars().next() else {
        return Some(date.and_time(NaiveTime::MIN));
    };
    if !matches!(separator, ' ' | 'T' | 't') {
        return None;
    }
    let rest = &text[11..];
    let (time, offset) = match rest.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.') {
        Some(end) => (&rest[..end], parse_offset(rest[end..].trim_start_matches(' '))?),
        None => (rest, TimeDelta::zero()),
    };
    date.and_time(parse_time(time)?).checked_sub_signed(offset)
}

/// Reads the form that [`date_time`] writes, which is what most databases hold; `None` for any other.
fn parse_own(text: &[u8]) -> Option<NaiveDateTime> {
    let number = |digits: &[u8]| {
        let add = |sum: u32, digit: &u8| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0'));
        digits.iter().try_fold(0, add)
    };
    let (moment, fraction) = text.split_first_chunk::<19>()?;
    let separators = (moment[4], moment[7], moment[10], moment[13], moment[16]);
    if separators != (b'-', b'-', b' ', b':', b':') {
        return None;
    }
    let micros = match fraction {
        [] => 0,
        [b'.', digits @ ..] if matches!(digits.len(), 1..=6) => number(digits)? * 10u32.pow(6 - digits.len() as u32),
        _ => return None,
    };
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(number(&moment[..4])?).ok()?,
        number(&moment[5..7])?,
        number(&moment[8..10])?,
    )?;
    date.and_hms_micro_opt(number(&moment[11..13])?, number(&moment[14..16])?, number(&moment[17..])?, micros)
}

/// Reads `Z`, `UTC`, `+02`, `+0200` or `+02:00`.
fn parse_offset(text: &str) -> Option<TimeDelta> {
    if text.eq_ignore_ascii_case("Z") || text == "UTC" {
        return Some(TimeDelta::zero());
    }
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.len() {
        2 => (digits, "00"),
        4 => digits.split_at_checked(2)?,
        5 => digits.split_once(':')?,
        _ => return None,
    };
    if hours.len() != 2 || !is_digits(hours) || !is_digits(minutes) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then(|| TimeDelta::minutes(sign * (hours * 60 + minutes)))
}

/// Splits a text into exactly `N` runs of digits.
fn parts<const N: usize>(text: &str, separator: char) -> Option<[&str; N]> {
    let mut parts = [""; N];
    let mut split = text.split(separator);
    for part in &mut parts {
        *part = split.next().filter(|digits| is_digits(digits))?;
    }
    split.next().is_none().then_some(parts)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> String {
        parse_date_time(text).map_or_else(|| "refused".to_owned(), |moment| date_time(moment).unwrap())
    }

    #[test]
    fn other_programs_forms_are_read_in_utc() {
        assert_eq!(moment("2024-02-29T13:05:00Z"), "2024-02-29 13:05:00");
        assert_eq!(moment("2024-02-29 13:05"), "2024-02-29 13:05:00");
        assert_eq!(moment("2024-02-29 13:05:00.25"), "2024-02-29 13:05:00.25");
        assert_eq!(moment("2024-02-29 13:05:00.000007"), "2024-02-29 13:05:00.000007");
        assert_eq!(moment("2024-02-29"), "2024-02-29 00:00:00");
        assert_eq!(moment("2024-02-29T13:05:00.1234567+02:30"), "2024-02-29 10:35:00.123456");
        assert_eq!(moment("2024-02-29 13:05:00 -0100"), "2024-02-29 14:05:00");
        assert_eq!(moment("2024-02-29 13:05:00 UTC"), "2024-02-29 13:05:00");
        assert_eq!(parse_date("2024-02-29T00:00:00Z"), NaiveDate::from_ymd_opt(2024, 2, 29));
        assert_eq!(parse_time("13:05"), NaiveTime::from_hms_opt(13, 5, 0));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "0000-00-00",
            "2024-02-30 00:00:00",
            "2024-2-9",
            "2024-02-29 25:00:00",
            "2024-02-29 13:05:00+25:00",
            "yesterday",
            "2024-02-29x13:05:00",
            "2024-02-29 13:05:00.",
            "2024-02-29 13:05:00.1.2",
            "2024-02-29 ",
            "+024-02-29",
            "2024-02-29é",
            "2024-02-29 13:05:60",
            "٢٠٢٤-٠٢-٢٩",
        ] {
            assert_eq!(moment(text), "refused", "{text}");
        }
        assert_eq!(parse_date("2024-02-29 00:00:01"), None);
        for text in ["", "1", "13", "13:5", "1:05:00", "13:05:00.x", "24:00:00", "13:05:00.-1"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn nanoseconds_are_cut_to_microseconds_also_before_1970() {
        let at =
            |nanos| NaiveDate::from_ymd_opt(1900, 1, 1).and_then(|date| date.and_hms_nano_opt(0, 0, 0, nanos)).unwrap();
        assert_eq!(date_time(at(999)).unwrap(), "1900-01-01 00:00:00");
        assert_eq!(date_time(at(120_000_999)).unwrap(), "1900-01-01 00:00:00.12");
        assert_eq!(date_time(at(1_999)).unwrap(), "1900-01-01 00:00:00.000001");
    }

    #[test]
    fn years_beyond_four_digits_and_leap_seconds_are_refused() {
        assert!(date(NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap()).is_err());
        assert!(date(NaiveDate::from_ymd_opt(-1, 1, 1).unwrap()).is_err());
        assert_eq!(date(NaiveDate::from_ymd_opt(0, 1, 1).unwrap()).unwrap(), "0000-01-01");
        assert!(time(NaiveTime::from_hms_nano_opt(23, 59, 59, 1_500_000_000).unwrap()).is_err());
    }
}
