//! Joins along associations.

use super::shelf::{Book, Review, Writer};
use super::*;

on_sql_stores! {
    async fn a_join_along_has_many(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query().join(|w| w.books()).order_by(|(w, b)| (w.id, b.id)).select(|(w, b)| (w.id, b.id));
        snapshot!(sql_of(&query), @r#"
        SELECT "w0"."id", "b1"."id"
        FROM "writers" AS "w0"
        INNER JOIN "books" AS "b1" ON "w0"."id" = "b1"."writer_id"
        ORDER BY "w0"."id" ASC, "b1"."id" ASC
        "#);
        assert_eq!(store.repo.all(query).await.unwrap(), [(1, 1), (1, 2), (2, 3), (3, 4)]);
    }

    async fn a_left_join_along_has_many(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query().left_join(|w| w.books()).order_by(|(w, b)| (w.id, b.id)).select(|(w, b)| (w.id, b));
        snapshot!(sql_of(&query), @r#"
        SELECT "w0"."id", "b1"."id", "b1"."title", "b1"."pages", "b1"."stock", "b1"."writer_id"
        FROM "writers" AS "w0"
        LEFT JOIN "books" AS "b1" ON "w0"."id" = "b1"."writer_id"
        ORDER BY "w0"."id" ASC, "b1"."id" ASC
        "#);
        let rows = store.repo.all(query).await.unwrap();
        let ids: Vec<_> = rows.into_iter().map(|(id, book)| (id, book.map(|book| book.id))).collect();
        assert_eq!(ids, [(1, Some(1)), (1, Some(2)), (2, Some(3)), (3, Some(4)), (4, None)]);
    }

    async fn a_filter_of_the_association_is_part_of_the_join(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query()
            .left_join(|w| w.books().filter(|b| b.pages.gt(200)).filter(|b| b.title.ne(w.name)))
            .order_by(|(w, b)| (w.id, b.id))
            .select(|(w, b)| (w.id, b.id));
        snapshot!(sql_of(&query), @r#"
        SELECT "w0"."id", "b1"."id"
        FROM "writers" AS "w0"
        LEFT JOIN "books" AS "b1" ON "w0"."id" = "b1"."writer_id" AND "b1"."pages" > $1 AND "b1"."title" <> "w0"."name"
        ORDER BY "w0"."id" ASC, "b1"."id" ASC
        -- [200]
        "#);
        let expected = [(1, Some(1)), (1, Some(2)), (2, None), (3, None), (4, None)];
        assert_eq!(store.repo.all(query).await.unwrap(), expected);
    }

    async fn a_filter_in_a_join_follows_paths(store: Store) {
        shelf::fill(&store).await;
        let query = Book::query()
            .join(|b| b.labels().filter(|l| l.text.ne(b.writer().name)))
            .order_by(|(b, l)| (b.id, l.id))
            .select(|(b, l)| (b.id, l.text));
        snapshot!(sql_of(&query), @r#"
        SELECT "b0"."id", "l3"."text"
        FROM "books" AS "b0"
        INNER JOIN "books_labels" AS "b1" ON "b0"."id" = "b1"."book_id"
        INNER JOIN "writers" AS "w2" ON "b0"."writer_id" = "w2"."id"
        INNER JOIN "labels" AS "l3" ON "b1"."label_id" = "l3"."id" AND "l3"."text" <> "w2"."name"
        ORDER BY "b0"."id" ASC, "l3"."id" ASC
        "#);
        let expected = [(1, "code"), (1, "new"), (2, "code"), (2, "old"), (3, "old")];
        assert_eq!(store.repo.all(query).await.unwrap(), expected.map(|(id, text)| (id, text.to_owned())));
    }

    async fn a_filter_in_a_join_may_ask_for_further_rows(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query()
            .join(|w| w.books().filter(|b| b.reviews().any(|r| r.stars.gt(3) & r.id.gte(w.id))))
            .order_by(|(_, b)| b.id)
            .select(|(w, b)| (w.id, b.id));
        snapshot!(sql_of(&query), @r#"
        SELECT "w0"."id", "b1"."id"
        FROM "writers" AS "w0"
        INNER JOIN "books" AS "b1" ON "w0"."id" = "b1"."writer_id" AND EXISTS (SELECT 1 FROM "reviews" AS "sr0" WHERE "b1"."id" = "sr0"."book_id" AND "sr0"."stars" > $1 AND "sr0"."id" >= "w0"."id")
        ORDER BY "b1"."id" ASC
        -- [3]
        "#);
        assert_eq!(store.repo.all(query).await.unwrap(), [(1, 1), (1, 2)]);
    }

    async fn joins_along_belongs_to(store: Store) {
        shelf::fill(&store).await;
        let inner = Book::query().join(|b| b.writer()).filter(|(_, w)| w.name.eq("Ann")).order_by(|(b, _)| b.id);
        snapshot!(sql_of(&inner.clone().select(|(b, w)| (b.title, w.name))), @r#"
        SELECT "b0"."title", "w1"."name"
        FROM "books" AS "b0"
        INNER JOIN "writers" AS "w1" ON "b0"."writer_id" = "w1"."id"
        WHERE "w1"."name" = $1
        ORDER BY "b0"."id" ASC
        -- ["Ann"]
        "#);
        let titles: Vec<String> = store.repo.all(inner).await.unwrap().into_iter().map(|book| book.title).collect();
        assert_eq!(titles, ["Rust", "Elixir"]);
        let left = Review::query().left_join(|r| r.reader()).order_by(|(r, _)| r.id).select(|(_, reader)| reader.name);
        let found = store.repo.all(left).await.unwrap();
        let found: Vec<_> = found.iter().map(Option::as_deref).collect();
        assert_eq!(found, [Some("Pat"), Some("Quin"), None, Some("Pat"), Some("Pat"), Some("Pat")]);
    }

    async fn joins_along_a_join_table(store: Store) {
        shelf::fill(&store).await;
        let inner = Book::query().join(|b| b.labels()).order_by(|(b, l)| (b.id, l.id)).select(|(b, l)| (b.id, l.text));
        snapshot!(sql_of(&inner), @r#"
        SELECT "b0"."id", "l2"."text"
        FROM "books" AS "b0"
        INNER JOIN "books_labels" AS "b1" ON "b0"."id" = "b1"."book_id"
        INNER JOIN "labels" AS "l2" ON "b1"."label_id" = "l2"."id"
        ORDER BY "b0"."id" ASC, "l2"."id" ASC
        "#);
        let expected = [(1, "code"), (1, "new"), (2, "code"), (2, "old"), (3, "old")];
        assert_eq!(store.repo.all(inner).await.unwrap(), expected.map(|(id, text)| (id, text.to_owned())));
        let left = Book::query()
            .left_join(|b| b.labels())
            .filter(|(b, _)| b.id.gte(3))
            .order_by(|(b, _)| b.id)
            .select(|(b, l)| (b.id, l.text));
        snapshot!(sql_of(&left), @r#"
        SELECT "b0"."id", "l2"."text"
        FROM "books" AS "b0"
        LEFT JOIN "books_labels" AS "b1" ON "b0"."id" = "b1"."book_id"
        LEFT JOIN "labels" AS "l2" ON "b1"."label_id" = "l2"."id"
        WHERE "b0"."id" >= $1
        ORDER BY "b0"."id" ASC
        -- [3]
        "#);
        assert_eq!(store.repo.all(left).await.unwrap(), [(3, Some("old".to_owned())), (4, None)]);
    }

    async fn joins_along_a_join_schema(store: Store) {
        shelf::fill(&store).await;
        let query = Book::query()
            .join(|b| b.readers().filter(|r| r.name.ne("Quin")))
            .order_by(|(b, r)| (b.id, r.id))
            .select(|(b, r)| (b.id, r.name));
        snapshot!(sql_of(&query), @r#"
        SELECT "b0"."id", "r2"."name"
        FROM "books" AS "b0"
        INNER JOIN "loans" AS "l1" ON "b0"."id" = "l1"."book_id"
        INNER JOIN "readers" AS "r2" ON "l1"."reader_id" = "r2"."id" AND "r2"."name" <> $1
        ORDER BY "b0"."id" ASC, "r2"."id" ASC
        -- ["Quin"]
        "#);
        assert_eq!(store.repo.all(query).await.unwrap(), [(1, "Pat".to_owned()), (3, "Pat".to_owned())]);
    }

    async fn joins_along_through(store: Store) {
        shelf::fill(&store).await;
        let query =
            Writer::query().join(|w| w.labels()).order_by(|(w, l)| (w.id, l.id)).select(|(w, l)| (w.id, l.text));
        snapshot!(sql_of(&query), @r#"
        SELECT "w0"."id", "l3"."text"
        FROM "writers" AS "w0"
        INNER JOIN "books" AS "b1" ON "w0"."id" = "b1"."writer_id"
        INNER JOIN "books_labels" AS "b2" ON "b1"."id" = "b2"."book_id"
        INNER JOIN "labels" AS "l3" ON "b2"."label_id" = "l3"."id"
        ORDER BY "w0"."id" ASC, "l3"."id" ASC
        "#);
        let expected = [(1, "code"), (1, "code"), (1, "old"), (1, "new"), (2, "old")];
        assert_eq!(store.repo.all(query).await.unwrap(), expected.map(|(id, text)| (id, text.to_owned())));
        let left =
            Writer::query().left_join(|w| w.reviews()).order_by(|(w, r)| (w.id, r.id)).select(|(w, r)| (w.id, r.id));
        let expected =
            [(1, Some(1)), (1, Some(2)), (1, Some(3)), (1, Some(4)), (1, Some(6)), (2, Some(5)), (3, None), (4, None)];
        assert_eq!(store.repo.all(left).await.unwrap(), expected);
    }

    async fn filters_of_the_associations_on_the_way_hold(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query().join(|w| w.stocked_reviews()).order_by(|(_, r)| r.id).select(|(w, r)| (w.id, r.id));
        snapshot!(sql_of(&query), @r#"
        SELECT "w0"."id", "r2"."id"
        FROM "writers" AS "w0"
        INNER JOIN "books" AS "b1" ON "w0"."id" = "b1"."writer_id" AND "b1"."stock" > $1
        INNER JOIN "reviews" AS "r2" ON "b1"."id" = "r2"."book_id"
        ORDER BY "r2"."id" ASC
        -- [0]
        "#);
        assert_eq!(store.repo.all(query).await.unwrap(), [(1, 1), (1, 2), (1, 3)]);
        let last = Writer::query().join(|w| w.praise()).order_by(|(_, r)| r.id).select(|(_, r)| r.id);
        assert_eq!(store.repo.all(last).await.unwrap(), [1, 4]);
    }

    async fn joins_along_self_references(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query()
            .join(|w| w.mentor())
            .left_join(|(_, m)| m.mentor())
            .order_by(|(w, _, _)| w.id)
            .select(|(w, m, n)| (w.name, m.name, n.name));
        snapshot!(sql_of(&query), @r#"
        SELECT "w0"."name", "w1"."name", "w2"."name"
        FROM "writers" AS "w0"
        INNER JOIN "writers" AS "w1" ON "w0"."mentor_id" = "w1"."id"
        LEFT JOIN "writers" AS "w2" ON "w1"."mentor_id" = "w2"."id"
        ORDER BY "w0"."id" ASC
        "#);
        let rows = store.repo.all(query).await.unwrap();
        assert_eq!(rows[0], ("Bob".to_owned(), "Ann".to_owned(), None));
        assert_eq!(rows[1], ("Cleo".to_owned(), "Bob".to_owned(), Some("Ann".to_owned())));
        let pupils = Writer::query().join(|w| w.pupils()).order_by(|(w, _)| w.id).select(|(w, p)| (w.id, p.id));
        assert_eq!(store.repo.all(pupils).await.unwrap(), [(1, 2), (2, 3)]);
    }

    async fn a_join_from_a_joined_row_and_from_the_end_of_a_path(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query()
            .join(|w| w.books())
            .join(|(_, b)| b.reviews())
            .left_join(|(_, _, r)| r.reader().loans())
            .filter(|(_, b, _, _)| b.id.eq(1))
            .order_by(|(_, _, r, l)| (r.id, l.id))
            .select(|(w, b, r, l)| (w.id, b.id, r.id, l.id));
        snapshot!(sql_of(&query), @r#"
        SELECT "w0"."id", "b1"."id", "r2"."id", "l4"."id"
        FROM "writers" AS "w0"
        INNER JOIN "books" AS "b1" ON "w0"."id" = "b1"."writer_id"
        INNER JOIN "reviews" AS "r2" ON "b1"."id" = "r2"."book_id"
        LEFT JOIN "readers" AS "r3" ON "r2"."reader_id" = "r3"."id"
        LEFT JOIN "loans" AS "l4" ON "r3"."id" = "l4"."reader_id"
        WHERE "b1"."id" = $1
        ORDER BY "r2"."id" ASC, "l4"."id" ASC
        -- [1]
        "#);
        let expected = [(1, 1, 1, Some(1)), (1, 1, 1, Some(3)), (1, 1, 2, Some(2)), (1, 1, 3, None)];
        assert_eq!(store.repo.all(query).await.unwrap(), expected);
    }

    async fn what_a_join_cannot_do_with_an_association_is_refused(store: Store) {
        shelf::fill(&store).await;
        let limited = Writer::query().join(|w| w.books().limit(1));
        let message = query_error(store.repo.all(limited).await);
        assert!(message.contains("limit"), "{message}");
    }
}
