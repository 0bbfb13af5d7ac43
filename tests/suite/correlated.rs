//! Subqueries that see the columns of the query around them.

use super::*;
use peristyle::prelude::*;
use schemas::{Comment, Post, TABLES, User};

#[test]
fn an_inner_query_names_the_outer_row() {
    let q = User::query().filter(|u| exists(Post::query_in(&u).filter(|p| p.author_id.eq(u.id) & p.visits.gt(1))));
    insta::assert_snapshot!(q.select(|u| u.id).to_sql(Dialect::Postgres).unwrap(), @r#"
    SELECT "u0"."id"
    FROM "users" AS "u0"
    WHERE EXISTS (SELECT 1 FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND "sp0"."visits" > $1)
    -- [1]
    "#);
}

#[test]
fn a_query_two_levels_down_names_both_outer_rows() {
    let q = User::query().filter(|u| {
        exists(Post::query_in(&u).filter(|p| {
            p.author_id.eq(u.id)
                & not_exists(Comment::query_in(&p).filter(|c| c.post_id.eq(p.id) & c.author_id.eq(u.id)))
        }))
    });
    insta::assert_snapshot!(q.select(|u| u.id).to_sql(Dialect::Sqlite).unwrap(), @r#"
    SELECT "u0"."id"
    FROM "users" AS "u0"
    WHERE EXISTS (SELECT 1 FROM "posts" AS "sp0" WHERE "sp0"."author_id" = "u0"."id" AND NOT EXISTS (SELECT 1 FROM "comments" AS "ssc0" WHERE "ssc0"."post_id" = "sp0"."id" AND "ssc0"."author_id" = "u0"."id"))
    "#);
}

on_sql_stores! {
    async fn it_finds_the_rows_that_the_sql_promises(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (ann, bob) = (repo.insert(User::named("Ann")).await.unwrap(), repo.insert(User::named("Bob")).await.unwrap());
        let post = repo.insert(Post { author_id: Some(ann.id), ..Post::visited("a", 3) }).await.unwrap();
        repo.insert(Comment { post_id: Some(post.id), author_id: Some(bob.id), ..Default::default() }).await.unwrap();

        let names = async |q: Query<User>| repo.all(q.order_by(|u| u.id).select(|u| u.name)).await.unwrap();
        let some = |name: &str| vec![Some(name.to_owned())];
        let authors = User::query().filter(|u| exists(Post::query_in(&u).filter(|p| p.author_id.eq(u.id))));
        assert_eq!(names(authors).await, some("Ann"));
        let others = User::query().filter(|u| not_exists(Post::query_in(&u).filter(|p| p.author_id.eq(u.id))));
        assert_eq!(names(others).await, some("Bob"));
        let in_query = User::query().filter(|u| {
            u.id.in_query(Comment::query_in(&u).filter(|c| c.author_id.eq(u.id)).select(|c| c.author_id))
        });
        assert_eq!(names(in_query).await, some("Bob"));
        let computed = User::query().filter(|u| {
            let next = u.id + 1i64;
            exists(Comment::query_in(&u).filter(|c| c.author_id.eq(next.outer())))
        });
        assert_eq!(names(computed).await, some("Ann"));
        let strangers = User::query().filter(|u| {
            exists(Post::query_in(&u).filter(|p| {
                not_exists(Comment::query_in(&p).filter(|c| c.post_id.eq(p.id) & c.author_id.eq(u.id)))
            }))
        });
        assert_eq!(names(strangers).await, some("Ann"));
    }
}
