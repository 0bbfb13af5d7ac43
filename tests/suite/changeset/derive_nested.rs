//! Params inside of params: the rows of associations, and embedded structs.

use super::*;
use peristyle::Error;
use serde::Deserialize;

/// Schemas of another module, with private fields.
mod clubs {
    use peristyle::prelude::*;

    #[derive(Debug, Clone, Default, PartialEq, Schema)]
    pub struct Club {
        pub id: i64,
        name: String,
        #[schema(embed)]
        settings: Settings,
        #[schema(embed)]
        halls: Option<Vec<Hall>>,
        #[schema(on_replace = delete)]
        players: HasMany<Player>,
        #[schema(on_replace = update)]
        office: HasOne<Office>,
    }

    #[derive(Debug, Clone, Default, PartialEq, Schema)]
    pub struct Player {
        id: i64,
        #[schema(index)]
        name: String,
        number: Option<i32>,
        #[schema(index)]
        club_id: i64,
    }

    #[derive(Debug, Clone, Default, PartialEq, Schema)]
    pub struct Office {
        id: i64,
        street: String,
        floor: i32,
        #[schema(index)]
        club_id: i64,
        club: BelongsTo<Club>,
    }

    #[derive(Debug, Clone, Default, PartialEq, Embedded)]
    pub struct Settings {
        color: String,
        seats: i32,
        note: Option<String>,
    }

    #[derive(Debug, Clone, Default, PartialEq, Embedded)]
    pub struct Hall {
        id: i64,
        name: String,
    }

    impl Club {
        pub fn players(&self) -> Vec<(i64, &str, Option<i32>)> {
            let players = self.players.get().unwrap();
            players.iter().map(|player| (player.id, player.name.as_str(), player.number)).collect()
        }

        pub fn office(&self) -> Option<(&str, i32)> {
            self.office.get().unwrap().map(|office| (office.street.as_str(), office.floor))
        }

        pub fn settings(&self) -> (&str, i32) {
            (&self.settings.color, self.settings.seats)
        }

        pub fn halls(&self) -> Vec<(i64, &str)> {
            self.halls.iter().flatten().map(|hall| (hall.id, hall.name.as_str())).collect()
        }
    }

    pub async fn whole(repo: &Repo, id: i64) -> Club {
        let query =
            Club::query().filter(|c| c.id.eq(id)).preload(|c| (c.players().order_by(|p| p.id.asc()), c.office()));
        repo.one(query).await.unwrap().unwrap()
    }
}

use clubs::{Club, Hall, Office, Player, Settings, whole};

const CLUBS: &str = "
    create table clubs ({id}, name {text} not null, settings {json} not null, halls {json});
    create table players ({id}, name {text} not null, number {i32}, club_id {i64} not null references clubs (id));
    create table offices (
        {id}, street {text} not null, floor {i32} not null, club_id {i64} not null references clubs (id)
    );
    create unique index offices_club_id_index on offices (club_id);
";

#[derive(Debug, Deserialize, Changeset)]
#[serde(rename_all = "camelCase")]
#[changeset(schema = Club)]
struct ClubParams {
    name: String,
    #[changeset(embed)]
    settings: SettingsParams,
    #[serde(rename = "places")]
    #[changeset(embed)]
    halls: Option<Vec<HallParams>>,
    #[serde(rename = "team")]
    #[changeset(assoc)]
    players: Vec<PlayerParams>,
    #[changeset(assoc)]
    office: Option<OfficeParams>,
}

#[derive(Debug, Deserialize, Changeset)]
#[changeset(schema = Player)]
struct PlayerParams {
    #[changeset(key)]
    id: Option<i64>,
    #[validate(length(max = 10))]
    name: String,
    #[validate(number(1..=99))]
    number: Option<i32>,
}

#[derive(Debug, Deserialize, Changeset)]
#[changeset(schema = Office)]
struct OfficeParams {
    street: String,
    floor: i32,
}

#[derive(Debug, Deserialize, Changeset)]
#[changeset(schema = Settings)]
struct SettingsParams {
    #[validate(inclusion(["red", "blue"]))]
    color: String,
    #[validate(number(1..))]
    seats: i32,
}

#[derive(Debug, Deserialize, Changeset)]
#[changeset(schema = Hall)]
struct HallParams {
    #[changeset(key)]
    id: Option<i64>,
    name: String,
}

