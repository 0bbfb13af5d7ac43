//! The migrations of a program: files and Rust, in one sequence.

use super::error::MigrateError;
use super::rust::Rust;
use super::script::{Script, Sql, Step, flavor};
use super::version_table::Content;
use super::{Direction, MigrationId};
use crate::dsl::{DslError, RustMigration};
use peristyle_migration_files::{FileError, MigrationFile, Section, checksum, read_folder, read_texts};
use peristyle_query::statement::Dialect;
use std::path::Path;
use std::sync::Arc;

/// The migrations that a database is to have, in one sequence: files, and those that are Rust.
///
/// ```no_run
/// use peristyle_migrate::Migrations;
/// let migrations = Migrations::from_folder("migrations")?;
/// # Ok::<(), peristyle_migrate::MigrateError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Migrations {
    /// In the order of versions.
    list: Vec<Arc<Migration>>,
    errors: Vec<FileError>,
}

/// One migration.
#[derive(Debug)]
pub struct Migration {
    id: MigrationId,
    source: Source,
}

#[derive(Debug)]
enum Source {
    File(Box<MigrationFile>),
    Rust(Rust),
}

impl Migrations {
    /// No migrations, to be added to.
    pub fn new() -> Self {
        Self::default()
    }

    /// The migrations of a folder. What [`read_folder`] says of files and names holds.
    ///
    /// # Errors
    ///
    /// [`MigrateError::Files`] with all that is wrong with them.
    pub fn from_folder(folder: impl AsRef<Path>) -> Result<Self, MigrateError> {
        Self::new().and_folder(folder)
    }

    /// These, and those of one more folder.
    ///
    /// # Errors
    ///
    /// As [`from_folder`](Self::from_folder).
    pub fn and_folder(mut self, folder: impl AsRef<Path>) -> Result<Self, MigrateError> {
        let files = read_folder(folder.as_ref()).map_err(MigrateError::Files)?;
        files.into_iter().for_each(|file| self.add(Migration::file(file)));
        Ok(self)
    }

    /// The migrations of files that are part of the program, each with its path and its text: what `migrations!` makes. A
    /// mistake in them is an error when they are run.
    pub fn embedded(files: &[(&str, &str)]) -> Self {
        let mut set = Self::new();
        match read_texts(files.iter().copied()) {
            Ok(files) => files.into_iter().for_each(|file| set.add(Migration::file(file))),
            Err(errors) => set.errors = errors,
        }
        set
    }

    /// These, and one that is Rust: what `migration!` makes.
    pub fn with<M: RustMigration>(mut self, migration: M) -> Self {
        let id = MigrationId { version: migration.version(), name: migration.name().to_owned() };
        let source = Source::Rust(Rust::new(&migration, std::any::type_name::<M>()));
        self.add(Migration { id, source });
        self
    }

    /// These, and those of another set.
    pub fn and(mut self, other: Migrations) -> Self {
        other.list.into_iter().for_each(|migration| self.insert(migration));
        self.errors.extend(other.errors);
        self
    }

    fn add(&mut self, migration: Migration) {
        self.insert(Arc::new(migration));
    }

    fn insert(&mut self, migration: Arc<Migration>) {
        let place = self.list.partition_point(|known| known.version() <= migration.version());
        self.list.insert(place, migration);
    }

