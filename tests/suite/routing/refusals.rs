//! Statements over two stores, each refused with what to write instead.

use super::*;

const TWO: &str = "live in different stores (main and other)";
const BACK: &str = "live in different stores (other and main)";

async fn a_join_is_refused_with_the_preload(stores: &Stores) {
    let repo = &stores.repo;
    let expected =
        format!("users and sessions {TWO}: preload instead of join: `User::query().preload(|u| u.sessions())`");
    assert_eq!(refusal(repo.all(User::query().join(|u| u.sessions())).await), expected);
    assert_eq!(refusal(repo.all(User::query().left_join(|u| u.sessions())).await), expected);
    assert_eq!(refusal(repo.all(User::query().join_preload(|u| u.sessions())).await), expected);
    assert_eq!(refusal(repo.count(User::query().join(|u| u.sessions())).await), expected);
    assert_eq!(refusal(repo.exists(User::query().join(|u| u.sessions())).await), expected);
    assert_eq!(refusal(repo.explain(User::query().join(|u| u.sessions())).await), expected);
    let mut stream = repo.stream(User::query().join(|u| u.sessions()));
    assert_eq!(refusal(stream.next().await.unwrap()), expected);
    let on = User::query().join_on::<Session>(|(u, s)| s.user_id.eq(u.id));
    assert_eq!(refusal(repo.all(on).await), expected);
    let query = User::query().join_query(Session::query(), |(u, s)| s.user_id.eq(u.id));
    assert_eq!(refusal(repo.all(query).await), expected);
    let back = Session::query().join(|s| s.user());
    let from_there =
        format!("sessions and users {BACK}: preload instead of join: `Session::query().preload(|s| s.user())`");
    assert_eq!(refusal(repo.all(back).await), from_there);
    // Along a path, the join is implied.
    assert_eq!(refusal(repo.all(Session::query().filter(|s| s.user().name.eq("ann"))).await), from_there);
    assert_eq!(refusal(repo.all(Session::query().order_by(|s| s.user().name)).await), from_there);
    assert_eq!(refusal(repo.all(Session::query().select(|s| s.user().name)).await), from_there);
}

async fn a_join_without_an_association_is_refused_with_the_keys(stores: &Stores) {
    let query = User::query().join_on::<Mark>(|(u, m)| m.post_id.eq(u.id));
    assert_eq!(
        refusal(stores.repo.all(query).await),
        format!(
            "users and marks {TWO}: preload instead of join, or read the one first and find the other by its keys, `.in_(keys)`"
        )
    );
}

async fn subqueries_are_refused_with_the_keys(stores: &Stores) {
    let repo = &stores.repo;
    let expected = format!(
        "users and sessions {TWO}: read the keys from sessions first, and find the rows of users by them, `.in_(keys)`"
    );
    let seen = || Session::query().filter(|s| s.seen.gt(1)).select(|s| s.user_id);
    assert_eq!(refusal(repo.all(User::query().filter(|u| u.id.in_query(seen()))).await), expected);
    assert_eq!(refusal(repo.all(User::query().filter(|u| u.sessions().exists())).await), expected);
    assert_eq!(refusal(repo.all(User::query().filter(|u| u.sessions().any(|s| s.seen.gt(1)))).await), expected);
    assert_eq!(refusal(repo.all(User::query().select(|u| u.sessions().count())).await), expected);
    assert_eq!(refusal(repo.all(User::query().order_by(|u| u.sessions().count())).await), expected);
    assert_eq!(refusal(repo.delete_all(User::query().filter(|u| u.sessions().exists())).await), expected);
    let update = repo.update_all(User::query().filter(|u| u.sessions().exists()), |u| u.name.set("x"));
    assert_eq!(refusal(update.await), expected);
    let joined = repo.update_all(User::query().join(|u| u.sessions()), |(u, _)| u.name.set("x"));
    assert_eq!(refusal(joined.await), expected);
    let derived = User::query().join(|u| u.sessions()).subquery();
    assert!(refusal(repo.all(derived).await).starts_with(&format!("users and sessions {TWO}")));
    // In the filter of a preload, it is the statement of the preload.
    let inside = User::query().preload(|u| u.posts().filter(|p| p.marks().exists()));
    stores.fill().await;
    assert_eq!(
        refusal(repo.all(inside).await),
        format!(
            "posts and marks {TWO}: read the keys from marks first, and find the rows of posts by them, `.in_(keys)`"
        )
    );
}