fn params() -> Json {
    json!({
        "name": "Lions",
        "settings": {"color": "red", "seats": "40"},
        "places": [{"id": 1, "name": "North"}, {"id": 2, "name": "South"}],
        "team": [{"name": "Ann", "number": "7"}, {"name": "Bob"}],
        "office": {"street": "Main", "floor": 2}
    })
}

#[test]
fn errors_of_nested_params_stand_under_their_names() {
    let mut wrong = params();
    wrong["settings"] = json!({"color": "green"});
    wrong["places"][1] = json!({"id": "x"});
    wrong["team"] = json!([{"name": "Ann"}, {"name": "Somebody else", "number": 100}, {}]);
    wrong["office"] = json!({"floor": 2});
    assert_eq!(
        messages(&ClubParams::cast(&wrong)),
        json!({
            "settings": {"color": ["is invalid"], "seats": ["can't be blank"]},
            "halls": [{}, {"id": ["is invalid"], "name": ["can't be blank"]}],
            "players": [
                {},
                {"name": ["should be at most 10 character(s)"], "number": ["must be less than or equal to 99"]},
                {"name": ["can't be blank"]}
            ],
            "office": {"street": ["can't be blank"]}
        })
    );
}

#[test]
fn nested_params_that_are_no_option_must_be_there_and_a_list_may_be_empty() {
    assert_eq!(
        messages(&ClubParams::cast(&json!({"name": "Lions"}))),
        json!({"settings": ["can't be blank"], "players": ["can't be blank"]})
    );
    let empty = json!({"name": "Lions", "settings": {"color": "red", "seats": 1}, "team": []});
    assert_eq!(messages(&ClubParams::cast(&empty)), json!({}));
    let invalid = json!({"name": "Lions", "settings": 7, "team": {"name": "Ann"}});
    assert_eq!(messages(&ClubParams::cast(&invalid)), json!({"settings": ["is invalid"], "players": ["is invalid"]}));
}

#[derive(Changeset)]
#[changeset(schema = Club)]
#[constraint(no_assoc(players, message = "still has players"))]
struct Staffed {
    #[validate(required(message = "needs players"))]
    #[changeset(assoc)]
    players: Option<Vec<PlayerParams>>,
    #[changeset(assoc)]
    office: OfficeParams,
}

#[test]
fn an_association_that_is_required_must_hold_a_row() {
    let changeset = Staffed::cast(&json!({"players": [], "office": null}));
    assert_eq!(messages(&changeset), json!({"players": ["needs players"], "office": ["can't be blank"]}));
    assert_eq!(changeset.required(), ["players", "office"]);
    let office = || OfficeParams { street: "Main".into(), floor: 2 };
    let typed = Staffed { players: None, office: office() }.changeset();
    assert_eq!(messages(&typed), json!({"players": ["needs players"]}));
    let player = PlayerParams { id: None, name: "Ann".into(), number: None };
    assert_eq!(messages(&Staffed { players: Some(vec![player]), office: office() }.changeset()), json!({}));
}

#[test]
fn what_an_embedded_struct_is_given_is_validated_also_where_it_equals_the_default() {
    let none = json!({"name": "Lions", "settings": {"color": "red", "seats": 0}, "team": []});
    let wrong = json!({"settings": {"seats": ["must be greater than or equal to 1"]}});
    assert_eq!(messages(&ClubParams::cast(&none)), wrong);
    let look = Some(SettingsParams { color: "red".into(), seats: 0 });
    assert_eq!(messages(&Moving { office: None, look }.changeset()), wrong);
}

#[derive(Changeset)]
#[changeset(schema = Club)]
struct Moving {
    #[changeset(assoc)]
    office: Option<Option<OfficeParams>>,
    #[changeset(embed, field = settings)]
    look: Option<SettingsParams>,
}

#[test]
fn structs_without_a_table_have_changesets_by_params() {
    let settings = SettingsParams::cast(&json!({"color": "blue", "seats": "3"})).apply().unwrap();
    let changed = SettingsParams::cast_on(settings.clone(), &json!({"seats": 4})).apply().unwrap();
    assert_eq!(format!("{changed:?}"), format!("{settings:?}").replace('3', "4"));
    let Err(Error::Invalid(invalid)) = SettingsParams::cast(&json!({"color": "green"})).apply() else {
        panic!("it is invalid")
    };
    assert_eq!(
        serde_json::to_value(invalid.errors()).unwrap(),
        json!({"color": ["is invalid"], "seats": ["can't be blank"]})
    );
}

