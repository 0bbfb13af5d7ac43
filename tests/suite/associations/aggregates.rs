//! `count`, `sum`, `avg`, `min` and `max` along to-many associations.

use super::shelf::{Book, Writer};
use super::*;

on_sql_stores! {
    async fn the_sql_of_aggregates(store: Store) {
        shelf::fill(&store).await;
        let direct =
            Book::query().select(|b| (b.reviews().filter(|r| r.stars.gt(2)).count(), b.reviews().max(|r| r.stars)));
        snapshot!(sql_of(&direct), @r#"
        SELECT (SELECT COUNT(*) FROM "reviews" AS "sr0" WHERE "b0"."id" = "sr0"."book_id" AND "sr0"."stars" > $1), (SELECT MAX("sr0"."stars") FROM "reviews" AS "sr0" WHERE "b0"."id" = "sr0"."book_id")
        FROM "books" AS "b0"
        -- [2]
        "#);
        let between = Book::query().select(|b| b.labels().count());
        snapshot!(sql_of(&between), @r#"
        SELECT (SELECT COUNT(*) FROM "labels" AS "sl0" INNER JOIN "books_labels" AS "sb1" ON "sb1"."label_id" = "sl0"."id" WHERE "b0"."id" = "sb1"."book_id")
        FROM "books" AS "b0"
        "#);
        let through = Writer::query().select(|w| w.labels().count());
        snapshot!(sql_of(&through), @r#"
        SELECT (SELECT COUNT(*) FROM "labels" AS "sl0" WHERE EXISTS (SELECT 1 FROM "books_labels" AS "ssb0" INNER JOIN "books" AS "ssb1" ON "ssb1"."id" = "ssb0"."book_id" WHERE "ssb0"."label_id" = "sl0"."id" AND "w0"."id" = "ssb1"."writer_id"))
        FROM "writers" AS "w0"
        "#);
        let cut =
            Book::query().select(|b| b.reviews().order_by(|r| r.stars.desc().nulls_last()).limit(2).sum(|r| r.stars));
        snapshot!(sql_of(&cut), @r#"
        SELECT (SELECT SUM("ss0"."stars") FROM (SELECT "ssr0"."id", "ssr0"."book_id", "ssr0"."reader_id", "ssr0"."stars" FROM "reviews" AS "ssr0" WHERE "b0"."id" = "ssr0"."book_id" ORDER BY "ssr0"."stars" DESC NULLS LAST LIMIT $1) AS "ss0")
        FROM "books" AS "b0"
        -- [2]
        "#);
        assert_eq!(
            store.repo.all(direct.order_by(|b| b.id)).await.unwrap(),
            [(2, Some(5)), (1, Some(4)), (0, None), (0, None)]
        );
    }

    async fn aggregates_along_has_many(store: Store) {
        shelf::fill(&store).await;
        let query = Book::query().order_by(|b| b.id).select(|b| {
            (
                b.reviews().count(),
                b.reviews().sum(|r| r.stars),
                b.reviews().avg(|r| r.stars),
                b.reviews().min(|r| r.stars),
                b.reviews().max(|r| r.stars),
            )
        });
        let expected: [(i64, Option<i64>, Option<f64>, Option<i32>, Option<i32>); 4] = [
            (3, Some(8), Some(4.0), Some(3), Some(5)),
            (2, Some(6), Some(3.0), Some(2), Some(4)),
            (1, None, None, None, None),
            (0, None, None, None, None),
        ];
        assert_eq!(store.repo.all(query).await.unwrap(), expected);
    }

    async fn aggregates_along_many_to_many(store: Store) {
        shelf::fill(&store).await;
        let query = Book::query().order_by(|b| b.id).select(|b| {
            (b.labels().count(), b.labels().max(|l| l.text), b.readers().count(), b.readers().min(|r| r.name))
        });
        let text = |text: &str| Some(text.to_owned());
        let expected = [
            (2, text("new"), 2, text("Pat")),
            (2, text("old"), 0, None),
            (1, text("old"), 1, text("Pat")),
            (0, None, 0, None),
        ];
        assert_eq!(store.repo.all(query).await.unwrap(), expected);
    }

    async fn aggregates_along_through_count_each_row_once(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query().order_by(|w| w.id).select(|w| {
            (
                w.reviews().count(),
                w.reviews().sum(|r| r.stars),
                w.labels().count(),
                w.stocked_reviews().count(),
                w.praise().count(),
            )
        });
        let expected = [(5, Some(14), 3, 3, 2), (1, None, 1, 0, 0), (0, None, 0, 0, 0), (0, None, 0, 0, 0)];
        assert_eq!(store.repo.all(query).await.unwrap(), expected);
        let reviewers = Book::query().order_by(|b| b.id).select(|b| b.reviewers().count());
        assert_eq!(store.repo.all(reviewers).await.unwrap(), [2, 1, 1, 0]);
    }

    async fn aggregates_of_filtered_and_cut_rows(store: Store) {
        shelf::fill(&store).await;
        let query = Book::query().order_by(|b| b.id).select(|b| {
            (
                b.reviews().filter(|r| r.stars.gte(3)).count(),
                b.reviews().limit(2).count(),
                b.reviews().offset(1).count(),
                b.reviews().order_by(|r| r.stars.asc().nulls_last()).limit(1).sum(|r| r.stars),
                b.labels().limit(1).count(),
            )
        });
        let expected = [(2, 2, 2, Some(3), 1), (1, 2, 1, Some(2), 1), (0, 1, 0, None, 1), (0, 0, 0, None, 0)];
        assert_eq!(store.repo.all(query).await.unwrap(), expected);
        let through =
            Writer::query().order_by(|w| w.id).select(|w| w.labels().order_by(|l| l.text).limit(2).max(|l| l.text));
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(store.repo.all(through).await.unwrap(), [text("new"), text("old"), None, None]);
    }

    async fn aggregates_in_filters_orders_and_arithmetic(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query()
            .filter(|w| w.books().sum(|b| b.pages).gte(100))
            .order_by(|w| (w.books().count().desc(), w.id))
            .select(|w| (w.name, w.books().count() + w.pupils().count()));
        assert_eq!(store.repo.all(query).await.unwrap(), [("Ann".to_owned(), 3), ("Bob".to_owned(), 2)]);
    }

    async fn aggregates_use_the_row_that_they_belong_to_and_paths(store: Store) {
        shelf::fill(&store).await;
        let query = Book::query().order_by(|b| b.id).select(|b| {
            (
                b.writer().books().filter(|o| o.pages.lt(b.pages)).count(),
                b.reviews().filter(|r| r.reader().name.eq("Pat")).count(),
            )
        });
        assert_eq!(store.repo.all(query).await.unwrap(), [(1, 1), (0, 2), (0, 1), (0, 0)]);
        let deep = Writer::query().order_by(|w| w.id).select(|w| w.books().max(|b| b.reviews().count()));
        assert_eq!(store.repo.all(deep).await.unwrap(), [Some(3), Some(1), Some(0), None]);
    }

    async fn an_association_takes_the_clauses_of_a_query_made_elsewhere(store: Store) {
        shelf::fill(&store).await;
        let thick = Book::query().filter(|b| b.pages.gt(200));
        let query = Writer::query().order_by(|w| w.id).select(|w| w.books().query(thick).count());
        assert_eq!(store.repo.all(query).await.unwrap(), [2, 0, 0, 0]);
    }
}
