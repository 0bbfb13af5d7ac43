//! Reads and writes of single schemas, each in its store.

use super::*;

async fn every_write_goes_to_the_store_of_its_schema(stores: &Stores) {
    let clock = FixedClock::at("2026-01-02T12:00:00Z".parse().unwrap());
    let repo = stores.repo.with_clock(clock);
    let ann = repo.insert(User { name: "ann".into(), ..User::default() }).await.unwrap();
    let first = repo.insert(session(&ann, "a1", 1)).await.unwrap();
    assert_eq!(first.updated_at.to_rfc3339(), "2026-01-02T12:00:00+00:00", "the clock of the handle");
    let first = repo.update(first.change(|s| s.seen.set(2))).await.unwrap();
    assert_eq!(stores.there.repo.find::<Session>(first.id).await.unwrap().seen, 2);
    let again = repo.insert(session(&ann, "a1", 5)).on_conflict(|c| c.target(|s| s.token).update(|s| s.seen));
    assert!(matches!(again.await.unwrap(), Upserted::Updated(row) if row.id == first.id && row.seen == 5));
    let new = repo.insert(session(&ann, "a2", 5)).on_conflict(|c| c.target(|s| s.token).update(|s| s.seen));
    assert!(new.await.unwrap().is_inserted());
    let many = (0..2_000).map(|number| session(&ann, &format!("many {number}"), number)).collect::<Vec<_>>();
    assert_eq!(repo.insert_all(many).await.unwrap(), 2_000);
    let rows = futures_util::stream::iter([session(&ann, "streamed", 0)]);
    assert_eq!(repo.insert_stream(rows).await.unwrap(), 1);
    // Rows of different columns are several statements, and so a transaction there.
    let mixed = Session::rows([1, 2], |s, number| {
        (s.token.set(format!("mixed {number}")), s.user_id.set(9), s.seen.set(number))
    });
    assert_eq!(repo.insert_all(mixed).await.unwrap(), 2);
    assert_eq!(
        repo.update_all(Session::query().filter(|s| s.user_id.eq(9)), |s| s.seen.set(s.seen + 1)).await.unwrap(),
        2
    );
    let gone = repo.delete_all(Session::query().filter(|s| s.user_id.eq(9))).returning(|s| s.seen).await.unwrap();
    assert_eq!(gone.len(), 2);
    repo.delete(repo.find::<Session>(first.id).await.unwrap()).await.unwrap();
    let copied = Device::rows_from(Session::query().filter(|s| s.token.eq("a2")).select(|s| (s.id, s.token)), |d| {
        (d.session_id, d.name)
    });
    assert_eq!(repo.insert_all(copied).await.unwrap(), 1);
    assert_eq!(stores.counts::<Session>().await, (0, 2_002));
    assert_eq!(stores.counts::<User>().await, (1, 0));
}

async fn every_read_goes_to_the_store_of_its_schema(stores: &Stores) {
    let [ann, _] = stores.fill().await;
    let repo = &stores.repo;
    assert_eq!(repo.count(Session::query()).await.unwrap(), 4);
    assert!(repo.exists(Session::query().filter(|s| s.seen.eq(9))).await.unwrap());
    assert_eq!(repo.aggregate(Session::query(), |s| s.seen.max()).await.unwrap(), Some(9));
    let sessions = repo.all_by::<Session>(|s| s.user_id.eq(ann.id)).await.unwrap();
    assert_eq!(repo.get::<Session>(sessions[0].id).await.unwrap().as_ref(), Some(&sessions[0]));
    assert_eq!(repo.reload(&sessions).await.unwrap().len(), 3);
    assert!(repo.reload(&ann).await.unwrap().is_some());
    match repo.find::<Session>(77).await {
        Err(Error::NotFound(missing)) => assert_eq!(missing.schema, "Session"),
        other => panic!("{other:?}"),
    }
    assert!(!repo.explain(Session::query()).await.unwrap().as_str().is_empty());
    let subquery = Session::query().order_by(|s| s.seen.desc()).limit(2).subquery();
    assert_eq!(repo.aggregate(subquery, |s| s.seen.min()).await.unwrap(), Some(3));
    let sent = repo.capture(async |repo| repo.all(Session::query()).await).await.unwrap().1;
    assert_eq!(sent.len(), 1);
    // A statement of the program's own is one of the base.
    assert_eq!(repo.sql::<i64>("select count(*) from sessions").one().await.unwrap(), Some(0));
}

async fn what_is_unique_there_is_an_error_of_the_field(stores: &Stores) {
    let [ann, _] = stores.fill().await;
    let taken = Changeset::build(session(&ann, "a1", 0)).unique_constraint(|s| s.token);
    let error = stores.repo.insert(taken).await.unwrap_err();
    assert_eq!(error.invalid().unwrap().errors().to_string(), "token has already been taken");
    let reported = Changeset::build(session(&ann, "a1", 0)).unique_constraint(|s| s.token);
    let error = stores.repo.insert(reported).report_all().await.unwrap_err();
    assert!(error.is_unique_violation(), "{error}");
}

pairs! {
    every_write_goes_to_the_store_of_its_schema
    every_read_goes_to_the_store_of_its_schema
    what_is_unique_there_is_an_error_of_the_field
}
