//! What stops migrations: each kind with its message, its place and its exit code.

use crate::support::{POSTS, Project, USERS, on_both, with_two};
use insta::{allow_duplicates, assert_snapshot};

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
    !  |
    !  = help: `peristyle migrate repair --mark-up 20260103000000` records that all of it is done by now, and --mark-down 20260103000000 that nothing of it is left
    exit 9
    ");
    // As after a crash in the second statement.
    let again = project.run("migrate up --quiet --no-lint");
    assert!(
        again.contains("note: it has no transaction, and stopped in this statement before: 1 of its 2 statements"),
        "{again}"
    );
    assert!(again.contains("`peristyle migrate repair --mark-done 20260103000000=2`"), "{again}");
    let unclear = project.run("migrate repair --mark-done 20260103000000");
    assert!(unclear.contains("how many of its statements are done: [version]=2"), "{unclear}");
    assert_snapshot!(project.run("migrate repair --mark-done 20260103000000=2"), @r"
    $ peristyle migrate repair --mark-done 20260103000000=2
    20260103000000 is recorded as done to statement 2
    ");
    project.run("migrate up --quiet");
    assert_snapshot!(project.run("migrate repair --mark-up 20260103000000"), @r"
    $ peristyle migrate repair --mark-up 20260103000000
    20260103000000 is recorded as up
    ");
    assert_snapshot!(project.run("migrate up --quiet"), @"$ peristyle migrate up --quiet");
}

#[test]
fn a_second_process_waits_for_the_first_as_long_as_it_may() {
    let project = with_two(Project::postgres());
    project.write(
        "migrations/20260103000000_slow.sql",
        "-- migrate:up\nSELECT pg_sleep(60);\n-- migrate:down\nSELECT 1;\n",
    );
    let up = ["migrate", "up", "--quiet", "--no-lint"];
    let mut first = project.command(env!("CARGO_BIN_EXE_peristyle"), &up, "").spawn().unwrap();
    let sleeping = "db query --csv 'select wait_event from pg_stat_activity where datname = current_database()'";
    let begun = std::time::Instant::now();
    while !project.run(sleeping).contains("PgSleep") {
        assert!(begun.elapsed().as_secs() < 60, "the first does not run");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let second = project.run("migrate up --wait 300ms --no-lint");
    assert!(
        second.contains("the lock of the migrations did not become free") && second.contains("peristyle"),
        "{second}"
    );
    assert!(second.contains("--wait TIME waits longer") && second.ends_with("exit 5\n"), "{second}");
    first.kill().unwrap();
    first.wait().unwrap();
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
    assert!(project.run("migrate up --ignore-missing").contains("nothing to do"));
    assert_snapshot!(project.run("migrate up"), @r"
    $ peristyle migrate up
    ! error: migrations that ran have no file any more
    !  |
    !  = note: 20260101000000_create_users
    !  = help: bring the files back (another branch may have them), or take them back with the version that has them
    !  = help: --ignore-missing goes on without them
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
fn behind_a_pooler_the_lock_is_each_transactions_own() {
    let project = with_two(Project::postgres());
    let configuration = project.read("peristyle.toml");
    project.write("peristyle.toml", &format!("{configuration}lock = \"transaction\"\n"));
    project.run("migrate up --no-lint");
    project.write(
        "migrations/20260103000000_index_posts.sql",
        "-- migrate:no-transaction\n-- migrate:up\nCREATE INDEX CONCURRENTLY posts_title ON posts (title);\n",
    );
    assert!(project.run("migrate status").contains("create_posts"));
    assert_snapshot!(project.run("migrate up --no-lint"), @r"
    $ peristyle migrate up --no-lint
    ! error: migration 20260103000000 index_posts was not run: it has no transaction, and Lock::Transaction protects nothing else: migrate through a URL of the server itself
    exit 8
    ");
}
