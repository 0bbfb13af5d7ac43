//! What compares and finds: `lint`, `verify`, `check`, `db check`, dumps, `schema pull` and `schema erd`.

use crate::diff::with_structs;
use crate::support::Project;
use insta::{allow_duplicates, assert_snapshot};

#[test]
fn verify_finds_a_way_back_that_does_not_lead_back() {
    for project in [Project::sqlite(), Project::postgres()] {
        project.run("db create");
        project.write(
            "migrations/20260101000000_create_users.sql",
            "-- migrate:up\nCREATE TABLE users (id integer PRIMARY KEY);\nCREATE TABLE left_over (id integer PRIMARY KEY);\n\n\
             -- migrate:down\nDROP TABLE users;\n",
        );
        let shown = project.run("migrate verify");
        assert!(shown.contains("create_users, taken back: table \"left_over\" is there"), "{shown}");
        assert!(shown.contains("create_users, up again: ") && shown.ends_with("exit 1\n"), "{shown}");
    }
    let project = Project::sqlite();
    project.write("migrations/20260101000000_one_way.sql", "-- migrate:up\nCREATE TABLE t (id integer);\n");
    assert_snapshot!(project.run("migrate verify"), @r"
    $ peristyle migrate verify
    differs  migration 20260101000000 one_way has no way back: write a section `-- migrate:down` in migrations/20260101000000_one_way.sql; what is before it was not taken back
    exit 1
    ");
}

const SCRATCH: &str =
    "db query --csv 'select datname from pg_database where datname like current_database() || $$\\_scratch%$$'";

#[test]
fn a_scratch_database_is_dropped_after_a_failure_and_after_an_interruption() {
    let project = Project::postgres();
    project.run("db create");
    let slow = "-- migrate:up\nSELECT pg_sleep(60);\n-- migrate:down\nSELECT 1;\n";
    project.write("migrations/20260101000000_slow.sql", slow);
    for signal in ["INT", "TERM"] {
        let verify = project.command(env!("CARGO_BIN_EXE_peristyle"), &["migrate", "verify"], "").spawn().unwrap();
        let begun = std::time::Instant::now();
        while !project.run(SCRATCH).contains("app_scratch_") {
            assert!(begun.elapsed().as_secs() < 60, "no scratch database is made");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let kill = std::process::Command::new("kill").args(["-s", signal, &verify.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let output = verify.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{signal}");
        assert!(!project.run(SCRATCH).contains("app_scratch_"), "{signal}");
    }
    project.write("migrations/20260101000000_slow.sql", "-- migrate:up\nSELECT nonsense;\n");
    assert!(project.run("migrate verify").ends_with("exit 6\n"));
    assert!(!project.run(SCRATCH).contains("app_scratch_"));
}

#[test]
fn lint_shows_the_statement_the_reason_and_the_recipe() {
    let project = Project::postgres();
    project.write(
        "migrations/20260101000000_index_users.sql",
        "-- migrate:lock-timeout 5s\n-- migrate:up\nCREATE INDEX users_email ON users (email);\n\n-- migrate:down\nDROP INDEX users_email;\n",
    );
    assert_snapshot!(project.run("migrate lint"), @r"
    $ peristyle migrate lint
    error[index-without-concurrently]: the index `users_email` is built while writes to `users` wait
     --> migrations/20260101000000_index_users.sql:3:1
      |
    3 | CREATE INDEX users_email ON users (email)
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = note: CREATE INDEX holds off every write to the table until the index is built, which takes minutes on a large one.
      = lock: SHARE: reads go on; every write waits
      = help: Write CREATE INDEX CONCURRENTLY in a migration of its own with `no-transaction`. On a partitioned table, create it ON ONLY that, CONCURRENTLY on each partition, and ATTACH those.
      = --fix: write CONCURRENTLY, without a transaction
      = docs: docs/migrate-lint.md#index-without-concurrently

    1 migration: 1 error, 0 warnings
    ! no database is at hand: all migrations are looked at
    exit 1
    ");
    assert!(project.run("migrate lint --json").contains("\"rule\": \"index-without-concurrently\""));
    assert_snapshot!(project.run("migrate lint --fix"), @r"
    $ peristyle migrate lint --fix
    fixed  migrations/20260101000000_index_users.sql  index-without-concurrently
    1 migration, no findings
    ! no database is at hand: all migrations are looked at
    ");
    assert_snapshot!(project.run("migrate lint index_users"), @r"
    $ peristyle migrate lint index_users
    ! error: there is no migration index_users
    !  |
    !  = help: give a version, or a file of the folder
    exit 2
    ");
    assert_snapshot!(project.run("migrate lint --explain index-without-concurrent"), @r"
    $ peristyle migrate lint --explain index-without-concurrent
    ! error: there is no rule `index-without-concurrent`
    !  |
    !  = help: did you mean index-without-concurrently?
    !  = help: `peristyle migrate lint --explain` lists the rules
    exit 2
    ");
    assert!(project.run("migrate lint --explain index-without-concurrently").contains("CONCURRENTLY"));
    assert!(project.run("migrate lint --explain").contains("index-without-concurrently"));
}

#[test]
fn the_levels_of_rules_stand_in_the_configuration() {
    let project = Project::sqlite();
    project.write(
        "peristyle.toml",
        "[repo.default]\nurl = \"sqlite:app.db\"\n\n[lint]\nindex-without-concurently = \"off\"\n",
    );
    assert_snapshot!(project.run("migrate lint"), @r#"
    $ peristyle migrate lint
    ! error: there is no rule `index-without-concurently`
    !  --> peristyle.toml:5:29
    !   |
    ! 5 | index-without-concurently = "off"
    !   |                             ^^^^^ did you mean index-without-concurrently?
    !   |
    !   = help: `peristyle migrate lint --explain` lists the rules
    exit 3
    "#);
}

#[test]
fn a_dump_is_loaded_into_an_empty_database() {
    for mut project in [Project::sqlite(), Project::postgres()] {
        project.run("db create");
        project.write(
            "migrations/20260101000000_create_users.sql",
            "-- migrate:up\nCREATE TABLE users (id integer PRIMARY KEY, email text NOT NULL);\n",
        );
        project.run("migrate up");
        allow_duplicates! {
            assert_snapshot!(project.run("db dump"), @r"
            $ peristyle db dump
            wrote structure.sql
            ");
            assert_snapshot!(project.run("db dump"), @r"
            $ peristyle db dump
            same  structure.sql
            ");
            assert_snapshot!(project.run("db dump --check"), @r"
            $ peristyle db dump --check
            same  structure.sql
            ");
        }
        let copy = match project.read("peristyle.toml").contains("sqlite") {
            true => "sqlite:copy.db".to_owned(),
            false => project.new_postgres_url("copy"),
        };
        project.run(&format!("db create --database-url {copy}"));
        let loaded = project.run(&format!("db load --database-url {copy}"));
        assert!(loaded.ends_with("loaded structure.sql\n"), "{loaded}");
        assert!(project.run(&format!("migrate status --exit-code --database-url {copy}")).contains("create_users"));
        let again = project.run(&format!("db load --database-url {copy}"));
        assert!(again.contains("the database is not empty") && again.ends_with("exit 8\n"), "{again}");
        let checked = project.run(&format!("db dump --check --database-url {copy}"));
        assert!(checked.contains("same  structure.sql"), "{checked}");
    }
    let project = Project::sqlite();
    project.run("db create");
    assert_snapshot!(project.run("db load"), @r"
    $ peristyle db load
    ! error: structure.sql cannot be read: No such file or directory (os error 2)
    !  |
    !  = help: `peristyle db dump` writes it
    exit 11
    ");
}

#[test]
fn structs_and_a_diagram_come_from_a_database() {
    let project = Project::sqlite();
    project.run("db create");
    project.write("tables.sql", "create table users (id integer primary key, email text not null);\n");
    project.run("db seed tables.sql");
    assert_snapshot!(project.run("schema pull"), @r"
    $ peristyle schema pull
    use peristyle::prelude::*;

    #[derive(Debug, Clone, PartialEq, Schema)]
    pub struct User {
        pub id: i64,
        pub email: String,
    }
    ");
    assert_snapshot!(project.run("schema pull --output src.rs"), @r"
    $ peristyle schema pull --output src.rs
    wrote src.rs
    ");
    assert_snapshot!(project.run("schema pull --output src.rs"), @r"
    $ peristyle schema pull --output src.rs
    ! error: src.rs is there already
    !  |
    !  = help: name another file, or replace it with --force
    exit 8
    ");
    assert_snapshot!(project.run("schema pull --table user"), @r"
    $ peristyle schema pull --table user
    ! error: there is no table `user`
    !  |
    !  = help: did you mean users?
    exit 2
    ");
    assert_snapshot!(project.run("schema erd"), @r"
    $ peristyle schema erd
    erDiagram
        users {
            INTEGER id PK
            TEXT email
        }
    ");
}

#[test]
fn check_looks_at_files_structs_and_the_history_at_once() {
    let project = with_structs(Project::postgres());
    let users = "-- migrate:lock-timeout 5s\n-- migrate:up\nCREATE TABLE users (id bigint PRIMARY KEY);\n\
                 -- migrate:down\nDROP TABLE users;\n";
    project.write("migrations/20260101000000_create_users.sql", users);
    project.run("migrate up --quiet");
    project.write("migrations/20260101000000_create_users.sql", &users.replace("bigint", "integer"));
    project.write(
        "migrations/20260102000000_index_users.sql",
        "-- migrate:lock-timeout 5s\n-- migrate:up\nCREATE INDEX users_id ON users (id);\n-- migrate:down\nDROP INDEX users_id;\n",
    );
    let check = project.run("migrate check");
    assert!(check.contains("error[index-without-concurrently]") && check.contains("fail  lint"), "{check}");
    assert!(
        check.contains("differs  column \"users\".\"email\" is missing") && check.contains("fail  structs"),
        "{check}"
    );
    assert!(
        check.contains("changed  migration 20260101000000 create_users") && check.contains("fail  checksums"),
        "{check}"
    );
    assert!(check.ends_with("exit 1\n"), "{check}");
    let json = project.run("migrate check --json --quiet");
    let json: serde_json::Value =
        serde_json::from_str(json.split_once('\n').unwrap().1.trim_end_matches("exit 1\n")).unwrap();
    assert_eq!(json[2]["check"], "checksums");
    let differences = json[1]["findings"].as_array().unwrap();
    assert!(differences.contains(&"column \"users\".\"email\" is missing".into()), "{differences:?}");
}
