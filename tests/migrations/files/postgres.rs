/// Statements that are hard to find the end of, in an order in which Postgres runs them.
pub(super) const STATEMENTS: &[&str] = &[
    "CREATE TABLE notes (id int PRIMARY KEY, body text, tags text[] NOT NULL DEFAULT '{}'::text[], CHECK (body <> ';'))",
    "CREATE TABLE \"odd;\"\"name--\" (\"a;b\" int, \"/*\" int)",
    "CREATE TABLE log (entry text)",
    "INSERT INTO notes VALUES (1, 'a;b''c;--', ARRAY['x;', ']'])",
    r"INSERT INTO notes VALUES (2, E'it\'s; \\', '{}'), (3, 'back\', '{}')",
    "INSERT INTO notes VALUES (4, $$dollar; 'quoted' $1 $tag$ -- $$, '{}')",
    "INSERT INTO notes VALUES (5, $body$ nested $$;$$ $bod$ ; $body$, '{}')",
    "INSERT INTO notes VALUES (6, $é_1$x;$é_1$, '{}')",
    "INSERT INTO notes VALUES (7, U&'d!0061t!+000061;' UESCAPE '!', '{}')",
    "SELECT U&\"\\0069d\" FROM notes WHERE body = U&'\\003B;'",
    "SELECT B'101', X'1F', N'n;', b'0', x'a'",
    "SELECT 'joined;'\n  ' strings;'",
    "SELECT 'joined;' -- with a comment; it's between\n  ' strings;'",
    "SELECT E'joined\\'s;' -- it's between\n  '\\'escapes; too\\\\'",
    "SELECT E'not joined;\\'' AS \"it's\"\n, 'x;\\'",
    "SELECT 1 /* outer; /* inner; */ still '; */ + 2",
    "SELECT 1 -- a comment; with $$ and '\n + 1",
    "SELECT 2*/* a comment; */3",
    "SELECT 5 - -3, 5 -(-3), 2^ -1, @ -5",
    "SELECT '{\"a\": {\"b;\": 1}}'::jsonb #>> '{a,\"b;\"}', '{\"a\": 1}'::jsonb ? 'a', '{}'::jsonb ?| ARRAY['a;']",
    "SELECT tags[1], tags[1:2] FROM notes WHERE tags && ARRAY[';']",
    "SELECT 1.5e-3, .5, 1., 0.1E+2",
    "SELECT 1 AS \"end\", 2 AS end, 3 AS begin, 4 AS case",
    "SELECT notes.id AS a$b$c FROM notes",
    "CREATE FUNCTION plus_one(a int) RETURNS int LANGUAGE sql AS $$ SELECT a + 1; $$",
    "CREATE FUNCTION quoted_body() RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN ''a;''; END;'",
    "CREATE OR REPLACE FUNCTION dynamic() RETURNS void LANGUAGE plpgsql AS $function$
    BEGIN
        EXECUTE $sql$ INSERT INTO log VALUES ('one;'); $sql$;
        IF true THEN EXECUTE format('INSERT INTO log VALUES (%L)', $$two;$$); END IF;
    END;
    $function$",
    "CREATE FUNCTION atomic(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC
        INSERT INTO log VALUES ('atomic;');
        SELECT CASE a WHEN 1 THEN CASE WHEN true THEN 10 ELSE 20 END ELSE (CASE WHEN a > 3 THEN 30 END) END AS \"end\";
    END",
    "CREATE FUNCTION labelled() RETURNS TABLE (x int, y int) BEGIN ATOMIC
        SELECT 1 AS end, 2 AS case; -- END;
    END",
    "CREATE OR REPLACE PROCEDURE atomic_procedure() BEGIN ATOMIC
        INSERT INTO log VALUES ('a'); INSERT INTO log VALUES ('b');
    END",
    "CREATE FUNCTION returning_it(a int) RETURNS int RETURN CASE WHEN a > 0 THEN a ELSE 0 END",
    "CALL atomic_procedure()",
    "CREATE FUNCTION logged() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO log VALUES (TG_OP || ';');
        RETURN NEW;
    END $$",
    "CREATE TRIGGER notes_logged AFTER INSERT OR UPDATE ON notes FOR EACH ROW WHEN (NEW.body <> ';') EXECUTE FUNCTION logged()",
    "DO $$ BEGIN PERFORM 1; PERFORM dynamic(); END $$",
    "DO LANGUAGE plpgsql $outer$ BEGIN
        EXECUTE 'DO $inner$ BEGIN PERFORM 1; END; $inner$';
    END; $outer$",
    "CREATE VIEW long_notes AS SELECT CASE WHEN length(body) > 3 THEN 'long;' ELSE 'short;' END AS size FROM notes",
    "CREATE RULE two AS ON DELETE TO log DO ALSO (INSERT INTO log VALUES ('x'); INSERT INTO log VALUES ('y'))",
    "CREATE TYPE mood AS ENUM ('so;so', 'it''s fine')",
    "CREATE DOMAIN short AS text CHECK (VALUE ~ '^[^;]{1,5}$')",
    "CREATE OPERATOR <-|-> (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl)",
    "SELECT 1<-|->2, 1 <-|-> -2, OPERATOR(pg_catalog.-) 3",
    "CREATE INDEX notes_body ON notes ((body || ';')) WHERE body <> $$;$$",
    "COMMENT ON TABLE notes IS 'first;\nsecond -- no comment'",
    "PREPARE by_id (int) AS SELECT body FROM notes WHERE id = $1",
    "EXECUTE by_id(1)",
    "SET LOCAL search_path TO DEFAULT",
    "VALUES (1, ';'), (2, $$;$$)",
    "WITH a AS (SELECT 1 AS x), b AS MATERIALIZED (SELECT 2) SELECT * FROM a, b",
    "TABLE log",
    "LOCK TABLE ONLY notes IN SHARE MODE",
    "SAVEPOINT one",
    "ROLLBACK TO SAVEPOINT one",
    "RELEASE one",
];
