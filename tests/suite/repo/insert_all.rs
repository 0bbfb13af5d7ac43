//! Many rows inserted.

use super::*;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use futures_util::stream;
use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::schemas::{Barebone, Comment, CompositePk, Custom, Permalink, Post, TABLES, Tag, User};
use std::sync::Arc;
use uuid::Uuid;

fn texts(texts: &[&str]) -> Vec<Option<String>> {
    texts.iter().map(|text| Some((*text).to_owned())).collect()
}

on_sql_stores! {
    async fn repo_055_insert_all(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let rows = [
            Comment::row(|c| (c.text.set("1"), c.lock_version.set(2))),
            Comment::row(|c| c.text.set("2")),
            Comment::row(|c| (c.lock_version.set(3), c.text.set("3"))),
            Comment::row(|_| vec![]),
        ];
        assert_eq!(repo.insert_all(rows).await.unwrap(), 4);
        let stored = repo.all(Comment::query().order_by(|c| c.text.asc().nulls_last()).select(|c| (c.text, c.lock_version)));
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            stored.await.unwrap(),
            [(text("1"), Some(2)), (text("2"), Some(1)), (text("3"), Some(3)), (None, Some(1))]
        );
        assert_eq!(repo.insert_all([Barebone::default(), Barebone { num: Some(7) }, Barebone::default()]).await.unwrap(), 3);
        let mut nums = repo.all(Barebone::query().select(|b| b.num)).await.unwrap();
        nums.sort();
        assert_eq!(nums, [None, None, Some(7)]);
        let (count, statements) =
            repo.capture(async |repo| repo.insert_all(Vec::<Post>::new()).await).await.unwrap();
        assert_eq!((count, statements.len()), (0, 0));
    }

    async fn repo_058_insert_all_from_a_query_gives_rows(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Post::titled("A generic title")).await.unwrap();
        let query = Post::query().select(|p| p.title.concat(" suffix ").concat(p.id.cast::<String>()));
        let new = repo.insert_all(Post::rows_from(query, |p| p.title)).returning(|p| (p.id, p.title)).await.unwrap();
        let [(id, title)] = new.as_slice() else { panic!("{new:?}") };
        assert_ne!(*id, post.id);
        assert_eq!(*title, Some(format!("A generic title suffix {}", post.id)));
    }

    async fn repo_060_insert_all_from_a_query(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Post::titled("A generic title")).await.unwrap();
        let query = Post::query().select(|p| p.title.concat(" suffix ").concat(p.id.cast::<String>()));
        assert_eq!(repo.insert_all(Post::rows_from(&query, |p| p.title)).await.unwrap(), 1);
        let new = repo.one(Post::query().order_by(|p| p.id.desc()).limit(1)).await.unwrap().unwrap();
        assert_eq!(new.title, Some(format!("A generic title suffix {}", post.id)));
        assert_ne!(new.inserted_at, NaiveDateTime::default());
        assert_eq!(new.updated_at, new.inserted_at);
    }

    async fn repo_061_insert_all_from_a_query_into_a_column_of_another_name(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Post::titled("A generic title")).await.unwrap();
        let query = Post::query().select(|p| (p.title, p.id));
        assert_eq!(repo.insert_all(Permalink::rows_from(query, |l| (l.url, l.post_id))).await.unwrap(), 1);
        let links = repo.all(Permalink::query().select(|l| (l.url, l.post_id))).await.unwrap();
        assert_eq!(links, [(Some("A generic title".to_owned()), Some(post.id))]);
    }
}