async fn an_insert_from_a_query_is_refused_with_the_rows(stores: &Stores) {
    let rows = User::rows_from(Session::query().select(|s| s.token), |u| u.name);
    assert_eq!(
        refusal(stores.repo.insert_all(rows).await),
        format!("users and sessions {TWO}: read the rows first, and give them to `repo.insert_all(rows)`")
    );
}

async fn a_way_through_the_other_store_is_refused_with_its_steps(stores: &Stores) {
    stores.fill().await;
    let repo = &stores.repo;
    let expected = format!(
        "User.marks leads through posts, and marks and posts {BACK}: preload step by step: \
         `.preload(|u| u.posts().preload(|p| p.marks()))`"
    );
    assert_eq!(refusal(repo.all(User::query().preload(|u| u.marks())).await), expected);
    assert_eq!(refusal(repo.all(User::query().preload(|u| u.marks().limit(1))).await), expected);
    assert_eq!(refusal(repo.all(User::query().select(|u| u.marks().collect())).await), expected);
    let loader = Loader::new(repo);
    assert_eq!(refusal(loader.load::<User, _>(|u| u.marks(), 1_i64).await), expected);
}

async fn a_join_table_in_the_other_store_is_refused_with_its_route(stores: &Stores) {
    stores.fill().await;
    assert_eq!(
        refusal(stores.repo.all(User::query().preload(|u| u.groups())).await),
        format!(
            "User.groups leads through memberships, and groups and memberships {BACK}: route it to the store of groups, too: \
             `repo.route::<Membership>(..)`"
        )
    );
    assert_eq!(
        refusal(stores.repo.all(User::query().preload(|u| u.topics())).await),
        format!(
            "User.topics leads through users_topics, and topics and users_topics {BACK}: describe users_topics with a struct, \
             name it in `join_schema = ..`, and route it to the store of topics"
        )
    );
}

async fn columns_of_the_parent_are_refused_in_the_filter_of_a_preload(stores: &Stores) {
    stores.fill().await;
    let query = User::query().preload(|u| u.sessions().filter(|s| s.token.eq(u.name)));
    let expected = format!(
        "the filter of User.sessions uses columns of users, and sessions and users {BACK}: filter the rows after the preload"
    );
    assert_eq!(refusal(stores.repo.all(query).await), expected);
    // Side by side they may be used.
    let inside = Session::query().preload(|s| s.devices().filter(|d| d.name.ne(s.token)));
    assert_eq!(stores.repo.all(inside).await.unwrap().len(), 4);
}

async fn nothing_is_sent_for_what_is_refused(stores: &Stores) {
    let run = stores.repo.capture(async |repo| {
        refusal(repo.all(User::query().join(|u| u.sessions())).await);
        refusal(repo.delete_all(User::query().filter(|u| u.sessions().exists())).await);
        Ok(())
    });
    assert_eq!(run.await.unwrap().1, []);
}

/// Several schemas of one other store are together.
async fn statements_within_the_other_store_join_as_ever(stores: &Stores) {
    stores.fill().await;
    let query = Session::query().join(|s| s.devices()).select(|(s, d)| (s.token, d.name)).order_by(|(_, d)| d.name);
    let rows = stores.repo.all(query).await.unwrap();
    assert_eq!(rows, [("a1".to_owned(), "laptop".to_owned()), ("a1".to_owned(), "phone".to_owned())]);
    assert_eq!(stores.repo.count(Session::query().filter(|s| s.devices().exists())).await.unwrap(), 1);
    let joined = Session::query().join_preload(|s| s.devices()).order_by(|s| s.id);
    assert_eq!(stores.repo.all(joined).await.unwrap()[0].devices.get().unwrap().len(), 2);
}

pairs! {
    a_join_is_refused_with_the_preload
    a_join_without_an_association_is_refused_with_the_keys
    subqueries_are_refused_with_the_keys
    an_insert_from_a_query_is_refused_with_the_rows
    a_way_through_the_other_store_is_refused_with_its_steps
    a_join_table_in_the_other_store_is_refused_with_its_route
    columns_of_the_parent_are_refused_in_the_filter_of_a_preload
    nothing_is_sent_for_what_is_refused
    statements_within_the_other_store_join_as_ever
}
