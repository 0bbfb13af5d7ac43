//! Which rows a query gives.

use super::*;
use chrono::NaiveDate;

on_every_store! {
    async fn repo_003_an_empty_table_gives_no_rows(store: Store) {
        store.create(TABLES).await;
        assert_eq!(store.repo.all(Post::query()).await.unwrap(), []);
        assert_eq!(store.repo.all(&Post::query().filter(|p| p.visits.gt(0)).order_by(|p| p.title)).await.unwrap(), []);
    }

    async fn repo_004_all_with_in(store: Store) {
        let [hello] = posts(&store, &[("hello", 1)]).await.try_into().unwrap();
        let repo = &store.repo;
        let among = async |titles: &[&str]| repo.all(Post::query().filter(|p| p.title.in_(titles))).await.unwrap();
        let outside = async |titles: &[&str]| repo.all(Post::query().filter(|p| p.title.not_in(titles))).await.unwrap();
        assert_eq!(among(&[]).await, []);
        assert_eq!(among(&["1", "2", "3"]).await, []);
        assert_eq!(outside(&[]).await, std::slice::from_ref(&hello));
        assert_eq!(outside(&["1", "hello"]).await, []);
        for titles in [&["hello"][..], &["1", "hello", "3"], &["hello", "hello"]] {
            assert_eq!(among(titles).await, std::slice::from_ref(&hello), "{titles:?}");
        }
    }

    async fn a_null_is_neither_in_a_list_nor_outside_of_one(store: Store) {
        store.create(TABLES).await;
        store.repo.insert(Post::default()).await.unwrap();
        assert_eq!(store.repo.count(Post::query().filter(|p| p.title.in_(["a"]))).await.unwrap(), 0);
        assert_eq!(store.repo.count(Post::query().filter(|p| p.title.not_in(["a"]))).await.unwrap(), 0);
        assert_eq!(store.repo.count(Post::query().filter(|p| !p.title.in_(["a"]))).await.unwrap(), 0);
    }

    async fn repo_110_a_list_of_conditions_must_hold_as_a_whole(store: Store) {
        let [first, _] = posts(&store, &[("a", 1), ("a", 2)]).await.try_into().unwrap();
        let uuid = uuid::Uuid::from_u128(0x1234);
        let first = store.repo.update(first.change(|p| p.uuid.set(uuid))).await.unwrap();
        let filtered = async |conditions: Vec<Condition<Post>>| {
            let condition = Condition::all(conditions);
            store.repo.all(Post::query().filter(|_| condition).order_by(|p| p.id).select(|p| p.id)).await.unwrap()
        };
        assert_eq!(filtered(vec![]).await.len(), 2);
        assert_eq!(filtered(vec![Condition::<Post>::on(|p| p.title.eq("a"))]).await.len(), 2);
        let both = vec![Condition::<Post>::on(|p| p.title.eq("a")), Condition::<Post>::on(|p| p.visits.eq(1))];
        assert_eq!(filtered(both.clone()).await, [first.id]);
        let three = Vec::from_iter(both.into_iter().chain([Condition::<Post>::on(|p| p.uuid.eq(uuid))]));
        assert_eq!(filtered(three).await, [first.id]);
        let never = vec![Condition::<Post>::on(|p| p.title.eq("b")), Condition::<Post>::on(|p| p.visits.eq(1))];
        assert!(filtered(never).await.is_empty());
    }
}

on_sql_stores! {
    async fn sql_001_a_fragment_compares_a_time_with_a_value(store: Store) {
        store.create(TABLES).await;
        let time = NaiveDate::from_ymd_opt(2014, 1, 16).unwrap().and_hms_opt(20, 26, 51).unwrap();
        store.repo.insert(Post { inserted_at: time, ..Post::default() }).await.unwrap();
        let q = Post::query().filter(|p| sql::<bool>("{} >= {}").bind((p.inserted_at, time))).select(|p| p.inserted_at);
        assert_eq!(store.repo.all(q).await.unwrap(), [time]);
    }

    async fn sql_007_a_raw_query_gives_its_rows(store: Store) {
        assert_eq!(store.repo.sql::<(i32,)>("SELECT 1").await.unwrap(), [(1,)]);
        assert_eq!(store.repo.sql::<i32>("SELECT 1").await.unwrap(), [1]);
    }
}

on_every_store! {
    async fn sql_013_a_title_updated_to_a_quote_is_that_quote(store: Store) {
        let [post] = posts(&store, &[("a", 1)]).await.try_into().unwrap();
        let post = store.repo.update(post.change(|p| p.title.set("'"))).await.unwrap();
        assert_eq!(post.title.as_deref(), Some("'"));
        assert_eq!(store.repo.find::<Post>(post.id).await.unwrap(), post);
    }
}
