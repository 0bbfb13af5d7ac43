use peristyle_migration_files::{Flavor, Section, parse};

fn section(sql: &str) -> Section {
    let mut section = parse("1_a.up.sql", "").unwrap().up;
    section.text = sql.to_owned();
    section
}

fn control(sql: &str, flavor: Flavor) -> Option<(usize, usize)> {
    section(sql).transaction_control(flavor).unwrap().map(|statement| (statement.line, statement.column))
}

fn hindrances(sql: &str, flavor: Flavor) -> Vec<(String, &'static str)> {
    let found = section(sql).needs_no_transaction(flavor).unwrap();
    found.into_iter().map(|hindrance| (hindrance.what, hindrance.remedy)).collect()
}

#[test]
fn what_begins_or_ends_a_transaction_is_found_with_its_place() {
    assert_eq!(control("SELECT 1;\n  COMMIT;", Flavor::Postgres), Some((2, 3)));
    for sql in [
        "begin",
        "BEGIN ISOLATION LEVEL SERIALIZABLE",
        "START TRANSACTION",
        "END",
        "ABORT",
        "ROLLBACK",
        "rollback work",
        "ROLLBACK AND CHAIN",
        "COMMIT PREPARED 'x'",
        "PREPARE TRANSACTION 'x'",
    ] {
        assert_eq!(control(sql, Flavor::Postgres), Some((1, 1)), "{sql}");
    }
    for sql in ["BEGIN IMMEDIATE", "COMMIT TRANSACTION", "END TRANSACTION", "ROLLBACK"] {
        assert_eq!(control(sql, Flavor::Sqlite), Some((1, 1)), "{sql}");
    }
}

#[test]
fn what_stays_within_the_transaction_is_fine() {
    let fine = "SAVEPOINT a; ROLLBACK TO a; ROLLBACK TO SAVEPOINT a; RELEASE a; PREPARE p AS SELECT 1;
        DO $$ BEGIN COMMIT; END $$; -- COMMIT;
        CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; SELECT 'COMMIT;'";
    assert_eq!(control(fine, Flavor::Postgres), None);
    assert_eq!(control("CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END;", Flavor::Sqlite), None);
}

#[test]
fn a_migration_file_with_its_own_transaction_is_refused() {
    let error = parse("m/1_a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\n\nSELECT 1; ROLLBACK;").unwrap_err();
    let expected = "m/1_a.sql:5:11: ROLLBACK would leave the transaction that the migration runs in: remove it, the runner begins and commits";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_no_transaction_may_hold_is_found() {
    let directive = "-- migrate:no-transaction";
    for (sql, what) in [
        ("CREATE INDEX CONCURRENTLY i ON t (a)", "CREATE INDEX CONCURRENTLY"),
        ("create unique index concurrently on t (a)", "CREATE INDEX CONCURRENTLY"),
        ("DROP INDEX CONCURRENTLY i", "DROP INDEX CONCURRENTLY"),
        ("REINDEX INDEX CONCURRENTLY i", "REINDEX CONCURRENTLY"),
        ("REINDEX (CONCURRENTLY) TABLE t", "REINDEX CONCURRENTLY"),
        ("REINDEX SCHEMA public", "REINDEX of more than a table"),
        ("VACUUM (FULL) t", "VACUUM"),
        ("CREATE DATABASE d", "CREATE DATABASE"),
        ("ALTER SYSTEM SET work_mem = '1GB'", "ALTER SYSTEM"),
        ("ALTER TABLE t DETACH PARTITION p CONCURRENTLY", "DETACH PARTITION CONCURRENTLY"),
        ("CLUSTER", "CLUSTER of all tables"),
    ] {
        assert_eq!(hindrances(sql, Flavor::Postgres), [(what.to_owned(), directive)], "{sql}");
    }
    let fine = "CREATE INDEX i ON t (concurrently); REFRESH MATERIALIZED VIEW CONCURRENTLY v; CLUSTER t USING i; \
                ALTER TYPE e ADD VALUE 'x'; REINDEX TABLE t; CREATE INDEX \"CONCURRENTLY\" ON t (a); DROP INDEX \"CONCURRENTLY\"";
    assert_eq!(hindrances(fine, Flavor::Postgres), []);
}

#[test]
fn what_sqlite_ignores_in_a_transaction_is_found_with_its_remedy() {
    let found = hindrances(
        "PRAGMA foreign_keys = OFF; PRAGMA main.journal_mode(wal); VACUUM; PRAGMA foreign_key_check;",
        Flavor::Sqlite,
    );
    let expected = [
        ("PRAGMA foreign_keys", "-- migrate:foreign-keys off"),
        ("PRAGMA journal_mode", "-- migrate:no-transaction"),
        ("VACUUM", "-- migrate:no-transaction"),
    ];
    assert_eq!(found, expected.map(|(what, remedy)| (what.to_owned(), remedy)));
}

#[test]
fn the_error_is_that_of_the_database_that_can_read_the_file() {
    let trigger = "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END;";
    let atomic = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END;";
    let escaped = "SELECT E'\\'';";
    for (sql, line) in [(trigger, 3), (atomic, 3), (escaped, 3)] {
        let error = parse("1_a.sql", &format!("-- migrate:up\n{sql}\nCOMMIT;\nSELECT 1;")).unwrap_err();
        assert_eq!((error.line, error.message.starts_with("COMMIT would leave")), (line, true), "{error}");
    }
}
