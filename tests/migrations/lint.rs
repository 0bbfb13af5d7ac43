//! The rules of lint against what real stores do.

use peristyle::Error;
use peristyle::prelude::*;
use peristyle_migrate::lint::{self, Context, Input, LockLevel, Rule};
use peristyle_tests::{Kind, Store, on_postgres_database, on_sqlite};

/// Rows, so that a statement that fails on a table that is not empty fails.
const ROWS_POSTGRES: &str = "
    INSERT INTO users (email, name) VALUES ('ada@example.com', 'Ada');
    INSERT INTO posts (author_id, title, views) VALUES (1, 'First', 3);
    INSERT INTO comments (post_id, body) VALUES (1, 'Well');
    INSERT INTO bookings (room, during) VALUES (1, tsrange('2026-01-01', '2026-01-02'));
    REFRESH MATERIALIZED VIEW post_totals;";

const ROWS_SQLITE: &str = "
    INSERT INTO users (id, email, name) VALUES (1, 'ada@example.com', 'Ada');
    INSERT INTO posts (id, author_id, title) VALUES (1, 1, 'First');";

/// The rules of Postgres whose failing example the server itself refuses.
const REFUSED_BY_POSTGRES: &[&str] = &[
    "add-required-column",
    "concurrently-in-transaction",
    "enum-value-in-same-transaction",
    "outside-transaction-only",
];

/// The rules whose failing example SQLite itself refuses.
const REFUSED_BY_SQLITE: &[&str] = &[
    "add-required-column",
    "double-quoted-string",
    "sqlite-add-column-default",
    "sqlite-add-column-key",
    "sqlite-add-column-references",
    "sqlite-rebuild-with-views",
];

/// The rules whose failing example is fixed mechanically.
const FIXED: &[&str] = &[
    "index-without-concurrently",
    "drop-index-without-concurrently",
    "concurrently-in-transaction",
    "index-if-not-exists",
    "foreign-key-without-not-valid",
    "check-without-not-valid",
    "unique-without-index",
    "primary-key-without-index",
    "outside-transaction-only",
    "enum-value-not-repeatable",
    "serial",
    "int-key",
    "timestamp-without-zone",
    "json",
];

async fn prepare(repo: &Repo) {
    let (schema, rows) = match repo.dialect() {
        Some(Dialect::Postgres) => (lint::EXAMPLE_SCHEMA_POSTGRES, ROWS_POSTGRES),
        _ => (lint::EXAMPLE_SCHEMA_SQLITE, ROWS_SQLITE),
    };
    repo.script(schema).await.unwrap();
    repo.script(rows).await.unwrap();
}

fn input(example: &str, dialect: Dialect) -> Input {
    Input::parse("migrations/20261122143000_example.sql", example, dialect).unwrap()
}

/// Runs the way up as a migration is run: in a transaction, which is rolled back, or statement by statement.
async fn run_up(repo: &Repo, input: &Input) -> Result<(), Error> {
    let statements: Vec<String> = input.up.statements.iter().map(|each| each.text.clone()).collect();
    if !input.up.transaction {
        for text in &statements {
            repo.script(text.as_str()).await?;
        }
        return Ok(());
    }
    let outcome = repo.transaction(async |tx: Repo| {
        for text in &statements {
            tx.script(text.as_str()).await?;
        }
        Err::<(), _>(Error::rollback("done"))
    });
    match outcome.await {
        Err(error) if error.rollback_value::<&str>() == Some(&"done") => Ok(()),
        outcome => outcome,
    }
}

fn of(dialect: Dialect) -> impl Iterator<Item = &'static Rule> {
    lint::rules().filter(move |rule| rule.dialects.contains(&dialect))
}

/// Runs one example of each rule and returns the rules that the store refused, with its words.
async fn refused(
    store: &Store,
    kind: Kind,
    dialect: Dialect,
    example: fn(&Rule) -> &'static str,
) -> Vec<(&'static str, String)> {
    let mut refused = Vec::new();
    for rule in of(dialect) {
        let input = input(example(rule), dialect);
        // What is not rolled back has a database of its own.
        let own;
        let repo = match input.up.transaction {
            true => &store.repo,
            false => {
                own = Store::new(kind).await;
                prepare(&own.repo).await;
                &own.repo
            }
        };
        if let Err(error) = run_up(repo, &input).await {
            refused.push((rule.id, error.to_string()));
        }
    }
    refused
}

