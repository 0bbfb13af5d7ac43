//! Values of the common types in filters, selections and aggregates.

use super::*;
use chrono::{DateTime, NaiveDateTime, Utc};
use peristyle::prelude::*;
use peristyle_tests::schemas::{Custom, Post, TABLES, Usec, User};
use uuid::Uuid;

fn naive(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn posted() -> Post {
    Post {
        counter: Some(1),
        visits: Some(10),
        public: Some(true),
        title: Some("hello".into()),
        blob: Some(vec![0, 1]),
        intensity: Some(2.5),
        uuid: Some(Uuid::from_u128(0xa0)),
        inserted_at: naive("2014-01-16T20:26:51"),
        ..Post::default()
    }
}

on_sql_stores! {
    async fn type_001_values_are_found_and_given_back(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(posted()).await.unwrap();
        let user = repo
            .insert(User { inserted_at: "2015-12-31T23:59:59Z".parse().unwrap(), ..User::named("Ann") })
            .await
            .unwrap();
        let posts = Post::query;
        assert_eq!(repo.all(posts().filter(|p| p.id.eq(post.id)).select(|p| p.id)).await.unwrap(), [post.id]);
        assert_eq!(repo.all(posts().filter(|p| p.visits.eq(10)).select(|p| p.visits)).await.unwrap(), [Some(10)]);
        assert_eq!(
            repo.all(posts().filter(|p| p.visits.eq(constant(10))).select(|p| p.visits)).await.unwrap(),
            [Some(10)]
        );
        assert_eq!(
            repo.all(posts().filter(|p| p.intensity.eq(2.5)).select(|p| p.intensity)).await.unwrap(),
            [Some(2.5)]
        );
        assert_eq!(repo.all(posts().filter(|p| p.public.eq(true)).select(|p| p.public)).await.unwrap(), [Some(true)]);
        assert_eq!(
            repo.all(posts().filter(|p| p.public.eq(constant(true))).select(|p| p.public)).await.unwrap(),
            [Some(true)]
        );
        assert_eq!(
            repo.all(posts().filter(|p| p.title.eq(constant("hello"))).select(|p| p.title)).await.unwrap(),
            [Some("hello".to_owned())]
        );
        assert_eq!(
            repo.all(posts().filter(|p| p.blob.eq(vec![0u8, 1])).select(|p| p.blob)).await.unwrap(),
            [Some(vec![0, 1])]
        );
        assert_eq!(
            repo.all(posts().filter(|p| p.uuid.eq(Uuid::from_u128(0xa0))).select(|p| p.uuid)).await.unwrap(),
            [post.uuid]
        );
        let at = posts().filter(|p| p.inserted_at.eq(post.inserted_at)).select(|p| p.inserted_at);
        assert_eq!(repo.all(at).await.unwrap(), [naive("2014-01-16T20:26:51")]);
        let at = User::query().filter(|u| u.inserted_at.eq(user.inserted_at)).select(|u| u.inserted_at);
        assert_eq!(repo.all(at).await.unwrap(), [user.inserted_at]);
        let computed =
            posts().select(|p| (p.visits + 2, p.visits * 3, p.intensity - 0.5, p.intensity / 2.0, p.visits % 3));
        assert_eq!(repo.only(computed).await.unwrap(), (Some(12), Some(30), Some(2.0), Some(1.25), Some(1)));
        let literals = posts().select(|_| (sql::<Option<i32>>("null"), sql::<f64>("cast(1.5 as double precision)")));
        assert_eq!(repo.only(literals).await.unwrap(), (None, 1.5));
    }
}

on_every_store! {
    async fn type_001_microseconds_keep_six_digits(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        for text in ["2014-01-16T20:26:51", "2014-01-16T20:26:51.123", "2014-01-16T20:26:51.123456"] {
            let utc: DateTime<Utc> = naive(text).and_utc();
            let usec =
                Usec { naive_datetime_usec: Some(naive(text)), utc_datetime_usec: Some(utc), ..Default::default() };
            let usec = repo.insert(usec).await.unwrap();
            let found = Usec::query().filter(|u| u.naive_datetime_usec.eq(naive(text)) & u.utc_datetime_usec.eq(utc));
            assert_eq!(repo.only(found).await.unwrap(), usec);
        }
    }

    async fn type_004_a_boolean_column_is_negated(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        repo.insert(Post { public: Some(true), ..Default::default() }).await.unwrap();
        let negated = Post::query().filter(|p| p.public.eq(true)).select(|p| (!p.public, !!p.public));
        assert_eq!(repo.all(negated).await.unwrap(), [(Some(false), Some(true))]);
    }

    async fn type_005_the_greatest_time_is_a_time(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        repo.insert(posted()).await.unwrap();
        let max = repo.all(Post::query().select(|p| p.inserted_at.max())).await.unwrap();
        assert_eq!(max, [Some(naive("2014-01-16T20:26:51"))]);
    }

    async fn type_007_a_filtered_aggregate_keeps_the_type(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        repo.insert(posted()).await.unwrap();
        repo.insert(Post { public: Some(false), inserted_at: naive("2030-01-01T00:00:00"), ..Default::default() })
            .await
            .unwrap();
        let max = repo.aggregate(Post::query(), |p| p.inserted_at.max().filter(p.public.eq(true))).await.unwrap();
        assert_eq!(max, Some(naive("2014-01-16T20:26:51")));
    }

    async fn type_008_coalesce_of_null_bytes_gives_bytes(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        repo.insert(Post { blob: None, ..Default::default() }).await.unwrap();
        let blobs: Vec<Vec<u8>> = repo.all(Post::query().select(|p| p.blob.coalesce(vec![0u8, 1]))).await.unwrap();
        assert_eq!(blobs, [vec![0, 1]]);
    }

    async fn type_009_coalesce_of_bytes_gives_them(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        repo.insert(Post { blob: Some(vec![0, 2]), ..Default::default() }).await.unwrap();
        let blobs: Vec<Vec<u8>> = repo.all(Post::query().select(|p| p.blob.coalesce(vec![0u8, 1]))).await.unwrap();
        assert_eq!(blobs, [vec![0, 2]]);
    }
}

on_sql_stores! {
    async fn type_013_bytes_that_are_text_match_a_pattern_of_bytes(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Post { blob: Some(b"hello".to_vec()), ..Default::default() }).await.unwrap();
        let found =
            Post::query().filter(|p| sql::<bool>("{} like {}").bind((p.blob, b"hello".to_vec()))).select(|p| p.id);
        assert_eq!(repo.all(found).await.unwrap(), [post.id]);
    }
}

