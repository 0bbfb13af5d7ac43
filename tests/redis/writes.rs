//! Writes: what they leave in Redis, what refuses them, and that nothing is lost when many write at once.

use chrono::{DateTime, TimeDelta, Utc};
use peristyle::Error;
use peristyle::error::ConstraintKind;
use peristyle::prelude::*;
use peristyle::schema::SchemaMeta;
use peristyle_tests::{Store, layout, on_both_redis, on_sql_stores};
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use uuid::Uuid;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "members", index(age, name))]
struct Member {
    id: i64,
    #[schema(unique)]
    email: String,
    #[schema(index)]
    name: Option<String>,
    #[schema(index)]
    city: Option<String>,
    age: i32,
    #[schema(default = "new")]
    status: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "counters")]
struct Counter {
    #[schema(primary_key)]
    name: String,
    count: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "articles")]
struct Article {
    id: i64,
    title: String,
    #[schema(version)]
    revision: i32,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "logins", ttl = "1h", index(user_id, seen_at))]
struct Login {
    #[schema(primary_key)]
    token: Uuid,
    #[schema(unique)]
    cookie: String,
    user_id: i64,
    seen_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "tickets", ttl = "1h")]
struct Ticket {
    id: i64,
    #[schema(unique)]
    seat: String,
    #[schema(index)]
    hall: i32,
    expires_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "exacts")]
struct Exact {
    id: i64,
    #[schema(index)]
    big: i64,
    #[schema(index)]
    cost: Decimal,
    list: Vec<i64>,
    note: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "events", buckets = 8)]
struct Event {
    id: i64,
    #[schema(index)]
    kind: String,
}

const ALL: [&SchemaMeta; 7] =
    [Member::META, Counter::META, Article::META, Login::META, Ticket::META, Exact::META, Event::META];

fn member(email: &str) -> Member {
    Member { email: email.to_owned(), age: 30, ..Member::default() }
}

fn login(cookie: &str) -> Login {
    Login { cookie: cookie.to_owned(), user_id: 7, ..Login::default() }
}

fn check(store: &Store) {
    layout::check(store, &ALL);
}

/// The milliseconds that a key lives; -1 for ever, -2 if it is not there.
fn lives(store: &Store, key: &str) -> i64 {
    store.servers().command(redis::cmd("PTTL").arg(format!("{{{}.{key}", store.prefix())))
}

fn raw(store: &Store, key: &str) -> Option<String> {
    store.servers().command(redis::cmd("GET").arg(format!("{{{}.{key}", store.prefix())))
}

