//! Transactions belong to one store: reads of others run outside of them, and writes of others are refused.

use super::*;
use peristyle::error::{QueryError, TransactionMisuse};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const REFUSED: &str = "a transaction of main cannot undo what is written to sessions, which lives in another store (other): \
                       write it when the transaction is kept, in `tx.after_commit(async |repo| ..)`, or open a transaction on the \
                       repo of that store";

async fn writes_elsewhere_are_refused_and_the_transaction_goes_on(stores: &Stores) {
    let [ann, _] = stores.fill().await;
    let kept = stores.repo.transaction(async |tx| {
        let known = tx.only(Session::query().filter(|s| s.token.eq("a1"))).await?;
        assert_eq!(refusal(tx.insert(session(&ann, "new", 0)).await), REFUSED);
        assert_eq!(refusal(tx.insert(session(&ann, "new", 0)).savepoint().await), REFUSED);
        assert_eq!(refusal(tx.update(known.clone().change(|s| s.seen.set(7))).await), REFUSED);
        assert_eq!(refusal(tx.delete(known).await), REFUSED);
        let upsert = tx.insert(session(&ann, "a1", 0)).on_conflict(|c| c.target(|s| s.token).update(|s| s.seen));
        assert_eq!(refusal(upsert.await), REFUSED);
        assert_eq!(refusal(tx.insert_all(vec![session(&ann, "new", 0)]).await), REFUSED);
        assert_eq!(refusal(tx.update_all(Session::query(), |s| s.seen.set(0)).await), REFUSED);
        assert_eq!(refusal(tx.delete_all(Session::query()).await), REFUSED);
        let rows = futures_util::stream::iter([session(&ann, "new", 0)]);
        assert_eq!(refusal(tx.insert_stream(rows).await), REFUSED);
        assert_eq!(refusal(tx.transaction(async |tx| tx.insert(session(&ann, "new", 0)).await).await), REFUSED);
        let prepared = Changeset::build(session(&ann, "new", 0)).prepare_changes(async |changeset, _| Ok(changeset));
        assert_eq!(refusal(tx.insert(prepared).await), REFUSED);
        tx.insert(User { name: "cid".into(), ..User::default() }).await
    });
    kept.await.unwrap();
    assert_eq!(stores.counts::<User>().await, (3, 0));
    assert_eq!(stores.counts::<Session>().await, (0, 4));
}

