//! One run: what all of its parts share, and how it goes.

use super::catch::catch;
use super::choose::{Action, Move, choose};
use super::error::MigrateError;
use super::event::Event;
use super::history::{Allowances, History};
use super::hooks::{Hooks, run_all};
use super::lock::{Advisory, FileLock, Lock};
use super::mark::{self, Mark};
use super::report::{Ran, Report};
use super::set::Migrations;
use super::version_table::VersionTable;
use super::watch::Watch;
use super::{Changed, MigrationId, apply, baseline, repair, resume};
use crate::ddl::Renderer;
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;
use peristyle_query::statement::Dialect;
use std::sync::Arc;
use std::time::Duration;

/// How migrations run.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) table: String,
    pub(crate) prefix: Option<String>,
    pub(crate) shared_schemas: Vec<String>,
    pub(crate) lock: Lock,
    pub(crate) lock_wait: Duration,
    pub(crate) lock_timeout: Option<Duration>,
    pub(crate) retries: u32,
    pub(crate) allowances: Allowances,
    pub(crate) hooks: Hooks,
    pub(crate) watch: Watch,
}

/// What all parts of a run share.
#[derive(Clone)]
pub(crate) struct Run {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    /// With the prefix.
    pub(crate) repo: Repo,
    pub(crate) dialect: Dialect,
    pub(crate) set: Arc<Migrations>,
    pub(crate) settings: Settings,
    pub(crate) table: VersionTable,
    pub(crate) renderer: Renderer,
}

impl std::ops::Deref for Run {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

/// What is done under the lock.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Task {
    Run(Action),
    Repair,
    Baseline(u64),
    Mark(u64, Mark),
}

/// What a task came to.
pub(crate) enum Done {
    Ran(Report),
    Repaired(Vec<Changed>),
    Marked(Vec<MigrationId>),
}

/// What keeps others away while migrations run.
#[derive(Clone)]
pub(crate) enum Held {
    Advisory(Advisory),
    Nothing,
}

impl Held {
    /// Whether others are still kept away.
    pub(crate) async fn check(&self) -> Result<(), MigrateError> {
        match self {
            Held::Advisory(lock) => lock.check().await,
            Held::Nothing => Ok(()),
        }
    }
}

impl Run {
    pub(crate) async fn new(repo: &Repo, set: Arc<Migrations>, settings: Settings) -> Result<Self, MigrateError> {
        if repo.checked_out() {
            return Err(MigrateError::Unsupported(
                "migrations open transactions of their own: give the repo itself, not the handle of a transaction or a checkout"
                    .to_owned(),
            ));
        }
        let repo = settings.prefix.as_ref().map_or_else(|| repo.clone(), |prefix| repo.with_prefix(prefix));
        let table = VersionTable::locate(&repo, &settings.table, settings.prefix.as_deref()).await?;
        let dialect = repo.dialect().unwrap_or(Dialect::Postgres);
        set.check(dialect)?;
        let renderer = Renderer::new(dialect);
        Ok(Run { shared: Arc::new(Shared { repo, dialect, set, settings, table, renderer }) })
    }

    /// The prefix that the migrations run for.
    pub(crate) fn prefix(&self) -> Option<&str> {
        self.settings.prefix.as_deref()
    }

    /// The applied versions; none where there is no table of them yet.
    pub(crate) async fn history(&self) -> Result<History, MigrateError> {
        match self.table.exists(&self.repo).await? {
            true => Ok(History::new(self.table.rows(&self.repo).await?)),
            false => Ok(History::default()),
        }
    }

    /// What would run now, and the warnings.
    pub(crate) fn moves(&self, action: Action, history: &History) -> Result<(Vec<Move>, Vec<String>), MigrateError> {
        let warnings = match action.verifies() {
            true => history.verify(&self.set, self.dialect, self.settings.allowances)?,
            false => Vec::new(),
        };
        let moves = choose(action, &self.set, history)?;
        // All of them could run before any of them runs.
        for each in &moves {
            each.migration.check(each.direction, self.dialect, self.prefix())?;
            if let Some(row) = history.row(each.migration.version()) {
                resume::refuse_transaction(row, &each.migration.script(each.direction, self.dialect, self.prefix())?)?;
            }
        }
        Ok((moves, warnings))
    }

