//! Reading, places, allowances, fixes and reports.

use super::*;
use peristyle_query::statement::Dialect;
use std::collections::BTreeMap;

const PATH: &str = "migrations/20261122143000_example.sql";

fn lint(text: &str) -> Vec<Finding> {
    lint_as(text, Dialect::Postgres)
}

fn lint_as(text: &str, dialect: Dialect) -> Vec<Finding> {
    run(&[Input::parse(PATH, text, dialect).unwrap()], &Context::new(dialect))
}

/// The rules that one statement breaks, with its own way down.
fn broken(statement: &str) -> Vec<&'static str> {
    let text = format!("-- migrate:up\n{statement};\n-- migrate:irreversible");
    lint(&text).into_iter().map(|finding| finding.rule).collect()
}

fn fixed(text: &str) -> Fixed {
    fix(PATH, text, &lint(text))
}

#[test]
fn statements_that_the_parser_does_not_know_are_read_by_their_words() {
    for (statement, rules) in [
        (
            "ALTER TABLE posts SET TABLESPACE fast, ADD COLUMN n integer NOT NULL",
            vec!["set-tablespace", "add-required-column"],
        ),
        ("ALTER TABLE ONLY blog.posts ADD CONSTRAINT a NOT NULL title", vec!["check-without-not-valid"]),
        ("ALTER TABLE posts ADD CONSTRAINT a NOT NULL title NOT VALID", vec![]),
        ("ALTER TABLE posts DISABLE TRIGGER ALL", vec!["disable-trigger"]),
        ("ALTER TABLE posts ALTER COLUMN title SET STATISTICS 500", vec![]),
        ("ALTER TABLE posts ALTER title SET STORAGE EXTERNAL", vec![]),
        ("REINDEX (VERBOSE) INDEX posts_title", vec!["reindex-without-concurrently"]),
        ("REINDEX (CONCURRENTLY) INDEX posts_title", vec!["concurrently-in-transaction"]),
        ("VACUUM (FULL, ANALYZE) posts", vec!["outside-transaction-only", "vacuum-full"]),
        ("ALTER SYSTEM SET work_mem = '1GB'", vec!["outside-transaction-only"]),
        ("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$", vec![]),
        ("DROP INDEX IF EXISTS a, b", vec!["drop-index-without-concurrently"]),
        ("MERGE INTO posts USING users ON true WHEN MATCHED THEN DO NOTHING", vec![]),
        ("CREATE INDEX events_kind ON ONLY events (kind)", vec![]),
        ("CREATE UNLOGGED TABLE x (a int)", vec!["no-primary-key"]),
        ("CREATE TABLE x (a int) USING heap WITH (fillfactor = 70)", vec![]),
    ] {
        let mut found = broken(statement);
        found.retain(|rule| *rule != "unparsed");
        let mut rules = rules;
        rules.sort();
        found.sort();
        assert_eq!(found, rules, "{statement}");
    }
}

#[test]
fn capitals_need_quotes_on_postgres_alone() {
    let text = "-- migrate:up\nALTER TABLE users ADD COLUMN \"birthDate\" text;\n-- migrate:irreversible";
    let rules = |dialect| lint_as(text, dialect).into_iter().map(|finding| finding.rule).collect::<Vec<_>>();
    assert!(rules(Dialect::Postgres).contains(&"name-needs-quotes"));
    assert!(!rules(Dialect::Sqlite).contains(&"name-needs-quotes"));
}

#[test]
fn a_rule_may_be_allowed_behind_its_statement() {
    let text = "-- migrate:up\nDROP TABLE parts; -- lint:allow drop-table nobody reads it\nDROP TABLE users;\n-- migrate:irreversible";
    let lines: Vec<usize> = lint(text).iter().filter(|each| each.rule == "drop-table").map(|each| each.line).collect();
    assert_eq!(lines, [3]);
    assert!(lint(text).iter().all(|each| each.rule != "unused-allow"));
}

