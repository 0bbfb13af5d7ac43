use std::time::{Duration, SystemTime, UNIX_EPOCH};

use peristyle_migration_files::new_version;
use proptest::prelude::*;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

#[test]
fn a_version_is_the_time_in_utc() {
    assert_eq!(new_version(at(0), []), 19700101000000);
    assert_eq!(new_version(at(951_782_400), []), 20000229000000);
    assert_eq!(new_version(at(4_107_542_399), []), 21000228235959);
    assert_eq!(new_version(at(1_798_761_599), []), 20261231235959);
}

#[test]
fn a_version_is_greater_than_all_that_exist() {
    assert_eq!(new_version(at(1_798_761_599), [20261231235959]), 20270101000000);
    assert_eq!(new_version(at(0), [20280228235959, 5]), 20280229000000);
    assert_eq!(new_version(at(0), [99999999999999]), 100000000000000);
    assert_eq!(new_version(at(0), [20261340000000]), 20261340000001);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn versions_made_one_after_the_other_grow(times in prop::collection::vec(0u64..200_000_000_000, 1..20)) {
        let mut made = Vec::new();
        for time in times {
            let version = new_version(at(time), made.iter().copied());
            prop_assert!(made.iter().all(|earlier| *earlier < version));
            made.push(version);
        }
    }
}
