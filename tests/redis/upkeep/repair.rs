//! Rows that another program wrote, without indexes.

use super::*;
use peristyle_tests::on_both_redis;

on_both_redis! {
    async fn rows_of_another_program_get_all_indexes_and_claims(store: Store) {
        let raw = Raw::of(&store, "guests");
        raw.put([row(2, "bob", 30), row(1, "ann", 40), (10, r#"{"id":10,"name":"cy","note":[1.0]}"#.to_owned())]);
        assert_eq!(store.repo.reindex::<Guest>().await.unwrap(), 3);
        assert_eq!(raw.index("/keys"), ["1", "2", "10"]);
        assert_eq!(raw.index("/by/age:int,name:text"), ["10", "2", "1"]);
        assert_eq!(raw.index("/by/name:text"), ["1", "2", "10"]);
        assert_eq!(raw.on::<String>("GET", "/unique/email=ann1@example.com", &[]), "1");
        let next = store.repo.insert(Guest { name: "dee".into(), ..Guest::default() }).await.unwrap();
        assert_eq!(next.id, 11, "generated keys begin behind those that are there");
        assert!(!raw.keys().contains(&"/reindex".to_owned()));
        let found = store.repo.one(Guest::query().filter(|g| g.email.eq("bob2@example.com"))).await.unwrap();
        assert_eq!(found.map(|guest| guest.id), Some(2));
    }

    async fn a_rebuild_takes_out_what_no_row_has(store: Store) {
        let raw = Raw::of(&store, "guests");
        raw.put([row(1, "ann", 40), row(2, "bob", 30)]);
        store.repo.reindex::<Guest>().await.unwrap();
        let before = raw.beside();
        raw.put([row(3, "cy", 20)]);
        store.repo.reindex::<Guest>().rebuild().await.unwrap();
        assert_eq!(raw.index("/keys"), ["1", "2", "3"]);
        raw.on::<()>("DEL", ":3", &[]);
        raw.put([row(2, "zoe", 30)]);
        assert_eq!(store.repo.reindex::<Guest>().await.unwrap(), 0, "what is built is not looked at");
        store.repo.reindex::<Guest>().rebuild().await.unwrap();
        assert_eq!(raw.index("/keys"), ["1", "2"]);
        assert_eq!(raw.on::<String>("GET", "/unique/email=zoe2@example.com", &[]), "2");
        assert_eq!(raw.keys().iter().filter(|key| key.starts_with("/unique/")).count(), 2);
        raw.put([row(2, "bob", 30)]);
        store.repo.reindex::<Guest>().rebuild().await.unwrap();
        assert_eq!(raw.beside(), before);
    }

    async fn rows_with_the_same_unique_values_are_named_and_nothing_counts_as_built(store: Store) {
        let raw = Raw::of(&store, "guests");
        raw.put((1..=300).map(|id| (id, format!(r#"{{"id":{id},"name":"n","email":"{}@example.com"}}"#, id % 3))));
        let error = store.repo.reindex::<Guest>().await.unwrap_err();
        assert!(error.is_unique_violation(), "{error}");
        let text = error.to_string();
        assert!(text.contains("guests_email_index") && text.contains("(email)") && !text.contains("@example"), "{text}");
        let named: std::collections::BTreeSet<&str> = text.split([' ', ',']).filter(|word| word.starts_with("guests:")).collect();
        assert!((4..=10).contains(&named.len()), "{text}");
        assert_eq!(raw.built(), ["?"]);
        raw.put((4..=300).map(|id| (id, format!(r#"{{"id":{id},"name":"n"}}"#))));
        store.repo.reindex::<Guest>().await.unwrap();
        assert_eq!(raw.on::<String>("GET", "/unique/email=0@example.com", &[]), "3");
        assert_eq!(raw.keys().iter().filter(|key| key.starts_with("/unique/")).count(), 3);
        assert_eq!(raw.built(), BUILT);
    }

    async fn two_rows_with_the_same_unique_value_are_both_named(store: Store) {
        let raw = Raw::of(&store, "guests");
        let same = |id| (id, format!(r#"{{"id":{id},"name":"n","email":"same"}}"#));
        raw.put((1..=50).map(|id| row(id, "n", 1)).chain([same(77), same(78)]));
        let text = store.repo.reindex::<Guest>().await.unwrap_err().to_string();
        assert!(text.contains("guests:77") && text.contains("guests:78") && text.contains("reindex again"), "{text}");
    }

    async fn a_row_that_is_not_of_the_schema_is_named(store: Store) {
        let raw = Raw::of(&store, "guests");
        raw.put([row(1, "ann", 40), (2, r#"{"id":2,"name":true}"#.to_owned())]);
        let text = store.repo.reindex::<Guest>().await.unwrap_err().to_string();
        assert!(text.contains("guests:2") && text.contains("name"), "{text}");
        raw.put([row(2, "bob", 1), (3, r#"{"id":4,"name":"cy"}"#.to_owned())]);
        let text = store.repo.reindex::<Guest>().await.unwrap_err().to_string();
        assert!(text.contains("guests:3") && text.contains("guests:4"), "{text}");
        raw.put([(3, "no JSON".to_owned())]);
        let text = store.repo.reindex::<Guest>().await.unwrap_err().to_string();
        assert!(text.contains("guests:3"), "{text}");
        raw.put([row(3, "cy", 1)]);
        store.repo.reindex::<Guest>().await.unwrap();
        assert_eq!(raw.index("/keys"), ["1", "2", "3"]);
    }
}
