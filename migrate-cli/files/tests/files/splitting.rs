use peristyle_migration_files::lexer::{TokenKind, tokens};
use peristyle_migration_files::{Flavor, statements};

fn texts(sql: &str, flavor: Flavor) -> Vec<String> {
    statements(sql, flavor).unwrap_or_else(|error| panic!("{error}")).into_iter().map(|found| found.text).collect()
}

fn postgres(sql: &str) -> Vec<String> {
    texts(sql, Flavor::Postgres)
}

fn sqlite(sql: &str) -> Vec<String> {
    texts(sql, Flavor::Sqlite)
}

fn refusal(sql: &str, flavor: Flavor) -> (usize, String) {
    let error = statements(sql, flavor).unwrap_err();
    (error.offset, error.message)
}

fn kinds(sql: &str, flavor: Flavor) -> Vec<(TokenKind, &str)> {
    let found = tokens(sql, flavor).unwrap_or_else(|error| panic!("{error}"));
    found.iter().filter(|token| !token.is_trivia()).map(|token| (token.kind, token.text(sql))).collect()
}

#[test]
fn a_semicolon_in_a_string_ends_nothing() {
    assert_eq!(postgres("SELECT 'a;b''c;'; SELECT 2"), ["SELECT 'a;b''c;'", "SELECT 2"]);
    assert_eq!(postgres(r"SELECT E'a\';b'; SELECT 2"), [r"SELECT E'a\';b'", "SELECT 2"]);
    assert_eq!(postgres(r"SELECT 'a\'; SELECT 2"), [r"SELECT 'a\'", "SELECT 2"]);
    assert_eq!(postgres("SELECT U&'d!0061;' UESCAPE '!'; SELECT 2").len(), 2);
    assert_eq!(postgres("SELECT \"a;b\"\"c\", U&\"x;y\"; SELECT B'1', X'1F'").len(), 2);
}

#[test]
fn a_dollar_quote_ends_at_its_own_tag() {
    assert_eq!(postgres("SELECT $$a;$b$;$$; SELECT $f$ $$;$$ $g$ $f$; SELECT $1").len(), 3);
    assert_eq!(postgres("SELECT foo$$; SELECT 1"), ["SELECT foo$$", "SELECT 1"]);
    assert_eq!(postgres("SELECT $é$;$é$"), ["SELECT $é$;$é$"]);
}

#[test]
fn comments_nest_on_postgres_and_not_on_sqlite() {
    assert_eq!(postgres("/* a /* b; */ c; */ SELECT 1; -- d;\nSELECT 2"), ["SELECT 1", "SELECT 2"]);
    assert_eq!(sqlite("/* a /* b; */ SELECT 1; -- d;\nSELECT 2"), ["SELECT 1", "SELECT 2"]);
    assert_eq!(postgres("SELECT 1 -- the; first\n + 1;;;"), ["SELECT 1 -- the; first\n + 1"]);
    assert_eq!(postgres("SELECT 2*/* b; */3; SELECT 4"), ["SELECT 2*/* b; */3", "SELECT 4"]);
}

#[test]
fn begin_atomic_is_one_statement_with_all_its_cases() {
    let function = "CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE SQL BEGIN ATOMIC
        SELECT CASE a WHEN 1 THEN CASE WHEN true THEN 2 END ELSE (CASE WHEN a > 3 THEN 1 END) END AS \"end\";
        SELECT 1 AS end; SELECT t.case FROM t;
    END";
    assert_eq!(postgres(&format!("{function}; SELECT 1")), [function, "SELECT 1"]);
    assert_eq!(postgres("CREATE PROCEDURE p() BEGIN ATOMIC DELETE FROM t; END; CALL p()").len(), 2);
}

#[test]
fn a_trigger_of_sqlite_is_one_statement() {
    let trigger = "CREATE TEMP TRIGGER IF NOT EXISTS x AFTER UPDATE ON t BEGIN
        UPDATE t SET a = CASE WHEN a = 1 THEN 2 END; -- END;
        SELECT end FROM t; INSERT INTO u VALUES (';');
    END";
    assert_eq!(sqlite(&format!("{trigger}; SELECT 1;")), [trigger, "SELECT 1"]);
    assert_eq!(sqlite("BEGIN; SELECT 1; END"), ["BEGIN", "SELECT 1", "END"]);
}

#[test]
fn a_semicolon_in_parentheses_ends_nothing() {
    assert_eq!(postgres("CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2); SELECT 3").len(), 2);
}

