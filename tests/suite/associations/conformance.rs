//! Association queries, joins along associations and streams, after Ecto's own tests.

use super::*;
use schemas::{Comment, Permalink, Post, PostUserLink, TABLES, User};

async fn posts<const N: usize>(repo: &Repo) -> [Post; N] {
    let mut posts = Vec::new();
    for number in 1..=N {
        posts.push(repo.insert(Post::titled(&number.to_string())).await.unwrap());
    }
    posts.try_into().unwrap()
}

async fn users<const N: usize>(repo: &Repo, names: [&str; N]) -> [User; N] {
    let mut users = Vec::new();
    for name in names {
        users.push(repo.insert(User::named(name)).await.unwrap());
    }
    users.try_into().unwrap()
}

async fn comment(repo: &Repo, post: &Post, author: &User) -> Comment {
    repo.insert(Comment::on(post, "text").by(author)).await.unwrap()
}

async fn link(repo: &Repo, url: &str, post: Option<&Post>, user: Option<&User>) -> Permalink {
    let (post_id, user_id) = (post.map(|post| post.id), user.map(|user| user.id));
    repo.insert(Permalink { post_id, user_id, ..Permalink::to(url) }).await.unwrap()
}

async fn tie(repo: &Repo, post: &Post, user: &User) {
    repo.insert(PostUserLink { post_id: post.id, user_id: user.id }).await.unwrap();
}

on_every_store! {
    async fn assoc_001_the_query_for_many_rows(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [one, two] = posts(repo).await;
        let mut comments = Vec::new();
        for (post, text) in [(&one, "1"), (&one, "2"), (&two, "3")] {
            comments.push(repo.insert(Comment::on(post, text)).await.unwrap());
        }
        let of_one = association_query(&one, |p| p.comments()).order_by(|c| c.id);
        assert_eq!(repo.all(of_one).await.unwrap(), comments[..2]);
        let of_both = association_query(&[one, two][..], |p| p.comments()).order_by(|c| c.id);
        assert_eq!(repo.all(of_both).await.unwrap(), comments);
    }

    async fn assoc_002_the_query_for_one_row(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [one, two] = posts(repo).await;
        let first = link(repo, "1", Some(&one), None).await;
        link(repo, "2", None, None).await;
        let third = link(repo, "3", Some(&two), None).await;
        let links = association_query(&vec![one, two], |p| p.permalink()).order_by(|l| l.id);
        assert_eq!(repo.all(links).await.unwrap(), [first, third]);
    }

    async fn assoc_003_the_query_for_the_rows_that_keys_point_at(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [one, two] = posts(repo).await;
        let links = vec![
            link(repo, "1", Some(&one), None).await,
            link(repo, "2", None, None).await,
            link(repo, "3", Some(&two), None).await,
        ];
        let found = repo.all(association_query(&links, |l| l.post()).order_by(|p| p.id)).await.unwrap();
        assert_eq!(found, [one, two]);
    }
}

