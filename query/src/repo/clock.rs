//! The source of the time and of generated keys.

use chrono::{DateTime, TimeDelta, Utc};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::{Builder, Uuid};

/// The source of the time and of generated keys. Tests set their own with `repo.with_clock(..)`.
pub trait Clock: Send + Sync {
    /// The time now. A repo keeps its microseconds.
    fn now(&self) -> DateTime<Utc>;

    /// A new UUID for a key.
    fn uuid(&self) -> Uuid;
}

/// The system's clock, and UUIDs of version 7, which sort by their time.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// A clock that stands still until it is moved, and counts its UUIDs: for tests.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use peristyle_query::repo::{Clock, FixedClock};
/// let clock = FixedClock::at(DateTime::UNIX_EPOCH);
/// clock.advance(TimeDelta::seconds(3));
/// assert_eq!(clock.now().timestamp(), 3);
/// assert!(clock.uuid() < clock.uuid());
/// ```
#[derive(Debug)]
pub struct FixedClock {
    start: DateTime<Utc>,
    elapsed: AtomicU64,
    uuids: AtomicU64,
}

impl FixedClock {
    /// A clock that stands at `time`.
    pub fn at(time: DateTime<Utc>) -> Self {
        FixedClock { start: time, elapsed: AtomicU64::new(0), uuids: AtomicU64::new(0) }
    }

    /// Moves the clock forward. A negative or immeasurable span leaves it where it is.
    pub fn advance(&self, span: TimeDelta) {
        let micros = span.num_microseconds().and_then(|micros| u64::try_from(micros).ok()).unwrap_or(0);
        self.elapsed.fetch_add(micros, Ordering::Relaxed);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        let elapsed = i64::try_from(self.elapsed.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        self.start.checked_add_signed(TimeDelta::microseconds(elapsed)).unwrap_or(self.start)
    }

    fn uuid(&self) -> Uuid {
        let count = self.uuids.fetch_add(1, Ordering::Relaxed);
        let mut random = [0; 10];
        random[2..].copy_from_slice(&count.to_be_bytes());
        let millis = u64::try_from(self.now().timestamp_millis()).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

impl<C: Clock> Clock for std::sync::Arc<C> {
    fn now(&self) -> DateTime<Utc> {
        (**self).now()
    }

    fn uuid(&self) -> Uuid {
        (**self).uuid()
    }
}
