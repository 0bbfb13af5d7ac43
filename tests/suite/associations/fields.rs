//! The fields of associations: what is in hand, and how it is shown, compared and serialized.

use super::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Clone, Default, PartialEq, Schema, Serialize, Deserialize)]
struct Owner {
    id: i64,
    #[serde(default)]
    pets: HasMany<Pet>,
    #[serde(default, skip_serializing_if = "HasOne::is_unloaded")]
    home: HasOne<Home>,
    #[schema(join_table = "owners_clubs")]
    #[serde(default, skip_serializing_if = "ManyToMany::is_unloaded")]
    clubs: ManyToMany<Club>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema, Serialize, Deserialize)]
struct Pet {
    id: i64,
    owner_id: i64,
    vet_id: Option<i64>,
    #[serde(default, skip_serializing_if = "BelongsTo::is_unloaded")]
    owner: BelongsTo<Owner>,
    #[schema(foreign_key = vet_id)]
    #[serde(default)]
    vet: BelongsTo<Option<Owner>>,
    #[schema(foreign_key = pet_id)]
    #[serde(default, skip_serializing_if = "HasMany::is_unloaded")]
    toys: HasMany<Toy>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema, Serialize, Deserialize)]
struct Home {
    id: i64,
    owner_id: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Schema, Serialize, Deserialize)]
struct Club {
    id: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Schema, Serialize, Deserialize)]
struct Toy {
    id: i64,
    pet_id: i64,
}

fn pet(id: i64) -> Pet {
    Pet { id, ..Pet::default() }
}

fn message<T: std::fmt::Debug>(result: Result<T, peristyle::Error>) -> String {
    match result {
        Err(error @ peristyle::Error::NotLoaded(_)) => error.to_string(),
        other => panic!("expected Error::NotLoaded, found {other:?}"),
    }
}

#[test]
fn the_default_is_not_loaded() {
    let (owner, pet) = (Owner::default(), Pet::default());
    let loaded = [
        owner.pets.is_loaded(),
        owner.home.is_loaded(),
        owner.clubs.is_loaded(),
        pet.owner.is_loaded(),
        pet.vet.is_loaded(),
    ];
    let complete = [
        owner.pets.is_complete(),
        owner.home.is_complete(),
        owner.clubs.is_complete(),
        pet.owner.is_complete(),
        pet.vet.is_complete(),
    ];
    assert_eq!((loaded, complete), ([false; 5], [false; 5]));
    assert!(owner.pets.is_unloaded() && owner.home.is_unloaded() && owner.clubs.is_unloaded());
    assert!(pet.owner.is_unloaded() && pet.vet.is_unloaded());
}

#[test]
fn what_is_not_loaded_in_a_struct_of_the_program_says_what_to_do() {
    let (owner, pet) = (Owner::default(), Pet::default());
    insta::assert_snapshot!(message(owner.pets.get()), @"an association to Pet is not loaded, in a row that did not come from a store: set it, or preload it with `repo.preload(&mut row, ..)`");
    insta::assert_snapshot!(message(owner.home.get()), @"an association to Home is not loaded, in a row that did not come from a store: set it, or preload it with `repo.preload(&mut row, ..)`");
    insta::assert_snapshot!(message(owner.clubs.into_inner()), @"an association to Club is not loaded, in a row that did not come from a store: set it, or preload it with `repo.preload(&mut row, ..)`");
    insta::assert_snapshot!(message(pet.owner.get()), @"an association to Owner is not loaded, in a row that did not come from a store: set it, or preload it with `repo.preload(&mut row, ..)`");
    insta::assert_snapshot!(message(pet.vet.into_inner()), @"an association to Owner is not loaded, in a row that did not come from a store: set it, or preload it with `repo.preload(&mut row, ..)`");
}

