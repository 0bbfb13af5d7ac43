//! A database that was not made for Peristyle: the eleven tables of Chinook, a music shop, and questions about them.
//!
//! `CHINOOK` names the folder of the data, which has `sqlite.sql` and `postgres.sql`. Each question is asked with a
//! typed query and with SQL written by hand; the answers have to be the same, row for row. Structs that are pulled from it make
//! it again.

#[macro_use]
#[path = "chinook/schemas.rs"]
mod schemas;
#[macro_use]
#[path = "chinook/questions.rs"]
mod questions;
#[path = "chinook/answers.rs"]
mod answers;
#[path = "chinook/association_answers.rs"]
mod association_answers;
#[macro_use]
#[path = "chinook/associations.rs"]
mod associations;
#[path = "chinook/round_trip.rs"]
mod round_trip;

use peristyle::prelude::*;
use peristyle_tests::{Store, on_postgres, on_sqlite};
use std::io::Write;
use std::path::PathBuf;

/// On Postgres the names are those of the fields.
mod snake_case {
    schemas!(
        "snake_case",
        "reports_to",
        "album",
        "artist",
        "customer",
        "employee",
        "genre",
        "invoice",
        "invoice_line",
        "media_type",
        "playlist",
        "playlist_track",
        "track",
        playlist_id,
        track_id
    );
    questions!("to_char({}, 'YYYY')", crate::answers::POSTGRES);
    associations!(crate::association_answers::POSTGRES);
}

mod pascal_case {
    schemas!(
        "PascalCase",
        "ReportsTo",
        "Album",
        "Artist",
        "Customer",
        "Employee",
        "Genre",
        "Invoice",
        "InvoiceLine",
        "MediaType",
        "Playlist",
        "PlaylistTrack",
        "Track",
        PlaylistId,
        TrackId
    );
    questions!("strftime('%Y', {})", crate::answers::SQLITE);
    associations!(crate::association_answers::SQLITE);
}

on_sqlite! {
    async fn chinook_on_sqlite(store: Store) {
        let Some(script) = script("sqlite.sql") else { return };
        store.repo.script(script).await.unwrap();
        pascal_case::every_table_is_read_whole(&store.repo).await;
        pascal_case::every_question_has_the_answer_of_the_sql(&store.repo).await;
        pascal_case::every_association_has_the_rows_of_the_sql(&store.repo).await;
    }

    async fn structs_make_chinook_again_on_sqlite(store: Store) {
        let Some(script) = script("sqlite.sql") else { return };
        store.repo.script(&script).await.unwrap();
        let (copy, differences) = round_trip::made_again(&store, &script).await;
        // Structs do not name keys, and a number that was a key once is not given again.
        let normal = ["Album", "Artist", "Customer", "Employee", "Genre", "Invoice", "InvoiceLine", "MediaType", "Playlist", "Track"]
            .map(|table| [
                format!(r#"table "{table}": primary key is {{"columns":["{table}Id"]}}, expected {{"columns":["{table}Id"],"name":"PK_{table}"}}"#),
                format!(r#"column "{table}"."{table}Id": identity is {{}}, expected none"#),
            ]);
        let between = r#"table "PlaylistTrack": primary key is {"columns":["PlaylistId","TrackId"]}, expected {"columns":["PlaylistId","TrackId"],"name":"PK_PlaylistTrack"}"#;
        let mut normal: Vec<String> = normal.into_iter().flatten().chain([between.to_owned()]).collect();
        let mut differences = differences;
        normal.sort();
        differences.sort();
        assert_eq!(differences, normal);
        pascal_case::every_table_is_read_whole(&copy.repo).await;
        pascal_case::every_question_has_the_answer_of_the_sql(&copy.repo).await;
        pascal_case::every_association_has_the_rows_of_the_sql(&copy.repo).await;
    }
}

on_postgres! {
    async fn chinook_on_postgres(store: Store) {
        let Some(script) = script("postgres.sql") else { return };
        store.repo.script(without_database(&script)).await.unwrap();
        snake_case::every_table_is_read_whole(&store.repo).await;
        snake_case::every_question_has_the_answer_of_the_sql(&store.repo).await;
        snake_case::every_association_has_the_rows_of_the_sql(&store.repo).await;
    }

    async fn structs_make_chinook_again_on_postgres(store: Store) {
        let Some(script) = script("postgres.sql") else { return };
        let script = without_database(&script);
        store.repo.script(&script).await.unwrap();
        let (copy, differences) = round_trip::made_again(&store, &script).await;
        assert_eq!(differences, Vec::<String>::new());
        assert_eq!(round_trip::dumped(&copy).await, round_trip::dumped(&store).await);
        snake_case::every_table_is_read_whole(&copy.repo).await;
        snake_case::every_question_has_the_answer_of_the_sql(&copy.repo).await;
        snake_case::every_association_has_the_rows_of_the_sql(&copy.repo).await;
    }
}

/// A script of the folder that `CHINOOK` names, if it names one.
fn script(name: &str) -> Option<String> {
    let Some(folder) = std::env::var_os("CHINOOK").filter(|folder| !folder.is_empty()) else {
        // Written past the test harness, which shows nothing of a test that passes.
        let _ = writeln!(std::io::stderr(), "chinook: did not run, since CHINOOK does not name the folder of its data");
        return None;
    };
    let path = PathBuf::from(folder).join(name);
    match std::fs::read_to_string(&path) {
        Ok(script) => Some(script.trim_start_matches('\u{feff}').to_owned()),
        Err(error) => panic!("CHINOOK: {}: {error}", path.display()),
    }
}

/// The script without psql's commands and without making a database: the test has one.
fn without_database(script: &str) -> String {
    let kept = |line: &&str| {
        !line.starts_with('\\') && !line.starts_with("DROP DATABASE") && !line.starts_with("CREATE DATABASE")
    };
    script.lines().filter(kept).collect::<Vec<_>>().join("\n")
}

#[test]
fn commands_of_psql_and_databases_are_cut_off() {
    let script =
        "/* x */\nDROP DATABASE IF EXISTS chinook;\nCREATE DATABASE chinook;\n\\c chinook;\nCREATE TABLE a (b INT);\n";
    assert_eq!(without_database(script), "/* x */\nCREATE TABLE a (b INT);");
}

/// Fails with the question if the typed answer is not the one of the SQL.
#[track_caller]
fn compare<T: PartialEq + std::fmt::Debug>(
    question: &str,
    typed: Result<Vec<T>, peristyle::Error>,
    sql: Result<Vec<T>, peristyle::Error>,
) {
    match (typed, sql) {
        (Ok(typed), Ok(sql)) => {
            assert!(!sql.is_empty(), "{question}: the SQL gives no rows, which proves nothing");
            assert_eq!(typed, sql, "{question}");
        }
        (typed, sql) => panic!("{question}: {:?} {:?}", typed.err(), sql.err()),
    }
}

/// Reads every row of a table, and one of them again by its key; `count` counts them.
async fn read_whole<S: Keyed + Clone + PartialEq + std::fmt::Debug>(repo: &Repo, count: &'static str) {
    let rows = repo.all(S::query()).await.unwrap();
    let expected = repo.sql::<i64>(count).one().await.unwrap().unwrap_or_default();
    assert!(expected > 0 && rows.len() as i64 == expected, "{}: {} rows of {expected}", S::NAME, rows.len());
    for row in [&rows[0], &rows[rows.len() - 1]] {
        assert_eq!(repo.reload(row).await.unwrap().as_ref(), Some(row));
    }
    assert_eq!(repo.count(S::query()).await.unwrap(), expected.unsigned_abs());
}
