//! Queries for what belongs to rows in hand.

use super::shelf::{Book, Review, Writer};
use super::*;

on_sql_stores! {
    async fn the_query_is_one_as_any_other(store: Store) {
        shelf::fill(&store).await;
        let repo = &store.repo;
        let writers = repo.all(Writer::query().order_by(|w| w.id)).await.unwrap();
        let query = association_query(&writers, |w| w.books());
        assert_eq!(repo.count(&query).await.unwrap(), 4);
        assert!(repo.exists(query.clone().filter(|b| b.writer().name.eq("Cleo"))).await.unwrap());
        assert_eq!(repo.aggregate(&query, |b| b.pages.sum()).await.unwrap(), Some(660));
        let titles = query.order_by(|b| b.pages.desc()).limit(2).select(|b| b.title);
        assert_eq!(repo.all(titles).await.unwrap(), ["Rust", "Elixir"]);
    }

    async fn the_sql_of_association_queries(store: Store) {
        shelf::fill(&store).await;
        let repo = &store.repo;
        let writers = repo.all(Writer::query().order_by(|w| w.id).limit(2)).await.unwrap();
        let show = |query: Statement| query.to_string();
        let direct = association_query(&writers, |w| w.books()).select(|b| b.id);
        let labels = association_query(&writers, |w| w.labels()).select(|l| l.id);
        snapshot!(show(direct.to_sql(Dialect::Postgres).unwrap()), @r#"
        SELECT "b0"."id"
        FROM "books" AS "b0"
        WHERE "b0"."writer_id" = ANY($1)
        -- [[1, 2]]
        "#);
        snapshot!(show(direct.to_sql(Dialect::Sqlite).unwrap()), @r#"
        SELECT "b0"."id"
        FROM "books" AS "b0"
        WHERE "b0"."writer_id" IN (SELECT "value" FROM json_each(?1))
        -- [[1, 2]]
        "#);
        snapshot!(show(labels.to_sql(Dialect::Postgres).unwrap()), @r#"
        SELECT "l0"."id"
        FROM "labels" AS "l0"
        WHERE EXISTS (SELECT 1 FROM "books_labels" AS "sb0" INNER JOIN "books" AS "sb1" ON "sb1"."id" = "sb0"."book_id" WHERE "sb0"."label_id" = "l0"."id" AND "sb1"."writer_id" = ANY($1))
        -- [[1, 2]]
        "#);
        snapshot!(show(labels.to_sql(Dialect::Sqlite).unwrap()), @r#"
        SELECT "l0"."id"
        FROM "labels" AS "l0"
        WHERE EXISTS (SELECT 1 FROM "books_labels" AS "sb0" INNER JOIN "books" AS "sb1" ON "sb1"."id" = "sb0"."book_id" WHERE "sb0"."label_id" = "l0"."id" AND "sb1"."writer_id" IN (SELECT "value" FROM json_each(?1)))
        -- [[1, 2]]
        "#);
        assert_eq!(repo.count(labels).await.unwrap(), 3);
    }

    async fn a_filter_of_the_association_is_part_of_the_query(store: Store) {
        shelf::fill(&store).await;
        let repo = &store.repo;
        let writers = repo.all(Writer::query()).await.unwrap();
        let thick = association_query(&writers, |w| w.books().filter(|b| b.pages.gt(200)));
        assert_eq!(repo.count(thick).await.unwrap(), 2);
        let praised = association_query(&writers, |w| w.praise()).order_by(|r| r.id).select(|r| r.id);
        assert_eq!(repo.all(praised).await.unwrap(), [1, 4]);
        let stocked = association_query(&writers, |w| w.stocked_reviews()).order_by(|r| r.id).select(|r| r.id);
        assert_eq!(repo.all(stocked).await.unwrap(), [1, 2, 3]);
    }

    async fn each_row_comes_once(store: Store) {
        shelf::fill(&store).await;
        let repo = &store.repo;
        let reviews = repo.all(Review::query().order_by(|r| r.id)).await.unwrap();
        let readers = association_query(&reviews, |r| r.reader()).order_by(|r| r.id).select(|r| r.name);
        assert_eq!(repo.all(readers).await.unwrap(), ["Pat", "Quin"]);
        let books = repo.all(Book::query()).await.unwrap();
        let labels = association_query(&books, |b| b.labels()).order_by(|l| l.id).select(|l| l.text);
        assert_eq!(repo.all(labels).await.unwrap(), ["code", "old", "new"]);
        let mentors = association_query(&books, |b| b.mentor()).order_by(|w| w.id).select(|w| w.name);
        assert_eq!(repo.all(mentors).await.unwrap(), ["Ann", "Bob"]);
    }

    async fn of_no_rows_and_of_rows_without_keys_there_are_none(store: Store) {
        shelf::fill(&store).await;
        let repo = &store.repo;
        let none: Vec<Writer> = Vec::new();
        assert_eq!(repo.count(association_query(&none, |w| w.books())).await.unwrap(), 0);
        assert_eq!(repo.count(association_query(&none, |w| w.labels())).await.unwrap(), 0);
        assert_eq!(repo.count(association_query(&Review::default(), |r| r.reader())).await.unwrap(), 0);
    }
}

on_every_store! {
    async fn an_association_of_another_row_is_refused(store: Store) {
        shelf::fill(&store).await;
        let writers = store.repo.all(Writer::query()).await.unwrap();
        let message = query_error(store.repo.all(association_query(&writers, |w| w.mentor().pupils())).await);
        assert!(message.contains("takes an association of the rows themselves"), "{message}");
    }
}