on_every_store! {
    async fn repo_063_insert_all_returns_rows_in_order(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let none = repo.insert_all(Vec::<Comment>::new()).returning(|c| c).await.unwrap();
        assert_eq!(none, []);
        let rows = vec![
            Comment { text: Some("1".into()), ..Default::default() },
            Comment { text: Some("2".into()), lock_version: Some(9), ..Default::default() },
            Comment { text: Some("3".into()), ..Default::default() },
        ];
        let whole = repo.insert_all(&rows).returning(|c| c).await.unwrap();
        let found: Vec<_> = whole.iter().map(|c| (c.text.as_deref().unwrap(), c.lock_version)).collect();
        assert_eq!(found, [("1", Some(1)), ("2", Some(9)), ("3", Some(1))]);
        assert!(whole.iter().all(|c| c.id != 0));
        let parts = repo.insert_all(rows.as_slice()).returning(|c| (c.text, c.id)).await.unwrap();
        assert_eq!(parts.iter().map(|(text, _)| text.clone()).collect::<Vec<_>>(), texts(&["1", "2", "3"]));
    }

    async fn repo_064_insert_all_returns_a_column_of_another_name(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        assert_eq!(repo.insert_all(Vec::<Permalink>::new()).returning(|l| l).await.unwrap(), []);
        assert_eq!(repo.insert_all(Vec::<Permalink>::new()).await.unwrap(), 0);
        let part = repo.insert_all([Permalink::to("1"), Permalink::to("2")]).returning(|l| (l.id, l.url)).await.unwrap();
        assert_eq!(part.iter().map(|(_, url)| url.clone()).collect::<Vec<_>>(), texts(&["1", "2"]));
        let whole = repo.insert_all(vec![Permalink::to("3"), Permalink::to("4")]).returning(|l| l).await.unwrap();
        assert_eq!(whole.iter().map(|l| l.url.clone()).collect::<Vec<_>>(), texts(&["3", "4"]));
    }

    async fn repo_065_insert_all_returns_values(store: Store) {
        store.create(TABLES).await;
        let rows = Comment::rows(["1", "2"], |c, text| c.text.set(text));
        let values: Vec<(i64, Option<String>, Option<String>)> =
            store.repo.insert_all(rows).returning(|c| (c.id, c.text, c.text.concat("!"))).await.unwrap();
        let found: Vec<_> = values.iter().map(|(_, text, more)| (text.as_deref(), more.as_deref())).collect();
        assert_eq!(found, [(Some("1"), Some("1!")), (Some("2"), Some("2!"))]);
        assert!(values[0].0 < values[1].0);
    }

    async fn repo_066_insert_all_stores_a_uuid(store: Store) {
        store.create(TABLES).await;
        let uuid = Uuid::now_v7();
        assert_eq!(store.repo.insert_all(Post::rows([uuid], |p, uuid| p.uuid.set(uuid))).await.unwrap(), 1);
        let read = store.repo.all(Post::query().select(|p| (p.uuid, p.title))).await.unwrap();
        assert_eq!(read, [(Some(uuid), None)]);
    }

    async fn sql_014_a_quote_is_stored_by_insert_all(store: Store) {
        store.create(TABLES).await;
        store.repo.insert_all(Post::rows(["'", "''"], |p, title| p.title.set(title))).await.unwrap();
        let stored = store.repo.all(Post::query().order_by(|p| p.id).select(|p| p.title)).await.unwrap();
        assert_eq!(stored, texts(&["'", "''"]));
    }
}

on_sql_stores! {
    async fn keys_and_times_are_filled_unless_raw(store: Store) {
        store.create(TABLES).await;
        let start = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(9);
        let repo = &store.repo.with_clock(Arc::new(FixedClock::at(start)));
        let times = |query: Query<User>| query.order_by(|u| u.id).select(|u| (u.inserted_at, u.updated_at));
        repo.insert_all([User::named("a")]).await.unwrap();
        repo.insert_all(User::rows(["b"], |u, name| u.name.set(name))).await.unwrap();
        let given = start - TimeDelta::days(1);
        repo.insert_all([User { inserted_at: given, ..User::named("c") }]).await.unwrap();
        assert_eq!(repo.all(times(User::query())).await.unwrap(), [(start, start), (start, start), (given, start)]);
        let custom = repo.insert_all([Custom::default(), Custom::default()]).returning(|c| c.bid).await.unwrap();
        assert!(!custom[0].is_nil() && custom[0] < custom[1]);
        let raw = repo.insert_all([User::named("d")]).raw().returning(|u| (u.id, u.inserted_at)).await.unwrap();
        assert!(raw[0].0 > 0 && raw[0].1 == DateTime::<Utc>::UNIX_EPOCH, "{raw:?}");
        let raw = repo.insert_all(User::rows(["e"], |u, name| u.name.set(name))).raw().returning(|u| u.id).await.unwrap();
        let stored = repo.sql::<i64>("select count(*) from users where inserted_at is null and id = {}").bind(raw[0]);
        assert_eq!(stored.one().await.unwrap(), Some(1));
    }
}

