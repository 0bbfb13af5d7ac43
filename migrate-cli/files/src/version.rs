use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The version of a new migration: the time in UTC as `YYYYMMDDHHMMSS`, and above all that exist.
///
/// If the newest is later than now, the version is the second after it.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use peristyle_migration_files::new_version;
///
/// let now = UNIX_EPOCH + Duration::from_secs(1_795_358_999);
/// assert_eq!(new_version(now, [1, 2]), 20261122144959);
/// assert_eq!(new_version(now, [20261122145959]), 20261122150000);
/// ```
pub fn new_version(now: SystemTime, existing: impl IntoIterator<Item = u64>) -> u64 {
    let seconds = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let version = from_seconds(seconds);
    match existing.into_iter().max() {
        Some(newest) if newest >= version => {
            to_seconds(newest).map_or_else(|| newest.saturating_add(1), |seconds| from_seconds(seconds + 1))
        }
        _ => version,
    }
}

const DAY: u64 = 86_400;

fn from_seconds(seconds: u64) -> u64 {
    let (mut days, second) = (seconds / DAY, seconds % DAY);
    let mut year = 1970;
    while days >= year_days(year) && year < 9999 {
        days -= year_days(year);
        year += 1;
    }
    let mut month = 1;
    while month < 12 && days >= month_days(year, month) {
        days -= month_days(year, month);
        month += 1;
    }
    let date = year * 10_000 + month * 100 + days + 1;
    date * 1_000_000 + second / 3600 * 10_000 + second / 60 % 60 * 100 + second % 60
}

/// The other way; `None` for a number that is no time.
fn to_seconds(version: u64) -> Option<u64> {
    let (date, time) = (version / 1_000_000, version % 1_000_000);
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    let (hour, minute, second) = (time / 10_000, time / 100 % 100, time % 100);
    let valid = (1970..9999).contains(&year) && (1..=12).contains(&month) && hour < 24 && minute < 60 && second < 60;
    if !valid || !(1..=month_days(year, month)).contains(&day) {
        return None;
    }
    let years: u64 = (1970..year).map(year_days).sum();
    let months: u64 = (1..month).map(|month| month_days(year, month)).sum();
    Some((years + months + day - 1) * DAY + hour * 3600 + minute * 60 + second)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn year_days(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn month_days(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
