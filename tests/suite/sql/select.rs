//! SELECT.

use super::*;

#[derive(Debug, PartialEq, Projection)]
struct Card {
    title: String,
    author: Option<String>,
    heavy: bool,
}

#[test]
fn a_whole_row_lists_its_columns_in_the_order_of_the_fields() {
    insta::assert_snapshot!(both(Book::query()), @r#"
    Postgres
    SELECT "b0"."id", "b0"."title", "b0"."subtitle", "b0"."pages", "b0"."stock", "b0"."sold", "b0"."weight", "b0"."price", "b0"."in_print", "b0"."printed", "b0"."author_id"
    FROM "books" AS "b0"

    SQLite
    SELECT "b0"."id", "b0"."title", "b0"."subtitle", "b0"."pages", "b0"."stock", "b0"."sold", "b0"."weight", "b0"."price", "b0"."in_print", "b0"."printed", "b0"."author_id"
    FROM "books" AS "b0"
    "#);
}

#[test]
fn pgsql_001_a_column_is_quoted_and_belongs_to_its_table_s_alias() {
    insta::assert_snapshot!(both(Book::query().select(|b| b.title)), @r#"
    Postgres
    SELECT "b0"."title"
    FROM "books" AS "b0"

    SQLite
    SELECT "b0"."title"
    FROM "books" AS "b0"
    "#);
}

#[derive(Debug, PartialEq, Projection)]
struct Part {
    id: i64,
    pages: i32,
}

#[test]
fn pgsql_017_tuples_and_projections_list_their_columns() {
    insta::assert_snapshot!(both(Book::query().select(|b| (b.id, b.pages))), @r#"
    Postgres
    SELECT "b0"."id", "b0"."pages"
    FROM "books" AS "b0"

    SQLite
    SELECT "b0"."id", "b0"."pages"
    FROM "books" AS "b0"
    "#);
    let [tuple, nested, projection] = [
        Book::query().select(|b| (b.id, b.pages)).to_sql(Dialect::Postgres).unwrap(),
        Book::query().select(|b| (b.id, (b.pages,))).to_sql(Dialect::Postgres).unwrap(),
        Book::query().select(|b| PartSelect { id: b.id, pages: b.pages }).to_sql(Dialect::Postgres).unwrap(),
    ];
    assert_eq!((&nested, &projection), (&tuple, &tuple));
    assert_eq!(
        rows(&Book::query().select(|b| PartSelect { id: b.id, pages: b.pages }))[0],
        "Part { id: 1, pages: 300 }"
    );
}

#[test]
fn a_projection() {
    let q = Book::query().left_join_on::<Author>(|(b, a)| b.author_id.eq(a.id)).select(|(b, a)| CardSelect {
        title: b.title,
        author: a.name,
        heavy: b.weight.gt(1.0),
    });
    assert_eq!(rows(&q)[0], r#"Card { title: "Elixir", author: Some("Ann"), heavy: true }"#);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."title", "a1"."name" AS "author", "b0"."weight" > $1 AS "heavy"
    FROM "books" AS "b0"
    LEFT JOIN "authors" AS "a1" ON "b0"."author_id" = "a1"."id"
    -- [1.0]

    SQLite
    SELECT "b0"."title", "a1"."name" AS "author", "b0"."weight" > ?1 AS "heavy"
    FROM "books" AS "b0"
    LEFT JOIN "authors" AS "a1" ON "b0"."author_id" = "a1"."id"
    -- [1.0]
    "#);
}

#[test]
fn whole_rows_beside_columns() {
    let q = Review::query().join_on::<Book>(|(r, b)| r.book_id.eq(b.id)).select(|(r, b)| (r, (b.title, b.id), r.stars));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "r0"."id", "r0"."book_id", "r0"."stars", "b1"."title", "b1"."id", "r0"."stars"
    FROM "reviews" AS "r0"
    INNER JOIN "books" AS "b1" ON "r0"."book_id" = "b1"."id"

    SQLite
    SELECT "r0"."id", "r0"."book_id", "r0"."stars", "b1"."title", "b1"."id", "r0"."stars"
    FROM "reviews" AS "r0"
    INNER JOIN "books" AS "b1" ON "r0"."book_id" = "b1"."id"
    "#);
}

#[test]
fn the_last_selection_wins() {
    insta::assert_snapshot!(both(Book::query().select(|b| b.title).select(|b| b.id)), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    "#);
}

#[test]
fn sixteen_expressions_and_more_in_nested_tuples() {
    let q = Author::query().filter(|a| a.id.eq(1)).select(|a| {
        let five = (a.id, a.id, a.id, a.id, a.id);
        (five, five, five, five, five, five, five, five, five, five, five, five)
    });
    let five = "(1, 1, 1, 1, 1)";
    assert_eq!(rows(&q), [format!("({})", [five; 12].join(", "))]);
}
