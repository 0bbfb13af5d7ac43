//! Associations whose rows are in another repo.

use super::*;
use peristyle::Error;
use peristyle::error::QueryError;
use peristyle::prelude::*;
use peristyle_tests::Kind;
use schemas::{Comment, Custom, Post, PostUserLink, TABLES, User};
use uuid::Uuid;

/// A second store: of the other kind, or of the same.
async fn second(store: &Store, kind: Kind) -> Store {
    let other = Store::new(kind).await;
    store.create(TABLES).await;
    other.create(TABLES).await;
    other
}

/// Ann and Bob here; there their posts, comments, and users of the same keys but other names.
async fn fill(here: &Repo, there: &Repo) -> [User; 2] {
    let custom = Custom { bid: Uuid::from_u128(7), uuid: Some(Uuid::from_u128(8)) };
    there.insert(custom.clone()).await.unwrap();
    let ann = here.insert(User { custom_id: Some(custom.bid), ..User::named("ann") }).await.unwrap();
    let bob = here.insert(User::named("bob")).await.unwrap();
    for user in [&ann, &bob] {
        let name = format!("{} there", user.name.as_deref().unwrap());
        there.insert(User { id: user.id, ..User::named(&name) }).await.unwrap();
    }
    for title in ["1", "2", "3"] {
        let post = there.insert(Post { author_id: Some(ann.id), ..Post::titled(title) }).await.unwrap();
        for text in ["a", "b", "c"] {
            there.insert(Comment::on(&post, &format!("{title}{text}")).by(&bob)).await.unwrap();
        }
        for user in [&ann, &bob] {
            there.insert(PostUserLink { post_id: post.id, user_id: user.id }).await.unwrap();
        }
    }
    // What is not to be found: it is in the wrong repo.
    here.insert(Post { author_id: Some(bob.id), ..Post::titled("here") }).await.unwrap();
    [ann, bob]
}

fn titles(posts: &[Post]) -> Vec<&str> {
    posts.iter().map(|post| post.title.as_deref().unwrap()).collect()
}

fn texts(comments: &[Comment]) -> Vec<&str> {
    comments.iter().map(|comment| comment.text.as_deref().unwrap()).collect()
}

/// The posts are there, and so is all that lies below them.
async fn nested_preloads_continue_there(here: &Repo, there: &Repo) {
    let query = User::query().order_by(|u| u.id).preload(|u| {
        u.posts().from_repo(there).order_by(|p| p.title.desc()).limit(2).preload(|p| {
            (p.ordered_comments().limit(1).preload(|c| c.author()), p.ordered_users(), p.comments_authors())
        })
    });
    let (users, statements) = here.capture(async |repo| repo.all(query).await).await.unwrap();
    assert_eq!(statements.len(), 6, "{statements:#?}");
    let [ann, bob] = users.as_slice() else { panic!("{} users", users.len()) };
    assert_eq!(ann.name.as_deref(), Some("ann"));
    let posts = ann.posts.get().unwrap();
    assert_eq!(titles(posts), ["3", "2"]);
    assert_eq!(texts(posts[0].ordered_comments.get().unwrap()), ["3a"]);
    assert_eq!(texts(posts[1].ordered_comments.get().unwrap()), ["2a"]);
    let author = posts[0].ordered_comments.get().unwrap()[0].author.get().unwrap().unwrap();
    assert_eq!((author.id, author.name.as_deref()), (bob.id, Some("bob there")));
    let names: Vec<_> = posts[0].ordered_users.get().unwrap().iter().map(|user| user.name.clone().unwrap()).collect();
    assert_eq!(names, ["bob there", "ann there"]);
    assert_eq!(posts[0].comments_authors.get().unwrap().len(), 1);
    assert!(bob.posts.get().unwrap().is_empty());
}

