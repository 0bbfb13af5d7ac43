//! Connecting by URL.

use crate::error::{ConnectError, Error};
use crate::repo::Repo;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The future of [`connect`].
#[must_use = "nothing is connected until it is awaited"]
pub struct Connect {
    future: Pin<Box<dyn Future<Output = Result<Repo, Error>> + Send>>,
    location: &'static Location<'static>,
}

impl Future for Connect {
    type Output = Result<Repo, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let location = self.location;
        self.future.as_mut().poll(context).map_err(|error| error.at(location))
    }
}

/// Connects to the store that a URL names: `sqlite:app.db`, `sqlite::memory:`, `postgres://localhost/app`,
/// `redis://localhost:6379/0`, `redis+cluster://host:7001,host:7002`.
///
/// For options, use the store's own: `Sqlite::options(url)`, `Postgres::options(url)`, `Redis::options(url)`.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), peristyle::Error> {
/// # #[cfg(feature = "sqlite")] {
/// let repo = peristyle::connect("sqlite::memory:").await?;
/// assert_eq!(repo.store(), "sqlite");
/// # }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::Connect`] if the URL names no store that this build has, or the store cannot be reached.
#[track_caller]
pub fn connect(url: &str) -> Connect {
    let (url, location) = (url.to_owned(), Location::caller());
    Connect { future: Box::pin(async move { open(&url).await }), location }
}

async fn open(url: &str) -> Result<Repo, Error> {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    match scheme {
        #[cfg(feature = "sqlite")]
        "sqlite" => crate::Sqlite::options(url).connect().await,
        #[cfg(not(feature = "sqlite"))]
        "sqlite" => Err(missing("sqlite")),
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => crate::Postgres::options(url).connect().await,
        #[cfg(not(feature = "postgres"))]
        "postgres" | "postgresql" => Err(missing("postgres")),
        #[cfg(feature = "redis")]
        "redis" | "rediss" | "redis+cluster" | "rediss+cluster" => crate::Redis::options(url).connect().await,
        #[cfg(not(feature = "redis"))]
        "redis" | "rediss" | "redis+cluster" | "rediss+cluster" => Err(missing("redis")),
        // The URL may hold a password, so that only its scheme is shown.
        _ => Err(ConnectError {
            store: "peristyle",
            message: format!(
                "no store has the scheme {scheme:?}: write sqlite:app.db, sqlite::memory:, postgres://host/database or \
                 redis://host:6379/0, or redis+cluster://host:7001,host:7002"
            ),
        }
        .into()),
    }
}

#[cfg(not(all(feature = "sqlite", feature = "postgres", feature = "redis")))]
fn missing(feature: &'static str) -> Error {
    let message = format!("this build has no {feature}: add features = [\"{feature}\"] to peristyle in Cargo.toml");
    ConnectError { store: feature, message }.into()
}
