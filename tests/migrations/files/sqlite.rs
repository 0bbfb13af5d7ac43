/// Statements that are hard to find the end of, in an order in which SQLite runs them.
pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT DEFAULT ';', CHECK (body <> '--'))",
    "CREATE TABLE [odd;'name] (`a;``b` INT, \"c;\"\"d\" INT, [/*] INT)",
    "CREATE TABLE log (entry, \"end\", [begin], `case`)",
    "INSERT INTO notes VALUES (1, 'a;b''c;--')",
    "INSERT INTO notes VALUES (2, 'back\\')",
    "INSERT INTO notes VALUES (3, x'3B'), (4, X'27')",
    "INSERT INTO notes (body) SELECT '$$;' || \"body\" FROM notes WHERE id=1",
    "SELECT 1 /* not /* nested; */ + 2",
    "SELECT 1 -- a comment; with ' and $$\n + 1",
    "SELECT 2*/* a comment; */3",
    "SELECT 5 - -3, 5-(-3), 1.5e-3, .5, 1., 0x1F",
    "SELECT json_extract('{\"a;\": 1}', '$.\"a;\"'), '{\"a\": 1}' -> 'a', '{\"a\": 1}' ->> '$.a'",
    "SELECT [id], `id`, \"id\", notes.[body] FROM notes WHERE body IS NOT ';'",
    "SELECT end, 'x' AS begin FROM log",
    "SELECT CASE WHEN id = 1 THEN 'one;' ELSE CASE WHEN id = 2 THEN 'two;' END END FROM notes",
    "CREATE TRIGGER simple AFTER INSERT ON notes BEGIN INSERT INTO log (entry) VALUES (NEW.body || ';'); END",
    "CREATE TEMP TRIGGER IF NOT EXISTS with_case AFTER UPDATE OF body ON main.notes FOR EACH ROW WHEN NEW.body <> ';' BEGIN
        UPDATE log SET entry = CASE WHEN entry = 'a;' THEN 'b;' ELSE CASE 1 WHEN 1 THEN 'c' END END;
        -- END;
        SELECT end FROM log; /* END; */
        INSERT INTO log (entry) SELECT CASE WHEN 1 THEN 2 END;
    END",
    "CREATE TEMPORARY TRIGGER raising BEFORE DELETE ON notes BEGIN
        SELECT RAISE(ABORT, 'never; delete') WHERE OLD.id = 1;
    END",
    "CREATE VIEW long_notes AS SELECT CASE WHEN length(body) > 3 THEN 'long;' ELSE 'short;' END AS size FROM notes",
    "CREATE TRIGGER on_view INSTEAD OF INSERT ON long_notes BEGIN INSERT INTO notes (body) VALUES (NEW.size); END",
    "INSERT INTO long_notes VALUES ('from the view;')",
    "CREATE INDEX notes_body ON notes (body || ';') WHERE body <> ';'",
    "EXPLAIN QUERY PLAN SELECT * FROM notes WHERE body = ';'",
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3) SELECT x FROM n",
    "PRAGMA main.table_info([odd;'name])",
    "ALTER TABLE notes ADD COLUMN \"x;y\" TEXT DEFAULT ('--;')",
    "SELECT é FROM (SELECT 1 AS é)",
    "BEGIN IMMEDIATE",
    "SAVEPOINT one",
    "ROLLBACK TO one",
    "END TRANSACTION",
];
