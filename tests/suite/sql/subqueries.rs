//! Queries in queries.

use super::*;

#[test]
fn exists_and_not_exists() {
    let q = Author::query().filter(|_| exists(Book::query().filter(|b| b.pages.gt(299) & b.in_print))).select(|a| a.id);
    assert_eq!(rows(&q).len(), 3);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE EXISTS (SELECT 1 FROM "books" AS "sb0" WHERE "sb0"."pages" > $1 AND "sb0"."in_print")
    -- [299]

    SQLite
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE EXISTS (SELECT 1 FROM "books" AS "sb0" WHERE "sb0"."pages" > ?1 AND "sb0"."in_print")
    -- [299]
    "#);
    let q =
        Author::query().filter(|a| a.id.gt(1) & not_exists(Book::query().filter(|b| b.pages.lt(0)))).select(|a| a.id);
    assert_eq!(rows(&q), ["2", "3"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."id" > $1 AND NOT EXISTS (SELECT 1 FROM "books" AS "sb0" WHERE "sb0"."pages" < $2)
    -- [1, 0]

    SQLite
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."id" > ?1 AND NOT EXISTS (SELECT 1 FROM "books" AS "sb0" WHERE "sb0"."pages" < ?2)
    -- [1, 0]
    "#);
}

#[test]
fn a_subquery_sees_the_row_around_it() {
    let q = Book::query()
        .filter(|b| exists(Book::query().filter(|other| other.pages.eq(b.pages) & other.id.ne(b.id))))
        .select(|b| b.id);
    assert_eq!(rows(&q), ["2", "3"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE EXISTS (SELECT 1 FROM "books" AS "sb0" WHERE "sb0"."pages" = "b0"."pages" AND "sb0"."id" <> "b0"."id")

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE EXISTS (SELECT 1 FROM "books" AS "sb0" WHERE "sb0"."pages" = "b0"."pages" AND "sb0"."id" <> "b0"."id")
    "#);
    let q = Book::query()
        .filter(|b| {
            not_exists(Book::query().filter(|fewer| {
                fewer.pages.lt(b.pages)
                    & exists(Book::query().filter(|third| third.id.lt(fewer.id) & third.pages.eq(b.pages)))
            }))
        })
        .select(|b| b.id);
    assert_eq!(rows(&q), ["4"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE NOT EXISTS (SELECT 1 FROM "books" AS "sb0" WHERE "sb0"."pages" < "b0"."pages" AND EXISTS (SELECT 1 FROM "books" AS "ssb0" WHERE "ssb0"."id" < "sb0"."id" AND "ssb0"."pages" = "b0"."pages"))

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE NOT EXISTS (SELECT 1 FROM "books" AS "sb0" WHERE "sb0"."pages" < "b0"."pages" AND EXISTS (SELECT 1 FROM "books" AS "ssb0" WHERE "ssb0"."id" < "sb0"."id" AND "ssb0"."pages" = "b0"."pages"))
    "#);
}

#[test]
fn exists_leaves_out_what_does_not_matter_and_keeps_what_does() {
    let others = |n| Book::query().order_by(|b| b.title).limit(5).offset(n).select(|b| b.title);
    assert!(rows(&Author::query().filter(|_| exists(others(4)))).is_empty());
    let q = Author::query().filter(|_| exists(others(3))).select(|a| a.id);
    assert_eq!(rows(&q).len(), 3);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE EXISTS (SELECT 1 FROM "books" AS "sb0" LIMIT $1 OFFSET $2)
    -- [5, 3]

    SQLite
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE EXISTS (SELECT 1 FROM "books" AS "sb0" LIMIT ?1 OFFSET ?2)
    -- [5, 3]
    "#);
    let q = Author::query()
        .filter(|_| exists(Book::query().filter(|b| b.pages.lt(0)).select(|b| b.pages.sum())))
        .select(|a| a.id);
    assert_eq!(rows(&q), ["1", "2", "3"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE EXISTS (SELECT SUM("sb0"."pages") FROM "books" AS "sb0" WHERE "sb0"."pages" < $1)
    -- [0]

    SQLite
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE EXISTS (SELECT SUM("sb0"."pages") FROM "books" AS "sb0" WHERE "sb0"."pages" < ?1)
    -- [0]
    "#);
}

#[test]
fn pgsql_047_in_query() {
    let q =
        Review::query().filter(|r| r.book_id.in_query(Book::query().filter(|b| b.title.eq("Rust")).select(|b| b.id)));
    insta::assert_snapshot!(both(q.select(|r| r.id)), @r#"
    Postgres
    SELECT "r0"."id"
    FROM "reviews" AS "r0"
    WHERE "r0"."book_id" IN (SELECT "sb0"."id" FROM "books" AS "sb0" WHERE "sb0"."title" = $1)
    -- ["Rust"]

    SQLite
    SELECT "r0"."id"
    FROM "reviews" AS "r0"
    WHERE "r0"."book_id" IN (SELECT "sb0"."id" FROM "books" AS "sb0" WHERE "sb0"."title" = ?1)
    -- ["Rust"]
    "#);
    let q = Book::query()
        .filter(|b| b.pages.in_query(Book::query().filter(|other| other.id.gt(b.id)).select(|other| other.pages)))
        .select(|b| b.id);
    assert_eq!(rows(&q), ["2"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" IN (SELECT "sb0"."pages" FROM "books" AS "sb0" WHERE "sb0"."id" > "b0"."id")

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" IN (SELECT "sb0"."pages" FROM "books" AS "sb0" WHERE "sb0"."id" > "b0"."id")
    "#);
}

#[test]
fn in_query_leaves_out_nulls() {
    let q = Author::query().filter(|a| a.id.in_query(Book::query().select(|b| b.author_id))).select(|a| a.id);
    assert_eq!(rows(&q), ["1", "2"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."id" IN (SELECT "sb0"."author_id" FROM "books" AS "sb0" WHERE "sb0"."author_id" IS NOT NULL)

    SQLite
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."id" IN (SELECT "sb0"."author_id" FROM "books" AS "sb0" WHERE "sb0"."author_id" IS NOT NULL)
    "#);
    let q = Author::query()
        .filter(|a| a.id.not_in_query(Book::query().filter(|b| b.pages.gt(2)).select(|b| b.author_id)))
        .select(|a| a.id);
    assert_eq!(rows(&q), ["3"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."id" NOT IN (SELECT "sb0"."author_id" FROM "books" AS "sb0" WHERE "sb0"."pages" > $1 AND "sb0"."author_id" IS NOT NULL)
    -- [2]

    SQLite
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."id" NOT IN (SELECT "sb0"."author_id" FROM "books" AS "sb0" WHERE "sb0"."pages" > ?1 AND "sb0"."author_id" IS NOT NULL)
    -- [2]
    "#);
}

#[test]
fn in_query_with_groups_an_order_and_a_limit() {
    let prolific = Book::query().group_by(|b| b.author_id).having(|b| b.id.count().gt(1)).select(|b| b.author_id);
    let q = Author::query().filter(|a| a.id.in_query(prolific)).select(|a| a.id);
    assert_eq!(rows(&q), ["1"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."id" IN (SELECT "sb0"."author_id" FROM "books" AS "sb0" GROUP BY "sb0"."author_id" HAVING COUNT("sb0"."id") > $1 AND "sb0"."author_id" IS NOT NULL)
    -- [1]

    SQLite
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."id" IN (SELECT "sb0"."author_id" FROM "books" AS "sb0" GROUP BY "sb0"."author_id" HAVING COUNT("sb0"."id") > ?1 AND "sb0"."author_id" IS NOT NULL)
    -- [1]
    "#);
    let top = Book::query().order_by(|b| b.sold.desc()).limit(1).select(|b| b.author_id);
    let q = Author::query().filter(|a| a.id.in_query(top)).filter(|a| a.name.ne("x")).select(|a| a.id);
    assert_eq!(rows(&q), ["1"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."id" IN (SELECT "ss0"."author_id" FROM (SELECT "ssb0"."author_id" FROM "books" AS "ssb0" ORDER BY "ssb0"."sold" DESC LIMIT $1) AS "ss0" WHERE "ss0"."author_id" IS NOT NULL) AND "a0"."name" <> $2
    -- [1, "x"]

    SQLite
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."id" IN (SELECT "ss0"."author_id" FROM (SELECT "ssb0"."author_id" FROM "books" AS "ssb0" ORDER BY "ssb0"."sold" DESC LIMIT ?1) AS "ss0" WHERE "ss0"."author_id" IS NOT NULL) AND "a0"."name" <> ?2
    -- [1, "x"]
    "#);
}

#[test]
fn a_limit_counts_the_nulls_that_in_query_leaves_out() {
    let least_sold = || Book::query().order_by(|b| b.sold).select(|b| b.author_id);
    let q = Author::query().filter(|a| a.id.in_query(least_sold().limit(1))).select(|a| a.id);
    assert!(rows(&q).is_empty(), "the book that sold least has no author");
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."id" IN (SELECT "ss0"."author_id" FROM (SELECT "ssb0"."author_id" FROM "books" AS "ssb0" ORDER BY "ssb0"."sold" ASC LIMIT $1) AS "ss0" WHERE "ss0"."author_id" IS NOT NULL)
    -- [1]

    SQLite
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."id" IN (SELECT "ss0"."author_id" FROM (SELECT "ssb0"."author_id" FROM "books" AS "ssb0" ORDER BY "ssb0"."sold" ASC LIMIT ?1) AS "ss0" WHERE "ss0"."author_id" IS NOT NULL)
    -- [1]
    "#);
    let q = Author::query().filter(|a| a.id.not_in_query(least_sold().limit(2))).select(|a| a.id);
    assert_eq!(rows(&q), ["1", "3"]);
    let computed = Book::query().order_by(|b| b.id.desc()).offset(1).limit(2).select(|b| b.stock + 1);
    let q =
        Book::query().filter(|b| b.pages.in_query(computed.clone()) | b.pages.not_in_query(computed)).select(|b| b.id);
    assert_eq!(rows(&q).len(), 4);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" IN (SELECT "ss0"."value" FROM (SELECT "ssb0"."stock" + $1 AS "value" FROM "books" AS "ssb0" ORDER BY "ssb0"."id" DESC LIMIT $2 OFFSET $3) AS "ss0" WHERE "ss0"."value" IS NOT NULL) OR "b0"."pages" NOT IN (SELECT "ss0"."value" FROM (SELECT "ssb0"."stock" + $4 AS "value" FROM "books" AS "ssb0" ORDER BY "ssb0"."id" DESC LIMIT $5 OFFSET $6) AS "ss0" WHERE "ss0"."value" IS NOT NULL)
    -- [1, 2, 1, 1, 2, 1]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."pages" IN (SELECT "ss0"."value" FROM (SELECT "ssb0"."stock" + ?1 AS "value" FROM "books" AS "ssb0" ORDER BY "ssb0"."id" DESC LIMIT ?2 OFFSET ?3) AS "ss0" WHERE "ss0"."value" IS NOT NULL) OR "b0"."pages" NOT IN (SELECT "ss0"."value" FROM (SELECT "ssb0"."stock" + ?4 AS "value" FROM "books" AS "ssb0" ORDER BY "ssb0"."id" DESC LIMIT ?5 OFFSET ?6) AS "ss0" WHERE "ss0"."value" IS NOT NULL)
    -- [1, 2, 1, 1, 2, 1]
    "#);
}

#[test]
fn a_limited_in_query_still_sees_the_row_around_it() {
    let q = Book::query()
        .filter(|b| {
            b.author_id.in_query(
                Book::query()
                    .filter(|other| other.pages.lte(b.pages) & exists(Book::query().filter(|third| third.id.eq(b.id))))
                    .order_by(|other| other.pages.desc())
                    .limit(1)
                    .select(|other| other.author_id),
            )
        })
        .filter(|b| b.pages.gt(250))
        .select(|b| b.id);
    assert_eq!(rows(&q), ["1"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."author_id" IN (SELECT "ss0"."author_id" FROM (SELECT "ssb0"."author_id" FROM "books" AS "ssb0" WHERE "ssb0"."pages" <= "b0"."pages" AND EXISTS (SELECT 1 FROM "books" AS "sssb0" WHERE "sssb0"."id" = "b0"."id") ORDER BY "ssb0"."pages" DESC LIMIT $1) AS "ss0" WHERE "ss0"."author_id" IS NOT NULL) AND "b0"."pages" > $2
    -- [1, 250]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    WHERE "b0"."author_id" IN (SELECT "ss0"."author_id" FROM (SELECT "ssb0"."author_id" FROM "books" AS "ssb0" WHERE "ssb0"."pages" <= "b0"."pages" AND EXISTS (SELECT 1 FROM "books" AS "sssb0" WHERE "sssb0"."id" = "b0"."id") ORDER BY "ssb0"."pages" DESC LIMIT ?1) AS "ss0" WHERE "ss0"."author_id" IS NOT NULL) AND "b0"."pages" > ?2
    -- [1, 250]
    "#);
}

#[test]
fn in_query_of_an_aggregate() {
    let last = Book::query().select(|b| b.author_id.max());
    let q = Author::query().filter(|a| a.id.in_query(last)).select(|a| a.id);
    assert_eq!(rows(&q), ["2"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."id" IN (SELECT MAX("sb0"."author_id") FROM "books" AS "sb0" HAVING MAX("sb0"."author_id") IS NOT NULL)

    SQLite
    SELECT "a0"."id"
    FROM "authors" AS "a0"
    WHERE "a0"."id" IN (SELECT MAX("sb0"."author_id") FROM "books" AS "sb0" HAVING MAX("sb0"."author_id") IS NOT NULL)
    "#);
}

#[test]
fn exists_is_an_expression() {
    let shares_pages = |b: BookColumns<Book, NotNull>| {
        exists(Book::query().filter(|other| other.pages.eq(b.pages) & other.id.ne(b.id)))
    };
    let q = Book::query()
        .group_by(shares_pages)
        .order_by(|b| shares_pages(b).desc())
        .select(|b| (shares_pages(b), count()));
    assert_eq!(rows(&q), ["(false, 2)", "(true, 2)"]);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT EXISTS (SELECT 1 FROM "books" AS "sb0" WHERE "sb0"."pages" = "b0"."pages" AND "sb0"."id" <> "b0"."id"), COUNT(*)
    FROM "books" AS "b0"
    GROUP BY 1
    ORDER BY 1 DESC

    SQLite
    SELECT EXISTS (SELECT 1 FROM "books" AS "sb0" WHERE "sb0"."pages" = "b0"."pages" AND "sb0"."id" <> "b0"."id"), COUNT(*)
    FROM "books" AS "b0"
    GROUP BY EXISTS (SELECT 1 FROM "books" AS "sb0" WHERE "sb0"."pages" = "b0"."pages" AND "sb0"."id" <> "b0"."id")
    ORDER BY EXISTS (SELECT 1 FROM "books" AS "sb0" WHERE "sb0"."pages" = "b0"."pages" AND "sb0"."id" <> "b0"."id") DESC
    "#);
}

#[test]
fn a_mistake_inside_refuses_the_whole() {
    let broken = Book::query().filter(|b| sql::<bool>("{").bind(b.id)).select(|b| b.author_id);
    let q = Author::query().filter(|a| a.id.in_query(broken.clone()));
    for error in [
        q.to_sql(Dialect::Sqlite).unwrap_err(),
        Author::query().filter(|_| exists(broken)).to_sql(Dialect::Postgres).unwrap_err(),
    ] {
        assert!(matches!(error, peristyle::Error::Query(_)) && error.to_string().contains("brace"), "{error}");
    }
}
