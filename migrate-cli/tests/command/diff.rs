//! `migrate diff`, and `migrate check` of structs.

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

pub fn with_structs(project: Project) -> Project {
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
