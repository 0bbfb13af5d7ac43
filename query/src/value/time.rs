//! The precision of times.

use chrono::Timelike;

/// A time cut to whole microseconds; a leap second becomes the last microsecond before it ends.
pub(crate) fn micros<T: Timelike + Copy>(time: T) -> T {
    let nanos = time.nanosecond().min(999_999_999);
    // The number of nanoseconds is always valid.
    time.with_nanosecond(nanos / 1_000 * 1_000).unwrap_or(time)
}
