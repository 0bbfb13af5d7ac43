//! How a database is opened.

use crate::adapter::SqliteAdapter;
use crate::connection::Setup;
use crate::error::{STORE, closed};
use crate::pool::no_thread;
use crate::task::task;
use crate::url::{self, Location};
use peristyle_query::adapter::Adapter;
use peristyle_query::error::{ConnectError, Error};
use peristyle_query::repo::Repo;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// SQLite, the store: where its options begin.
#[derive(Clone, Copy, Debug)]
pub struct Sqlite;

impl Sqlite {
    /// The options of the database that `url` names: `sqlite:app.db` for a file, `sqlite::memory:` for a database that
    /// lives as long as the repo.
    ///
    /// A path is relative to the working directory, or absolute (`sqlite:/var/lib/app.db`). Parameters follow a `?`:
    /// `mode=ro` only reads, `mode=rw` expects the file to exist, `mode=rwc` creates it if it does not (the default). In
    /// a URL with parameters the path is percent-decoded.
    ///
    /// ```
    /// # async fn example() -> Result<(), peristyle_query::error::Error> {
    /// use peristyle_sqlite::Sqlite;
    /// use std::time::Duration;
    ///
    /// let repo = Sqlite::options("sqlite:app.db").readers(8).busy_timeout(Duration::from_secs(2)).connect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn options(url: impl Into<String>) -> SqliteOptions {
        SqliteOptions {
            url: url.into(),
            readers: 4,
            busy_timeout: Duration::from_secs(5),
            acquire_timeout: Duration::from_secs(30),
            create_if_missing: None,
            statement_cache: 256,
            attached: Vec::new(),
        }
    }
}

/// How a SQLite database is opened. See [`Sqlite::options`].
#[derive(Clone, Debug)]
#[must_use = "options do nothing until .connect() is called and awaited"]
pub struct SqliteOptions {
    url: String,
    readers: usize,
    busy_timeout: Duration,
    acquire_timeout: Duration,
    create_if_missing: Option<bool>,
    statement_cache: usize,
    attached: Vec<(String, PathBuf)>,
}

/// What may be done with a database file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    ReadOnly,
    ReadWrite,
    Create,
}

impl SqliteOptions {
    /// How many connections read beside the one that writes; 4 unless told, at least 1. A database in memory has one
    /// connection for both.
    pub fn readers(mut self, count: usize) -> Self {
        self.readers = count.max(1);
        self
    }

    /// How long a statement waits for a lock that another process holds; 5 seconds unless told.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// How long a call waits for a connection of this repo to be free; 30 seconds unless told.
    pub fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.acquire_timeout = timeout;
        self
    }

    /// Whether a missing file is created; `true` unless told or the URL has a `mode`. Folders are never created.
    pub fn create_if_missing(mut self, create: bool) -> Self {
        self.create_if_missing = Some(create);
        self
    }

    /// How many prepared statements each connection keeps; 256 unless told.
    pub fn statement_cache(mut self, capacity: usize) -> Self {
        self.statement_cache = capacity;
        self
    }

    /// Attaches another database file to every connection: its tables are those of the prefix `name`, as in
    /// `repo.with_prefix(name)`.
    ///
    /// The file is opened as the database is: created if that may be. For a database in memory, the path `:memory:` is one
    /// more. A transaction may write to several of them; only a loss of power during COMMIT could keep a part of it.
    pub fn attach(mut self, name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        self.attached.push((name.into(), path.into()));
        self
    }

    /// Opens the database. The file is opened on a thread of its own, so that a slow disk stalls no task.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`] if the URL makes no sense or the file cannot be opened.
    pub async fn connect(self) -> Result<Repo, Error> {
        let (reply, opened) = task(closed);
        let open = move || {
            reply.answer(|| self.connect_adapter());
        };
        let thread = std::thread::Builder::new().name("peristyle-sqlite-open".to_owned()).spawn(open);
        thread.map_err(|error| no_thread(&error))?;
        Ok(Repo::new(opened.await?))
    }

    /// Opens the database on this thread, and gives the adapter without a repo around it.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`] if the URL makes no sense or the file cannot be opened.
    pub fn connect_adapter(&self) -> Result<Arc<dyn Adapter>, Error> {
        let refused = |message| Error::from(ConnectError { store: STORE, message });
        let Location { path, mode } = url::parse(&self.url).map_err(refused)?;
        let mode = match (mode, self.create_if_missing) {
            (Some(Mode::ReadOnly), _) => Mode::ReadOnly,
            (_, Some(true)) | (None, None) => Mode::Create,
            (_, Some(false)) => Mode::ReadWrite,
            (Some(mode), None) => mode,
        };
        let path = path.map(|path| checked(&path, mode)).transpose().map_err(refused)?;
        let attached = self.attached.iter().map(|(name, file)| match (file.to_str(), &path) {
            (Some(":memory:"), None) => Ok((name.clone(), file.clone())),
            (Some(":memory:"), Some(_)) => Err(format!(
                "{name} is to be a database in memory, which each connection would have for itself: attach a file"
            )),
            (Some(_), _) => Ok((name.clone(), checked(file, mode)?)),
            (None, _) => Err(format!("the path of {name} is not Unicode: attach a file whose path is")),
        });
        let attached = attached.collect::<Result<_, _>>().map_err(refused)?;
        let Self { busy_timeout, statement_cache, .. } = *self;
        let setup = Setup { path, mode, busy_timeout, statement_cache, attached };
        Ok(Arc::new(SqliteAdapter::open(&setup, self.readers, self.acquire_timeout)?))
    }
}

/// The absolute form of a path, which no later change of the working directory touches, if a database can be there.
fn checked(path: &Path, mode: Mode) -> Result<PathBuf, String> {
    let path = std::path::absolute(path).map_err(|error| format!("{} is not a path: {error}", path.display()))?;
    if path.is_dir() {
        return Err(format!("{} is a folder: name a file in it", path.display()));
    }
    match path.parent() {
        Some(folder) if !folder.is_dir() => {
            return Err(format!("the folder {} does not exist: create it first", folder.display()));
        }
        _ => {}
    }
    if mode != Mode::Create && !path.exists() {
        return Err(format!(
            "there is no file {}: create it, or let it be created with mode=rwc or .create_if_missing(true)",
            path.display()
        ));
    }
    Ok(path)
}
