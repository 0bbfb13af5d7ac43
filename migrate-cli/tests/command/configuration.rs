//! `peristyle.toml`, `.env`, the environment and the options of every command.

use crate::support::Project;
use insta::assert_snapshot;

#[test]
fn init_writes_the_configuration_and_never_replaces_one() {
    let project = Project::empty();
    assert_snapshot!(project.run_all(&["init", "init", "init --force --quiet"]), @r"
    $ peristyle init
    wrote peristyle.toml
    made  migrations/
    next: `peristyle db create`, then `peristyle migrate new NAME` or `peristyle migrate diff NAME`
    $ peristyle init
    ! error: peristyle.toml is there already
    !  |
    !  = help: change it, or replace it with --force
    exit 8
    $ peristyle init --force --quiet
    ");
    assert_eq!(project.files(""), ["migrations", "peristyle.toml"]);
    assert_snapshot!(project.read("peristyle.toml"), @r#"
    # The configuration of the command `peristyle`. What is commented out is the default.
    # ${NAME} is the variable NAME of the environment or of the file .env beside this one; ${NAME:-text} has a default.
    # Paths are relative to this file; {store} in those of migrations, dump and seeds is sqlite or postgres, as the URL says.

    [repo.default]
    url = "${DATABASE_URL}"              # sqlite:app.db or postgres://user:password@localhost:5432/app
    # store = "sqlite"                   # or "postgres": whose SQL is written where the URL is not known
    # migrations = "migrations"          # the folder of migrations
    # table = "schema_migrations"        # the table that records which of them ran
    # prefixes = []                      # run for each of these database schemas, of tenants for example
    # models = ["src/**/*.rs"]           # where the structs with #[derive(Schema)] are
    # seeds = ["migrations/seeds/*.sql"] # what `db seed` runs, in order
    # dump = "structure.sql"             # what `db dump` writes and `db load` runs
    # lock_timeout = "5s"                # how long a statement of a migration waits for a lock
    # wait = "5min"                      # how long to wait for another migration that runs
    # lock = "session"                   # or "transaction", through PgBouncer, or "none": how migrations wait for each other
    # shared_schemas = []                # where names are looked up after the prefix: the schema of extensions
    # scratch_url = ""                   # where `verify` and `diff` may make and drop databases; else beside the database
    # redis_url = "${REDIS_URL}"         # where `reindex` builds the indexes of structs that live in Redis
    # strict_order = false               # refuse a pending migration that is older than one that ran
    # protected = false                  # `down`, `drop` and `reset` ask for --yes and the database's name

    # More repos, each with its own folder and table:
    #
    # [repo.analytics]
    # url = "${ANALYTICS_URL}"
    # migrations = "migrations/analytics"
    # models = ["src/analytics/**/*.rs"]

    # [lint]
    # The rules of `migrate lint` by name: "off", "note", "warn" or "error". `peristyle migrate lint --explain` lists them.
    "#);
}

#[test]
fn init_keeps_a_password_out_of_the_configuration() {
    let project = Project::empty();
    assert_snapshot!(project.run("init --database-url postgres://ann:hunter2@localhost/app"), @r"
    $ peristyle init --database-url postgres://ann:hunter2@localhost/app
    ! error: a password does not belong into peristyle.toml
    !  |
    !  = help: write the URL as DATABASE_URL into .env, and keep that file out of the repository
    exit 8
    ");
    assert_snapshot!(project.run("init --quiet --database-url sqlite:app.db"), @"$ peristyle init --quiet --database-url sqlite:app.db");
    assert!(project.read("peristyle.toml").contains("url = \"sqlite:app.db\" "));
}

#[test]
fn an_unknown_key_is_shown_with_what_was_probably_meant() {
    let project = Project::empty();
    project.write("peristyle.toml", "[repo.default]\nurl = \"sqlite:app.db\"\nmigration = \"db\"\n");
    assert_snapshot!(project.run("db create"), @r#"
    $ peristyle db create
    ! error: unknown key `migration`
    !  --> peristyle.toml:3:1
    !   |
    ! 3 | migration = "db"
    !   | ^^^^^^^^^ did you mean `migrations`?
    !   |
    !   = help: there are url, store, migrations, table, prefixes, models, seeds, dump, lock_timeout, wait, lock, shared_schemas, scratch_url, redis_url, strict_order, protected
    exit 3
    "#);
    project.write("peristyle.toml", "[repos.default]\n");
    assert_snapshot!(project.run("db create"), @r"
    $ peristyle db create
    ! error: unknown key `repos`
    !  --> peristyle.toml:1:2
    !   |
    ! 1 | [repos.default]
    !   |  ^^^^^ did you mean `repo`?
    !   |
    !   = help: there are repo, lint
    exit 3
    ");
    project.write("peristyle.toml", "[repo.default]\nstore = \"postgresql\"\n");
    assert_snapshot!(project.run("db create"), @r#"
    $ peristyle db create
    ! error: unknown value `postgresql`
    !  --> peristyle.toml:2:9
    !   |
    ! 2 | store = "postgresql"
    !   |         ^^^^^^^^^^^^ did you mean `postgres`?
    !   |
    !   = help: there are sqlite, postgres
    exit 3
    "#);
    project.write("peristyle.toml", "[repo.default]\nprotected = \"yes\"\n");
    assert_snapshot!(project.run("db create"), @r#"
    $ peristyle db create
    ! error: invalid type: string "yes", expected a boolean
    !  --> peristyle.toml:2:13
    !   |
    ! 2 | protected = "yes"
    !   |             ^^^^^ here
    exit 3
    "#);
    project.write("peristyle.toml", "[repo.default]\nlock_timeout = \"5 parsecs\"\n");
    assert_snapshot!(project.run("db create"), @r#"
    $ peristyle db create
    ! error: `5 parsecs` is not a time: write 500ms, 5s, 2min or 1h
    !  --> peristyle.toml:2:16
    !   |
    ! 2 | lock_timeout = "5 parsecs"
    !   |                ^^^^^^^^^^^ a time such as 5s or 500ms
    exit 3
    "#);
    project.write("peristyle.toml", "[repo.default\n");
    assert_snapshot!(project.run("db create"), @r"
    $ peristyle db create
    ! error: unclosed table, expected `]`
    !  --> peristyle.toml:1:14
    !   |
    ! 1 | [repo.default
    !   |              ^ here
    exit 3
    ");
}

#[test]
fn a_variable_comes_from_the_environment_else_from_dotenv_else_from_its_default() {
    let mut project = Project::empty();
    project.write("peristyle.toml", "[repo.default]\nurl = \"${PLACE}\"\n");
    assert_snapshot!(project.run("db create"), @r#"
    $ peristyle db create
    ! error: the variable PLACE is not set
    !  --> peristyle.toml:2:7
    !   |
    ! 2 | url = "${PLACE}"
    !   |       ^^^^^^^^^^ this
    !   |
    !   = help: set PLACE in the environment or in the file .env, or give --database-url
    exit 3
    "#);
    project.write(".env", "# where it is\nPLACE=sqlite:dotenv.db\n");
    assert_snapshot!(project.run("db create"), @r"
    $ peristyle db create
    created sqlite:dotenv.db
    ");
    project.set("PLACE", "sqlite:environment.db");
    assert_snapshot!(project.run("db create"), @r"
    $ peristyle db create
    created sqlite:environment.db
    ");
    project.write("peristyle.toml", "[repo.default]\nurl = \"${NOWHERE:-sqlite:default.db}\"\n");
    assert_snapshot!(project.run("db create"), @r"
    $ peristyle db create
    created sqlite:default.db
    ");
    project.write(".env", "# where it is\n\nthis is hunter2\n");
    assert_snapshot!(project.run("db create"), @r"
    $ peristyle db create
    ! error: .env:3 is not of the form NAME=value
    !  |
    !  = help: a value with blanks, # or $ stands in single quotes: NAME='a b'
    exit 3
    ");
}

#[test]
fn without_a_file_a_url_suffices() {
    let mut project = Project::empty();
    assert_snapshot!(project.run("db create"), @r"
    $ peristyle db create
    ! error: no database is named
    !  |
    !  = help: set DATABASE_URL (in the environment or in .env), or give --database-url, or write `peristyle init`
    exit 3
    ");
    assert_snapshot!(project.run("db create --database-url sqlite:given.db"), @r"
    $ peristyle db create --database-url sqlite:given.db
    created sqlite:given.db
    ");
    project.set("DATABASE_URL", "sqlite:variable.db");
    assert_snapshot!(project.run("db create"), @r"
    $ peristyle db create
    created sqlite:variable.db
    ");
}

#[test]
fn the_file_is_found_from_a_folder_below_and_its_paths_are_its_own() {
    let project = Project::sqlite();
    project.folder("src/web");
    assert_snapshot!(project.run_in("src/web", "db create"), @r"
    $ peristyle db create
    created sqlite:../../app.db
    ");
    assert_snapshot!(project.run_in("src/web", "migrate new add_posts"), @r"
    $ peristyle migrate new add_posts
    wrote ../../migrations/[version]_add_posts.sql
    ");
    assert!(project.path("app.db").is_file());
    assert_snapshot!(project.run("db create --config elsewhere.toml"), @r"
    $ peristyle db create --config elsewhere.toml
    ! error: elsewhere.toml cannot be read: No such file or directory (os error 2)
    !  |
    !  = help: `peristyle init` writes one
    exit 3
    ");
}

#[test]
fn of_several_repos_each_has_its_own_database_and_folder() {
    let project = Project::empty();
    project.write(
        "peristyle.toml",
        "[repo.events]\nurl = \"sqlite:events.db\"\nmigrations = \"migrations/events\"\n\n\
         [repo.main]\nurl = \"sqlite:main.db\"\n",
    );
    assert_snapshot!(project.run("db create"), @r"
    $ peristyle db create
    created sqlite:events.db
    created sqlite:main.db
    ");
    assert_snapshot!(project.run("db create -r main"), @r"
    $ peristyle db create -r main
    exists  sqlite:main.db
    ");
    assert_snapshot!(project.run("migrate new add_clicks -r events"), @r"
    $ peristyle migrate new add_clicks -r events
    wrote migrations/events/[version]_add_clicks.sql
    ");
    assert_snapshot!(project.run("migrate new add_clicks"), @r"
    $ peristyle migrate new add_clicks
    ! error: this is done for one repo at a time, and there are events, main
    !  |
    !  = help: add --repo events
    exit 2
    ");
    assert_snapshot!(project.run("migrate new add_clicks -r event"), @r"
    $ peristyle migrate new add_clicks -r event
    ! error: there is no repo `event`
    !  |
    !  = help: did you mean --repo events?
    exit 2
    ");
    assert_snapshot!(project.run("db create --database-url sqlite:x.db"), @r"
    $ peristyle db create --database-url sqlite:x.db
    ! error: --database-url is for one repo, and there are events, main
    !  |
    !  = help: add --repo events
    exit 2
    ");
}

#[test]
fn a_url_that_makes_no_sense_is_refused_without_showing_it() {
    let project = Project::empty();
    for url in ["mysql://ann:hunter2@db/app", "postgres://ann:hunter2@db:port/app", "hunter2"] {
        let shown = project.run(&format!("db create --database-url {url}"));
        let (_, printed) = shown.split_once('\n').unwrap();
        assert!(printed.contains("exit 3") && !printed.contains("hunter2"), "{printed}");
    }
    assert_snapshot!(project.run("db create --database-url mysql://db/app"), @r"
    $ peristyle db create --database-url mysql://db/app
    ! error: no store has the scheme `mysql`
    !  |
    !  = help: write sqlite:app.db or postgres://user:password@localhost:5432/app
    exit 3
    ");
}

#[test]
fn colours_are_for_terminals_unless_they_are_asked_for() {
    let mut project = Project::sqlite();
    assert!(!project.run("db drop").contains('\u{1b}'));
    assert!(project.run("db drop --color always").contains('\u{1b}'));
    project.set("CLICOLOR_FORCE", "1");
    assert!(project.run("db drop").contains('\u{1b}'));
    project.set("NO_COLOR", "1");
    assert!(!project.run("db drop").contains('\u{1b}'));
}

#[test]
fn a_mistake_on_the_command_line_is_told_with_what_was_probably_meant() {
    let project = Project::sqlite();
    assert_snapshot!(project.run("migrate statsu"), @r"
    $ peristyle migrate statsu
    ! error: unrecognized subcommand 'statsu'
    !
    !   tip: a similar subcommand exists: 'status'
    !
    ! Usage: peristyle migrate [OPTIONS] <COMMAND>
    !
    ! For more information, try '--help'.
    exit 2
    ");
    assert_snapshot!(project.run("migrate new"), @r"
    $ peristyle migrate new
    ! error: the following required arguments were not provided:
    !   <NAME>
    !
    ! Usage: peristyle migrate new <NAME>
    !
    ! For more information, try '--help'.
    exit 2
    ");
    assert_snapshot!(project.run("migrate new '!?'"), @r#"
    $ peristyle migrate new '!?'
    ! error: "!?" has no letter for the name of a migration
    !  |
    !  = help: as in add_posts
    exit 2
    "#);
    assert_snapshot!(project.run("migrate up --step 0"), @r"
    $ peristyle migrate up --step 0
    ! error: invalid value '0' for '--step <N>': 0 is not in 1..=4294967295
    !
    ! For more information, try '--help'.
    exit 2
    ");
    assert_snapshot!(project.run("migrate up --lock-timeout soon"), @r"
    $ peristyle migrate up --lock-timeout soon
    ! error: invalid value 'soon' for '--lock-timeout <TIME>': `soon` is not a time: write 500ms, 5s, 2min or 1h
    !
    ! For more information, try '--help'.
    exit 2
    ");
}

#[test]
fn a_new_migration_is_named_after_the_time_and_comes_last() {
    let project = Project::sqlite();
    project.write("migrations/99991231235958_far_away.sql", "-- migrate:up\n");
    assert_snapshot!(project.run("migrate new AddPosts"), @r"
    $ peristyle migrate new AddPosts
    wrote migrations/99991231235959_add_posts.sql
    ");
    assert_snapshot!(project.read("migrations/99991231235959_add_posts.sql"), @r"
    -- migrate:up


    -- migrate:down
    ");
    assert_snapshot!(project.run("migrate new add-posts"), @r"
    $ peristyle migrate new add-posts
    ! error: there is a migration of this name: migrations/99991231235959_add_posts.sql
    !  |
    !  = help: choose another name
    exit 8
    ");
    project.remove("migrations/99991231235958_far_away.sql");
    project.remove("migrations/99991231235959_add_posts.sql");
    assert_snapshot!(project.run("migrate new 'index posts' --no-transaction"), @r"
    $ peristyle migrate new 'index posts' --no-transaction
    wrote migrations/[version]_index_posts.sql
    ");
}

#[test]
fn completions_and_manual_pages_are_printed() {
    let project = Project::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = project.run(&format!("completions {shell}"));
        assert!(script.contains("migrate") && !script.contains("\nexit "), "{shell}");
    }
    assert!(project.run("man").contains(".TH peristyle 1"));
    assert_snapshot!(project.run("man --folder pages"), @r"
    $ peristyle man --folder pages
    wrote the pages to pages
    ");
    let pages = project.files("pages");
    assert!(pages.contains(&"peristyle-migrate-up.1".to_owned()), "{pages:?}");
}
