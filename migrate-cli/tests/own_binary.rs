//! An app's own `migrate` binary, with a migration in Rust: this program is the binary where it is told so, and else the test.

use peristyle_migrate::{Migrations, migration};
use std::path::Path;
use std::process::{Command, ExitCode};

migration!(20260102000000, CreatePosts, |m| {
    m.create_table("posts", |t| {
        t.id();
        t.string("title").not_null();
    });
});

/// The variable that makes this program the app's binary.
const BINARY: &str = "PERISTYLE_TEST_OWN_BINARY";

const FILES: &[(&str, &str)] = &[(
    "migrations/20260101000000_create_users.sql",
    "-- migrate:up\nCREATE TABLE users (id integer PRIMARY KEY);\n-- migrate:down\nDROP TABLE users;\n",
)];

fn main() -> ExitCode {
    if std::env::var_os(BINARY).is_some() {
        return peristyle_migrate::main(Migrations::embedded(FILES).with(CreatePosts));
    }
    let folder = tempfile::tempdir().unwrap();
    it_has_the_commands_with_the_apps_migrations_inside(folder.path());
    its_help_and_its_errors_call_it_by_its_name(folder.path());
    println!("test result: ok");
    ExitCode::SUCCESS
}

/// Runs the binary in a folder, and gives what it prints with the exit code.
fn run(folder: &Path, arguments: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(arguments.split_whitespace()).current_dir(folder);
    let output = command.env(BINARY, "1").env_remove("CARGO").env("DATABASE_URL", "sqlite:app.db").output().unwrap();
    let code = output.status.code().unwrap();
    format!("{}{}exit {code}\n", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn it_has_the_commands_with_the_apps_migrations_inside(folder: &Path) {
    assert_eq!(run(folder, "db create"), "created sqlite:app.db\nexit 0\n");
    let up = run(folder, "up");
    assert!(up.contains("20260101000000_create_users") && up.contains("20260102000000_CreatePosts"), "{up}");
    assert_eq!(run(folder, "migrate up"), "nothing to do\nexit 0\n");
    let status = run(folder, "migrate status --exit-code --json");
    assert!(status.contains("\"name\": \"CreatePosts\"") && status.ends_with("exit 0\n"), "{status}");
    let plan = run(folder, "down --dry-run");
    assert!(plan.contains("DROP TABLE \"posts\";"), "{plan}");
    assert!(run(folder, "redo --step 2").ends_with("exit 0\n"));
    let verify = run(folder, "verify");
    assert!(verify.contains("verified 2 migrations"), "{verify}");
    std::fs::create_dir_all(folder.join("migrations")).unwrap();
    std::fs::write(folder.join("migrations/20260103000000_later.sql"), "-- migrate:up\nSELECT 1;\n").unwrap();
    let later = run(folder, "up");
    assert!(later.contains("1 migration of migrations not in this program: build it again"), "{later}");
    std::fs::remove_file(folder.join("migrations/20260103000000_later.sql")).unwrap();
    let own = "migrations/20260101000000_create_users.sql";
    std::fs::write(folder.join(own), FILES[0].1).unwrap();
    assert!(!run(folder, "up").contains("warning"));
    std::fs::write(folder.join(own), FILES[0].1.replace("integer", "bigint")).unwrap();
    let other = run(folder, "up");
    assert!(other.contains("the text of 1 migration in migrations is another one in this program"), "{other}");
    std::fs::remove_file(folder.join(own)).unwrap();
    let lint = run(folder, "lint --all");
    assert!(lint.contains("2 migrations") && lint.ends_with("exit 0\n"), "{lint}");
    let down = run(folder, "down --all");
    assert!(down.contains("down  20260101000000_create_users"), "{down}");
    assert!(run(folder, "status").contains("2 are pending"));
}

fn its_help_and_its_errors_call_it_by_its_name(folder: &Path) {
    let name = std::env::current_exe().unwrap().file_stem().unwrap().to_str().unwrap().to_owned();
    let help = run(folder, "up --help");
    assert!(help.contains(&format!("  {name} up --step 1")) && !help.contains("peristyle migrate"), "{help}");
    assert!(run(folder, "status").contains(&format!("`{name} up` runs them")));
    let missing = run(folder, "db query select --database-url sqlite:missing.db");
    assert!(missing.contains(&format!("`{name} db create` makes it")) && missing.ends_with("exit 4\n"), "{missing}");
    assert!(run(folder, "upp").ends_with("exit 2\n"));
    let reindex = run(folder, "reindex --help");
    assert!(reindex.contains(&format!("  {name} reindex --rebuild sessions")), "{reindex}");
}
