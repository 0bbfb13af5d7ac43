//! What compares and finds: `diff`, `lint`, `verify`, `check`, `db check`, dumps, `schema pull` and `schema erd`.

use crate::support::Project;
use insta::{allow_duplicates, assert_snapshot};

const STRUCTS: &str = "use peristyle::prelude::*;

#[derive(Schema)]
pub struct User {
    pub id: i64,
    #[schema(unique)]
    pub email: String,
}
";

fn with_structs(project: Project) -> Project {
    project.write("src/lib.rs", STRUCTS);
    project.run("db create");
    project
}

/// Gives the one migration that a diff wrote a version that does not change.
fn name_the_migration(project: &Project, name: &str, version: &str) {
    let file = project.files("migrations").into_iter().find(|file| file.ends_with(&format!("_{name}.sql"))).unwrap();
    let text = project.read(&format!("migrations/{file}"));
    project.remove(&format!("migrations/{file}"));
    project.write(&format!("migrations/{version}_{name}.sql"), &text);
}

#[test]
fn a_migration_is_written_from_structs_and_verified() {
    for project in [with_structs(Project::sqlite()), with_structs(Project::postgres())] {
        allow_duplicates! {
            assert_snapshot!(project.run("migrate diff --check"), @r#"
            $ peristyle migrate diff --check
            differs  table "users" is missing
            ! `peristyle migrate diff NAME` writes the migration
            exit 1
            "#);
            assert_snapshot!(project.run("migrate diff create_users"), @r"
            $ peristyle migrate diff create_users
            wrote migrations/[version]_create_users.sql
            ");
        }
        name_the_migration(&project, "create_users", "20260101000000");
        allow_duplicates! {
            assert_snapshot!(project.run("db check"), @r#"
            $ peristyle db check
            differs  table "users" is missing
            exit 1
            "#);
            assert_snapshot!(project.run("migrate up --quiet"), @"$ peristyle migrate up --quiet");
            assert_snapshot!(project.run("migrate diff --check"), @r"
            $ peristyle migrate diff --check
            the structs and the migrations agree
            ");
            assert_snapshot!(project.run("migrate diff nothing"), @r"
            $ peristyle migrate diff nothing
            the structs and the migrations agree
            ");
            assert_snapshot!(project.run("migrate verify"), @r"
            $ peristyle migrate verify
            verified 1 migration: up, down, up again, and the structs agree
            ");
            assert_snapshot!(project.run("db check --quiet"), @"$ peristyle db check --quiet");
        }
        assert!(project.path("migrations/schema.lock").is_file());
        let check = project.run("migrate check");
        assert!(
            check.contains("ok    lint") && check.contains("ok    structs") && check.contains("ok    checksums"),
            "{check}"
        );
    }
}

#[test]
fn the_files_of_a_change_without_long_locks_go_up_and_down() {
    let project = with_structs(Project::postgres());
    project.run("migrate diff create_users");
    project.run("migrate up");
    let checked = STRUCTS.replace(
        "#[derive(Schema)]",
        "#[derive(Schema)]\n#[schema(check(email_is_there, \"email <> ''\"), index(email, id))]",
    );
    project.write("src/lib.rs", &checked);
    project.run("migrate diff check_emails");
    let endings: Vec<String> =
        project.files("migrations").into_iter().filter(|file| file.contains("check_emails")).collect();
    assert_eq!(endings.len(), 3, "{endings:?}");
    // It looks, and leaves no file behind.
    let lock = project.read("migrations/schema.lock");
    let shown = project.run("migrate diff --check");
    assert!(shown.contains("the structs and the migrations agree") && !shown.contains("wrote"), "{shown}");
    assert_eq!(project.read("migrations/schema.lock"), lock);
    project.run("migrate up");
    let shown = project.run("migrate down --step 3");
    assert_eq!(shown.matches("down  [version]_check_emails").count(), 3, "{shown}");
    project.run("migrate up");
    assert_snapshot!(project.run("migrate verify"), @r"
    $ peristyle migrate verify
    verified 4 migrations: up, down, up again, and the structs agree
    ");
    assert_snapshot!(project.run("migrate lint"), @r"
    $ peristyle migrate lint
    no migration is pending: `--all` looks at those that ran
    ");
}

#[test]
fn a_difference_that_loses_data_or_lacks_a_value_is_refused() {
    let project = with_structs(Project::sqlite());
    project.run("migrate diff create_users");
    name_the_migration(&project, "create_users", "20260101000000");
    project.run("migrate up");
    project.write(
        "src/lib.rs",
        &STRUCTS.replace("    #[schema(unique)]\n    pub email: String,\n", "    pub age: i32,\n"),
    );
    assert_snapshot!(project.run("migrate diff change"), @r"
    $ peristyle migrate diff change
    ! error: users.age may not be NULL, and rows that exist have no value for it
    !  |
    !  = help: give one: --value users.age=SQL
    !  = help: or give the field a `default`, or make it an Option
    exit 8
    ");
    assert_snapshot!(project.run("migrate diff change --value users.age=0"), @r"
    $ peristyle migrate diff change --value users.age=0
    ! error: data would be lost
    !  |
    !  = note: the column users.email is dropped, with its values
    !  = help: if it is meant: --allow-drop
    exit 8
    ");
    assert_snapshot!(project.run("migrate diff change --dry-run --quiet --allow-drop --value users.age=18"), @r#"
    $ peristyle migrate diff change --dry-run --quiet --allow-drop --value users.age=18
    -- migrations/[version]_change.sql
    -- migrate:up
    -- migrate:foreign-keys off
    -- loses data: the column users.email is dropped, with its values
    DROP INDEX "users_email_index";
    ALTER TABLE "users" ADD COLUMN "age" INTEGER;
    UPDATE "users" SET "age" = 18;
    CREATE TABLE "users_rebuilt" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "age" INTEGER NOT NULL);
    INSERT INTO "users_rebuilt" ("id", "age") SELECT "id", "age" FROM "users";
    DELETE FROM sqlite_sequence WHERE name = 'users_rebuilt';
    INSERT INTO sqlite_sequence (name, seq) SELECT 'users_rebuilt', seq FROM sqlite_sequence WHERE name = 'users';
    DROP TABLE "users";
    PRAGMA legacy_alter_table = ON;
    ALTER TABLE "users_rebuilt" RENAME TO "users";
    PRAGMA legacy_alter_table = OFF;

    -- migrate:down
    -- migrate:foreign-keys off
    ALTER TABLE "users" ADD COLUMN "email" TEXT;
    UPDATE "users" SET "email" = '';
    CREATE TABLE "users_rebuilt" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "email" TEXT NOT NULL);
    INSERT INTO "users_rebuilt" ("id", "email") SELECT "id", "email" FROM "users";
    DELETE FROM sqlite_sequence WHERE name = 'users_rebuilt';
    INSERT INTO sqlite_sequence (name, seq) SELECT 'users_rebuilt', seq FROM sqlite_sequence WHERE name = 'users';
    DROP TABLE "users";
    PRAGMA legacy_alter_table = ON;
    ALTER TABLE "users_rebuilt" RENAME TO "users";
    PRAGMA legacy_alter_table = OFF;
    CREATE UNIQUE INDEX "users_email_index" ON "users" ("email");
    ! warning: the column users.email is dropped, with its values
    "#);
    project.write("src/lib.rs", &STRUCTS.replace("pub email", "pub address"));
    assert_snapshot!(project.run("migrate diff change --dry-run --quiet --rename users.email=users.address"), @r#"
    $ peristyle migrate diff change --dry-run --quiet --rename users.email=users.address
    -- migrations/[version]_change.sql
    -- migrate:up
    ALTER TABLE "users" RENAME COLUMN "email" TO "address";

    -- migrate:down
    ALTER TABLE "users" RENAME COLUMN "address" TO "email";
    "#);
    assert_snapshot!(project.run("migrate diff change --rename nonsense"), @r"
    $ peristyle migrate diff change --rename nonsense
    ! error: `nonsense` is no rename: write `posts=articles` for a table, `users.name=users.full_name` for a column
    exit 2
    ");
}

const CONDITIONS: &str = r#"use peristyle::prelude::*;

#[derive(Schema)]
#[schema(
    check(is_priced, "price > 0 and price*quantity<10000 and state in ('new','sold')"),
    index(state, where = "price > 10 and sold_on >= date '2020-1-1'"),
)]
pub struct Post {
    pub id: i64,
    pub price: Decimal,
    pub quantity: i32,
    #[schema(size = 10)]
    pub state: String,
    pub sold_on: NaiveDate,
}
"#;

#[test]
fn postgres_compares_conditions_however_they_are_written() {
    let mut project = Project::postgres();
    project.write("src/lib.rs", CONDITIONS);
    project.run_all(&["db create", "migrate diff create_posts"]);
    name_the_migration(&project, "create_posts", "20260101000000");
    project.run("migrate up --quiet");
    // On a scratch database, then from schema.lock.
    for _ in 0..2 {
        assert!(project.run("migrate diff --check").ends_with("the structs and the migrations agree\n"));
    }
    assert_snapshot!(project.run("migrate diff nothing"), @r"
    $ peristyle migrate diff nothing
    the structs and the migrations agree
    ");
    assert_snapshot!(project.run("migrate verify"), @r"
    $ peristyle migrate verify
    verified 1 migration: up, down, up again, and the structs agree
    ");
    assert_snapshot!(project.run("db check"), @r"
    $ peristyle db check
    the structs and postgres://server/app agree
    ");
    assert!(project.run("migrate check").contains("ok    structs"));

    project.write("src/lib.rs", &CONDITIONS.replace("'new','sold'", "'new','gone'"));
    assert_snapshot!(project.run("migrate diff --check"), @r#"
    $ peristyle migrate diff --check
    differs  check "is_priced" of "posts": condition is price > 0::numeric AND (price * quantity::numeric) < 10000::numeric AND (state::text = ANY (ARRAY['new'::character varying, 'sold'::character varying]::text[])), expected price > 0 and price*quantity<10000 and state in ('new','gone')
    ! `peristyle migrate diff NAME` writes the migration
    exit 1
    "#);
    project.run("migrate diff states");
    assert_snapshot!(project.run("migrate verify"), @r#"
    $ peristyle migrate verify
    verified 3 migrations: up, down, up again, and the structs agree
    ! wrote migrations/schema.lock
    "#);
    for file in project.files("migrations").iter().filter(|file| file.contains("states")) {
        project.remove(&format!("migrations/{file}"));
    }
    project.write("src/lib.rs", &CONDITIONS.replace("price > 0", "prize > 0"));
    for line in ["migrate diff other", "migrate check", "migrate verify", "db check"] {
        let shown = project.run(line);
        assert!(shown.contains("src/lib.rs:8") && shown.ends_with("exit 10\n"), "{shown}");
    }
    assert_snapshot!(project.run("migrate diff other"), @r#"
    $ peristyle migrate diff other
    ! error: Postgres refuses the check is_priced of posts: column "prize" does not exist
    !  --> src/lib.rs:8:12
    !   |
    ! 8 | pub struct Post {
    !   |            ^^^^
    exit 10
    "#);
    // A function that only the migrations to come have is no mistake yet.
    project.write("src/lib.rs", &CONDITIONS.replace("price > 0", "is_priced(price)"));
    assert_snapshot!(project.run("db check"), @r#"
    $ peristyle db check
    differs  check "is_priced" of "posts": condition is price > 0::numeric AND (price * quantity::numeric) < 10000::numeric AND (state::text = ANY (ARRAY['new'::character varying, 'sold'::character varying]::text[])), expected is_priced(price) and price*quantity<10000 and state in ('new','sold')
    ! note: the check is_priced of posts (src/lib.rs:8) is compared by its text, since this database lacks something of it: function is_priced(numeric) does not exist; run the migrations there first
    exit 1
    "#);

    project.write("src/lib.rs", CONDITIONS);
    let reader = project.role_that_reads();
    project.write(
        "revoke.sql",
        "do 'begin execute format($$revoke temporary on database %I from public$$, current_database()); end';\n",
    );
    project.run("db seed revoke.sql");
    assert_snapshot!(project.run(&format!("db check --database-url {reader}")), @r#"
    $ peristyle db check --database-url postgres://reader@server/app
    differs  index "posts_state_index" of "posts": filter is price > 10::numeric AND sold_on >= '2020-01-01'::date, expected price > 10 and sold_on >= date '2020-1-1'
    ! note: compared by text, so that a difference may be none: the check is_priced of posts (src/lib.rs:8), the filter of the index posts_state_index of posts (src/lib.rs:8); permission denied to create temporary tables in database "app"; let Postgres compare with a user who may make temporary tables: --database-url postgres://..
    exit 1
    "#);
    let nowhere = "postgres://nobody:secret@127.0.0.1:1/nowhere";
    assert_snapshot!(project.run(&format!("migrate diff --check --database-url {nowhere}")), @r#"
    $ peristyle migrate diff --check --database-url postgres://nobody:secret@127.0.0.1:1/nowhere
    differs  index "posts_state_index" of "posts": filter is price > 10::numeric AND sold_on >= '2020-01-01'::date, expected price > 10 and sold_on >= date '2020-1-1'
    ! note: compared by text, so that a difference may be none: the check is_priced of posts (src/lib.rs:8), the filter of the index posts_state_index of posts (src/lib.rs:8); postgres connection: cannot connect to database "nowhere" as "nobody" on 127.0.0.1:1: Connection refused (os error 111); is the server running, and do host and port fit?; let Postgres compare by the URL of one that answers: --database-url postgres://..
    ! `peristyle migrate diff NAME` writes the migration
    exit 1
    "#);
}

#[test]
fn structs_that_cannot_be_read_are_shown_with_their_line() {
    let project = with_structs(Project::sqlite());
    project.write("src/lib.rs", &STRUCTS.replace("String", "Mail"));
    assert_snapshot!(project.run("migrate diff create_users"), @r#"
    $ peristyle migrate diff create_users
    ! error: `Mail` is no type that the source read here tells the column of: add `#[schema(sql_type = "..")]` to the field, or name the place of its definition in peristyle.toml
    !  --> src/lib.rs:7:16
    !   |
    ! 7 |     pub email: Mail,
    !   |                ^^^^
    exit 10
    "#);
    project.remove("src/lib.rs");
    std::fs::remove_dir(project.path("src")).unwrap();
    assert_snapshot!(project.run("migrate diff create_users"), @r#"
    $ peristyle migrate diff create_users
    ! error: there are no structs: there is no folder src
    !  |
    !  = help: say where they are in peristyle.toml: models = ["crates/*/src/**/*.rs"]
    exit 3
    "#);
}

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

#[test]
fn check_needs_no_database_where_schema_lock_is_committed() {
    let project = with_structs(Project::sqlite());
    project.run("migrate diff create_users");
    name_the_migration(&project, "create_users", "20260101000000");
    project.run("migrate up --quiet");
    project.run("db drop --yes");
    assert_snapshot!(project.run("migrate check"), @r"
    $ peristyle migrate check
    ok    lint       1 migration
    ok    structs    1 table
    ok    checksums  left out, since no database is at hand
    ");
}

#[test]
fn differences_are_json_where_a_program_reads_them() {
    let project = with_structs(Project::sqlite());
    assert_snapshot!(project.run("migrate diff --check --json --quiet"), @r#"
    $ peristyle migrate diff --check --json --quiet
    [
      {
        "differences": [
          "table \"users\" is missing"
        ],
        "repo": "default"
      }
    ]
    exit 1
    "#);
    assert_snapshot!(project.run("db check --json"), @r#"
    $ peristyle db check --json
    [
      {
        "differences": [
          "table \"users\" is missing"
        ],
        "repo": "default"
      }
    ]
    exit 1
    "#);
    project.run("migrate diff create_users");
    assert_snapshot!(project.run("migrate verify --json"), @r#"
    $ peristyle migrate verify --json
    [
      {
        "findings": [],
        "migrations": 1,
        "notes": [],
        "repo": "default"
      }
    ]
    ! wrote migrations/schema.lock
    "#);
    assert_snapshot!(project.run("migrate lint --json"), @r#"
    $ peristyle migrate lint --json
    [
      {
        "findings": [],
        "repo": "default"
      }
    ]
    "#);
    assert_snapshot!(project.run("migrate diff more --json"), @r#"
    $ peristyle migrate diff more --json
    [
      {
        "files": [],
        "losses": [],
        "notes": [],
        "repo": "default"
      }
    ]
    "#);
}

#[test]
fn a_rename_that_is_likely_is_proposed_by_its_flag() {
    let project = with_structs(Project::sqlite());
    project.run("migrate diff create_users");
    name_the_migration(&project, "create_users", "20260101000000");
    project.write("src/lib.rs", &STRUCTS.replace("pub email", "#[schema(default = \"\")]\n    pub address"));
    assert_snapshot!(project.run("migrate diff change --quiet"), @r"
    $ peristyle migrate diff change --quiet
    ! error: data would be lost
    !  |
    !  = note: the column users.email is dropped, with its values
    !  = help: if it is a rename: --rename users.email=users.address
    !  = help: if it is meant: --allow-drop
    exit 8
    ");
    assert_snapshot!(project.run("migrate diff change --quiet --yes --dry-run"), @r#"
    $ peristyle migrate diff change --quiet --yes --dry-run
    -- migrations/[version]_change.sql
    -- migrate:up
    -- migrate:foreign-keys off
    ALTER TABLE "users" RENAME COLUMN "email" TO "address";
    CREATE TABLE "users_rebuilt" (
      "id" INTEGER PRIMARY KEY AUTOINCREMENT,
      "address" TEXT DEFAULT '' NOT NULL
    );
    INSERT INTO "users_rebuilt" ("id", "address") SELECT "id", "address" FROM "users";
    DELETE FROM sqlite_sequence WHERE name = 'users_rebuilt';
    INSERT INTO sqlite_sequence (name, seq) SELECT 'users_rebuilt', seq FROM sqlite_sequence WHERE name = 'users';
    DROP TABLE "users";
    PRAGMA legacy_alter_table = ON;
    ALTER TABLE "users_rebuilt" RENAME TO "users";
    PRAGMA legacy_alter_table = OFF;
    CREATE UNIQUE INDEX "users_email_index" ON "users" ("address");

    -- migrate:down
    -- migrate:foreign-keys off
    ALTER TABLE "users" RENAME COLUMN "address" TO "email";
    CREATE TABLE "users_rebuilt" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "email" TEXT NOT NULL);
    INSERT INTO "users_rebuilt" ("id", "email") SELECT "id", "email" FROM "users";
    DELETE FROM sqlite_sequence WHERE name = 'users_rebuilt';
    INSERT INTO sqlite_sequence (name, seq) SELECT 'users_rebuilt', seq FROM sqlite_sequence WHERE name = 'users';
    DROP TABLE "users";
    PRAGMA legacy_alter_table = ON;
    ALTER TABLE "users_rebuilt" RENAME TO "users";
    PRAGMA legacy_alter_table = OFF;
    CREATE UNIQUE INDEX "users_email_index" ON "users" ("email");
    "#);
}
