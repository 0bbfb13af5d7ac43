//! Associations that lead over other tables: a store without joins says how to take the steps one by one.

use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::{Store, on_redis};

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "members")]
struct Member {
    id: i64,
    name: String,
    memberships: HasMany<Membership>,
    #[schema(join_schema = Membership)]
    teams: ManyToMany<Team>,
    #[schema(through = [memberships, team])]
    by_way_of: HasMany<Team>,
    #[schema(join_table = "member_clubs")]
    clubs: ManyToMany<Club>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "memberships")]
struct Membership {
    #[schema(primary_key)]
    member_id: i64,
    #[schema(primary_key)]
    team_id: i64,
    team: BelongsTo<Team>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "teams")]
struct Team {
    id: i64,
    name: String,
    #[schema(join_schema = Membership)]
    members: ManyToMany<Member>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "clubs")]
struct Club {
    id: i64,
    name: String,
}

fn refusal<T>(result: Result<T, Error>) -> String {
    match result {
        Err(error @ Error::Unsupported(_)) => error.to_string().split("\n  ").next().unwrap_or_default().to_owned(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it is not refused"),
    }
}

async fn filled(store: &Store) {
    let teams = vec![Team { name: "red".into(), ..Team::default() }];
    let member = Changeset::build(Member { name: "ann".into(), ..Member::default() }).put_assoc(|m| m.teams(), teams);
    store.repo.insert(member).await.unwrap();
}

on_redis! {
    async fn rows_over_a_join_table_are_preloaded_step_by_step(store: Store) {
        filled(&store).await;
        let steps = "preload step by step: `.preload(|m| m.memberships().preload(|m| m.team()))`";
        assert_eq!(
            refusal(store.repo.all(Member::query().preload(|m| m.teams())).await),
            format!("redis has no joins, and Member.teams leads through memberships: {steps}")
        );
        assert_eq!(
            refusal(store.repo.all(Member::query().preload(|m| m.by_way_of())).await),
            format!("redis has no joins, and Member.by_way_of leads through memberships: {steps}")
        );
        let query = Member::query().preload(|m| m.memberships().preload(|m| m.team()));
        let members = store.repo.all(query).await.unwrap();
        assert_eq!(members[0].memberships.get().unwrap()[0].team.get().unwrap().name, "red");
    }

    async fn a_refused_association_names_what_the_steps_need(store: Store) {
        filled(&store).await;
        assert_eq!(
            refusal(store.repo.all(Team::query().preload(|t| t.members())).await),
            "redis has no joins, and Team.members leads through memberships: give Team a `HasMany<Membership>` and that a \
             `BelongsTo<Member>`, and preload step by step"
        );
        assert_eq!(
            refusal(store.repo.all(Member::query().preload(|m| m.clubs())).await),
            "redis has no joins, and Member.clubs leads through member_clubs: describe member_clubs with a struct whose two keys \
             are #[schema(primary_key)], name it in `join_schema = ..`, give Member a `HasMany<..>` and that a `BelongsTo<Club>`, \
             and preload step by step"
        );
        let clubs = vec![Club { name: "chess".into(), ..Club::default() }];
        let member = Changeset::build(Member { name: "bob".into(), ..Member::default() }).put_assoc(|m| m.clubs(), clubs);
        assert_eq!(
            refusal(store.repo.insert(member).await),
            "redis has no rows without a primary key, as those of member_clubs: describe it with a struct that has one, and name \
             that in `join_schema = ..`"
        );
        assert_eq!(store.repo.count(Member::query()).await.unwrap(), 1, "nothing of it is kept");
    }

    async fn columns_of_the_parent_cannot_filter_a_preload(store: Store) {
        filled(&store).await;
        let query = Member::query().preload(|m| m.memberships().filter(|s| s.team_id.eq(m.id)));
        assert_eq!(
            refusal(store.repo.all(query).await),
            "redis has no joins, and the filter of Member.memberships uses columns of members: filter the rows after the preload"
        );
    }

    async fn a_refused_path_says_how_to_filter(store: Store) {
        filled(&store).await;
        assert_eq!(
            refusal(store.repo.all(Membership::query().filter(|m| m.team().name.eq("red"))).await),
            "redis has no joins, as of memberships with teams: write .preload(|x| x.team()) instead of the join; to filter by \
             columns of teams, .in_query(..) over its keys"
        );
    }
}