#[test]
fn what_is_given_is_loaded_and_complete() {
    let pets = HasMany::from(vec![pet(1), pet(2)]);
    assert!(pets.is_loaded() && !pets.is_unloaded() && pets.is_complete());
    assert_eq!(pets.get().unwrap(), [pet(1), pet(2)]);
    assert_eq!(pets.into_inner().unwrap(), [pet(1), pet(2)]);
    let none = HasMany::<Pet>::from(vec![]);
    assert!(none.is_loaded() && none.is_complete() && none.get().unwrap().is_empty());
    let clubs = ManyToMany::from(vec![Club { id: 3 }]);
    assert!(clubs.is_complete());
    assert_eq!((clubs.get().unwrap().len(), clubs.into_inner().unwrap()), (1, vec![Club { id: 3 }]));
    let home = HasOne::from(Some(Home { id: 1, owner_id: 2 }));
    assert_eq!((home.is_complete(), home.get().unwrap().map(|home| home.id)), (true, Some(1)));
    assert_eq!(home.into_inner().unwrap(), Some(Home { id: 1, owner_id: 2 }));
    let homeless = HasOne::<Home>::from(None);
    assert_eq!(
        (homeless.is_complete(), homeless.get().unwrap(), homeless.clone().into_inner().unwrap()),
        (true, None, None)
    );
    let owner = BelongsTo::from(Owner { id: 7, ..Owner::default() });
    assert_eq!((owner.is_complete(), owner.get().unwrap().id, owner.into_inner().unwrap().id), (true, 7, 7));
    let vet = BelongsTo::<Option<Owner>>::from(None);
    assert_eq!((vet.is_complete(), vet.get().unwrap(), vet.clone().into_inner().unwrap()), (true, None, None));
}

#[test]
fn fields_are_equal_if_what_is_in_hand_is() {
    let pets = HasMany::from(vec![pet(1)]);
    assert_eq!(pets, pets.clone());
    assert_ne!(pets, HasMany::from(vec![pet(2)]));
    assert_ne!(pets, HasMany::default());
    assert_ne!(HasMany::<Pet>::from(vec![]), HasMany::default());
    assert_eq!(HasMany::<Pet>::default(), HasMany::default());
    assert_ne!(HasOne::<Home>::from(None), HasOne::default());
    assert_ne!(BelongsTo::<Option<Owner>>::from(None), BelongsTo::default());
    assert_eq!(ManyToMany::from(vec![Club { id: 3 }]), ManyToMany::from(vec![Club { id: 3 }]));
}

#[test]
fn debug_shows_what_is_in_hand() {
    let club = Club { id: 3 };
    assert_eq!(format!("{:?}", HasMany::<Pet>::default()), "NotLoaded");
    assert_eq!(format!("{:?}", ManyToMany::from(vec![club.clone()])), "[Club { id: 3 }]");
    assert_eq!(format!("{:?}", HasOne::from(Some(Home { id: 1, owner_id: 2 }))), "Some(Home { id: 1, owner_id: 2 })");
    assert_eq!(format!("{:?}", BelongsTo::<Option<Owner>>::from(None)), "None");
    let owner = Owner { id: 1, clubs: vec![club].into(), ..Owner::default() };
    assert_eq!(format!("{owner:?}"), "Owner { id: 1, pets: NotLoaded, home: NotLoaded, clubs: [Club { id: 3 }] }");
}

#[test]
fn what_is_not_loaded_serializes_as_null_or_is_left_out() {
    let owner = Owner { id: 1, ..Owner::default() };
    assert_eq!(serde_json::to_value(&owner).unwrap(), json!({ "id": 1, "pets": null }));
    let read: Owner = serde_json::from_value(json!({ "id": 1, "pets": null, "home": null })).unwrap();
    assert_eq!(read, owner);
    assert_eq!(serde_json::from_value::<Owner>(json!({ "id": 1 })).unwrap(), owner);
}

#[test]
fn what_is_loaded_serializes_as_itself() {
    let vet = Owner { id: 9, ..Owner::default() };
    let pet = Pet {
        id: 5,
        owner_id: 1,
        vet_id: Some(9),
        vet: BelongsTo::from(Some(vet)),
        toys: vec![Toy { id: 6, pet_id: 5 }].into(),
        ..Pet::default()
    };
    let owner =
        Owner { id: 1, pets: vec![pet].into(), home: Some(Home { id: 2, owner_id: 1 }).into(), clubs: vec![].into() };
    let value = json!({
        "id": 1,
        "pets": [{
            "id": 5, "owner_id": 1, "vet_id": 9, "vet": { "id": 9, "pets": null }, "toys": [{ "id": 6, "pet_id": 5 }]
        }],
        "home": { "id": 2, "owner_id": 1 },
        "clubs": [],
    });
    assert_eq!(serde_json::to_value(&owner).unwrap(), value);
    let read: Owner = serde_json::from_value(value).unwrap();
    assert_eq!(read, owner);
    assert!(read.pets.is_complete() && read.clubs.is_complete() && read.home.is_complete());
}

