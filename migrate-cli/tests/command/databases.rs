//! `db create`, `drop`, `seed` and `query`.

use crate::support::Project;
use insta::assert_snapshot;

#[test]
fn a_sqlite_database_is_made_and_dropped_with_what_stands_beside_it() {
    let project = Project::sqlite();
    assert_snapshot!(project.run_all(&["db query 'select 1'", "db create", "db create", "db drop", "db drop --yes", "db drop --yes"]), @r"
    $ peristyle db query 'select 1'
    ! error: there is no database sqlite:app.db
    !  |
    !  = help: `peristyle db create` makes it
    exit 4
    $ peristyle db create
    created sqlite:app.db
    $ peristyle db create
    exists  sqlite:app.db
    $ peristyle db drop
    ! error: Drop the database sqlite:app.db? There is no terminal to answer at
    !  |
    !  = help: answer with --yes
    exit 8
    $ peristyle db drop --yes
    dropped sqlite:app.db
    $ peristyle db drop --yes
    missing sqlite:app.db
    ");
    assert_eq!(project.files(""), ["migrations", "peristyle.toml"]);
}

#[test]
fn a_postgres_database_is_made_and_dropped() {
    let project = Project::postgres();
    assert_snapshot!(project.run_all(&["db query 'select 1'", "db create", "db create", "db drop", "db drop --yes", "db drop --yes"]), @r#"
    $ peristyle db query 'select 1'
    ! error: postgres connection: cannot connect to database "app" as "postgres" on server: database "app" does not exist (3D000)
    !  |
    !  = help: `peristyle db create` makes the database
    exit 4
    $ peristyle db create
    created postgres://server/app
    $ peristyle db create
    exists  postgres://server/app
    $ peristyle db drop
    ! error: Drop the database postgres://server/app? There is no terminal to answer at
    !  |
    !  = help: answer with --yes
    exit 8
    $ peristyle db drop --yes
    dropped postgres://server/app
    $ peristyle db drop --yes
    missing postgres://server/app
    "#);
}

#[test]
fn a_postgres_database_in_use_is_dropped_by_force() {
    let project = Project::postgres();
    project.run("db create");
    let url = project.read("peristyle.toml").split('"').nth(1).unwrap().to_owned();
    let sleep = ["db", "query", "select 1 as one from pg_sleep(60)", "--database-url", &url];
    let mut other = project.command(env!("CARGO_BIN_EXE_peristyle"), &sleep, "").spawn().unwrap();
    let sleeping = "db query --csv 'select wait_event from pg_stat_activity where datname = current_database()'";
    let begun = std::time::Instant::now();
    while !project.run(sleeping).contains("PgSleep") {
        assert!(begun.elapsed().as_secs() < 60, "the other query does not run");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_snapshot!(project.run("db drop --yes"), @r#"
    $ peristyle db drop --yes
    ! error: postgres: database "app" is being accessed by other users (55006)
    !  |
    !  = note: There is 1 other session using the database.
    !  = help: --force closes the connections of others
    exit 6
    "#);
    assert_snapshot!(project.run("db drop --yes --force"), @r"
    $ peristyle db drop --yes --force
    dropped postgres://server/app
    ");
    assert!(!other.wait().unwrap().success());
}

#[test]
fn a_protected_database_asks_for_its_name() {
    let project = Project::sqlite();
    project.write("peristyle.toml", "[repo.default]\nurl = \"sqlite:app.db\"\nprotected = true\n");
    project.run("db create");
    assert_snapshot!(project.run("db drop --yes"), @r"
    $ peristyle db drop --yes
    ! error: to drop the database sqlite:app.db, its name has to be given
    !  |
    !  = note: the repo `default` is protected in peristyle.toml
    !  = help: add --yes --database-name app.db
    exit 8
    ");
    assert_snapshot!(project.run("db drop --yes --database-name other.db"), @r"
    $ peristyle db drop --yes --database-name other.db
    ! error: --database-name is other.db, and the database is app.db
    !  |
    !  = note: the repo `default` is protected in peristyle.toml
    exit 8
    ");
    assert_snapshot!(project.run("db drop --database-name app.db"), @r"
    $ peristyle db drop --database-name app.db
    ! error: to drop the database sqlite:app.db, its name has to be given
    !  |
    !  = note: the repo `default` is protected in peristyle.toml
    !  = help: add --yes --database-name app.db
    exit 8
    ");
    assert_snapshot!(project.run("db reset --yes"), @r"
    $ peristyle db reset --yes
    ! error: to reset the database sqlite:app.db, its name has to be given
    !  |
    !  = note: the repo `default` is protected in peristyle.toml
    !  = help: add --yes --database-name app.db
    exit 8
    ");
    assert!(project.path("app.db").is_file());
    assert_snapshot!(project.run("db drop --yes --database-name app.db"), @r"
    $ peristyle db drop --yes --database-name app.db
    dropped sqlite:app.db
    ");
}

#[test]
fn rows_are_read_as_a_table_as_json_and_as_csv() {
    insta::allow_duplicates! {
    for project in [Project::sqlite(), Project::postgres()] {
        project.run("db create");
        project.write("migrations/seeds/1.sql", "create table users (id integer primary key, name text);\n");
        project.write("migrations/seeds/2.sql", "insert into users values (1, 'Ann, \"A\"'), (2, null), (3, '');\n");
        assert_snapshot!(project.run("db seed"), @r"
        $ peristyle db seed
        seeded migrations/seeds/1.sql
        seeded migrations/seeds/2.sql
        ");
        assert_snapshot!(project.run("db query 'select id, name from users order by id'"), @r#"
        $ peristyle db query 'select id, name from users order by id'
        +----+----------+
        | id | name     |
        +----+----------+
        |  1 | Ann, "A" |
        |  2 | NULL     |
        |  3 |          |
        +----+----------+
        (3 rows)
        "#);
        assert_snapshot!(project.run("db query --json 'select id, name from users order by id;'"), @r#"
        $ peristyle db query --json 'select id, name from users order by id;'
        [
          {
            "id": 1,
            "name": "Ann, \"A\""
          },
          {
            "id": 2,
            "name": null
          },
          {
            "id": 3,
            "name": ""
          }
        ]
        "#);
        assert_snapshot!(project.run("db query --csv 'select id, name from users order by id'"), @r#"
        $ peristyle db query --csv 'select id, name from users order by id'
        id,name
        1,"Ann, ""A"""
        2,
        3,""
        "#);
        assert_snapshot!(project.run("db query 'select id from users where id > 3'"), @r"
        $ peristyle db query 'select id from users where id > 3'
        (0 rows)
        ");
    }
    }
}

#[test]
fn a_query_can_only_read() {
    let project = Project::sqlite();
    project.run("db create");
    assert_snapshot!(project.run("db query 'create table users (id integer)'"), @r"
    $ peristyle db query 'create table users (id integer)'
    ! error: `db query` only reads: the statement would write
    !  |
    !  = note: sqlite: attempt to write a readonly database (8)
    !  = help: write a migration (`peristyle migrate new NAME`), or a file of seeds (`peristyle db seed`)
    exit 6
    ");
    let project = Project::postgres();
    project.run("db create");
    assert_snapshot!(project.run("db query 'create table users (id integer)'"), @r"
    $ peristyle db query 'create table users (id integer)'
    ! error: `db query` only reads: the statement would write
    !  |
    !  = note: postgres: cannot execute CREATE TABLE in a read-only transaction (25006)
    !  = help: write a migration (`peristyle migrate new NAME`), or a file of seeds (`peristyle db seed`)
    exit 6
    ");
    assert_snapshot!(project.run("db query 'select 1; select 2'"), @r"
    $ peristyle db query 'select 1; select 2'
    ! error: `db query` runs one statement
    !  --> the statement:1:11
    !   |
    ! 1 | select 1; select 2
    !   |           ^^^^^^^^ this is another one
    exit 2
    ");
    assert_snapshot!(project.run("db query ' ; -- none'"), @r"
    $ peristyle db query ' ; -- none'
    ! error: there is no statement
    !  |
    !  = help: as in: peristyle db query 'select 1'
    exit 2
    ");
    assert_snapshot!(project.run("db query 'select nonsense'"), @r#"
    $ peristyle db query 'select nonsense'
    ! error: postgres: column "nonsense" does not exist (42703)
    !  --> the statement:1:8
    !   |
    ! 1 | select nonsense
    !   |        ^^^^^^^^
    exit 6
    "#);
}

#[test]
fn a_file_of_seeds_is_kept_whole_or_not_at_all() {
    insta::allow_duplicates! {
    for project in [Project::sqlite(), Project::postgres()] {
        project.run("db create");
        assert_snapshot!(project.run("db seed"), @r"
        $ peristyle db seed
        no seeds: there is no file migrations/seeds/*.sql
        ");
        project.write("broken.sql", "create table users (id integer);\ninsert into nowhere values (1);\n");
        let shown = project.run("db seed broken.sql");
        assert!(shown.contains("in broken.sql: nothing of it was kept") && shown.contains("exit 6"), "{shown}");
        assert!(project.run("db query 'select * from users'").contains("exit 6"));
        assert_snapshot!(project.run("db seed missing.sql"), @r"
        $ peristyle db seed missing.sql
        ! error: missing.sql cannot be read: No such file or directory (os error 2)
        exit 11
        ");
    }
    }
}

#[test]
fn a_server_that_is_not_there_is_told_without_the_password() {
    let mut project = Project::empty();
    project.set("DATABASE_URL", "postgres://ann:hunter2@127.0.0.1:1/app");
    let shown = project.run_all(&["db create", "db query 'select 1'", "db drop --yes"]);
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_snapshot!(shown, @r#"
    $ peristyle db create
    ! error: postgres connection: cannot connect to database "postgres" as "ann" on 127.0.0.1:1: Connection refused (os error 111); is the server running, and do host and port fit?
    !  |
    !  = note: databases are made and dropped through the database `postgres` of the server
    exit 4
    $ peristyle db query 'select 1'
    ! error: postgres connection: cannot connect to database "app" as "ann" on 127.0.0.1:1: Connection refused (os error 111); is the server running, and do host and port fit?
    exit 4
    $ peristyle db drop --yes
    ! error: postgres connection: cannot connect to database "postgres" as "ann" on 127.0.0.1:1: Connection refused (os error 111); is the server running, and do host and port fit?
    !  |
    !  = note: databases are made and dropped through the database `postgres` of the server
    exit 4
    "#);
}

#[test]
fn tls_says_which_feature_to_build_with() {
    let mut project = Project::empty();
    let url = project.new_postgres_url("app");
    project.set("DATABASE_URL", &format!("{url}?sslmode=require"));
    assert_snapshot!(project.run("db query 'select 1'"), @r#"
    $ peristyle db query 'select 1'
    ! error: postgres connection: cannot connect to database "app" as "postgres" on server: TLS is asked for (sslmode), and this build has none: add one of the features tls-rustls-ring, tls-rustls-aws-lc-rs and tls-native-tls to peristyle in Cargo.toml
    !  |
    !  = help: build the command with TLS, for example: cargo install --path migrate-cli --features tls-rustls-ring
    exit 4
    "#);
}
