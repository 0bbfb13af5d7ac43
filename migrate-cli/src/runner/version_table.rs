//! The table in which the applied versions stand.

use super::MigrationId;
use super::error::MigrateError;
use super::watch::Watch;
use crate::catalog::ObjectName;
use chrono::{DateTime, Utc};
use peristyle_query::error::Error;
use peristyle_query::repo::{Repo, TrustedSql};
use peristyle_query::statement::Dialect;

/// The columns, with their types on Postgres and on SQLite.
const COLUMNS: [(&str, &str, &str); 13] = [
    ("version", "bigint PRIMARY KEY", "integer PRIMARY KEY"),
    ("name", "text NOT NULL", "text NOT NULL"),
    ("state", "text NOT NULL", "text NOT NULL"),
    ("checksum_up", "text", "text"),
    ("checksum_down", "text", "text"),
    ("script_up", "text", "text"),
    ("script_down", "text", "text"),
    ("statements_done", "bigint NOT NULL", "integer NOT NULL"),
    ("inserted_at", "timestamptz NOT NULL", "text NOT NULL"),
    ("duration_ms", "bigint NOT NULL", "integer NOT NULL"),
    ("applied_by", "text", "text"),
    ("tool", "text NOT NULL", "text NOT NULL"),
    ("baseline", "boolean NOT NULL", "boolean NOT NULL"),
];

/// What writes the rows.
const TOOL: &str = concat!("peristyle ", env!("CARGO_PKG_VERSION"));

/// The table, with the database schema that it lives in.
#[derive(Clone, Debug)]
pub(crate) struct VersionTable {
    name: ObjectName,
    dialect: Dialect,
}

/// How far a migration came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowState {
    /// It is applied.
    Applied,
    /// It has no transaction and was not applied to its end.
    Applying,
    /// It has no transaction and was not taken back to its end.
    Reverting,
}

impl RowState {
    fn text(self) -> &'static str {
        match self {
            RowState::Applied => "applied",
            RowState::Applying => "applying",
            RowState::Reverting => "reverting",
        }
    }
}

/// A row of the table.
#[derive(Clone, Debug)]
pub(crate) struct VersionRow {
    pub(crate) id: MigrationId,
    pub(crate) state: RowState,
    pub(crate) content: Content,
    /// The statements that are done, if it is under way.
    pub(crate) statements_done: usize,
    pub(crate) inserted_at: DateTime<Utc>,
    pub(crate) duration_ms: u64,
    pub(crate) applied_by: Option<String>,
    pub(crate) baseline: bool,
}

/// What a migration does, as it is kept beside its version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) checksum_up: Option<String>,
    pub(crate) checksum_down: Option<String>,
    pub(crate) script_up: Option<String>,
    pub(crate) script_down: Option<String>,
}

/// A row that is to be added.
pub(crate) struct NewRow<'r> {
    pub(crate) id: &'r MigrationId,
    pub(crate) content: &'r Content,
    pub(crate) state: RowState,
    pub(crate) duration_ms: u64,
    pub(crate) baseline: bool,
}

type Columns = (
    i64,
    String,
    String,
    (Option<String>, Option<String>, Option<String>, Option<String>),
    i64,
    DateTime<Utc>,
    i64,
    Option<String>,
    bool,
);

impl VersionTable {
    /// Finds out where the table lives, or will.
    pub(crate) async fn locate(repo: &Repo, name: &str, prefix: Option<&str>) -> Result<Self, MigrateError> {
        let Some(dialect) = repo.dialect() else {
            return Err(MigrateError::Unsupported(format!(
                "migrations are SQL, and {} speaks none: give the repo of a database",
                repo.store()
            )));
        };
        let wrong = |reason: String| MigrateError::VersionTable { table: ObjectName::new(name).to_string(), reason };
        let prefix = match (dialect, prefix) {
            (Dialect::Postgres, Some(prefix)) => {
                let known = "select count(*) from pg_namespace where nspname = {}";
                if repo.sql::<i64>(known).bind(prefix).one().await? != Some(1) {
                    return Err(wrong(format!(
                        "its database schema {prefix:?} does not exist: create it with CREATE SCHEMA, and grant it to this role"
                    )));
                }
                prefix.to_owned()
            }
            (Dialect::Postgres, None) => {
                let current = repo.sql::<Option<String>>("select current_schema()::text").one().await?.flatten();
                current.ok_or_else(|| {
                    wrong("no schema of search_path exists or may be used: create one, or set search_path".to_owned())
                })?
            }
            (_, prefix) => prefix.unwrap_or("main").to_owned(),
        };
        Ok(VersionTable { name: ObjectName::with_prefix(prefix, name), dialect })
    }

