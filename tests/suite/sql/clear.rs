//! Taking clauses back.

use super::*;

#[test]
fn each_clause_is_taken_back() {
    let q = Book::query()
        .filter(|b| b.pages.gt(1))
        .order_by(|b| b.title)
        .limit(1)
        .offset(2)
        .distinct()
        .group_by(|b| b.id)
        .having(|b| b.id.count().gt(9))
        .clear_filter()
        .clear_order_by()
        .clear_limit()
        .clear_offset()
        .clear_distinct()
        .clear_group_by()
        .clear_having()
        .select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    "#);
}

#[test]
fn a_clause_may_be_given_again() {
    let q = Book::query()
        .order_by(|b| b.title)
        .clear_order_by()
        .order_by(|b| b.id)
        .limit(9)
        .clear_limit()
        .limit(1)
        .select(|b| b.id);
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."id" ASC
    LIMIT $1
    -- [1]

    SQLite
    SELECT "b0"."id"
    FROM "books" AS "b0"
    ORDER BY "b0"."id" ASC
    LIMIT ?1
    -- [1]
    "#);
}
