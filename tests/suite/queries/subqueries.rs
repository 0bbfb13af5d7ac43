//! Queries in queries, and around them.

use super::*;

fn more_visited(p: schemas::PostColumns<Post, NotNull>) -> Expr<Post, bool, NotNull> {
    exists(Post::query().filter(|other| other.visits.gt(p.visits)))
}

on_every_store! {
    async fn subquery_005_an_aggregate_over_a_query_that_is_cut(store: Store) {
        posts(&store, &[("a", 10), ("b", 11), ("c", 13)]).await;
        let repo = &store.repo;
        let ordered = || Post::query().order_by(|p| p.visits);
        for (q, greatest) in [(ordered(), 13), (ordered().limit(2), 11)] {
            assert_eq!(repo.aggregate(&q, |p| p.visits.max()).await.unwrap(), Some(greatest));
            assert_eq!(repo.aggregate(q.select(|p| p.visits), |p| p.visits.max()).await.unwrap(), Some(greatest));
        }
    }
}

on_sql_stores! {
    async fn subquery_009_rows_are_ordered_by_a_correlated_subquery(store: Store) {
        posts(&store, &[("a", 10), ("b", 11)]).await;
        let q = Post::query().order_by(more_visited).select(|p| p.visits);
        assert_eq!(store.repo.all(q).await.unwrap(), [Some(11), Some(10)]);
    }

    async fn subquery_011_rows_are_grouped_by_a_correlated_subquery(store: Store) {
        posts(&store, &[("a", 10), ("b", 10), ("c", 11)]).await;
        let q = Post::query().group_by(more_visited).order_by(|p| p.visits.sum()).select(|p| p.visits.sum());
        assert_eq!(store.repo.all(q).await.unwrap(), [Some(11), Some(20)]);
    }
}
