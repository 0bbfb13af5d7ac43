use peristyle_migration_files::{Flavor, checksum, parse};

fn sum(text: &str, flavor: Flavor) -> String {
    checksum(&parse("1_a.up.sql", text).unwrap().up, flavor).unwrap()
}

#[test]
fn the_algorithm_is_the_one_that_databases_remember() {
    // Changing this means a new version of the algorithm: databases hold the old one.
    assert_eq!(
        sum("CREATE TABLE t (a int DEFAULT -1, \"B\" text); SELECT 'x';", Flavor::Postgres),
        "1:2a531d08cfced7ab66b7d31dfda1952fab57bfaa9298aa04932fe055509ded87"
    );
}

#[test]
fn line_ends_comments_blanks_and_a_last_semicolon_do_not_matter() {
    let plain = sum("SELECT 1; SELECT a\nFROM t", Flavor::Postgres);
    for same in ["SELECT 1;\r\n\r\nSELECT a FROM t;\r\n", "-- x\nSELECT/**/1;;SELECT a -- y\nFROM t;"] {
        assert_eq!(sum(same, Flavor::Postgres), plain, "{same}");
    }
    for other in [
        "SELECT 1; SELECT a FROM u",
        "SELECT 1, a FROM t",
        "SELECT 1; SELECT \"a\" FROM t",
        "SELECT a FROM t; SELECT 1",
    ] {
        assert_ne!(sum(other, Flavor::Postgres), plain, "{other}");
    }
}

#[test]
fn tokens_do_not_run_into_each_other() {
    assert_ne!(sum("SELECT a b", Flavor::Postgres), sum("SELECT ab", Flavor::Postgres));
    assert_ne!(sum("SELECT 1; SELECT 2", Flavor::Postgres), sum("SELECT 1 SELECT 2", Flavor::Postgres));
    assert_ne!(sum("SELECT 'a' 'b'", Flavor::Postgres), sum("SELECT 'a'' ''b'", Flavor::Postgres));
}

#[test]
fn the_case_of_words_matters_where_the_database_keeps_it() {
    assert_eq!(sum("select A from t", Flavor::Postgres), sum("SELECT a FROM T", Flavor::Postgres));
    assert_ne!(sum("SELECT \"A\"", Flavor::Postgres), sum("SELECT \"a\"", Flavor::Postgres));
    assert_ne!(sum("CREATE TABLE T (a)", Flavor::Sqlite), sum("CREATE TABLE t (a)", Flavor::Sqlite));
}

#[test]
fn up_and_down_have_checksums_of_their_own() {
    let file = |down: &str| parse("1_a.sql", &format!("-- migrate:up\nSELECT 1;\n-- migrate:down\n{down};\n")).unwrap();
    let (one, other) = (file("SELECT 2"), file("SELECT 3"));
    let sum = |section| checksum(section, Flavor::Postgres).unwrap();
    assert_eq!(sum(&one.up), sum(&other.up));
    assert_ne!(sum(&one.down.unwrap()), sum(&other.down.unwrap()));
}
