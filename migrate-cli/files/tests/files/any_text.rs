use peristyle_migration_files::lexer::tokens;
use peristyle_migration_files::{Flavor, checksum, parse, statements};
use proptest::prelude::*;

/// Pieces of SQL that open, close and separate things.
const PIECES: [&str; 44] = [
    ";",
    "'",
    "''",
    "\"",
    "$$",
    "$a$",
    "$1",
    "E'",
    "U&\"",
    "\\",
    "/*",
    "*/",
    "--",
    "\n",
    "\r\n",
    " ",
    "(",
    ")",
    "[",
    "]",
    "`",
    "é",
    "💡",
    "BEGIN",
    " ATOMIC ",
    "END",
    "CASE",
    "CREATE FUNCTION ",
    "CREATE TRIGGER ",
    " AS ",
    ".",
    "..",
    "1e",
    "+",
    "-",
    "*",
    "/",
    "@",
    "?",
    ":",
    "0x",
    "a",
    "COPY a FROM STDIN",
    "\n-- migrate:up\n",
];

/// Statements that are whole.
const STATEMENTS: [&str; 10] = [
    "SELECT 1",
    "SELECT 'a;b''c' || E'\\';' || $$;'$$ || $t$ $$ ; $t$",
    "INSERT INTO \"a;\"\"b\" VALUES (1, -2.5e-3, X'1F')",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
    "DO $do$ BEGIN PERFORM 1; END; $do$",
    "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)",
    "ALTER TABLE t ADD COLUMN c text[] NOT NULL DEFAULT '{}'::text[]",
    "COMMENT ON TABLE t IS U&'d!0061;' UESCAPE '!'",
    "UPDATE t SET a = a - 1, b = b ->> 'x' WHERE c <> ALL (ARRAY[1, 2])",
    "SELECT a[1:2], $1 FROM t",
];

const TRIVIA: [&str; 6] = [" ", "\n", "\r\n\t", " -- it's; a comment\n", " /* a; $$ /* ' */ \" */ ", "\n\n"];

fn flavor() -> impl Strategy<Value = Flavor> {
    prop_oneof![Just(Flavor::Postgres), Just(Flavor::Sqlite)]
}

fn pieces() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

fn script() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    prop::collection::vec((prop::sample::select(&STATEMENTS), prop::sample::select(&TRIVIA)), 0..8)
}

/// The tokens of a text lie side by side, and between its statements are blanks, comments and semicolons.
fn check(text: &str, flavor: Flavor) {
    let Ok(found) = tokens(text, flavor) else { return };
    assert_eq!(found.iter().map(|token| token.text(text)).collect::<String>(), text);
    let Ok(found) = statements(text, flavor) else { return };
    let mut gaps = String::new();
    let mut end = 0;
    for statement in &found {
        gaps.push_str(&text[end..statement.offset]);
        gaps.push('\n');
        end = statement.offset + statement.text.len();
        assert_eq!(&text[statement.offset..end], statement.text);
    }
    gaps.push_str(&text[end..]);
    let between = tokens(&gaps, flavor).unwrap();
    assert!(between.iter().all(|token| token.is_trivia() || token.text(&gaps) == ";"), "{gaps:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_lexer_panic(text in any::<String>(), pieces in pieces(), flavor in flavor()) {
        check(&text, flavor);
        check(&pieces, flavor);
    }

    #[test]
    fn no_text_makes_the_parser_panic(pieces in pieces(), name in "[0-9]{0,3}[_a]{0,2}(\\.up|\\.down)?(\\.sql)?", flavor in flavor()) {
        for text in [pieces.clone(), format!("-- migrate:up\n{pieces}")] {
            if let Ok(file) = parse(&name, &text) {
                let found = file.up.statements(flavor);
                prop_assert_eq!(found.is_ok(), checksum(&file.up, flavor).is_ok());
            }
        }
    }

    #[test]
    fn a_script_is_split_into_the_statements_it_was_joined_from(script in script(), doubled in any::<bool>()) {
        let end = if doubled { ";;" } else { ";" };
        let text: String = script.iter().map(|(statement, trivia)| format!("{trivia}{statement}{trivia}{end}")).collect();
        let found = statements(&text, Flavor::Postgres).unwrap();
        let expected: Vec<_> = script.iter().map(|(statement, _)| *statement).collect();
        prop_assert_eq!(found.iter().map(|found| found.text.as_str()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn blanks_and_comments_between_tokens_leave_the_checksum(script in script(), more in prop::collection::vec(prop::sample::select(&TRIVIA), 1..9)) {
        let plain = script.iter().map(|(statement, _)| *statement).collect::<Vec<_>>().join(";");
        let mut spaced = String::new();
        for (index, token) in tokens(&plain, Flavor::Postgres).unwrap().iter().enumerate() {
            spaced.push_str(token.text(&plain));
            spaced.push_str(if token.is_trivia() { " " } else { "" });
            spaced.push_str(more[index % more.len()]);
        }
        let sum = |text: &str| checksum(&parse("1_a.up.sql", text).unwrap().up, Flavor::Postgres).unwrap();
        prop_assert_eq!(sum(&plain), sum(&spaced));
    }

    #[test]
    fn another_byte_in_a_literal_is_another_checksum(body in "[a-z;$\n -]{1,20}", at in any::<prop::sample::Index>()) {
        let mut other = body.clone().into_bytes();
        let byte = &mut other[at.index(body.len())];
        *byte = if *byte == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(other).unwrap();
        let sum = |text: String| checksum(&parse("1_a.up.sql", &text).unwrap().up, Flavor::Postgres).unwrap();
        prop_assert_ne!(sum(format!("SELECT '{body}'")), sum(format!("SELECT '{other}'")));
        prop_assert_ne!(sum(format!("SELECT \"{body}\"")), sum(format!("SELECT \"{other}\"")));
        prop_assert_ne!(sum(format!("DO $Z$ {body} $Z$")), sum(format!("DO $Z$ {other} $Z$")));
    }
}
