//! The tables and keys of `peristyle.toml`.

use super::{Source, mistake};
use crate::cli::failure::Outcome;
use crate::lint::Level;
use crate::runner::Lock;
use peristyle_query::statement::Dialect;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    pub repo: BTreeMap<String, RepoTable>,
    pub lint: BTreeMap<String, Spanned<Level>>,
}

/// `[repo.NAME]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)]
pub struct RepoTable {
    pub url: Option<Spanned<String>>,
    pub store: Option<Store>,
    pub migrations: Option<String>,
    pub table: Option<String>,
    pub prefixes: Vec<String>,
    pub models: Option<Vec<String>>,
    pub seeds: Option<Vec<String>>,
    pub dump: Option<String>,
    pub lock_timeout: Option<Spanned<String>>,
    pub wait: Option<Spanned<String>>,
    pub lock: Option<LockKind>,
    pub shared_schemas: Vec<String>,
    pub scratch_url: Option<Spanned<String>>,
    pub redis_url: Option<Spanned<String>>,
    pub strict_order: bool,
    pub protected: bool,
}

/// How processes that migrate one database keep out of each other's way.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum LockKind {
    Session,
    Transaction,
    None,
}

impl From<LockKind> for Lock {
    fn from(kind: LockKind) -> Self {
        match kind {
            LockKind::Session => Lock::Session,
            LockKind::Transaction => Lock::Transaction,
            LockKind::None => Lock::None,
        }
    }
}

/// Whose SQL is written.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Store {
    Sqlite,
    Postgres,
}

impl Store {
    pub(super) fn dialect(self) -> Dialect {
        match self {
            Store::Sqlite => Dialect::Sqlite,
            Store::Postgres => Dialect::Postgres,
        }
    }
}

/// Reads the text of the file.
pub(super) fn read(source: &Source) -> Outcome<File> {
    toml::from_str(&source.text).map_err(|error| mistake::failure(source, &error))
}