#[test]
fn checks_without_a_name_each_get_one_of_their_own() {
    let text =
        "-- migrate:up\nALTER TABLE posts ADD CHECK (views > 1), ADD CHECK (views < 9);\n-- migrate:irreversible";
    let fixed = fixed(text);
    insta::assert_snapshot!(fixed.text, @r"
    -- migrate:up
    ALTER TABLE posts ADD CONSTRAINT posts_check CHECK (views > 1) NOT VALID, ADD CONSTRAINT posts_check1 CHECK (views < 9) NOT VALID;
    -- migrate:irreversible
    ");
    assert_eq!(fixed.follow_ups.len(), 2);
    assert!(fixed.follow_ups[1].text.contains("VALIDATE CONSTRAINT posts_check1;"));
}

#[test]
fn the_way_back_may_drop_what_the_way_up_makes_in_words_of_its_own() {
    let virtual_table = "-- migrate:up\nCREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5(title, content='posts', tokenize = 'porter');\n\
                         -- migrate:down\nDROP TABLE search;";
    assert_eq!(lint_as(virtual_table, Dialect::Sqlite), []);
    let unseen = "-- migrate:up\nDO $$ BEGIN EXECUTE 'CREATE TABLE parts (id int primary key)'; END $$;\n\
                  -- migrate:down\nDROP TABLE parts;";
    let found: Vec<&str> = lint(unseen).iter().map(|finding| finding.rule).collect();
    assert_eq!(found, ["unparsed"]);
}

#[test]
fn a_statement_that_is_not_sql_is_a_note_and_no_failure() {
    let findings = lint("-- migrate:up\nFROBNICATE posts;\n-- migrate:down\nSELECT 1;");
    assert_eq!(findings.iter().map(|found| (found.rule, found.level)).collect::<Vec<_>>(), [("unparsed", Level::Note)]);
}

#[test]
fn what_a_migration_makes_is_exempt() {
    let text = "-- migrate:up
CREATE TABLE tags (id bigint PRIMARY KEY, post_id bigint, name text);
CREATE INDEX tags_post_id ON tags (post_id);
ALTER TABLE tags ADD FOREIGN KEY (post_id) REFERENCES posts (id);
ALTER TABLE tags ADD CONSTRAINT named CHECK (name <> '');
ALTER TABLE tags ALTER COLUMN name SET NOT NULL, ALTER COLUMN name TYPE varchar(20);
ALTER TABLE tags RENAME TO labels;
DROP INDEX tags_post_id;
ALTER TABLE labels DROP COLUMN name;
-- migrate:down
DROP TABLE labels;";
    assert_eq!(lint(text), []);
}

#[test]
fn a_default_is_volatile_if_one_of_its_functions_is() {
    for (default, level) in [
        ("now()", None),
        ("CURRENT_TIMESTAMP", None),
        ("'x'::varchar(20)", None),
        ("CAST(1 AS numeric(8, 2))", None),
        ("lower('A') || 'b'", None),
        ("'{}'::jsonb", None),
        ("ARRAY[]::text[]", None),
        ("(now() + interval '1 day')", None),
        ("random()", Some(Level::Error)),
        ("nextval('s')", Some(Level::Error)),
        ("md5(random()::text)", Some(Level::Error)),
        ("uuid_generate_v4()", Some(Level::Error)),
        ("own_function()", Some(Level::Warn)),
    ] {
        let text =
            format!("-- migrate:up\nALTER TABLE posts ADD COLUMN a text DEFAULT {default};\n-- migrate:irreversible");
        let findings = lint(&text);
        assert_eq!(
            findings.first().map(|found| (found.rule, found.level)),
            level.map(|level| ("volatile-default", level)),
            "{default}"
        );
    }
}

#[test]
fn a_finding_names_the_place_in_the_file() {
    let text = "-- migrate:up\nSELECT 1;  ALTER TABLE posts\n  ADD COLUMN é text,\n  ADD COLUMN seen timestamp;\n-- migrate:irreversible";
    let findings = lint(text);
    assert_eq!((findings[0].rule, findings[0].line, findings[0].column), ("timestamp-without-zone", 4, 19));
    assert_eq!(&findings[0].statement[findings[0].span.clone()], "timestamp");
    assert_eq!((findings[0].statement_line, findings[0].statement_column), (2, 12));
}

#[test]
fn an_allowance_is_for_the_statement_that_it_stands_before() {
    let text = "-- migrate:up
-- lint:allow drop-column the values were moved
ALTER TABLE posts DROP COLUMN a;
ALTER TABLE posts DROP COLUMN b;
-- migrate:irreversible";
    let findings = lint(text);
    let found: Vec<_> = findings.iter().map(|found| (found.rule, found.line)).collect();
    assert_eq!(found, [("drop-column", 4)]);
}

#[test]
fn an_allowance_above_the_sections_is_for_the_file_and_told_once_if_unused() {
    let allowed = "-- lint:allow drop-column all of it goes\n-- migrate:up\nALTER TABLE posts DROP COLUMN a;\nALTER TABLE posts DROP COLUMN b;\n-- migrate:down\nSELECT 1;";
    assert_eq!(lint(allowed), []);
    let unused = "-- lint:allow drop-tabel all of it goes\n-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;";
    let findings = lint(unused);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!((findings[0].message.as_str(), findings[0].line), ("there is no rule `drop-tabel`", 1));
}

#[test]
fn the_configuration_sets_the_level_of_a_rule() {
    let text = "-- migrate:up\nDROP TABLE a;\n-- migrate:irreversible";
    let input = Input::parse(PATH, text, Dialect::Postgres).unwrap();
    for (level, expected) in [(Level::Error, vec![Level::Error]), (Level::Off, vec![])] {
        let config = Config {
            levels: BTreeMap::from([("drop-table".to_owned(), level)]),
            lock_timeout: true,
            ..Config::default()
        };
        let context = Context { config: &config, ..Context::new(Dialect::Postgres) };
        let levels: Vec<Level> = run(std::slice::from_ref(&input), &context).iter().map(|found| found.level).collect();
        assert_eq!(levels, expected);
    }
}

#[test]
fn a_drop_names_the_struct_field_that_still_reads() {
    let field = ModelField {
        table: "posts".into(),
        column: "body".to_owned(),
        field: "Post.body".to_owned(),
        path: "src/post.rs".to_owned(),
        line: 7,
    };
    let models = ModelUse { fields: vec![field] };
    let context = Context { models: Some(&models), ..Context::new(Dialect::Postgres) };
    for statement in [
        "ALTER TABLE posts DROP COLUMN body",
        "DROP TABLE public.posts",
        "ALTER TABLE posts RENAME body TO text",
        "ALTER TABLE posts RENAME TO articles",
    ] {
        let text = format!("-- migrate:up\n{statement};\n-- migrate:irreversible");
        let findings = run(&[Input::parse(PATH, &text, Dialect::Postgres).unwrap()], &context);
        assert_eq!(findings.len(), 1, "{statement}: {findings:#?}");
        assert!(findings[0].message.contains("`Post.body` (src/post.rs:7) still reads"), "{}", findings[0].message);
        assert_eq!(findings[0].level, Level::Error);
    }
}

#[test]
fn an_index_in_a_later_migration_serves_a_foreign_key() {
    let first = "-- migrate:up\nCREATE TABLE likes (id bigint PRIMARY KEY, post_id bigint REFERENCES posts (id));\n-- migrate:down\nDROP TABLE likes;";
    let second = "-- migrate:up no-transaction\nCREATE INDEX CONCURRENTLY ON likes (post_id);\n-- migrate:irreversible";
    let inputs = [first, second].map(|text| Input::parse(PATH, text, Dialect::Postgres).unwrap());
    let context = Context::new(Dialect::Postgres);
    assert_eq!(run(&inputs, &context), []);
    assert_eq!(run(&inputs[..1], &context)[0].rule, "foreign-key-without-index");
}

#[test]
fn a_lone_index_is_fixed_in_place() {
    let text = "-- migrate:up\n-- The index.\nCREATE  UNIQUE INDEX  posts_views -- why\n  ON posts (views) ;\n-- migrate:irreversible\n";
    let fixed = fixed(text);
    insta::assert_snapshot!(fixed.text, @r"
    -- migrate:up
    -- migrate:no-transaction
    -- The index.
    CREATE  UNIQUE INDEX CONCURRENTLY  posts_views -- why
      ON posts (views) ;
    -- migrate:irreversible
    ");
    assert_eq!(lint(&fixed.text), []);
}

#[test]
fn an_index_among_others_moves_to_a_migration_of_its_own_with_its_way_back() {
    let text = "-- migrate:up
ALTER TABLE posts ADD COLUMN slug text;
CREATE INDEX posts_slug ON posts (slug);
-- migrate:down
DROP INDEX posts_slug;
ALTER TABLE posts DROP COLUMN slug;
";
    let fixed = fixed(text);
    insta::assert_snapshot!(fixed.text, @r"
    -- migrate:up
    ALTER TABLE posts ADD COLUMN slug text;
    -- migrate:down
    ALTER TABLE posts DROP COLUMN slug;
    ");
    assert_eq!(fixed.follow_ups[0].name, "index_posts_slug");
    insta::assert_snapshot!(fixed.follow_ups[0].text, @r"
    -- migrate:up no-transaction
    CREATE INDEX CONCURRENTLY posts_slug ON posts (slug);

    -- migrate:down no-transaction
    DROP INDEX CONCURRENTLY posts_slug;
    ");
    assert_eq!(lint(&fixed.text), []);
    assert_eq!(lint(&fixed.follow_ups[0].text), []);
}

#[test]
fn a_constraint_is_added_not_valid_and_validated_in_the_next_migration() {
    let text = "-- migrate:up
ALTER TABLE posts ADD FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE, ADD CHECK (views > 0);
-- migrate:irreversible
";
    let fixed = fixed(text);
    insta::assert_snapshot!(fixed.text, @r#"
    -- migrate:up
    ALTER TABLE posts ADD CONSTRAINT posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE NOT VALID, ADD CONSTRAINT posts_check CHECK (views > 0) NOT VALID;
    -- migrate:irreversible
    "#);
    insta::assert_snapshot!(fixed.follow_ups[0].text, @r#"
    -- migrate:up
    ALTER TABLE posts VALIDATE CONSTRAINT posts_author_id_fkey;

    -- migrate:down
    -- A constraint that was validated needs nothing undone.
    "#);
    assert_eq!(fixed.follow_ups.len(), 2);
    assert_eq!(lint(&fixed.text), []);
    assert_eq!(lint(&fixed.follow_ups[0].text), []);
}

#[test]
fn a_unique_constraint_takes_an_index_that_is_built_first() {
    let text = "-- migrate:up
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email);
-- migrate:down
ALTER TABLE users DROP CONSTRAINT users_email;
";
    let fixed = fixed(text);
    insta::assert_snapshot!(fixed.text, @r"
    -- migrate:up
    -- migrate:no-transaction
    CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);
    -- migrate:down
    DROP INDEX IF EXISTS users_email;
    ");
    insta::assert_snapshot!(fixed.follow_ups[0].text, @r"
    -- migrate:up
    ALTER TABLE users ADD CONSTRAINT users_email UNIQUE USING INDEX users_email;

    -- migrate:down
    ALTER TABLE users DROP CONSTRAINT users_email;
    ");
    assert_eq!(lint(&fixed.text), []);
    assert_eq!(lint(&fixed.follow_ups[0].text), []);
}

#[test]
fn types_are_replaced_where_they_stand() {
    let text = "-- migrate:up
CREATE TABLE tags (
    id   BIGSERIAL PRIMARY KEY, -- serial
    made timestamp(3) without time zone NOT NULL DEFAULT now(),
    data json[]
);
-- migrate:down
DROP TABLE tags;
";
    let fixed = fixed(text);
    insta::assert_snapshot!(fixed.text, @r"
    -- migrate:up
    CREATE TABLE tags (
        id   bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, -- serial
        made timestamptz(3) NOT NULL DEFAULT now(),
        data jsonb[]
    );
    -- migrate:down
    DROP TABLE tags;
    ");
    assert_eq!(fixed.applied, ["serial", "timestamp-without-zone", "json"]);
    assert_eq!(lint(&fixed.text), []);
}

#[test]
fn a_report_shows_the_statement_with_a_caret() {
    let text =
        "-- migrate:up\nALTER TABLE posts\n  ADD COLUMN a text, ADD COLUMN b timestamp;\n-- migrate:irreversible";
    insta::assert_snapshot!(super::text(&lint(text), false), @r"
    warning[timestamp-without-zone]: `b` names no point in time
     --> migrations/20261122143000_example.sql:3:35
      |
    3 |   ADD COLUMN a text, ADD COLUMN b timestamp
      |                                   ^^^^^^^^^
      |
      = note: A timestamp without a zone names no point in time: what it means depends on who wrote it, and sessions in other zones read it as another moment.
      = help: Write timestamptz. Keep timestamp for local times that are meant so, with `lint:allow`.
      = --fix: write timestamptz
      = docs: docs/migrate-lint.md#timestamp-without-zone
    ");
}

#[test]
fn a_report_of_the_file_names_it() {
    let text = "-- migrate:up\nCREATE TABLE a (id bigint PRIMARY KEY);";
    insta::assert_snapshot!(super::text(&lint(text), false), @r"
    warning[no-down]: the migration has no way back, and does not say so
    --> migrations/20261122143000_example.sql:2:1
     = note: A deploy that goes wrong is rolled back in a hurry; whether and how the database follows should be known by then.
     = help: Write `-- migrate:down` with the statements that undo it, or `-- migrate:irreversible` with the reason.
     = docs: docs/migrate-lint.md#no-down
    ");
}

#[test]
fn json_has_all_that_a_program_needs() {
    let text = "-- migrate:up\nCREATE INDEX posts_views ON posts (views);\n-- migrate:irreversible";
    let value: serde_json::Value = serde_json::from_str(&json(&lint(text)).unwrap()).unwrap();
    assert_eq!(value[0]["rule"], "index-without-concurrently");
    assert_eq!(value[0]["level"], "error");
    assert_eq!(value[0]["lock"], "SHARE");
    assert_eq!(value[0]["line"], 2);
    assert_eq!(value[0]["docs"], "docs/migrate-lint.md#index-without-concurrently");
    assert_eq!(value[0]["fix"]["edits"].as_array().map(Vec::len), Some(2));
}

#[test]
fn sqlite_locks_the_database() {
    let locks = locks("CREATE TABLE a (id INTEGER)", Dialect::Sqlite);
    assert_eq!(locks.iter().map(ToString::to_string).collect::<Vec<_>>(), ["main: the database's write lock"]);
    assert_eq!(super::locks("SELECT * FROM a", Dialect::Sqlite), []);
}

#[test]
fn a_known_database_tells_the_table_of_an_index_and_the_far_side_of_a_foreign_key() {
    use crate::catalog::{Catalog, ForeignKey, Index, Table};
    let mut posts = Table::new("posts".into());
    posts.indexes.push(Index::new("posts_title", ["title"]));
    let (columns, references) = (vec!["author_id".to_owned()], vec!["id".to_owned()]);
    posts.foreign_keys.push(ForeignKey::new("posts_author", columns, "users".into(), references));
    let catalog = Catalog { tables: vec![posts], ..Catalog::default() };
    let told = |statement: &str| -> Vec<String> {
        locks_in(statement, Dialect::Postgres, &catalog).iter().map(ToString::to_string).collect()
    };
    assert_eq!(told("DROP INDEX posts_title"), ["posts: ACCESS EXCLUSIVE"]);
    assert_eq!(told("DROP INDEX CONCURRENTLY posts_title"), ["posts: SHARE UPDATE EXCLUSIVE"]);
    assert_eq!(told("DROP TABLE posts"), ["posts: ACCESS EXCLUSIVE", "users: ACCESS EXCLUSIVE"]);
    assert_eq!(
        told("ALTER TABLE posts DROP CONSTRAINT posts_author"),
        ["posts: ACCESS EXCLUSIVE", "users: ACCESS EXCLUSIVE"]
    );
}

#[test]
fn a_statement_of_one_long_line_is_read_in_one_pass() {
    let rows = "('é', 1), ".repeat(40_000);
    let text = format!("INSERT INTO posts (title, views) VALUES {rows}('end', \"quoted\")");
    let started = std::time::Instant::now();
    let reading = read::read(&text, Dialect::Sqlite);
    assert_eq!(&text[reading.quoted_values[0].span.clone()], "\"quoted\"");
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn what_a_program_rendered_is_not_rewritten() {
    let up = ["CREATE INDEX posts_views ON posts (views)".to_owned()];
    let findings = run(&[Input::from_statements("src/a.rs:3", 1, &up, None, true)], &Context::new(Dialect::Postgres));
    assert_eq!(
        findings.iter().map(|found| (found.rule, found.fix.is_some())).collect::<Vec<_>>(),
        [("index-without-concurrently", false)]
    );
}

/// Words that statements are made of, in any order: most of what comes of them is no SQL.
const WORDS: &[&str] = &[
    "ALTER",
    "TABLE",
    "CREATE",
    "INDEX",
    "DROP",
    "ADD",
    "COLUMN",
    "CONSTRAINT",
    "posts",
    "\"A b\"",
    "é",
    "public",
    ".",
    ",",
    "(",
    ")",
    ";",
    "*",
    "'text'",
    "$$",
    "$$ body $$",
    "NOT",
    "NULL",
    "VALID",
    "DEFAULT",
    "UNIQUE",
    "PRIMARY KEY",
    "REFERENCES",
    "FOREIGN KEY",
    "CHECK",
    "EXCLUDE",
    "USING",
    "TYPE",
    "SET",
    "WHERE",
    "FROM",
    "JOIN",
    "UPDATE",
    "DELETE",
    "INSERT INTO",
    "VALUES",
    "WITH",
    "AS",
    "SELECT",
    "CONCURRENTLY",
    "IF EXISTS",
    "IF NOT EXISTS",
    "ON",
    "ONLY",
    "RENAME",
    "TO",
    "REINDEX",
    "VACUUM",
    "FULL",
    "CLUSTER",
    "PRAGMA",
    "foreign_keys",
    "=",
    "1",
    "::",
    "[",
    "]",
    "DOMAIN",
    "COMMENT",
    "TRIGGER",
    "GENERATED ALWAYS AS",
    "STORED",
    "varchar(",
    "/*",
    "*/",
    "--",
    "\n",
    "E'\\'",
    "U&'",
    "\\",
    "PARTITION OF",
    "DO",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 2000, ..Default::default() })]

    #[test]
    fn any_words_are_read_without_a_panic(
        words in proptest::collection::vec(proptest::sample::select(WORDS), 0..14),
        begin in proptest::sample::select(&["", "ALTER TABLE posts ADD ", "CREATE TABLE a (", "ALTER TABLE posts ALTER é ", "UPDATE "][..]),
    ) {
        let text = format!("{begin}{}", words.join(" "));
        for dialect in [Dialect::Postgres, Dialect::Sqlite] {
            let input = Input::from_statements("a.rs", 1, std::slice::from_ref(&text), Some(std::slice::from_ref(&text)), true);
            let findings = run(&[input], &Context::new(dialect));
            for finding in &findings {
                proptest::prop_assert!(finding.statement.is_empty() || finding.statement.get(finding.span.clone()).is_some());
            }
            let _ = super::text(&findings, true);
            let _ = fix("a.rs", &text, &findings);
            let _ = locks(&text, dialect);
        }
    }
}
