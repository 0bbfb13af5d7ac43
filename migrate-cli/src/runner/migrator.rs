//! The migrator: how migrations are to run, and what to do with them.

use super::choose::Action;
use super::error::MigrateError;
use super::event::MigrationObserver;
use super::history::Allowances;
use super::hooks::Hooks;
use super::lock::Lock;
use super::mark::Mark;
use super::report::{Report, Single};
use super::run::{Done, Run, Settings, Task};
use super::set::Migrations;
use super::watch::Watch;
use super::{Changed, MigrationId, Target};
use peristyle_query::repo::Repo;
use std::sync::Arc;
use std::time::Duration;

/// Applies all migrations that are pending. It is safe to call when many replicas start at once.
///
/// # Errors
///
/// See [`MigrateError`]. What was applied before a migration that failed is kept.
pub async fn run(repo: &Repo, migrations: Migrations) -> Result<Report, MigrateError> {
    Migrator::new(repo, migrations).up(Target::All).await
}

/// Runs migrations on a database.
///
/// ```no_run
/// # use peristyle_migrate::{MigrateError, Migrations, Migrator, Target};
/// # async fn example(repo: peristyle_query::repo::Repo) -> Result<(), MigrateError> {
/// let migrator = Migrator::new(&repo, Migrations::from_folder("migrations")?);
/// migrator.up(Target::All).await?;
/// migrator.down(Target::Step(1)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a migrator does nothing until one of its calls is awaited"]
pub struct Migrator {
    repo: Repo,
    set: Arc<Migrations>,
    settings: Settings,
}

impl Migrator {
    /// Migrations for a database, which run as they do unless something is set.
    pub fn new(repo: &Repo, migrations: Migrations) -> Self {
        let settings = Settings {
            table: "schema_migrations".to_owned(),
            prefix: None,
            shared_schemas: Vec::new(),
            lock: Lock::default(),
            lock_wait: Duration::from_secs(300),
            lock_timeout: Some(Duration::from_secs(5)),
            retries: 3,
            allowances: Allowances::default(),
            hooks: Hooks::default(),
            watch: Watch::default(),
        };
        Migrator { repo: repo.clone(), set: Arc::new(migrations), settings }
    }

