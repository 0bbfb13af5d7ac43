//! The difference of two databases, as migrations that lead from one to the other and back.

mod convert;
mod enums;
mod files;
mod loss;
mod plan;
mod rename;
pub(crate) mod same;
mod tables;
#[cfg(all(test, feature = "cli"))]
mod tests;

pub use loss::Loss;
#[cfg(feature = "cli")]
pub(crate) use rename::likely;
pub use rename::{Rename, renamed};

use crate::catalog::{Catalog, ObjectName};
use crate::ddl::DdlError;
use crate::operation::Operation;
use peristyle_query::statement::Dialect;
use plan::{Mode, Plan};
use std::collections::BTreeMap;
use std::fmt;

/// What a difference is made by, besides the two databases.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The renames that were said. Others are a drop and a new column or table.
    pub renames: Vec<Rename>,
    /// The renames that were asked for and are none.
    pub no_renames: Vec<Rename>,
    /// What rows that are there get in columns that may not be NULL, in SQL, by table and column.
    pub values: BTreeMap<(ObjectName, String), String>,
    /// Whether data may be lost.
    pub allow_drop: bool,
    /// Whether, on Postgres, what would lock a table for long is made without such locks, in migrations of its own.
    pub online: bool,
}

/// One step of a migration, with its SQL.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it does.
    pub operation: Operation,
    /// The statements.
    pub statements: Vec<String>,
    /// Whether SQLite's foreign keys must be off.
    pub needs_foreign_keys_off: bool,
}

/// One migration of a difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What is in it.
    pub kind: PartKind,
    /// The way up.
    pub up: Vec<Step>,
    /// The way down.
    pub down: Vec<Step>,
}

/// What is in a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// Values of enum types, which a transaction may not use before it ends.
    EnumValues,
    /// All that can be in one transaction.
    Main,
    /// Checks of the rows that are there, which take weak locks for long.
    Validations,
    /// Indexes, which are made without locks and so in no transaction.
    Indexes,
}

/// What is to be decided before a difference can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether this is a rename. Answered by [`Options::renames`] or [`Options::no_renames`]; not answered, it is none.
    Rename(Rename),
    /// What rows get in a new column that may not be NULL. Answered by [`Options::values`].
    Value {
        /// The table.
        table: ObjectName,
        /// The column.
        column: String,
        /// Its type.
        column_type: String,
    },
}

/// The difference of two databases.
#[derive(Clone, Debug, PartialEq)]
pub struct Diff {
    /// The migrations, in their order. None, if there is no difference.
    pub parts: Vec<Part>,
    /// What is worth to be known.
    pub notes: Vec<String>,
    /// What is lost on the way up.
    pub losses: Vec<Loss>,
    /// What is to be decided.
    pub questions: Vec<Question>,
    dialect: Dialect,
    allow_drop: bool,
}

/// Why there is no way from one database to the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiffError {
    /// An operation that the dialect has no SQL for.
    Ddl(DdlError),
    /// A default that the dialect has no SQL for.
    Default {
        /// The column: `posts.title`.
        column: String,
        /// What is wrong.
        message: String,
    },
    /// A rename of what is not there, or to what is there.
    Rename(String),
}

/// Why a difference is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Columns that may not be NULL have no value for the rows that are there: `posts.title`.
    NoValue(Vec<String>),
    /// Data would be lost.
    DataLoss(Vec<Loss>),
}

impl From<DdlError> for DiffError {
    fn from(error: DdlError) -> Self {
        DiffError::Ddl(error)
    }
}

impl fmt::Display for DiffError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DiffError::Ddl(error) => write!(f, "the difference cannot be written: {error}"),
            DiffError::Default { column, message } => write!(f, "the default of {column}: {message}"),
            DiffError::Rename(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for DiffError {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NoValue(columns) => {
                let column = columns.first().map_or("", String::as_str);
                let them = if columns.len() == 1 { "it" } else { "them" };
                write!(f, "{} may not be NULL, and rows that are there need a value: ", columns.join(", "))?;
                write!(
                    f,
                    "give {them} one with `--value {column}=..` (in SQL), a `default`, or an Option in the struct"
                )
            }
            Refusal::DataLoss(losses) => {
                f.write_str("data would be lost:")?;
                for loss in losses {
                    write!(f, "\n  {loss}")?;
                }
                f.write_str(
                    "\nif this is a rename, say so with `--rename`; if it is meant, allow it with `--allow-drop`",
                )
            }
        }
    }
}

impl std::error::Error for Refusal {}

/// The way from one database to another, and back.
///
/// Both are descriptions of the same kind: read from a database, or from the schemas of an app and completed from one by
/// `models::adopt`. Views, functions and triggers are not compared.
///
/// # Errors
///
/// A rename that cannot be, and what the dialect has no SQL for.
pub fn diff(from: &Catalog, to: &Catalog, dialect: Dialect, options: &Options) -> Result<Diff, DiffError> {
    let before = renamed(from, &options.renames).map_err(DiffError::Rename)?;
    let mut questions = Vec::new();
    for rename in rename::likely(&before, to, dialect) {
        if !options.no_renames.contains(&rename) {
            questions.push(Question::Rename(rename));
        }
    }
    questions.extend(missing_values(&before, to, dialect, options));
    Ok(Diff {
        parts: parts(from, to, dialect, options)?,
        notes: notes(&before, to, dialect),
        losses: loss::losses(&before, to, dialect),
        questions,
        dialect,
        allow_drop: options.allow_drop,
    })
}