    /// Its name, for messages and for the key of the lock.
    pub(crate) fn name(&self) -> &ObjectName {
        &self.name
    }

    /// The database schema in which it lives.
    pub(crate) fn schema(&self) -> &str {
        self.name.prefix.as_deref().unwrap_or_default()
    }

    fn quoted(&self) -> String {
        // Braces are places for values in a template.
        self.name.quoted().replace('{', "{{").replace('}', "}}")
    }

    fn wrong(&self, reason: String) -> MigrateError {
        MigrateError::VersionTable { table: self.name.to_string(), reason }
    }

    /// Whether it is there. One with other columns is an error.
    pub(crate) async fn exists(&self, repo: &Repo) -> Result<bool, MigrateError> {
        let columns: Vec<String> = match self.dialect {
            Dialect::Postgres => {
                repo.sql::<String>(
                    "select a.attname::text from pg_attribute a join pg_class c on c.oid = a.attrelid \
                     join pg_namespace n on n.oid = c.relnamespace where n.nspname = {} and c.relname = {} \
                     and a.attnum > 0 and not a.attisdropped",
                )
                .bind((self.schema(), self.name.name.as_str()))
                .await?
            }
            _ => {
                repo.sql::<String>("select name from pragma_table_info({}, {})")
                    .bind((self.name.name.as_str(), self.schema()))
                    .await?
            }
        };
        if columns.is_empty() {
            return Ok(false);
        }
        let missing: Vec<&str> = COLUMNS
            .iter()
            .map(|(name, ..)| *name)
            .filter(|name| !columns.iter().any(|column| column == name))
            .collect();
        match missing.as_slice() {
            [] => Ok(true),
            _ => Err(self.wrong(format!(
                "it has no columns {}, so another tool made it: choose another table, and take over what is there with \
                 `baseline`",
                missing.join(", ")
            ))),
        }
    }

    /// The statement that makes it.
    pub(crate) fn create_statement(&self) -> String {
        let columns = COLUMNS.map(|(name, postgres, sqlite)| {
            let column_type = if self.dialect == Dialect::Postgres { postgres } else { sqlite };
            format!("{name} {column_type}")
        });
        format!("CREATE TABLE IF NOT EXISTS {} ({})", self.name.quoted(), columns.join(", "))
    }

    /// Makes it, unless it is there.
    pub(crate) async fn ensure(&self, repo: &Repo, watch: &Watch) -> Result<(), MigrateError> {
        if self.exists(repo).await? {
            return Ok(());
        }
        let statement = self.create_statement();
        watch.own(&statement);
        match repo.script(statement).await {
            Ok(()) => Ok(()),
            // Another process made it at the same time.
            Err(_) if self.exists(repo).await? => Ok(()),
            Err(error) => Err(self.wrong(format!("it could not be made: {error}"))),
        }
    }

    /// Its rows, in the order of versions.
    pub(crate) async fn rows(&self, repo: &Repo) -> Result<Vec<VersionRow>, MigrateError> {
        self.select(repo, String::new()).await
    }

    /// The row of a version.
    pub(crate) async fn row(&self, repo: &Repo, version: u64) -> Result<Option<VersionRow>, MigrateError> {
        Ok(self.select(repo, format!(" WHERE version = {version}")).await?.pop())
    }

    async fn select(&self, repo: &Repo, condition: String) -> Result<Vec<VersionRow>, MigrateError> {
        let text = format!(
            "SELECT version, name, state, checksum_up, checksum_down, script_up, script_down, statements_done, inserted_at, \
             duration_ms, applied_by, baseline FROM {}{condition} ORDER BY version",
            self.quoted()
        );
        let rows = repo.sql::<Columns>(TrustedSql::template(text)).await?;
        rows.into_iter().map(|columns| self.read(columns)).collect()
    }