on_every_store! {
    async fn sql_003_the_sign_survives_a_cast(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        repo.insert(Post::visited("a", -42)).await.unwrap();
        assert_eq!(repo.all(Post::query().select(|p| p.visits.cast::<i64>())).await.unwrap(), [Some(-42)]);
        assert_eq!(repo.all(Post::query().select(|p| -p.visits)).await.unwrap(), [Some(42)]);
    }
}

on_postgres! {
    async fn type_012_bytes_match_a_pattern_of_bytes(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Post { blob: Some(vec![0, 1, 2]), ..Default::default() }).await.unwrap();
        let found =
            Post::query().filter(|p| sql::<bool>("{} like {}").bind((p.blob, vec![0u8, 1, 2]))).select(|p| p.id);
        assert_eq!(repo.all(found).await.unwrap(), [post.id]);
    }
}

on_every_store! {
    async fn a_key_of_a_uuid_is_found_by_lists_of_any_length(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut keys = Vec::new();
        for _ in 0..20 {
            keys.push(repo.insert(Custom::default()).await.unwrap().bid);
        }
        for length in [0, 1, 2, 19, 20] {
            let found = repo.count(Custom::query().filter(|c| c.bid.in_(&keys[..length]))).await.unwrap();
            assert_eq!(found, length as u64);
        }
        assert_eq!(repo.count(Custom::query().filter(|c| c.bid.not_in(&keys[..5]))).await.unwrap(), 15);
    }
}
