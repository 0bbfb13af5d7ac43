//! Which store a schema lives in: names, prefixes, and what is shown of it.

use super::*;

async fn each_schema_has_its_store_and_the_last_route_counts(stores: &Stores) {
    let Stores { repo, here, there } = stores;
    assert_eq!((repo.name(), repo.store()), ("main", here.repo.store()));
    assert_eq!((repo.store_of::<User>(), repo.store_of::<Session>()), ("main", "other"));
    assert_eq!((there.repo.name(), there.repo.store_of::<User>()), (there.repo.store(), there.repo.store()));
    let shown = format!("{repo:?}");
    assert_eq!(
        shown,
        "Repo { store: \"main\", prefix: None, in_transaction: false, routes: {\"Session\": \"other\", \"Device\": \"other\", \
         \"Mark\": \"other\", \"Group\": \"other\", \"Topic\": \"other\"} }"
    );
    let back = repo.route::<Session>(&here.repo.named("home"));
    assert_eq!(back.store_of::<Session>(), "home");
    back.insert(session(&User { id: 1, ..User::default() }, "a1", 0)).await.unwrap();
    assert_eq!(stores.counts::<Session>().await, (1, 0));
    assert_eq!(back.all(User::query().join(|u| u.sessions())).await.unwrap(), [], "in one store again");
    assert_eq!(repo.store_of::<Session>(), "other", "the repo itself stays as it is");
    // The route of a repo that has routes itself is taken over.
    let over = here.repo.route::<Session>(repo);
    assert_eq!(over.store_of::<Session>(), "other");
    assert_eq!(over.count(Session::query()).await.unwrap(), 0);
}

async fn errors_name_their_store(stores: &Stores) {
    stores.there.repo.script("drop table sessions").await.unwrap();
    stores.here.repo.script("drop table users").await.unwrap();
    let there = stores.repo.all(Session::query()).await.unwrap_err();
    assert_eq!(there.context().unwrap().store(), Some("other"));
    assert!(there.to_string().contains("\n  in: SELECT"), "{there}");
    assert!(there.to_string().contains("\n  store: other\n  at: "), "{there}");
    let here = stores.repo.all(User::query()).await.unwrap_err();
    assert_eq!(here.context().unwrap().store(), Some("main"));
    let write = stores.repo.insert(session(&User::default(), "a", 0)).await.unwrap_err();
    assert_eq!(write.context().unwrap().store(), Some("other"));
    let alone = stores.here.repo.all(User::query()).await.unwrap_err();
    assert_eq!(alone.context().unwrap().store(), None);
}

async fn closing_the_repo_closes_all_of_its_stores(stores: &Stores) {
    stores.repo.close().await;
    for repo in [&stores.here.repo, &stores.there.repo] {
        let error = repo.sql::<i64>("select 1").await.unwrap_err();
        assert!(error.is_connection(), "{error}");
    }
}

/// Three stores, of which each pair is apart.
async fn any_number_of_stores_are_one_repo(stores: &Stores) {
    let third = Store::new(Kind::Sqlite).await;
    third.create(TABLES).await;
    let repo = stores.repo.route::<Post>(&third.repo.named("third"));
    let ann = repo.insert(User { name: "ann".into(), ..User::default() }).await.unwrap();
    let post = repo.insert(Post { author_id: ann.id, title: "p".into(), ..Post::default() }).await.unwrap();
    repo.insert(Mark { post_id: post.id, label: "m".into(), ..Mark::default() }).await.unwrap();
    let query = User::query().preload(|u| u.posts().preload(|p| (p.marks(), p.author().preload(|u| u.sessions()))));
    let (users, statements) = repo.capture(async |repo| repo.all(&query).await).await.unwrap();
    assert_eq!(statements.len(), 5, "{statements:#?}");
    assert_eq!(users[0].posts.get().unwrap()[0].marks.get().unwrap()[0].label, "m");
    assert_eq!(third.repo.count(Post::query()).await.unwrap(), 1);
    assert_eq!(
        refusal(repo.all(Post::query().join(|p| p.marks())).await),
        "posts and marks live in different stores (third and other): preload instead of join: \
         `Post::query().preload(|p| p.marks())`"
    );
}