    /// The table of the applied versions; `schema_migrations` unless it is set.
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.settings.table = name.into();
        self
    }

    /// Runs the migrations for a prefix (a database schema on Postgres, an attached database on SQLite) with a table of
    /// versions of its own.
    ///
    /// On Postgres names without a schema are those of the prefix alone; see [`shared_schemas`](Self::shared_schemas).
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.settings.prefix = Some(prefix.into());
        self
    }

    /// The schemas of Postgres in which names are looked up after the prefix: where the extensions are, for one.
    pub fn shared_schemas<S: Into<String>>(mut self, schemas: impl IntoIterator<Item = S>) -> Self {
        self.settings.shared_schemas = schemas.into_iter().map(Into::into).collect();
        self
    }

    /// How processes that migrate at the same time keep out of each other's way.
    pub fn lock(mut self, lock: Lock) -> Self {
        self.settings.lock = lock;
        self
    }

    /// How long to wait while another process runs migrations; five minutes unless it is set.
    pub fn lock_wait(mut self, limit: Duration) -> Self {
        self.settings.lock_wait = limit;
        self
    }

    /// How long a statement of a migration waits for a lock of Postgres, if the migration does not say; five seconds unless it
    /// is set, and `None` for ever. Longer waits block everyone who comes after. A migration without a transaction has no
    /// limit unless it says so.
    pub fn lock_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.settings.lock_timeout = limit.into();
        self
    }

    /// How often a migration that could not have a lock in time is tried again, each time after a longer pause; three times
    /// unless it is set.
    pub fn retries(mut self, count: u32) -> Self {
        self.settings.retries = count;
        self
    }

    /// Whether a pending migration that is older than an applied one is an error, and not a warning.
    pub fn strict_order(mut self, strict: bool) -> Self {
        self.settings.allowances.strict_order = strict;
        self
    }

    /// Whether applied migrations may be missing.
    pub fn ignore_missing(mut self, ignore: bool) -> Self {
        self.settings.allowances.missing = ignore;
        self
    }

    /// What to do around migrations.
    pub fn hooks(mut self, hooks: Hooks) -> Self {
        self.settings.hooks = hooks;
        self
    }

    /// Who sees what happens. It may be called several times.
    pub fn observer(mut self, observer: impl MigrationObserver + 'static) -> Self {
        self.settings.watch.add(Arc::new(observer));
        self
    }

    /// The migrations.
    pub fn migrations(&self) -> &Migrations {
        &self.set
    }

    pub(crate) async fn begin(&self) -> Result<Run, MigrateError> {
        Run::new(&self.repo, self.set.clone(), self.settings.clone()).await
    }

    /// Applies pending migrations.
    ///
    /// # Errors
    ///
    /// See [`MigrateError`]. What was applied before a migration that failed is kept.
    pub async fn up(&self, target: Target) -> Result<Report, MigrateError> {
        self.begin().await?.perform(Action::Up(target)).await
    }

    /// Takes applied migrations back, the latest first.
    ///
    /// # Errors
    ///
    /// See [`MigrateError`]. Whether each of them has a way back is known before the first is taken back.
    pub async fn down(&self, target: Target) -> Result<Report, MigrateError> {
        self.begin().await?.perform(Action::Down(target)).await
    }

    /// Takes the migrations of a target back and applies them again.
    ///
    /// # Errors
    ///
    /// As [`down`](Self::down) and [`up`](Self::up).
    pub async fn redo(&self, target: Target) -> Result<Report, MigrateError> {
        self.begin().await?.perform(Action::Redo(target)).await
    }

    /// Makes a version the latest that is applied: those after it are taken back, and those up to it applied. Version 0 is the
    /// empty database.
    ///
    /// # Errors
    ///
    /// As [`down`](Self::down) and [`up`](Self::up).
    pub async fn goto(&self, version: u64) -> Result<Report, MigrateError> {
        self.begin().await?.perform(Action::Goto(version)).await
    }

    /// Applies one migration, whatever others are pending.
    ///
    /// # Errors
    ///
    /// As [`up`](Self::up).
    pub async fn up_one(&self, version: u64) -> Result<Single, MigrateError> {
        let report = self.begin().await?.perform(Action::UpOne(version)).await?;
        Ok(if report.is_empty() { Single::AlreadyUp } else { Single::Ran })
    }

    /// Takes one migration back, whatever others are applied.
    ///
    /// # Errors
    ///
    /// As [`down`](Self::down).
    pub async fn down_one(&self, version: u64) -> Result<Single, MigrateError> {
        let report = self.begin().await?.perform(Action::DownOne(version)).await?;
        Ok(if report.is_empty() { Single::AlreadyDown } else { Single::Ran })
    }

    /// The applied migrations whose text is another one now.
    ///
    /// # Errors
    ///
    /// If the database or the files cannot be read.
    pub async fn verify_checksums(&self) -> Result<Vec<Changed>, MigrateError> {
        let run = self.begin().await?;
        run.history().await?.changed(&run.set, run.dialect)
    }

    /// Does one of the actions: what [`up`](Self::up), [`down`](Self::down) and the others are short for.
    ///
    /// # Errors
    ///
    /// As those.
    pub async fn run(&self, action: Action) -> Result<Report, MigrateError> {
        self.begin().await?.perform(action).await
    }

    /// Does an action for each of several prefixes, one after the other, and says what came of each. One that fails does not
    /// stop the others.
    pub async fn for_each_prefix<S: Into<String>>(
        &self,
        prefixes: impl IntoIterator<Item = S>,
        action: Action,
    ) -> Vec<(String, Result<Report, MigrateError>)> {
        let mut results = Vec::new();
        for prefix in prefixes {
            let prefix = prefix.into();
            let result = self.clone().prefix(&prefix).run(action).await;
            results.push((prefix, result));
        }
        results
    }

    /// Accepts the changes of applied migrations: from now on their texts are those of now. Gives what changed, with both
    /// texts. Nothing is run.
    ///
    /// # Errors
    ///
    /// If the database or the files cannot be read, or the lock is not to be had.
    pub async fn repair(&self) -> Result<Vec<Changed>, MigrateError> {
        match self.begin().await?.locked(Task::Repair).await? {
            Done::Repaired(changed) => Ok(changed),
            Done::Ran(_) | Done::Marked(_) => Ok(Vec::new()),
        }
    }

    /// Takes all migrations up to a version for applied, without running them: for a database that has its tables already.
    ///
    /// # Errors
    ///
    /// [`MigrateError::NotEmpty`] if there is a history; [`MigrateError::UnknownVersion`].
    pub async fn baseline(&self, version: u64) -> Result<Vec<MigrationId>, MigrateError> {
        self.marked(Task::Baseline(version)).await
    }

    /// Says what became of a migration, without running it: the way out for one without a transaction that stopped and was
    /// finished, or undone, by hand.
    ///
    /// # Errors
    ///
    /// [`MigrateError::UnknownVersion`].
    pub async fn mark(&self, version: u64, mark: Mark) -> Result<(), MigrateError> {
        self.marked(Task::Mark(version, mark)).await.map(drop)
    }

    async fn marked(&self, task: Task) -> Result<Vec<MigrationId>, MigrateError> {
        match self.begin().await?.locked(task).await? {
            Done::Marked(ids) => Ok(ids),
            Done::Ran(_) | Done::Repaired(_) => Ok(Vec::new()),
        }
    }
}
