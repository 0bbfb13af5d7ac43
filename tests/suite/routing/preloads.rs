//! Preloads over two stores: one statement each, both ways.

use super::*;
use futures_util::future::try_join_all;

/// From here to there, further there, and back.
async fn associations_are_read_in_the_store_of_their_rows_with_one_statement_each(stores: &Stores) {
    let [ann, bob] = stores.fill().await;
    let query = User::query().order_by(|u| u.id).preload(|u| {
        (
            u.sessions()
                .order_by(|s| s.id)
                .preload(|s| (s.devices().order_by(|d| d.name), s.user().preload(|u| u.posts()))),
            u.posts().order_by(|p| p.id).preload(|p| p.author()),
        )
    });
    let (users, statements) = stores.repo.capture(async |repo| repo.all(&query).await).await.unwrap();
    let tables: Vec<&str> = statements.iter().map(table_of).collect();
    assert_eq!(tables, ["users", "sessions", "devices", "users", "posts", "posts", "users"], "{statements:#?}");
    assert_eq!(tokens(users[0].sessions.get().unwrap()), ["a1", "a2", "a3"]);
    let first = &users[0].sessions.get().unwrap()[0];
    assert_eq!(
        first.devices.get().unwrap().iter().map(|device| &*device.name).collect::<Vec<_>>(),
        ["laptop", "phone"]
    );
    assert_eq!(first.user.get().unwrap().id, ann.id);
    let bobs = &users[1].sessions.get().unwrap()[0];
    assert_eq!(bobs.user.get().unwrap().posts.get().unwrap().len(), 2);
    assert_eq!(users[1].posts.get().unwrap()[0].author.get().unwrap().name, bob.name);

    let back = Session::query().order_by(|s| s.id).preload(|s| s.user().preload(|u| u.sessions()));
    let (sessions, statements) = stores.repo.capture(async |repo| repo.all(&back).await).await.unwrap();
    assert_eq!(statements.len(), 3, "{statements:#?}");
    assert_eq!(sessions[3].user.get().unwrap().name, "bob");
    assert_eq!(sessions[0].user.get().unwrap().sessions.get().unwrap().len(), 3);
}

