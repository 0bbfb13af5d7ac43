//! Preloads whose rows a function of the program gives.

use super::*;
use peristyle::Error;
use peristyle_tests::Kind;
use schemas::TABLES;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

/// A loader for any schema: it only knows the field that the ids are in.
fn by_field<T>(
    repo: &Repo,
    field: fn(T::Columns<T, NotNull>, Vec<i64>) -> Condition<T>,
) -> impl Fn(Vec<i64>) -> Pin<Box<dyn Future<Output = Result<Vec<T>, Error>> + Send>> + Send + Sync + 'static
where
    T: Schema + Keyed,
{
    let repo = repo.clone();
    move |ids| {
        let (repo, query) = (repo.clone(), T::query().filter(move |row| field(row, ids)));
        Box::pin(async move { repo.all(query).await })
    }
}

fn kind(store: &Store) -> Kind {
    match store.dialect {
        Dialect::Postgres => Kind::Postgres,
        _ => Kind::Sqlite,
    }
}

on_every_store! {
    async fn preload_020_a_function_that_gives_rows(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let [p1, p2, p3] = posts(repo, ["1", "2", "3"]).await;
        let mut all = Vec::new();
        for (post, text) in [(&p1, "c"), (&p2, "d"), (&p1, "a"), (&p1, "b")] {
            all.push(comment(repo, post, text).await);
        }
        all.push(repo.insert(Comment { text: Some("of none".into()), ..Comment::default() }).await.unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let ids = [p1.id, p2.id, p3.id];
        let mut rows = vec![p3, p1.clone(), p2, p1];
        let seen = asked.clone();
        let statements = preloading!(repo, &mut rows, |p| p.comments().with(move |ids: Vec<i64>| {
            seen.lock().unwrap().push(ids);
            let all = all.clone();
            async move { Ok(all) }
        }));
        assert_eq!(statements, 0);
        // It is called once, with each key once.
        let asked: Vec<_> = asked.lock().unwrap().iter().map(|ids| sorted(ids.clone())).collect();
        assert_eq!(asked, [sorted(ids.to_vec())]);
        let of_rows: Vec<_> = rows.iter().map(|post| texts(post.comments.get().unwrap()).join(" ")).collect();
        assert_eq!(of_rows, ["", "c a b", "d", "c a b"]);
        assert!(rows.iter().all(|post| post.comments.is_complete()));
    }

    async fn preload_021_a_function_for_any_association(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut rows = posts(repo, ["1", "2"]).await;
        comment(repo, &rows[0], "1").await;
        permalink(repo, "2", Some(rows[1].id)).await;
        let statements = preloading!(repo, &mut rows, |p| (
            p.comments().with(by_field::<Comment>(repo, |c, ids| c.post_id.in_(ids).into())),
            p.permalink().with(by_field::<Permalink>(repo, |l, ids| l.post_id.in_(ids).into())),
        ));
        // The functions have a repo of their own, whose statements are not counted here.
        assert_eq!(statements, 0);
        assert_eq!(texts(rows[0].comments.get().unwrap()), ["1"]);
        assert_eq!(rows[1].comments.get().unwrap(), []);
        assert_eq!(rows[0].permalink.get().unwrap(), None);
        assert_eq!(rows[1].permalink.get().unwrap().unwrap().url.as_deref(), Some("2"));
    }

    async fn preload_022_a_function_that_gives_pairs(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let mut rows = posts(repo, ["1", "2", "3"]).await;
        let ids = rows.each_ref().map(|post| post.id);
        let pairs = vec![
            (ids[0], User::named("b")),
            (ids[1], User::named("b")),
            (ids[0], User::named("a")),
            (i64::MAX, User::named("nobody's")),
        ];
        let statements = preloading!(repo, &mut rows, |p| p.users().with(move |_: Vec<i64>| {
            let pairs = pairs.clone();
            async move { Ok(pairs) }
        }));
        assert_eq!(statements, 0);
        let of_rows = rows.each_ref().map(|post| names(post.users.get().unwrap()).join(" "));
        assert_eq!(of_rows, ["b a", "b", ""]);

        let mut rows = posts(repo, ["1"]).await;
        let plain = |p: schemas::PostColumns<Post, NotNull>| {
            p.users().with(|_: Vec<i64>| async { Ok(vec![User::named("a")]) })
        };
        let error = repo.preload(&mut rows, plain).await.unwrap_err();
        assert!(matches!(error, Error::Query(_)) && error.to_string().contains("Post.users"), "{error}");
        assert!(error.to_string().contains("pairs"), "{error}");
        assert!(rows[0].users.is_unloaded());
    }

    async fn the_rows_of_a_function_have_preloads_of_their_own(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (ann, mut row) = (user(repo, "ann").await, post(repo, "1").await);
        let all = vec![comment_by(repo, &row, &ann, "1").await, comment(repo, &row, "2").await];
        let statements = preloading!(repo, &mut row, |p| p.comments().preload(|c| c.author()).with(move |_: Vec<i64>| {
            let all = all.clone();
            async move { Ok(all) }
        }));
        assert_eq!(statements, 1);
        let comments = row.comments.get().unwrap();
        assert_eq!(comments[0].author.get().unwrap().unwrap().id, ann.id);
        assert_eq!(comments[1].author.get().unwrap(), None);
    }

    async fn a_function_for_a_belongs_to_is_given_no_nulls(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let on = post(repo, "1").await;
        let mut rows = [comment(repo, &on, "1").await, repo.insert(Comment::default()).await.unwrap()];
        let (expected, found) = (on.id, on.clone());
        let function = move |ids: Vec<i64>| {
            assert_eq!(ids, [expected]);
            let found = found.clone();
            async move { Ok(vec![found]) }
        };
        assert_eq!(preloading!(repo, &mut rows, |c| c.post().with(function)), 0);
        assert_eq!(rows[0].post.get().unwrap().unwrap().id, on.id);
        assert_eq!(rows[1].post.get().unwrap(), None);

        // With no key at all, it is not called.
        let mut none = repo.insert(Comment::default()).await.unwrap();
        let never = |_: Vec<i64>| async { Err::<Vec<Post>, _>(Error::rollback("called")) };
        assert_eq!(preloading!(repo, &mut none, |c| c.post().with(never)), 0);
        assert_eq!(none.post.get().unwrap(), None);
    }
}

on_sql_stores! {
    async fn the_error_of_a_function_is_that_of_the_preload(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        post(repo, "1").await;
        let query = Post::query().preload(|p| {
            (p.users(), p.comments().with(|_: Vec<i64>| async { Err::<Vec<Comment>, _>(Error::rollback("no cache")) }))
        });
        let error = repo.all(query).await.unwrap_err();
        assert!(error.to_string().contains("no cache"), "{error}");
    }
}

on_every_store! {
    async fn rows_from_another_repo_are_one_statement_there(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let elsewhere = Store::new(kind(&store)).await;
        elsewhere.create(TABLES).await;
        let other = &elsewhere.repo;
        let (mut rows, there) = (posts(repo, ["1", "2"]).await, posts(other, ["1", "2"]).await);
        let ann = user(other, "ann").await;
        for (here, there) in rows.iter().zip(&there) {
            assert_eq!(here.id, there.id);
            comment(repo, here, "here").await;
            comment_by(other, there, &ann, "there").await;
        }
        // Who watches the repo sees the statements of the other too.
        let statements = preloading!(repo, &mut rows, |p| p.comments().from_repo(other).preload(|c| c.author()));
        assert_eq!(statements, 2);
        for post in &rows {
            let comments = post.comments.get().unwrap();
            assert_eq!(texts(comments), ["there"]);
            assert_eq!(comments[0].author.get().unwrap().unwrap().id, ann.id);
        }
        let of_parent = |p: schemas::PostColumns<Post, NotNull>| {
            p.comments().from_repo(other).filter(move |c| c.text.eq(p.title))
        };
        let error = repo.preload(&mut rows, of_parent).await.unwrap_err();
        assert!(matches!(error, Error::Query(_)) && error.to_string().contains("another repo"), "{error}");
    }
}
