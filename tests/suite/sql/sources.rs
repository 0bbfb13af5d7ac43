//! FROM and JOIN of queries.

use super::*;

#[derive(Debug, PartialEq, Projection)]
struct Size {
    x: String,
    z: i32,
}

#[derive(Debug, PartialEq, Projection)]
struct Numbers {
    x: Option<i32>,
    w: Option<i32>,
}

#[derive(Debug, PartialEq, Projection)]
struct Sum {
    author_id: Option<i64>,
    books: i64,
    worth: Option<Decimal>,
}

#[derive(Debug, PartialEq, Projection)]
struct Kind {
    r#type: String,
    order: i32,
}

#[derive(Debug, PartialEq, Projection)]
struct Published {
    printed: Option<NaiveDate>,
    price: Option<Decimal>,
    weight: f64,
    in_print: bool,
}

fn sizes() -> Query<Book, Size> {
    Book::query().select(|b| SizeSelect { x: b.title, z: b.pages })
}

fn sums() -> Query<Book, Sum> {
    Book::query().group_by(|b| b.author_id).select(|b| SumSelect {
        author_id: b.author_id,
        books: b.id.count(),
        worth: b.price.sum(),
    })
}

#[test]
fn pgsql_005_from_a_subquery() {
    insta::assert_snapshot!(both(sizes().subquery().select(|s| s.x)), @r#"
    Postgres
    SELECT "s0"."x"
    FROM (SELECT "sb0"."title" AS "x", "sb0"."pages" AS "z" FROM "books" AS "sb0") AS "s0"

    SQLite
    SELECT "s0"."x"
    FROM (SELECT "sb0"."title" AS "x", "sb0"."pages" AS "z" FROM "books" AS "sb0") AS "s0"
    "#);
    insta::assert_snapshot!(both(sizes().subquery()), @r#"
    Postgres
    SELECT "s0"."x", "s0"."z"
    FROM (SELECT "sb0"."title" AS "x", "sb0"."pages" AS "z" FROM "books" AS "sb0") AS "s0"

    SQLite
    SELECT "s0"."x", "s0"."z"
    FROM (SELECT "sb0"."title" AS "x", "sb0"."pages" AS "z" FROM "books" AS "sb0") AS "s0"
    "#);
    insta::assert_snapshot!(both(sizes().subquery().filter(|s| s.z.gt(2)).subquery().filter(|s| s.x.ne(""))), @r#"
    Postgres
    SELECT "s0"."x", "s0"."z"
    FROM (SELECT "ss0"."x", "ss0"."z" FROM (SELECT "ssb0"."title" AS "x", "ssb0"."pages" AS "z" FROM "books" AS "ssb0") AS "ss0" WHERE "ss0"."z" > $1) AS "s0"
    WHERE "s0"."x" <> $2
    -- [2, ""]

    SQLite
    SELECT "s0"."x", "s0"."z"
    FROM (SELECT "ss0"."x", "ss0"."z" FROM (SELECT "ssb0"."title" AS "x", "ssb0"."pages" AS "z" FROM "books" AS "ssb0") AS "ss0" WHERE "ss0"."z" > ?1) AS "s0"
    WHERE "s0"."x" <> ?2
    -- [2, ""]
    "#);
    insta::assert_snapshot!(both(Author::query().limit(2).subquery().filter(|a| a.name.ne("Ann"))), @r#"
    Postgres
    SELECT "s0"."id", "s0"."name"
    FROM (SELECT "sa0"."id", "sa0"."name" FROM "authors" AS "sa0" LIMIT $1) AS "s0"
    WHERE "s0"."name" <> $2
    -- [2, "Ann"]

    SQLite
    SELECT "s0"."id", "s0"."name"
    FROM (SELECT "sa0"."id", "sa0"."name" FROM "authors" AS "sa0" LIMIT ?1) AS "s0"
    WHERE "s0"."name" <> ?2
    -- [2, "Ann"]
    "#);
}

#[test]
fn columns_may_have_the_names_of_keywords() {
    let q = Book::query().select(|b| KindSelect { r#type: b.title, order: b.pages }).subquery();
    assert_eq!(rows(&q.clone().filter(|k| k.r#type.eq("SQL")).select(|k| k.order)), ["250"]);
    insta::assert_snapshot!(both(q.filter(|k| k.order.gt(250)).order_by(|k| k.r#type)), @r#"
    Postgres
    SELECT "s0"."type", "s0"."order"
    FROM (SELECT "sb0"."title" AS "type", "sb0"."pages" AS "order" FROM "books" AS "sb0") AS "s0"
    WHERE "s0"."order" > $1
    ORDER BY "s0"."type" ASC
    -- [250]

    SQLite
    SELECT "s0"."type", "s0"."order"
    FROM (SELECT "sb0"."title" AS "type", "sb0"."pages" AS "order" FROM "books" AS "sb0") AS "s0"
    WHERE "s0"."order" > ?1
    ORDER BY "s0"."type" ASC
    -- [250]
    "#);
}

#[test]
fn pgsql_083_joins_of_subqueries() {
    let rust = Book::query().filter(|b| b.title.eq("Rust")).select(|b| SizeSelect { x: b.title, z: b.pages });
    let q = Review::query().join_query(&rust, |_| true);
    insta::assert_snapshot!(both(q.clone().select(|(_, s)| s.x)), @r#"
    Postgres
    SELECT "s1"."x"
    FROM "reviews" AS "r0"
    INNER JOIN (SELECT "sb0"."title" AS "x", "sb0"."pages" AS "z" FROM "books" AS "sb0" WHERE "sb0"."title" = $1) AS "s1" ON TRUE
    -- ["Rust"]

    SQLite
    SELECT "s1"."x"
    FROM "reviews" AS "r0"
    INNER JOIN (SELECT "sb0"."title" AS "x", "sb0"."pages" AS "z" FROM "books" AS "sb0" WHERE "sb0"."title" = ?1) AS "s1" ON TRUE
    -- ["Rust"]
    "#);
    insta::assert_snapshot!(both(q.select(|(_, s)| s)), @r#"
    Postgres
    SELECT "s1"."x", "s1"."z"
    FROM "reviews" AS "r0"
    INNER JOIN (SELECT "sb0"."title" AS "x", "sb0"."pages" AS "z" FROM "books" AS "sb0" WHERE "sb0"."title" = $1) AS "s1" ON TRUE
    -- ["Rust"]

    SQLite
    SELECT "s1"."x", "s1"."z"
    FROM "reviews" AS "r0"
    INNER JOIN (SELECT "sb0"."title" AS "x", "sb0"."pages" AS "z" FROM "books" AS "sb0" WHERE "sb0"."title" = ?1) AS "s1" ON TRUE
    -- ["Rust"]
    "#);
    let q = Author::query().left_join_query(sums(), |(a, s)| a.id.eq(s.author_id) & s.books.gt(1));
    assert_eq!(rows(&q.clone().select(|(a, s)| (a.id, s.worth))), ["(1, Some(21.50))", "(2, None)", "(3, None)"]);
    insta::assert_snapshot!(both(q.select(|(a, s)| (a.name, s))), @r#"
    Postgres
    SELECT "a0"."name", "s1"."author_id", "s1"."books", "s1"."worth"
    FROM "authors" AS "a0"
    LEFT JOIN (SELECT "sb0"."author_id", COUNT("sb0"."id") AS "books", SUM("sb0"."price") AS "worth" FROM "books" AS "sb0" GROUP BY "sb0"."author_id") AS "s1" ON "a0"."id" = "s1"."author_id" AND "s1"."books" > $1
    -- [1]

    SQLite
    SELECT "a0"."name", "s1"."author_id", "s1"."books", "s1"."worth"
    FROM "authors" AS "a0"
    LEFT JOIN (SELECT "sb0"."author_id", COUNT("sb0"."id") AS "books", decimal_sum("sb0"."price") AS "worth" FROM "books" AS "sb0" GROUP BY "sb0"."author_id") AS "s1" ON "a0"."id" = "s1"."author_id" AND "s1"."books" > ?1
    -- [1]
    "#);
    let q = Author::query().join_query(Book::query().filter(|b| b.in_print), |(a, b)| b.author_id.eq(a.id));
    insta::assert_snapshot!(both(q.select(|(a, b)| (a.name, b.title))), @r#"
    Postgres
    SELECT "a0"."name", "s1"."title"
    FROM "authors" AS "a0"
    INNER JOIN (SELECT "sb0"."id", "sb0"."title", "sb0"."subtitle", "sb0"."pages", "sb0"."stock", "sb0"."sold", "sb0"."weight", "sb0"."price", "sb0"."in_print", "sb0"."printed", "sb0"."author_id" FROM "books" AS "sb0" WHERE "sb0"."in_print") AS "s1" ON "s1"."author_id" = "a0"."id"

    SQLite
    SELECT "a0"."name", "s1"."title"
    FROM "authors" AS "a0"
    INNER JOIN (SELECT "sb0"."id", "sb0"."title", "sb0"."subtitle", "sb0"."pages", "sb0"."stock", "sb0"."sold", "sb0"."weight", "sb0"."price", "sb0"."in_print", "sb0"."printed", "sb0"."author_id" FROM "books" AS "sb0" WHERE "sb0"."in_print") AS "s1" ON "s1"."author_id" = "a0"."id"
    "#);
}

#[test]
fn pgsql_093_a_query_joined_to_itself() {
    let q = Book::query().join_query(sizes(), |(b, s)| b.title.eq(s.x) & b.pages.eq(s.z));
    insta::assert_snapshot!(both(q.select(|(b, s)| (b.title, b.pages, s.z))), @r#"
    Postgres
    SELECT "b0"."title", "b0"."pages", "s1"."z"
    FROM "books" AS "b0"
    INNER JOIN (SELECT "sb0"."title" AS "x", "sb0"."pages" AS "z" FROM "books" AS "sb0") AS "s1" ON "b0"."title" = "s1"."x" AND "b0"."pages" = "s1"."z"

    SQLite
    SELECT "b0"."title", "b0"."pages", "s1"."z"
    FROM "books" AS "b0"
    INNER JOIN (SELECT "sb0"."title" AS "x", "sb0"."pages" AS "z" FROM "books" AS "sb0") AS "s1" ON "b0"."title" = "s1"."x" AND "b0"."pages" = "s1"."z"
    "#);
}

#[test]
fn pgsql_094_parameters_of_a_query_that_is_used_twice() {
    let inner = Book::query().select(|b| NumbersSelect { x: b.stock, w: sql::<Option<i32>>("{} + 1").bind(7) });
    let q =
        Book::query().join_query(inner, |(b, s)| b.stock.eq(s.x)).select(|(_, s)| (sql::<i32>("{} + 1").bind(2), s.w));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT $1::int4 + 1, "s1"."w"
    FROM "books" AS "b0"
    INNER JOIN (SELECT "sb0"."stock" AS "x", $2::int4 + 1 AS "w" FROM "books" AS "sb0") AS "s1" ON "b0"."stock" = "s1"."x"
    -- [2, 7]

    SQLite
    SELECT ?1 + 1, "s1"."w"
    FROM "books" AS "b0"
    INNER JOIN (SELECT "sb0"."stock" AS "x", ?2 + 1 AS "w" FROM "books" AS "sb0") AS "s1" ON "b0"."stock" = "s1"."x"
    -- [2, 7]
    "#);
}

#[test]
fn pgsql_095_parameters_are_numbered_in_the_order_of_the_text() {
    fn number<S: 'static>(value: i32) -> Expr<S, i32, Null> {
        sql::<Option<i32>>("{}").bind(value)
    }
    let inner = Book::query().select(|_| NumbersSelect { x: number(999), w: number(888) });
    let q = Book::query()
        .join_query(inner, |(_, s)| s.w.gt(777))
        .filter(|(b, _)| b.pages.gt(111))
        .limit(3)
        .select(|_| number(666));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT $1::int4
    FROM "books" AS "b0"
    INNER JOIN (SELECT $2::int4 AS "x", $3::int4 AS "w" FROM "books" AS "sb0") AS "s1" ON "s1"."w" > $4
    WHERE "b0"."pages" > $5
    LIMIT $6
    -- [666, 999, 888, 777, 111, 3]

    SQLite
    SELECT ?1
    FROM "books" AS "b0"
    INNER JOIN (SELECT ?2 AS "x", ?3 AS "w" FROM "books" AS "sb0") AS "s1" ON "s1"."w" > ?4
    WHERE "b0"."pages" > ?5
    LIMIT ?6
    -- [666, 999, 888, 777, 111, 3]
    "#);
}

#[test]
fn values_keep_their_types_through_a_subquery() {
    let q = Book::query().select(|b| PublishedSelect {
        printed: b.printed,
        price: b.price,
        weight: b.weight,
        in_print: b.in_print,
    });
    let q = q.distinct().subquery();
    let nine = Decimal::new(900, 2);
    assert_eq!(rows(&q.clone().filter(|p| p.price.eq(nine)).select(|p| p.weight)), ["1.25"]);
    assert_eq!(rows(&q.clone().filter(|p| p.price.gt(nine) & !p.in_print).select(|p| p.price)), ["Some(10.0)"]);
    assert_eq!(rows(&q.clone().filter(|p| p.price.in_([nine])).select(|p| p.in_print)), ["false"]);
    let date = NaiveDate::from_ymd_opt(2020, 2, 29).unwrap();
    assert_eq!(rows(&q.clone().filter(|p| p.printed.eq(date)).select(|p| p.weight)), ["0.5"]);
    let cheap = q.order_by(|p| p.price.asc().nulls_last()).limit(1);
    insta::assert_snapshot!(both(cheap), @r#"
    Postgres
    SELECT "s0"."printed", "s0"."price", "s0"."weight", "s0"."in_print"
    FROM (SELECT DISTINCT "sb0"."printed", "sb0"."price", "sb0"."weight", "sb0"."in_print" FROM "books" AS "sb0") AS "s0"
    ORDER BY "s0"."price" ASC NULLS LAST
    LIMIT $1
    -- [1]

    SQLite
    SELECT "s0"."printed", "s0"."price", "s0"."weight", "s0"."in_print"
    FROM (SELECT DISTINCT "sb0"."printed", "sb0"."price" COLLATE "decimal", "sb0"."weight", "sb0"."in_print" FROM "books" AS "sb0") AS "s0"
    ORDER BY "s0"."price" COLLATE "decimal" ASC NULLS LAST
    LIMIT ?1
    -- [1]
    "#);
    let worth = sums().subquery().filter(|s| s.worth.gt(nine)).select(|s| (s.author_id, s.worth.min()));
    insta::assert_snapshot!(both(worth.group_by(|s| s.author_id)), @r#"
    Postgres
    SELECT "s0"."author_id", MIN("s0"."worth")
    FROM (SELECT "sb0"."author_id", COUNT("sb0"."id") AS "books", SUM("sb0"."price") AS "worth" FROM "books" AS "sb0" GROUP BY "sb0"."author_id") AS "s0"
    WHERE "s0"."worth" > $1
    GROUP BY "s0"."author_id"
    -- [9.00]

    SQLite
    SELECT "s0"."author_id", decimal_min("s0"."worth")
    FROM (SELECT "sb0"."author_id", COUNT("sb0"."id") AS "books", decimal_sum("sb0"."price") AS "worth" FROM "books" AS "sb0" GROUP BY "sb0"."author_id") AS "s0"
    WHERE "s0"."worth" COLLATE "decimal" > ?1
    GROUP BY "s0"."author_id"
    -- [9.00]
    "#);
}

#[test]
fn what_counts_and_aggregates_the_rows_of_a_subquery() {
    let q = || Book::query().order_by(|b| b.pages).limit(2).subquery();
    insta::assert_snapshot!(ran(|repo| async move {
        let count = repo.count(q()).await?;
        let sum = repo.aggregate(q(), |b| b.pages.sum()).await?;
        let cut = repo.aggregate(sums().subquery().limit(5), |s| s.books.max()).await?;
        Ok((count, sum, cut, repo.exists(q().filter(|b| b.pages.gt(9_000))).await?))
    }), @r#"
    Postgres
    SELECT COUNT(*)
    FROM (SELECT "sb0"."id", "sb0"."title", "sb0"."subtitle", "sb0"."pages", "sb0"."stock", "sb0"."sold", "sb0"."weight", "sb0"."price", "sb0"."in_print", "sb0"."printed", "sb0"."author_id" FROM "books" AS "sb0" ORDER BY "sb0"."pages" ASC LIMIT $1) AS "s0"
    -- [2]
    SELECT SUM("s0"."pages")
    FROM (SELECT "sb0"."id", "sb0"."title", "sb0"."subtitle", "sb0"."pages", "sb0"."stock", "sb0"."sold", "sb0"."weight", "sb0"."price", "sb0"."in_print", "sb0"."printed", "sb0"."author_id" FROM "books" AS "sb0" ORDER BY "sb0"."pages" ASC LIMIT $1) AS "s0"
    -- [2]
    SELECT MAX("s0"."books")
    FROM (SELECT "ss0"."author_id", "ss0"."books", "ss0"."worth" FROM (SELECT "ssb0"."author_id", COUNT("ssb0"."id") AS "books", SUM("ssb0"."price") AS "worth" FROM "books" AS "ssb0" GROUP BY "ssb0"."author_id") AS "ss0" LIMIT $1) AS "s0"
    -- [5]
    SELECT 1
    FROM (SELECT "sb0"."id", "sb0"."title", "sb0"."subtitle", "sb0"."pages", "sb0"."stock", "sb0"."sold", "sb0"."weight", "sb0"."price", "sb0"."in_print", "sb0"."printed", "sb0"."author_id" FROM "books" AS "sb0" ORDER BY "sb0"."pages" ASC LIMIT $1) AS "s0"
    WHERE "s0"."pages" > $2
    LIMIT $3
    -- [2, 9000, 1]

    SQLite
    SELECT COUNT(*)
    FROM (SELECT "sb0"."id", "sb0"."title", "sb0"."subtitle", "sb0"."pages", "sb0"."stock", "sb0"."sold", "sb0"."weight", "sb0"."price", "sb0"."in_print", "sb0"."printed", "sb0"."author_id" FROM "books" AS "sb0" ORDER BY "sb0"."pages" ASC LIMIT ?1) AS "s0"
    -- [2]
    SELECT SUM("s0"."pages")
    FROM (SELECT "sb0"."id", "sb0"."title", "sb0"."subtitle", "sb0"."pages", "sb0"."stock", "sb0"."sold", "sb0"."weight", "sb0"."price", "sb0"."in_print", "sb0"."printed", "sb0"."author_id" FROM "books" AS "sb0" ORDER BY "sb0"."pages" ASC LIMIT ?1) AS "s0"
    -- [2]
    SELECT MAX("s0"."books")
    FROM (SELECT "ss0"."author_id", "ss0"."books", "ss0"."worth" FROM (SELECT "ssb0"."author_id", COUNT("ssb0"."id") AS "books", decimal_sum("ssb0"."price") AS "worth" FROM "books" AS "ssb0" GROUP BY "ssb0"."author_id") AS "ss0" LIMIT ?1) AS "s0"
    -- [5]
    SELECT 1
    FROM (SELECT "sb0"."id", "sb0"."title", "sb0"."subtitle", "sb0"."pages", "sb0"."stock", "sb0"."sold", "sb0"."weight", "sb0"."price", "sb0"."in_print", "sb0"."printed", "sb0"."author_id" FROM "books" AS "sb0" ORDER BY "sb0"."pages" ASC LIMIT ?1) AS "s0"
    WHERE "s0"."pages" > ?2
    LIMIT ?3
    -- [2, 9000, 1]
    "#);
}

#[test]
fn a_subquery_in_an_association_that_a_subquery_counts() {
    let q = Shelf::query().filter(|s| s.items().query(Item::query().limit(2).subquery()).count().gt(1));
    insta::assert_snapshot!(q.to_sql(Dialect::Postgres).unwrap().to_string(), @r#"
    SELECT "s0"."id", "s0"."name"
    FROM "shelves" AS "s0"
    WHERE (SELECT COUNT(*) FROM (SELECT "ssi0"."id", "ssi0"."label", "ssi0"."shelf_id", "ssi0"."notes" FROM "items" AS "ssi0" LIMIT $1) AS "ss0" WHERE "s0"."id" = "ss0"."shelf_id") > $2
    -- [2, 1]
    "#);
    let along = Item::query().filter(|i| i.label.ne("x")).select(|i| i.shelf()).subquery();
    insta::assert_snapshot!(along.to_sql(Dialect::Postgres).unwrap().to_string(), @r#"
    SELECT "s0"."id", "s0"."name"
    FROM (SELECT "ss1"."id", "ss1"."name" FROM "items" AS "si0" INNER JOIN "shelves" AS "ss1" ON "si0"."shelf_id" = "ss1"."id" WHERE "si0"."label" <> $1) AS "s0"
    -- ["x"]
    "#);
    let owned = Item::query().limit(3).subquery().filter(|i| i.shelf().name.eq("a"));
    insta::assert_snapshot!(owned.to_sql(Dialect::Postgres).unwrap().to_string(), @r#"
    SELECT "s0"."id", "s0"."label", "s0"."shelf_id"
    FROM (SELECT "si0"."id", "si0"."label", "si0"."shelf_id", "si0"."notes" FROM "items" AS "si0" LIMIT $1) AS "s0"
    INNER JOIN "shelves" AS "s1" ON "s0"."shelf_id" = "s1"."id"
    WHERE "s1"."name" = $2
    -- [3, "a"]
    "#);
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Shelf {
    id: i64,
    name: String,
    items: HasMany<Item>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Item {
    id: i64,
    label: String,
    /// Left out of the default select.
    #[schema(load = false)]
    notes: Option<String>,
    shelf_id: i64,
    shelf: BelongsTo<Shelf>,
}

#[test]
fn a_subquery_gives_the_columns_that_a_row_leaves_out() {
    let q = Item::query().subquery().filter(|i| i.notes.eq("n")).subquery();
    insta::assert_snapshot!(q.to_sql(Dialect::Postgres).unwrap().to_string(), @r#"
    SELECT "s0"."id", "s0"."label", "s0"."shelf_id"
    FROM (SELECT "ss0"."id", "ss0"."label", "ss0"."shelf_id", "ss0"."notes" FROM (SELECT "ssi0"."id", "ssi0"."label", "ssi0"."shelf_id", "ssi0"."notes" FROM "items" AS "ssi0") AS "ss0" WHERE "ss0"."notes" = $1) AS "s0"
    -- ["n"]
    "#);
    let grouped = Item::query().group_by(|i| (i.id, i.label, i.shelf_id));
    for q in [Item::query().distinct().subquery(), grouped.subquery(), Item::query().distinct().subquery().subquery()] {
        assert!(q.to_sql(Dialect::Sqlite).is_ok());
        let error = q.filter(|i| i.notes.eq("n")).to_sql(Dialect::Sqlite).unwrap_err().to_string();
        assert!(error.contains("does not give the column \"notes\""), "{error}");
    }
}

#[test]
fn the_prefix_of_a_subquery_and_of_the_query_around_it() {
    let inner = || Shelf::query().prefix("old");
    // What associations lead to is where the rows came from.
    insta::assert_snapshot!(inner().subquery().join(|s| s.items()).to_sql(Dialect::Postgres).unwrap().to_string(), @r#"
    SELECT "s0"."id", "s0"."name"
    FROM (SELECT "ss0"."id", "ss0"."name" FROM "old"."shelves" AS "ss0") AS "s0"
    INNER JOIN "old"."items" AS "i1" ON "s0"."id" = "i1"."shelf_id"
    "#);
    // A prefix of the query around is for what it joins; the query inside keeps its own.
    let q = inner().subquery().prefix("new").join(|s| s.items()).filter(|(_, i)| i.shelf().name.eq("a"));
    insta::assert_snapshot!(q.to_sql(Dialect::Postgres).unwrap().to_string(), @r#"
    SELECT "s0"."id", "s0"."name"
    FROM (SELECT "ss0"."id", "ss0"."name" FROM "old"."shelves" AS "ss0") AS "s0"
    INNER JOIN "new"."items" AS "i1" ON "s0"."id" = "i1"."shelf_id"
    INNER JOIN "new"."shelves" AS "s2" ON "i1"."shelf_id" = "s2"."id"
    WHERE "s2"."name" = $1
    -- ["a"]
    "#);
    let q = Item::query().prefix("new").join_query(inner(), |(i, s)| i.shelf_id.eq(s.id));
    insta::assert_snapshot!(q.to_sql(Dialect::Postgres).unwrap().to_string(), @r#"
    SELECT "i0"."id", "i0"."label", "i0"."shelf_id"
    FROM "new"."items" AS "i0"
    INNER JOIN (SELECT "ss0"."id", "ss0"."name" FROM "old"."shelves" AS "ss0") AS "s1" ON "i0"."shelf_id" = "s1"."id"
    "#);
    let q = Author::query().limit(2).subquery().join_query(sums(), |(a, s)| s.author_id.eq(a.id));
    insta::assert_snapshot!(ran(|repo| {
        let q = Author::query().subquery().join_on::<Book>(|(a, b)| b.author_id.eq(a.id));
        async move { repo.with_prefix("archive").all(q).await }
    }), @r#"
    Postgres
    SELECT "s0"."id", "s0"."name"
    FROM (SELECT "sa0"."id", "sa0"."name" FROM "archive"."authors" AS "sa0") AS "s0"
    INNER JOIN "archive"."books" AS "b1" ON "b1"."author_id" = "s0"."id"

    SQLite
    SELECT "s0"."id", "s0"."name"
    FROM (SELECT "sa0"."id", "sa0"."name" FROM "archive"."authors" AS "sa0") AS "s0"
    INNER JOIN "archive"."books" AS "b1" ON "b1"."author_id" = "s0"."id"
    "#);
    assert_eq!(rows(&q.select(|(a, s)| (a.id, s.books))), ["(1, 2)", "(2, 1)"]);
}

#[test]
fn mistakes_inside_of_a_subquery_are_those_of_the_query_around_it() {
    let broken = || Book::query().filter(|b| sql::<bool>("{").bind(b.id));
    for error in [
        broken().subquery().to_sql(Dialect::Sqlite).unwrap_err(),
        Author::query().join_query(broken(), |(a, b)| b.author_id.eq(a.id)).to_sql(Dialect::Postgres).unwrap_err(),
        Author::query().filter(|_| exists(broken().subquery())).to_sql(Dialect::Postgres).unwrap_err(),
        wait_for(broken().subquery().limit(1)),
    ] {
        assert!(matches!(error, peristyle::Error::Query(_)) && error.to_string().contains("brace"), "{error}");
    }
    let mut deep = Book::query();
    for _ in 0..200 {
        deep = deep.subquery();
    }
    let error = deep.to_sql(Dialect::Sqlite).unwrap_err().to_string();
    assert!(error.contains("nested more than 50"), "{error}");
}

fn wait_for(query: Query<Book>) -> peristyle::Error {
    store::wait(store::repos()[1].count(query)).unwrap_err()
}

#[derive(Debug, PartialEq, Projection)]
struct Labels {
    shelf_id: i64,
    labels: Vec<String>,
}

#[test]
fn a_list_in_a_projection_is_no_column_of_a_subquery() {
    let lists =
        Shelf::query().select(|s| LabelsSelect { shelf_id: s.id, labels: s.items().select(|i| i.label).collect() });
    let error = lists.subquery().to_sql(Dialect::Sqlite).unwrap_err().to_string();
    assert!(error.contains("select a column in its place"), "{error}");
}
