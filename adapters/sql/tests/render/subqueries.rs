//! Queries inside of expressions.

use crate::schema::*;
use insta::assert_snapshot;
use peristyle_query::query::ast::{Aggregate, Binding, Function, Join, JoinKind, Operation, Select, Source, Step};
use peristyle_query::statement::Dialect;
use peristyle_query::value::{DataType, Value};

/// The posts of the author in the query around.
fn posts_of_user() -> Select {
    let mut posts = select(&POSTS, [col(&ID)]);
    posts.filter.push(eq(col(&AUTHOR), outer(&ID)));
    posts.filter.push(eq(col(&TITLE), text("a")));
    posts
}

#[test]
fn exists_selects_nothing_in_particular() {
    assert_snapshot!(condition(vec![Step::Exists(Box::new(posts_of_user()), false)]), @r#"
    EXISTS (SELECT 1 FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."title" = $1)
    -- ["a"]

    EXISTS (SELECT 1 FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."title" = ?1)
    -- ["a"]
    "#);
    assert_snapshot!(condition(not(vec![Step::Exists(Box::new(posts_of_user()), true)])), @r#"
    NOT (NOT EXISTS (SELECT 1 FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."title" = $1))
    -- ["a"]

    NOT (NOT EXISTS (SELECT 1 FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."title" = ?1))
    -- ["a"]
    "#);
}

#[test]
fn exists_keeps_columns_that_decide_whether_there_is_a_row() {
    let mut counted = posts_of_user();
    counted.columns = vec![column(count_rows())];
    let mut distinct = posts_of_user();
    distinct.distinct = true;
    let exists = |select| vec![Step::Exists(Box::new(select), false)];
    assert_snapshot!(condition(and(exists(counted), exists(distinct))), @r#"
    EXISTS (SELECT COUNT(*) FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."title" = $1) AND EXISTS (SELECT DISTINCT "sp0"."id" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."title" = $2)
    -- ["a", "a"]

    EXISTS (SELECT COUNT(*) FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."title" = ?1) AND EXISTS (SELECT DISTINCT "sp0"."id" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."title" = ?2)
    -- ["a", "a"]
    "#);
}

#[test]
fn a_list_may_come_from_a_query() {
    let in_query = |negated| condition(apply(Step::InQuery(Box::new(posts_of_user()), negated), [col(&ID)]));
    assert_snapshot!(in_query(false), @r#"
    "u0"."id" IN (SELECT "sp0"."id" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."title" = $1)
    -- ["a"]

    "u0"."id" IN (SELECT "sp0"."id" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."title" = ?1)
    -- ["a"]
    "#);
    assert_snapshot!(in_query(true), @r#"
    "u0"."id" NOT IN (SELECT "sp0"."id" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."title" = $1)
    -- ["a"]

    "u0"."id" NOT IN (SELECT "sp0"."id" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."title" = ?1)
    -- ["a"]
    "#);
    let prices = Step::InQuery(Box::new(select(&POSTS, [col(&PRICE)])), false);
    assert_snapshot!(condition(apply(prices, [col(&BALANCE)])), @r#"
    "u0"."balance" IN (SELECT "sp0"."price" FROM "posts" AS "sp0")

    "u0"."balance" COLLATE "decimal" IN (SELECT "sp0"."price" FROM "posts" AS "sp0")
    "#);
}

#[test]
fn a_query_may_be_a_value() {
    let mut count = posts_of_user();
    count.columns = vec![column(count_rows())];
    assert_snapshot!(selected(vec![Step::Scalar(Box::new(count))]), @r#"
    (SELECT COUNT(*) FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."title" = $1)
    -- ["a"]
    (SELECT COUNT(*) FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."title" = ?1)
    -- ["a"]
    "#);
    let greatest = select(&POSTS, [aggregate(Aggregate::Max, &PRICE, DataType::Decimal)]);
    assert_snapshot!(condition(eq(vec![Step::Scalar(Box::new(greatest))], decimal("1"))), @r#"
    (SELECT MAX("sp0"."price") FROM "posts" AS "sp0") = $1
    -- [1]

    (SELECT decimal_max("sp0"."price") FROM "posts" AS "sp0") COLLATE "decimal" = ?1
    -- [1]
    "#);
    let total = aggregate(Aggregate::Sum, &PRICE, DataType::Decimal);
    let total = select(&POSTS, [apply(Step::Function(Function::Coalesce, 2), [total, decimal("0")])]);
    assert_snapshot!(condition(eq(vec![Step::Scalar(Box::new(total))], text("1"))), @r#"
    (SELECT COALESCE(SUM("sp0"."price"), $1) FROM "posts" AS "sp0") = $2
    -- [0, "1"]

    (SELECT COALESCE(decimal_sum("sp0"."price"), ?1) FROM "posts" AS "sp0") COLLATE "decimal" = ?2
    -- [0, "1"]
    "#);
}

#[test]
fn deeper_queries_reach_further_out() {
    let mut innermost = select(&USERS, [col(&ID)]);
    innermost.filter.push(eq(col(&ID), vec![Step::Column(Binding::of(1, 0), &AUTHOR)]));
    innermost.filter.push(eq(col(&AGE), vec![Step::Column(Binding::of(2, 0), &AGE)]));
    let mut posts = posts_of_user();
    posts.filter.push(vec![Step::Exists(Box::new(innermost), false)]);
    let mut query = select(&USERS, [col(&ID)]);
    query.filter.push(eq(col(&EMAIL), text("first")));
    query.filter.push(vec![Step::Exists(Box::new(posts), false)]);
    query.filter.push(eq(col(&EMAIL), text("last")));
    assert_snapshot!(both(&Operation::Select(query)), @r#"
    SELECT "u0"."id"
    FROM "users" AS "u0"
    WHERE "u0"."email" = $1 AND EXISTS (SELECT 1 FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."title" = $2 AND EXISTS (SELECT 1 FROM "users" AS "ssu0" WHERE "ssu0"."id" = "sp0"."author_id" AND "ssu0"."age" = "u0"."age")) AND "u0"."email" = $3
    -- ["first", "a", "last"]

    SELECT "u0"."id"
    FROM "users" AS "u0"
    WHERE "u0"."email" = ?1 AND EXISTS (SELECT 1 FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."title" = ?2 AND EXISTS (SELECT 1 FROM "users" AS "ssu0" WHERE "ssu0"."id" = "sp0"."author_id" AND "ssu0"."age" = "u0"."age")) AND "u0"."email" = ?3
    -- ["first", "a", "last"]
    "#);
}

#[test]
fn a_joined_subquery_cannot_see_the_tables_beside_it() {
    let mut query = select(&USERS, [col(&ID)]);
    let source = Source::Subquery(Box::new(posts_of_user()));
    query.joins.push(Join { kind: JoinKind::Inner, source, on: vec![Step::All(0)] });
    let error = refusal(Dialect::Postgres, &Operation::Select(query));
    assert_snapshot!(error, @r#"a joined subquery cannot use the column "id" of a table beside it: put the condition into the join"#);
}

#[test]
fn a_source_inside_a_correlated_query_sees_the_outermost() {
    let mut inner = select(&POSTS, [col(&ID)]);
    inner.filter.push(eq(col(&AUTHOR), vec![Step::Column(Binding::of(2, 0), &ID)]));
    let mut counted = Select::new(Source::Subquery(Box::new(inner)));
    counted.columns = vec![column(count_rows())];
    assert_snapshot!(selected(vec![Step::Scalar(Box::new(counted))]), @r#"
    (SELECT COUNT(*) FROM (SELECT "ssp0"."id" FROM "posts" AS "ssp0" WHERE "ssp0"."author_id" = "u0"."id") AS "ss0")
    (SELECT COUNT(*) FROM (SELECT "ssp0"."id" FROM "posts" AS "ssp0" WHERE "ssp0"."author_id" = "u0"."id") AS "ss0")
    "#);
}

#[test]
fn a_query_is_the_source_of_the_query_around_it() {
    let mut inner = select(&POSTS, [col(&ID)]);
    inner.columns.push(named(col(&AUTHOR), "writer"));
    inner.filter.push(eq(col(&TITLE), text("a")));
    inner.limit = Some(3);
    let mut middle = Select::new(Source::Subquery(Box::new(inner)));
    middle.columns = vec![column(col(&WRITER)), column(count_rows())];
    middle.columns[1].set_alias("posts");
    middle.group_by.push(col(&WRITER));
    let mut query = Select::new(Source::Subquery(Box::new(middle)));
    query.columns = vec![column(col(&WRITER)), column(col_of(1, &EMAIL))];
    let on = eq(col_of(1, &ID), col(&WRITER));
    query.joins.push(Join { kind: JoinKind::Left, source: table(&USERS), on });
    query.filter.push(eq(col_of(1, &AGE), int(5)));
    assert_snapshot!(both(&Operation::Select(query)), @r#"
    SELECT "s0"."writer", "u1"."email"
    FROM (SELECT "ss0"."writer", COUNT(*) AS "posts" FROM (SELECT "ssp0"."id", "ssp0"."author_id" AS "writer" FROM "posts" AS "ssp0" WHERE "ssp0"."title" = $1 LIMIT $2) AS "ss0" GROUP BY "ss0"."writer") AS "s0"
    LEFT JOIN "users" AS "u1" ON "u1"."id" = "s0"."writer"
    WHERE "u1"."age" = $3
    -- ["a", 3, 5]

    SELECT "s0"."writer", "u1"."email"
    FROM (SELECT "ss0"."writer", COUNT(*) AS "posts" FROM (SELECT "ssp0"."id", "ssp0"."author_id" AS "writer" FROM "posts" AS "ssp0" WHERE "ssp0"."title" = ?1 LIMIT ?2) AS "ss0" GROUP BY "ss0"."writer") AS "s0"
    LEFT JOIN "users" AS "u1" ON "u1"."id" = "s0"."writer"
    WHERE "u1"."age" = ?3
    -- ["a", 3, 5]
    "#);
}

#[test]
fn a_column_that_a_subquery_does_not_give_is_refused() {
    let inner = select(&POSTS, [col(&ID)]);
    let mut query = Select::new(Source::Subquery(Box::new(inner.clone())));
    query.columns.push(column(col(&AUTHOR)));
    let error = refusal(Dialect::Postgres, &Operation::Select(query)).to_string();
    assert!(error.contains("does not give the column \"author_id\""), "{error}");
    let mut query = select(&USERS, [col(&ID)]);
    let mut renamed = inner;
    renamed.columns = vec![named(col(&AUTHOR), "writer")];
    let on = eq(col_of(1, &AUTHOR), col(&ID));
    query.joins.push(Join { kind: JoinKind::Inner, source: Source::Subquery(Box::new(renamed)), on });
    let error = refusal(Dialect::Sqlite, &Operation::Select(query)).to_string();
    assert!(error.contains("does not give the column \"author_id\""), "{error}");
}

#[test]
fn too_deep_queries_are_refused() {
    let mut query = select(&USERS, [col(&ID)]);
    for _ in 0..100 {
        let mut outer = select(&USERS, [col(&ID)]);
        outer.filter.push(apply(Step::InQuery(Box::new(query), false), [value(Value::I64(1))]));
        query = outer;
    }
    let error = refusal(Dialect::Postgres, &Operation::Select(query));
    assert!(error.to_string().contains("nested more than 60 queries deep"), "{error}");
}
