//! Wide rows, long conditions and long lists.

use super::*;
use std::collections::HashSet;

macro_rules! wide {
    ($($field:ident)*) => {
        #[derive(Debug, Clone, Default, PartialEq, Schema)]
        #[schema(table = "wide")]
        struct Wide {
            id: i64,
            $($field: Option<i32>,)*
        }

        const WIDE: &str = concat!("create table wide ({id}" $(, ", ", stringify!($field), " {i32}")*, ")");

        impl Wide {
            fn numbered(start: i32) -> Wide {
                let mut numbers = start..;
                Wide { id: 0, $($field: numbers.next()),* }
            }
        }
    };
}
wide! {
    c1 c2 c3 c4 c5 c6 c7 c8 c9 c10 c11 c12 c13 c14 c15 c16 c17 c18 c19 c20 c21 c22 c23 c24 c25 c26 c27 c28 c29 c30
    c31 c32 c33 c34 c35 c36 c37 c38 c39 c40 c41 c42 c43 c44 c45 c46 c47 c48 c49 c50 c51 c52 c53 c54 c55 c56 c57 c58 c59
}

on_sql_stores! {
    async fn a_schema_of_sixty_columns(store: Store) {
        store.create(WIDE).await;
        let first = store.repo.insert(Wide::numbered(1)).await.unwrap();
        let second = store.repo.insert(Wide { c30: None, ..Wide::numbered(101) }).await.unwrap();
        assert_eq!((first.c1, first.c59, second.c30), (Some(1), Some(59), None));
        assert_eq!(store.repo.all(Wide::query().order_by(|w| w.id)).await.unwrap(), [first.clone(), second.clone()]);
        let q = Wide::query()
            .filter(|w| w.c59.eq(159) & w.c30.is_null())
            .left_join_on::<Wide>(|(w, other)| other.id.ne(w.id))
            .select(|(w, other)| (other, w));
        assert_eq!(store.repo.all(q).await.unwrap(), [(Some(first), second.clone())]);
        let changed = store.repo.update(second.change(|w| (w.c58.set(w.c1), w.c59.set(None)))).await.unwrap();
        assert_eq!((changed.c58, changed.c59), (Some(101), None));
    }

    async fn a_query_of_a_hundred_filters(store: Store) {
        posts(&store, &[("a", 1), ("b", 1_000)]).await;
        let q = (0..100).fold(Post::query(), |q, n| q.filter(move |p| p.visits.ne(n + 900)));
        assert_eq!(store.repo.count(&q).await.unwrap(), 2);
        let q = (0..100).fold(q, |q, n| q.filter(move |p| p.visits.lt(1_000 - n)));
        assert_eq!(store.repo.all(q.select(|p| p.title)).await.unwrap(), [Some("a".to_owned())]);
        let q = (0..100).fold(Post::query(), |q, n| q.or_filter(move |p| p.visits.eq(n)));
        assert_eq!(store.repo.all(q.select(|p| p.title)).await.unwrap(), [Some("a".to_owned())]);
    }

    async fn a_condition_of_ten_thousand_terms(store: Store) {
        posts(&store, &[("a", 7), ("b", 9_999), ("c", 10_000)]).await;
        let conditions = || (0..10_000).map(|n| Condition::<Post>::on(move |p| p.visits.eq(n)));
        let any = Condition::any(conditions());
        let q = Post::query().filter(|_| any).order_by(|p| p.id).select(|p| p.visits);
        assert_eq!(store.repo.all(q).await.unwrap(), [Some(7), Some(9_999)]);
        let none = Condition::all(conditions().map(|condition| !condition));
        let q = Post::query().filter(|_| none).select(|p| p.visits);
        assert_eq!(store.repo.all(q).await.unwrap(), [Some(10_000)]);
        let chained = conditions().reduce(|all, next| all | next).unwrap();
        let q = Post::query().filter(|_| chained).order_by(|p| p.id).select(|p| p.visits);
        assert_eq!(store.repo.all(q).await.unwrap(), [Some(7), Some(9_999)]);
    }

    async fn a_condition_nested_thousands_deep_is_answered_or_refused(store: Store) {
        posts(&store, &[("a", 7), ("b", 8)]).await;
        let is = |n: i32| Condition::<Post>::on(move |p| p.visits.eq(n));
        let next = |all, n: i32| if n % 2 == 0 { all & !is(-n) } else { all | is(-n) };
        let alternating = |depth| (0..depth).fold(is(7), next);
        let negated = |depth| (0..2 * depth).fold(is(7), |all, _| !all);
        for depth in [100, 20_000] {
            for condition in [alternating(depth), negated(depth)] {
                match store.repo.all(Post::query().filter(|_| condition).select(|p| p.visits)).await {
                    Ok(rows) => assert_eq!(rows, [Some(7)]),
                    Err(error) => assert!(depth > 100 && error.to_string().len() < 1_000, "{error}"),
                }
            }
        }
        assert_eq!(store.repo.count(Post::query()).await.unwrap(), 2);
    }

    async fn a_list_of_a_thousand_values_and_of_a_hundred_thousand(store: Store) {
        let made = posts(&store, &[("a", 7), ("b", 999), ("c", 100_001)]).await;
        let visits = async |q: Query<Post>| store.repo.all(q.order_by(|p| p.id).select(|p| p.visits)).await.unwrap();
        for length in [1_000, 100_000] {
            assert_eq!(visits(Post::query().filter(|p| p.visits.in_(0..length))).await, [Some(7), Some(999)]);
            assert_eq!(visits(Post::query().filter(|p| p.visits.not_in(0..length))).await, [Some(100_001)]);
        }
        let titles = (0..1_000).map(|n| if n == 500 { "b".to_owned() } else { format!("it's {n}") });
        assert_eq!(visits(Post::query().filter(|p| p.title.in_(titles))).await, [Some(999)]);
        let ids = [made[0].id, i64::MAX, i64::MIN, i64::MAX - 1];
        assert_eq!(visits(Post::query().filter(|p| p.id.in_(ids))).await, [Some(7)]);
        let weights = (0..1_000).map(f64::from);
        assert_eq!(visits(Post::query().filter(|p| p.intensity.in_(weights))).await, [] as [Option<i32>; 0]);
    }

    async fn lists_of_a_thousand_lengths_are_few_statements(store: Store) {
        posts(&store, &[("a", 7)]).await;
        let run = store.repo.capture(async |repo| {
            for length in 1..=1_000 {
                let q = Post::query().filter(|p| p.visits.in_(7..7 + length));
                repo.count(q.filter(|p| p.intensity.not_in((0..length).map(f64::from)))).await?;
            }
            Ok(())
        });
        let ((), statements) = run.await.unwrap();
        assert_eq!(statements.len(), 1_000);
        let texts: HashSet<&str> = statements.iter().map(|statement| statement.sql()).collect();
        // Lists of floats, which SQLite has no exact array of, are padded to the next power of two: 1, 2, 4, … 1,024.
        let most = store.pick(11, 1);
        assert_eq!(texts.len(), most, "{texts:?}");
    }
}

on_postgres! {
    async fn lists_of_a_thousand_lengths_are_one_prepared_statement(store: Store) {
        posts(&store, &[("a", 7)]).await;
        let repo = Postgres::options(store.url()).pool_size(1).connect().await.unwrap();
        for length in 0..1_000 {
            let q = Post::query().filter(|p| p.visits.in_(7..7 + length)).select(|p| p.title);
            assert_eq!(repo.all(q).await.unwrap().len(), usize::from(length > 0));
        }
        let prepared = "select statement from pg_prepared_statements where statement like 'SELECT%'";
        let prepared = repo.sql::<String>(prepared).await.unwrap();
        assert_eq!(prepared, [r#"SELECT "p0"."title" FROM "posts" AS "p0" WHERE "p0"."visits" = ANY($1)"#]);
    }
}
