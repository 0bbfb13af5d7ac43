//! `peristyle.toml`, `.env` and the variables of the environment.

mod environment;
mod file;
mod mistake;

pub use file::RepoTable;
pub use mistake::nearest;

use super::args::Global;
use super::exit::Exit;
use super::failure::{Failure, Outcome};
use super::url::DatabaseUrl;
use crate::lint::{self, Level};
use crate::runner::Lock;
use peristyle_query::statement::Dialect;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Spanned;

/// The name of the file.
pub const FILE: &str = "peristyle.toml";
/// The file with its defaults as comments.
pub const DEFAULT: &str = include_str!("default.toml");

/// The configuration of the command.
#[derive(Debug)]
pub struct Config {
    /// The repos, `default` first.
    pub repos: Vec<RepoConfig>,
    /// The levels of the rules of the linter.
    pub lint: BTreeMap<String, Level>,
}

/// The file and its text, to show places in it.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    path: PathBuf,
    text: String,
}

/// One repo of the configuration.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct RepoConfig {
    pub name: String,
    source: Option<Source>,
    url: Url,
    pub store: Option<Dialect>,
    pub root: PathBuf,
    pub migrations: PathBuf,
    pub table: String,
    pub prefixes: Vec<String>,
    pub models: Vec<String>,
    /// Whether the file says where the structs are.
    pub names_models: bool,
    pub seeds: Vec<String>,
    pub dump: PathBuf,
    pub lock_timeout: Option<Duration>,
    pub wait: Option<Duration>,
    pub lock: Option<Lock>,
    pub shared_schemas: Vec<String>,
    scratch_url: Option<Spanned<String>>,
    redis_url: Option<Spanned<String>>,
    pub strict_order: bool,
    pub protected: bool,
}

/// Where the URL of a repo comes from.
#[derive(Clone, Debug)]
enum Url {
    /// `--database-url`.
    Given(String),
    /// The file.
    File(Spanned<String>),
    /// The variable DATABASE_URL, since no file says otherwise.
    Variable,
}

impl Config {
    /// Reads `.env` and `peristyle.toml`. Without a file, the defaults hold.
    ///
    /// # Errors
    ///
    /// A [`Failure`] with the line, for a key or a value that makes no sense.
    pub fn read(global: &Global) -> Outcome<Config> {
        let found = match &global.config {
            Some(path) => Some(path.clone()),
            None => search(),
        };
        let root = found.as_deref().and_then(Path::parent).map(Path::to_owned).unwrap_or_default();
        environment::read_dotenv(&root)?;
        let Some(path) = found else {
            let table = RepoTable::default();
            let repos = vec![RepoConfig::new("default".to_owned(), table, &root, None, global)?];
            return Ok(Config { repos, lint: BTreeMap::new() });
        };
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let failure = Failure::file(&path, "read", &error);
            failure.exit(Exit::Configuration).help("`peristyle init` writes one")
        })?;
        let source = Source { path, text };
        let file = file::read(&source)?;
        let mut repos = Vec::new();
        for (name, table) in file.repo {
            repos.push(RepoConfig::new(name, table, &root, Some(&source), global)?);
        }
        if repos.is_empty() {
            repos.push(RepoConfig::new("default".to_owned(), RepoTable::default(), &root, Some(&source), global)?);
        }
        repos.sort_by_key(|repo| repo.name != "default");
        sharing(&mut repos)?;
        let mut levels = BTreeMap::new();
        for (rule, level) in file.lint {
            if lint::rule(&rule).is_none() {
                let label = match mistake::nearest(&rule, lint::rules().map(|rule| rule.id)) {
                    Some(near) => format!("did you mean {near}?"),
                    None => "no such rule".to_owned(),
                };
                return Err(in_file(Some(&source), level.span(), format!("there is no rule `{rule}`"), &label)
                    .help("`peristyle migrate lint --explain` lists the rules"));
            }
            levels.insert(rule, level.into_inner());
        }
        Ok(Config { repos, lint: levels })
    }

    /// The repos that the command line names; all of them, if it names none.
    ///
    /// # Errors
    ///
    /// A [`Failure`] if it names one that there is not.
    pub fn chosen(&self, global: &Global) -> Outcome<Vec<&RepoConfig>> {
        if global.repo.is_empty() {
            return match (&global.database_url, self.repos.as_slice()) {
                (Some(_), [first, _, ..]) if first.name == "default" => Ok(vec![first]),
                (Some(_), [_, _, ..]) => Err(self.several("--database-url is for one repo")),
                _ => Ok(self.repos.iter().collect()),
            };
        }
        let chosen = global.repo.iter().map(|name| self.named(name)).collect::<Outcome<Vec<_>>>()?;
        match (&global.database_url, chosen.as_slice()) {
            (Some(_), [_, _, ..]) => Err(Failure::usage("--database-url is for one repo: give one --repo")),
            _ => Ok(chosen),
        }
    }

    /// The one repo that a command works on that can only have one: the named one, the only one, or `default`.
    ///
    /// # Errors
    ///
    /// A [`Failure`] if it is not clear which one.
    pub fn one(&self, global: &Global) -> Outcome<&RepoConfig> {
        match (global.repo.as_slice(), self.repos.as_slice()) {
            ([name], _) => self.named(name),
            ([], [only]) => Ok(only),
            ([], [first, ..]) if first.name == "default" => Ok(first),
            ([], _) => Err(self.several("this is done for one repo at a time")),
            _ => Err(Failure::usage("this is done for one repo at a time: give one --repo")),
        }
    }

    fn named(&self, name: &str) -> Outcome<&RepoConfig> {
        self.repos.iter().find(|repo| repo.name == name).ok_or_else(|| {
            let failure = Failure::usage(format!("there is no repo `{name}`"));
            match mistake::nearest(name, self.names()) {
                Some(near) => failure.help(format!("did you mean --repo {near}?")),
                None => failure.help(format!(
                    "the repos of the configuration are {}",
                    self.names().collect::<Vec<_>>().join(", ")
                )),
            }
        })
    }

    fn several(&self, reason: &str) -> Failure {
        let names: Vec<&str> = self.names().collect();
        Failure::usage(format!("{reason}, and there are {}", names.join(", "))).help(format!("add --repo {}", names[0]))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.repos.iter().map(|repo| repo.name.as_str())
    }
}

