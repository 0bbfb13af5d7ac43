//! `peristyle.toml`, `.env`, the environment and the options of every command.

use crate::support::Project;
use insta::assert_snapshot;

#[test]
fn init_writes_the_configuration_and_never_replaces_one() {
    let project = Project::empty();
    assert_snapshot!(project.run_all(&["init", "init", "init --force --quiet"]), @"");
    assert_eq!(project.files(""), ["migrations", "peristyle.toml"]);
    assert_snapshot!(project.read("peristyle.toml"), @"");
}

#[test]
fn init_keeps_a_password_out_of_the_configuration() {
    let project = Project::empty();
    assert_snapshot!(project.run("init --database-url postgres://ann:hunter2@localhost/app"), @"");
    assert_snapshot!(project.run("init --quiet --database-url sqlite:app.db"), @"");
    assert!(project.read("peristyle.toml").contains("url = \"sqlite:app.db\" "));
}

#[test]
fn an_unknown_key_is_shown_with_what_was_probably_meant() {
    let project = Project::empty();
    project.write("peristyle.toml", "[repo.default]\nurl = \"sqlite:app.db\"\nmigration = \"db\"\n");
    assert_snapshot!(project.run("db create"), @"");
    project.write("peristyle.toml", "[repos.default]\n");
    assert_snapshot!(project.run("db create"), @"");
    project.write("peristyle.toml", "[repo.default]\nstore = \"postgresql\"\n");
    assert_snapshot!(project.run("db create"), @"");
    project.write("peristyle.toml", "[repo.default]\nprotected = \"yes\"\n");
    assert_snapshot!(project.run("db create"), @"");
    project.write("peristyle.toml", "[repo.default]\nlock_timeout = \"5 parsecs\"\n");
    assert_snapshot!(project.run("db create"), @"");
    project.write("peristyle.toml", "[repo.default\n");
    assert_snapshot!(project.run("db create"), @"");
}

#[test]
fn a_variable_comes_from_the_environment_else_from_dotenv_else_from_its_default() {
    let mut project = Project::empty();
    project.write("peristyle.toml", "[repo.default]\nurl = \"${PLACE}\"\n");
    assert_snapshot!(project.run("db create"), @"");
    project.write(".env", "# where it is\nPLACE=sqlite:dotenv.db\n");
    assert_snapshot!(project.run("db create"), @"");
    project.set("PLACE", "sqlite:environment.db");
    assert_snapshot!(project.run("db create"), @"");
    project.write("peristyle.toml", "[repo.default]\nurl = \"${NOWHERE:-sqlite:default.db}\"\n");
    assert_snapshot!(project.run("db create"), @"");
    project.write(".env", "# where it is\n\nthis is hunter2\n");
    assert_snapshot!(project.run("db create"), @"");
}

#[test]
fn without_a_file_a_url_suffices() {
    let mut project = Project::empty();
    assert_snapshot!(project.run("db create"), @"");
    assert_snapshot!(project.run("db create --database-url sqlite:given.db"), @"");
    project.set("DATABASE_URL", "sqlite:variable.db");
    assert_snapshot!(project.run("db create"), @"");
}

#[test]
fn the_file_is_found_from_a_folder_below_and_its_paths_are_its_own() {
    let project = Project::sqlite();
    project.folder("src/web");
    assert_snapshot!(project.run_in("src/web", "db create"), @"");
    assert_snapshot!(project.run_in("src/web", "migrate new add_posts"), @"");
    assert!(project.path("app.db").is_file());
    assert_snapshot!(project.run("db create --config elsewhere.toml"), @"");
}

#[test]
fn of_several_repos_each_has_its_own_database_and_folder() {
    let project = Project::empty();
    project.write(
        "peristyle.toml",
        "[repo.events]\nurl = \"sqlite:events.db\"\nmigrations = \"migrations/events\"\n\n\
         [repo.main]\nurl = \"sqlite:main.db\"\n",
    );
    assert_snapshot!(project.run("db create"), @"");
    assert_snapshot!(project.run("db create -r main"), @"");
    assert_snapshot!(project.run("migrate new add_clicks -r events"), @"");
    assert_snapshot!(project.run("migrate new add_clicks"), @"");
    assert_snapshot!(project.run("migrate new add_clicks -r event"), @"");
    assert_snapshot!(project.run("db create --database-url sqlite:x.db"), @"");
}

#[test]
fn a_url_that_makes_no_sense_is_refused_without_showing_it() {
    let project = Project::empty();
    for url in ["mysql://ann:hunter2@db/app", "postgres://ann:hunter2@db:port/app", "hunter2"] {
        let shown = project.run(&format!("db create --database-url {url}"));
        let (_, printed) = shown.split_once('\n').unwrap();
        assert!(printed.contains("exit 3") && !printed.contains("hunter2"), "{printed}");
    }
    assert_snapshot!(project.run("db create --database-url mysql://db/app"), @"");
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
    assert_snapshot!(project.run("migrate statsu"), @"");
    assert_snapshot!(project.run("migrate new"), @"");
    assert_snapshot!(project.run("migrate new '!?'"), @"");
    assert_snapshot!(project.run("migrate up --step 0"), @"");
    assert_snapshot!(project.run("migrate up --lock-timeout soon"), @"");
}

#[test]
fn a_new_migration_is_named_after_the_time_and_comes_last() {
    let project = Project::sqlite();
    project.write("migrations/99991231235958_far_away.sql", "-- migrate:up\n");
    assert_snapshot!(project.run("migrate new AddPosts"), @"");
    assert_snapshot!(project.read("migrations/99991231235959_add_posts.sql"), @"");
    assert_snapshot!(project.run("migrate new add-posts"), @"");
    project.remove("migrations/99991231235958_far_away.sql");
    project.remove("migrations/99991231235959_add_posts.sql");
    assert_snapshot!(project.run("migrate new 'index posts' --no-transaction"), @"");
}

#[test]
fn completions_and_manual_pages_are_printed() {
    let project = Project::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = project.run(&format!("completions {shell}"));
        assert!(script.contains("migrate") && !script.contains("exit"), "{shell}");
    }
    assert!(project.run("man").contains(".TH peristyle 1"));
    assert_snapshot!(project.run("man --folder pages"), @"");
    let pages = project.files("pages");
    assert!(pages.contains(&"peristyle-migrate-up.1".to_owned()), "{pages:?}");
}