on_every_store! {
    async fn rows_of_raw_structs_write_null_where_they_have_none(store: Store) {
        store.create(TABLES).await;
        let comment = Comment { text: Some("a".into()), ..Default::default() };
        let post = store.repo.insert_all([Post::titled("a")]).raw().returning(|p| p.public).await.unwrap();
        assert_eq!(post, [None]);
        let post = store.repo.insert_all([Post::titled("a")]).returning(|p| p.public).await.unwrap();
        assert_eq!(post, [Some(true)]);
        let version = store.repo.insert_all([comment]).raw().returning(|c| c.lock_version).await.unwrap();
        assert_eq!(version, [Some(1)]);
    }

    async fn every_type_goes_in_by_the_many(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut posts: Vec<Post> = (0..30)
            .map(|n| Post {
                id: 100 + n,
                counter: (n % 2 == 0).then_some(n as i32),
                blob: Some(vec![0, 255, n as u8]),
                public: Some(n % 3 == 0),
                cost: Some(rust_decimal::Decimal::new(n * 101, 2)),
                intensity: Some(n as f64 / 3.0),
                bid: Some(Uuid::from_u128(n as u128)),
                uuid: Some(Uuid::now_v7()),
                meta: Some(serde_json::json!({ "n": n, "list": [1, null] })),
                posted: NaiveDate::from_ymd_opt(2020, 2, 1 + n as u32 % 28),
                inserted_at: NaiveDate::from_ymd_opt(2020, 1, 1).unwrap().and_hms_opt(0, 0, n as u32).unwrap(),
                updated_at: NaiveDate::from_ymd_opt(2020, 1, 1).unwrap().and_hms_micro_opt(0, 0, 1, 5).unwrap(),
                ..Post::titled(&format!("it's \"{n}\""))
            })
            .collect();
        let returned = repo.insert_all(&posts).returning(|p| p).await.unwrap();
        assert_eq!(returned, posts);
        assert_eq!(repo.all(Post::query().order_by(|p| p.id)).await.unwrap(), posts);
        // Enough for the fastest way that the store has.
        repo.delete_all(Post::query()).await.unwrap();
        while posts.len() < 10_500 {
            let next = Post { id: 100 + posts.len() as i64, uuid: None, ..posts[posts.len() % 30].clone() };
            posts.push(next);
        }
        for post in &mut posts {
            post.uuid = Some(Uuid::now_v7());
            post.counter = Some(1);
        }
        assert_eq!(repo.insert_all(&posts).await.unwrap(), 10_500);
        assert_eq!(repo.all(Post::query().order_by(|p| p.id)).await.unwrap(), posts);
    }

    async fn lists_go_in_by_the_many(store: Store) {
        store.create(TABLES).await;
        let tags: Vec<Tag> = (0..1_500)
            .map(|n| Tag { id: n + 1, ints: Some((0..n as i32 % 4).collect()), ..Default::default() })
            .collect();
        let ids = store.repo.insert_all(&tags).returning(|t| t.id).await.unwrap();
        assert_eq!(ids, (1..=1_500).collect::<Vec<i64>>());
        assert_eq!(store.repo.all(Tag::query().order_by(|t| t.id)).await.unwrap(), tags);
    }
}