#[test]
fn quoted_identifiers_of_sqlite_may_hold_anything() {
    assert_eq!(sqlite("SELECT [a;'b], `c;``d`; SELECT 2"), ["SELECT [a;'b], `c;``d`", "SELECT 2"]);
    assert_eq!(postgres("SELECT ARRAY['a;', ']']; SELECT 2").len(), 2);
}

#[test]
fn escapes_go_on_with_their_string_behind_a_line_end() {
    assert_eq!(postgres("SELECT E'a' --;\n '\\';b'; SELECT 2"), ["SELECT E'a' --;\n '\\';b'", "SELECT 2"]);
    assert_eq!(postgres("SELECT E'a' AS b; SELECT '\\'; SELECT 3").len(), 3);
    assert_eq!(postgres("SELECT 'a'\n '\\'; SELECT 2").len(), 2);
}

#[test]
fn tokens_are_those_that_the_database_reads() {
    use TokenKind::{Literal, Number, Operator, Parameter, Punctuation, Word};
    assert_eq!(
        kinds("a<>-1.5e+3::int4>=@-b->>'x' 0x1F 1..2", Flavor::Postgres),
        [
            (Word, "a"),
            (Operator, "<>"),
            (Operator, "-"),
            (Number, "1.5e+3"),
            (Punctuation, "::"),
            (Word, "int4"),
            (Operator, ">=@-"),
            (Word, "b"),
            (Operator, "->>"),
            (Literal, "'x'"),
            (Number, "0x1F"),
            (Number, "1"),
            (Punctuation, "."),
            (Number, ".2"),
        ]
        .as_slice()
    );
    assert_eq!(
        kinds("?1 ? :a @b $c a||b", Flavor::Sqlite),
        [
            (Parameter, "?1"),
            (Parameter, "?"),
            (Parameter, ":a"),
            (Parameter, "@b"),
            (Parameter, "$c"),
            (Word, "a"),
            (Operator, "||"),
            (Word, "b"),
        ]
    );
}

#[test]
fn what_is_not_closed_is_an_error_where_it_opens() {
    for (sql, offset) in
        [("SELECT 'a", 7), ("SELECT \"a", 7), ("SELECT $x$ $$", 7), ("a /* /* */", 2), ("SELECT (1; SELECT 2", 7)]
    {
        let (at, message) = refusal(sql, Flavor::Postgres);
        assert_eq!(at, offset, "{sql}");
        assert!(message.contains("never closed"), "{message}");
    }
    let (at, message) = refusal("CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; SELECT 2;", Flavor::Sqlite);
    assert_eq!((at, message.contains("`END;`")), (0, true));
    let (at, message) = refusal("SELECT 1; SELECT [a", Flavor::Sqlite);
    assert_eq!((at, message.contains("`]`")), (17, true));
}

#[test]
fn what_only_a_shell_understands_is_refused() {
    let (at, message) = refusal("SELECT 1;\n\\connect other\nSELECT 2;", Flavor::Postgres);
    assert_eq!((at, message.starts_with("`\\connect other` is a command of psql")), (10, true));
    let (_, message) = refusal(".mode box\nSELECT 1", Flavor::Sqlite);
    assert!(message.starts_with("`.mode box` is a command of sqlite3"), "{message}");
    let (_, message) = refusal("COPY t (a, b) FROM stdin;\n1\t2\n", Flavor::Postgres);
    assert!(message.starts_with("COPY FROM STDIN needs psql"), "{message}");
    assert_eq!(postgres("COPY t FROM '/tmp/t.csv'").len(), 1);
}

#[test]
fn positions_count_lines_and_characters() {
    let found = statements("-- é\n  SELECT 'é'; SELECT\n2;", Flavor::Postgres).unwrap();
    let places: Vec<_> = found.iter().map(|found| (found.line, found.column, found.offset, found.last_line)).collect();
    assert_eq!(places, [(2, 3, 8, 2), (2, 15, 21, 3)]);
}

#[test]
fn a_file_of_many_statements_takes_no_time() {
    let script = "INSERT INTO t VALUES (1, 'a;');\n".repeat(100_000);
    let found = statements(&script, Flavor::Postgres).unwrap();
    assert_eq!((found.len(), found.last().unwrap().line, found.last().unwrap().column), (100_000, 100_000, 1));
    let found = statements(&script.replace('\n', " "), Flavor::Sqlite).unwrap();
    assert_eq!((found.len(), found.last().unwrap().line, found.last().unwrap().column), (100_000, 1, 3_199_969));
}
