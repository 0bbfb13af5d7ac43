//! The app and its `migrate` binary, on a database of their own.

use std::path::Path;
use std::process::Command;

fn run(program: &str, arguments: &[&str], database: &Path) -> String {
    let url = format!("sqlite:{}", database.display());
    let output = Command::new(program).args(arguments).env("DATABASE_URL", url).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_app_brings_its_database_up_to_date_and_its_binary_takes_it_back() {
    let database = std::env::temp_dir().join(format!("peristyle-blog-{}.db", std::process::id()));
    let app = || run(env!("CARGO_BIN_EXE_blog"), &[], &database);
    let migrate = |arguments: &[&str]| run(env!("CARGO_BIN_EXE_migrate"), arguments, &database);

    assert!(app().contains("create_blog") && app().contains("Post 2 by Ann"));
    assert!(migrate(&["status", "--exit-code"]).contains("create_blog"));
    assert!(migrate(&["down"]).starts_with("down  20261122143000_create_blog"));
    assert!(migrate(&["up", "--quiet"]).is_empty());
    assert!(app().ends_with("Post 1 by Ann\n"));
    assert!(migrate(&["db", "drop", "--yes"]).starts_with("dropped"));
    assert!(!database.exists());
}
