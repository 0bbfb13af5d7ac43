use std::fs;

use peristyle_migration_files::{FileName, Flavor, MigrationFile, Part, parse, read_folder, read_texts, slug};

const UP: &str = "-- migrate:up\nSELECT 1;\n";

/// The versions and names, or the errors without the folder.
fn folder(files: &[(&str, &[u8])]) -> Result<Vec<(u64, String)>, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    fs::create_dir(folder.path().join("9_old.sql")).unwrap();
    let prefix = format!("{}/", folder.path().display());
    match read_folder(folder.path()) {
        Ok(found) => Ok(found.into_iter().map(|file| (file.version, file.name)).collect()),
        Err(errors) => Err(errors.iter().map(|error| error.to_string().replace(&prefix, "")).collect()),
    }
}

fn refusals(files: &[&str]) -> Vec<String> {
    let files = files
        .iter()
        .map(|name| (*name, if name.contains(".up.") || name.contains(".down.") { "SELECT 1" } else { UP }));
    read_texts(files).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn a_folder_is_read_in_the_order_of_versions_and_other_files_are_left_alone() {
    let found = folder(&[
        ("10_b.sql", UP.as_bytes()),
        ("9_a.sql", UP.as_bytes()),
        ("20261122143000_c.up.sql", b"SELECT 1"),
        ("20261122143000_c.down.sql", b"SELECT 2"),
        ("README.md", b"\xff"),
        (".11_draft.sql", b"\xff"),
    ]);
    let expected = [(9, "a"), (10, "b"), (20261122143000, "c")].map(|(version, name)| (version, name.to_owned()));
    assert_eq!(found.unwrap(), expected);
}

#[test]
fn all_mistakes_of_a_folder_are_told_at_once() {
    let errors =
        folder(&[("1_a.sql", b"-- migrate:up\nSELECT '\xc3\xa9 \xff'"), ("2_b.sql", b"SELECT 1"), ("seed.sql", b"")]);
    let errors = errors.unwrap_err();
    assert_eq!(errors[0], "1_a.sql:2:11: not UTF-8 from here on: save the file as UTF-8");
    assert!(errors[1].starts_with("2_b.sql:1:1: no `-- migrate:up`"), "{errors:?}");
    assert!(errors[2].starts_with(
        "seed.sql: not named as a migration: call it <version>_<name>.sql, such as 20261122143000_seed.sql"
    ));
    assert_eq!(errors.len(), 3);
}

#[test]
fn a_missing_folder_is_an_error_that_names_it() {
    let errors = read_folder("no/such/folder".as_ref()).unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "no/such/folder: there is no such folder: create it, or name the one that holds the migrations"
    );
}

#[test]
fn one_version_or_name_twice_is_refused_naming_both_files() {
    assert_eq!(
        refusals(&["1_a.sql", "01_b.sql"]),
        ["1_a.sql: the same version as 01_b.sql: give one of them another, 1 is taken"]
    );
    assert_eq!(refusals(&["1_a.sql", "2_a.sql"]), ["2_a.sql: the same name as 1_a.sql: rename one of them"]);
    assert_eq!(
        refusals(&["1_a.sql", "1_a.up.sql"]),
        ["1_a.up.sql: the same version as 1_a.sql: give one of them another, 1 is taken"]
    );
    assert_eq!(
        refusals(&["1_a.down.sql", "1_b.up.sql"]),
        ["1_b.up.sql: the same version as 1_a.down.sql: give one of them another, 1 is taken"]
    );
    assert_eq!(
        refusals(&["1_a.down.sql"]),
        ["1_a.down.sql: a way down alone: it needs the .up.sql of the same name beside it"]
    );
}

#[test]
fn names_say_the_version_the_name_and_the_part() {
    let name = |path: &str| FileName::parse(path).map(|name| name.map(|name| (name.version, name.name, name.part)));
    assert_eq!(name("db/001_init-all.sql"), Ok(Some((1, "init-all".to_owned(), Part::Whole))));
    assert_eq!(name("20261122143000_añadir.down.sql"), Ok(Some((20261122143000, "añadir".to_owned(), Part::Down))));
    assert_eq!((name("1_a.txt"), name(".1_a.sql"), name("1_a.sql~")), (Ok(None), Ok(None), Ok(None)));
    for wrong in
        ["a.sql", "1.sql", "1_.sql", "_a.sql", "1_a.upp.sql", "1_a b.sql", "1_a.SQL", "99999999999999999999_a.sql"]
    {
        assert!(name(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn both_files_of_a_pair_have_their_own_directives() {
    let up = "-- lint:allow json Old.\n-- migrate:no-transaction\nSELECT 1;\n-- lint:allow serial Old.\nSELECT 2;";
    let files = read_texts([("1_a.up.sql", up), ("1_a.down.sql", "\u{feff}SELECT 3;")]).unwrap();
    let down = files[0].down.as_ref().unwrap();
    assert_eq!((files[0].up.directives.transaction, down.directives.transaction), (false, true));
    assert_eq!(down.statements(Flavor::Postgres).unwrap()[0].column, 1);
    let allowed: Vec<_> = files[0].up.directives.lint_allow.iter().map(|allow| allow.whole_file).collect();
    assert_eq!(allowed, [true, false]);
    let error = parse("1_a.up.sql", UP).unwrap_err().to_string();
    assert!(error.starts_with("1_a.up.sql:1:1: a marker in a .up.sql"), "{error}");
}

#[test]
fn a_migration_may_say_that_there_is_no_way_back() {
    let file = parse("1_a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:irreversible The data is gone.\n").unwrap();
    let irreversible = file.irreversible.unwrap();
    assert_eq!((irreversible.reason.as_deref(), irreversible.line, file.down), (Some("The data is gone."), 3, None));
}

#[test]
fn a_blank_way_down_is_one_that_is_not_written() {
    let file = |down: &str| parse("1_a.sql", &format!("-- migrate:up\nSELECT 1;\n-- migrate:down\n{down}")).unwrap();
    assert_eq!((file("").down, file("\r\n \n").down), (None, None));
    let nothing = file("-- Nothing to undo.\n").down.unwrap();
    assert!(nothing.is_empty(Flavor::Postgres).unwrap());
}

#[test]
fn a_new_file_is_one_that_can_be_read() {
    let name = MigrationFile::file_name(20261122143000, &slug("  AddPosts to: the Blog! ").unwrap());
    assert_eq!(name, "20261122143000_add_posts_to_the_blog.sql");
    let postgres = MigrationFile::template(Flavor::Postgres, "CREATE TABLE t (a int);\n", "");
    assert_eq!(postgres, "-- migrate:lock-timeout 5s\n\n-- migrate:up\nCREATE TABLE t (a int);\n\n-- migrate:down\n\n");
    assert_eq!(parse(&name, &postgres).unwrap().down, None);
    let sqlite = MigrationFile::template(Flavor::Sqlite, "", "");
    let blank = parse(&name, &sqlite).unwrap();
    assert!(blank.up.is_empty(Flavor::Sqlite).unwrap() && blank.down.is_some());
    assert_eq!(slug(" -- "), None);
}