on_sql_stores! {
    async fn more_rows_than_a_statement_takes_go_in_together_or_not_at_all(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let row = |n: i32| CompositePk::new(n / 1_000, n % 1_000, "x");
        let rows: Vec<CompositePk> = (0..60_000).map(row).collect();
        let (count, statements) = repo.capture(async |repo| repo.insert_all(&rows).await).await.unwrap();
        assert_eq!((count, statements.len()), (60_000, 2));
        assert_eq!(repo.count(CompositePk::query()).await.unwrap(), 60_000);
        let keys = repo
            .insert_all((60_000..60_700).map(row).collect::<Vec<_>>())
            .returning(|c| (c.a, c.b))
            .await
            .unwrap();
        assert_eq!(keys, (60_000..60_700).map(|n| (n / 1_000, n % 1_000)).collect::<Vec<_>>());
        let last_is_there_already: Vec<CompositePk> = (70_000..130_000).map(row).chain([row(5)]).collect();
        let error = repo.insert_all(&last_is_there_already).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error}");
        assert_eq!(repo.count(CompositePk::query()).await.unwrap(), 60_700);
        // So it is inside of a transaction that goes on.
        let left = repo
            .transaction(async |tx| {
                let few = tx.insert_all((200_000..200_003).map(row).collect::<Vec<_>>()).await?;
                let refused = tx.transaction(async |tx| tx.insert_all(last_is_there_already).await).await;
                assert!(refused.is_err());
                Ok(few)
            })
            .await
            .unwrap();
        assert_eq!(left, 3);
        assert_eq!(repo.count(CompositePk::query()).await.unwrap(), 60_703);
    }

    async fn a_row_that_the_database_refuses_takes_all_with_it(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let rows = [Permalink::to("a"), Permalink::to("b"), Permalink::to("a")];
        let error = repo.insert_all(&rows).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error}");
        assert_eq!(error.constraint().unwrap().name, "permalinks_uniform_resource_locator_index");
        assert_eq!(repo.count(Permalink::query()).await.unwrap(), 0);
        let many: Vec<Permalink> = (0..11_000).map(|n| Permalink::to(&(n % 10_999).to_string())).collect();
        let error = repo.insert_all(&many).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error}");
        assert_eq!(repo.count(Permalink::query()).await.unwrap(), 0);
        // A connection is as good as before.
        assert_eq!(repo.insert_all(&many[..10_999]).await.unwrap(), 10_999);
        let error = repo.insert_all([Comment { post_id: Some(-1), ..Default::default() }, Comment::default()]).await.unwrap_err();
        assert!(error.is_foreign_key_violation(), "{error}");
        assert_eq!(repo.count(Comment::query()).await.unwrap(), 0);
    }

    async fn values_may_be_expressions(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        repo.insert_all([Post::visited("a", 3), Post::visited("b", 4)]).await.unwrap();
        let rows = [
            Post::row(|p| (p.title.set("sum"), p.visits.set(sql::<Option<i32>>("(select max(visits) + {} from posts)").bind(5)))),
            Post::row(|p| (p.title.set("plain"), p.visits.set(1))),
            Post::row(|p| (p.title.set(constant("UP").lower()), p.visits.set(None))),
        ];
        let stored = repo.insert_all(rows).returning(|p| (p.title, p.visits)).await.unwrap();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(stored, [(text("sum"), Some(9)), (text("plain"), Some(1)), (text("up"), None)]);
    }
}

on_every_store! {
    async fn what_cannot_be_inserted_is_refused_with_a_sentence(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let own = repo.insert_all(Post::rows([1], |p, n| p.visits.set(p.visits + n))).await;
        assert_eq!(
            message(own),
            "Post.visits of a new row cannot be computed from visits, which is a column of the row itself: give it a value"
        );
        let twice = repo.insert_all(Post::rows(["a"], |p, t| (p.title.set(t), p.title.set(t)))).await;
        assert!(message(twice).starts_with("a row of Post sets title twice"));
        let keys = repo.insert_all(Custom::rows_from(Post::query().select(|p| p.uuid), |c| c.uuid)).await;
        assert!(message(keys).starts_with("the query gives Custom.bid no value"));
        let query = Post::query().select(|p| (p.id, p.id));
        let same = repo.insert_all(Comment::rows_from(query, |c| (c.post_id, c.post_id))).await;
        assert!(message(same).starts_with("rows_from names Comment.post_id twice"));
        assert_eq!(repo.count(Post::query()).await.unwrap(), 0);
    }
}

