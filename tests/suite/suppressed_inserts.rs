//! Rows that a trigger leaves out are not taken for inserted.

use super::*;
use peristyle::prelude::*;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Account {
    id: i64,
    name: Option<String>,
}

on_postgres! {
    async fn an_insert_that_a_trigger_leaves_out_is_an_error(store: Store) {
        store.create("create table accounts ({id}, name {text});").await;
        let trigger = "create function leave_out() returns trigger language plpgsql as 'begin return null; end';
            create trigger leave_out before insert on accounts for each row execute function leave_out();";
        store.repo.script(trigger).await.unwrap();
        let error = store.repo.insert(Account::default()).await.unwrap_err();
        assert!(error.to_string().contains("gave no row back"), "{error}");
    }
}
