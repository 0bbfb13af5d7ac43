//! SELECT with each of its clauses.

use crate::schema::*;
use insta::assert_snapshot;
use peristyle_query::query::ast::{
    BinaryOperator, Join, JoinKind, Nulls, Operation, OrderTerm, OutputColumn, Select, Source, Step,
};
use peristyle_query::statement::Dialect;
use peristyle_query::value::{DataType, Value};

#[test]
fn the_example_of_the_documentation() {
    let mut query = select(&USERS, [col(&ID), col(&EMAIL)]);
    query.filter.push(binary(col(&AGE), BinaryOperator::GreaterOrEqual, int(18)));
    let operation = Operation::Select(query);
    let statement = statement(Dialect::Postgres, &operation);
    assert_eq!(statement.sql(), r#"SELECT "u0"."id", "u0"."email" FROM "users" AS "u0" WHERE "u0"."age" >= $1"#);
    assert_snapshot!(both(&operation), @r#"
    SELECT "u0"."id", "u0"."email"
    FROM "users" AS "u0"
    WHERE "u0"."age" >= $1
    -- [18]

    SELECT "u0"."id", "u0"."email"
    FROM "users" AS "u0"
    WHERE "u0"."age" >= ?1
    -- [18]
    "#);
}

#[test]
fn a_whole_row_lists_the_loaded_fields_with_quoted_names() {
    let mut query = Select::new(table(&USERS));
    query.columns.push(OutputColumn::Row(at(0), &USERS));
    assert_snapshot!(both(&Operation::Select(query)), @r#"
    SELECT "u0"."id", "u0"."full ""name""", "u0"."balance"
    FROM "users" AS "u0"

    SELECT "u0"."id", "u0"."full ""name""", "u0"."balance"
    FROM "users" AS "u0"
    "#);
}

#[test]
fn aliases_are_written_where_they_differ_from_the_column() {
    let mut query = select(&USERS, []);
    query.columns = vec![named(col(&EMAIL), "email"), named(col(&AGE), "years"), named(count_rows(), "posts")];
    assert_snapshot!(both(&Operation::Select(query)), @r#"
    SELECT "u0"."email", "u0"."age" AS "years", COUNT(*) AS "posts"
    FROM "users" AS "u0"

    SELECT "u0"."email", "u0"."age" AS "years", COUNT(*) AS "posts"
    FROM "users" AS "u0"
    "#);
}

#[test]
fn several_filters_are_joined_by_and() {
    let mut query = select(&USERS, [col(&ID)]);
    query.filter = vec![
        or(eq(col(&AGE), int(1)), eq(col(&AGE), int(2))),
        col(&ACTIVE),
        and(eq(col(&EMAIL), text("a")), not(col(&ACTIVE))),
    ];
    assert_snapshot!(both(&Operation::Select(query)), @r#"
    SELECT "u0"."id"
    FROM "users" AS "u0"
    WHERE ("u0"."age" = $1 OR "u0"."age" = $2) AND "u0"."active" AND "u0"."email" = $3 AND NOT "u0"."active"
    -- [1, 2, "a"]

    SELECT "u0"."id"
    FROM "users" AS "u0"
    WHERE ("u0"."age" = ?1 OR "u0"."age" = ?2) AND "u0"."active" AND "u0"."email" = ?3 AND NOT "u0"."active"
    -- [1, 2, "a"]
    "#);
}

#[test]
fn joins_get_aliases_by_initial_and_position() {
    let mut query = select(&POSTS, [col(&TITLE), col_of(1, &EMAIL)]);
    let on = eq(col_of(1, &ID), col(&AUTHOR));
    query.joins.push(Join { kind: JoinKind::Inner, source: table(&USERS), on });
    let on = and(eq(col_of(2, &ID), col_of(1, &ID)), eq(col_of(2, &AGE), int(3)));
    query.joins.push(Join { kind: JoinKind::Left, source: table(&USERS), on });
    query.filter.push(eq(col_of(2, &EMAIL), text("x")));
    assert_snapshot!(both(&Operation::Select(query)), @r#"
    SELECT "p0"."title", "u1"."email"
    FROM "posts" AS "p0"
    INNER JOIN "users" AS "u1" ON "u1"."id" = "p0"."author_id"
    LEFT JOIN "users" AS "u2" ON "u2"."id" = "u1"."id" AND "u2"."age" = $1
    WHERE "u2"."email" = $2
    -- [3, "x"]

    SELECT "p0"."title", "u1"."email"
    FROM "posts" AS "p0"
    INNER JOIN "users" AS "u1" ON "u1"."id" = "p0"."author_id"
    LEFT JOIN "users" AS "u2" ON "u2"."id" = "u1"."id" AND "u2"."age" = ?1
    WHERE "u2"."email" = ?2
    -- [3, "x"]
    "#);
}

#[test]
fn tables_that_begin_with_a_capital_or_no_letter_have_plain_aliases() {
    let mut query = select(&ALBUM, [col(&ID), col_of(1, &ID)]);
    query.joins.push(Join { kind: JoinKind::Inner, source: table(&NUMBERS), on: vec![Step::All(0)] });
    assert_snapshot!(both(&Operation::Select(query)), @r#"
    SELECT "a0"."id", "t1"."id"
    FROM "Album" AS "a0"
    INNER JOIN "1st" AS "t1" ON TRUE

    SELECT "a0"."id", "t1"."id"
    FROM "Album" AS "a0"
    INNER JOIN "1st" AS "t1" ON TRUE
    "#);
}

#[test]
fn groups_and_conditions_on_them() {
    let mut query = select(&POSTS, [col(&AUTHOR), count_rows()]);
    query.group_by.push(col(&AUTHOR));
    query.having.push(binary(count_rows(), BinaryOperator::Greater, value(Value::I64(2))));
    assert_snapshot!(both(&Operation::Select(query)), @r#"
    SELECT "p0"."author_id", COUNT(*)
    FROM "posts" AS "p0"
    GROUP BY "p0"."author_id"
    HAVING COUNT(*) > $1
    -- [2]

    SELECT "p0"."author_id", COUNT(*)
    FROM "posts" AS "p0"
    GROUP BY "p0"."author_id"
    HAVING COUNT(*) > ?1
    -- [2]
    "#);
}

#[test]
fn grouping_by_a_column_with_a_parameter_names_its_position_on_postgres() {
    let decade = || binary(col(&AGE), BinaryOperator::Divide(DataType::I32), int(10));
    let mut query = select(&USERS, [col(&ID), decade()]);
    query.columns.insert(0, OutputColumn::Row(at(0), &USERS));
    query.group_by.push(decade());
    query.order_by.push(OrderTerm { expression: decade(), descending: false, nulls: None });
    query.filter.push(eq(col(&ID), value(Value::I64(1))));
    assert_snapshot!(both(&Operation::Select(query)), @r#"
    SELECT "u0"."id", "u0"."full ""name""", "u0"."balance", "u0"."id", "u0"."age" / $1
    FROM "users" AS "u0"
    WHERE "u0"."id" = $2
    GROUP BY 5
    ORDER BY 5 ASC
    -- [10, 1]

    SELECT "u0"."id", "u0"."full ""name""", "u0"."balance", "u0"."id", "u0"."age" / ?1
    FROM "users" AS "u0"
    WHERE "u0"."id" = ?2
    GROUP BY "u0"."age" / ?3
    ORDER BY "u0"."age" / ?4 ASC
    -- [10, 1, 10, 10]
    "#);
}

#[test]
fn orders_say_their_direction_and_where_nulls_go() {
    let mut query = select(&USERS, [col(&ID)]);
    let term = |field, descending, nulls| OrderTerm { expression: col(field), descending, nulls };
    query.order_by = vec![
        term(&EMAIL, false, Some(Nulls::Last)),
        term(&AGE, true, Some(Nulls::First)),
        term(&BALANCE, true, None),
        term(&ID, false, None),
    ];
    assert_snapshot!(both(&Operation::Select(query)), @r#"
    SELECT "u0"."id"
    FROM "users" AS "u0"
    ORDER BY "u0"."email" ASC NULLS LAST, "u0"."age" DESC NULLS FIRST, "u0"."balance" DESC, "u0"."id" ASC

    SELECT "u0"."id"
    FROM "users" AS "u0"
    ORDER BY "u0"."email" ASC NULLS LAST, "u0"."age" DESC NULLS FIRST, "u0"."balance" COLLATE "decimal" DESC, "u0"."id" ASC
    "#);
}

#[test]
fn limit_and_offset_are_bound() {
    let mut query = select(&USERS, [col(&ID)]);
    (query.limit, query.offset) = (Some(20), Some(40));
    query.filter.push(eq(col(&AGE), int(1)));
    assert_snapshot!(both(&Operation::Select(query)), @r#"
    SELECT "u0"."id"
    FROM "users" AS "u0"
    WHERE "u0"."age" = $1
    LIMIT $2
    OFFSET $3
    -- [1, 20, 40]

    SELECT "u0"."id"
    FROM "users" AS "u0"
    WHERE "u0"."age" = ?1
    LIMIT ?2
    OFFSET ?3
    -- [1, 20, 40]
    "#);
}

#[test]
fn an_offset_without_a_limit_is_possible_on_sqlite() {
    let mut query = select(&USERS, [col(&ID)]);
    query.offset = Some(u64::MAX);
    assert_snapshot!(both(&Operation::Select(query)), @r#"
    SELECT "u0"."id"
    FROM "users" AS "u0"
    OFFSET $1
    -- [9223372036854775807]

    SELECT "u0"."id"
    FROM "users" AS "u0"
    LIMIT ?1
    OFFSET ?2
    -- [-1, 9223372036854775807]
    "#);
}

#[test]
fn distinct_decimals_are_compared_by_value_on_sqlite() {
    let mut query = select(&USERS, [col(&EMAIL)]);
    query.columns.push(OutputColumn::Row(at(0), &USERS));
    query.distinct = true;
    assert_snapshot!(both(&Operation::Select(query)), @r#"
    SELECT DISTINCT "u0"."email", "u0"."id", "u0"."full ""name""", "u0"."balance"
    FROM "users" AS "u0"

    SELECT DISTINCT "u0"."email", "u0"."id", "u0"."full ""name""", "u0"."balance" COLLATE "decimal"
    FROM "users" AS "u0"
    "#);
}

#[test]
fn a_subquery_is_a_source_whose_columns_have_names() {
    let mut inner = select(&POSTS, [col(&AUTHOR)]);
    inner.columns.push(named(count_rows(), "posts"));
    inner.group_by.push(col(&AUTHOR));
    inner.filter.push(eq(col(&TITLE), text("a")));
    let mut query = select(&USERS, [col(&EMAIL), col_of(1, &AUTHOR)]);
    let on = eq(col_of(1, &AUTHOR), col(&ID));
    query.joins.push(Join { kind: JoinKind::Inner, source: Source::Subquery(Box::new(inner.clone())), on });
    query.filter.push(eq(col(&AGE), int(1)));
    assert_snapshot!(both(&Operation::Select(query)), @r#"
    SELECT "u0"."email", "s1"."author_id"
    FROM "users" AS "u0"
    INNER JOIN (SELECT "sp0"."author_id", COUNT(*) AS "posts" FROM "posts" AS "sp0" WHERE "sp0"."title" = $1 GROUP BY "sp0"."author_id") AS "s1" ON "s1"."author_id" = "u0"."id"
    WHERE "u0"."age" = $2
    -- ["a", 1]

    SELECT "u0"."email", "s1"."author_id"
    FROM "users" AS "u0"
    INNER JOIN (SELECT "sp0"."author_id", COUNT(*) AS "posts" FROM "posts" AS "sp0" WHERE "sp0"."title" = ?1 GROUP BY "sp0"."author_id") AS "s1" ON "s1"."author_id" = "u0"."id"
    WHERE "u0"."age" = ?2
    -- ["a", 1]
    "#);

    let mut count = Select::new(Source::Subquery(Box::new(inner)));
    count.columns.push(column(count_rows()));
    assert_snapshot!(both(&Operation::Select(count)), @r#"
    SELECT COUNT(*)
    FROM (SELECT "sp0"."author_id", COUNT(*) AS "posts" FROM "posts" AS "sp0" WHERE "sp0"."title" = $1 GROUP BY "sp0"."author_id") AS "s0"
    -- ["a"]

    SELECT COUNT(*)
    FROM (SELECT "sp0"."author_id", COUNT(*) AS "posts" FROM "posts" AS "sp0" WHERE "sp0"."title" = ?1 GROUP BY "sp0"."author_id") AS "s0"
    -- ["a"]
    "#);
}

#[test]
fn a_query_without_columns_is_refused() {
    let error = refusal(Dialect::Sqlite, &Operation::Select(select(&USERS, [])));
    assert!(error.to_string().contains(".select(..)"), "{error}");
}

#[test]
fn a_column_of_no_source_is_refused() {
    for binding in [at(1), peristyle_query::query::ast::Binding::of(1, 0)] {
        let error = refusal(Dialect::Postgres, &users_where(vec![Step::Column(binding, &ACTIVE)]));
        assert!(error.to_string().contains("\"active\" belongs to a table that is not in this query"), "{error}");
    }
}
