//! Counts, sums, averages and extremes of a query's rows.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::schemas::{Post, TABLES};

async fn visited(store: &Store, visits: &[i32]) {
    store.create(TABLES).await;
    for visits in visits {
        store.repo.insert(Post::visited("a", *visits)).await.unwrap();
    }
}

on_every_store! {
    async fn repo_052_aggregates_of_a_query_and_of_its_first_rows(store: Store) {
        visited(&store, &[]).await;
        let repo = &store.repo;
        let posts = Post::query();
        assert_eq!(repo.aggregate(&posts, |p| p.visits.max()).await.unwrap(), None);
        assert_eq!(repo.count(&posts).await.unwrap(), 0);
        for visits in [10, 12, 14, 14] {
            repo.insert(Post::visited("a", visits)).await.unwrap();
        }
        assert_eq!(repo.aggregate(&posts, |p| p.visits.max()).await.unwrap(), Some(14));
        assert_eq!(repo.aggregate(&posts, |p| p.visits.min()).await.unwrap(), Some(10));
        assert_eq!(repo.aggregate(&posts, |p| p.visits.count()).await.unwrap(), 4);
        assert_eq!(repo.aggregate(&posts, |p| p.visits.sum()).await.unwrap(), Some(50));
        assert_eq!(repo.aggregate(&posts, |p| p.visits.avg()).await.unwrap(), Some(12.5));
        let ordered = posts.order_by(|p| p.visits);
        assert_eq!(repo.aggregate(&ordered, |p| p.visits.max()).await.unwrap(), Some(14));
        let first = ordered.limit(2);
        assert_eq!(repo.aggregate(&first, |p| p.visits.max()).await.unwrap(), Some(12));
        assert_eq!(repo.count(&first).await.unwrap(), 2);
        assert_eq!(
            repo.aggregate(first.clone().offset(1), |p| (p.visits.min(), p.visits.sum())).await.unwrap(),
            (Some(12), Some(26))
        );
    }

    async fn repo_054_the_distinct_values_are_counted(store: Store) {
        visited(&store, &[10, 12, 14, 14]).await;
        let repo = &store.repo;
        let distinct = Post::query().distinct().order_by(|p| p.visits).select(|p| p.visits);
        assert_eq!(repo.aggregate(&distinct, |p| p.visits.count()).await.unwrap(), 3);
        assert_eq!(repo.count(&distinct).await.unwrap(), 3);
        assert_eq!(repo.aggregate(Post::query(), |p| p.visits.count_distinct()).await.unwrap(), 3);
        assert_eq!(repo.aggregate(&distinct, |p| p.visits.sum()).await.unwrap(), Some(36));
    }

    async fn groups_are_counted_and_not_aggregated_to_one_value(store: Store) {
        visited(&store, &[1, 1, 2]).await;
        let repo = &store.repo;
        let groups = Post::query().group_by(|p| p.visits).select(|p| p.visits);
        assert_eq!(repo.count(&groups).await.unwrap(), 2);
        let error = repo.aggregate(&groups, |p| p.visits.max()).await.unwrap_err();
        assert!(matches!(error, Error::Query(_)) && error.to_string().contains("groups"), "{error}");
        let error = repo.aggregate(Post::query(), |p| p.visits).await.unwrap_err();
        assert!(matches!(error, Error::Query(_)) && error.to_string().contains("needs an aggregate"), "{error}");
    }
}

on_sql_stores! {
    async fn sums_do_not_overflow(store: Store) {
        visited(&store, &[i32::MAX, i32::MAX, i32::MAX]).await;
        let repo = &store.repo;
        let sum = repo.aggregate(Post::query(), |p| p.visits.sum()).await.unwrap();
        assert_eq!(sum, Some(3 * i64::from(i32::MAX)));
        repo.script("create table totals (id integer primary key, total bigint)").await.unwrap();
        for _ in 0..3 {
            let next = repo.count(Total::query()).await.unwrap() as i32 + 1;
            repo.insert(Total { id: next, total: i64::MAX }).await.unwrap();
        }
        let sum = repo.aggregate(Total::query(), |t| t.total.sum()).await.unwrap();
        assert_eq!(sum.unwrap().to_string(), "27670116110564327421");
    }
}

#[derive(Debug, Default, PartialEq, Schema)]
struct Total {
    id: i32,
    total: i64,
}
