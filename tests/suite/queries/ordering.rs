//! In which order, and how many.

use super::*;

on_every_store! {
    async fn repo_048_first_and_last(store: Store) {
        let [one, two] = posts(&store, &[("1", 1), ("2", 2)]).await.try_into().unwrap();
        let one_of = async |q: Query<Post>| store.repo.one(q).await.unwrap();
        assert_eq!(one_of(Post::query().first()).await.as_ref(), Some(&one));
        assert_eq!(one_of(Post::query().last()).await.as_ref(), Some(&two));
        let by_title = || Post::query().order_by(|p| p.title);
        assert_eq!(one_of(by_title().first()).await.as_ref(), Some(&one));
        assert_eq!(one_of(by_title().last()).await.as_ref(), Some(&two));
        let descending = || Post::query().order_by(|p| p.title.desc()).limit(10);
        assert_eq!(one_of(descending().first()).await.as_ref(), Some(&two));
        assert_eq!(one_of(descending().last()).await.as_ref(), Some(&one));
        let none = || Post::query().filter(|p| p.title.eq("3"));
        assert_eq!(one_of(none().first()).await, None);
        assert_eq!(one_of(none().last()).await, None);
        for q in [none().first(), none().last()] {
            let error = store.repo.only(q).await.unwrap_err();
            assert!(error.is_not_found(), "{error}");
        }
    }
}

on_sql_stores! {
    async fn rows_come_in_the_order_that_was_asked_for(store: Store) {
        posts(&store, &[("b", 1), ("a", 2), ("c", 2)]).await;
        store.repo.insert(Post::titled("d")).await.unwrap();
        let titles = async |q: Query<Post>| {
            let titles = store.repo.all(q.select(|p| p.title.coalesce(""))).await.unwrap();
            titles.concat()
        };
        assert_eq!(titles(Post::query().order_by(|p| p.title)).await, "abcd");
        assert_eq!(titles(Post::query().order_by(|p| (p.visits.desc().nulls_last(), p.title.desc()))).await, "cabd");
        assert_eq!(titles(Post::query().order_by(|p| (p.visits.asc().nulls_first(), p.title.asc()))).await, "dbac");
        let reversed = Post::query().order_by(|p| (p.visits.asc().nulls_first(), p.title.asc())).reverse_order();
        assert_eq!(titles(reversed).await, "cabd");
        assert_eq!(titles(Post::query().order_by(|p| p.title).offset(1).limit(2)).await, "bc");
        assert_eq!(titles(Post::query().order_by(|p| p.title).offset(3)).await, "d");
        assert_eq!(titles(Post::query().limit(0)).await, "");
        assert_eq!(titles(Post::query().offset(9)).await, "");
    }
}

on_every_store! {
    async fn a_limit_beyond_what_a_store_can_count_is_all_rows_or_a_clear_error(store: Store) {
        posts(&store, &[("a", 1)]).await;
        let largest = u64::try_from(i64::MAX).unwrap();
        assert_eq!(store.repo.all(Post::query().limit(largest)).await.unwrap().len(), 1);
        assert_eq!(store.repo.all(Post::query().limit(u64::MAX)).await.unwrap().len(), 1);
        assert_eq!(store.repo.all(Post::query().offset(u64::MAX)).await.unwrap(), []);
    }
}
