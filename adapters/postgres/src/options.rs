//! How to connect: the builder that users see, and the settings that it becomes.

use crate::adapter::PostgresAdapter;
use crate::error::connect_error;
use crate::url;
use peristyle_query::adapter::{Adapter, BoxFuture};
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

/// The Postgres adapter: where connecting begins.
///
/// ```no_run
/// # async fn connect() -> Result<(), peristyle_query::error::Error> {
/// use peristyle_postgres::Postgres;
/// use std::time::Duration;
///
/// let repo = Postgres::options("postgres://localhost/app")
///     .pool_size(16)
///     .acquire_timeout(Duration::from_secs(5))
///     .connect()
///     .await?;
/// # Ok(())
/// # }
/// ```
pub struct Postgres;

impl Postgres {
    /// The options of a connection to the database that `url` names
    /// (`postgres://user:password@host:port/database?sslmode=require`).
    ///
    /// The URL may also carry options of this builder by their names: `pool_size`, `acquire_timeout`, `connect_timeout`,
    /// `idle_check` (in seconds), `statement_cache`, `prepared` and `pgbouncer` (`true` or `false`). A method that is
    /// called later wins. A mistake in the URL is reported by [`connect`](PostgresOptions::connect).
    pub fn options(url: impl Into<String>) -> PostgresOptions {
        PostgresOptions::new(url.into())
    }
}

/// How to connect to Postgres; made by [`Postgres::options`].
#[derive(Clone)]
#[must_use = "options do nothing until `.connect().await`"]
pub struct PostgresOptions {
    settings: Result<Settings, Arc<str>>,
}

/// What the options come to.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) connect: PgConnectOptions,
    pub(crate) pool_size: usize,
    pub(crate) acquire_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) idle_check: Duration,
    pub(crate) statement_cache: usize,
    pub(crate) prepared: bool,
    /// Whether a pooler may give every transaction another server process.
    pub(crate) pooler: bool,
    /// The settings of each session, for the message of their refusal behind a pooler.
    session: Vec<String>,
}

impl Settings {
    pub(crate) fn new(connect: PgConnectOptions) -> Self {
        Settings {
            connect: connect.extra_float_digits(None).disable_statement_logging(),
            pool_size: 10,
            acquire_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(10),
            idle_check: Duration::from_secs(30),
            statement_cache: 256,
            prepared: true,
            pooler: false,
            session: Vec::new(),
        }
    }

    /// The server as messages name it, without the password.
    pub(crate) fn server(&self) -> String {
        let connect = &self.connect;
        let host = match connect.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => connect.get_host().to_owned(),
        };
        let database = connect.get_database().unwrap_or(connect.get_username());
        format!("database {database:?} as {:?} on {host}:{}", connect.get_username(), connect.get_port())
    }

    /// Whether the server is reached through a Unix socket.
    pub(crate) fn is_local(&self) -> bool {
        self.connect.get_socket().is_some() || self.connect.get_host().starts_with('/')
    }

    fn checked(mut self) -> Result<Self, Error> {
        if self.pool_size == 0 {
            return Err(connect_error("pool_size is 0: a pool needs one connection at least"));
        }
        if self.pooler && !self.session.is_empty() {
            return Err(connect_error(format!(
                "the settings {} belong to a session, and PgBouncer's transaction mode has none; set them for the role with \
                 ALTER ROLE .. SET, or with SET LOCAL inside of a transaction",
                self.session.join(", ")
            )));
        }
        if !self.prepared {
            self.statement_cache = 0;
        }
        self.prepared &= self.statement_cache > 0;
        self.connect = self.connect.statement_cache_capacity(self.statement_cache);
        Ok(self)
    }
}

impl PostgresOptions {
    fn new(url: String) -> Self {
        PostgresOptions { settings: url::parse(&url).map_err(Arc::from) }
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        if let Ok(settings) = &mut self.settings {
            change(settings);
        }
        self
    }

    /// The greatest number of connections; 10 unless it is set.
    pub fn pool_size(self, size: usize) -> Self {
        self.with(|settings| settings.pool_size = size)
    }

    /// How long a call waits for a connection before it fails with [`Error::Pool`]; 5 seconds unless it is set.
    pub fn acquire_timeout(self, timeout: Duration) -> Self {
        self.with(|settings| settings.acquire_timeout = timeout)
    }

    /// How long opening a connection may take; 10 seconds unless it is set.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.with(|settings| settings.connect_timeout = timeout)
    }

    /// How long a connection may be idle before it is checked, with one round trip, when it is used again; 30 seconds
    /// unless it is set.
    pub fn idle_check(self, after: Duration) -> Self {
        self.with(|settings| settings.idle_check = after)
    }

    /// How many prepared statements each connection keeps; 256 unless it is set.
    pub fn statement_cache(self, statements: usize) -> Self {
        self.with(|settings| settings.statement_cache = statements)
    }

    /// Whether statements are kept prepared, which is more than twice as fast; they are unless it is set.
    pub fn prepared(self, prepared: bool) -> Self {
        self.with(|settings| settings.prepared = prepared)
    }

    /// For a server behind PgBouncer in transaction mode: no named statements, no state of a session, and a future that is
    /// dropped closes its connection. A statement outside of a transaction gets one of its own.
    ///
    /// With PgBouncer 1.21 or newer and its `max_prepared_statements`, add `.prepared(true)` after it.
    pub fn pgbouncer_transaction_mode(self) -> Self {
        self.with(|settings| {
            settings.pooler = true;
            settings.prepared = false;
        })
    }

    /// The name that the server shows for the connections, in `pg_stat_activity` for one.
    pub fn application_name(self, name: &str) -> Self {
        self.with(|settings| settings.connect = settings.connect.clone().application_name(name))
    }

    /// A setting of every connection's session, such as `statement_timeout` or `search_path`.
    pub fn setting(self, name: &str, value: &str) -> Self {
        self.with(|settings| {
            settings.session.push(name.to_owned());
            settings.connect = settings.connect.clone().options([(name, value)]);
        })
    }

    /// Connects. One connection is opened at once, so that a wrong URL fails here.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`] for a mistake in the URL or the options, and if no connection can be made.
    pub async fn connect(self) -> Result<Repo, Error> {
        Ok(Repo::new(self.connect_adapter().await?))
    }

    /// The same, for programs that put the adapter behind a repo themselves.
    ///
    /// # Errors
    ///
    /// See [`connect`](Self::connect).
    pub async fn connect_adapter(self) -> Result<Arc<dyn Adapter>, Error> {
        let settings = self.settings.map_err(|message| connect_error(&*message))?.checked()?;
        Ok(Arc::new(PostgresAdapter::connect(settings).await?))
    }
}

impl IntoFuture for PostgresOptions {
    type Output = Result<Repo, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.connect())
    }
}