async fn a_multi_is_of_the_base_store(stores: &Stores) {
    let [ann, _] = stores.fill().await;
    let mut multi = Multi::new();
    multi.insert("user", User { name: "cid".into(), ..User::default() });
    multi.insert("session", session(&ann, "new", 0));
    match stores.repo.multi(multi).await {
        Err(Error::Multi(failed)) => {
            assert_eq!(failed.step, "session");
            assert_eq!(refusal::<()>(Err(failed.cause.clone())), REFUSED);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(stores.counts::<User>().await, (2, 0));
    let mut multi = Multi::new();
    let sessions = multi.all("sessions", Session::query().order_by(|s| s.id));
    let users = multi.all("users", User::query());
    let done = stores.repo.multi(multi).await.unwrap();
    assert_eq!((done[sessions].len(), done[users].len()), (4, 2));
}

async fn reads_elsewhere_run_outside_of_the_transaction(stores: &Stores) {
    let [ann, _] = stores.fill().await;
    let outcome: Result<(), Error> = stores
        .repo
        .transaction(async |tx| {
            let cid = tx.insert(User { name: "cid".into(), ..User::default() }).await?;
            stores.there.repo.insert(session(&cid, "c1", 1)).await?;
            let query = User::query().filter(|u| u.name.eq("cid")).preload(|u| u.sessions().preload(|s| s.user()));
            let users = tx.all(query).await?;
            let sessions = users[0].sessions.get()?;
            assert_eq!(tokens(sessions), ["c1"]);
            assert_eq!(sessions[0].user.get()?.name, "cid", "the row of the transaction");
            assert_eq!(tx.count(Session::query()).await?, 5);
            let mut stream = tx.stream(Session::query().preload(|s| s.user()));
            let mut count = 0;
            while let Some(session) = stream.next().await {
                session?.user.get()?;
                count += 1;
            }
            assert_eq!(count, 5);
            assert_eq!(tx.find::<User>(ann.id).await?.name, "ann");
            Err(QueryError::new("to roll it back").into())
        })
        .await;
    assert!(outcome.unwrap_err().to_string().contains("to roll it back"));
    assert_eq!(stores.counts::<User>().await, (2, 0));
    assert_eq!(stores.counts::<Session>().await, (0, 5));
}

async fn a_failure_elsewhere_leaves_the_transaction_usable(stores: &Stores) {
    stores.there.repo.script("drop table sessions").await.unwrap();
    let kept = stores.repo.transaction(async |tx| {
        let user = tx.insert(User { name: "cid".into(), ..User::default() }).await?;
        let error = tx.count(Session::query()).await.unwrap_err();
        assert!(error.to_string().contains("\n  store: other"), "{error}");
        tx.find::<User>(user.id).await
    });
    assert_eq!(kept.await.unwrap().name, "cid");
}

async fn after_the_commit_everything_may_be_written(stores: &Stores) {
    let kept = stores.repo.transaction(async |tx| {
        let user = tx.insert(User { name: "cid".into(), ..User::default() }).await?;
        let new = session(&user, "c1", 1);
        tx.after_commit(async move |repo: Repo| {
            assert!(!repo.in_transaction());
            repo.insert(new).await?;
            repo.transaction(async |tx| tx.insert(User { name: "dan".into(), ..User::default() }).await).await?;
            Ok(())
        })
        .await
    });
    kept.await.unwrap();
    assert_eq!(stores.counts::<Session>().await, (0, 1));
    assert_eq!(stores.counts::<User>().await, (2, 0));
}

/// A write that takes several statements has its transaction in the store of its rows.
async fn a_write_of_several_statements_is_a_transaction_of_its_own_store(stores: &Stores) {
    let [ann, _] = stores.fill().await;
    let hooked = Arc::new(AtomicBool::new(false));
    let (seen, owner) = (hooked.clone(), ann.clone());
    let prepared =
        Changeset::build(session(&ann, "new", 0)).prepare_changes(move |changeset: Changeset<Session>, tx: Repo| {
            let (seen, owner) = (seen.clone(), owner.clone());
            async move {
                assert!(tx.in_transaction());
                assert_eq!(tx.name(), "other");
                assert_eq!(tx.count(Session::query()).await?, 4);
                assert_eq!(tx.find::<User>(owner.id).await?.name, "ann");
                let text = refusal(tx.insert(User { name: "cid".into(), ..User::default() }).await);
                assert!(
                    text.starts_with("a transaction of other cannot undo what is written to users, which lives"),
                    "{text}"
                );
                tx.insert(Device { session_id: 77, name: "prepared".into(), ..Device::default() }).await?;
                tx.after_commit(async move |repo: Repo| {
                    assert_eq!((repo.name(), repo.in_transaction()), ("main", false));
                    repo.insert(User { name: "hook".into(), ..User::default() }).await?;
                    seen.store(true, Ordering::SeqCst);
                    Ok(())
                })
                .await?;
                Ok(changeset)
            }
        });
    stores.repo.insert(prepared).await.unwrap();
    assert!(hooked.load(Ordering::SeqCst));
    assert_eq!(stores.counts::<Session>().await, (0, 5));
    assert_eq!(stores.counts::<Device>().await, (0, 3));

    // The second row is refused, and with it the device that goes before.
    let failing =
        Changeset::build(session(&ann, "new", 0)).prepare_changes(async |changeset: Changeset<Session>, tx: Repo| {
            tx.insert(Device { session_id: 77, name: "undone".into(), ..Device::default() }).await?;
            Ok(changeset)
        });
    let error = stores.repo.insert(failing).await.unwrap_err();
    assert!(error.is_unique_violation(), "{error}");
    assert_eq!(stores.counts::<Device>().await, (0, 3));
}

async fn rows_of_associations_are_written_with_their_owner_in_one_store(stores: &Stores) {
    let [ann, _] = stores.fill().await;
    let device = |name: &str| Device { name: name.into(), ..Device::default() };
    let changeset =
        Changeset::build(session(&ann, "new", 0)).put_assoc(|s| s.devices(), vec![device("a"), device("b")]);
    let new = stores.repo.insert(changeset).await.unwrap();
    assert_eq!(stores.counts::<Device>().await, (0, 4));
    stores.repo.delete(new).await.unwrap();
    assert_eq!(stores.counts::<Device>().await, (0, 2), "on_delete = delete_all");

    let across = Changeset::build(User { name: "cid".into(), ..User::default() })
        .put_assoc(|u| u.sessions(), vec![Session { token: "c1".into(), ..Session::default() }]);
    assert_eq!(
        refusal(stores.repo.insert(across).await),
        "a transaction of main cannot undo what is written to sessions, which lives in another store (other): the write of the \
         User is that transaction, since more belongs to it: write to sessions by itself, before or after it, or in \
         `prepare_changes` by `repo.after_commit(async |repo| ..)`"
    );
    assert_eq!(stores.counts::<User>().await, (2, 0), "the owner is rolled back");
    let across = Changeset::build(User { name: "cid".into(), ..User::default() })
        .put_assoc(|u| u.sessions(), vec![Session { token: "c1".into(), ..Session::default() }]);
    let inside = stores.repo.transaction(async |tx| tx.insert(across).await).await;
    assert_eq!(refusal(inside), REFUSED, "the program opened the transaction");

    let post = stores.repo.one(Post::query().limit(1)).await.unwrap().unwrap();
    let text = refusal(stores.repo.delete(post).await);
    assert!(text.starts_with("a transaction of main cannot undo what is written to marks"), "{text}");
    assert_eq!(stores.counts::<Post>().await, (2, 0));
}

async fn rows_elsewhere_cannot_be_locked(stores: &Stores) {
    stores.fill().await;
    let kept = stores.repo.transaction(async |tx| {
        let text = refusal(tx.find_locked::<Session>(1, Lock::ForUpdate).await);
        assert_eq!(
            text,
            "a transaction of main cannot lock rows of sessions, which lives in another store (other): read them without a \
             lock, or open a transaction on the repo of that store"
        );
        tx.find_locked::<User>(1, Lock::ForUpdate).await
    });
    assert_eq!(kept.await.unwrap().name, "ann");
}

async fn a_checkout_is_of_the_base_store_and_writes_elsewhere_are_their_own(stores: &Stores) {
    let [ann, _] = stores.fill().await;
    let done = stores.repo.checkout(async |repo| {
        repo.insert(session(&ann, "new", 0)).await?;
        repo.insert_all(vec![Device::default(), Device::default()]).await?;
        let prepared = Changeset::build(session(&ann, "newer", 0)).prepare_changes(
            async |changeset: Changeset<Session>, tx: Repo| {
                assert_eq!(tx.count(User::query()).await?, 2, "on the connection of the checkout");
                Ok(changeset)
            },
        );
        repo.insert(prepared).await?;
        repo.insert(User { name: "cid".into(), ..User::default() }).await?;
        let tx = repo.transaction(async |tx| Ok(refusal(tx.insert(session(&ann, "newest", 0)).await))).await?;
        assert_eq!(tx, REFUSED);
        repo.count(Session::query()).await
    });
    assert_eq!(done.await.unwrap(), 6);
}

/// The outer repo inside of a transaction is refused where it would wait for itself, store by store.
async fn the_outer_repo_inside_is_a_mistake_of_each_store_for_itself(stores: &Stores) {
    let [ann, _] = stores.fill().await;
    let outer = &stores.repo;
    let alone = stores.here.pick(true, false);
    outer
        .transaction(async |_| {
            outer.insert(session(&ann, "outside", 0)).await?;
            match outer.insert(User { name: "cid".into(), ..User::default() }).await {
                Err(Error::Transaction(misuse)) => {
                    assert!(alone && matches!(**misuse, TransactionMisuse::OuterRepo));
                }
                other => assert!(other.is_ok() && !alone, "{other:?}"),
            }
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(stores.counts::<Session>().await, (0, 5));
}

/// A schema that is routed to the handle of a transaction takes part in it.
async fn a_route_to_a_transaction_is_part_of_it(stores: &Stores) {
    let [ann, _] = stores.fill().await;
    let outcome: Result<(), Error> = stores
        .there
        .repo
        .transaction(async |tx| {
            let repo = stores.repo.route::<Session>(&tx);
            repo.insert(session(&ann, "new", 0)).await?;
            assert_eq!(repo.count(Session::query()).await?, 5);
            Err(QueryError::new("to roll it back").into())
        })
        .await;
    outcome.unwrap_err();
    assert_eq!(stores.counts::<Session>().await, (0, 4));
}

pairs! {
    writes_elsewhere_are_refused_and_the_transaction_goes_on
    a_multi_is_of_the_base_store
    reads_elsewhere_run_outside_of_the_transaction
    a_failure_elsewhere_leaves_the_transaction_usable
    after_the_commit_everything_may_be_written
    a_write_of_several_statements_is_a_transaction_of_its_own_store
    rows_of_associations_are_written_with_their_owner_in_one_store
    rows_elsewhere_cannot_be_locked
    a_checkout_is_of_the_base_store_and_writes_elsewhere_are_their_own
    the_outer_repo_inside_is_a_mistake_of_each_store_for_itself
    a_route_to_a_transaction_is_part_of_it
}
