//! The texts of dates and times: one to write, and those of other programs to read. Digits after microseconds are cut off.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};

/// Reads `2026-01-31`.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

/// Reads `08:30`, `08:30:00` or `08:30:00.000000`.
pub(crate) fn time(text: &str) -> Option<NaiveTime> {
    text.parse().ok().map(micros)
}

/// Reads `2026-01-31T08:30:00.000000`, or with a space.
pub(crate) fn date_time(text: &str) -> Option<NaiveDateTime> {
    let parsed = text.parse().or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"));
    parsed.ok().map(micros)
}

/// Reads `2026-01-31T08:30:00.000000Z`, or with an offset; without one it is in UTC.
pub(crate) fn moment(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(micros(moment.with_timezone(&Utc)));
    }
    // RFC 3339 has four digits for the year.
    date_time(text.strip_suffix('Z').unwrap_or(text)).map(|moment| moment.and_utc())
}

/// A time cut to whole microseconds; a leap second is the last microsecond before it ends.
pub(crate) fn micros<T: Timelike + Copy>(time: T) -> T {
    let nanos = time.nanosecond().min(999_999_999);
    // The number of nanoseconds is always valid.
    time.with_nanosecond(nanos / 1_000 * 1_000).unwrap_or(time)
}

/// `08:30:00.000000`.
pub(crate) fn time_text(time: NaiveTime) -> String {
    micros(time).format("%H:%M:%S%.6f").to_string()
}

/// `2026-01-31T08:30:00.000000`.
pub(crate) fn date_time_text(moment: NaiveDateTime) -> String {
    micros(moment).format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

/// `2026-01-31T08:30:00.000000Z`.
pub(crate) fn moment_text(moment: DateTime<Utc>) -> String {
    date_time_text(moment.naive_utc()) + "Z"
}