impl RepoConfig {
    fn new(name: String, table: RepoTable, root: &Path, source: Option<&Source>, global: &Global) -> Outcome<Self> {
        let time = |value: Option<Spanned<String>>| match value {
            None => Ok(None),
            Some(value) => match duration(value.get_ref()) {
                Ok(duration) => Ok(Some(duration)),
                Err(message) => Err(in_file(source, value.span(), message, "a time such as 5s or 500ms")),
            },
        };
        let migrations = table.migrations.unwrap_or_else(|| "migrations".to_owned());
        let structure = if name == "default" { "structure.sql".to_owned() } else { format!("{name}_structure.sql") };
        let mut repo = RepoConfig {
            name,
            source: source.cloned(),
            url: match (&global.database_url, table.url) {
                (Some(url), _) => Url::Given(url.clone()),
                (None, Some(url)) => Url::File(url),
                (None, None) => Url::Variable,
            },
            store: table.store.map(file::Store::dialect),
            root: root.to_owned(),
            dump: root.join(table.dump.unwrap_or(structure)),
            seeds: table.seeds.unwrap_or_else(|| vec![format!("{migrations}/seeds/*.sql")]),
            migrations: root.join(migrations),
            table: table.table.unwrap_or_else(|| "schema_migrations".to_owned()),
            prefixes: table.prefixes,
            names_models: table.models.is_some(),
            models: table.models.unwrap_or_else(|| vec!["src/**/*.rs".to_owned()]),
            lock_timeout: time(table.lock_timeout)?,
            wait: time(table.wait)?,
            lock: table.lock.map(Lock::from),
            shared_schemas: table.shared_schemas,
            scratch_url: table.scratch_url,
            redis_url: table.redis_url,
            strict_order: table.strict_order,
            protected: table.protected,
        };
        repo.name_store()?;
        Ok(repo)
    }

    /// Puts the name of the store for `{store}` in paths.
    fn name_store(&mut self) -> Outcome<()> {
        let is_open = |text: &str| text.contains("{store}");
        let paths = [&self.migrations, &self.dump];
        if !paths.iter().any(|path| path.to_str().is_some_and(is_open)) && !self.seeds.iter().any(|seed| is_open(seed))
        {
            return Ok(());
        }
        let store = if self.dialect()? == Dialect::Postgres { "postgres" } else { "sqlite" };
        for path in [&mut self.migrations, &mut self.dump] {
            if let Some(text) = path.to_str() {
                *path = PathBuf::from(text.replace("{store}", store));
            }
        }
        self.seeds.iter_mut().for_each(|seed| *seed = seed.replace("{store}", store));
        Ok(())
    }

    /// The URL of the database.
    ///
    /// # Errors
    ///
    /// A [`Failure`] if there is none, or it makes no sense.
    pub fn url(&self) -> Outcome<DatabaseUrl> {
        match &self.url {
            Url::Given(url) => DatabaseUrl::parse(url),
            Url::File(url) => self.expanded(url),
            Url::Variable => match environment::variable("DATABASE_URL") {
                Some(url) => Ok(DatabaseUrl::parse(&url)?.relative_to(&self.root)),
                None => Err(Failure::new(Exit::Configuration, "no database is named")
                    .help("set DATABASE_URL (in the environment or in .env), or give --database-url, or write `peristyle init`")),
            },
        }
    }

