//! What a row of a query becomes.

use super::*;

#[derive(Debug, Clone, PartialEq, Projection)]
struct Title {
    title: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Projection)]
struct Summary {
    heading: String,
    visits: Option<i32>,
}

on_every_store! {
    async fn repo_088_select_builds_tuples_and_structs_unrelated_to_the_schema(store: Store) {
        posts(&store, &[("1", 13)]).await;
        let repo = &store.repo;
        let q = Post::query();
        let tuple = repo.all(q.clone().select(|p| (p.title, p.visits))).await.unwrap();
        assert_eq!(tuple, [(Some("1".to_owned()), Some(13))]);
        let nested = repo.all(q.clone().select(|p| (p.title, (p.visits, (p.counter, constant("x")))))).await.unwrap();
        assert_eq!(nested, [(Some("1".to_owned()), (Some(13), (None, "x".to_owned())))]);
        let summary =
            q.clone().select(|p| SummarySelect { heading: p.title.coalesce("?").concat("!"), visits: p.visits });
        assert_eq!(repo.all(summary).await.unwrap(), [Summary { heading: "1!".into(), visits: Some(13) }]);
        let inside = q.select(|p| (p.visits, TitleSelect { title: p.title }, p));
        let (visits, title, post) = repo.only(inside).await.unwrap();
        assert_eq!((visits, title.title.as_deref(), post.visits), (Some(13), Some("1"), Some(13)));
    }
}

on_sql_stores! {
    async fn repo_091_a_projection_loads_only_its_fields(store: Store) {
        posts(&store, &[("1", 13)]).await;
        let q = Post::query().select(|p| TitleSelect { title: p.title });
        let (titles, statements) = store.repo.capture(async |repo| repo.all(&q).await).await.unwrap();
        assert_eq!(titles, [Title { title: Some("1".into()) }]);
        assert_eq!(statements[0].sql(), r#"SELECT "p0"."title" FROM "posts" AS "p0""#);
    }

    async fn repo_092_a_projection_is_read_from_a_table_without_a_schema(store: Store) {
        posts(&store, &[("1", 13)]).await;
        let q = store.repo.sql::<Summary>("select title, visits from posts where visits = {}").bind(13);
        assert_eq!(q.await.unwrap(), [Summary { heading: "1".into(), visits: Some(13) }]);
    }

    async fn repo_093_projections_of_nulls_on_both_sides_of_a_join_stay_structs(store: Store) {
        store.create(TABLES).await;
        store.repo.insert(Post::default()).await.unwrap();
        let q = Post::query()
            .left_join_on::<Post>(|(a, b)| a.id.eq(b.id))
            .select(|(a, b)| (TitleSelect { title: a.title }, TitleSelect { title: b.title }));
        let none = Title { title: None };
        assert_eq!(store.repo.all(q).await.unwrap(), [(none.clone(), none)]);
    }

    async fn repo_094_a_joined_row_that_is_missing_is_none_beside_a_projection(store: Store) {
        posts(&store, &[("1", 13)]).await;
        let q = Post::query()
            .left_join_on::<Post>(|(a, b)| b.id.eq(a.id + 1_000))
            .select(|(a, b)| (TitleSelect { title: a.title }, b));
        assert_eq!(store.repo.all(q).await.unwrap(), [(Title { title: Some("1".into()) }, None)]);
    }
}

on_every_store! {
    async fn repo_098_a_row_whose_only_column_is_null_is_a_row(store: Store) {
        store.create(TABLES).await;
        store.repo.insert(Post::default()).await.unwrap();
        assert_eq!(store.repo.one(Post::query().select(|p| p.counter)).await.unwrap(), Some(None));
        let title = store.repo.one(Post::query().select(|p| TitleSelect { title: p.title })).await.unwrap();
        assert_eq!(title, Some(Title { title: None }));
    }

    async fn repo_100_a_field_is_selected_and_counted_by_its_column(store: Store) {
        store.create(TABLES).await;
        for url in ["a", "b"] {
            store.repo.insert(Permalink::to(url)).await.unwrap();
        }
        store.repo.insert(Permalink::default()).await.unwrap();
        let urls = Permalink::query().filter(|l| l.url.is_not_null()).order_by(|l| l.url).select(|l| l.url);
        assert_eq!(store.repo.all(urls).await.unwrap(), [Some("a".to_owned()), Some("b".to_owned())]);
        assert_eq!(store.repo.aggregate(Permalink::query(), |l| l.url.count()).await.unwrap(), 2);
    }

    async fn repo_109_counts_of_values_and_of_different_values(store: Store) {
        posts(&store, &[("1", 1), ("1", 2), ("2", 3)]).await;
        assert_eq!(store.repo.all(Post::query().select(|p| p.title.count())).await.unwrap(), [3]);
        assert_eq!(store.repo.all(Post::query().select(|p| p.title.count_distinct())).await.unwrap(), [2]);
    }
}

on_sql_stores! {
    async fn sql_002_a_fragment_may_name_a_column(store: Store) {
        posts(&store, &[("a", 123)]).await;
        assert_eq!(store.repo.all(Post::query().select(|_| sql::<i32>("visits"))).await.unwrap(), [123]);
        assert_eq!(store.repo.sql::<i32>("select visits from posts").await.unwrap(), [123]);
    }
}
