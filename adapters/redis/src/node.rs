//! One server: the connection to it, which all calls share, and its renewal.

use crate::error::hint;
use crate::shared::Shared;
use redis::aio::MultiplexedConnection;
use redis::{Cmd, ErrorKind, PushInfo, PushKind, RedisError, Value};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// How to connect, wherever the server is.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) tls: bool,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) database: i64,
    pub(crate) connect_timeout: Duration,
    pub(crate) response_timeout: Duration,
}

/// Why there are no answers.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// Nothing was sent.
    NotSent(String),
    /// The connection was lost after sending.
    Lost(String),
    /// No answer came in time.
    Late(String),
}

/// One server. All calls share one connection, on which they do not wait for each other.
pub(crate) struct Node {
    pub(crate) address: Address,
    login: Login,
    live: Mutex<Option<Live>>,
    connecting: Shared<Result<Live, Failure>>,
}

#[derive(Clone)]
struct Live {
    connection: MultiplexedConnection,
    /// Whether it is of no more use, which is noticed when it happens and not when it is used next.
    lost: Arc<AtomicBool>,
}

impl Node {
    pub(crate) fn new(address: Address, login: Login) -> Self {
        Node { address, login, live: Mutex::default(), connecting: Shared::default() }
    }

    /// Sends commands and gives an answer for each, errors of the server among them.
    ///
    /// If the future is dropped, what was sent runs on the server nevertheless, and its answers are passed over.
    pub(crate) async fn send(self: &Arc<Self>, commands: &[Cmd]) -> Result<Vec<Value>, Failure> {
        let mut live = self.connection().await?;
        let answers = match commands {
            [command] => live.connection.send_packed_command(command).await.map(|answer| vec![answer]),
            _ => {
                let mut pipeline = redis::Pipeline::with_capacity(commands.len());
                for command in commands {
                    pipeline.add_command(command.clone());
                }
                live.connection.send_packed_commands(&pipeline, 0, commands.len()).await
            }
        };
        answers.map_err(|error| {
            let answered = matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension);
            // After a timeout the other end may be gone without a word: the next call connects anew.
            live.lost.fetch_or(!answered, Ordering::Relaxed);
            if error.is_timeout() {
                let waited = self.login.response_timeout.as_secs_f64();
                return Failure::Late(format!("{} did not answer in {waited} s (response_timeout)", self.address));
            }
            Failure::Lost(format!("the connection to {} was lost: {}", self.address, described(&error)))
        })
    }

    /// The connection, a new one if the last was lost.
    async fn connection(self: &Arc<Self>) -> Result<Live, Failure> {
        if let Some(live) = self.live().as_ref().filter(|live| !live.lost.load(Ordering::Relaxed)) {
            return Ok(live.clone());
        }
        let node = self.clone();
        let connecting = self.connecting.result(move || async move {
            let live = node.connect().await.map_err(Failure::NotSent)?;
            *node.live() = Some(live.clone());
            Ok(live)
        });
        connecting.await.unwrap_or_else(|| {
            Err(Failure::NotSent(format!("connecting to {} was broken off: its runtime ended", self.address)))
        })
    }

    fn live(&self) -> MutexGuard<'_, Option<Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect(&self) -> Result<Live, String> {
        let failed = |error: RedisError| format!("{}: {}", self.address, described(&error));
        let client = self.login.client(&self.address).map_err(failed)?;
        let lost = Arc::new(AtomicBool::new(false));
        let noticed = lost.clone();
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.login.connect_timeout))
            .set_response_timeout(Some(self.login.response_timeout))
            .set_push_sender(move |push: PushInfo| {
                noticed.fetch_or(push.kind == PushKind::Disconnection, Ordering::Relaxed);
                Ok::<(), ()>(())
            });
        let connection = client.get_multiplexed_async_connection_with_config(&config).await.map_err(|error| {
            if error.is_timeout() {
                let waited = self.login.connect_timeout.as_secs_f64();
                return format!("{} could not be reached in {waited} s (connect_timeout)", self.address);
            }
            if error.is_connection_dropped() && !error.is_connection_refusal() && !self.login.tls {
                return format!("{}; if the server speaks TLS there, write rediss://", failed(error));
            }
            failed(error)
        })?;
        Ok(Live { connection, lost })
    }

    /// Whether there is a connection that is not known to be lost.
    #[cfg(test)]
    pub(crate) fn is_connected(&self) -> bool {
        self.live().as_ref().is_some_and(|live| !live.lost.load(Ordering::Relaxed))
    }

    /// Lets the connection go. What was sent on it is still answered.
    pub(crate) fn disconnect(&self) {
        *self.live() = None;
    }
}

impl Login {
    fn client(&self, address: &Address) -> Result<redis::Client, RedisError> {
        use redis::IntoConnectionInfo;
        let (host, port) = (address.host.clone(), address.port);
        #[cfg(any(feature = "tls-rustls-ring", feature = "tls-rustls-aws-lc-rs"))]
        if self.tls {
            provide_cryptography();
        }
        let address = match self.tls {
            true => redis::ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None },
            false => redis::ConnectionAddr::Tcp(host, port),
        };
        // The third version of the protocol is what tells of a connection that is lost while nothing is sent.
        let mut settings = redis::RedisConnectionInfo::default()
            .set_db(self.database)
            .set_protocol(redis::ProtocolVersion::RESP3)
            .set_lib_name("peristyle", env!("CARGO_PKG_VERSION"));
        if let Some(username) = &self.username {
            settings = settings.set_username(username);
        }
        if let Some(password) = &self.password {
            settings = settings.set_password(password);
        }
        redis::Client::open(address.into_connection_info()?.set_redis_settings(settings))
    }
}

/// Names the cryptography that rustls works with, unless the program did: the driver would panic where features give it two.
#[cfg(any(feature = "tls-rustls-ring", feature = "tls-rustls-aws-lc-rs"))]
fn provide_cryptography() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        #[cfg(feature = "tls-rustls-aws-lc-rs")]
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        #[cfg(not(feature = "tls-rustls-aws-lc-rs"))]
        let provider = rustls::crypto::ring::default_provider();
        // Another thread may have been faster.
        let _ = provider.install_default();
    }
}

/// An error of the driver in words, with what to do where that is clear.
fn described(error: &RedisError) -> String {
    if let Some(code) = error.code() {
        let details = error.detail().unwrap_or_default();
        let hint = hint(code, details).map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
        return format!("{details} ({code}){hint}");
    }
    let text = error.to_string();
    let hint = match error.kind() {
        ErrorKind::RESP3NotSupported => "; Redis 6.2 or newer is needed, and this server is older or is no Redis",
        ErrorKind::AuthenticationFailed => {
            "; mend the user and the password in the URL: redis://user:password@host:6379/0"
        }
        _ if error.is_connection_refusal() => "; nobody listens there: is the server running, is the port right?",
        _ if text.contains("certificate") => {
            "; the system must trust whoever signed the server's certificate (SSL_CERT_FILE names a file of those to trust)"
        }
        _ => "",
    };
    format!("{text}{hint}")
}

impl Failure {
    /// What happened, in words.
    pub(crate) fn into_message(self) -> String {
        let (Failure::NotSent(message) | Failure::Lost(message) | Failure::Late(message)) = self;
        message
    }
}
