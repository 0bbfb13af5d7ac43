//! What a statement does to its session does not reach the next user of the connection.

use super::*;
use peristyle::prelude::*;

on_postgres! {
    async fn a_script_in_a_transaction_leaves_the_next_user_no_setting(store: Store) {
        let repo = Postgres::options(store.url()).pool_size(1).connect().await.unwrap();
        repo.transaction(async |tx| tx.script("set work_mem = '7MB'").await).await.unwrap();
        let setting = repo.sql::<String>("show work_mem").await.unwrap();
        assert_ne!(setting, ["7MB"]);
    }

    async fn a_raw_set_leaves_the_next_user_no_setting(store: Store) {
        let repo = Postgres::options(store.url()).pool_size(1).connect().await.unwrap();
        let _ = repo.sql::<()>("set work_mem = '7MB'").await;
        let setting = repo.sql::<String>("show work_mem").await.unwrap();
        assert_ne!(setting, ["7MB"]);
    }
}
