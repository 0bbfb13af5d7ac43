//! What no command does by accident: lose data or a file, meet another database, or show a password.

use crate::support::{POSTS, Project, USERS};
use insta::assert_snapshot;

/// An index that `lint --fix` can mend.
const INDEX: &str = "-- migrate:lock-timeout 5s\n-- migrate:up\nCREATE INDEX users_email ON users (email);\n\n\
                     -- migrate:down\nDROP INDEX users_email;\n";
/// A check whose fix is a second migration.
const CHECK: &str = "-- migrate:lock-timeout 5s\n-- migrate:up\n\
                     ALTER TABLE users ADD CONSTRAINT users_email_check CHECK (email <> '');\n\n\
                     -- migrate:down\nALTER TABLE users DROP CONSTRAINT users_email_check;\n";

/// A project whose SQL is that of Postgres, without a database.
fn offline() -> Project {
    let project = Project::empty();
    project.write("peristyle.toml", "[repo.default]\nstore = \"postgres\"\n");
    project.folder("migrations");
    project
}

#[test]
fn a_reset_drops_nothing_that_could_not_be_made_again() {
    let project = Project::sqlite();
    project.write("migrations/20260101000000_create_users.sql", USERS);
    project.run_all(&["db create", "migrate up"]);
    project.write("migrations/20260102000000_broken.sql", "CREATE TABLE posts (id bigint);\n");
    let shown = project.run("db reset --yes");
    assert!(shown.contains("20260102000000_broken.sql:1:1") && shown.ends_with("exit 10\n"), "{shown}");
    assert!(!shown.contains("dropped"), "{shown}");
    assert!(project.run("db query 'select count(*) from users'").contains("(1 row)"));
}

#[test]
fn a_file_that_is_no_database_is_not_dropped() {
    let project = Project::sqlite();
    project.write("notes.txt", "to be kept");
    assert_snapshot!(project.run("db drop --yes --database-url sqlite:notes.txt"), @r"
    $ peristyle db drop --yes --database-url sqlite:notes.txt
    ! error: notes.txt is no database of SQLite: it is not removed
    !  |
    !  = help: look at the URL
    exit 8
    ");
    assert_eq!(project.read("notes.txt"), "to be kept");
}

#[test]
fn what_only_looks_writes_no_file() {
    let project = Project::sqlite();
    project.write("src/lib.rs", "#[derive(Schema)]\npub struct User { pub id: i64, pub email: String }\n");
    project.write("migrations/20260101000000_create_users.sql", USERS);
    for line in ["migrate diff x --dry-run", "migrate diff --check", "migrate check", "migrate lint"] {
        project.run(line);
        assert_eq!(project.files("migrations"), ["20260101000000_create_users.sql"], "{line}");
        assert_eq!(project.files(""), ["migrations", "peristyle.toml", "src"], "{line}");
    }
    project.run("db create");
    for line in ["migrate up --dry-run", "migrate plan", "migrate status", "migrate goto 20260101000000 --dry-run"] {
        project.run(line);
        assert_eq!(project.files("migrations"), ["20260101000000_create_users.sql"], "{line}");
        assert!(project.run("db query 'select name from sqlite_schema'").contains("(0 rows)"), "{line}");
    }
}

#[test]
fn fixes_are_told_beside_the_json() {
    let project = offline();
    project.write("migrations/20260101000000_index_users.sql", INDEX);
    project.write("migrations/20260102000000_check_users.sql", CHECK);
    let output =
        project.command(env!("CARGO_BIN_EXE_peristyle"), &["migrate", "lint", "--fix", "--json"], "").output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document[0]["findings"], serde_json::json!([]));
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told.matches("fixed").count(), 2, "{told}");
    // Once more there is nothing to do.
    let before = project.files("migrations");
    assert_snapshot!(project.run("migrate lint --fix"), @r"
    $ peristyle migrate lint --fix
    3 migrations, no findings
    ! no database is at hand: all migrations are looked at
    ");
    assert_eq!(project.files("migrations"), before);
}

#[test]
fn a_fix_never_loses_the_migration_that_has_to_follow() {
    let project = offline();
    project.write("migrations/20260101000000_check_users.sql", CHECK);
    project.write("migrations/20260102000000_validate_users_email_check.sql", POSTS);
    let shown = project.run("migrate lint --fix");
    assert!(shown.contains("validate_users_email_check_2.sql"), "{shown}");
    assert!(project.read("migrations/20260101000000_check_users.sql").contains("NOT VALID"));
    let files = project.files("migrations");
    assert!(project.read(&format!("migrations/{}", files[2])).contains("VALIDATE CONSTRAINT users_email_check"));
}

