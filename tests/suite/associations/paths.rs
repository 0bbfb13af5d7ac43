//! Paths along to-one associations: which tables are joined, how, and once.

use super::shelf::{Book, Cover, Review, Writer};
use super::*;

on_sql_stores! {
    async fn a_path_is_joined_once_for_all_clauses(store: Store) {
        shelf::fill(&store).await;
        let query = Review::query()
            .filter(|r| r.reader().name.ne("Ray"))
            .order_by(|r| (r.reader().name.desc(), r.id))
            .select(|r| (r.id, r.reader().name));
        snapshot!(sql_of(&query), @r#"
        SELECT "r0"."id", "r1"."name"
        FROM "reviews" AS "r0"
        LEFT JOIN "readers" AS "r1" ON "r0"."reader_id" = "r1"."id"
        WHERE "r1"."name" <> $1
        ORDER BY "r1"."name" DESC, "r0"."id" ASC
        -- ["Ray"]
        "#);
        let pat = |id| (id, Some("Pat".to_owned()));
        let expected = [(2, Some("Quin".to_owned())), pat(1), pat(4), pat(5), pat(6)];
        assert_eq!(store.repo.all(query).await.unwrap(), expected);
    }

    async fn a_path_to_a_row_that_always_exists_is_an_inner_join(store: Store) {
        shelf::fill(&store).await;
        let query = Book::query().order_by(|b| (b.writer().name.desc(), b.id)).select(|b| (b.title, b.writer().name));
        snapshot!(sql_of(&query), @r#"
        SELECT "b0"."title", "w1"."name"
        FROM "books" AS "b0"
        INNER JOIN "writers" AS "w1" ON "b0"."writer_id" = "w1"."id"
        ORDER BY "w1"."name" DESC, "b0"."id" ASC
        "#);
        let rows: Vec<(String, String)> = store.repo.all(query).await.unwrap();
        let expected = [("Void", "Cleo"), ("SQL", "Bob"), ("Rust", "Ann"), ("Elixir", "Ann")];
        assert_eq!(rows, expected.map(|(title, name)| (title.to_owned(), name.to_owned())));
    }

    async fn a_path_of_two_hops_shares_its_first_join(store: Store) {
        shelf::fill(&store).await;
        let query = Review::query()
            .filter(|r| r.book().writer().name.eq("Ann") & r.book().cover().colour.is_null())
            .order_by(|r| r.id)
            .select(|r| (r.id, r.book().title, r.book().writer().mentor().name));
        snapshot!(sql_of(&query), @r#"
        SELECT "r0"."id", "b1"."title", "w4"."name"
        FROM "reviews" AS "r0"
        INNER JOIN "books" AS "b1" ON "r0"."book_id" = "b1"."id"
        INNER JOIN "writers" AS "w2" ON "b1"."writer_id" = "w2"."id"
        LEFT JOIN "covers" AS "c3" ON "b1"."id" = "c3"."book_id"
        LEFT JOIN "writers" AS "w4" ON "w2"."mentor_id" = "w4"."id"
        WHERE "w2"."name" = $1 AND "c3"."colour" IS NULL
        ORDER BY "r0"."id" ASC
        -- ["Ann"]
        "#);
        let elixir = |id| (id, "Elixir".to_owned(), None::<String>);
        assert_eq!(store.repo.all(query).await.unwrap(), [elixir(4), elixir(6)]);
    }

    async fn a_path_from_a_left_joined_row_is_a_left_join(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query()
            .left_join(|w| w.books())
            .order_by(|(w, b)| (w.id, b.id))
            .select(|(w, b)| (w.id, b.title, b.writer().name, b.cover().colour));
        snapshot!(sql_of(&query), @r#"
        SELECT "w0"."id", "b1"."title", "w2"."name", "c3"."colour"
        FROM "writers" AS "w0"
        LEFT JOIN "books" AS "b1" ON "w0"."id" = "b1"."writer_id"
        LEFT JOIN "writers" AS "w2" ON "b1"."writer_id" = "w2"."id"
        LEFT JOIN "covers" AS "c3" ON "b1"."id" = "c3"."book_id"
        ORDER BY "w0"."id" ASC, "b1"."id" ASC
        "#);
        let text = |text: &str| Some(text.to_owned());
        let expected = [
            (1, text("Rust"), text("Ann"), text("red")),
            (1, text("Elixir"), text("Ann"), None),
            (2, text("SQL"), text("Bob"), None),
            (3, text("Void"), text("Cleo"), None),
            (4, None, None, None),
        ];
        assert_eq!(store.repo.all(query).await.unwrap(), expected);
    }

    async fn a_path_beyond_a_row_that_may_be_missing_is_a_left_join(store: Store) {
        shelf::fill(&store).await;
        let query = Book::query().order_by(|b| b.id).select(|b| (b.id, b.cover().book().title));
        snapshot!(sql_of(&query), @r#"
        SELECT "b0"."id", "b2"."title"
        FROM "books" AS "b0"
        LEFT JOIN "covers" AS "c1" ON "b0"."id" = "c1"."book_id"
        LEFT JOIN "books" AS "b2" ON "c1"."book_id" = "b2"."id"
        ORDER BY "b0"."id" ASC
        "#);
        let title = |title: &str| Some(title.to_owned());
        let expected = [(1, title("Rust")), (2, title("Elixir")), (3, None), (4, None)];
        assert_eq!(store.repo.all(query).await.unwrap(), expected);
    }

    async fn a_path_through_other_associations(store: Store) {
        shelf::fill(&store).await;
        let query = Book::query().order_by(|b| b.id).select(|b| (b.id, b.mentor().name));
        snapshot!(sql_of(&query), @r#"
        SELECT "b0"."id", "w2"."name"
        FROM "books" AS "b0"
        LEFT JOIN "writers" AS "w1" ON "b0"."writer_id" = "w1"."id"
        LEFT JOIN "writers" AS "w2" ON "w1"."mentor_id" = "w2"."id"
        ORDER BY "b0"."id" ASC
        "#);
        let name = |name: &str| Some(name.to_owned());
        assert_eq!(store.repo.all(query).await.unwrap(), [(1, None), (2, None), (3, name("Ann")), (4, name("Bob"))]);
    }

    async fn a_path_in_the_condition_of_a_join(store: Store) {
        shelf::fill(&store).await;
        let query = Book::query()
            .join_on::<Writer>(|(b, w)| w.id.eq(b.writer().mentor_id))
            .order_by(|(b, _)| b.id)
            .select(|(b, w)| (b.title, w.name, b.writer().name));
        snapshot!(sql_of(&query), @r#"
        SELECT "b0"."title", "w2"."name", "w1"."name"
        FROM "books" AS "b0"
        INNER JOIN "writers" AS "w1" ON "b0"."writer_id" = "w1"."id"
        INNER JOIN "writers" AS "w2" ON "w2"."id" = "w1"."mentor_id"
        ORDER BY "b0"."id" ASC
        "#);
        let row = |title: &str, mentor: &str, writer: &str| (title.to_owned(), mentor.to_owned(), writer.to_owned());
        assert_eq!(store.repo.all(query).await.unwrap(), [row("SQL", "Ann", "Bob"), row("Void", "Bob", "Cleo")]);
    }

    async fn a_path_from_the_joined_row_in_its_own_condition_is_refused(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query().join_on::<Book>(|(w, b)| b.writer().id.eq(w.id));
        let message = query_error(store.repo.all(query).await);
        assert!(message.contains("put the condition into .filter(..)"), "{message}");
    }

    async fn a_path_inside_of_exists(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query()
            .filter(|w| {
                exists(Review::query_in(&w).filter(|r| r.book().writer_id.eq(w.id) & r.reader().name.eq("Quin")))
            })
            .select(|w| w.name);
        snapshot!(sql_of(&query), @r#"
        SELECT "w0"."name"
        FROM "writers" AS "w0"
        WHERE EXISTS (SELECT 1 FROM "reviews" AS "sr0" INNER JOIN "books" AS "sb1" ON "sr0"."book_id" = "sb1"."id" LEFT JOIN "readers" AS "sr2" ON "sr0"."reader_id" = "sr2"."id" WHERE "sb1"."writer_id" = "w0"."id" AND "sr2"."name" = $1)
        -- ["Quin"]
        "#);
        assert_eq!(store.repo.all(query).await.unwrap(), ["Ann"]);
    }

    async fn a_path_inside_and_outside_of_any(store: Store) {
        shelf::fill(&store).await;
        let query = Book::query()
            .filter(|b| b.writer().books().any(|other| other.id.ne(b.id) & other.cover().id.is_not_null()))
            .order_by(|b| b.id)
            .select(|b| (b.title, b.writer().name));
        snapshot!(sql_of(&query), @r#"
        SELECT "b0"."title", "w1"."name"
        FROM "books" AS "b0"
        INNER JOIN "writers" AS "w1" ON "b0"."writer_id" = "w1"."id"
        WHERE EXISTS (SELECT 1 FROM "books" AS "sb0" LEFT JOIN "covers" AS "sc1" ON "sb0"."id" = "sc1"."book_id" WHERE "w1"."id" = "sb0"."writer_id" AND "sb0"."id" <> "b0"."id" AND "sc1"."id" IS NOT NULL)
        ORDER BY "b0"."id" ASC
        "#);
        let rows = store.repo.all(query).await.unwrap();
        assert_eq!(rows, [("Rust".to_owned(), "Ann".to_owned()), ("Elixir".to_owned(), "Ann".to_owned())]);
    }

    async fn an_outer_path_inside_of_a_subquery_is_joined_outside(store: Store) {
        shelf::fill(&store).await;
        let query = Review::query()
            .filter(|r| r.book().labels().any(|l| l.text.eq("old") & l.id.gt(r.reader().id)))
            .order_by(|r| r.id)
            .select(|r| r.id);
        snapshot!(sql_of(&query), @r#"
        SELECT "r0"."id"
        FROM "reviews" AS "r0"
        INNER JOIN "books" AS "b1" ON "r0"."book_id" = "b1"."id"
        LEFT JOIN "readers" AS "r2" ON "r0"."reader_id" = "r2"."id"
        WHERE EXISTS (SELECT 1 FROM "labels" AS "sl0" INNER JOIN "books_labels" AS "sb1" ON "sb1"."label_id" = "sl0"."id" WHERE "b1"."id" = "sb1"."book_id" AND "sl0"."text" = $1 AND "sl0"."id" > "r2"."id")
        ORDER BY "r0"."id" ASC
        -- ["old"]
        "#);
        assert_eq!(store.repo.all(query).await.unwrap(), [4, 5, 6]);
    }

    async fn paths_in_aggregates(store: Store) {
        shelf::fill(&store).await;
        let repo = &store.repo;
        let reviews = Review::query();
        let (readers, statements) =
            repo.capture(async |repo| repo.aggregate(&reviews, |r| r.reader().id.count()).await).await.unwrap();
        assert_eq!((readers, statements.len()), (5, 1));
        snapshot!(statements[0].to_string(), @r#"
        SELECT COUNT("r1"."id")
        FROM "reviews" AS "r0"
        LEFT JOIN "readers" AS "r1" ON "r0"."reader_id" = "r1"."id"
        "#);
        assert_eq!(repo.aggregate(&reviews, |r| r.book().pages.max()).await.unwrap(), Some(300));
        let books = Book::query().filter(|b| b.writer().name.eq("Ann"));
        assert_eq!(
            repo.aggregate(&books, |b| (b.pages.sum(), b.cover().colour.count())).await.unwrap(),
            (Some(550), 1)
        );
    }

    async fn paths_in_counts(store: Store) {
        shelf::fill(&store).await;
        let repo = &store.repo;
        let query = Review::query().filter(|r| r.reader().name.eq("Pat"));
        let ((count, exists), statements) =
            repo.capture(async |repo| Ok((repo.count(&query).await?, repo.exists(&query).await?))).await.unwrap();
        assert_eq!((count, exists), (4, true));
        snapshot!(statements[0].to_string().replace('?', "$"), @r#"
        SELECT COUNT(*)
        FROM "reviews" AS "r0"
        LEFT JOIN "readers" AS "r1" ON "r0"."reader_id" = "r1"."id"
        WHERE "r1"."name" = $1
        -- ["Pat"]
        "#);
        snapshot!(statements[1].to_string().replace('?', "$"), @r#"
        SELECT 1
        FROM "reviews" AS "r0"
        LEFT JOIN "readers" AS "r1" ON "r0"."reader_id" = "r1"."id"
        WHERE "r1"."name" = $1
        LIMIT $2
        -- ["Pat", 1]
        "#);
        assert_eq!(repo.count(query.clone().limit(3)).await.unwrap(), 3);
        assert!(!repo.exists(query.filter(|r| r.book().title.eq("Void"))).await.unwrap());
    }

    async fn paths_in_aggregates_of_cut_rows(store: Store) {
        shelf::fill(&store).await;
        let query = Review::query().order_by(|r| (r.book().title, r.id)).limit(3);
        // Elixir's reviews 4 and 6, and Rust's first.
        assert_eq!(store.repo.aggregate(&query, |r| r.id.max()).await.unwrap(), Some(6));
        assert_eq!(store.repo.aggregate(&query, |r| r.stars.sum()).await.unwrap(), Some(11));
    }

    async fn paths_in_groups(store: Store) {
        shelf::fill(&store).await;
        let query = Review::query()
            .group_by(|r| r.book().title)
            .having(|r| r.stars.count().gt(0))
            .order_by(|r| r.book().title)
            .select(|r| (r.book().title, r.stars.sum()));
        snapshot!(sql_of(&query), @r#"
        SELECT "b1"."title", SUM("r0"."stars")
        FROM "reviews" AS "r0"
        INNER JOIN "books" AS "b1" ON "r0"."book_id" = "b1"."id"
        GROUP BY "b1"."title"
        HAVING COUNT("r0"."stars") > $1
        ORDER BY "b1"."title" ASC
        -- [0]
        "#);
        let expected = [("Elixir".to_owned(), Some(6)), ("Rust".to_owned(), Some(8))];
        assert_eq!(store.repo.all(query).await.unwrap(), expected);
    }

    async fn a_whole_row_at_the_end_of_a_path(store: Store) {
        shelf::fill(&store).await;
        let query = Review::query().filter(|r| r.id.lte(3)).order_by(|r| r.id).select(|r| (r.id, r.reader()));
        let rows = store.repo.all(query).await.unwrap();
        let names: Vec<_> =
            rows.iter().map(|(id, reader)| (*id, reader.as_ref().map(|reader| &*reader.name))).collect();
        assert_eq!(names, [(1, Some("Pat")), (2, Some("Quin")), (3, None)]);
        let writers = store.repo.all(Review::query().order_by(|r| r.id).limit(1).select(|r| r.book().writer())).await;
        assert_eq!(writers.unwrap()[0].name, "Ann");
    }

    async fn a_path_follows_six_associations_and_no_more(store: Store) {
        shelf::fill(&store).await;
        let six = Writer::query()
            .filter(|w| w.mentor().mentor().mentor().mentor().mentor().mentor().id.is_null())
            .order_by(|w| w.id)
            .select(|w| w.id);
        assert_eq!(sql_of(&six).matches("LEFT JOIN").count(), 6);
        assert_eq!(store.repo.all(six).await.unwrap(), [1, 2, 3, 4]);
        let seven =
            Writer::query().filter(|w| w.mentor().mentor().mentor().mentor().mentor().mentor().mentor().id.is_null());
        let message = query_error(store.repo.all(&seven).await);
        assert!(message.contains("at most six associations: join along the first ones with .join(..)"), "{message}");
        assert!(matches!(seven.to_sql(store.dialect), Err(peristyle::Error::Query(_))));
    }

    async fn self_references_along_a_path(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query().order_by(|w| w.id).select(|w| (w.name, w.mentor().name, w.mentor().mentor().name));
        snapshot!(sql_of(&query), @r#"
        SELECT "w0"."name", "w1"."name", "w2"."name"
        FROM "writers" AS "w0"
        LEFT JOIN "writers" AS "w1" ON "w0"."mentor_id" = "w1"."id"
        LEFT JOIN "writers" AS "w2" ON "w1"."mentor_id" = "w2"."id"
        ORDER BY "w0"."id" ASC
        "#);
        let name = |name: &str| Some(name.to_owned());
        let expected = [
            ("Ann".to_owned(), None, None),
            ("Bob".to_owned(), name("Ann"), None),
            ("Cleo".to_owned(), name("Bob"), name("Ann")),
            ("Dan".to_owned(), None, None),
        ];
        assert_eq!(store.repo.all(query).await.unwrap(), expected);
    }

    async fn a_path_from_a_row_that_a_path_joined(store: Store) {
        shelf::fill(&store).await;
        let query = Cover::query()
            .join(|c| c.book().reviews())
            .filter(|(c, r)| c.book().writer().name.eq("Ann") & r.reader().name.eq("Quin"))
            .select(|(c, r)| (c.colour, r.id));
        snapshot!(sql_of(&query), @r#"
        SELECT "c0"."colour", "r2"."id"
        FROM "covers" AS "c0"
        INNER JOIN "books" AS "b1" ON "c0"."book_id" = "b1"."id"
        INNER JOIN "reviews" AS "r2" ON "b1"."id" = "r2"."book_id"
        INNER JOIN "writers" AS "w3" ON "b1"."writer_id" = "w3"."id"
        LEFT JOIN "readers" AS "r4" ON "r2"."reader_id" = "r4"."id"
        WHERE "w3"."name" = $1 AND "r4"."name" = $2
        -- ["Ann", "Quin"]
        "#);
        assert_eq!(store.repo.all(query).await.unwrap(), [(Some("red".to_owned()), 2)]);
    }
}