/// Columns that are new, may not be NULL, and have nothing to hold in rows that are there.
fn missing_values(from: &Catalog, to: &Catalog, dialect: Dialect, options: &Options) -> Vec<Question> {
    let mut questions = Vec::new();
    for table in &to.tables {
        let Some(own) = from.table(&table.name) else { continue };
        for column in &table.columns {
            let stays = own.column(&column.name).is_some_and(|own| !tables::is_remade(own, column, dialect, from));
            let has_value = column.nullable
                || column.default.as_ref().is_some_and(|default| *default != crate::catalog::Default::Null)
                || column.generated.is_some()
                || same::is_numbered(column)
                || options.values.contains_key(&(table.name.clone(), column.name.clone()));
            if !stays && !has_value {
                questions.push(Question::Value {
                    table: table.name.clone(),
                    column: column.name.clone(),
                    column_type: same::type_name(&column.column_type, dialect),
                });
            }
        }
    }
    questions
}

fn notes(from: &Catalog, to: &Catalog, dialect: Dialect) -> Vec<String> {
    let mut notes = Vec::new();
    for table in &to.tables {
        let Some(own) = from.table(&table.name) else { continue };
        for column in &table.columns {
            let Some(before) = own.column(&column.name) else { continue };
            let name = format!("{}.{}", table.name, column.name);
            if before.nullable && !column.nullable {
                notes.push(format!("{name} may not be NULL from now on: the migration stops at a row where it is"));
            }
            let (old, new) =
                (same::type_name(&before.column_type, dialect), same::type_name(&column.column_type, dialect));
            let is_enum = |name: &str| tables::first_value(from, name).is_some();
            let rewrites = old != new && convert::type_change(before, column, dialect, is_enum).rewrites;
            if rewrites {
                notes.push(format!(
                    "{name} becomes {new}, and was {old}: Postgres reads or writes the whole table, under a lock"
                ));
            }
        }
    }
    for wanted in &to.enums {
        let Some(own) = from.enum_type(&wanted.name) else { continue };
        let gone: Vec<&str> =
            own.values.iter().filter(|value| !wanted.values.contains(value)).map(String::as_str).collect();
        if !gone.is_empty() {
            let values = gone.join(", ");
            notes.push(format!("the enum {} loses {values}: the migration stops at a row that has it", wanted.name));
        }
    }
    notes
}

/// The migrations: each leads from where the one before ended, and has the way back to there.
fn parts(from: &Catalog, to: &Catalog, dialect: Dialect, options: &Options) -> Result<Vec<Part>, DiffError> {
    let mode = Mode {
        dialect,
        online: options.online && dialect == Dialect::Postgres,
        concurrently: false,
        back: false,
        values: &options.values,
    };
    let mut parts = Vec::new();
    let mut state = from.clone();
    if dialect == Dialect::Postgres {
        let values = enums::additions(&state, to);
        state = part(&mut parts, PartKind::EnumValues, &state, to, mode, values)?;
    }
    let mut plan = Plan::new(&state, to, mode);
    plan.make(&options.renames)?;
    let Plan { steps, validations, indexes, state: after, .. } = plan;
    if !steps.is_empty() {
        let back: Vec<Rename> = back(&options.renames);
        let down = way_back(&after, &state, mode, &back)?;
        parts.push(Part { kind: PartKind::Main, up: steps, down });
    }
    state = part(&mut parts, PartKind::Validations, &after, to, mode, validations)?;
    part(&mut parts, PartKind::Indexes, &state, to, Mode { concurrently: true, ..mode }, indexes)?;
    Ok(parts)
}

/// A migration of operations that are known already; gives what the database is after it.
fn part(
    parts: &mut Vec<Part>,
    kind: PartKind,
    from: &Catalog,
    to: &Catalog,
    mode: Mode<'_>,
    operations: Vec<Operation>,
) -> Result<Catalog, DiffError> {
    let mut plan = Plan::new(from, to, mode);
    for operation in operations {
        plan.push(operation)?;
    }
    let Plan { steps, state, .. } = plan;
    if !steps.is_empty() {
        let down = way_back(&state, from, mode, &[])?;
        parts.push(Part { kind, up: steps, down });
    }
    Ok(state)
}

fn way_back(from: &Catalog, to: &Catalog, mode: Mode<'_>, renames: &[Rename]) -> Result<Vec<Step>, DiffError> {
    let values = BTreeMap::new();
    let mode = Mode { online: false, back: true, values: &values, ..mode };
    let mut plan = Plan::new(from, to, mode);
    plan.make(renames)?;
    Ok(plan.steps)
}

/// The renames of the way back. A column's table has its old name again by then.
fn back(renames: &[Rename]) -> Vec<Rename> {
    let old_name = |table: &ObjectName| {
        renames
            .iter()
            .find_map(|rename| match rename {
                Rename::Table { from, to } if to == table => Some(from.clone()),
                _ => None,
            })
            .unwrap_or_else(|| table.clone())
    };
    renames
        .iter()
        .rev()
        .map(|rename| match rename.reversed() {
            Rename::Column { table, from, to } => Rename::Column { table: old_name(&table), from, to },
            table => table,
        })
        .collect()
}

impl Diff {
    /// Whether there is no difference.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether it may be written.
    ///
    /// # Errors
    ///
    /// Columns without a value for the rows that are there, and data that would be lost and may not be.
    pub fn check(&self) -> Result<(), Refusal> {
        let missing: Vec<String> = self
            .questions
            .iter()
            .filter_map(|question| match question {
                Question::Value { table, column, .. } => Some(format!("{table}.{column}")),
                Question::Rename(_) => None,
            })
            .collect();
        if !missing.is_empty() {
            return Err(Refusal::NoValue(missing));
        }
        if !self.losses.is_empty() && !self.allow_drop {
            return Err(Refusal::DataLoss(self.losses.clone()));
        }
        Ok(())
    }
}