pairs! {
    each_schema_has_its_store_and_the_last_route_counts
    errors_name_their_store
    closing_the_repo_closes_all_of_its_stores
    any_number_of_stores_are_one_repo
}

on_sql_stores! {
    /// Stores of one kind without names are still told apart, though not by name.
    async fn stores_without_names_are_different_all_the_same(store: Store) {
        let other = Store::new(store.pick(Kind::Sqlite, Kind::Postgres)).await;
        let repo = store.repo.route::<Session>(&other.repo);
        assert_eq!(
            refusal(repo.all(User::query().join(|u| u.sessions())).await),
            "users and sessions live in different stores: preload instead of join: `User::query().preload(|u| u.sessions())`"
        );
    }

    async fn a_route_to_the_store_itself_changes_nothing(store: Store) {
        store.create(TABLES).await;
        let repo = store.repo.route::<Session>(&store.repo);
        repo.transaction(async |tx| tx.insert(session(&User::default(), "a", 0)).await).await.unwrap();
        assert_eq!(repo.all(User::query().join(|u| u.sessions())).await.unwrap(), []);
    }
}

on_postgres! {
    /// A prefix of the routed repo is stronger than that of the handle, and weaker than that of a query or a write.
    async fn the_prefix_of_the_routed_repo_is_stronger_than_that_of_the_handle(store: Store) {
        let schema = store.repo.sql::<String>("select current_schema()::text").one().await.unwrap().unwrap();
        store.create(TABLES).await;
        let other = Store::new(Kind::Postgres).await;
        other.create(TABLES).await;
        let audit = other.repo.sql::<String>("select current_schema()::text").one().await.unwrap().unwrap();
        // Both are schemas of one server: a prefix reaches the other's tables.
        let repo = store.repo.route::<Session>(&store.repo.with_prefix(&audit));
        let user = User { id: 1, name: "ann".into(), ..User::default() };
        repo.insert(session(&user, "a1", 0)).await.unwrap();
        repo.with_prefix(&schema).insert(session(&user, "a2", 0)).await.unwrap();
        assert_eq!(other.repo.count(Session::query()).await.unwrap(), 2);
        repo.insert(session(&user, "a3", 0)).prefix(&schema).await.unwrap();
        assert_eq!(store.repo.count(Session::query()).await.unwrap(), 1);
        assert_eq!(repo.count(Session::query().prefix(&schema)).await.unwrap(), 1);
        assert_eq!(repo.count(Session::query()).await.unwrap(), 2);
        repo.insert(user).await.unwrap();
        let users = repo.all(User::query().preload(|u| u.sessions())).await.unwrap();
        assert_eq!(users[0].sessions.get().unwrap().len(), 2);
        let users = repo.all(User::query().prefix(&schema).preload(|u| u.sessions())).await.unwrap();
        assert_eq!(users[0].sessions.get().unwrap().len(), 1, "the query's own prefix goes with it");
        assert_eq!(
            refusal(repo.all(User::query().join(|u| u.sessions())).await),
            "users and sessions live under different prefixes: preload instead of join: `User::query().preload(|u| u.sessions())`"
        );
        // One transaction is about all prefixes of a store.
        let undone: Result<(), Error> = repo
            .transaction(async |tx| {
                tx.insert(session(&User { id: 1, ..User::default() }, "a4", 0)).await?;
                assert_eq!(tx.count(Session::query()).await?, 3);
                Err(Error::rollback("no"))
            })
            .await;
        undone.unwrap_err();
        assert_eq!(repo.count(Session::query()).await.unwrap(), 2);
    }

    /// Without a prefix of its own, the routed repo has that of the handle.
    async fn a_routed_repo_without_a_prefix_has_that_of_the_handle(store: Store) {
        let other = Store::new(Kind::Postgres).await;
        let third = Store::new(Kind::Postgres).await;
        third.create(TABLES).await;
        let tenant = third.repo.sql::<String>("select current_schema()::text").one().await.unwrap().unwrap();
        let repo = store.repo.route::<Session>(&other.repo).with_prefix(&tenant);
        repo.insert(session(&User { id: 1, ..User::default() }, "a1", 0)).await.unwrap();
        assert_eq!(third.repo.count(Session::query()).await.unwrap(), 1);
    }
}