#[test]
fn a_migration_that_ran_is_not_fixed() {
    let project = Project::postgres();
    project.run("db create");
    project.write("migrations/20260101000000_create_users.sql", USERS);
    project.write("migrations/20260102000000_index_users.sql", INDEX);
    project.run("migrate up --no-lint");
    let shown = project.run("migrate lint --all --fix");
    assert!(shown.contains("! migrations that ran stay as they are"), "{shown}");
    assert_eq!(project.read("migrations/20260102000000_index_users.sql"), INDEX);
    assert_snapshot!(project.run("migrate lint"), @r"
    $ peristyle migrate lint
    no migration is pending: `--all` looks at those that ran
    ");
}

#[test]
fn lint_says_when_there_is_nothing_to_look_at() {
    let project = Project::sqlite();
    project.run("db create");
    assert_snapshot!(project.run("migrate lint"), @r"
    $ peristyle migrate lint
    there are no migrations
    ");
}

#[test]
fn the_dumps_of_several_repos_do_not_replace_each_other() {
    let project = Project::empty();
    project.write("peristyle.toml", "[repo.a]\nurl = \"sqlite:a.db\"\n[repo.b]\nurl = \"sqlite:b.db\"\n");
    project.run("db create");
    assert_snapshot!(project.run("db dump --output all.sql"), @r"
    $ peristyle db dump --output all.sql
    ! error: --output is for one repo: give one --repo
    exit 2
    ");
    assert_snapshot!(project.run("db dump --output a.sql -r a"), @r"
    $ peristyle db dump --output a.sql -r a
    wrote a.sql
    ");
}

#[test]
fn repos_on_one_database_have_version_tables_of_their_own_and_one_protection() {
    let project = Project::empty();
    let repos = |rest: &str| {
        let text = format!(
            "[repo.default]\nurl = \"sqlite:app.db\"\nprotected = true\n\n\
             [repo.events]\nurl = \"sqlite:./app.db\"\nmigrations = \"events\"\n{rest}"
        );
        project.write("peristyle.toml", &text);
    };
    repos("");
    assert_snapshot!(project.run("db create"), @r#"
    $ peristyle db create
    ! error: the repos `default` and `events` are one database, and keep their versions in one table, `schema_migrations`
    !  |
    !  = note: each would take the migrations of the other for missing ones
    !  = help: write in [repo.events]: table = "events_migrations"
    exit 3
    "#);
    repos("table = \"events_migrations\"\n");
    project.run("db create");
    let shown = project.run("db drop -r events --yes");
    assert!(shown.contains("its name has to be given") && shown.ends_with("exit 8\n"), "{shown}");
    assert!(project.path("app.db").exists());
}

#[test]
fn a_password_is_not_shown_where_the_url_is_odd() {
    let project = Project::empty();
    project.folder("migrations");
    let urls = [
        "postgres://ann:12/hunter2@127.0.0.1:1/app",
        "postgres://ann:12#hunter2@127.0.0.1:1/app",
        "postgres://ann:12?hunter2@127.0.0.1:1/app",
        "postgres:ann:hunter2@127.0.0.1:1/app",
        "postgres://ann:x@hunter2@127.0.0.1:1/app",
        "postgres://127.0.0.1:1/app?user=ann&password=hunter2",
        "postgres://127.0.0.1:1/app?user=ann&PASSWORD=hunter2",
        "postgres://ann@127.0.0.1:1/app?sslpassword=hunter2",
    ];
    for url in urls {
        for command in ["migrate status --verbose", "db create", "db drop", "migrate verify"] {
            let shown = project.run(&format!("{command} --database-url {url}"));
            let (_, printed) = shown.split_once('\n').unwrap();
            assert!(printed.contains("error: ") && !printed.contains("hunter2"), "{command} {url}: {printed}");
        }
    }
    assert_snapshot!(project.run("db create --database-url postgres://ann:12/34@127.0.0.1:1/app"), @r"
    $ peristyle db create --database-url postgres://ann:12/34@127.0.0.1:1/app
    ! error: the URL of the database has a character in a wrong place: @, # or ?
    !  |
    !  = help: write sqlite:app.db or postgres://user:password@localhost:5432/app
    !  = help: in a user or a password, @ is written %40, / %2F, ? %3F, # %23, : %3A and % %25
    exit 3
    ");
    let shown = project.run("migrate status --database-url postgres://ann@127.0.0.1:1/app?sslmode=never");
    assert!(shown.ends_with("exit 3\n"), "{shown}");
}

#[test]
fn a_missing_role_is_not_taken_for_a_missing_database() {
    let mut project = Project::postgres();
    let url = project.new_postgres_url("other");
    let mut url = url::Url::parse(&url).unwrap();
    url.set_username("peristyle_nobody").unwrap();
    let shown = project.run(&format!("migrate status --database-url {url}"));
    assert!(shown.contains("exit 4") && !shown.contains("db create"), "{shown}");
}

#[test]
fn a_script_that_commits_by_itself_is_refused_before_it_runs() {
    for project in [Project::sqlite(), Project::postgres()] {
        project.run("db create");
        project.write("seeds.sql", "CREATE TABLE kept (id int);\nCOMMIT;\nINSERT INTO nowhere VALUES (1);\n");
        for command in ["db seed seeds.sql", "db load seeds.sql"] {
            let shown = project.run(command);
            assert!(shown.contains("seeds.sql:2:1") && shown.ends_with("exit 10\n"), "{shown}");
            assert!(project.run("db query 'select * from kept'").ends_with("exit 6\n"));
        }
    }
}

#[test]
fn a_version_table_that_cannot_be_made_is_a_statement_that_failed() {
    let mut project = Project::postgres();
    project.write("migrations/20260101000000_create_users.sql", USERS);
    project.run("db create");
    let url = project.role_that_reads();
    let shown = project.run(&format!("migrate up --database-url {url}"));
    assert!(shown.contains("permission denied") && shown.ends_with("exit 6\n"), "{shown}");
    assert!(!shown.contains(".rs:"), "{shown}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_result_that_cannot_be_written_is_a_failure() {
    let project = Project::sqlite();
    project.run("db create");
    for arguments in [["db", "query", "select 1"], ["db", "dump", "--output=-"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let command = &mut project.command(env!("CARGO_BIN_EXE_peristyle"), &arguments, "");
        let output = command.stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(11), "{arguments:?}");
        assert!(String::from_utf8(output.stderr).unwrap().contains("the standard output cannot be written"));
    }
}

#[test]
fn lint_tells_where_no_limit_is_set_for_locks() {
    let project = offline();
    let sql =
        "-- migrate:up\nALTER TABLE users ADD COLUMN age int;\n-- migrate:down\nALTER TABLE users DROP COLUMN age;\n";
    project.write("migrations/20260101000000_add_age.sql", sql);
    assert!(project.run("migrate lint").contains("1 migration, no findings"));
    project.write("peristyle.toml", "[repo.default]\nstore = \"postgres\"\nlock_timeout = \"0s\"\n");
    assert!(project.run("migrate lint").contains("error[missing-lock-timeout]"));
}

#[test]
fn a_dump_with_other_line_ends_is_the_same() {
    let project = Project::sqlite();
    project.write("migrations/20260101000000_create_users.sql", USERS);
    project.run_all(&["db create", "migrate up", "db dump"]);
    project.write("structure.sql", &project.read("structure.sql").replace('\n', "\r\n"));
    assert!(project.run("db dump --check").contains("same  structure.sql"));
}

#[test]
fn a_column_that_may_be_a_rename_is_not_asked_for_a_value_only() {
    let project = Project::sqlite();
    project.run("db create");
    project.write("src/lib.rs", "#[derive(Schema)]\npub struct User { pub id: i64, pub email: String }\n");
    project.run_all(&["migrate diff create_users", "migrate up"]);
    project.write("src/lib.rs", "#[derive(Schema)]\npub struct User { pub id: i64, pub mail: String }\n");
    assert_snapshot!(project.run("migrate diff rename"), @r"
    $ peristyle migrate diff rename
    ! error: users.mail may not be NULL, and rows that exist have no value for it
    !  |
    !  = help: if it is a rename: --rename users.email=users.mail
    !  = help: give one: --value users.mail=SQL
    !  = help: or give the field a `default`, or make it an Option
    exit 8
    ");
}
