//! Stores that have no such care.

use super::*;
use peristyle_tests::on_sql_stores;

on_sql_stores! {
    async fn stores_that_speak_sql_refuse_both_by_name(store: Store) {
        let reindex = store.repo.reindex::<Guest>().await.unwrap_err();
        let name = store.repo.store();
        assert!(reindex.is_unsupported(), "{reindex}");
        assert!(reindex.to_string().starts_with(&format!("{name} has no reindex: its indexes are made by migrations")), "{reindex}");
        let sweep = store.repo.sweep::<Guest>().await.unwrap_err();
        assert!(sweep.is_unsupported() && sweep.to_string().contains("delete_all(..)"), "{sweep}");
        assert!(sweep.to_string().contains("tests/redis/upkeep/other_stores.rs"), "the line of the call: {sweep}");
    }
}
