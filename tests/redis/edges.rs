//! Where rows, limits and schemas are at their edges.

use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::{Store, layout, on_both_redis, on_redis};
use std::time::{Duration, Instant};

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "people", index(age, city))]
struct Person {
    id: i64,
    #[schema(unique)]
    email: Option<String>,
    #[schema(index)]
    age: Option<i32>,
    #[schema(index)]
    city: Option<String>,
}

/// The same table by another program of the same repo: other columns in another order, and other indexes.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "people")]
struct Badge {
    #[schema(index)]
    city: Option<String>,
    #[schema(unique)]
    code: Option<String>,
    #[schema(primary_key)]
    id: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "slots", unique(room, hour), ttl = "1h")]
struct Slot {
    #[schema(primary_key)]
    name: String,
    room: Option<String>,
    hour: Option<i32>,
}

fn person(id: i64, age: Option<i32>, city: Option<&str>) -> Person {
    Person { id, email: Some(format!("{id}@x")), age, city: city.map(str::to_owned) }
}

fn check(store: &Store) {
    layout::check(store, &[Person::META, Slot::META]);
}

on_both_redis! {
    async fn limits_and_offsets_of_any_size_are_taken(store: Store) {
        let repo = &store.repo;
        repo.insert_all((1..=9).map(|id| person(id, (id % 3 > 0).then_some(id as i32 % 3), Some("Rome"))).collect::<Vec<_>>()).await.unwrap();
        for huge in [1 << 53, u64::from(u32::MAX), i64::MAX as u64, u64::MAX] {
            let all = repo.all(Person::query().order_by(|p| p.id.asc()).limit(huge)).await.unwrap();
            assert_eq!(all.len(), 9, "{huge}");
            let none = repo.all(Person::query().order_by(|p| p.id.desc()).offset(huge)).await.unwrap();
            assert_eq!(none, [], "{huge}");
            let both = repo.all(Person::query().filter(|p| p.age.in_([1, 2])).order_by(|p| p.city.asc()).limit(huge).offset(3)).await.unwrap();
            assert_eq!(both.len(), 3, "{huge}");
            let both = repo.all(Person::query().filter(|p| p.age.in_([1, 2])).order_by(|p| p.city.asc()).limit(huge).offset(huge)).await.unwrap();
            assert_eq!(both, [], "{huge}");
            let count = repo.count(Person::query().filter(|p| p.city.eq("Rome")).limit(huge)).await.unwrap();
            assert_eq!(count, 9, "{huge}");
            let filtered = repo.all(Person::query().filter(|p| p.age.eq(1) & p.city.gt("A")).order_by(|p| p.id.asc()).limit(huge).offset(1)).await.unwrap();
            assert_eq!(filtered.len(), 2, "{huge}");
        }
        assert_eq!(repo.all(Person::query().limit(0)).await.unwrap(), []);
        assert_eq!(repo.count(Person::query().limit(0)).await.unwrap(), 0);
        assert_eq!(repo.count(Person::query().limit(4).offset(7)).await.unwrap(), 2);
        assert!(!repo.exists(Person::query().offset(9)).await.unwrap());
        assert_eq!(repo.all(Person::query().filter(|p| p.id.in_([3, 3, 99, 1]))).await.unwrap().len(), 2);
        assert_eq!(repo.all(Person::query().filter(|p| p.id.in_(Vec::<i64>::new()))).await.unwrap(), []);
        assert_eq!(repo.count(Person::query().filter(|p| p.age.not_in(Vec::<i32>::new()))).await.unwrap(), 9);
        assert_eq!(repo.count(Person::query().filter(|p| p.age.in_(Vec::<i32>::new()))).await.unwrap(), 0);
        assert_eq!(repo.update_all(Person::query().filter(|p| p.age.in_(Vec::<i32>::new())), |p| p.age.set(1)).await.unwrap(), 0);
        check(&store);
    }

    async fn two_structs_of_one_table_may_write_in_one_transaction(store: Store) {
        let repo = &store.repo;
        repo.insert_all(vec![person(1, Some(30), Some("Rome")), person(2, Some(40), Some("Oslo"))]).await.unwrap();
        repo.transaction(async |tx| {
            tx.insert(person(3, Some(50), Some("Kyiv"))).await?;
            tx.insert(Badge { id: 4, code: Some("d".into()), city: Some("Bern".into()) }).await?;
            let one = tx.find::<Badge>(1).await?;
            assert_eq!((one.id, one.city.as_deref()), (1, Some("Rome")));
            tx.update(one.change(|b| (b.code.set("a"), b.city.set("Lyon")))).await?;
            let one = tx.find::<Person>(1).await?;
            assert_eq!((one.age, one.city.as_deref()), (Some(30), Some("Lyon")));
            tx.update(one.change(|p| p.age.set(31))).await?;
            assert_eq!(tx.find::<Badge>(1).await?.code.as_deref(), Some("a"));
            let two = tx.find::<Person>(2).await?;
            tx.delete(two).await?;
            tx.insert(Badge { id: 2, code: Some("b".into()), city: None }).await?;
            Ok(())
        }).await.unwrap();
        let one = repo.find::<Person>(1).await.unwrap();
        assert_eq!((one.age, one.email.as_deref(), one.city.as_deref()), (Some(31), Some("1@x"), Some("Lyon")));
        assert_eq!(repo.find::<Badge>(1).await.unwrap().code.as_deref(), Some("a"));
        repo.reindex::<Person>().rebuild().await.unwrap();
        repo.reindex::<Badge>().rebuild().await.unwrap();
        let cities = repo.all(Badge::query().filter(|b| b.city.is_not_null()).order_by(|b| b.city.asc()).select(|b| (b.id, b.city))).await.unwrap();
        let expected = [(4, "Bern"), (3, "Kyiv"), (1, "Lyon")].map(|(id, city)| (id, Some(city.to_owned())));
        assert_eq!(cities, expected);
        assert_eq!(repo.get_by::<Badge>(|b| b.code.eq("b")).await.unwrap().map(|b| b.id), Some(2));
    }

    async fn a_unique_value_of_several_columns_is_free_where_one_is_null(store: Store) {
        let repo = &store.repo;
        let slot = |name: &str, room: Option<&str>, hour: Option<i32>| Slot { name: name.into(), room: room.map(str::to_owned), hour };
        repo.insert_all(vec![slot("a", Some("x:1"), Some(1)), slot("b", Some("x"), None), slot("c", Some("x"), None), slot("d", None, Some(1))]).await.unwrap();
        repo.insert(slot("e", Some("x"), Some(11))).await.unwrap();
        assert!(matches!(repo.insert(slot("f", Some("x:1"), Some(1))).await, Err(Error::Constraint(_))));
        check(&store);
        let moved = repo.update_all(Slot::query().filter(|s| s.name.in_(["b", "c"])), |s| s.hour.set(5)).await;
        assert!(matches!(moved, Err(Error::Constraint(_))));
        check(&store);
        // What two rows have is swapped, and goes round among three.
        repo.update(repo.find::<Slot>("b").await.unwrap().change(|s| s.hour.set(1))).await.unwrap();
        repo.update(repo.find::<Slot>("c").await.unwrap().change(|s| s.hour.set(2))).await.unwrap();
        let changed = repo.update_all(Slot::query().filter(|s| s.room.eq("x") & s.hour.in_([1, 2])), |s| s.hour.set(s.hour * -1 + 3)).await.unwrap();
        assert_eq!(changed, 2);
        assert_eq!(repo.find::<Slot>("b").await.unwrap().hour, Some(2));
        check(&store);
    }

    async fn a_transaction_may_go_back_and_forth(store: Store) {
        let repo = &store.repo;
        repo.insert_all(vec![person(1, Some(1), None), person(2, Some(2), None), person(3, None, None)]).await.unwrap();
        repo.transaction(async |tx| {
            // Inserted, changed, deleted, inserted.
            let new = tx.insert(person(10, None, None)).await?;
            let new = tx.update(new.change(|p| (p.age.set(5), p.email.set("new@x")))).await?;
            tx.delete(new).await?;
            assert_eq!(tx.get::<Person>(10).await?, None);
            tx.insert(Person { email: Some("1@x+".into()), ..person(10, Some(6), None) }).await?;
            // Deleted and inserted with the value of another, which gets another.
            tx.delete(tx.find::<Person>(1).await?).await?;
            tx.update(tx.find::<Person>(2).await?.change(|p| p.email.set("1@x"))).await?;
            tx.insert(Person { email: Some("2@x".into()), ..person(1, Some(9), Some("Rome")) }).await?;
            tx.update(tx.find::<Person>(3).await?.change(|p| p.email.set("free"))).await?;
            tx.update(tx.find::<Person>(3).await?.change(|p| p.email.set("3@x"))).await?;
            tx.insert(Person { email: Some("free".into()), ..person(11, None, None) }).await?;
            tx.delete(tx.find::<Person>(11).await?).await?;
            Ok(())
        }).await.unwrap();
        check(&store);
        let emails = repo.all(Person::query().order_by(|p| p.id.asc()).select(|p| (p.id, p.email))).await.unwrap();
        let expected = [(1, "2@x"), (2, "1@x"), (3, "3@x"), (10, "1@x+")].map(|(id, email)| (id, Some(email.to_owned())));
        assert_eq!(emails, expected);
        let error = repo.insert(Person { email: Some("1@x".into()), ..person(50, None, None) }).await.unwrap_err();
        assert!(matches!(error, Error::Constraint(_)), "{error}");
        repo.insert(Person { email: Some("free".into()), ..person(51, None, None) }).await.unwrap();
        check(&store);
    }

    async fn a_unique_value_of_a_row_that_expired_is_taken_and_the_old_row_comes_back_without_it(store: Store) {
        let repo = &store.repo;
        let slot = |name: &str, hour: i32| Slot { name: name.into(), room: Some("r".into()), hour: Some(hour) };
        repo.insert(slot("a", 1)).ttl(Duration::from_millis(40)).await.unwrap();
        repo.insert(slot("b", 2)).ttl(Duration::from_millis(40)).await.unwrap();
        let end = Instant::now() + Duration::from_secs(10);
        while repo.get::<Slot>("b").await.unwrap().is_some() {
            assert!(Instant::now() < end);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        repo.insert(slot("c", 1)).await.unwrap();
        check(&store);
        assert!(matches!(repo.insert(slot("a", 1)).await, Err(Error::Constraint(_))));
        let upserted = repo.insert(slot("b", 3)).on_conflict(|c| c.target(|s| s.name).update(|s| s.hour)).await.unwrap();
        assert!(upserted.is_inserted(), "{upserted:?}");
        check(&store);
        repo.insert(slot("a", 2)).await.unwrap();
        check(&store);
        assert_eq!(repo.count(Slot::query()).await.unwrap(), 3);
    }
}

on_both_redis! {
    async fn the_end_of_the_generated_keys_is_an_error_that_says_so(store: Store) {
        let repo = &store.repo;
        repo.insert(person(i64::MAX, None, None)).await.unwrap();
        let error = repo.insert(Person { email: Some("next@x".into()), ..Person::default() }).await.unwrap_err();
        assert!(matches!(error, Error::Encode(_)) && error.to_string().contains("no more keys of id"), "{error}");
        repo.insert(Person { email: Some("less@x".into()), ..person(i64::MIN, None, None) }).await.unwrap();
        assert_eq!(repo.all(Person::query().order_by(|p| p.id.asc()).select(|p| p.id)).await.unwrap(), [i64::MIN, i64::MAX]);
        check(&store);
    }

    async fn rows_of_a_list_that_meet_each_other_are_upserted_in_their_order(store: Store) {
        let repo = &store.repo;
        repo.insert(person(1, None, None)).await.unwrap();
        let taken = Person { email: Some("1@x".into()), ..person(6, Some(1), None) };
        let rows = vec![taken, person(6, Some(2), None), person(6, Some(3), None)];
        let written = repo.insert_all(rows).on_conflict(|c| c.target(|p| p.id).update(|p| p.age)).await;
        let Err(Error::Partial(partial)) = written else { panic!("all were written") };
        assert_eq!((&partial.landed[..], partial.failed[0].0), (&[1, 2][..], 0));
        assert_eq!(repo.find::<Person>(6).await.unwrap().age, Some(3));
        check(&store);
    }

    async fn a_row_that_a_conflict_clause_leaves_alone_is_no_failed_one(store: Store) {
        let repo = &store.repo;
        repo.insert_all(vec![person(1, None, None), person(2, None, None)]).await.unwrap();
        let taken = Person { email: Some("2@x".into()), ..person(5, None, None) };
        let rows = vec![person(1, Some(9), None), taken, person(6, None, None)];
        let inserted = repo.insert_all(rows).on_conflict(|c| c.target(|p| p.id).ignore()).await;
        let Err(Error::Partial(partial)) = inserted else { panic!("all were written") };
        assert_eq!((&partial.landed[..], partial.failed.len(), partial.failed[0].0), (&[0, 2][..], 1, 1));
        assert!(partial.to_string().starts_with("1 of 3 rows of Person could not be written"), "{partial}");
        check(&store);
    }
}

on_redis! {
    async fn three_valued_logic_is_that_of_sql(store: Store) {
        let repo = &store.repo;
        let ages = [None, Some(1), Some(2), Some(3), None, Some(i32::MAX), Some(i32::MIN)];
        repo.insert_all((1..).zip(ages).map(|(id, age)| person(id, age, None)).collect::<Vec<_>>()).await.unwrap();
        macro_rules! ids {
            ($filter:expr) => { repo.all(Person::query().filter($filter).order_by(|p| p.id.asc()).select(|p| p.id)).await.unwrap() };
        }
        assert_eq!(ids!(|p| !p.age.gt(1)), [2, 7]);
        assert_eq!(ids!(|p| !p.age.between(2, 3)), [2, 6, 7]);
        assert_eq!(ids!(|p| !(p.age.gt(1) & p.age.lt(3))), [2, 4, 6, 7]);
        assert_eq!(ids!(|p| !(p.age.eq(1) | p.age.is_null())), [3, 4, 6, 7]);
        assert_eq!(ids!(|p| p.age.eq(1) | p.age.is_null()), [1, 2, 5]);
        assert_eq!(ids!(|p| !p.age.in_([1, 2])), [4, 6, 7]);
        assert_eq!(ids!(|p| !(!p.age.ne(2))), [2, 4, 6, 7]);
        assert_eq!(ids!(|p| p.age.gt(i32::MAX)), [0_i64; 0]);
        assert_eq!(ids!(|p| p.age.lt(i32::MIN)), [0_i64; 0]);
        assert_eq!(ids!(|p| p.age.gte(i32::MAX) | p.age.lte(i32::MIN)), [6, 7]);
        assert_eq!(ids!(|p| p.age.gt(2) & p.age.is_null()), [0_i64; 0]);
        assert_eq!(ids!(|p| p.email.like("%") & p.id.lt(3)), [1, 2]);
        assert_eq!(ids!(|p| !p.email.like("1%") & p.id.lte(2)), [2]);
    }
}