    /// The migrations, in the order of their versions.
    pub fn iter(&self) -> impl Iterator<Item = &Migration> {
        self.list.iter().map(|migration| &**migration)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The migration of a version.
    pub fn get(&self, version: u64) -> Option<&Migration> {
        self.find(version).map(|migration| &**migration)
    }

    pub(crate) fn find(&self, version: u64) -> Option<&Arc<Migration>> {
        self.list.binary_search_by_key(&version, |migration| migration.version()).ok().map(|place| &self.list[place])
    }

    pub(crate) fn shared(&self) -> impl DoubleEndedIterator<Item = &Arc<Migration>> {
        self.list.iter()
    }

    /// Whether all of them can be read and told apart. Nothing runs before.
    ///
    /// # Errors
    ///
    /// [`MigrateError::Files`], [`MigrateError::Rust`], [`MigrateError::Duplicate`], or [`MigrateError::Refused`] for a version
    /// that is too great.
    pub fn check(&self, dialect: Dialect) -> Result<(), MigrateError> {
        if !self.errors.is_empty() {
            return Err(MigrateError::Files(self.errors.clone()));
        }
        for pair in self.list.windows(2) {
            let [first, second] = pair else { continue };
            if first.version() == second.version() {
                let places = vec![first.place(), second.place()];
                return Err(MigrateError::Duplicate { version: first.version(), places });
            }
        }
        // Files with such a version are refused when they are read.
        if let Some(last) = self.list.last().filter(|last| i64::try_from(last.version()).is_err()) {
            return Err(MigrateError::Refused {
                migration: last.id().clone(),
                reason: format!("the greatest version is {}: give it an earlier one", i64::MAX),
            });
        }
        let mistakes: Vec<DslError> = self.list.iter().filter_map(|migration| migration.mistake()).cloned().collect();
        if !mistakes.is_empty() {
            return Err(MigrateError::Rust(mistakes));
        }
        let mut errors = Vec::new();
        for migration in &self.list {
            let Source::File(file) = &migration.source else { continue };
            for section in std::iter::once(&file.up).chain(&file.down) {
                match section.transaction_control(flavor(dialect)) {
                    Ok(None) => {}
                    Ok(Some(statement)) => errors.push(section.error_at(
                        &statement,
                        "this would leave the transaction that the migration runs in: remove it, the runner begins and commits",
                    )),
                    Err(error) => errors.push(error),
                }
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(MigrateError::Files(errors)) }
    }

    /// Refuses a version that no migration has.
    pub(crate) fn known(&self, version: u64) -> Result<(), MigrateError> {
        if self.find(version).is_some() {
            return Ok(());
        }
        let place = self.list.partition_point(|migration| migration.version() < version);
        let nearest = &self.list[place.saturating_sub(2)..(place + 2).min(self.list.len())];
        let nearest = nearest.iter().map(|migration| migration.id().clone()).collect();
        Err(MigrateError::UnknownVersion { version, nearest })
    }
}

impl Migration {
    fn file(file: MigrationFile) -> Self {
        let id = MigrationId { version: file.version, name: file.name.clone() };
        Migration { id, source: Source::File(Box::new(file)) }
    }

    /// Its version and name.
    pub fn id(&self) -> &MigrationId {
        &self.id
    }

    /// Its version.
    pub fn version(&self) -> u64 {
        self.id.version
    }

    /// The file, if it is one.
    pub fn as_file(&self) -> Option<&MigrationFile> {
        match &self.source {
            Source::File(file) => Some(file),
            Source::Rust(_) => None,
        }
    }

    /// Whether it is Rust.
    pub fn is_rust(&self) -> bool {
        matches!(self.source, Source::Rust(_))
    }

    fn mistake(&self) -> Option<&DslError> {
        match &self.source {
            Source::File(_) => None,
            Source::Rust(rust) => rust.mistake(),
        }
    }

    /// Where it stands, for messages: a path, or that it is Rust.
    pub fn place(&self) -> String {
        match &self.source {
            Source::File(file) => file.up.path.clone(),
            Source::Rust(rust) => rust.place(),
        }
    }

    /// The statements of a direction, as far as they are known without a database, and whether they run in one transaction.
    #[cfg(feature = "cli")]
    pub(crate) fn statements(
        &self,
        direction: Direction,
        dialect: Dialect,
    ) -> Result<(Vec<String>, bool), MigrateError> {
        let script = self.script(direction, dialect, None)?;
        let statements = script.steps.into_iter().filter_map(|step| match step {
            Step::Sql(sql) => Some(sql.text),
            Step::Operation(_) | Step::Data(_) => None,
        });
        Ok((statements.collect(), script.transaction))
    }

    /// What runs in a direction.
    pub(crate) fn script(
        &self,
        direction: Direction,
        dialect: Dialect,
        prefix: Option<&str>,
    ) -> Result<Script, MigrateError> {
        match &self.source {
            Source::Rust(rust) => rust.script(&self.id, direction, dialect, prefix),
            Source::File(_) if prefix.is_some() && dialect == Dialect::Sqlite => Err(MigrateError::Refused {
                migration: self.id.clone(),
                reason:
                    "SQLite runs files in the main database, whatever the prefix: write it in Rust, or connect to the \
                         attached file itself"
                        .to_owned(),
            }),
            Source::File(file) => {
                let section = match direction {
                    Direction::Up => &file.up,
                    Direction::Down => file.down.as_ref().ok_or_else(|| self.irreversible(file))?,
                };
                of_section(section, dialect)
            }
        }
    }

    fn irreversible(&self, file: &MigrationFile) -> MigrateError {
        let reason = match file.irreversible.as_ref().map(|irreversible| irreversible.reason.as_deref()) {
            Some(Some(reason)) => format!("{} says that it is irreversible: {reason}", self.place()),
            Some(None) => format!("{} says that it is irreversible", self.place()),
            None => format!("write a section `-- migrate:down` in {}", self.place()),
        };
        MigrateError::Irreversible { migration: self.id.clone(), reason }
    }

    /// Refuses a direction that could not run as it is written.
    pub(crate) fn check(
        &self,
        direction: Direction,
        dialect: Dialect,
        prefix: Option<&str>,
    ) -> Result<(), MigrateError> {
        let script = self.script(direction, dialect, prefix)?;
        let Source::File(file) = &self.source else { return Ok(()) };
        let section = if direction == Direction::Up { Some(&file.up) } else { file.down.as_ref() };
        let Some(section) = section.filter(|_| script.transaction) else { return Ok(()) };
        let hindrances =
            section.needs_no_transaction(flavor(dialect)).map_err(|error| MigrateError::Files(vec![error]))?;
        match hindrances.into_iter().next() {
            Some(hindrance) => {
                let message = format!(
                    "{} does not work in a transaction: write `{}` above the section",
                    hindrance.what, hindrance.remedy
                );
                Err(MigrateError::Files(vec![section.error_at(&hindrance.statement, message)]))
            }
            None => Ok(()),
        }
    }

    /// What it does, to be kept beside its version.
    pub(crate) fn content(&self, dialect: Dialect) -> Result<Content, MigrateError> {
        match &self.source {
            Source::Rust(rust) => rust.content(&self.id, dialect),
            Source::File(file) => {
                let sum = |section: &Section| {
                    checksum(section, flavor(dialect)).map_err(|error| MigrateError::Files(vec![error]))
                };
                Ok(Content {
                    checksum_up: Some(sum(&file.up)?),
                    checksum_down: file.down.as_ref().map(sum).transpose()?,
                    script_up: Some(file.up.text.clone()),
                    script_down: file.down.as_ref().map(|section| section.text.clone()),
                })
            }
        }
    }
}

fn of_section(section: &Section, dialect: Dialect) -> Result<Script, MigrateError> {
    let statements = section.statements(flavor(dialect)).map_err(|error| MigrateError::Files(vec![error]))?;
    let steps = statements.into_iter().map(|statement| {
        let start = Some((section.path.clone(), statement.line, statement.column));
        Step::Sql(Sql { text: statement.text, start })
    });
    Ok(Script {
        steps: steps.collect(),
        transaction: section.directives.transaction,
        lock_timeout: section.directives.lock_timeout,
        foreign_keys_off: !section.directives.foreign_keys && dialect == Dialect::Sqlite,
    })
}
