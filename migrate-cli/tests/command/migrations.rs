//! `migrate ..` on both stores.

use crate::support::Project;
use insta::{allow_duplicates, assert_snapshot};

const USERS: &str = "-- migrate:up\nCREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);\n\n\
                     -- migrate:down\nDROP TABLE users;\n";
const POSTS: &str = "-- migrate:up\nCREATE TABLE posts (id bigint PRIMARY KEY, title text NOT NULL);\n\n\
                     -- migrate:down\nDROP TABLE posts;\n";

/// A project with two migrations and an empty database.
fn with_two(project: Project) -> Project {
    project.write("migrations/20260101000000_create_users.sql", USERS);
    project.write("migrations/20260102000000_create_posts.sql", POSTS);
    project.run("db create");
    project
}

fn on_both() -> [Project; 2] {
    [with_two(Project::sqlite()), with_two(Project::postgres())]
}

#[test]
fn migrations_go_up_and_down() {
    allow_duplicates! {
        for project in on_both() {
            assert_snapshot!(project.run("migrate up --step 1"), @r"
            $ peristyle migrate up --step 1
            up    20260101000000_create_users  0 ms
            ");
            assert_snapshot!(project.run("migrate up"), @r"
            $ peristyle migrate up
            up    20260102000000_create_posts  0 ms
            ! wrote migrations/schema.lock
            ");
            assert_snapshot!(project.run("migrate up"), @r"
            $ peristyle migrate up
            nothing to do
            ");
            assert_snapshot!(project.run("migrate down"), @r"
            $ peristyle migrate down
            down  20260102000000_create_posts  0 ms
            ");
            assert_snapshot!(project.run("migrate up --to 20260102000000"), @r"
            $ peristyle migrate up --to 20260102000000
            up    20260102000000_create_posts  0 ms
            ");
            assert_snapshot!(project.run("migrate redo --step 2"), @r"
            $ peristyle migrate redo --step 2
            down  20260102000000_create_posts  0 ms
            down  20260101000000_create_users  0 ms
            up    20260101000000_create_users  0 ms
            up    20260102000000_create_posts  0 ms
            ");
            assert_snapshot!(project.run("migrate down --to 20260101000000"), @r"
            $ peristyle migrate down --to 20260101000000
            down  20260102000000_create_posts  0 ms
            ");
            assert_snapshot!(project.run("migrate goto 20260102000000"), @r"
            $ peristyle migrate goto 20260102000000
            up    20260102000000_create_posts  0 ms
            ");
            assert_snapshot!(project.run("migrate down --all"), @r"
            $ peristyle migrate down --all
            down  20260102000000_create_posts  0 ms
            down  20260101000000_create_users  0 ms
            ");
            assert_snapshot!(project.run("migrate down"), @r"
            $ peristyle migrate down
            nothing to do
            ");
        }
    }
}

#[test]
fn the_result_is_json_where_a_program_reads_it() {
    let project = with_two(Project::sqlite());
    assert_snapshot!(project.run("migrate up --step 1 --json"), @r#"
    $ peristyle migrate up --step 1 --json
    [
      {
        "prefix": null,
        "ran": [
          {
            "direction": "up",
            "duration_ms": 0,
            "name": "create_users",
            "version": 20260101000000
          }
        ],
        "repo": "default",
        "warnings": []
      }
    ]
    "#);
    assert_snapshot!(project.run("migrate down --json --quiet"), @r#"
    $ peristyle migrate down --json --quiet
    [
      {
        "prefix": null,
        "ran": [
          {
            "direction": "down",
            "duration_ms": 0,
            "name": "create_users",
            "version": 20260101000000
          }
        ],
        "repo": "default",
        "warnings": []
      }
    ]
    "#);
    assert_snapshot!(project.run("migrate plan --step 1 --json"), @r#"
    $ peristyle migrate plan --step 1 --json
    [
      {
        "migrations": [
          {
            "direction": "up",
            "name": "create_users",
            "notes": [],
            "settings": [],
            "statements": [
              {
                "file": "migrations/20260101000000_create_users.sql",
                "line": 2,
                "locks": [
                  {
                    "blocks": "reads go on in WAL mode; every other writer of the database waits",
                    "lock": "the database's write lock",
                    "table": "main"
                  }
                ],
                "sql": "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL)"
              }
            ],
            "transaction": true,
            "version": 20260101000000
          }
        ],
        "prefix": null,
        "repo": "default",
        "warnings": []
      }
    ]
    "#);
    let status: serde_json::Value =
        serde_json::from_str(project.run("migrate status --json --quiet").split_once('\n').unwrap().1).unwrap();
    assert_eq!(status[0]["migrations"][1]["state"], "pending");
    assert_eq!(status[0]["migrations"][1]["file"], "migrations/20260102000000_create_posts.sql");
}

#[test]
fn the_status_tells_what_ran_what_is_pending_and_what_changed() {
    for project in on_both() {
        project.run("migrate up --step 1");
        allow_duplicates! {
            assert_snapshot!(project.run("migrate status --exit-code --quiet"), @r"
            $ peristyle migrate status --exit-code --quiet
            state    version         name          applied at (UTC)     took
            up       20260101000000  create_users  [date] [time]    0 ms
            pending  20260102000000  create_posts
            exit 1
            ");
        }
        project.run("migrate up");
        allow_duplicates! {
            assert_snapshot!(project.run("migrate status --exit-code --quiet"), @r"
            $ peristyle migrate status --exit-code --quiet
            state  version         name          applied at (UTC)     took
            up     20260101000000  create_users  [date] [time]    0 ms
            up     20260102000000  create_posts  [date] [time]    0 ms
            ");
        }
        project.write("migrations/20260101000000_create_users.sql", &USERS.replace("email", "mail"));
        project.write("migrations/20260101120000_between.sql", "-- migrate:up\nSELECT 1;\n");
        project.remove("migrations/20260102000000_create_posts.sql");
        allow_duplicates! {
            assert_snapshot!(project.run("migrate status --exit-code --quiet"), @r"
            $ peristyle migrate status --exit-code --quiet
            state         version         name          applied at (UTC)     took
            changed       20260101000000  create_users  [date] [time]    0 ms
            out of order  20260101120000  between
            missing       20260102000000  create_posts  [date] [time]    0 ms
            exit 1
            ");
        }
    }
}

#[test]
fn status_says_what_it_is_about_and_what_to_do_next() {
    let project = with_two(Project::sqlite());
    project.run("migrate up --step 1");
    assert_snapshot!(project.run("migrate status"), @r"
    $ peristyle migrate status
    state    version         name          applied at (UTC)     took
    up       20260101000000  create_users  [date] [time]    0 ms
    pending  20260102000000  create_posts
    ! sqlite:app.db
    ! 1 is pending: `peristyle migrate up` runs it
    ");
    let project = Project::sqlite();
    project.run("db create");
    assert_snapshot!(project.run("migrate status"), @r"
    $ peristyle migrate status
    no migrations
    ! sqlite:app.db
    ");
}

#[test]
fn a_role_that_may_only_read_sees_the_status() {
    let mut project = with_two(Project::postgres());
    project.run("migrate up");
    let role = project.role_that_reads();
    assert_snapshot!(project.run(&format!("migrate status --quiet --exit-code --database-url {role}")), @r"
    $ peristyle migrate status --quiet --exit-code --database-url postgres://reader@server/app
    state  version         name          applied at (UTC)     took
    up     20260101000000  create_users  [date] [time]    0 ms
    up     20260102000000  create_posts  [date] [time]    0 ms
    ");
    assert_snapshot!(project.run(&format!("migrate down --database-url {role}")), @r"
    $ peristyle migrate down --database-url postgres://reader@server/app
    ! error: migration 20260102000000 create_posts failed on its way down
    !  --> migrations/20260102000000_create_posts.sql:5:1
    !   |
    ! 5 | DROP TABLE posts
    !   | ^^^^^^^^^^^^^^^^ postgres: must be owner of table posts (42501)
    !   |
    !   = note: Grant the role of the connection what it needs.
    !   = note: nothing of it is left: it was rolled back
    !   = help: mend it, and run `peristyle migrate down` again
    exit 6
    ");
}

#[test]
fn a_plan_is_the_sql_with_what_it_locks() {
    let project = with_two(Project::sqlite());
    assert_snapshot!(project.run("migrate plan"), @r"
    $ peristyle migrate plan
    -- up 20260101000000_create_users
    BEGIN;
    -- locks main: the database's write lock; reads go on in WAL mode; every other writer of the database waits
    CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
    COMMIT;

    -- up 20260102000000_create_posts
    BEGIN;
    -- locks main: the database's write lock; reads go on in WAL mode; every other writer of the database waits
    CREATE TABLE posts (id bigint PRIMARY KEY, title text NOT NULL);
    COMMIT;
    ");
    assert_snapshot!(project.run("migrate status --quiet"), @r"
    $ peristyle migrate status --quiet
    state    version         name          applied at (UTC)  took
    pending  20260101000000  create_users
    pending  20260102000000  create_posts
    ");
    let project = with_two(Project::postgres());
    project.run("migrate up");
    project.write(
        "migrations/20260103000000_index_posts.sql",
        "-- migrate:up\nALTER TABLE posts ADD COLUMN user_id bigint REFERENCES users;\n\n\
         -- migrate:down\nALTER TABLE posts DROP COLUMN user_id;\n",
    );
    assert_snapshot!(project.run("migrate up --dry-run"), @r"
    $ peristyle migrate up --dry-run
    -- up 20260103000000_index_posts
    BEGIN;
    SET LOCAL lock_timeout = '5000ms';
    -- locks posts: ACCESS EXCLUSIVE; every read and write waits
    -- locks users: SHARE ROW EXCLUSIVE; reads go on; every write waits
    ALTER TABLE posts ADD COLUMN user_id bigint REFERENCES users;
    COMMIT;
    ");
    assert_snapshot!(project.run("migrate down --dry-run"), @r"
    $ peristyle migrate down --dry-run
    -- down 20260102000000_create_posts
    BEGIN;
    SET LOCAL lock_timeout = '5000ms';
    -- locks posts: ACCESS EXCLUSIVE; every read and write waits
    DROP TABLE posts;
    COMMIT;
    ");
}

#[test]
fn a_statement_that_fails_is_shown_and_nothing_of_its_migration_is_left() {
    let broken = "-- migrate:up\nCREATE TABLE tags (id bigint PRIMARY KEY);\nINSERT INTO tags (id, label)\n  VALUES (1, 'a');\n\n\
                  -- migrate:down\nDROP TABLE tags;\n";
    let [sqlite, postgres] = on_both();
    for project in [&sqlite, &postgres] {
        project.write("migrations/20260103000000_create_tags.sql", broken);
    }
    assert_snapshot!(sqlite.run("migrate up"), @r"
    $ peristyle migrate up
    up    20260101000000_create_users  0 ms
    up    20260102000000_create_posts  0 ms
    ! error: migration 20260103000000 create_tags failed on its way up
    !  --> migrations/20260103000000_create_tags.sql:3:1
    !   |
    ! 3 | INSERT INTO tags (id, label)
    !   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ sqlite: table tags has no column named label (1)
    !   |
    !   = note: nothing of it is left: it was rolled back
    !   = help: mend it, and run `peristyle migrate up` again
    exit 6
    ");
    assert_snapshot!(postgres.run("migrate up --no-lint"), @r#"
    $ peristyle migrate up --no-lint
    up    20260101000000_create_users  0 ms
    up    20260102000000_create_posts  0 ms
    ! error: migration 20260103000000 create_tags failed on its way up
    !  --> migrations/20260103000000_create_tags.sql:3:23
    !   |
    ! 3 | INSERT INTO tags (id, label)
    !   |                       ^^^^^ postgres: column "label" of relation "tags" does not exist (42703)
    !   |
    !   = note: nothing of it is left: it was rolled back
    !   = help: mend it, and run `peristyle migrate up` again
    exit 6
    "#);
    for project in [&sqlite, &postgres] {
        assert!(project.run("db query 'select * from tags'").contains("exit 6"));
        assert!(project.run("migrate status --exit-code").contains("exit 1"));
    }
}

#[test]
fn a_migration_without_a_transaction_that_stopped_is_told_and_can_be_marked() {
    let project = with_two(Project::postgres());
    project.write(
        "migrations/20260103000000_index_posts.sql",
        "-- migrate:no-transaction\n-- migrate:up\nCREATE INDEX CONCURRENTLY posts_title ON posts (title);\n\
         CREATE INDEX CONCURRENTLY posts_label ON posts (label);\n\n-- migrate:down\nDROP INDEX CONCURRENTLY posts_title;\n",
    );
    assert_snapshot!(project.run("migrate up --quiet"), @r#"
    $ peristyle migrate up --quiet
    ! error: migration 20260103000000 index_posts failed on its way up
    !  --> migrations/20260103000000_index_posts.sql:4:1
    !   |
    ! 4 | CREATE INDEX CONCURRENTLY posts_label ON posts (label)
    !   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ postgres: column "label" does not exist (42703)
    !   |
    !   = note: it has no transaction: 1 of its 2 statements are done, and stay
    !   = help: mend the one that failed, leave those before it as they are, and run `peristyle migrate up` again
    exit 6
    "#);
    assert_snapshot!(project.run("migrate status --quiet"), @r"
    $ peristyle migrate status --quiet
    state       version         name          applied at (UTC)     took
    up          20260101000000  create_users  [date] [time]    0 ms
    up          20260102000000  create_posts  [date] [time]    0 ms
    stopped up  20260103000000  index_posts   [date] [time]    0 ms
    ");
    assert_snapshot!(project.run("migrate down"), @r"
    $ peristyle migrate down
    ! error: migration 20260103000000 index_posts stopped on its way: it was being applied; run `up` again, which goes on where it stopped, and then `down`
    exit 9
    ");
    assert_snapshot!(project.run("migrate repair --mark-up 20260103000000"), @r"
    $ peristyle migrate repair --mark-up 20260103000000
    20260103000000 is recorded as up
    ");
    assert_snapshot!(project.run("migrate up --quiet"), @"$ peristyle migrate up --quiet");
}

#[test]
fn files_that_changed_after_they_ran_stop_the_next_up_until_they_are_accepted() {
    allow_duplicates! {
        for project in on_both() {
            project.run("migrate up --step 1");
            project.write("migrations/20260101000000_create_users.sql", &USERS.replace("email", "mail"));
            assert_snapshot!(project.run("migrate up"), @r"
            $ peristyle migrate up
            ! error: migrations changed after they ran
            !  |
            !  = note: migration 20260101000000 create_users (migrations/20260101000000_create_users.sql): the way up
            !  = help: put the old text back and write a new migration for the change
            !  = help: `peristyle migrate repair --dry-run` shows the difference, and `peristyle migrate repair` accepts it
            exit 7
            ");
            assert_snapshot!(project.run("migrate repair --dry-run"), @r"
            $ peristyle migrate repair --dry-run
            20260101000000_create_users (migrations/20260101000000_create_users.sql)
              the way up
              - CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
              + CREATE TABLE users (id bigint PRIMARY KEY, mail text NOT NULL);
            ");
            assert_snapshot!(project.run("migrate repair"), @r"
            $ peristyle migrate repair
            20260101000000_create_users (migrations/20260101000000_create_users.sql)
              the way up
              - CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
              + CREATE TABLE users (id bigint PRIMARY KEY, mail text NOT NULL);
            ! error: Are these texts the ones that ran, from now on? There is no terminal to answer at
            !  |
            !  = help: answer with --yes
            exit 8
            ");
            assert_snapshot!(project.run("migrate repair --yes --quiet"), @r"
            $ peristyle migrate repair --yes --quiet
            20260101000000_create_users (migrations/20260101000000_create_users.sql)
              the way up
              - CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
              + CREATE TABLE users (id bigint PRIMARY KEY, mail text NOT NULL);
            ");
            assert_snapshot!(project.run("migrate repair"), @r"
            $ peristyle migrate repair
            nothing to repair
            ");
            assert_snapshot!(project.run("migrate up --no-lint"), @r"
            $ peristyle migrate up --no-lint
            up    20260102000000_create_posts  0 ms
            ! wrote migrations/schema.lock
            ");
        }
    }
}

#[test]
fn files_that_are_missing_or_out_of_order_are_told() {
    let project = with_two(Project::sqlite());
    project.run("migrate up");
    project.write("migrations/20260101120000_between.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n");
    assert_snapshot!(project.run("migrate up --strict-order"), @r"
    $ peristyle migrate up --strict-order
    ! error: pending migrations are older than 20260102000000, which ran
    !  |
    !  = note: 20260101120000_between
    !  = help: give them later versions, or leave --strict-order out
    exit 7
    ");
    assert_snapshot!(project.run("migrate up"), @r"
    $ peristyle migrate up
    up    20260101120000_between  0 ms
    ! warning: migration 20260101120000 between is pending and older than 20260102000000, which is applied
    ! wrote migrations/schema.lock
    ");
    project.remove("migrations/20260101000000_create_users.sql");
    assert_snapshot!(project.run("migrate up"), @r"
    $ peristyle migrate up
    ! error: migrations that ran have no file any more
    !  |
    !  = note: 20260101000000_create_users
    !  = help: bring the files back (another branch may have them), or take them back with the version that has them
    exit 7
    ");
}

#[test]
fn a_file_that_cannot_be_read_is_shown_with_its_line() {
    let project = with_two(Project::sqlite());
    project.write("migrations/20260103000000_bad.sql", "-- migrate:up\nCREATE TABLE t (id integer);\nCOMMIT;\n");
    assert_snapshot!(project.run("migrate up"), @r"
    $ peristyle migrate up
    ! error: COMMIT would leave the transaction that the migration runs in: remove it, the runner begins and commits
    !  --> migrations/20260103000000_bad.sql:3:1
    !   |
    ! 3 | COMMIT;
    !   | ^^^^^^
    exit 10
    ");
    project.write("migrations/20260103000000_bad.sql", "-- migrate:up\nSELECT 'a;\n");
    assert_snapshot!(project.run("migrate up"), @r"
    $ peristyle migrate up
    ! error: the string that opens here is never closed: write `'` at its end
    !  --> migrations/20260103000000_bad.sql:2:8
    !   |
    ! 2 | SELECT 'a;
    !   |        ^
    exit 10
    ");
    project.write("migrations/20260103000000_bad.sql", "-- migrate:upp\n");
    assert_snapshot!(project.run("migrate status"), @r"
    $ peristyle migrate status
    ! error: there is no directive `upp`: did you mean `up`?
    !  --> migrations/20260103000000_bad.sql:1:4
    !   |
    ! 1 | -- migrate:upp
    !   |    ^^^^^^^
    exit 10
    ");
    project.write("migrations/20260103000000_bad.sql", POSTS);
    project.write("migrations/20260103000000_worse.sql", POSTS);
    assert_snapshot!(project.run("migrate up"), @r"
    $ peristyle migrate up
    ! error: migrations/20260103000000_worse.sql: the same version as migrations/20260103000000_bad.sql: give one of them another, 20260103000000 is taken
    exit 10
    ");
}

#[test]
fn a_version_that_no_migration_has_and_a_way_back_that_is_missing_are_told() {
    let project = with_two(Project::sqlite());
    project.run("migrate up");
    assert_snapshot!(project.run("migrate goto 20260101000001"), @r"
    $ peristyle migrate goto 20260101000001
    ! error: no migration has the version 20260101000001
    !  |
    !  = help: near it are 20260101000000_create_users, 20260102000000_create_posts
    exit 2
    ");
    project.write("migrations/20260103000000_one_way.sql", "-- migrate:up\nCREATE TABLE t (id integer);\n");
    project.run("migrate up");
    assert_snapshot!(project.run("migrate down"), @r"
    $ peristyle migrate down
    ! error: migration 20260103000000 one_way has no way back: write a section `-- migrate:down` in migrations/20260103000000_one_way.sql
    exit 8
    ");
    project.remove("migrations/20260103000000_one_way.sql");
    std::fs::remove_dir_all(project.path("migrations")).unwrap();
    assert_snapshot!(project.run("migrate up"), @r"
    $ peristyle migrate up
    ! error: there is no folder of migrations: migrations
    !  |
    !  = help: `peristyle init` makes it; or name another one in peristyle.toml
    exit 10
    ");
}

#[test]
fn a_protected_database_is_not_taken_back_without_its_name() {
    let project = with_two(Project::sqlite());
    project.run("migrate up");
    project.write("peristyle.toml", "[repo.default]\nurl = \"sqlite:app.db\"\nprotected = true\n");
    for command in ["down", "redo", "goto 20260101000000"] {
        let shown = project.run(&format!("migrate {command} --yes"));
        assert!(shown.contains("its name has to be given") && shown.ends_with("exit 8\n"), "{shown}");
    }
    assert_snapshot!(project.run("migrate down --yes --database-name app.db"), @r"
    $ peristyle migrate down --yes --database-name app.db
    down  20260102000000_create_posts  0 ms
    ");
    assert_snapshot!(project.run("migrate up"), @r"
    $ peristyle migrate up
    up    20260102000000_create_posts  0 ms
    ");
}

#[test]
fn a_database_that_exists_is_adopted_by_a_baseline() {
    allow_duplicates! {
        for project in on_both() {
            project.write("there.sql", "create table users (id bigint primary key, email text not null);\n");
            project.run("db seed there.sql");
            assert_snapshot!(project.run("migrate baseline 20260101000000"), @r"
            $ peristyle migrate baseline 20260101000000
            recorded  20260101000000_create_users
            ");
            assert_snapshot!(project.run("migrate up --quiet --no-lint"), @"$ peristyle migrate up --quiet --no-lint");
            assert_snapshot!(project.run("migrate status --quiet"), @r"
            $ peristyle migrate status --quiet
            state     version         name          applied at (UTC)     took
            baseline  20260101000000  create_users  [date] [time]
            up        20260102000000  create_posts  [date] [time]    0 ms
            ");
            let again = project.run("migrate baseline 20260101000000");
            assert!(again.contains("holds 2 versions") && again.ends_with("exit 8\n"), "{again}");
        }
    }
}

#[test]
fn verbose_shows_the_statements() {
    let project = with_two(Project::sqlite());
    assert_snapshot!(project.run("migrate up --step 1 --verbose"), @r"
    $ peristyle migrate up --step 1 --verbose
    up    20260101000000_create_users  0 ms
    !      CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL)
    ");
}

#[test]
fn migrations_in_rust_are_not_skipped() {
    let project = with_two(Project::sqlite());
    project.write("src/lib.rs", "peristyle::migration!(20260103000000, CreateTags, |m| {});\n");
    assert_snapshot!(project.run("migrate up"), @r#"
    $ peristyle migrate up
    ! error: CreateTags is a migration in Rust (src/lib.rs:1), which this command cannot run
    !  |
    !  = help: run the app's own binary, which has the same commands: cargo run --bin migrate -- ..
    !  = help: it is three lines, in src/bin/migrate.rs: fn main() -> std::process::ExitCode { peristyle::migrate::main(migrations!("migrations").with(..)) }
    exit 8
    "#);
}

#[test]
fn a_reset_begins_anew_with_migrations_and_seeds() {
    allow_duplicates! {
        for project in on_both() {
            project.run("migrate up");
            project.write("migrations/seeds/users.sql", "insert into users values (1, 'ann@example.com');\n");
            let shown = project.run("db reset --yes --quiet");
            assert_eq!(shown.lines().count(), 1 + usize::from(shown.contains("warning")) , "{shown}");
            assert_snapshot!(project.run("db query --csv 'select email from users'"), @r"
            $ peristyle db query --csv 'select email from users'
            email
            ann@example.com
            ");
        }
    }
}

#[test]
fn tenants_each_have_their_tables() {
    let project = with_two(Project::postgres());
    project.write("schemas.sql", "create schema t1; create schema t2;\n");
    project.run("db seed schemas.sql");
    assert_snapshot!(project.run("migrate up --prefix t1 --prefix t2 --no-lint"), @r"
    $ peristyle migrate up --prefix t1 --prefix t2 --no-lint
    [t1] up    20260101000000_create_users  0 ms
    [t1] up    20260102000000_create_posts  0 ms
    [t2] up    20260101000000_create_users  0 ms
    [t2] up    20260102000000_create_posts  0 ms
    ");
    assert_snapshot!(project.run("migrate down --prefix t2"), @r"
    $ peristyle migrate down --prefix t2
    [t2] down  20260102000000_create_posts  0 ms
    ");
    assert_snapshot!(project.run("db query --csv 'select schemaname, tablename from pg_tables where schemaname like $$t_$$ order by 1, 2'"), @r"
    $ peristyle db query --csv 'select schemaname, tablename from pg_tables where schemaname like $$t_$$ order by 1, 2'
    schemaname,tablename
    t1,posts
    t1,schema_migrations
    t1,users
    t2,schema_migrations
    t2,users
    ");
}
