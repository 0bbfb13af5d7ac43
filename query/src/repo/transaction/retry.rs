//! How long to wait before a transaction runs again.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

/// The longest wait after a first failure, and after any.
const WAIT: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(500));

/// The wait before the next attempt, after `failures` of them: it doubles with each failure, and between a half and all of
/// it is left to chance, so that those who met do not meet again.
pub(super) fn backoff(failures: u32) -> Duration {
    let longest = WAIT.0.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(WAIT.1);
    // Its keys are random, and others each time.
    let chance = RandomState::new().build_hasher().finish() % 1_000;
    longest / 2 + longest.mul_f64(chance as f64 / 2_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_up_to_a_bound_and_differs() {
        for (failures, longest) in [(1, 10), (2, 20), (3, 40), (7, 500), (u32::MAX, 500)] {
            let longest = Duration::from_millis(longest);
            let waits: Vec<_> = (0..50).map(|_| backoff(failures)).collect();
            assert!(waits.iter().all(|wait| (longest / 2..longest).contains(wait)), "{waits:?}");
            assert!(waits.iter().any(|wait| *wait != waits[0]), "{waits:?}");
        }
    }
}