on_every_store_but_clusters! {
    async fn nested_params_are_written_along(store: Store) {
        store.create(CLUBS).await;
        let club = store.repo.insert(ClubParams::cast(&params())).await.unwrap();
        let club = whole(&store.repo, club.id).await;
        assert_eq!(club.settings(), ("red", 40));
        assert_eq!(club.halls(), [(1, "North"), (2, "South")]);
        assert_eq!(club.office(), Some(("Main", 2)));
        let names: Vec<_> = club.players().iter().map(|(_, name, number)| ((*name).to_owned(), *number)).collect();
        assert_eq!(names, [("Ann".to_owned(), Some(7)), ("Bob".to_owned(), None)]);

        // What is there is changed, what is new is inserted, and what is left out goes.
        let ann = club.players()[0].0;
        let change = json!({
            "settings": {"seats": 50},
            "team": [{"id": ann, "number": 8}, {"name": "Cid"}],
            "places": [{"id": "2", "name": "West"}],
            "office": {"floor": 3}
        });
        let club = store.repo.update(ClubParams::cast_on(club, &change)).await.unwrap();
        let club = whole(&store.repo, club.id).await;
        assert_eq!(club.settings(), ("red", 50));
        assert_eq!(club.halls(), [(2, "West")]);
        assert_eq!(club.office(), Some(("Main", 3)));
        let players = club.players();
        assert_eq!((players[0], players.len(), players[1].1), ((ann, "Ann", Some(8)), 2, "Cid"));
    }

    async fn typed_params_write_the_same(store: Store) {
        store.create(CLUBS).await;
        let mut typed = params();
        typed["settings"]["seats"] = json!(40);
        typed["team"][0]["number"] = json!(7);
        let read = |params: &Json| serde_json::from_value::<ClubParams>(params.clone()).unwrap();
        let club = store.repo.insert(read(&typed).changeset()).await.unwrap();
        let club = whole(&store.repo, club.id).await;
        assert_eq!((club.settings(), club.office()), (("red", 40), Some(("Main", 2))));
        assert_eq!(club.halls(), [(1, "North"), (2, "South")]);
        let ann = club.players()[0].0;
        typed["team"] = json!([{"id": ann, "name": "Anna"}, {"name": "Cid"}]);
        typed["places"] = json!([{"id": 2, "name": "West"}]);
        typed["office"]["floor"] = json!(3);
        let club = store.repo.update(read(&typed).changeset_on(club)).await.unwrap();
        let club = whole(&store.repo, club.id).await;
        let players = club.players();
        // A number that is absent stays.
        assert_eq!((players[0], players.len(), players[1].1), ((ann, "Anna", Some(7)), 2, "Cid"));
        assert_eq!((club.halls(), club.office()), (vec![(2, "West")], Some(("Main", 3))));

        let look = Some(SettingsParams { color: "blue".into(), seats: 1 });
        let club = store.repo.update(Moving { office: None, look }.changeset_on(club)).await.unwrap();
        let club = whole(&store.repo, club.id).await;
        assert_eq!((club.settings(), club.office()), (("blue", 1), Some(("Main", 3))));
        let look = Some(SettingsParams { color: "green".into(), seats: 1 });
        let error = store.repo.update(Moving { office: None, look }.changeset_on(club)).await.unwrap_err();
        assert_eq!(
            serde_json::to_value(error.invalid().unwrap().errors()).unwrap(),
            json!({"settings": {"color": ["is invalid"]}})
        );
    }
}

on_postgres! {
    // SQLite does not say which foreign key holds the row.
    async fn a_declared_constraint_of_an_association_says_why_a_row_stays(store: Store) {
        store.create(CLUBS).await;
        let club = store.repo.insert(ClubParams::cast(&params())).await.unwrap();
        let office = json!({"office": {"street": "Main", "floor": 1}});
        let club = whole(&store.repo, club.id).await;
        let error = store.repo.delete(Staffed::cast_on(club, &office)).await.unwrap_err();
        assert_eq!(
            serde_json::to_value(error.invalid().unwrap().errors()).unwrap(),
            json!({"players": ["still has players"]})
        );
    }
}