/// Of each kind one, and back again.
async fn every_kind_is_read_there(here: &Repo, there: &Repo) {
    let mut users = here.all(User::query().order_by(|u| u.id)).await.unwrap();
    here.preload(&mut users, |u| {
        (
            u.custom().from_repo(there),
            u.comments().from_repo(there).filter(|c| c.text.ne("1a")).order_by(|c| c.id),
            u.co_commenters().from_repo(there),
            u.posts().preload(|p| p.ordered_comments().from_repo(there)),
        )
    })
    .await
    .unwrap();
    let [ann, bob] = users.as_slice() else { panic!("{} users", users.len()) };
    assert_eq!(ann.custom.get().unwrap().unwrap().uuid, Some(Uuid::from_u128(8)));
    assert!(bob.custom.get().unwrap().is_none());
    assert_eq!(texts(bob.comments.get().unwrap()), ["1b", "1c", "2a", "2b", "2c", "3a", "3b", "3c"]);
    let commenters = bob.co_commenters.get().unwrap();
    assert_eq!(commenters.iter().map(|user| user.name.as_deref().unwrap()).collect::<Vec<_>>(), ["bob there"]);
    assert_eq!(titles(bob.posts.get().unwrap()), ["here"]);
    // The key of the post here is that of the first post there.
    assert_eq!(texts(bob.posts.get().unwrap()[0].ordered_comments.get().unwrap()), ["1a", "1b", "1c"]);

    let back = User::query().order_by(|u| u.id).preload(|u| {
        u.posts()
            .from_repo(there)
            .order_by(|p| p.id)
            .preload(|p| (p.author().from_repo(here), p.users().order_by(|u| u.id)))
    });
    let users = here.all(back).await.unwrap();
    let post = &users[0].posts.get().unwrap()[0];
    assert_eq!(post.author.get().unwrap().unwrap().name.as_deref(), Some("ann"));
    assert_eq!(post.users.get().unwrap()[0].name.as_deref(), Some("ann there"));
}

/// What is loaded stays, and what lies below it is looked for there.
async fn rows_that_are_loaded_are_continued_there(here: &Repo, there: &Repo) {
    let mut users = here.all(User::query().order_by(|u| u.id).preload(|u| u.posts().from_repo(there))).await.unwrap();
    let ((), statements) = here
        .capture(async |here| {
            here.preload(&mut users, |u| u.posts().from_repo(there).preload(|p| p.ordered_comments())).await
        })
        .await
        .unwrap();
    assert_eq!(statements.len(), 1, "{statements:#?}");
    let mut posts: Vec<&Post> = users[0].posts.get().unwrap().iter().collect();
    posts.sort_by_key(|post| post.id);
    assert_eq!(texts(posts[1].ordered_comments.get().unwrap()), ["2a", "2b", "2c"]);
}

/// The other table cannot be joined to this one: so it says, before a statement runs.
async fn columns_of_the_parent_are_refused(here: &Repo, there: &Repo) {
    let direct = User::query().preload(|u| u.posts().from_repo(there).filter(|p| p.title.eq(u.name)));
    let after = User::query().preload(|u| u.posts().filter(|p| p.title.eq(u.name)).from_repo(there));
    let between = User::query().preload(|u| u.schema_posts().filter(|p| p.title.eq(u.name)).from_repo(there));
    for query in [direct, after, between] {
        let error = here.all(&query).await.unwrap_err();
        assert_eq!(
            error.to_string().lines().next().unwrap_or_default(),
            "the filter of rows in another repo cannot use the columns of the row that they belong to: filter the rows \
             after the preload"
        );
        assert!(matches!(error, Error::Query(_)), "{error:?}");
    }
    // Inside of the other repo they are side by side again.
    let inside = User::query().order_by(|u| u.id).preload(|u| {
        u.posts().from_repo(there).order_by(|p| p.id).preload(|p| p.comments().filter(|c| c.author_id.eq(p.author_id)))
    });
    let users = here.all(inside).await.unwrap();
    assert!(users[0].posts.get().unwrap().iter().all(|post| post.comments.get().unwrap().is_empty()));
    assert_eq!(users[0].posts.get().unwrap().len(), 3);
}

/// Rows of the transaction, which nobody else sees, with those of the other repo.
async fn a_transaction_reads_there_too(here: &Repo, there: &Repo) {
    let outcome = here
        .transaction(async |tx| -> Result<(), Error> {
            let cid = tx.insert(User::named("cid")).await?;
            there.insert(User { id: cid.id, ..User::named("cid there") }).await?;
            let post = there.insert(Post { author_id: Some(cid.id), ..Post::titled("cid's") }).await?;
            there.insert(Comment::on(&post, "x").by(&cid)).await?;
            let query = User::query().filter(|u| u.name.eq("cid")).preload(|u| {
                (
                    u.posts().from_repo(there).preload(|p| {
                        p.comments().preload(|c| (c.author().from_repo(&tx), c.post().preload(|p| p.author())))
                    }),
                    u.v2_comments(),
                    u.comments().from_repo(there),
                )
            });
            let (users, statements) = tx.capture(async |tx| tx.all(query).await).await?;
            assert_eq!(statements.len(), 8, "{statements:#?}");
            let [cid] = users.as_slice() else { panic!("{} users", users.len()) };
            assert_eq!(texts(cid.comments.get()?), ["x"]);
            assert!(cid.v2_comments.get()?.is_empty());
            let posts = cid.posts.get()?;
            assert_eq!(titles(posts), ["cid's"]);
            let comment = &posts[0].comments.get()?[0];
            assert_eq!(comment.author.get()?.unwrap().name.as_deref(), Some("cid"));
            let author = comment.post.get()?.unwrap().author.get()?.unwrap();
            assert_eq!(author.name.as_deref(), Some("cid there"));
            Err(QueryError::new("to roll it back").into())
        })
        .await;
    let error = outcome.unwrap_err().to_string();
    assert!(error.contains("to roll it back"), "{error}");
    assert_eq!(here.count(User::query().filter(|u| u.name.eq("cid"))).await.unwrap(), 0);
    assert_eq!(there.count(Post::query().filter(|p| p.title.eq("cid's"))).await.unwrap(), 1);
}