    /// The URL under which scratch databases are made, if the file names one.
    ///
    /// # Errors
    ///
    /// As [`url`](Self::url).
    pub fn scratch_url(&self) -> Outcome<Option<DatabaseUrl>> {
        self.scratch_url.as_ref().filter(|url| !url.get_ref().is_empty()).map(|url| self.expanded(url)).transpose()
    }

    /// The URL of the Redis that some of the structs live in: the given one, that of the file, or the variable REDIS_URL.
    ///
    /// # Errors
    ///
    /// A [`Failure`] if there is none, or it has a variable that is not set.
    pub fn redis_url(&self, given: Option<&str>) -> Outcome<String> {
        if let Some(given) = given {
            return Ok(given.to_owned());
        }
        match &self.redis_url {
            Some(url) => environment::expand(url.get_ref())
                .map_err(|error| self.wrong(url, &error.message, "this").help("set it, or give --url")),
            None => environment::variable("REDIS_URL").ok_or_else(|| {
                Failure::new(Exit::Configuration, "no Redis is named")
                    .help("give --url redis://localhost:6379, or write redis_url in peristyle.toml, or set REDIS_URL")
            }),
        }
    }

    fn expanded(&self, url: &Spanned<String>) -> Outcome<DatabaseUrl> {
        let expanded = environment::expand(url.get_ref())
            .map_err(|error| self.wrong(url, &error.message, "this").help(error.help))?;
        Ok(DatabaseUrl::parse(&expanded)?.relative_to(&self.root))
    }

    fn wrong(&self, value: &Spanned<String>, message: &str, label: &str) -> Failure {
        in_file(self.source.as_ref(), value.span(), message, label)
    }

    /// The folder that the patterns of `models` are relative to.
    pub fn root_or_here(&self) -> PathBuf {
        if self.root.as_os_str().is_empty() { PathBuf::from(".") } else { self.root.clone() }
    }

    /// The SQL of the database: that of the URL, else what `store` says.
    ///
    /// # Errors
    ///
    /// The failure of the URL, if neither tells.
    pub fn dialect(&self) -> Outcome<Dialect> {
        match (self.url(), self.store) {
            (Ok(url), _) => Ok(url.dialect()),
            (Err(_), Some(store)) => Ok(store),
            (Err(failure), None) => {
                Err(failure.help("or say whose SQL is to be written: store = \"sqlite\" or \"postgres\""))
            }
        }
    }
}

/// Repos on one database: all are protected if one is, and each has a version table of its own.
fn sharing(repos: &mut [RepoConfig]) -> Outcome<()> {
    let places: Vec<Option<String>> = repos
        .iter()
        .map(|repo| match repo.url {
            // It is the database of the one repo that is chosen.
            Url::Given(_) => None,
            _ => repo.url().ok().map(|url| url.place()),
        })
        .collect();
    for first in 0..repos.len() {
        for second in first + 1..repos.len() {
            if places[first].is_none() || places[first] != places[second] {
                continue;
            }
            let (one, other) = (&repos[first], &repos[second]);
            let same_table = one.table == other.table && one.prefixes == other.prefixes;
            if same_table && one.migrations != other.migrations {
                let message = format!(
                    "the repos `{}` and `{}` are one database, and keep their versions in one table, `{}`",
                    one.name, other.name, one.table
                );
                return Err(Failure::new(Exit::Configuration, message)
                    .note("each would take the migrations of the other for missing ones")
                    .help(format!("write in [repo.{0}]: table = \"{0}_migrations\"", other.name)));
            }
            let protected = one.protected || other.protected;
            repos[first].protected = protected;
            repos[second].protected = protected;
        }
    }
    Ok(())
}

fn in_file(source: Option<&Source>, span: std::ops::Range<usize>, message: impl Into<String>, label: &str) -> Failure {
    let failure = Failure::new(Exit::Configuration, message);
    match source {
        Some(source) => failure.at(source.path.display(), &source.text, 1, span, label),
        None => failure,
    }
}

/// The nearest peristyle.toml: in the working directory, or in a folder above.
fn search() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let mut relative = PathBuf::new();
    for folder in here.ancestors() {
        if folder.join(FILE).is_file() {
            return Some(relative.join(FILE));
        }
        relative.push("..");
    }
    None
}

/// Reads a time: `5s`, `500ms`, `2min`, `1h`.
///
/// # Errors
///
/// A sentence that says what to write.
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text[digits.len()..].trim();
    let wrong = || format!("`{text}` is not a time: write 500ms, 5s, 2min or 1h");
    let number: u64 = digits.trim().parse().map_err(|_| wrong())?;
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(wrong()),
    };
    number.checked_mul(milliseconds).map(Duration::from_millis).ok_or_else(wrong)
}