on_sql_stores! {
    async fn assoc_004_through_gives_each_row_once(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [one, two] = posts(repo).await;
        let [zoe, ann] = users(repo, ["zoe", "ann"]).await;
        for (post, author) in [(&one, &zoe), (&one, &zoe), (&one, &ann), (&two, &ann)] {
            comment(repo, post, author).await;
        }
        let query = association_query(&vec![one, two], |p| p.comments_authors()).order_by(|u| u.name);
        assert_eq!(repo.all(query).await.unwrap(), [ann, zoe]);
    }

    async fn assoc_005_through_may_begin_with_a_through(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [one, two] = posts(repo).await;
        let [ann, bob] = users(repo, ["ann", "bob"]).await;
        let last = link(repo, "2", None, Some(&ann)).await;
        let first = link(repo, "1", None, Some(&bob)).await;
        link(repo, "0", Some(&one), None).await;
        for (post, author) in [(&one, &ann), (&one, &ann), (&one, &bob), (&two, &bob)] {
            comment(repo, post, author).await;
        }
        let query = association_query(&vec![one, two], |p| p.comments_authors_permalinks()).order_by(|l| l.url);
        assert_eq!(repo.all(query).await.unwrap(), [first, last]);
    }

    async fn assoc_006_through_may_end_with_a_through(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [one, two] = posts(repo).await;
        let [ann, bob] = users(repo, ["ann", "bob"]).await;
        let link = link(repo, "1", Some(&one), None).await;
        comment(repo, &one, &ann).await;
        comment(repo, &two, &bob).await;
        let query = association_query(&link, |l| l.post_comments_authors());
        assert_eq!(repo.all(query).await.unwrap(), [ann]);
    }

    async fn assoc_007_through_many_to_many_and_back(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [ann, bob, cleo, dan] = users(repo, ["ann", "bob", "cleo", "dan"]).await;
        let mut written = Vec::new();
        for (title, author) in [("1", &ann), ("2", &ann), ("3", &bob), ("4", &bob), ("5", &cleo), ("6", &dan)] {
            let post = Post { author_id: Some(author.id), ..Post::titled(title) };
            written.push(repo.insert(post).await.unwrap());
        }
        for (post, user) in [(0, &bob), (1, &bob), (1, &cleo), (5, &ann)] {
            tie(repo, &written[post], user).await;
        }
        let query = association_query(&ann, |u| u.related_2nd_order_posts()).order_by(|p| p.id);
        assert_eq!(repo.all(query).await.unwrap(), written[2..5]);
    }

    async fn assoc_008_through_a_nested_through(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [one, two] = posts(repo).await;
        let [ann, bob, cleo] = users(repo, ["ann", "bob", "cleo"]).await;
        for (post, author) in [(&one, &ann), (&one, &bob), (&one, &bob), (&two, &cleo)] {
            comment(repo, post, author).await;
        }
        let query = association_query(&ann, |u| u.co_commenters()).order_by(|u| u.id);
        assert_eq!(repo.all(query).await.unwrap(), [ann, bob]);
    }

    async fn assoc_010_through_follows_only_what_a_filter_keeps(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [one, two, three] = posts(repo).await;
        let [ann] = users(repo, ["ann"]).await;
        for post in [&one, &two, &three] {
            comment(repo, post, &ann).await;
        }
        repo.script("update comments set lock_version = 2 where id in (2, 3)").await.unwrap();
        let query = association_query(&ann, |u| u.v2_comments_posts()).order_by(|p| p.id);
        assert_eq!(repo.all(query).await.unwrap(), [two, three]);
    }

    async fn joins_003_an_inner_join_along_an_association(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [_, two] = posts(repo).await;
        let link = link(repo, "1", Some(&two), None).await;
        let query = Post::query().join(|p| p.permalink()).order_by(|(p, _)| p.id);
        let pairs = repo.all(query.select(|(p, l)| (p, l))).await.unwrap();
        assert_eq!(pairs, [(two.clone(), link.clone())]);
        for (id, expected) in [(link.id, vec![(two, link.clone())]), (link.id + 1, vec![])] {
            let query = Post::query().join(|p| p.permalink().filter(|l| l.id.eq(id))).select(|(p, l)| (p, l));
            assert_eq!(repo.all(&query).await.unwrap(), expected);
            assert!(
                sql_of(&query).contains(r#"ON "p0"."id" = "p1"."post_id" AND "p1"."id" = $1"#),
                "{}",
                sql_of(&query)
            );
        }
    }

    async fn joins_013_a_join_along_has_one_gives_every_row(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [ann] = users(repo, ["ann"]).await;
        let first = link(repo, "1", None, Some(&ann)).await;
        let second = link(repo, "2", None, Some(&ann)).await;
        let query = User::query().join(|u| u.permalink()).order_by(|(_, l)| l.id).select(|(u, l)| (u, l));
        assert_eq!(repo.all(query).await.unwrap(), [(ann.clone(), first), (ann, second)]);
    }

    async fn joins_014_a_join_along_belongs_to(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [ann] = users(repo, ["ann"]).await;
        let first = link(repo, "1", None, Some(&ann)).await;
        let second = link(repo, "2", None, Some(&ann)).await;
        link(repo, "3", None, None).await;
        let query = Permalink::query().join(|l| l.user()).order_by(|(l, _)| l.id).select(|(l, u)| (l, u));
        assert_eq!(repo.all(query).await.unwrap(), [(first, ann.clone()), (second, ann)]);
    }

    async fn joins_015_a_join_along_through_keeps_duplicates(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [one, two] = posts(repo).await;
        let [zoe, ann] = users(repo, ["zoe", "ann"]).await;
        for (post, author) in [(&one, &zoe), (&one, &zoe), (&one, &ann), (&two, &ann)] {
            comment(repo, post, author).await;
        }
        let query =
            Post::query().join(|p| p.comments_authors()).order_by(|(p, a)| (p.id, a.name)).select(|(p, a)| (p, a));
        let expected = [(one.clone(), ann.clone()), (one.clone(), zoe.clone()), (one, zoe), (two, ann)];
        assert_eq!(repo.all(query).await.unwrap(), expected);
    }

    async fn joins_017_a_join_along_many_to_many(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [one, two, _] = posts(repo).await;
        let [ann, bob] = users(repo, ["ann", "bob"]).await;
        for (post, user) in [(&one, &ann), (&one, &bob), (&two, &bob), (&two, &bob)] {
            tie(repo, post, user).await;
        }
        let query = Post::query().join(|p| p.users()).order_by(|(p, u)| (p.id, u.id)).select(|(p, u)| (p.id, u.id));
        let expected = [(one.id, ann.id), (one.id, bob.id), (two.id, bob.id), (two.id, bob.id)];
        assert_eq!(repo.all(query).await.unwrap(), expected);
    }
}

on_every_store! {
    async fn stream_003_a_stream_of_associated_rows(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [one] = posts(repo).await;
        let mut comments = Vec::new();
        for text in ["1", "2"] {
            comments.push(repo.insert(Comment::on(&one, text)).await.unwrap());
        }
        let query = association_query(&one, |p| p.comments()).order_by(|c| c.id);
        let streamed = repo
            .transaction(async |tx| {
                let mut rows = tx.stream(query.clone());
                let mut streamed = Vec::new();
                while let Some(row) = rows.next().await {
                    streamed.push(row?);
                }
                Ok(streamed)
            })
            .await
            .unwrap();
        assert_eq!(streamed, comments);
    }
}

on_sql_stores! {
    async fn pgsql_098_a_join_along_has_one_with_references(store: Store) {
        store.create("create table schema ({id}, y {i64}); create table schema3 ({id}, text {text});").await;
        store.script(FILL, FILL).await;
        let query = Simple::query().join(|s| s.permalink()).select(|_| constant(true));
        snapshot!(sql_of(&query), @r#"
        SELECT TRUE
        FROM "schema" AS "s0"
        INNER JOIN "schema3" AS "s1" ON "s0"."y" = "s1"."id"
        "#);
        assert_eq!(store.repo.all(&query).await.unwrap(), [true]);
    }
}

const FILL: &str = "insert into schema (y) values (2), (null), (7); insert into schema3 (text) values ('a'), ('b');";

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "schema")]
struct Simple {
    id: i64,
    y: Option<i64>,
    #[schema(foreign_key = id, references = y)]
    permalink: HasOne<Third>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "schema3")]
struct Third {
    id: i64,
    text: Option<String>,
}
