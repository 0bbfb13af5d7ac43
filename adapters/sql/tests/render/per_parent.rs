//! Limits per parent.

use crate::schema::*;
use insta::assert_snapshot;
use peristyle_query::query::ast::{
    BinaryOperator, Explain, Expression, Join, JoinKind, Nulls, Operation, OrderTerm, OutputColumn, ParentKey,
    PerParent, Select, Step,
};
use peristyle_query::schema::FieldMeta;
use peristyle_query::statement::Dialect;
use peristyle_query::value::{DataType, Value};
use peristyle_sql::{PlanCache, render};

/// Posts, two after the first of each author.
fn posts() -> Select {
    let mut posts = select(&POSTS, [col(&ID), col(&TITLE), col(&AUTHOR)]);
    (posts.limit, posts.offset) = (Some(2), Some(1));
    posts
}

fn descending(expression: Expression) -> OrderTerm {
    OrderTerm { expression, descending: true, nulls: None }
}

fn key(field: &'static FieldMeta, values: Vec<Value>) -> ParentKey {
    ParentKey { field, expression: col(field), values }
}

fn authors(count: i64) -> ParentKey {
    key(&AUTHOR, (1..=count).map(Value::I64).collect())
}

fn children(select: Select, keys: Vec<ParentKey>, repeats: bool) -> Operation {
    Operation::PerParent(Box::new(PerParent { select, keys, repeats }))
}

fn of_authors(select: Select) -> Operation {
    children(select, vec![authors(3)], false)
}