/// A statement that fails there is the error of the whole, and the transaction here goes on.
async fn a_failure_there_leaves_the_transaction_here(here: &Repo, there: &Repo) {
    there.script("drop table comments").await.unwrap();
    let kept = here.transaction(async |tx| {
        tx.insert(User::named("cid")).await?;
        let query = User::query().preload(|u| u.comments().from_repo(there));
        let error = tx.all(query).await.unwrap_err();
        assert!(error.to_string().contains("comments"), "{error}");
        tx.count(User::query()).await
    });
    assert_eq!(kept.await.unwrap(), 3);
    assert_eq!(here.count(User::query()).await.unwrap(), 3);
}

/// Siblings that meet in one transaction there share its connection.
async fn siblings_share_a_transaction_there(here: &Repo, there: &Repo) {
    let outcome = there
        .transaction(async |tx| -> Result<(), Error> {
            tx.script("delete from comments where text like '%c'").await?;
            let query = User::query().order_by(|u| u.id).preload(|u| {
                (
                    u.posts().from_repo(&tx).order_by(|p| p.id).preload(|p| (p.ordered_comments(), p.ordered_users())),
                    u.comments().from_repo(&tx).order_by(|c| c.text),
                    u.co_commenters().from_repo(&tx),
                    u.custom().from_repo(&tx),
                )
            });
            for _ in 0..5 {
                let users = here.all(&query).await?;
                let posts = users[0].posts.get()?;
                assert_eq!(texts(posts[2].ordered_comments.get()?), ["3a", "3b"]);
                assert_eq!(posts[2].ordered_users.get()?.len(), 2);
                assert_eq!(texts(users[1].comments.get()?), ["1a", "1b", "2a", "2b", "3a", "3b"]);
                assert!(users[0].custom.get()?.is_some());
            }
            Err(QueryError::new("to roll it back").into())
        })
        .await;
    let error = outcome.unwrap_err().to_string();
    assert!(error.contains("to roll it back"), "{error}");
    assert_eq!(there.count(Comment::query()).await.unwrap(), 9);
}

/// A stream holds a connection here and needs another there.
async fn a_stream_reads_there_too(here: &Repo, there: &Repo) {
    let query = User::query().order_by(|u| u.id).preload(|u| u.posts().from_repo(there).preload(|p| p.comments()));
    let mut stream = here.stream(query);
    let mut counts = Vec::new();
    while let Some(user) = stream.next().await {
        let user = user.unwrap();
        let posts = user.posts.get().unwrap();
        counts.push((posts.len(), posts.iter().map(|post| post.comments.get().unwrap().len()).sum::<usize>()));
    }
    assert_eq!(counts, [(3, 9), (0, 0)]);
}

macro_rules! pairs {
    ($($case:ident)*) => {$(
        mod $case {
            use super::*;

            on_sqlite! {
                async fn to_sqlite(store: Store) {
                    let other = second(&store, Kind::Sqlite).await;
                    fill(&store.repo, &other.repo).await;
                    super::super::$case(&store.repo, &other.repo).await;
                }

                async fn to_postgres(store: Store) {
                    let other = second(&store, Kind::Postgres).await;
                    fill(&store.repo, &other.repo).await;
                    super::super::$case(&store.repo, &other.repo).await;
                }
            }

            on_postgres! {
                async fn back_to_sqlite(store: Store) {
                    let other = second(&store, Kind::Sqlite).await;
                    fill(&store.repo, &other.repo).await;
                    super::super::$case(&store.repo, &other.repo).await;
                }
            }
        }
    )*};
}
pairs! {
    nested_preloads_continue_there
    every_kind_is_read_there
    rows_that_are_loaded_are_continued_there
    columns_of_the_parent_are_refused
    a_transaction_reads_there_too
    a_failure_there_leaves_the_transaction_here
    siblings_share_a_transaction_there
    a_stream_reads_there_too
}
