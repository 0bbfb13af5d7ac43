//! Preloads of the rows of a stream: for each batch, on the stream's connection.

use super::*;
use futures_util::FutureExt;
use peristyle::Error;
use peristyle::prelude::*;
use schemas::{TABLES, User};
use std::time::Duration;

const ROOTS: usize = 1_200;

/// As many users, each with two posts, each of which has a comment by the user.
fn rows(users: usize) -> String {
    let numbers = |most: usize| {
        format!(
            "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {most}) select n, "
        )
    };
    let (one, two) = (numbers(users), numbers(2 * users));
    let times = "'2026-01-01 00:00:00', '2026-01-01 00:00:00'";
    format!(
        "insert into users (id, inserted_at, updated_at) {one} '2026-01-01T00:00:00.000000Z', \
            '2026-01-01T00:00:00.000000Z' from numbers;
         insert into posts (id, author_id, inserted_at, updated_at) {two} (n + 1) / 2, {times} from numbers;
         insert into comments (id, post_id, author_id) {two} n, (n + 1) / 2 from numbers;"
    )
}

/// Casts, where a store does not read times from texts.
fn script(store: &Store, users: usize) -> String {
    let script = rows(users);
    if !store.is_postgres() {
        return script;
    }
    let typed = |script: &str, text: &str, ty: &str| script.replace(text, &format!("{ty} {text}"));
    let script = typed(&script, "'2026-01-01T00:00:00.000000Z'", "timestamptz");
    typed(&script, "'2026-01-01 00:00:00'", "timestamp")
}

fn with_posts() -> Query<User> {
    User::query()
        .order_by(|u| u.id)
        .preload(|u| (u.posts().order_by(|p| p.id).preload(|p| p.comments()), u.comments().order_by(|c| c.id).limit(1)))
}

/// That a user has everything that [`with_posts`] asks for.
fn check(user: &User) {
    let ids = |first: i64| [first, first + 1];
    let posts = user.posts.get().unwrap();
    assert!(posts.iter().map(|post| post.id).eq(ids(2 * user.id - 1)), "{posts:?}");
    for post in posts {
        let comments = post.comments.get().unwrap();
        assert_eq!((comments.len(), comments[0].id, comments[0].author_id), (1, post.id, Some(user.id)));
    }
    let comments = user.comments.get().unwrap();
    assert!(comments.iter().map(|comment| comment.id).eq([2 * user.id - 1]), "{comments:?}");
}

/// Reads the whole stream; gives how many roots there were.
async fn read(repo: &Repo) -> Result<usize, Error> {
    let mut stream = repo.stream(with_posts());
    let mut count = 0;
    while let Some(user) = stream.next().await {
        let user = user?;
        count += 1;
        assert_eq!(user.id, count as i64);
        check(&user);
    }
    Ok(count)
}

on_sql_stores! {
    /// One statement for the roots, and for each batch of 500 one for each of the three associations.
    async fn a_stream_preloads_each_batch(store: Store) {
        store.create(TABLES).await;
        store.repo.script(script(&store, ROOTS)).await.unwrap();
        let (count, statements) = store.repo.capture(async |repo| read(&repo).await).await.unwrap();
        assert_eq!(count, ROOTS);
        assert_eq!(statements.len(), 1 + 3 * 3);
        let repo = one_connection(&store).await;
        assert_eq!(read(&repo).await.unwrap(), ROOTS);
        assert_eq!(repo.count(User::query()).await.unwrap(), ROOTS as u64);
    }

    async fn a_last_batch_without_rows_asks_for_nothing(store: Store) {
        store.create(TABLES).await;
        store.repo.script(script(&store, 1_000)).await.unwrap();
        let (count, statements) = store.repo.capture(async |repo| read(&repo).await).await.unwrap();
        assert_eq!((count, statements.len()), (1_000, 1 + 2 * 3));
    }

    async fn a_stream_in_a_transaction_preloads_on_its_connection(store: Store) {
        store.create(TABLES).await;
        let repo = one_connection(&store).await;
        let script = script(&store, ROOTS);
        let read = repo.transaction(async |tx| {
            // Nobody else sees these rows yet.
            tx.script(script).await?;
            let (count, statements) = tx.capture(async |tx| read(&tx).await).await?;
            Ok((count, statements.len(), tx.count(User::query()).await?))
        });
        assert_eq!(read.await.unwrap(), (ROOTS, 10, ROOTS as u64));
        assert_eq!(repo.count(User::query()).await.unwrap(), ROOTS as u64);
    }

    async fn a_stream_that_is_dropped_gives_its_connection_back(store: Store) {
        store.create(TABLES).await;
        store.repo.script(script(&store, ROOTS)).await.unwrap();
        let repo = one_connection(&store).await;
        for taken in [0, 1, 499, 500, 501, 1_100] {
            let mut stream = repo.stream(with_posts());
            for _ in 0..taken {
                check(&stream.next().await.unwrap().unwrap());
            }
            drop(stream);
            assert_eq!(repo.count(User::query()).await.unwrap(), ROOTS as u64, "after {taken}");
        }
        assert_eq!(read(&repo).await.unwrap(), ROOTS);
    }

    /// Wherever it is: while it opens, reads, or preloads.
    async fn a_stream_that_is_dropped_at_work_gives_its_connection_back(store: Store) {
        store.create(TABLES).await;
        store.repo.script(script(&store, ROOTS)).await.unwrap();
        let repo = one_connection(&store).await;
        for polls in 1..40_u32 {
            let mut stream = repo.stream(with_posts());
            let mut row = None;
            for _ in 0..polls {
                row = row.or_else(|| stream.next().now_or_never());
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
            drop(stream);
            assert!(row.is_none_or(|row| row.unwrap().is_ok()), "after {polls} polls");
            assert_eq!(repo.count(User::query()).await.unwrap(), ROOTS as u64, "after {polls} polls");
        }
    }

    async fn a_stream_that_is_dropped_leaves_its_transaction_usable(store: Store) {
        store.create(TABLES).await;
        store.repo.script(script(&store, ROOTS)).await.unwrap();
        let repo = one_connection(&store).await;
        let done = repo.transaction(async |tx| {
            for taken in [0, 1, 501] {
                let mut stream = tx.stream(with_posts());
                for _ in 0..taken {
                    check(&stream.next().await.unwrap()?);
                }
            }
            tx.insert(User { id: 5_000, ..User::named("last") }).await?;
            tx.count(User::query()).await
        });
        assert_eq!(done.await.unwrap(), ROOTS as u64 + 1);
        assert_eq!(repo.count(User::query()).await.unwrap(), ROOTS as u64 + 1);
    }
}
