use std::time::Duration;

use peristyle_migration_files::{FileError, Flavor, parse};

fn refusal(text: &str) -> String {
    parse("m/1_a.sql", text).unwrap_err().to_string()
}

#[test]
fn both_sections_are_read_with_their_lines() -> Result<(), FileError> {
    let text =
        "\u{feff}-- A table.\r\n-- migrate:up\r\n\r\nCREATE TABLE t (a int);\r\n-- migrate:down\r\nDROP TABLE t;\r\n";
    let file = parse("m/20261122143000_create_t.sql", text)?;
    assert_eq!((file.version, file.name.as_str(), file.irreversible), (20261122143000, "create_t", None));
    let up = file.up.statements(Flavor::Postgres)?;
    assert_eq!((up[0].text.as_str(), up[0].line, up[0].column), ("CREATE TABLE t (a int)", 4, 1));
    let down = file.down.unwrap().statements(Flavor::Sqlite)?;
    assert_eq!((down[0].text.as_str(), down[0].line), ("DROP TABLE t", 6));
    Ok(())
}

#[test]
fn directives_hold_for_the_file_or_for_their_section() -> Result<(), FileError> {
    let text = "-- migrate:lock-timeout 5s\n-- lint:allow json Legacy reader.\n-- migrate:up no-transaction lock-timeout=500ms\n\
                -- lint:allow serial Old.\nSELECT 1;\n-- migrate:foreign-keys off\nSELECT 2;\n-- migrate:down\nSELECT 3;\n";
    let file = parse("1_a.sql", text)?;
    let up = &file.up.directives;
    assert_eq!((up.transaction, up.lock_timeout, up.foreign_keys), (false, Some(Duration::from_millis(500)), false));
    let down = file.down.unwrap().directives;
    assert_eq!((down.transaction, down.lock_timeout, down.foreign_keys), (true, Some(Duration::from_secs(5)), true));
    let found = file.up.statements(Flavor::Postgres)?;
    let rules = |index| file.up.lint_allows(&found, index).map(|allow| allow.rule.clone()).collect::<Vec<_>>();
    assert_eq!((rules(0), rules(1)), (vec!["json".to_owned(), "serial".to_owned()], vec!["json".to_owned()]));
    Ok(())
}

#[test]
fn a_mistake_is_named_with_its_line_and_the_next_step() {
    for (text, expected) in [
        ("SELECT 1;\n", "m/1_a.sql:1:1: no `-- migrate:up`: write it on a line above"),
        ("-- x\nSELECT 1;\n-- migrate:up\n", "m/1_a.sql:2:1: SQL above `-- migrate:up`"),
        (
            "-- migrate:up\n-- migrate:up\n",
            "m/1_a.sql:2:1: `-- migrate:up` stands here again: its section began on line 1",
        ),
        ("-- migrate:down\nSELECT 1", "m/1_a.sql:1:1: no `-- migrate:up`"),
        (
            "-- migrate:no-transacton\n-- migrate:up",
            "m/1_a.sql:1:4: there is no directive `no-transacton`: did you mean `no-transaction`?",
        ),
        ("-- migrate:frobnicate\n-- migrate:up", "m/1_a.sql:1:4: there is no directive `frobnicate`: those of"),
        ("-- migrate:lock-timeout soon\n-- migrate:up", "m/1_a.sql:1:4: `lock-timeout` needs a time such as `5s`"),
        (
            "-- migrate:up\n-- lint:allow serial\n",
            "m/1_a.sql:2:4: `lint:allow` says why: write `-- lint:allow serial reason`",
        ),
        (
            "-- migrate:up\nSELECT 'a;\n-- migrate:down\n",
            "m/1_a.sql:2:8: the string that opens here is never closed: write `'` at its end (line 3, `-- migrate:down`, ends the section wherever it stands)",
        ),
        ("-- migrate:up\nBEGIN;\nSELECT 1;\nCOMMIT;", "m/1_a.sql:2:1: BEGIN would leave the transaction"),
        (
            "-- migrate:irreversible Data is gone.\n-- migrate:up\n-- migrate:down",
            "m/1_a.sql:1:1: `migrate:irreversible`, and yet",
        ),
    ] {
        let message = refusal(text);
        assert!(message.starts_with(expected), "{message}\n{expected}");
    }
}
