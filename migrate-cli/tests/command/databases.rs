//! `db create`, `drop`, `seed` and `query`.

use crate::support::Project;
use insta::assert_snapshot;

#[test]
fn a_sqlite_database_is_made_and_dropped_with_what_stands_beside_it() {
    let project = Project::sqlite();
    assert_snapshot!(project.run_all(&["db query 'select 1'", "db create", "db create", "db drop", "db drop --yes", "db drop --yes"]), @"");
    assert_eq!(project.files(""), ["migrations", "peristyle.toml"]);
}

#[test]
fn a_postgres_database_is_made_and_dropped() {
    let project = Project::postgres();
    assert_snapshot!(project.run_all(&["db query 'select 1'", "db create", "db create", "db drop", "db drop --yes", "db drop --yes"]), @"");
}

#[test]
fn a_postgres_database_in_use_is_dropped_by_force() {
    let project = Project::postgres();
    project.run("db create");
    let url = project.read("peristyle.toml").split('"').nth(1).unwrap().to_owned();
    let sleep = ["db", "query", "select pg_sleep(60)", "--database-url", &url];
    let mut other = project.command(env!("CARGO_BIN_EXE_peristyle"), &sleep, "").spawn().unwrap();
    let sleeping = "db query --csv 'select count(*) from pg_stat_activity where datname = current_database() and state = ''active'' and query like ''%pg_sleep(60)'''";
    let _ = sleeping;
    while !project.run("db query --csv 'select count(*) > 1 from pg_stat_activity where datname = current_database() and wait_event is not null'").contains("true") {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_snapshot!(project.run("db drop --yes"), @"");
    assert_snapshot!(project.run("db drop --yes --force"), @"");
    assert!(!other.wait().unwrap().success());
}

#[test]
fn a_protected_database_asks_for_its_name() {
    let project = Project::sqlite();
    project.write("peristyle.toml", "[repo.default]\nurl = \"sqlite:app.db\"\nprotected = true\n");
    project.run("db create");
    assert_snapshot!(project.run("db drop --yes"), @"");
    assert_snapshot!(project.run("db drop --yes --database-name other.db"), @"");
    assert_snapshot!(project.run("db drop --database-name app.db"), @"");
    assert_snapshot!(project.run("db reset --yes"), @"");
    assert!(project.path("app.db").is_file());
    assert_snapshot!(project.run("db drop --yes --database-name app.db"), @"");
}

#[test]
fn rows_are_read_as_a_table_as_json_and_as_csv() {
    for project in [Project::sqlite(), Project::postgres()] {
        project.run("db create");
        project.write("migrations/seeds/1.sql", "create table users (id integer primary key, name text);\n");
        project.write("migrations/seeds/2.sql", "insert into users values (1, 'Ann, \"A\"'), (2, null), (3, '');\n");
        assert_snapshot!(project.run("db seed"), @"");
        assert_snapshot!(project.run("db query 'select id, name from users order by id'"), @"");
        assert_snapshot!(project.run("db query --json 'select id, name from users order by id;'"), @"");
        assert_snapshot!(project.run("db query --csv 'select id, name from users order by id'"), @"");
        assert_snapshot!(project.run("db query 'select id from users where id > 3'"), @"");
    }
}

#[test]
fn a_query_can_only_read() {
    let project = Project::sqlite();
    project.run("db create");
    assert_snapshot!(project.run("db query 'create table users (id integer)'"), @"");
    let project = Project::postgres();
    project.run("db create");
    assert_snapshot!(project.run("db query 'create table users (id integer)'"), @"");
    assert_snapshot!(project.run("db query 'select nonsense'"), @"");
}

#[test]
fn a_file_of_seeds_is_kept_whole_or_not_at_all() {
    for project in [Project::sqlite(), Project::postgres()] {
        project.run("db create");
        assert_snapshot!(project.run("db seed"), @"");
        project.write("broken.sql", "create table users (id integer);\ninsert into nowhere values (1);\n");
        let shown = project.run("db seed broken.sql");
        assert!(shown.contains("in broken.sql: nothing of it was kept") && shown.contains("exit 6"), "{shown}");
        assert!(project.run("db query 'select * from users'").contains("exit 6"));
        assert_snapshot!(project.run("db seed missing.sql"), @"");
    }
}

#[test]
fn a_server_that_is_not_there_is_told_without_the_password() {
    let mut project = Project::empty();
    project.set("DATABASE_URL", "postgres://ann:hunter2@127.0.0.1:1/app");
    let shown = project.run_all(&["db create", "db query 'select 1'", "db drop --yes"]);
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_snapshot!(shown, @"");
}

#[test]
fn tls_says_which_feature_to_build_with() {
    let mut project = Project::empty();
    let url = project.new_postgres_url("app");
    project.set("DATABASE_URL", &format!("{url}?sslmode=require"));
    assert_snapshot!(project.run("db query 'select 1'"), @"");
}
