//! Structs pulled from a database compile, and describe it.

use crate::dump::{chinook, without_rows};
use crate::introspect::read;
use peristyle::prelude::*;
use peristyle_migrate::{models, pull};
use peristyle_tests::{Store, on_postgres, on_sqlite};

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

/// The tables that the reader of sources finds in what was pulled.
fn tables_of(source: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("schema.rs"), source).unwrap();
    let models =
        models::read(&["schema.rs".to_owned()], folder.path()).unwrap_or_else(|errors| panic!("{errors:?}\n{source}"));
    models.tables.iter().map(|table| table.name.to_string()).collect()
}

/// Pulls the store, and checks that the source says every table of it.
async fn pull_all(store: &Store) -> pull::Pulled {
    let catalog = read(store).await;
    let pulled = pull::pull(&catalog, store.dialect);
    let tables: Vec<String> = catalog.tables.iter().map(|table| table.name.to_string()).collect();
    assert_eq!(tables_of(&pulled.source), tables, "{}", pulled.source);
    pulled
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
        }
    }
}