fn table_of(statement: &Statement) -> &str {
    statement.sql().split("FROM \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default()
}

async fn filters_orders_and_limits_are_those_of_each_row(stores: &Stores) {
    stores.fill().await;
    let query = User::query()
        .order_by(|u| u.id)
        .preload(|u| u.sessions().filter(|s| s.seen.gte(2)).order_by(|s| s.seen.desc()).limit(1));
    let (users, statements) = stores.repo.capture(async |repo| repo.all(&query).await).await.unwrap();
    assert_eq!(statements.len(), 2, "{statements:#?}");
    let of_each: Vec<_> = users.iter().map(|user| tokens(user.sessions.get().unwrap())).collect();
    assert_eq!(of_each, [["a3"], ["b1"]]);
    let offset = User::query().order_by(|u| u.id).preload(|u| u.sessions().order_by(|s| s.seen).offset(1).limit(1));
    let users = stores.repo.all(&offset).await.unwrap();
    assert_eq!(tokens(users[0].sessions.get().unwrap()), ["a2"]);
    assert!(users[1].sessions.get().unwrap().is_empty());
}

async fn what_leads_through_tables_of_one_other_store_is_one_statement_there(stores: &Stores) {
    stores.fill().await;
    let query = User::query().order_by(|u| u.id).preload(|u| u.devices().order_by(|d| d.name));
    let (users, statements) = stores.repo.capture(async |repo| repo.all(&query).await).await.unwrap();
    assert_eq!(statements.len(), 2, "{statements:#?}");
    assert_eq!(users[0].devices.get().unwrap().len(), 2);
    assert!(users[1].devices.get().unwrap().is_empty());
}

async fn a_join_table_that_is_routed_beside_its_rows_leads_to_them(stores: &Stores) {
    let [ann, _] = stores.fill().await;
    let repo = stores.repo.route::<Membership>(&stores.there.repo);
    let group = repo.insert(Group { name: "staff".into(), ..Group::default() }).await.unwrap();
    repo.insert(Membership { user_id: ann.id, group_id: group.id }).await.unwrap();
    assert_eq!(stores.counts::<Membership>().await, (0, 1));
    let users = repo.all(User::query().order_by(|u| u.id).preload(|u| u.groups())).await.unwrap();
    assert_eq!(users[0].groups.get().unwrap(), &[group]);
    assert!(users[1].groups.get().unwrap().is_empty());
}

/// A join table that no struct describes cannot be routed by its name: it goes with both of its ends.
async fn a_join_table_without_a_struct_lives_where_both_ends_live(stores: &Stores) {
    let repo = stores.repo.route::<User>(&stores.there.repo);
    let topic = Topic { name: "rust".into(), ..Topic::default() };
    let ann = Changeset::build(User { name: "ann".into(), ..User::default() }).put_assoc(|u| u.topics(), vec![topic]);
    let ann = repo.insert(ann).await.unwrap();
    assert_eq!(stores.there.repo.sql::<i64>("select count(*) from users_topics").one().await.unwrap(), Some(1));
    let users = repo.all(User::query().preload(|u| u.topics().preload(|t| t.users()))).await.unwrap();
    assert_eq!(users[0].topics.get().unwrap()[0].users.get().unwrap()[0].id, ann.id);
    assert_eq!(stores.counts::<User>().await, (0, 1));
}

async fn nested_selections_cross_stores(stores: &Stores) {
    stores.fill().await;
    let query = User::query().order_by(|u| u.id).select(|u| {
        (
            u.name,
            u.sessions().order_by(|s| s.seen).select(|s| s.token).collect(),
            u.sessions().order_by(|s| s.seen.desc()).select(|s| s.seen).first(),
        )
    });
    let (rows, statements) = stores.repo.capture(async |repo| repo.all(&query).await).await.unwrap();
    assert_eq!(statements.len(), 3, "{statements:#?}");
    assert_eq!(rows[0], ("ann".to_owned(), vec!["a1".to_owned(), "a2".to_owned(), "a3".to_owned()], Some(3)));
    assert_eq!(rows[1], ("bob".to_owned(), vec!["b1".to_owned()], Some(9)));
    let back = Session::query().order_by(|s| s.id).select(|s| (s.token, s.devices().select(|d| d.name).collect()));
    assert_eq!(stores.repo.all(back).await.unwrap()[0].1.len(), 2);
}

async fn rows_in_hand_are_completed_from_both(stores: &Stores) {
    stores.fill().await;
    let mut users = stores.repo.all(User::query().order_by(|u| u.id)).await.unwrap();
    let load = async |repo: &Repo, users: &mut Vec<User>| {
        let loaded =
            repo.capture(async |repo| repo.preload(users, |u| (u.sessions().preload(|s| s.user()), u.posts())).await);
        loaded.await.unwrap().1.len()
    };
    assert_eq!(load(&stores.repo, &mut users).await, 3);
    assert_eq!(load(&stores.repo, &mut users).await, 0, "all of it is loaded");
    assert_eq!(users[0].sessions.get().unwrap()[2].user.get().unwrap().name, "ann");
    stores.repo.preload(&mut users, |u| u.sessions()).force().await.unwrap();
    assert_eq!(users[0].sessions.get().unwrap().len(), 3);
}

async fn a_loader_asks_each_store_once(stores: &Stores) {
    let [ann, bob] = stores.fill().await;
    let load = stores.repo.capture(async |repo| {
        let loader = Loader::new(&repo);
        let of_users = [ann.id, bob.id].map(|id| loader.load::<User, _>(|u| u.sessions().order_by(|s| s.id), id));
        let sessions = try_join_all(of_users).await?;
        let back = sessions.iter().flatten().map(|session| loader.load::<Session, _>(|s| s.user(), session.user_id));
        let users = try_join_all(back).await?;
        let rows = try_join_all([1, 2].map(|id| loader.get::<Session>(id))).await?;
        Ok((sessions.concat(), users, rows))
    });
    let ((sessions, users, rows), statements) = load.await.unwrap();
    assert_eq!(statements.len(), 3, "{statements:#?}");
    assert_eq!(tokens(&sessions), ["a1", "a2", "a3", "b1"]);
    assert_eq!(users.into_iter().map(|user| user.unwrap().name).collect::<Vec<_>>(), ["ann", "ann", "ann", "bob"]);
    assert!(rows.iter().all(Option::is_some));
}

async fn streams_of_either_store_read_the_other(stores: &Stores) {
    stores.fill().await;
    let mut users = stores.repo.stream(User::query().order_by(|u| u.id).preload(|u| (u.sessions(), u.posts())));
    let mut counts = Vec::new();
    while let Some(user) = users.next().await {
        let user = user.unwrap();
        counts.push((user.sessions.get().unwrap().len(), user.posts.get().unwrap().len()));
    }
    assert_eq!(counts, [(3, 0), (1, 2)]);
    let mut sessions = stores.repo.stream(Session::query().order_by(|s| s.id).preload(|s| (s.user(), s.devices())));
    let mut names = Vec::new();
    while let Some(session) = sessions.next().await {
        let session = session.unwrap();
        names.push((session.user.get().unwrap().name.clone(), session.devices.get().unwrap().len()));
    }
    assert_eq!(names, [("ann".to_owned(), 2), ("ann".to_owned(), 0), ("ann".to_owned(), 0), ("bob".to_owned(), 0)]);
}

/// What a preload says of a repo is stronger than the route, and goes on below it.
async fn from_repo_is_stronger_than_a_route(stores: &Stores) {
    let [ann, _] = stores.fill().await;
    let hidden = stores.here.repo.insert(session(&ann, "hidden", 0)).await.unwrap();
    let device = Device { session_id: hidden.id, name: "here".into(), ..Device::default() };
    stores.here.repo.insert(device).await.unwrap();
    let here = &stores.here.repo;
    let query = User::query().order_by(|u| u.id).preload(|u| u.sessions().from_repo(here).preload(|s| s.devices()));
    let users = stores.repo.all(&query).await.unwrap();
    let sessions = users[0].sessions.get().unwrap();
    assert_eq!(tokens(sessions), ["hidden"]);
    assert_eq!(sessions[0].devices.get().unwrap()[0].name, "here");
    // A repo with routes resolves them.
    let routed = User::query().order_by(|u| u.id).preload(|u| u.sessions().from_repo(&stores.repo));
    assert_eq!(here.all(&routed).await.unwrap()[0].sessions.get().unwrap().len(), 3);
}

async fn the_guard_counts_routed_reads_too(stores: &Stores) {
    let [ann, bob] = stores.fill().await;
    let repo = stores.repo.guard_n_plus_one(Guard::error_after(1));
    let mut failed = None;
    for user in [&ann, &bob] {
        failed = repo.all_by::<Session>(|s| s.user_id.eq(user.id)).await.err();
    }
    let error = failed.unwrap();
    assert!(matches!(error, Error::NPlusOne(_)), "{error}");
    assert!(error.to_string().contains("`.preload(|u| u.sessions())`"), "{error}");
    let users = repo.all(User::query().preload(|u| u.sessions().preload(|s| s.devices()))).await.unwrap();
    assert_eq!(users.len(), 2);
}

/// Several limits of each row, and keys of both kinds, side by side.
async fn siblings_of_both_stores_run_side_by_side_and_are_seen_in_their_order(stores: &Stores) {
    stores.fill().await;
    let query = User::query().order_by(|u| u.id).preload(|u| {
        (u.sessions().limit(2), u.posts(), u.sessions().filter(|s| s.seen.gt(100)), u.devices(), u.posts().limit(1))
    });
    for _ in 0..10 {
        let (_, statements) = stores.repo.capture(async |repo| repo.all(&query).await).await.unwrap();
        let tables: Vec<&str> = statements.iter().map(table_of).collect();
        assert_eq!(tables.len(), 6, "{statements:#?}");
        assert_eq!(tables[2], "posts", "{statements:#?}");
    }
}

pairs! {
    associations_are_read_in_the_store_of_their_rows_with_one_statement_each
    filters_orders_and_limits_are_those_of_each_row
    what_leads_through_tables_of_one_other_store_is_one_statement_there
    a_join_table_that_is_routed_beside_its_rows_leads_to_them
    a_join_table_without_a_struct_lives_where_both_ends_live
    nested_selections_cross_stores
    rows_in_hand_are_completed_from_both
    a_loader_asks_each_store_once
    streams_of_either_store_read_the_other
    from_repo_is_stronger_than_a_route
    the_guard_counts_routed_reads_too
    siblings_of_both_stores_run_side_by_side_and_are_seen_in_their_order
}
