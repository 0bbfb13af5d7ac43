//! `migrate ..` on both stores.

use crate::support::{Project, USERS, on_both, with_two};
use insta::{allow_duplicates, assert_snapshot};

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
        "-- migrate:up\nALTER TABLE posts ADD COLUMN user_id bigint REFERENCES users;\n\
         CREATE TABLE tags (post_id bigint REFERENCES posts);\nCREATE INDEX by_post ON tags (post_id);\n\n\
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
    CREATE TABLE tags (post_id bigint REFERENCES posts);
    CREATE INDEX by_post ON tags (post_id);
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
fn each_repo_runs_its_own_migrations() {
    let project = Project::empty();
    project.write(
        "peristyle.toml",
        "[repo.default]\nurl = \"sqlite:app.db\"\n\n\
         [repo.events]\nurl = \"sqlite:events.db\"\nmigrations = \"events\"\ntable = \"versions\"\n",
    );
    project.write("migrations/20260101000000_create_users.sql", USERS);
    project.write("events/20260102000000_create_clicks.sql", "-- migrate:up\nCREATE TABLE clicks (id integer);\n");
    project.run("db create");
    assert_snapshot!(project.run("migrate up"), @r"
    $ peristyle migrate up
    [default] up    20260101000000_create_users  0 ms
    [events] up    20260102000000_create_clicks  0 ms
    ! wrote migrations/schema.lock
    ! wrote events/schema.lock
    ");
    assert_snapshot!(project.run("migrate status -r events --quiet"), @r"
    $ peristyle migrate status -r events --quiet
    state  version         name           applied at (UTC)     took
    up     20260102000000  create_clicks  [date] [time]    0 ms
    ");
    assert_snapshot!(project.run("migrate down"), @r"
    $ peristyle migrate down
    [default] down  20260101000000_create_users  0 ms
    ");
    assert_snapshot!(project.run("db query --csv 'select count(*) as n from versions' -r events"), @r"
    $ peristyle db query --csv 'select count(*) as n from versions' -r events
    n
    1
    ");
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
