//! Connecting.

use peristyle_tests::{Store, on_both_redis};

on_both_redis! {
    async fn a_repo_on_redis_says_so(store: Store) {
        assert_eq!(store.repo.store(), "redis");
    }
}