#[test]
fn rows_of_each_parent_have_their_own_limit_offset_and_order() {
    let mut query = posts();
    query.order_by = vec![
        OrderTerm { nulls: Some(Nulls::Last), ..descending(col(&TITLE)) },
        OrderTerm { descending: false, ..descending(col(&ID)) },
    ];
    assert_snapshot!(both(&of_authors(query)), @r#"
    SELECT "p1".*
    FROM (SELECT unnest($1::int8[]) AS "author_id") AS "k0"
    INNER JOIN LATERAL (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "k0"."author_id" ORDER BY "sp0"."title" DESC NULLS LAST, "sp0"."id" ASC LIMIT $2 OFFSET $3) AS "p1" ON TRUE
    -- [[1, 2, 3], 2, 1]

    SELECT "p0".*
    FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id", ROW_NUMBER() OVER (PARTITION BY "sp0"."author_id" ORDER BY "sp0"."title" DESC NULLS LAST, "sp0"."id" ASC) AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."author_id" IN (SELECT "value" FROM json_each(?1))) AS "p0"
    WHERE "p0"."__rank" > ?2 AND "p0"."__rank" <= ?3
    ORDER BY "p0"."__rank" ASC
    -- [[1, 2, 3], 1, 3]
    "#);
}

#[test]
fn without_an_order_any_rows_do() {
    assert_snapshot!(both(&of_authors(posts())), @r#"
    SELECT "p1".*
    FROM (SELECT unnest($1::int8[]) AS "author_id") AS "k0"
    INNER JOIN LATERAL (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "k0"."author_id" LIMIT $2 OFFSET $3) AS "p1" ON TRUE
    -- [[1, 2, 3], 2, 1]

    SELECT "p0".*
    FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id", ROW_NUMBER() OVER (PARTITION BY "sp0"."author_id") AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."author_id" IN (SELECT "value" FROM json_each(?1))) AS "p0"
    WHERE "p0"."__rank" > ?2 AND "p0"."__rank" <= ?3
    ORDER BY "p0"."__rank" ASC
    -- [[1, 2, 3], 1, 3]
    "#);
}

#[test]
fn a_limit_and_an_offset_stand_alone() {
    let mut limited = posts();
    limited.offset = None;
    assert_snapshot!(both(&of_authors(limited)), @r#"
    SELECT "p1".*
    FROM (SELECT unnest($1::int8[]) AS "author_id") AS "k0"
    INNER JOIN LATERAL (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "k0"."author_id" LIMIT $2) AS "p1" ON TRUE
    -- [[1, 2, 3], 2]

    SELECT "p0".*
    FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id", ROW_NUMBER() OVER (PARTITION BY "sp0"."author_id") AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."author_id" IN (SELECT "value" FROM json_each(?1))) AS "p0"
    WHERE "p0"."__rank" <= ?2
    ORDER BY "p0"."__rank" ASC
    -- [[1, 2, 3], 2]
    "#);
    let mut skipping = posts();
    skipping.limit = None;
    assert_snapshot!(both(&of_authors(skipping)), @r#"
    SELECT "p1".*
    FROM (SELECT unnest($1::int8[]) AS "author_id") AS "k0"
    INNER JOIN LATERAL (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "k0"."author_id" OFFSET $2) AS "p1" ON TRUE
    -- [[1, 2, 3], 1]

    SELECT "p0".*
    FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id", ROW_NUMBER() OVER (PARTITION BY "sp0"."author_id") AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."author_id" IN (SELECT "value" FROM json_each(?1))) AS "p0"
    WHERE "p0"."__rank" > ?2
    ORDER BY "p0"."__rank" ASC
    -- [[1, 2, 3], 1]
    "#);
    let mut ordered = posts();
    (ordered.limit, ordered.offset) = (None, None);
    ordered.order_by.push(descending(col(&ID)));
    assert_snapshot!(both(&of_authors(ordered)), @r#"
    SELECT "p1".*
    FROM (SELECT unnest($1::int8[]) AS "author_id") AS "k0"
    INNER JOIN LATERAL (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "k0"."author_id" ORDER BY "sp0"."id" DESC) AS "p1" ON TRUE
    -- [[1, 2, 3]]

    SELECT "p0".*
    FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id", ROW_NUMBER() OVER (PARTITION BY "sp0"."author_id" ORDER BY "sp0"."id" DESC) AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."author_id" IN (SELECT "value" FROM json_each(?1))) AS "p0"
    ORDER BY "p0"."__rank" ASC
    -- [[1, 2, 3]]
    "#);
}

#[test]
fn bounds_do_not_overflow() {
    let mut query = posts();
    (query.limit, query.offset) = (Some(u64::MAX), Some(u64::MAX));
    let bound = |dialect| {
        let statement = statement(dialect, &of_authors(query.clone()));
        statement.parameters()[1..].iter().map(|parameter| parameter.value.clone()).collect::<Vec<_>>()
    };
    assert_eq!(bound(Dialect::Sqlite), [Value::I64(i64::MAX), Value::I64(i64::MAX)]);
    assert_eq!(bound(Dialect::Postgres), [Value::I64(i64::MAX), Value::I64(i64::MAX)]);
}

#[test]
fn a_key_may_have_several_columns() {
    let titles = ["a", "b"].map(|title| Value::Text(title.to_owned()));
    let mut query = posts();
    query.order_by.push(descending(col(&ID)));
    assert_snapshot!(both(&children(query, vec![authors(2), key(&TITLE, titles.to_vec())], false)), @r#"
    SELECT "p1".*
    FROM (SELECT unnest($1::int8[]) AS "author_id", unnest($2::text[]) AS "title") AS "k0"
    INNER JOIN LATERAL (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "k0"."author_id" AND "sp0"."title" = "k0"."title" ORDER BY "sp0"."id" DESC LIMIT $3 OFFSET $4) AS "p1" ON TRUE
    -- [[1, 2], ["a", "b"], 2, 1]

    SELECT "p0".*
    FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id", ROW_NUMBER() OVER (PARTITION BY "sp0"."author_id", "sp0"."title" ORDER BY "sp0"."id" DESC) AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."author_id" IN (SELECT "value" FROM json_each(?1)) AND "sp0"."title" IN (SELECT "value" FROM json_each(?2))) AS "p0"
    WHERE "p0"."__rank" > ?3 AND "p0"."__rank" <= ?4
    ORDER BY "p0"."__rank" ASC
    -- [[1, 2], ["a", "b"], 1, 3]
    "#);
}

#[test]
fn rows_that_repeat_share_a_number() {
    let mut query = posts();
    let on = eq(col_of(1, &AUTHOR), col(&ID));
    query.joins.push(Join { kind: JoinKind::Inner, source: table(&USERS), on });
    query.order_by = vec![descending(col(&TITLE)), descending(col(&ID))];
    let key = ParentKey { expression: col_of(1, &AUTHOR), ..authors(3) };
    assert_snapshot!(both(&children(query, vec![key], true)), @r#"
    SELECT "p0".*
    FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id", DENSE_RANK() OVER (PARTITION BY "su1"."author_id" ORDER BY "sp0"."title" DESC, "sp0"."id" DESC) AS "__rank" FROM "posts" AS "sp0" INNER JOIN "users" AS "su1" ON "su1"."author_id" = "sp0"."id" WHERE "su1"."author_id" = ANY($1)) AS "p0"
    WHERE "p0"."__rank" > $2 AND "p0"."__rank" <= $3
    ORDER BY "p0"."__rank" ASC
    -- [[1, 2, 3], 1, 3]

    SELECT "p0".*
    FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id", DENSE_RANK() OVER (PARTITION BY "su1"."author_id" ORDER BY "sp0"."title" DESC, "sp0"."id" DESC) AS "__rank" FROM "posts" AS "sp0" INNER JOIN "users" AS "su1" ON "su1"."author_id" = "sp0"."id" WHERE "su1"."author_id" IN (SELECT "value" FROM json_each(?1))) AS "p0"
    WHERE "p0"."__rank" > ?2 AND "p0"."__rank" <= ?3
    ORDER BY "p0"."__rank" ASC
    -- [[1, 2, 3], 1, 3]
    "#);
}

#[test]
fn parameters_are_numbered_as_they_stand() {
    let mut query = posts();
    query.columns.push(named(binary(col(&AGE), BinaryOperator::Add(DataType::I32), int(10)), "later"));
    let on = and(eq(col_of(1, &ID), col(&AUTHOR)), eq(col_of(1, &AGE), int(20)));
    query.joins.push(Join { kind: JoinKind::Left, source: table(&USERS), on });
    query.filter = vec![or(eq(col(&TITLE), text("a")), eq(col_of(1, &EMAIL), text("b")))];
    query.order_by = vec![
        descending(binary(col(&SMALL), BinaryOperator::Add(DataType::I32), int(30))),
        descending(binary(col(&AGE), BinaryOperator::Add(DataType::I32), int(10))),
    ];
    assert_snapshot!(both(&of_authors(query.clone())), @r#"
    SELECT "p1".*
    FROM (SELECT unnest($1::int8[]) AS "author_id") AS "k0"
    INNER JOIN LATERAL (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id", "sp0"."age" + $2 AS "later" FROM "posts" AS "sp0" LEFT JOIN "users" AS "su1" ON "su1"."id" = "sp0"."author_id" AND "su1"."age" = $3 WHERE ("sp0"."title" = $4 OR "su1"."email" = $5) AND "sp0"."author_id" = "k0"."author_id" ORDER BY "sp0"."small" + $6 DESC, 4 DESC LIMIT $7 OFFSET $8) AS "p1" ON TRUE
    -- [[1, 2, 3], 10, 20, "a", "b", 30, 2, 1]

    SELECT "p0".*
    FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id", "sp0"."age" + ?1 AS "later", ROW_NUMBER() OVER (PARTITION BY "sp0"."author_id" ORDER BY "sp0"."small" + ?2 DESC, "sp0"."age" + ?3 DESC) AS "__rank" FROM "posts" AS "sp0" LEFT JOIN "users" AS "su1" ON "su1"."id" = "sp0"."author_id" AND "su1"."age" = ?4 WHERE ("sp0"."title" = ?5 OR "su1"."email" = ?6) AND "sp0"."author_id" IN (SELECT "value" FROM json_each(?7))) AS "p0"
    WHERE "p0"."__rank" > ?8 AND "p0"."__rank" <= ?9
    ORDER BY "p0"."__rank" ASC
    -- [10, 30, 10, 20, "a", "b", [1, 2, 3], 1, 3]
    "#);
    assert_snapshot!(both(&children(query, vec![authors(3)], true)), @r#"
    SELECT "p0".*
    FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id", "sp0"."age" + $1 AS "later", DENSE_RANK() OVER (PARTITION BY "sp0"."author_id" ORDER BY "sp0"."small" + $2 DESC, "sp0"."age" + $3 DESC) AS "__rank" FROM "posts" AS "sp0" LEFT JOIN "users" AS "su1" ON "su1"."id" = "sp0"."author_id" AND "su1"."age" = $4 WHERE ("sp0"."title" = $5 OR "su1"."email" = $6) AND "sp0"."author_id" = ANY($7)) AS "p0"
    WHERE "p0"."__rank" > $8 AND "p0"."__rank" <= $9
    ORDER BY "p0"."__rank" ASC
    -- [10, 30, 10, 20, "a", "b", [1, 2, 3], 1, 3]

    SELECT "p0".*
    FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id", "sp0"."age" + ?1 AS "later", DENSE_RANK() OVER (PARTITION BY "sp0"."author_id" ORDER BY "sp0"."small" + ?2 DESC, "sp0"."age" + ?3 DESC) AS "__rank" FROM "posts" AS "sp0" LEFT JOIN "users" AS "su1" ON "su1"."id" = "sp0"."author_id" AND "su1"."age" = ?4 WHERE ("sp0"."title" = ?5 OR "su1"."email" = ?6) AND "sp0"."author_id" IN (SELECT "value" FROM json_each(?7))) AS "p0"
    WHERE "p0"."__rank" > ?8 AND "p0"."__rank" <= ?9
    ORDER BY "p0"."__rank" ASC
    -- [10, 30, 10, 20, "a", "b", [1, 2, 3], 1, 3]
    "#);
}

#[test]
fn queries_inside_of_the_filter_are_one_level_deeper() {
    let mut users = select(&USERS, [col(&ID)]);
    users.filter = vec![eq(col(&ID), outer(&AUTHOR)), eq(col(&AGE), int(18))];
    let mut query = posts();
    query.filter.push(vec![Step::Exists(Box::new(users), false)]);
    assert_snapshot!(both(&of_authors(query)), @r#"
    SELECT "p1".*
    FROM (SELECT unnest($1::int8[]) AS "author_id") AS "k0"
    INNER JOIN LATERAL (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id" FROM "posts" AS "sp0" WHERE EXISTS (SELECT 1 FROM "users" AS "ssu0" WHERE "ssu0"."id" = "sp0"."author_id" AND "ssu0"."age" = $2) AND "sp0"."author_id" = "k0"."author_id" LIMIT $3 OFFSET $4) AS "p1" ON TRUE
    -- [[1, 2, 3], 18, 2, 1]

    SELECT "p0".*
    FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id", ROW_NUMBER() OVER (PARTITION BY "sp0"."author_id") AS "__rank" FROM "posts" AS "sp0" WHERE EXISTS (SELECT 1 FROM "users" AS "ssu0" WHERE "ssu0"."id" = "sp0"."author_id" AND "ssu0"."age" = ?1) AND "sp0"."author_id" IN (SELECT "value" FROM json_each(?2))) AS "p0"
    WHERE "p0"."__rank" > ?3 AND "p0"."__rank" <= ?4
    ORDER BY "p0"."__rank" ASC
    -- [18, [1, 2, 3], 1, 3]
    "#);
}

#[test]
fn whole_rows_and_tables_of_a_prefix() {
    let mut query = Select::new(table(&USERS));
    query.columns.push(OutputColumn::Row(at(0), &USERS));
    query.limit = Some(1);
    let operation = of_authors(query);
    let tenant = |dialect| render(dialect, &operation, Some("tenant")).unwrap().to_string();
    assert_snapshot!(tenant(Dialect::Postgres), @r#"
    SELECT "u1".*
    FROM (SELECT unnest($1::int8[]) AS "author_id") AS "k0"
    INNER JOIN LATERAL (SELECT "su0"."id", "su0"."full ""name""", "su0"."balance" FROM "tenant"."users" AS "su0" WHERE "su0"."author_id" = "k0"."author_id" LIMIT $2) AS "u1" ON TRUE
    -- [[1, 2, 3], 1]
    "#);
    assert_snapshot!(tenant(Dialect::Sqlite), @r#"
    SELECT "u0".*
    FROM (SELECT "su0"."id", "su0"."full ""name""", "su0"."balance", ROW_NUMBER() OVER (PARTITION BY "su0"."author_id") AS "__rank" FROM "tenant"."users" AS "su0" WHERE "su0"."author_id" IN (SELECT "value" FROM json_each(?1))) AS "u0"
    WHERE "u0"."__rank" <= ?2
    ORDER BY "u0"."__rank" ASC
    -- [[1, 2, 3], 1]
    "#);
}

#[test]
fn keys_of_other_types() {
    let of = |key| {
        let mut query = select(&POSTS, [col(&ID)]);
        query.limit = Some(1);
        both(&children(query, vec![key], false))
    };
    assert_snapshot!(of(key(&PRICE, vec![Value::Decimal("1.50".parse().unwrap())])), @r#"
    SELECT "p1".*
    FROM (SELECT unnest($1::numeric[]) AS "price") AS "k0"
    INNER JOIN LATERAL (SELECT "sp0"."id" FROM "posts" AS "sp0" WHERE "sp0"."price" = "k0"."price" LIMIT $2) AS "p1" ON TRUE
    -- [[1.50], 1]

    SELECT "p0".*
    FROM (SELECT "sp0"."id", ROW_NUMBER() OVER (PARTITION BY "sp0"."price" COLLATE "decimal") AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."price" COLLATE "decimal" IN (SELECT "value" FROM json_each(?1))) AS "p0"
    WHERE "p0"."__rank" <= ?2
    ORDER BY "p0"."__rank" ASC
    -- [[1.50], 1]
    "#);
    assert_snapshot!(of(key(&ROLE, vec![Value::Enum("role", "admin".into())])), @r#"
    SELECT "p1".*
    FROM (SELECT unnest($1::"role"[]) AS "role") AS "k0"
    INNER JOIN LATERAL (SELECT "sp0"."id" FROM "posts" AS "sp0" WHERE "sp0"."role" = "k0"."role" LIMIT $2) AS "p1" ON TRUE
    -- [["admin"], 1]

    SELECT "p0".*
    FROM (SELECT "sp0"."id", ROW_NUMBER() OVER (PARTITION BY "sp0"."role") AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."role" IN (SELECT "value" FROM json_each(?1))) AS "p0"
    WHERE "p0"."__rank" <= ?2
    ORDER BY "p0"."__rank" ASC
    -- [["admin"], 1]
    "#);
    assert_snapshot!(of(key(&PHOTO, vec![Value::Bytes(vec![1])])), @r#"
    SELECT "p1".*
    FROM (SELECT unnest($1::bytea[]) AS "photo") AS "k0"
    INNER JOIN LATERAL (SELECT "sp0"."id" FROM "posts" AS "sp0" WHERE "sp0"."photo" = "k0"."photo" LIMIT $2) AS "p1" ON TRUE
    -- [[x'01'], 1]

    SELECT "p0".*
    FROM (SELECT "sp0"."id", ROW_NUMBER() OVER (PARTITION BY "sp0"."photo") AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."photo" IN (SELECT UNHEX("value") FROM json_each(?1))) AS "p0"
    WHERE "p0"."__rank" <= ?2
    ORDER BY "p0"."__rank" ASC
    -- [[x'01'], 1]
    "#);
    assert_snapshot!(of(key(&PASSWORD, vec![Value::Text("secret".into())])), @r#"
    SELECT "p1".*
    FROM (SELECT unnest($1::text[]) AS "pw_hash") AS "k0"
    INNER JOIN LATERAL (SELECT "sp0"."id" FROM "posts" AS "sp0" WHERE "sp0"."pw_hash" = "k0"."pw_hash" LIMIT $2) AS "p1" ON TRUE
    -- [[redacted], 1]

    SELECT "p0".*
    FROM (SELECT "sp0"."id", ROW_NUMBER() OVER (PARTITION BY "sp0"."pw_hash") AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."pw_hash" IN (SELECT "value" FROM json_each(?1))) AS "p0"
    WHERE "p0"."__rank" <= ?2
    ORDER BY "p0"."__rank" ASC
    -- [[redacted], 1]
    "#);
    let tags = Value::Array(&DataType::Text, vec![Value::Text("a".into())]);
    assert_snapshot!(of(key(&TAGS, vec![tags])), @r#"
    SELECT "p0".*
    FROM (SELECT "sp0"."id", ROW_NUMBER() OVER (PARTITION BY "sp0"."tags") AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."tags" IN ($1)) AS "p0"
    WHERE "p0"."__rank" <= $2
    ORDER BY "p0"."__rank" ASC
    -- [["a"], 1]

    SELECT "p0".*
    FROM (SELECT "sp0"."id", ROW_NUMBER() OVER (PARTITION BY "sp0"."tags") AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."tags" IN (?1)) AS "p0"
    WHERE "p0"."__rank" <= ?2
    ORDER BY "p0"."__rank" ASC
    -- [["a"], 1]
    "#);
}

#[test]
fn without_parents_there_is_no_row() {
    assert_snapshot!(both(&children(posts(), vec![authors(0)], false)), @r#"
    SELECT "p1".*
    FROM (SELECT unnest($1::int8[]) AS "author_id") AS "k0"
    INNER JOIN LATERAL (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "k0"."author_id" LIMIT $2 OFFSET $3) AS "p1" ON TRUE
    -- [[], 2, 1]

    SELECT "p0".*
    FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id", ROW_NUMBER() OVER (PARTITION BY "sp0"."author_id") AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."author_id" IN (SELECT "value" FROM json_each(?1))) AS "p0"
    WHERE "p0"."__rank" > ?2 AND "p0"."__rank" <= ?3
    ORDER BY "p0"."__rank" ASC
    -- [[], 1, 3]
    "#);
}

#[test]
fn it_can_be_explained() {
    assert_snapshot!(both(&Operation::Explain(Box::new(of_authors(posts())), Explain::default())), @r#"
    EXPLAIN SELECT "p1".*
    FROM (SELECT unnest($1::int8[]) AS "author_id") AS "k0"
    INNER JOIN LATERAL (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "k0"."author_id" LIMIT $2 OFFSET $3) AS "p1" ON TRUE
    -- [[1, 2, 3], 2, 1]

    EXPLAIN QUERY PLAN SELECT "p0".*
    FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."author_id", ROW_NUMBER() OVER (PARTITION BY "sp0"."author_id") AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."author_id" IN (SELECT "value" FROM json_each(?1))) AS "p0"
    WHERE "p0"."__rank" > ?2 AND "p0"."__rank" <= ?3
    ORDER BY "p0"."__rank" ASC
    -- [[1, 2, 3], 1, 3]
    "#);
}

#[test]
fn groups_and_distinct_need_lateral() {
    let mut distinct = posts();
    distinct.distinct = true;
    assert_snapshot!(both(&of_authors(distinct.clone())), @r#"
    SELECT "p1".*
    FROM (SELECT unnest($1::int8[]) AS "author_id") AS "k0"
    INNER JOIN LATERAL (SELECT DISTINCT "sp0"."id", "sp0"."title", "sp0"."author_id" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "k0"."author_id" LIMIT $2 OFFSET $3) AS "p1" ON TRUE
    -- [[1, 2, 3], 2, 1]

    a limit per parent of a query with groups or distinct: leave the limit out, or select from a subquery
    "#);
    assert!(refusal(Dialect::Postgres, &children(distinct, vec![authors(1)], true)).to_string().contains("distinct"));
    let mut grouped = posts();
    grouped.columns = vec![column(col(&AUTHOR)), column(count_rows())];
    assert!(refusal(Dialect::Sqlite, &of_authors(grouped.clone())).to_string().contains("groups"));
    grouped.group_by.push(col(&AUTHOR));
    assert_snapshot!(both(&of_authors(grouped)), @r#"
    SELECT "p1".*
    FROM (SELECT unnest($1::int8[]) AS "author_id") AS "k0"
    INNER JOIN LATERAL (SELECT "sp0"."author_id", COUNT(*) FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "k0"."author_id" GROUP BY "sp0"."author_id" LIMIT $2 OFFSET $3) AS "p1" ON TRUE
    -- [[1, 2, 3], 2, 1]

    a limit per parent of a query with groups or distinct: leave the limit out, or select from a subquery
    "#);
}

#[test]
fn keys_and_columns_are_required() {
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
        let error = refusal(dialect, &children(posts(), Vec::new(), false)).to_string();
        assert!(error.contains("needs the columns of the parent's key"), "{error}");
        let error = refusal(dialect, &of_authors(Select::new(table(&POSTS)))).to_string();
        assert!(error.contains("selects no column"), "{error}");
    }
}

#[test]
fn plans_are_shared_whatever_the_keys_and_bounds() {
    let bounded = |limit, offset, count, repeats| {
        let mut query = posts();
        query.order_by.push(descending(binary(col(&AGE), BinaryOperator::Add(DataType::I32), int(10))));
        (query.limit, query.offset) = (limit, offset);
        children(query, vec![authors(count)], repeats)
    };
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
        let cache = PlanCache::new(dialect, 100);
        let check = |operation: &Operation, plans| {
            assert_eq!(cache.statement(operation, None).unwrap(), render(dialect, operation, None).unwrap());
            assert_eq!(cache.len(), plans);
        };
        for count in 0..50 {
            check(&bounded(Some(count as u64), Some(7), count, false), 1);
        }
        check(&bounded(None, Some(7), 3, false), 2);
        check(&bounded(Some(7), None, 3, false), 3);
        check(&bounded(None, None, 3, false), 4);
        check(&bounded(Some(7), Some(7), 3, true), 5);
        let Operation::PerParent(one) = bounded(Some(7), Some(7), 3, false) else { unreachable!() };
        check(&Operation::Select(one.select.clone()), 6);
        let mut two = one.clone();
        two.keys.push(key(&ID, authors(3).values));
        check(&Operation::PerParent(two), 7);
        let mut joined = one.clone();
        joined.keys[0].expression = col(&ID);
        check(&Operation::PerParent(joined), 8);
        let mut ascending = one;
        ascending.select.order_by[0].descending = false;
        check(&Operation::PerParent(ascending), 9);
    }
}
