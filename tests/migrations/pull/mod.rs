//! Structs pulled from a database compile, and describe it.

use crate::dump::{chinook, without_rows};
use crate::introspect::read;
use peristyle::prelude::*;
use peristyle_migrate::catalog::{Catalog, ObjectName, compare};
use peristyle_migrate::{diff, models, pull};
use peristyle_tests::{Kind, Store, on_postgres, on_sqlite};

/// What `pull` writes for `shop.postgres.sql`.
#[allow(dead_code, unused_imports)]
mod pulled_postgres;
/// What `pull` writes for `shop.sqlite.sql`.
#[allow(dead_code, unused_imports)]
mod pulled_sqlite;

/// Compares with a file of this folder, which is compiled with the tests. `UPDATE_PULLED=1` writes it.
#[track_caller]
fn assert_is_the_file(source: &str, file: &str, compiled: &str) {
    if std::env::var_os("UPDATE_PULLED").is_some() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/pull").join(file);
        std::fs::write(path, source).unwrap();
    } else {
        assert_eq!(source, compiled);
    }
}

/// What structs in a file of this source say.
fn models_of(source: &str) -> models::Models {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("schema.rs"), source).unwrap();
    models::read(&["schema.rs".to_owned()], folder.path()).unwrap_or_else(|errors| panic!("{errors:?}\n{source}"))
}

/// Pulls the store, and checks that the structs say every table of it, and nothing else.
async fn pull_all(store: &Store) -> pull::Pulled {
    let catalog = read(store).await;
    let pulled = pull::pull(&catalog, store.dialect);
    let models = models_of(&pulled.source);
    let names = |names: Vec<&ObjectName>| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
    let tables = names(catalog.tables.iter().map(|table| &table.name).collect());
    assert_eq!(names(models.tables.iter().map(|table| &table.name).collect()), tables, "{}", pulled.source);
    let differences = models::differences(&models, &catalog, store.dialect);
    let sentences: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert_eq!(sentences, Vec::<String>::new(), "{}", pulled.source);
    pulled
}

/// Makes what the structs describe in a new store, from nothing, and says how that differs from what they were pulled from.
async fn made_again(store: &Store) -> Vec<String> {
    let pulled = pull_all(store).await;
    let described = models::catalog(&models_of(&pulled.source), store.dialect);
    let diff = diff::diff(&Catalog::default(), &described, store.dialect, &diff::Options::default()).unwrap();
    let steps = diff.parts.iter().flat_map(|part| &part.up).flat_map(|step| &step.statements);
    let script: String = steps.map(|sql| format!("{sql};\n")).collect();
    let copy = Store::new(store.pick(Kind::Sqlite, Kind::Postgres)).await;
    copy.repo.script(script.as_str()).await.unwrap_or_else(|error| panic!("{error}\n{script}"));
    compare(&read(store).await, &read(&copy).await).iter().map(ToString::to_string).collect()
}

