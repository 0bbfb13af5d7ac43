//! How to connect: the builder that users see, and the settings that it becomes.

use crate::adapter::RedisAdapter;
use crate::connection::Link;
use crate::error::connect_error;
use crate::node::{Address, Login};
use crate::policy::{self, RedisWarning};
use crate::store::Store;
use crate::url;
use peristyle_query::adapter::{Adapter, BoxFuture};
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

/// The Redis adapter: where connecting begins.
///
/// ```no_run
/// # async fn connect() -> Result<(), peristyle_query::error::Error> {
/// use peristyle_redis::Redis;
/// use std::time::Duration;
///
/// let repo = Redis::options("redis://localhost:6379/0")
///     .response_timeout(Duration::from_secs(2))
///     .connect()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Redis;

impl Redis {
    /// The options of a connection to the server that `url` names.
    ///
    /// - `redis://user:password@host:6379/0`: a server. User, password, port and the number of the database may be left out.
    /// - `redis+cluster://user:password@host:7001,host:7002`: a Redis Cluster, by some of its servers; the others are found.
    /// - `rediss://..` and `rediss+cluster://..`: the same over TLS, which needs one of the features `tls-rustls-ring`,
    ///   `tls-rustls-aws-lc-rs` and `tls-native-tls`.
    ///
    /// The URL may also carry options of this builder by their names: `connect_timeout` and `response_timeout`, in seconds. A
    /// method that is called later wins. A mistake in the URL is reported by [`connect`](RedisOptions::connect).
    pub fn options(url: impl Into<String>) -> RedisOptions {
        RedisOptions { settings: url::parse(&url.into()).map_err(Arc::from), on_warning: None }
    }
}

/// How to connect to Redis; made by [`Redis::options`].
#[derive(Clone)]
#[must_use = "options do nothing until `.connect().await`"]
pub struct RedisOptions {
    settings: Result<Settings, Arc<str>>,
    on_warning: Option<Arc<dyn Fn(RedisWarning) + Send + Sync>>,
}

/// What a URL and the options come to.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) servers: Servers,
    pub(crate) login: Login,
}

/// What the URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Servers {
    One(Address),
    /// Some of a cluster.
    Cluster(Vec<Address>),
}

impl RedisOptions {
    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        if let Ok(settings) = &mut self.settings {
            change(settings);
        }
        self
    }

    /// The user, in place of the URL's; without one, it is Redis's `default`.
    pub fn username(self, username: impl Into<String>) -> Self {
        self.with(|settings| settings.login.username = Some(username.into()))
    }

    /// The password, in place of the URL's. It may have any character.
    pub fn password(self, password: impl Into<String>) -> Self {
        self.with(|settings| settings.login.password = Some(password.into()))
    }

    /// How long opening a connection may take; 5 seconds unless it is set.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.with(|settings| settings.login.connect_timeout = timeout)
    }

    /// How long an answer may take; 10 seconds unless it is set.
    ///
    /// It is also how long a command is tried again that a server refuses to begin: a cluster that moves a slot or elects a
    /// primary, a server that loads its data.
    pub fn response_timeout(self, timeout: Duration) -> Self {
        self.with(|settings| settings.login.response_timeout = timeout)
    }

    /// What is to be done with a warning about the server's settings; unless it is set, it is an event of `tracing`.
    ///
    /// ```no_run
    /// # async fn connect() -> Result<(), peristyle_query::error::Error> {
    /// use peristyle_redis::Redis;
    ///
    /// let repo = Redis::options("redis://localhost").on_warning(|warning| eprintln!("{warning}")).connect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_warning(mut self, handler: impl Fn(RedisWarning) + Send + Sync + 'static) -> Self {
        self.on_warning = Some(Arc::new(handler));
        self
    }

    /// Connects, and looks at the settings of the server.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`] for a mistake in the URL or the options, if no connection can be made, and if the server may throw keys
    /// away that have no time to live (`maxmemory-policy allkeys-..`), which would break indexes.
    pub async fn connect(self) -> Result<Repo, Error> {
        Ok(Repo::new(self.connect_adapter().await?))
    }

    /// The same, for programs that put the adapter behind a repo themselves.
    ///
    /// # Errors
    ///
    /// See [`connect`](Self::connect).
    pub async fn connect_adapter(self) -> Result<Arc<dyn Adapter>, Error> {
        let settings = self.settings.map_err(|message| connect_error(&*message))?;
        let Settings { servers, login } = settings.checked()?;
        let link = match servers {
            Servers::One(address) => Link::server(address, login).await?,
            Servers::Cluster(addresses) => Link::cluster(addresses, login).await?,
        };
        for warning in policy::check(&link).await? {
            match &self.on_warning {
                Some(handler) => handler(warning),
                None => tracing::warn!(target: "peristyle", "{warning}"),
            }
        }
        Ok(Arc::new(RedisAdapter::new(Store::new(link))))
    }
}

impl Settings {
    fn checked(self) -> Result<Self, Error> {
        let timeouts =
            [("connect_timeout", self.login.connect_timeout), ("response_timeout", self.login.response_timeout)];
        if let Some((name, _)) = timeouts.iter().find(|(_, timeout)| timeout.is_zero()) {
            return Err(connect_error(format!("{name} is 0: nothing is ready at once")));
        }
        if self.login.username.is_some() && self.login.password.is_none() {
            return Err(connect_error("a user is named and no password: write redis://user:password@host:6379/0"));
        }
        Ok(self)
    }
}

impl IntoFuture for RedisOptions {
    type Output = Result<Repo, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.connect())
    }
}
