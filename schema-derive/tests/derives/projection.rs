//! `#[derive(Projection)]`.

use super::schema::User;
use peristyle::prelude::*;
use peristyle::query::FromRow;

#[derive(Debug, PartialEq, Projection)]
pub struct Stats {
    /// The name.
    pub name: Option<String>,
    pub(crate) users: i64,
    r#type: i16,
}

#[derive(Debug, Projection)]
struct Team {
    stats: Stats,
    first: Option<i64>,
}

#[derive(Debug, Projection)]
struct Nested {
    stats: Stats,
    user: User,
    // No row by position gives it: the projection can still be selected into.
    loaded: Vec<User>,
}

fn is_from_row<T: FromRow>() -> &'static str {
    std::any::type_name::<T>()
}

#[test]
fn a_select_of_the_same_fields_gives_the_struct() {
    let query: Query<User, Stats> =
        User::query().select(|u| StatsSelect { name: u.handle.max(), users: u.id.count(), r#type: u.r#type });
    assert_eq!(
        query.to_sql(Dialect::Postgres).unwrap().to_string(),
        r#"SELECT MAX("u0"."handle") AS "name", COUNT("u0"."id") AS "users", "u0"."type"
FROM "auth"."users" AS "u0""#
    );
}

#[test]
fn a_projection_nests_in_another() {
    let query: Query<User, Team> = User::query().select(|u| TeamSelect {
        stats: StatsSelect { name: u.name, users: u.id.count(), r#type: u.r#type },
        first: u.id.min(),
    });
    assert!(query.to_sql(Dialect::Sqlite).unwrap().to_string().contains("MIN(\"u0\".\"id\") AS \"first\""));
}

#[test]
fn a_projection_is_read_from_raw_sql() {
    assert!(is_from_row::<Stats>().ends_with("Stats"));
    let team = Team { stats: Stats { name: None, users: 1, r#type: 2 }, first: Some(3) };
    assert_eq!((is_from_row::<Team>().ends_with("Team"), team.stats.users, team.first), (true, 1, Some(3)));
}

#[test]
fn a_projection_may_hold_what_no_row_gives() {
    let nested = Nested { stats: Stats { name: None, users: 1, r#type: 2 }, user: User::default(), loaded: Vec::new() };
    assert_eq!((nested.stats.users, nested.user.id, nested.loaded.len()), (1, 0, 0));
}