on_postgres! {
    async fn pulled_structs_of_postgres_are_those_that_compile(store: Store) {
        store.repo.script(include_str!("shop.postgres.sql")).await.unwrap();
        let pulled = pull_all(&store).await;
        assert_is_the_file(&pulled.source, "pulled_postgres.rs", include_str!("pulled_postgres.rs"));
        assert_eq!(pulled.notes, [
            r#"a struct can't describe the index "albums_lower" of the table "albums""#,
            "the column \"people\".\"address\" is a inet, which Rust has no type for: its field is a String until you give \
             it a #[derive(DbType)] of your own",
            r#"a field can't say what computes the column "shout" of the table "people""#,
            r#"a field can't say the numbering of the column "number" of the table "people""#,
        ]);
    }

    async fn structs_make_the_database_that_they_were_pulled_from(store: Store) {
        store.repo.script(include_str!("shop.postgres.sql")).await.unwrap();
        // What structs cannot say, or say in one way of several.
        assert_eq!(made_again(&store).await, [
            r#"column "albums"."id": identity is {}, expected none"#,
            r#"column "albums"."id": type is bigint, expected bigserial"#,
            r#"unique constraint "albums_artist_id_title_key" of "albums" is missing"#,
            r#"index "albums_artist_id_title_key" of "albums" is there, and not expected"#,
            r#"index "albums_lower" of "albums" is missing"#,
            r#"unique constraint "genres_name_key" of "genres" is missing"#,
            r#"index "genres_name_key" of "genres" is there, and not expected"#,
            r#"table "listeners": primary key is {"columns":["genre_id","person_id"]}, expected {"columns":["person_id","genre_id"]}"#,
            "table \"people\": comment is none, expected Who buys.\n\nAnd who sells.",
            r#"column "people"."email": comment is none, expected Where they are written to"#,
            r#"column "people"."id": default is none, expected gen_random_uuid()"#,
            r#"column "people"."inserted_at": default is none, expected now()"#,
            r#"column "people"."number": identity is none, expected {"always":true}"#,
            r#"column "people"."shout": generated is none, expected {"expression":"upper(type)","stored":true}"#,
            r#"column "posts"."id": identity is {}, expected none"#,
            r#"column "posts"."id": type is bigint, expected bigserial"#,
            r#"column "profiles"."id": identity is {}, expected none"#,
            r#"column "profiles"."id": type is bigint, expected bigserial"#,
            r#"unique constraint "profiles_person_id_key" of "profiles" is missing"#,
            r#"index "profiles_person_id_key" of "profiles" is there, and not expected"#,
            r#"column "shipments"."id": identity is {}, expected none"#,
            r#"column "shipments"."id": type is integer, expected serial"#,
        ]);
    }

    async fn pulled_structs_read_and_write_the_rows(store: Store) {
        use pulled_postgres::{Album, Artist, Genre, Role};
        store.repo.script(include_str!("shop.postgres.sql")).await.unwrap();
        store.repo.script("
            insert into artist values (1, 'Ann');
            insert into albums (title, artist_id) values ('First', 1), ('Second', 1);
            insert into genres values (1, 'Rock');
            insert into albums_genres select id, 1 from albums where title = 'First';
            insert into people (email, updated_at) values ('a@b.c', now());
        ").await.unwrap();
        let artists = store.repo.all(Artist::query().preload(|a| a.albums().preload(|a| a.genres()))).await.unwrap();
        let albums: &[Album] = artists[0].albums.get().unwrap();
        assert_eq!((albums.len(), albums[0].price.to_string()), (2, "9.90".to_owned()));
        let first = albums.iter().find(|album| album.title == "First").unwrap();
        assert_eq!(first.genres.get().unwrap()[0].name, "Rock");
        let albums = store.repo.all(Genre::query().preload(|g| g.albums())).await.unwrap();
        assert_eq!(albums[0].albums.get().unwrap().len(), 1);
        let roles = "select role, roles from people";
        let roles = store.repo.sql::<(Role, Vec<Role>)>(roles).await.unwrap();
        assert_eq!(roles, [(Role::ItSComplicated, vec![Role::Member, Role::Value2nd])]);
    }

    async fn chinook_of_postgres_is_pulled(store: Store) {
        if let Some(sql) = chinook("postgres.sql") {
            store.repo.script(without_rows(&sql)).await.unwrap();
            let pulled = pull_all(&store).await;
            assert_eq!(pulled.notes, Vec::<String>::new());
            assert!(pulled.source.contains("ManyToMany<Track>"), "{}", pulled.source);
            assert_eq!(made_again(&store).await, Vec::<String>::new());
        }
    }
}

on_sqlite! {
    async fn pulled_structs_of_sqlite_are_those_that_compile(store: Store) {
        store.repo.script(include_str!("shop.sqlite.sql")).await.unwrap();
        let pulled = pull_all(&store).await;
        assert_is_the_file(&pulled.source, "pulled_sqlite.rs", include_str!("pulled_sqlite.rs"));
    }

    async fn chinook_of_sqlite_is_pulled(store: Store) {
        if let Some(sql) = chinook("sqlite.sql") {
            store.repo.script(without_rows(&sql)).await.unwrap();
            let pulled = pull_all(&store).await;
            assert_eq!(pulled.notes, Vec::<String>::new());
            assert!(pulled.source.contains("rename_all = \"PascalCase\""), "{}", pulled.source);
            // Structs do not name keys, and their keys are never given twice.
            let mut rest = made_again(&store).await;
            rest.retain(|each| !each.contains("\"name\":\"PK_") && !each.ends_with("identity is {}, expected none"));
            assert_eq!(rest, Vec::<String>::new());
        }
    }
}
