//! Nested transactions that never came to their end: nothing of them is kept.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use std::future::{Future, pending, poll_fn};
use std::sync::Mutex;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Note {
    id: i64,
    text: String,
}

const NOTES: &str = "create table notes ({id}, text {text} not null);";

fn note(text: &str) -> Note {
    Note { text: text.into(), ..Default::default() }
}

async fn texts(repo: &Repo) -> Vec<String> {
    repo.all(Note::query().order_by(|n| n.id).select(|n| n.text)).await.unwrap()
}

/// Inserts a note in a nested transaction that is dropped before it ends.
async fn abandon(tx: &Repo) {
    let (inserted, was_inserted) = oneshot::channel();
    let nested = tx.transaction(async |inner| {
        inner.insert(note("abandoned")).await?;
        inserted.send(()).ok();
        pending::<Result<(), Error>>().await
    });
    let was_inserted = timeout(Duration::from_secs(60), was_inserted);
    tokio::select! {
        _ = nested => panic!("it ended"),
        done = was_inserted => done.unwrap().unwrap(),
    }
}

on_sql_stores! {
    async fn a_commit_right_after_one_keeps_nothing_of_it(store: Store) {
        store.create(NOTES).await;
        store.repo.transaction(async |tx| {
            tx.insert(note("before")).await?;
            abandon(&tx).await;
            Ok(())
        }).await.unwrap();
        assert_eq!(texts(&store.repo).await, ["before"]);
    }

    async fn the_end_of_the_one_around_it_keeps_nothing_of_it(store: Store) {
        store.create(NOTES).await;
        store.repo.transaction(async |tx| {
            tx.transaction(async |middle| {
                middle.insert(note("middle")).await?;
                abandon(&middle).await;
                Ok(())
            }).await?;
            tx.insert(note("after")).await?;
            Ok(())
        }).await.unwrap();
        assert_eq!(texts(&store.repo).await, ["middle", "after"]);
    }
}

on_every_store! {
    async fn the_rollback_of_the_one_around_it_leaves_the_outermost_usable(store: Store) {
        store.create(NOTES).await;
        store.repo.transaction(async |tx| {
            let middle = tx.transaction(async |middle| {
                abandon(&middle).await;
                Err::<(), _>(Error::rollback("no"))
            });
            assert!(middle.await.is_err());
            tx.insert(note("after")).await?;
            Ok(())
        }).await.unwrap();
        assert_eq!(texts(&store.repo).await, ["after"]);
    }
}

on_sql_stores! {
    async fn one_that_outlives_the_outermost_is_not_kept_with_it(store: Store) {
        store.create(NOTES).await;
        let left_over = Mutex::new(None);
        store.repo.transaction(async |tx| {
            let (inserted, mut was_inserted) = oneshot::channel();
            let mut nested = Box::pin(tx.transaction(async move |inner| {
                inner.insert(note("left over")).await?;
                inserted.send(()).ok();
                pending::<Result<(), Error>>().await
            }));
            poll_fn(|context| {
                assert!(nested.as_mut().poll(context).is_pending());
                if was_inserted.try_recv().is_ok() { Poll::Ready(()) } else { Poll::Pending }
            }).await;
            *left_over.lock().unwrap() = Some(nested);
            Ok(())
        }).await.unwrap();
        assert_eq!(texts(&store.repo).await, Vec::<String>::new());
        drop(left_over);
        store.repo.insert(note("later")).await.unwrap();
        assert_eq!(texts(&store.repo).await, ["later"]);
    }
}