    /// Does what is asked for, under the lock if there is something to do.
    pub(crate) async fn perform(&self, action: Action) -> Result<Report, MigrateError> {
        self.refuse_small_pool()?;
        let (moves, warnings) = self.moves(action, &self.history().await?)?;
        if moves.is_empty() {
            self.warn(&warnings);
            return Ok(Report { ran: Vec::new(), warnings });
        }
        let mut scripts = moves.iter().map(|each| each.migration.script(each.direction, self.dialect, self.prefix()));
        let needs_file = self.dialect != Dialect::Postgres
            && self.settings.lock != Lock::None
            && scripts.any(|script| script.is_ok_and(|script| !script.transaction));
        let _file = match needs_file {
            true => {
                let (limit, watch) = (self.settings.lock_wait, &self.settings.watch);
                FileLock::take(&self.repo, self.table.schema(), limit, watch).await?
            }
            false => None,
        };
        match self.locked(Task::Run(action)).await? {
            Done::Ran(report) => Ok(report),
            Done::Repaired(_) | Done::Marked(_) => Ok(Report::default()),
        }
    }

    /// Does a task under the lock.
    pub(crate) async fn locked(&self, task: Task) -> Result<Done, MigrateError> {
        self.refuse_small_pool()?;
        match (self.dialect, self.settings.lock) {
            (Dialect::Postgres, Lock::Session) => self.under_advisory_lock(task).await,
            _ => self.task(task, Held::Nothing).await,
        }
    }

    async fn task(&self, task: Task, held: Held) -> Result<Done, MigrateError> {
        self.table.ensure(&self.repo, &self.settings.watch).await?;
        let history = self.history().await?;
        match task {
            Task::Run(action) => self.run(action, &history, held).await.map(Done::Ran),
            Task::Repair => repair::repair(self, &history).await.map(Done::Repaired),
            Task::Baseline(version) => baseline::baseline(self, &history, version).await.map(Done::Marked),
            Task::Mark(version, mark) => {
                mark::mark(self, &history, version, mark).await.map(|id| Done::Marked(vec![id]))
            }
        }
    }

    fn refuse_small_pool(&self) -> Result<(), MigrateError> {
        let locks = self.dialect == Dialect::Postgres && self.settings.lock == Lock::Session;
        match self.repo.pool_size() {
            Some(0..=1) if locks => Err(MigrateError::PoolTooSmall),
            _ => Ok(()),
        }
    }

    async fn under_advisory_lock(&self, task: Task) -> Result<Done, MigrateError> {
        let run = self.clone();
        let performed = self.repo.checkout(async move |connection| {
            let settings = &run.settings;
            let lock = match Advisory::take(connection, run.table.name(), settings.lock_wait, &settings.watch).await {
                Ok(lock) => lock,
                Err(error) => return Ok(Err(error)),
            };
            let result = catch(None, run.task(task, Held::Advisory(lock.clone()))).await;
            lock.release(&settings.watch).await;
            Ok(result)
        });
        match performed.await {
            Ok(result) => result,
            Err(Error::Unsupported(_)) => Err(MigrateError::Unsupported(
                "the lock of the migrations needs a connection of its own, which a pooler does not give: migrate through a URL of \
                 the server itself, or use Lock::Transaction"
                    .to_owned(),
            )),
            Err(error) => Err(error.into()),
        }
    }

    /// Runs migrations. Whatever was chosen before the lock was held is chosen again.
    async fn run(&self, action: Action, history: &History, held: Held) -> Result<Report, MigrateError> {
        let hooks = &self.settings.hooks;
        let (moves, warnings) = self.moves(action, history)?;
        self.warn(&warnings);
        let mut report = Report { ran: Vec::new(), warnings };
        if moves.is_empty() {
            return Ok(report);
        }
        catch(None, run_all(&hooks.before_all, "before_all", &self.repo)).await?;
        for Move { migration, direction } in moves {
            held.check().await?;
            if let Some(duration) = apply::apply(self, &migration, direction, &held).await? {
                report.ran.push(Ran { migration: migration.id().clone(), direction, duration });
            }
        }
        catch(None, run_all(&hooks.after_all, "after_all", &self.repo)).await?;
        Ok(report)
    }

    fn warn(&self, warnings: &[String]) {
        warnings.iter().for_each(|warning| self.settings.watch.emit(&Event::Warning(warning)));
    }
}