on_every_store! {
    async fn a_row_from_a_store_names_the_preload_to_add(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let owner = repo.insert(Owner::default()).await.unwrap();
        repo.insert(Pet { owner_id: owner.id, ..Pet::default() }).await.unwrap();
        let owner = repo.only(Owner::query()).await.unwrap();
        let pet = repo.only(Pet::query()).await.unwrap();
        assert!(!owner.pets.is_loaded());
        snapshot!(message(owner.pets.get()), @"Owner.pets is not loaded: add `.preload(|o| o.pets())` to the query, or call `repo.preload(&mut rows, |o| o.pets())`");
        snapshot!(message(owner.home.get()), @"Owner.home is not loaded: add `.preload(|o| o.home())` to the query, or call `repo.preload(&mut rows, |o| o.home())`");
        snapshot!(message(owner.clubs.get()), @"Owner.clubs is not loaded: add `.preload(|o| o.clubs())` to the query, or call `repo.preload(&mut rows, |o| o.clubs())`");
        snapshot!(message(pet.owner.get()), @"Pet.owner is not loaded: add `.preload(|p| p.owner())` to the query, or call `repo.preload(&mut rows, |p| p.owner())`");
        snapshot!(message(pet.vet.into_inner()), @"Pet.vet is not loaded: add `.preload(|p| p.vet())` to the query, or call `repo.preload(&mut rows, |p| p.vet())`");
        // What came from a store equals what the program made.
        assert_eq!(owner, Owner { id: owner.id, ..Owner::default() });
    }
}

on_sql_stores! {
    async fn a_part_is_loaded_but_not_complete(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let owner = repo.insert(Owner::default()).await.unwrap();
        let pet = repo.insert(Pet { owner_id: owner.id, ..Pet::default() }).await.unwrap();
        let all = repo.only(Owner::query().preload(|o| (o.pets(), o.home(), o.clubs()))).await.unwrap();
        assert!(all.pets.is_complete() && all.home.is_complete() && all.clubs.is_complete());
        assert_eq!((all.pets.get().unwrap(), all.home.get().unwrap()), (&[pet.clone()][..], None));
        for query in [
            Owner::query().preload(|o| o.pets().limit(5)),
            Owner::query().preload(|o| o.pets().filter(|p| p.vet_id.is_null())),
            Owner::query().preload(|o| o.pets().offset(0)),
        ] {
            let part = repo.only(query).await.unwrap();
            assert!(part.pets.is_loaded() && !part.pets.is_complete());
            assert_eq!(part.pets.get().unwrap(), std::slice::from_ref(&pet));
            assert_ne!(part.pets, all.pets);
            assert!(format!("{:?}", part.pets).starts_with("Partial([Pet {"), "{:?}", part.pets);
            assert_eq!(serde_json::to_value(&part.pets).unwrap(), serde_json::to_value(&all.pets).unwrap());
            assert_eq!(part.pets.into_inner().unwrap(), std::slice::from_ref(&pet));
        }
    }
}

on_every_store! {
    async fn a_key_that_points_at_no_row(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        repo.insert(Pet { owner_id: 404, vet_id: Some(404), ..Pet::default() }).await.unwrap();
        let pet = repo.only(Pet::query().preload(|p| (p.owner(), p.vet()))).await.unwrap();
        assert!(pet.owner.is_loaded() && pet.vet.is_loaded());
        assert_eq!(pet.vet.get().unwrap(), None);
        let error = pet.owner.get().unwrap_err();
        assert!(matches!(error, peristyle::Error::NotFound(_)), "{error:?}");
        snapshot!(error, @"no Owner found (the row that the key points at does not exist)");
        assert!(matches!(pet.owner.into_inner(), Err(peristyle::Error::NotFound(_))));
    }
}

const TABLES: &str = "
    create table owners ({id});
    create table pets ({id}, owner_id {i64} not null, vet_id {i64});
    create table homes ({id}, owner_id {i64} not null);
    create table clubs ({id});
    create table owners_clubs (owner_id {i64} not null, club_id {i64} not null);
    create table toys ({id}, pet_id {i64} not null);
";