on_postgres_database! {
    async fn postgres_runs_each_failing_example_unless_the_rule_says_that_it_does_not(store: Store) {
        prepare(&store.repo).await;
        let found = refused(&store, Kind::PostgresDatabase, Dialect::Postgres, |rule| rule.failing).await;
        let mut ids: Vec<&str> = found.iter().map(|(id, _)| *id).collect();
        ids.sort();
        assert_eq!(ids, REFUSED_BY_POSTGRES, "{found:#?}");
    }

    async fn postgres_runs_each_passing_example(store: Store) {
        prepare(&store.repo).await;
        let found = refused(&store, Kind::PostgresDatabase, Dialect::Postgres, |rule| rule.passing).await;
        assert_eq!(found, []);
    }

    async fn what_fix_writes_runs_up_and_down_and_breaks_no_rule(_store: Store) {
        let context = Context::new(Dialect::Postgres);
        let mut fixed_rules = Vec::new();
        for rule in of(Dialect::Postgres) {
            let path = "migrations/20261122143000_example.sql";
            let findings = lint::run(&[input(rule.failing, Dialect::Postgres)], &context);
            let fixed = lint::fix(path, rule.failing, &findings);
            if fixed.applied.is_empty() {
                continue;
            }
            let files: Vec<Input> = std::iter::once(&fixed.text)
                .chain(fixed.follow_ups.iter().map(|follow_up| &follow_up.text))
                .map(|text| input(text, Dialect::Postgres))
                .collect();
            let left = lint::run(&files, &context);
            let left: Vec<_> = left.iter().map(|finding| finding.rule).filter(|found| fixed.applied.contains(found)).collect();
            assert!(left.is_empty(), "{}: {left:?}\n{}", rule.id, fixed.text);
            let own = Store::new(Kind::PostgresDatabase).await;
            prepare(&own.repo).await;
            let down = files.iter().rev().filter_map(|file| match &file.down {
                lint::Down::Script(script) => Some(script),
                _ => None,
            });
            for script in files.iter().map(|file| &file.up).chain(down) {
                for statement in &script.statements {
                    let outcome = own.repo.script(statement.text.as_str()).await;
                    outcome.unwrap_or_else(|error| panic!("{}: {error}\n{}", rule.id, fixed.text));
                }
            }
            fixed_rules.push(rule.id);
        }
        assert_eq!(fixed_rules, FIXED);
    }

    async fn the_locks_of_a_statement_are_those_that_postgres_takes(store: Store) {
        prepare(&store.repo).await;
        let mut wrong = Vec::new();
        for statement in LOCKING {
            let claimed = lint::locks(statement, Dialect::Postgres);
            let claimed: Vec<(String, LockLevel)> =
                claimed.into_iter().map(|lock| (lock.table.name, lock.level)).collect();
            let taken = taken(&store.repo, statement).await;
            let missing: Vec<_> = taken.iter().filter(|lock| !claimed.contains(lock)).collect();
            let invented: Vec<_> = claimed.iter().filter(|lock| !taken.contains(lock)).collect();
            if !missing.is_empty() || !invented.is_empty() {
                wrong.push(format!("{statement}\n  not told: {missing:?}\n  not taken: {invented:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// Statements of all kinds that lock tables which are there before.
const LOCKING: &[&str] = &[
    "SELECT * FROM posts JOIN users ON users.id = posts.author_id",
    "SELECT extract(year FROM created_at) FROM posts",
    "WITH recent AS (SELECT * FROM posts) SELECT * FROM recent, users",
    "SELECT * FROM posts FOR UPDATE",
    "INSERT INTO comments (post_id) SELECT id FROM posts",
    "UPDATE posts SET views = 1 FROM users WHERE users.id = posts.author_id",
    "DELETE FROM posts USING users WHERE users.id = posts.author_id",
    "TRUNCATE comments, bookings",
    "LOCK TABLE posts IN SHARE MODE",
    "LOCK posts",
    "CREATE INDEX ON posts (views)",
    "DROP TABLE comments",
    "ALTER TABLE posts ADD COLUMN a integer, ADD COLUMN b bigint REFERENCES users (id)",
    "ALTER TABLE posts DROP COLUMN body",
    "ALTER TABLE posts RENAME COLUMN body TO text",
    "ALTER TABLE comments RENAME TO replies",
    "ALTER TABLE posts ALTER COLUMN views TYPE bigint",
    "ALTER TABLE posts ALTER COLUMN views SET NOT NULL",
    "ALTER TABLE posts ALTER COLUMN views SET DEFAULT 3",
    "ALTER TABLE posts ALTER COLUMN views SET STATISTICS 500",
    "ALTER TABLE posts SET (fillfactor = 70)",
    "ALTER TABLE posts CLUSTER ON posts_title",
    "ALTER TABLE posts SET TABLESPACE pg_default",
    "ALTER TABLE posts SET UNLOGGED",
    "ALTER TABLE posts ADD CONSTRAINT a CHECK (views > 0) NOT VALID",
    "ALTER TABLE posts ADD FOREIGN KEY (author_id) REFERENCES users (id)",
    "ALTER TABLE posts VALIDATE CONSTRAINT posts_title_given",
    "ALTER TABLE posts DROP CONSTRAINT posts_title_given",
    "ALTER TABLE posts DISABLE TRIGGER USER",
    "ALTER TABLE posts ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE posts REPLICA IDENTITY FULL",
    "ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    "ALTER TABLE events DETACH PARTITION events_2025",
    "CREATE TABLE likes (post_id bigint REFERENCES posts (id))",
    "CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
    "CREATE TABLE copies AS SELECT * FROM posts",
    "CREATE VIEW titles AS SELECT title FROM posts",
    "CREATE TRIGGER a BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "REFRESH MATERIALIZED VIEW post_totals WITH NO DATA",
    "DROP MATERIALIZED VIEW post_totals",
    "REINDEX TABLE posts",
    "CLUSTER posts USING posts_title",
    "COMMENT ON TABLE posts IS 'what people write'",
    "COMMENT ON COLUMN posts.body IS 'what people write'",
    "CREATE STATISTICS related ON views, status FROM posts",
    "ANALYZE posts, users",
    "CREATE POLICY own ON posts USING (author_id = 1)",
    "CREATE RULE silent AS ON DELETE TO posts DO INSTEAD NOTHING",
    "GRANT SELECT ON posts TO CURRENT_USER",
    "ALTER INDEX posts_title RENAME TO posts_by_title",
];

/// The strongest locks on tables and materialized views that the statement holds at its end; those that every reader of a
/// definition takes are left out.
async fn taken(repo: &Repo, statement: &str) -> Vec<(String, LockLevel)> {
    let outcome = repo.transaction(async |tx: Repo| {
        // A name keeps its meaning while the statement renames it.
        let before = tx
            .sql::<(i64, String)>(
                "select oid::bigint, relname::text from pg_class where relkind in ('r', 'p', 'm') and relnamespace = 'public'::regnamespace",
            )
            .await?;
        tx.script(statement).await?;
        let held = "select relation::bigint, mode from pg_locks where pid = pg_backend_pid() and relation is not null";
        let locks = tx.sql::<(i64, String)>(held).await?;
        Err::<(), _>(Error::rollback((before, locks)))
    });
    type Rows = Vec<(i64, String)>;
    let error = outcome.await.unwrap_err();
    let (before, locks) = error.rollback_value::<(Rows, Rows)>().unwrap_or_else(|| panic!("{statement}: {error}"));
    let mut strongest: Vec<(String, LockLevel)> = Vec::new();
    for (oid, mode) in locks {
        let Some((_, table)) = before.iter().find(|(known, _)| known == oid) else { continue };
        let level = level(mode);
        match strongest.iter_mut().find(|(name, _)| name == table) {
            Some((_, held)) => *held = level.max(*held),
            None => strongest.push((table.clone(), level)),
        }
    }
    strongest
}

fn level(mode: &str) -> LockLevel {
    match mode {
        "AccessShareLock" => LockLevel::AccessShare,
        "RowShareLock" => LockLevel::RowShare,
        "RowExclusiveLock" => LockLevel::RowExclusive,
        "ShareUpdateExclusiveLock" => LockLevel::ShareUpdateExclusive,
        "ShareLock" => LockLevel::Share,
        "ShareRowExclusiveLock" => LockLevel::ShareRowExclusive,
        "ExclusiveLock" => LockLevel::Exclusive,
        "AccessExclusiveLock" => LockLevel::AccessExclusive,
        other => panic!("{other}"),
    }
}

on_sqlite! {
    async fn sqlite_runs_each_failing_example_unless_the_rule_says_that_it_does_not(store: Store) {
        prepare(&store.repo).await;
        let own = |rule: &Rule| if rule.dialects.len() == 1 || rule.id == "add-required-column" { rule.failing } else {
            "-- migrate:up\nSELECT 1;\n-- migrate:irreversible"
        };
        let found = refused(&store, Kind::Sqlite, Dialect::Sqlite, own).await;
        let mut ids: Vec<&str> = found.iter().map(|(id, _)| *id).collect();
        ids.sort();
        assert_eq!(ids, REFUSED_BY_SQLITE, "{found:#?}");
    }

    async fn sqlite_runs_each_passing_example_of_its_own_rules(store: Store) {
        prepare(&store.repo).await;
        let own = |rule: &Rule| if rule.dialects.len() == 1 { rule.passing } else {
            "-- migrate:up\nSELECT 1;\n-- migrate:irreversible"
        };
        let found = refused(&store, Kind::Sqlite, Dialect::Sqlite, own).await;
        assert_eq!(found, []);
    }

    async fn a_rebuild_with_foreign_keys_on_takes_the_children_along(store: Store) {
        prepare(&store.repo).await;
        let rule = lint::rule("sqlite-drop-cascades").unwrap();
        let input = input(rule.failing, Dialect::Sqlite);
        let count = store.repo.transaction(async |tx: Repo| {
            tx.script("DROP VIEW recent_posts").await?;
            for statement in &input.up.statements {
                tx.script(statement.text.as_str()).await?;
            }
            tx.sql::<i64>("select count(*) from posts").one().await
        });
        assert_eq!(count.await.unwrap(), Some(0));
        let findings = lint::run(&[input], &Context::new(Dialect::Sqlite));
        assert_eq!(findings.iter().map(|found| found.rule).collect::<Vec<_>>(), ["sqlite-drop-cascades"]);
    }
}
