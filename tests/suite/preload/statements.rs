//! The SQL of each strategy, as `capture` shows it. The statement of the roots comes before and is left out.

use super::*;
use crate::tour_associations::{TABLES, User};

/// What the query runs after its first statement.
async fn after_the_first<Q>(store: &Store, query: Q) -> String
where
    Q: peristyle::query::IntoQuery + Send + 'static,
{
    store.create(TABLES).await;
    let (_, statements) = store.repo.capture(async move |repo| repo.all(query).await).await.unwrap();
    statements.iter().skip(1).map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
}

on_sql_stores! {
    async fn an_association_is_one_statement_for_all_keys(store: Store) {
        let sql = after_the_first(&store, User::query().preload(|u| u.posts())).await;
        if store.is_postgres() {
            insta::assert_snapshot!(sql, @r#"
            SELECT "p0"."id", "p0"."title", "p0"."published", "p0"."author_id"
            FROM "posts" AS "p0"
            WHERE "p0"."author_id" = ANY($1)
            -- [[1, 2, 3]]
            "#);
        } else {
            insta::assert_snapshot!(sql, @r#"
            SELECT "p0"."id", "p0"."title", "p0"."published", "p0"."author_id"
            FROM "posts" AS "p0"
            WHERE "p0"."author_id" IN (SELECT "value" FROM json_each(?1))
            -- [[1, 2, 3]]
            "#);
        }
    }

    async fn a_limit_with_an_order_of_its_own_is_one_per_parent(store: Store) {
        let sql = after_the_first(&store, User::query().preload(|u| u.posts().order_by(|p| p.title).limit(2).offset(1))).await;
        if store.is_postgres() {
            insta::assert_snapshot!(sql, @r#"
            SELECT "p1".*
            FROM (SELECT unnest($1::int8[]) AS "author_id") AS "k0"
            INNER JOIN LATERAL (SELECT "sp0"."id", "sp0"."title", "sp0"."published", "sp0"."author_id" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "k0"."author_id" ORDER BY "sp0"."title" ASC LIMIT $2 OFFSET $3) AS "p1" ON TRUE
            -- [[1, 2, 3], 2, 1]
            "#);
        } else {
            insta::assert_snapshot!(sql, @r#"
            SELECT "p0".*
            FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."published", "sp0"."author_id", ROW_NUMBER() OVER (PARTITION BY "sp0"."author_id" ORDER BY "sp0"."title" ASC) AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."author_id" IN (SELECT "value" FROM json_each(?1))) AS "p0"
            WHERE "p0"."__rank" > ?2 AND "p0"."__rank" <= ?3
            ORDER BY "p0"."__rank" ASC
            -- [[1, 2, 3], 1, 3]
            "#);
        }
    }

    async fn a_limit_by_key_numbers_the_rows_of_each_parent(store: Store) {
        let sql = after_the_first(&store, User::query().preload(|u| u.posts().limit(2))).await;
        if store.is_postgres() {
            insta::assert_snapshot!(sql, @r#"
            SELECT "p0".*
            FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."published", "sp0"."author_id", ROW_NUMBER() OVER (PARTITION BY "sp0"."author_id" ORDER BY "sp0"."id" ASC) AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."author_id" = ANY($1)) AS "p0"
            WHERE "p0"."__rank" <= $2
            ORDER BY "p0"."__rank" ASC
            -- [[1, 2, 3], 2]
            "#);
        } else {
            insta::assert_snapshot!(sql, @r#"
            SELECT "p0".*
            FROM (SELECT "sp0"."id", "sp0"."title", "sp0"."published", "sp0"."author_id", ROW_NUMBER() OVER (PARTITION BY "sp0"."author_id" ORDER BY "sp0"."id" ASC) AS "__rank" FROM "posts" AS "sp0" WHERE "sp0"."author_id" IN (SELECT "value" FROM json_each(?1))) AS "p0"
            WHERE "p0"."__rank" <= ?2
            ORDER BY "p0"."__rank" ASC
            -- [[1, 2, 3], 2]
            "#);
        }
    }

    async fn a_many_to_many_association_joins_its_table(store: Store) {
        let sql = after_the_first(&store, User::query().preload(|u| u.tags())).await;
        if store.is_postgres() {
            insta::assert_snapshot!(sql, @r#"
            SELECT "t0"."id", "t0"."name", "u1"."user_id"
            FROM "tags" AS "t0"
            INNER JOIN "users_tags" AS "u1" ON "u1"."tag_id" = "t0"."id"
            WHERE "u1"."user_id" = ANY($1)
            -- [[1, 2, 3]]
            "#);
        } else {
            insta::assert_snapshot!(sql, @r#"
            SELECT "t0"."id", "t0"."name", "u1"."user_id"
            FROM "tags" AS "t0"
            INNER JOIN "users_tags" AS "u1" ON "u1"."tag_id" = "t0"."id"
            WHERE "u1"."user_id" IN (SELECT "value" FROM json_each(?1))
            -- [[1, 2, 3]]
            "#);
        }
    }

    async fn a_through_joins_the_tables_between(store: Store) {
        let sql = after_the_first(&store, User::query().preload(|u| u.comments())).await;
        if store.is_postgres() {
            insta::assert_snapshot!(sql, @r#"
            SELECT "c0"."id", "c0"."text", "c0"."post_id", "c0"."author_id", "p1"."author_id"
            FROM "comments" AS "c0"
            INNER JOIN "posts" AS "p1" ON "p1"."id" = "c0"."post_id"
            WHERE "p1"."author_id" = ANY($1)
            -- [[1, 2, 3]]
            "#);
        } else {
            insta::assert_snapshot!(sql, @r#"
            SELECT "c0"."id", "c0"."text", "c0"."post_id", "c0"."author_id", "p1"."author_id"
            FROM "comments" AS "c0"
            INNER JOIN "posts" AS "p1" ON "p1"."id" = "c0"."post_id"
            WHERE "p1"."author_id" IN (SELECT "value" FROM json_each(?1))
            -- [[1, 2, 3]]
            "#);
        }
    }

    async fn a_limit_through_other_tables_counts_a_row_once(store: Store) {
        let sql = after_the_first(&store, User::query().preload(|u| u.comments().limit(2))).await;
        if store.is_postgres() {
            insta::assert_snapshot!(sql, @r#"
            SELECT "c0".*
            FROM (SELECT "sc0"."id", "sc0"."text", "sc0"."post_id", "sc0"."author_id", "sp1"."author_id", DENSE_RANK() OVER (PARTITION BY "sp1"."author_id" ORDER BY "sc0"."id" ASC) AS "__rank" FROM "comments" AS "sc0" INNER JOIN "posts" AS "sp1" ON "sp1"."id" = "sc0"."post_id" WHERE "sp1"."author_id" = ANY($1)) AS "c0"
            WHERE "c0"."__rank" <= $2
            ORDER BY "c0"."__rank" ASC
            -- [[1, 2, 3], 2]
            "#);
        } else {
            insta::assert_snapshot!(sql, @r#"
            SELECT "c0".*
            FROM (SELECT "sc0"."id", "sc0"."text", "sc0"."post_id", "sc0"."author_id", "sp1"."author_id", DENSE_RANK() OVER (PARTITION BY "sp1"."author_id" ORDER BY "sc0"."id" ASC) AS "__rank" FROM "comments" AS "sc0" INNER JOIN "posts" AS "sp1" ON "sp1"."id" = "sc0"."post_id" WHERE "sp1"."author_id" IN (SELECT "value" FROM json_each(?1))) AS "c0"
            WHERE "c0"."__rank" <= ?2
            ORDER BY "c0"."__rank" ASC
            -- [[1, 2, 3], 2]
            "#);
        }
    }

    async fn a_filter_with_columns_of_the_parent_joins_the_parent(store: Store) {
        let sql = after_the_first(&store, User::query().preload(|u| u.posts().filter(|p| p.title.ne(u.email)))).await;
        if store.is_postgres() {
            insta::assert_snapshot!(sql, @r#"
            SELECT "p0"."id", "p0"."title", "p0"."published", "p0"."author_id", "u1"."id"
            FROM "posts" AS "p0"
            INNER JOIN "users" AS "u1" ON "u1"."id" = "p0"."author_id"
            WHERE "p0"."title" <> "u1"."email" AND "u1"."id" = ANY($1)
            -- [[1, 2, 3]]
            "#);
        } else {
            insta::assert_snapshot!(sql, @r#"
            SELECT "p0"."id", "p0"."title", "p0"."published", "p0"."author_id", "u1"."id"
            FROM "posts" AS "p0"
            INNER JOIN "users" AS "u1" ON "u1"."id" = "p0"."author_id"
            WHERE "p0"."title" <> "u1"."email" AND "u1"."id" IN (SELECT "value" FROM json_each(?1))
            -- [[1, 2, 3]]
            "#);
        }
    }

    async fn a_nested_list_selects_its_columns_and_the_key(store: Store) {
        let sql = after_the_first(&store, User::query().select(|u| (u.id, u.posts().filter(|p| p.published).select(|p| p.title).collect()))).await;
        if store.is_postgres() {
            insta::assert_snapshot!(sql, @r#"
            SELECT "p0"."title", "p0"."author_id"
            FROM "posts" AS "p0"
            WHERE "p0"."published" AND "p0"."author_id" = ANY($1)
            -- [[1, 2, 3]]
            "#);
        } else {
            insta::assert_snapshot!(sql, @r#"
            SELECT "p0"."title", "p0"."author_id"
            FROM "posts" AS "p0"
            WHERE "p0"."published" AND "p0"."author_id" IN (SELECT "value" FROM json_each(?1))
            -- [[1, 2, 3]]
            "#);
        }
    }
}