    fn read(&self, columns: Columns) -> Result<VersionRow, MigrateError> {
        let (version, name, state, texts, done, inserted_at, duration_ms, applied_by, baseline) = columns;
        let (checksum_up, checksum_down, script_up, script_down) = texts;
        let number = |value: i64| {
            u64::try_from(value).map_err(|_| self.wrong(format!("{value} in the row of version {version} is negative")))
        };
        let state = match state.as_str() {
            "applied" => RowState::Applied,
            "applying" => RowState::Applying,
            "reverting" => RowState::Reverting,
            other => return Err(self.wrong(format!("the state {other:?} of version {version} is none that exists"))),
        };
        Ok(VersionRow {
            id: MigrationId { version: number(version)?, name },
            state,
            content: Content { checksum_up, checksum_down, script_up, script_down },
            statements_done: usize::try_from(number(done)?).unwrap_or(usize::MAX),
            inserted_at,
            duration_ms: number(duration_ms)?,
            applied_by,
            baseline,
        })
    }

    /// Adds the row of a migration.
    pub(crate) async fn insert(&self, repo: &Repo, watch: &Watch, row: NewRow<'_>) -> Result<(), Error> {
        let NewRow { id, content, state, duration_ms, baseline } = row;
        let names = COLUMNS.map(|(name, ..)| name).join(", ");
        let text = format!(
            "INSERT INTO {} ({names}) VALUES ({{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}}, 0, {{}}, {{}}, {{}}, {{}}, {{}})",
            self.quoted()
        );
        watch.own(&format!("INSERT INTO {} ({names}) VALUES ({}, ..)", self.name.quoted(), id.version));
        let Content { checksum_up, checksum_down, script_up, script_down } = content.clone();
        repo.sql::<()>(TrustedSql::template(text))
            .bind((
                id.version.cast_signed(),
                id.name.as_str(),
                state.text(),
                checksum_up,
                checksum_down,
                script_up,
                script_down,
                Utc::now(),
                i64::try_from(duration_ms).unwrap_or(i64::MAX),
                who(),
                TOOL,
                baseline,
            ))
            .execute()
            .await
            .map(drop)
    }

    /// Removes the row of a migration, and says whether it was there.
    pub(crate) async fn delete(&self, repo: &Repo, watch: &Watch, version: u64) -> Result<bool, Error> {
        let text = format!("DELETE FROM {} WHERE version = {version}", self.quoted());
        watch.own(&format!("DELETE FROM {} WHERE version = {version}", self.name.quoted()));
        repo.sql::<()>(TrustedSql::template(text)).execute().await.map(|rows| rows > 0)
    }

    /// Notes how far a migration without a transaction came.
    pub(crate) async fn progress(
        &self,
        repo: &Repo,
        watch: &Watch,
        version: u64,
        state: RowState,
        statements_done: usize,
    ) -> Result<(), Error> {
        let change = format!("state = '{}', statements_done = {statements_done}", state.text());
        watch.own(&format!("UPDATE {} SET {change} WHERE version = {version}", self.name.quoted()));
        let text = format!("UPDATE {} SET {change} WHERE version = {version}", self.quoted());
        repo.sql::<()>(TrustedSql::template(text)).execute().await.map(drop)
    }

    /// Writes what a migration does, and how long it took, if it was under way.
    pub(crate) async fn describe(
        &self,
        repo: &Repo,
        watch: &Watch,
        id: &MigrationId,
        content: &Content,
        duration_ms: Option<u64>,
    ) -> Result<(), Error> {
        let text = format!(
            "UPDATE {} SET name = {{}}, checksum_up = {{}}, checksum_down = {{}}, script_up = {{}}, script_down = {{}}, \
             duration_ms = coalesce({{}}, duration_ms) WHERE version = {}",
            self.quoted(),
            id.version
        );
        watch.own(&format!("UPDATE {} SET checksum_up = .. WHERE version = {}", self.name.quoted(), id.version));
        let Content { checksum_up, checksum_down, script_up, script_down } = content.clone();
        let duration_ms = duration_ms.map(|millis| i64::try_from(millis).unwrap_or(i64::MAX));
        repo.sql::<()>(TrustedSql::template(text))
            .bind((id.name.as_str(), checksum_up, checksum_down, script_up, script_down, duration_ms))
            .execute()
            .await
            .map(drop)
    }
}

/// Who applies: the user and the machine, as far as the environment names them.
fn who() -> Option<String> {
    let named = |variables: &[&str]| {
        variables.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    };
    match (named(&["USER", "USERNAME"]), named(&["HOSTNAME", "COMPUTERNAME"])) {
        (Some(user), Some(host)) => Some(format!("{user}@{host}")),
        (user, host) => user.or(host),
    }
}