on_sql_stores! {
    async fn a_stream_of_rows_goes_in_as_it_comes(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let rows = stream::iter((0..12_345).map(|n| CompositePk::new(n, 0, "x")));
        assert_eq!(repo.insert_stream(rows).await.unwrap(), 12_345);
        let other = Store::new(store.pick(peristyle_tests::Kind::Sqlite, peristyle_tests::Kind::Postgres)).await;
        other.create(TABLES).await;
        let copied = repo.stream(CompositePk::query());
        assert_eq!(other.repo.insert_stream(copied).await.unwrap(), 12_345);
        let failing = stream::iter((0..7_000).map(|n| match n {
            6_999 => Err(Error::rollback("enough")),
            n => Ok(CompositePk::new(n, 1, "x")),
        }));
        let error = repo.insert_stream(failing).await.unwrap_err();
        assert!(matches!(error, Error::Rollback(_)), "{error}");
        assert_eq!(repo.count(CompositePk::query()).await.unwrap(), 12_345);
        let again = stream::iter((12_000..13_000).map(|n| CompositePk::new(n, 0, "y")));
        assert_eq!(repo.insert_stream(again).on_conflict(|c| c.ignore()).await.unwrap(), 655);
    }
}

on_postgres! {
    async fn a_load_fits_the_types_of_the_table_or_is_an_insert(store: Store) {
        let repo = &store.repo;
        let rows: Vec<Loaded> = (0..10_000).map(|n| Loaded { number: n, text: Some(format!("t{n}")), ..Default::default() }).collect();
        // The column is an integer, the text a domain over varchar, the JSON is no jsonb.
        for (table, copies) in [
            ("id bigserial primary key, number bigint, text varchar(9), json jsonb", true),
            ("id bigserial primary key, number bigint, text short, json jsonb", true),
            ("id bigserial primary key, number integer, text varchar(9), json jsonb", false),
            ("id bigserial primary key, number bigint, text varchar(9), json json", false),
        ] {
            let script = "drop table if exists loads; drop domain if exists short; create domain short as varchar(9)";
            repo.script(format!("{script}; create table loads ({table})")).await.unwrap();
            let (count, statements) = repo.capture(async |repo| repo.insert_all(&rows).await).await.unwrap();
            assert_eq!((count, statements.len()), (10_000, 1));
            assert_eq!(statements[0].sql().starts_with("COPY "), copies, "{table}: {}", statements[0].sql());
            let stored = repo.all(Loaded::query().order_by(|l| l.number).select(|l| (l.number, l.text, l.json))).await.unwrap();
            let expected: Vec<_> = rows.iter().map(|l| (l.number, l.text.clone(), l.json.clone())).collect();
            assert_eq!(stored, expected);
        }
        repo.script("create rule quiet as on insert to loads do instead nothing").await.unwrap();
        let (_, statements) = repo.capture(async |repo| repo.insert_all(&rows).await).await.unwrap();
        assert!(statements[0].sql().starts_with("INSERT "), "{}", statements[0].sql());
        assert_eq!(repo.count(Loaded::query()).await.unwrap(), 10_000);
    }

    async fn a_load_that_is_dropped_or_refused_leaves_all_or_nothing(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let rows = |b: i32| (0..20_000).map(move |n| CompositePk::new(n, b, "x")).collect::<Vec<_>>();
        for (b, micros) in [0, 500, 2_000, 5_000, 9_000, 20_000].into_iter().enumerate() {
            let load = repo.insert_all(rows(b as i32));
            let _ = tokio::time::timeout(std::time::Duration::from_micros(micros), load.into_future()).await;
            // One that was sent as a whole may be kept yet.
            assert_eq!(repo.count(CompositePk::query()).await.unwrap() % 20_000, 0);
        }
        let rows = rows(100);
        let mut wrong = rows.clone();
        wrong[10_000].name = Some("a\0b".into());
        let left = repo
            .transaction(async |tx| {
                let error = tx.insert_all(&wrong).await.unwrap_err();
                assert!(matches!(error, Error::Encode(_)), "{error}");
                assert!(error.to_string().contains("CompositePk.name"), "{error}");
                tx.insert_all(&rows).await
            })
            .await
            .unwrap();
        assert_eq!(left, 20_000);
        assert_eq!(repo.count(CompositePk::query().filter(|c| c.b.eq(100))).await.unwrap(), 20_000);
    }
}

fn message<T>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Query(error)) => error.message.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

#[derive(Clone, Debug, Default, PartialEq, Schema)]
#[schema(table = "loads")]
struct Loaded {
    id: i64,
    number: i64,
    text: Option<String>,
    json: serde_json::Value,
}
