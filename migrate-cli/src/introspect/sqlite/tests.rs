use super::*;
use crate::catalog::{Check, Default, ReferentialAction, Table};

fn row(kind: &str, name: &str, table: &str, sql: &str) -> Row {
    (kind.into(), name.into(), table.into(), sql.into())
}

fn one(sql: &str) -> (Table, Vec<String>) {
    let name = "t";
    let catalog = catalog(vec![row("table", name, name, sql)], &Options::default()).unwrap();
    (catalog.tables.into_iter().next().unwrap(), catalog.others)
}

#[test]
fn every_clause_of_a_column_is_read() {
    let (table, others) = one(r#"CREATE TABLE t (
        [id] integer PRIMARY KEY AUTOINCREMENT, -- the key, (of "t"
        "a b" VARCHAR ( 30 ) COLLATE nocase NOT NULL CONSTRAINT named UNIQUE DEFAULT 'it''s',
        `c` NOT NULL DEFAULT -1 CHECK ("c" > 0 /* no */ AND c < 9),
        d TEXT DEFAULT (datetime('now', 'utc')),
        e INT GENERATED ALWAYS AS (c * 2) STORED,
        f AS (c || ')') VIRTUAL,
        g DEFAULT CURRENT_TIMESTAMP CONSTRAINT g_ok CHECK ((g) <> (d)),
        h DEFAULT "text" CONSTRAINT h_fk REFERENCES Other (Id) ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
        i DOUBLE PRECISION DEFAULT 1.5, j BLOB DEFAULT x'00', k BOOLEAN DEFAULT true, l DEFAULT NULL
    ) STRICT"#);
    let default = |name: &str| table.column(name).unwrap().default.clone();
    let type_of = |name: &str| match &table.column(name).unwrap().column_type {
        crate::catalog::ColumnType::Sql(sql) => sql.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(others, Vec::<String>::new());
    assert_eq!(table.columns.len(), 12);
    assert_eq!(table.primary_key.as_ref().unwrap().columns, ["id"]);
    assert!(table.column("id").unwrap().identity.is_some() && !table.column("id").unwrap().nullable);
    assert_eq!((type_of("a b").as_str(), type_of("c").as_str()), ("VARCHAR ( 30 )", ""));
    assert_eq!(table.column("a b").unwrap().collation.as_deref(), Some("nocase"));
    assert_eq!(default("a b"), Some(Default::Text("it's".into())));
    assert_eq!(default("c"), Some(Default::Integer(-1)));
    assert_eq!(default("d"), Some(Default::Sql("datetime('now', 'utc')".into())));
    assert_eq!(default("g"), Some(Default::Sql("CURRENT_TIMESTAMP".into())));
    assert_eq!(default("h"), Some(Default::Text("text".into())));
    assert_eq!(default("i"), Some(Default::Number("1.5".into())));
    assert_eq!(default("j"), Some(Default::Sql("x'00'".into())));
    assert_eq!(default("k"), Some(Default::Bool(true)));
    assert_eq!(default("l"), None);
    assert!(table.column("e").unwrap().generated.as_ref().unwrap().stored);
    assert_eq!(table.column("f").unwrap().generated.as_ref().unwrap().expression, "c || ')'");
    assert_eq!(table.uniques[0].name.as_deref(), Some("named"));
    let checks: Vec<(Option<&str>, &str)> =
        table.checks.iter().map(|check: &Check| (check.name.as_deref(), check.condition.as_str())).collect();
    assert_eq!(checks, [(None, r#""c" > 0 AND c < 9"#), (Some("g_ok"), "(g) <> (d)")]);
    let key = &table.foreign_keys[0];
    assert_eq!((key.name.as_str(), key.table.name.as_str(), key.references[0].as_str()), ("h_fk", "Other", "Id"));
    assert_eq!((&key.on_delete, &key.on_update), (&ReferentialAction::SetNull, &ReferentialAction::Cascade));
    assert!(key.deferrable && key.initially_deferred);
    assert_eq!(table.options.as_deref(), Some("STRICT"));
}

#[test]
fn constraints_of_a_table_are_read_with_and_without_commas() {
    let (table, others) = one("CREATE TABLE 't' (a INT, b INT, \
        CONSTRAINT pk PRIMARY KEY (B, a) CONSTRAINT u UNIQUE (a, b) ON CONFLICT REPLACE, \
        FOREIGN KEY (A, b) REFERENCES t) WITHOUT ROWID, STRICT");
    let key = table.primary_key.as_ref().unwrap();
    assert_eq!((key.name.as_deref(), &key.columns[..]), (Some("pk"), &["b".to_owned(), "a".to_owned()][..]));
    assert!(!table.columns[0].nullable);
    assert_eq!(table.uniques[0].columns, ["a", "b"]);
    assert_eq!(table.foreign_keys[0].name, "t_a_b_fkey");
    assert_eq!(table.foreign_keys[0].columns, ["a", "b"]);
    assert_eq!(table.foreign_keys[0].references, ["b", "a"]);
    assert_eq!(table.options.as_deref(), Some("STRICT, WITHOUT ROWID"));
    assert_eq!(others, [r#"ON CONFLICT of the table "t""#]);
}

#[test]
fn indexes_are_read_by_their_parts() {
    let index = index::parse_index(
        r#"CREATE UNIQUE INDEX "i" ON t ("a b" COLLATE nocase DESC, lower(c, ')'), (d + 1) ASC) WHERE (d IS NOT NULL)"#,
    )
    .unwrap();
    let parts: Vec<&IndexPart> = index.columns.iter().map(|column| &column.part).collect();
    let expression = |sql: &str| IndexPart::Expression(sql.into());
    assert_eq!(parts, [&IndexPart::Column("a b".into()), &expression("lower(c, ')')"), &expression("d + 1")]);
    assert_eq!(index.columns[0].collation.as_deref(), Some("nocase"));
    assert_eq!(index.columns[0].direction, Some(crate::catalog::Direction::Desc));
    assert_eq!(index.filter.as_deref(), Some("d IS NOT NULL"));
    assert!(index.unique);
}

#[test]
fn what_has_no_form_is_named() {
    let rows = vec![
        row("virtual", "search", "search", "CREATE VIRTUAL TABLE search USING fts5(x)"),
        row("shadow", "search_data", "search_data", "CREATE TABLE 'search_data'(id INTEGER PRIMARY KEY, block BLOB)"),
        row("view", "v", "v", "CREATE VIEW v (a, b) AS SELECT 1, 2"),
        row("trigger", "g", "v", "CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN SELECT 1; END"),
    ];
    let catalog = catalog(rows, &Options::default()).unwrap();
    assert_eq!(catalog.tables, []);
    assert_eq!(catalog.views[0].query, "SELECT 1, 2");
    assert_eq!(
        catalog.others,
        [r#"virtual table "search""#, r#"names of the columns of the view "v""#, r#"trigger "g" on the view "v""#]
    );
}

#[test]
fn a_statement_that_makes_no_sense_is_an_error_that_shows_it() {
    let error = catalog(vec![row("table", "t", "t", "CREATE TABLE t (a INT")], &Options::default()).unwrap_err();
    assert!(error.to_string().contains("CREATE TABLE t (a INT"), "{error}");
}
