//! Databases that are made to try something out, and dropped whatever happens.

use super::{create, open};
use crate::cli::failure::Outcome;
use crate::cli::url::DatabaseUrl;
use peristyle_query::repo::Repo;
use peristyle_query::statement::Dialect;
use peristyle_sqlite::Sqlite;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// What is to be dropped before the command ends, also after a failure or Ctrl-C.
#[derive(Clone, Debug, Default)]
pub struct Cleanup(Arc<Mutex<Vec<DatabaseUrl>>>);

impl Cleanup {
    fn add(&self, url: DatabaseUrl) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(url);
    }

    fn take(&self) -> Vec<DatabaseUrl> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Drops what is left.
    ///
    /// # Errors
    ///
    /// The first failure, after all was tried.
    pub async fn run(&self) -> Outcome<()> {
        let mut result = Ok(());
        for url in self.take() {
            if let Err(failure) = super::drop(&url, true).await {
                let failure = failure.help(format!("drop the scratch database {url} by hand"));
                result = result.and(Err(failure));
            }
        }
        result
    }
}

/// An empty database to try something out in.
pub struct Scratch {
    /// A repo on it.
    pub repo: Repo,
}

impl Scratch {
    /// Makes one for the dialect of `url`: in memory for SQLite; for Postgres on the same server, named after the
    /// database (`app_scratch_1f0c`), and dropped by `cleanup`.
    ///
    /// # Errors
    ///
    /// A failure if the server refuses.
    pub async fn new(url: &DatabaseUrl, cleanup: &Cleanup) -> Outcome<Scratch> {
        if url.dialect() == Dialect::Sqlite {
            return Scratch::in_memory().await;
        }
        let url = url.with_database(&scratch_name(&url.name(), random()));
        cleanup.add(url.clone());
        create(&url).await.map_err(|failure| {
            failure
                .note(format!("the scratch database {} could not be made", url.name()))
                .help("name a server where it may: scratch_url = \"postgres://..\" in peristyle.toml, in [repo.NAME]")
        })?;
        Ok(Scratch { repo: open(&url).await? })
    }

    /// One of SQLite, in memory.
    ///
    /// # Errors
    ///
    /// A failure if there is no memory.
    pub async fn in_memory() -> Outcome<Scratch> {
        Ok(Scratch { repo: Sqlite::options("sqlite::memory:").connect().await? })
    }

    /// Closes and drops it.
    ///
    /// # Errors
    ///
    /// As [`Cleanup::run`].
    pub async fn drop(self, cleanup: &Cleanup) -> Outcome<()> {
        self.repo.close().await;
        cleanup.run().await
    }
}

/// `app_scratch_0000001f`, at most 63 bytes long: Postgres would cut off the number that tells it from others.
fn scratch_name(database: &str, number: u32) -> String {
    format!("{}_scratch_{number:08x}", &database[..database.floor_char_boundary(46)])
}

/// A number that another run does not have.
fn random() -> u32 {
    // Each state has keys of its own, from the system's source of randomness.
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    (hasher.finish() >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_scratch_database_is_never_cut_off() {
        assert_eq!(scratch_name("app", 31), "app_scratch_0000001f");
        for name in ["ä".repeat(31), "a".repeat(63), format!("a{}", "日".repeat(20))] {
            let name = scratch_name(&name, 7);
            assert!(name.len() <= 63 && name.ends_with("_scratch_00000007"), "{name}");
        }
    }
}
