//! `any`, `all`, `none` and `exists` along to-many associations.

use super::shelf::{Book, Reader, Writer};
use super::*;

/// The ids of the books for which a condition holds.
async fn books<C: IntoCondition<Book>>(
    store: &Store,
    condition: impl FnOnce(<Book as Record>::Columns<Book, NotNull>) -> C,
) -> Vec<i64> {
    store.repo.all(Book::query().filter(condition).order_by(|b| b.id).select(|b| b.id)).await.unwrap()
}

/// The ids of the writers for whom a condition holds.
async fn writers<C: IntoCondition<Writer>>(
    store: &Store,
    condition: impl FnOnce(<Writer as Record>::Columns<Writer, NotNull>) -> C,
) -> Vec<i64> {
    store.repo.all(Writer::query().filter(condition).order_by(|w| w.id).select(|w| w.id)).await.unwrap()
}

on_sql_stores! {
    async fn the_sql_of_quantifiers(store: Store) {
        shelf::fill(&store).await;
        let any = Book::query().filter(|b| b.reviews().any(|r| r.stars.gt(3))).select(|b| b.id);
        snapshot!(sql_of(&any), @r#"
        SELECT "b0"."id"
        FROM "books" AS "b0"
        WHERE EXISTS (SELECT 1 FROM "reviews" AS "sr0" WHERE "b0"."id" = "sr0"."book_id" AND "sr0"."stars" > $1)
        -- [3]
        "#);
        let all = Book::query().filter(|b| b.reviews().all(|r| r.stars.gt(3))).select(|b| b.id);
        snapshot!(sql_of(&all), @r#"
        SELECT "b0"."id"
        FROM "books" AS "b0"
        WHERE NOT EXISTS (SELECT 1 FROM "reviews" AS "sr0" WHERE "b0"."id" = "sr0"."book_id" AND NOT COALESCE("sr0"."stars" > $1, FALSE))
        -- [3]
        "#);
        let many = Book::query().filter(|b| b.labels().none(|l| l.text.eq("old"))).select(|b| b.id);
        snapshot!(sql_of(&many), @r#"
        SELECT "b0"."id"
        FROM "books" AS "b0"
        WHERE NOT EXISTS (SELECT 1 FROM "labels" AS "sl0" INNER JOIN "books_labels" AS "sb1" ON "sb1"."label_id" = "sl0"."id" WHERE "b0"."id" = "sb1"."book_id" AND "sl0"."text" = $1)
        -- ["old"]
        "#);
        let through = Book::query().filter(|b| b.reviewers().exists()).select(|b| b.id);
        snapshot!(sql_of(&through), @r#"
        SELECT "b0"."id"
        FROM "books" AS "b0"
        WHERE EXISTS (SELECT 1 FROM "readers" AS "sr0" WHERE EXISTS (SELECT 1 FROM "reviews" AS "ssr0" WHERE "ssr0"."reader_id" = "sr0"."id" AND "b0"."id" = "ssr0"."book_id"))
        "#);
        assert_eq!(store.repo.count(any).await.unwrap(), 2);
    }

    async fn quantifiers_along_has_many(store: Store) {
        shelf::fill(&store).await;
        assert_eq!(books(&store, |b| b.reviews().any(|r| r.stars.gt(3))).await, [1, 2]);
        assert_eq!(books(&store, |b| !b.reviews().any(|r| r.stars.gt(3))).await, [3, 4]);
        assert_eq!(books(&store, |b| b.reviews().none(|r| r.stars.gt(3))).await, [3, 4]);
        assert_eq!(books(&store, |b| b.reviews().exists()).await, [1, 2, 3]);
        assert_eq!(books(&store, |b| !b.reviews().exists()).await, [4]);
        assert_eq!(books(&store, |b| b.reviews().all(|r| r.stars.gt(1))).await, [2, 4]);
        assert_eq!(
            books(&store, |b| b.reviews().filter(|r| r.stars.is_not_null()).all(|r| r.stars.gt(1))).await,
            [1, 2, 3, 4]
        );
        assert_eq!(books(&store, |b| b.reviews().all(|r| r.stars.is_null() | r.stars.gt(2))).await, [1, 3, 4]);
    }

    async fn a_condition_that_is_null_does_not_hold(store: Store) {
        shelf::fill(&store).await;
        // Book 3 has one review, whose stars are NULL; book 4 has none.
        assert_eq!(books(&store, |b| b.reviews().any(|r| r.stars.gt(0)) & b.id.eq(3)).await, [] as [i64; 0]);
        assert_eq!(books(&store, |b| b.reviews().all(|r| r.stars.gt(0)) & b.id.gte(3)).await, [4]);
        assert_eq!(books(&store, |b| b.reviews().none(|r| r.stars.gt(0)) & b.id.gte(3)).await, [3, 4]);
        assert_eq!(books(&store, |b| !b.reviews().all(|r| r.stars.gt(0))).await, [1, 3]);
        // The negation of a NULL is NULL as well.
        assert_eq!(books(&store, |b| b.reviews().all(|r| !r.stars.gt(0)) & b.id.gte(3)).await, [4]);
    }

    async fn quantifiers_along_many_to_many(store: Store) {
        shelf::fill(&store).await;
        assert_eq!(books(&store, |b| b.labels().any(|l| l.text.eq("code"))).await, [1, 2]);
        assert_eq!(books(&store, |b| b.labels().none(|l| l.text.eq("code"))).await, [3, 4]);
        assert_eq!(books(&store, |b| b.labels().all(|l| l.text.ne("old"))).await, [1, 4]);
        assert_eq!(books(&store, |b| b.readers().any(|r| r.name.eq("Pat"))).await, [1, 3]);
        assert_eq!(books(&store, |b| b.readers().all(|r| r.name.eq("Pat"))).await, [2, 3, 4]);
        assert_eq!(books(&store, |b| b.readers().exists()).await, [1, 3]);
    }

    async fn quantifiers_along_through(store: Store) {
        shelf::fill(&store).await;
        assert_eq!(writers(&store, |w| w.reviews().any(|r| r.stars.eq(5))).await, [1]);
        assert_eq!(writers(&store, |w| w.reviews().exists()).await, [1, 2]);
        assert_eq!(writers(&store, |w| w.reviews().none(|r| r.stars.gte(1))).await, [2, 3, 4]);
        assert_eq!(writers(&store, |w| w.labels().all(|l| l.text.eq("old"))).await, [2, 3, 4]);
        assert_eq!(writers(&store, |w| w.stocked_reviews().exists()).await, [1]);
        assert_eq!(writers(&store, |w| w.praise().exists()).await, [1]);
        assert_eq!(books(&store, |b| b.reviewers().any(|r| r.name.eq("Quin"))).await, [1]);
        assert_eq!(books(&store, |b| b.reviewers().none(|r| r.name.eq("Pat"))).await, [4]);
    }

    async fn quantifiers_inside_of_quantifiers(store: Store) {
        shelf::fill(&store).await;
        let deep =
            writers(&store, |w| w.books().any(|b| b.reviews().all(|r| r.stars.gt(1)) & b.reviews().exists())).await;
        assert_eq!(deep, [1]);
        // The innermost condition uses the outermost row.
        let own = writers(&store, |w| w.books().any(|b| b.labels().any(|l| l.id.eq(w.id)))).await;
        assert_eq!(own, [1, 2]);
        let pupils =
            writers(&store, |w| w.pupils().any(|p| p.pupils().any(|q| q.books().any(|b| b.title.eq("Void"))))).await;
        assert_eq!(pupils, [1]);
    }

    async fn quantifiers_of_a_row_at_the_end_of_a_path(store: Store) {
        shelf::fill(&store).await;
        assert_eq!(books(&store, |b| b.writer().pupils().exists()).await, [1, 2, 3]);
        assert_eq!(books(&store, |b| b.writer().mentor().books().any(|o| o.title.eq("Rust"))).await, [3]);
        // Where the path ends in no row there is nothing that could fail.
        assert_eq!(books(&store, |b| b.mentor().books().all(|o| o.pages.lt(0))).await, [1, 2]);
    }

    async fn quantifiers_of_a_joined_row(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query()
            .left_join(|w| w.books())
            .filter(|(_, b)| b.labels().none(|l| l.text.eq("code")))
            .order_by(|(w, b)| (w.id, b.id))
            .select(|(w, b)| (w.id, b.id));
        assert_eq!(store.repo.all(query).await.unwrap(), [(2, Some(3)), (3, Some(4)), (4, None)]);
    }

    async fn a_limit_before_a_quantifier(store: Store) {
        shelf::fill(&store).await;
        let among = |limit| Book::query().filter(|b| b.reviews().order_by(|r| r.id).limit(limit).exists());
        assert_eq!(store.repo.count(among(1)).await.unwrap(), 3);
        assert_eq!(store.repo.count(among(0)).await.unwrap(), 0);
        let second = Book::query().filter(|b| b.reviews().order_by(|r| r.id).offset(1).exists()).order_by(|b| b.id);
        assert_eq!(store.repo.all(second.select(|b| b.id)).await.unwrap(), [1, 2]);
    }

    async fn a_quantifier_as_a_selected_value(store: Store) {
        shelf::fill(&store).await;
        let query = Reader::query()
            .order_by(|r| r.id)
            .select(|r| (r.name, r.loans().any(|l| l.days.gte(10)), r.loans().exists()));
        let expected = [("Pat", true, true), ("Quin", true, true), ("Ray", false, false)];
        assert_eq!(store.repo.all(query).await.unwrap(), expected.map(|(name, any, all)| (name.to_owned(), any, all)));
    }
}