/// Waits until a login has expired.
async fn gone(repo: &Repo, token: Uuid) {
    let end = Instant::now() + Duration::from_secs(10);
    while repo.get::<Login>(token).await.unwrap().is_some() {
        assert!(Instant::now() < end, "the row did not expire in time");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn upsert(repo: &Repo, row: Member) -> Upserted<Member> {
    let insert = repo.insert(row).on_conflict(|c| {
        c.target(|m| m.email).update(|m| (m.name, m.age)).filter(|m, excluded| m.age.lt(excluded.age))
    });
    insert.await.unwrap()
}

fn refused(error: &Error, name: &str) {
    match error {
        Error::Constraint(refused) => {
            assert_eq!((refused.kind, refused.name.as_str()), (ConstraintKind::Unique, name), "{error}");
        }
        _ => panic!("{error}"),
    }
}

on_both_redis! {
    async fn every_kind_of_write_leaves_the_keys_that_the_layout_says(store: Store) {
        let repo = &store.repo;
        let ann = repo.insert(Member { name: Some("Ann".into()), city: Some("Oslo".into()), ..member("ann@x") }).await.unwrap();
        check(&store);
        assert_eq!((ann.id, ann.status.as_deref()), (1, Some("new")));
        let bob = repo.insert(Member { id: 40, ..member("bob@x") }).await.unwrap();
        let cyd = repo.insert(member("cyd@x")).await.unwrap();
        assert_eq!((bob.id, cyd.id), (40, 41));
        check(&store);
        let ann = repo.update(ann.change(|m| (m.email.set("anna@x"), m.city.set(None::<String>), m.age.set(31)))).await.unwrap();
        check(&store);
        assert_eq!(repo.find::<Member>(1).await.unwrap(), ann);
        let count = repo.insert_all(vec![member("1@x"), member("2@x"), member("3@x")]).await.unwrap();
        assert_eq!(count, 3);
        check(&store);
        let count = repo.update_all(Member::query().filter(|m| m.age.eq(30)), |m| (m.age.set(m.age + 10), m.city.set("Rome"))).await.unwrap();
        assert_eq!(count, 5);
        check(&store);
        let ages = repo.all(Member::query().filter(|m| m.city.eq("Rome")).order_by(|m| m.age.asc()).select(|m| m.age)).await.unwrap();
        assert_eq!(ages, [40; 5]);
        repo.delete(bob).await.unwrap();
        check(&store);
        let gone = repo.delete_all(Member::query().filter(|m| m.age.gte(40))).returning(|m| m.email).await.unwrap();
        assert_eq!(gone.into_iter().collect::<BTreeSet<_>>(), ["1@x", "2@x", "3@x", "cyd@x"].map(str::to_owned).into());
        check(&store);
        repo.delete(ann).await.unwrap();
        check(&store);
        let left = store.keys().into_iter().filter(|key| !key.ends_with("/built") && !key.ends_with("/sequence"));
        assert_eq!(left.collect::<Vec<_>>(), [""; 0]);
    }

    async fn a_row_that_gets_another_key_moves_with_all_its_entries(store: Store) {
        let repo = &store.repo;
        repo.insert_all(vec![member("1@x"), member("2@x"), member("3@x")]).await.unwrap();
        let moved = repo.update_all(Member::query().filter(|m| m.id.in_([1, 2, 3])), |m| m.id.set(m.id + 1)).returning(|m| m.id).await.unwrap();
        assert_eq!(moved.into_iter().collect::<BTreeSet<_>>(), [2, 3, 4].into());
        check(&store);
        let emails = repo.all(Member::query().order_by(|m| m.id.asc()).select(|m| (m.id, m.email))).await.unwrap();
        assert_eq!(emails, [(2, "1@x".to_owned()), (3, "2@x".to_owned()), (4, "3@x".to_owned())]);
        let error = repo.update_all(Member::query().filter(|m| m.id.eq(2)), |m| m.id.set(3)).await.unwrap_err();
        refused(&error, "members_pkey");
        let error = repo.update_all(Member::query().filter(|m| m.id.in_([2, 3])), |m| m.id.set(9)).await.unwrap_err();
        refused(&error, "members_pkey");
        check(&store);
    }

    async fn a_unique_value_is_had_by_one_row(store: Store) {
        let repo = &store.repo;
        let ann = repo.insert(member("ann@x")).await.unwrap();
        let error = repo.insert(member("ann@x")).await.unwrap_err();
        refused(&error, "members_email_index");
        let Error::Constraint(constraint) = &error else { panic!("{error}") };
        assert_eq!((constraint.table.as_deref(), constraint.columns.as_slice()), (Some("members"), &["email".to_owned()][..]));
        refused(&repo.insert(Member { id: ann.id, ..member("other@x") }).await.unwrap_err(), "members_pkey");
        let changeset = Changeset::<Member>::new().change(|m| (m.email.set("ann@x"), m.age.set(1)));
        let Err(Error::Invalid(invalid)) = repo.insert(changeset).await else { panic!("it was inserted") };
        assert_eq!(serde_json::to_value(invalid.errors()).unwrap(), serde_json::json!({"email": ["has already been taken"]}));
        let bob = repo.insert(member("bob@x")).await.unwrap();
        let Err(Error::Invalid(invalid)) = repo.update(bob.clone().change(|m| m.email.set("ann@x"))).await else { panic!("it was updated") };
        assert_eq!(serde_json::to_value(invalid.errors()).unwrap(), serde_json::json!({"email": ["has already been taken"]}));
        check(&store);
        // Two rows may swap what each of them has alone.
        repo.delete(ann).await.unwrap();
        repo.update(bob.change(|m| m.email.set("ann@x"))).await.unwrap();
        check(&store);
    }

    async fn of_sixteen_inserts_of_one_value_one_wins_and_the_others_are_told_the_field(store: Store) {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let repo = store.connect().await;
            tasks.spawn(async move { repo.insert(Changeset::<Member>::new().change(|m| (m.email.set("one@x"), m.age.set(1)))).await });
        }
        let results = tasks.join_all().await;
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for result in lost {
            let Err(Error::Invalid(invalid)) = result else { panic!("{result:?}") };
            assert_eq!(serde_json::to_value(invalid.errors()).unwrap(), serde_json::json!({"email": ["has already been taken"]}));
        }
        check(&store);
        assert_eq!(store.repo.count(Member::query()).await.unwrap(), 1);
    }

    async fn sixteen_tasks_that_count_lose_nothing(store: Store) {
        store.repo.insert(Counter { name: "hits".into(), count: 0 }).await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let repo = store.connect().await;
            tasks.spawn(async move {
                for _ in 0..10 {
                    let counted = repo.update_all(Counter::query().filter(|c| c.name.eq("hits")), |c| c.count.set(c.count + 1)).await.unwrap();
                    assert_eq!(counted, 1);
                }
            });
        }
        tasks.join_all().await;
        assert_eq!(store.repo.find::<Counter>("hits").await.unwrap().count, 160);
        check(&store);
    }

    async fn sixteen_tasks_that_upsert_lose_nothing(store: Store) {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let repo = store.connect().await;
            tasks.spawn(async move {
                let mut inserted = 0;
                for _ in 0..10 {
                    let row = Counter { name: "hits".into(), count: 1 };
                    let upserted = repo.insert(row).on_conflict(|c| c.target(|c| c.name).set(|c, excluded| c.count.set(c.count + excluded.count)));
                    inserted += usize::from(upserted.await.unwrap().is_inserted());
                }
                inserted
            });
        }
        assert_eq!(tasks.join_all().await.into_iter().sum::<usize>(), 1);
        assert_eq!(store.repo.find::<Counter>("hits").await.unwrap().count, 160);
        check(&store);
    }

    async fn a_row_of_another_version_is_stale(store: Store) {
        let repo = &store.repo;
        let mine = repo.insert(Article { title: "a".into(), ..Article::default() }).await.unwrap();
        let theirs = repo.update(mine.clone().change(|a| a.title.set("b"))).await.unwrap();
        assert_eq!(theirs.revision, mine.revision + 1);
        assert!(matches!(repo.update(mine.clone().change(|a| a.title.set("c"))).await, Err(Error::Stale(_))));
        assert!(matches!(repo.delete(mine).await, Err(Error::Stale(_))));
        repo.delete(theirs.clone()).await.unwrap();
        assert!(matches!(repo.delete(theirs).await, Err(Error::Stale(_))));
        check(&store);
    }

    async fn an_upsert_inserts_updates_or_skips(store: Store) {
        let repo = &store.repo;
        let first = upsert(repo, member("ann@x")).await;
        assert!(first.is_inserted());
        let Upserted::Updated(row) = upsert(repo, Member { name: Some("Ann".into()), age: 31, ..member("ann@x") }).await else { panic!("not updated") };
        assert_eq!((row.id, row.name.as_deref(), row.age), (first.into_row().id, Some("Ann"), 31));
        assert!(matches!(upsert(repo, member("ann@x")).await, Upserted::Skipped(_)));
        check(&store);
        let ignored = repo.insert(member("ann@x")).on_conflict(|c| c.ignore()).await.unwrap();
        assert!(matches!(ignored, Upserted::Skipped(_)));
        // A conflict with anything else than the target is an error as ever.
        let error = repo.insert(Member { id: row.id, ..member("other@x") }).on_conflict(|c| c.target(|m| m.email).update(|m| m.age)).await.unwrap_err();
        refused(&error, "members_pkey");
        let error = repo.insert(member("x@x")).on_conflict(|c| c.target(|m| m.age).update(|m| m.name)).await.unwrap_err();
        assert!(matches!(&error, Error::Query(_)) && error.to_string().contains("none is over (age)"), "{error}");
        check(&store);
    }

    async fn a_bulk_insert_says_which_rows_landed(store: Store) {
        let repo = &store.repo;
        repo.insert(member("taken@x")).await.unwrap();
        let rows = vec![member("1@x"), member("taken@x"), member("2@x"), member("1@x"), Member { id: 99, ..member("3@x") }, Member { id: 1, ..member("4@x") }];
        let Err(Error::Partial(partial)) = repo.insert_all(rows).await else { panic!("all landed") };
        // Rows that set their key are a statement of their own; the places are those of the list.
        assert_eq!(partial.landed, [0, 2, 4]);
        assert_eq!(partial.failed.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [1, 3, 5]);
        refused(&partial.failed[0].1, "members_email_index");
        refused(&partial.failed[2].1, "members_pkey");
        check(&store);
        let rows: Vec<Member> = (0..2_500).map(|number| member(&format!("{number}@many"))).collect();
        let ids = repo.insert_all(rows).returning(|m| m.id).await.unwrap();
        assert_eq!(ids.len(), 2_500);
        assert!(ids.is_sorted());
        let again = (2_498..2_502).map(|number| member(&format!("{number}@many"))).collect::<Vec<_>>();
        let count = repo.insert_all(again).on_conflict(|c| c.target(|m| m.email).update(|m| m.age)).await.unwrap();
        assert_eq!(count, 4);
        let ignored = repo.insert_all(vec![member("0@many"), member("new@many")]).on_conflict(|c| c.ignore()).returning(|m| m.email).await.unwrap();
        assert_eq!(ignored, ["new@many"]);
        assert_eq!(repo.count(Member::query()).await.unwrap(), 2_507);
    }

    async fn rows_live_as_long_as_their_schema_their_field_or_the_call_says(store: Store) {
        let repo = &store.repo;
        let hour = 3_600_000;
        let near = |lives: i64, wanted: i64| assert!((wanted - 60_000..=wanted).contains(&lives), "{lives} is not about {wanted}");
        let row = repo.insert(login("a")).await.unwrap();
        near(lives(&store, &format!("logins}}:{}", row.token)), hour);
        near(lives(&store, "logins}/unique/cookie=a"), hour);
        check(&store);
        let row = repo.update(row.change(|l| l.user_id.set(8))).ttl(Duration::from_secs(7200)).await.unwrap();
        near(lives(&store, "logins}/unique/cookie=a"), 2 * hour);
        check(&store);
        repo.update_all(Login::query().filter(|l| l.user_id.eq(8)), |l| l.user_id.set(9)).await.unwrap();
        near(lives(&store, &format!("logins}}:{}", row.token)), hour);
        check(&store);
        let soon = Utc::now() + TimeDelta::minutes(10);
        let ticket = repo.insert(Ticket { seat: "1A".into(), expires_at: Some(soon), ..Ticket::default() }).await.unwrap();
        near(lives(&store, "tickets}:1"), hour / 6);
        let ticket = repo.update(ticket.change(|t| t.expires_at.set(None::<DateTime<Utc>>))).await.unwrap();
        assert_eq!((lives(&store, "tickets}:1"), lives(&store, "tickets}/unique/seat=1A")), (-1, -1));
        check(&store);
        repo.update(ticket.change(|t| t.hall.set(2))).ttl(Duration::from_secs(60)).await.unwrap();
        near(lives(&store, "tickets}:1"), 60_000);
        repo.insert_all(vec![member("1@x"), member("2@x")]).ttl(Duration::from_secs(60)).await.unwrap();
        near(lives(&store, "members}:1"), 60_000);
        let upserted = repo.insert(member("1@x")).on_conflict(|c| c.target(|m| m.email).update(|m| m.age)).ttl(Duration::from_secs(600)).await.unwrap();
        assert!(!upserted.is_inserted());
        near(lives(&store, "members}/unique/email=1@x"), 600_000);
        repo.update_all(Member::query().filter(|m| m.id.eq(1)), |m| m.age.set(1)).await.unwrap();
        assert_eq!(lives(&store, "members}/unique/email=1@x"), -1);
        check(&store);
    }

    async fn a_row_that_has_expired_is_gone_with_its_claims(store: Store) {
        let repo = &store.repo;
        let first = repo.insert(login("a")).ttl(Duration::from_millis(30)).await.unwrap();
        gone(repo, first.token).await;
        let second = repo.insert(login("a")).await.unwrap();
        assert_ne!(first.token, second.token);
        check(&store);
        // The same key again, while its old members may still be there.
        let brief = repo.insert(Login { token: Uuid::from_u128(1), user_id: 1, ..login("b") }).ttl(Duration::from_millis(30)).await.unwrap();
        gone(repo, brief.token).await;
        repo.insert(Login { token: Uuid::from_u128(1), user_id: 2, ..login("c") }).await.unwrap();
        check(&store);
        assert_eq!(repo.count(Login::query().filter(|l| l.user_id.eq(1))).await.unwrap(), 0);
    }

    async fn a_row_that_expired_before_it_was_written_is_not_written(store: Store) {
        let repo = &store.repo;
        let past = Utc::now() - TimeDelta::minutes(1);
        let ticket = repo.insert(Ticket { seat: "1A".into(), expires_at: Some(past), ..Ticket::default() }).await.unwrap();
        assert_eq!(repo.get::<Ticket>(ticket.id).await.unwrap(), None);
        check(&store);
        let ticket = repo.insert(Ticket { seat: "1A".into(), ..Ticket::default() }).await.unwrap();
        repo.update(ticket.clone().change(|t| t.expires_at.set(Some(past)))).await.unwrap();
        assert_eq!(repo.get::<Ticket>(ticket.id).await.unwrap(), None);
        check(&store);
        repo.insert(Ticket { seat: "1A".into(), ..Ticket::default() }).await.unwrap();
        check(&store);
    }

    async fn a_time_to_live_that_cannot_be_counted_is_an_error(store: Store) {
        for ttl in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
            let error = store.repo.insert(login("a")).ttl(ttl).await.unwrap_err();
            assert!(matches!(&error, Error::Query(_)) && error.to_string().contains("time to live"), "{error}");
        }
        assert_eq!(store.keys(), [""; 0]);
    }

    async fn values_survive_updates_of_others_exactly(store: Store) {
        let repo = &store.repo;
        let row = Exact { id: 1, big: (1 << 53) + 1, cost: "0.10".parse().unwrap(), list: Vec::new(), note: None };
        let row = repo.insert(row).await.unwrap();
        let before = raw(&store, "exacts}:1").unwrap();
        assert_eq!(before, r#"{"id":1,"big":"9007199254740993","cost":"0.10","list":[]}"#);
        // Another program adds a member of its own.
        let theirs = before.replace("{\"id\"", "{\"theirs\":{\"a\": 1.50, \"b\":[]},\"id\"");
        let key = format!("{{{}.exacts}}:1", store.prefix());
        store.servers().command::<()>(redis::cmd("SET").arg(&key).arg(&theirs));
        repo.update(row.change(|e| e.note.set("x"))).await.unwrap();
        repo.update_all(Exact::query().filter(|e| e.big.gt(1 << 53)), |e| e.note.set("y")).await.unwrap();
        let after = raw(&store, "exacts}:1").unwrap();
        assert_eq!(after, r#"{"id":1,"big":"9007199254740993","cost":"0.10","list":[],"note":"y","theirs":{"a": 1.50, "b":[]}}"#);
        let read = repo.find::<Exact>(1).await.unwrap();
        assert_eq!((read.big, read.cost.to_string(), read.list), ((1 << 53) + 1, "0.10".to_owned(), vec![]));
        check(&store);
    }

    async fn a_column_that_may_not_be_null_refuses_it(store: Store) {
        let Err(Error::Partial(partial)) = store.repo.insert_all(Member::rows([1], |m, _| m.age.set(3))).await else { panic!("it landed") };
        assert_eq!((partial.landed.len(), partial.failed.len()), (0, 1));
        let Error::Constraint(constraint) = &partial.failed[0].1 else { panic!("{partial}") };
        assert_eq!((constraint.kind, constraint.columns.as_slice()), (ConstraintKind::NotNull, &["email".to_owned()][..]));
        assert_eq!(store.keys(), [""; 0]);
    }

    async fn keys_go_on_behind_those_that_were_given(store: Store) {
        let repo = &store.repo;
        let big = (1i64 << 53) + 1;
        repo.insert(Member { id: big, ..member("big@x") }).await.unwrap();
        assert_eq!(repo.insert(member("next@x")).await.unwrap().id, big + 1);
        check(&store);
        // Another program wrote a row and knows no sequence.
        store.servers().command::<()>(redis::cmd("DEL").arg(format!("{{{}.members}}/sequence", store.prefix())));
        repo.insert(Member { id: 1, ..member("one@x") }).await.unwrap();
        store.servers().command::<()>(redis::cmd("DEL").arg(format!("{{{}.members}}/sequence", store.prefix())));
        assert_eq!(repo.insert(member("after@x")).await.unwrap().id, big + 2);
        check(&store);
    }

    async fn a_schema_in_buckets_is_written_row_by_row(store: Store) {
        let repo = &store.repo;
        repo.insert_all((0..40).map(|_| Event { id: 0, kind: "click".into() }).collect::<Vec<_>>()).await.unwrap();
        let error = repo.insert(Event { id: 7, kind: "again".into() }).await.unwrap_err();
        refused(&error, "events_pkey");
        repo.insert(Event { id: 100, kind: "far".into() }).await.unwrap();
        assert_eq!(repo.insert(Event { id: 0, kind: "next".into() }).await.unwrap().id, 101);
        check(&store);
        let error = repo.delete_all(Event::query().filter(|e| e.kind.eq("click"))).await.unwrap_err();
        assert!(matches!(&error, Error::Unsupported(_)) && error.to_string().contains("several buckets of Event"), "{error}");
        assert_eq!(repo.delete_all(Event::query().filter(|e| e.id.eq(7))).await.unwrap(), 1);
        assert_eq!(repo.update_all(Event::query().filter(|e| e.kind.eq("far")), |e| e.kind.set("near")).await.unwrap(), 1);
        check(&store);
        assert_eq!(repo.count(Event::query().filter(|e| e.kind.eq("click"))).await.unwrap(), 39);
    }

    async fn a_write_that_does_not_know_an_index_takes_it_out_of_the_registry(store: Store) {
        #[derive(Debug, Clone, Default, PartialEq, Schema)]
        #[schema(table = "members")]
        struct Older {
            id: i64,
            email: String,
            age: i32,
        }
        store.repo.insert(member("ann@x")).await.unwrap();
        store.repo.insert(Older { id: 0, email: "old@x".into(), age: 3 }).await.unwrap();
        let error = store.repo.all(Member::query().filter(|m| m.email.eq("old@x"))).await.unwrap_err();
        assert!(matches!(error, Error::IndexNotBuilt(_)), "{error}");
        assert_eq!(store.repo.count(Older::query()).await.unwrap(), 2);
        check(&store);
    }

    async fn what_observers_see_of_writes_depends_neither_on_values_nor_on_the_number_of_rows(store: Store) {
        let (_, seen) = store.repo.capture(async |repo| {
            repo.insert_all(vec![Counter { name: "a".into(), count: 1 }, Counter { name: "b".into(), count: 2 }]).await?;
            repo.insert(Counter { name: "c".into(), count: 3 }).await?;
            repo.update_all(Counter::query().filter(|c| c.name.eq("a")), |c| c.count.set(c.count + 5)).await?;
            repo.delete_all(Counter::query().filter(|c| c.name.in_(["a", "b"]))).await
        }).await.unwrap();
        let tag = format!("{{{}.counters}}", store.prefix());
        let seen: Vec<String> = seen.iter().map(|statement| statement.sql().replace(&tag, "{counters}")).collect();
        assert_eq!(seen, [
            "APPLY {counters} INSERT (name, count) VALUES ($1, $2)",
            "APPLY {counters} INSERT (name, count) VALUES ($1, $2)",
            "GET {counters}:$1 APPLY SET count = count + $2",
            "MGET {counters}:$1 APPLY DELETE",
        ]);
    }
}

on_sql_stores! {
    async fn no_sql_store_has_a_time_to_live(store: Store) {
        store.create("create table counters (name {text} primary key, count {i64} not null)").await;
        let name = store.pick("sqlite", "postgres");
        let row = Counter { name: "a".into(), count: 1 };
        let ttl = Duration::from_secs(1);
        let many: Vec<Counter> = (0..5_000).map(|number| Counter { name: number.to_string(), count: 1 }).collect();
        let errors = [
            store.repo.insert(row.clone()).ttl(ttl).await.unwrap_err(),
            store.repo.insert_all(many).ttl(ttl).await.unwrap_err(),
            store.repo.insert(row.clone()).on_conflict(|c| c.ignore()).ttl(ttl).await.unwrap_err(),
            store.repo.update_all(Counter::query(), |c| c.count.set(1)).ttl(ttl).await.unwrap_err(),
            store.repo.update(row.change(|c| c.count.set(2))).ttl(ttl).await.unwrap_err(),
        ];
        for error in errors {
            assert!(error.to_string().starts_with(&format!("{name} has no time to live: ")), "{error}");
        }
        assert_eq!(store.repo.count(Counter::query()).await.unwrap(), 0);
    }
}
