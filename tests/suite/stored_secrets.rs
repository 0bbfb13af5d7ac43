//! Stored values of `redact` fields do not come out through errors.

use super::*;
use peristyle::prelude::*;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Account {
    id: i64,
    #[schema(redact)]
    pin: Option<String>,
}

const ACCOUNTS: &str = "create table accounts ({id}, pin {text});";

/// The same table, through types that its values are not of.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "accounts")]
struct Mistyped {
    id: i64,
    #[schema(redact)]
    pin: Option<uuid::Uuid>,
}

on_every_store! {
    async fn a_value_that_cannot_be_read_or_cast_is_not_shown(store: Store) {
        store.create(ACCOUNTS).await;
        store.repo.insert(Account { pin: Some("hunter2".into()), ..Default::default() }).await.unwrap();
        let mut shown = Vec::new();
        let mut note = |error: Option<peristyle::Error>| shown.extend(error.map(|error| format!("{error} {error:?}")));
        note(store.repo.all(Account::query().select(|a| a.pin.cast::<i64>())).await.err());
        note(store.repo.all(Account::query().filter(|a| a.pin.cast::<i64>().eq(5))).await.err());
        note(store.repo.all(Account::query().select(|a| a.pin.cast::<uuid::Uuid>())).await.err());
        note(store.repo.all(Mistyped::query()).await.err());
        note(store.repo.all(Mistyped::query().select(|a| a.pin)).await.err());
        note(store.repo.all(Mistyped::query().select(|a| (a.id, a.pin.max()))).await.err());
        note(store.repo.stream(Mistyped::query().select(|a| a.pin)).next().await.and_then(Result::err));
        assert!(shown.len() >= 4, "{shown:?}");
        for error in shown {
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}

on_postgres! {
    async fn a_refused_enum_in_a_list_is_not_shown(store: Store) {
        #[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
        #[db_enum(pg_type = "mood")]
        enum Mood {
            Hunter2,
        }

        #[derive(Debug, Clone, Schema)]
        #[schema(table = "moods")]
        struct Day {
            id: i64,
            #[schema(redact)]
            mood: Mood,
        }

        store.repo.script("create type mood as enum ('calm'); create table moods (id int8, mood mood); insert into moods values (1, 'calm')").await.unwrap();
        let error = store.repo.all(Day::query().filter(|d| d.mood.in_([Mood::Hunter2]))).await.unwrap_err();
        assert!(!format!("{error:?}").to_lowercase().contains("hunter2"), "{error}");
    }
}
