//! Operations as SQL, for each dialect.

mod alter_sqlite;
mod alter_table;
mod apply;
mod column;
mod column_type;
mod comment;
mod constraint;
mod create_table;
mod default;
mod drop_table;
mod enums;
mod enums_sqlite;
mod index;
mod literal;
mod mention;
mod rebuild;
mod renderer;
mod view;

#[cfg(test)]
mod tests;

pub use renderer::Renderer;

use crate::catalog::{Catalog, ColumnType, Default};
use crate::operation::Operation;
use peristyle_query::repo::Repo;
use peristyle_query::statement::Dialect;
use peristyle_sql::quoted;
use std::fmt;

/// The SQL of one operation.
#[derive(Clone, Debug, std::default::Default, PartialEq, Eq)]
pub struct Rendered {
    /// The statements, in order, without semicolons at their ends. None, if the dialect has nothing to do.
    pub statements: Vec<String>,
    /// Whether SQLite's foreign keys must be off while they run: switched off before BEGIN, and checked with
    /// `PRAGMA foreign_key_check` before COMMIT.
    pub needs_foreign_keys_off: bool,
}

impl Rendered {
    fn new(statements: Vec<String>) -> Self {
        Rendered { statements, needs_foreign_keys_off: false }
    }

    fn append(&mut self, other: Rendered) {
        self.statements.extend(other.statements);
        self.needs_foreign_keys_off |= other.needs_foreign_keys_off;
    }
}

/// An operation that a dialect has no SQL for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DdlError {
    /// The call that records the operation: `m.create_extension("citext")`.
    pub operation: String,
    /// Why not, and what to do instead.
    pub message: String,
}

impl fmt::Display for DdlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.operation, self.message)
    }
}

impl std::error::Error for DdlError {}

/// The dialect that a repo's migrations are rendered in.
///
/// # Errors
///
/// If its store does not speak SQL.
pub fn dialect(repo: &Repo) -> Result<Dialect, DdlError> {
    dialect_of(repo.dialect())
}

fn dialect_of(dialect: Option<Dialect>) -> Result<Dialect, DdlError> {
    dialect.ok_or_else(|| DdlError {
        operation: "migrate".to_owned(),
        message: "the store of this repo has no tables to change, since it does not speak SQL; \
                  run migrations with a repo on Postgres or SQLite"
            .to_owned(),
    })
}

/// Renders an operation.
///
/// `before` is what the database holds when the statements run: SQLite's rebuild of a table starts from it, so read it
/// again after each operation, or keep it up to date with [`apply`]. Postgres needs nothing of it. [`Renderer`] also keeps
/// the enum types, which SQLite does not.
///
/// # Errors
///
/// If the dialect has no form for the operation, or `before` does not have what it changes.
///
/// # Examples
///
/// ```
/// use peristyle_migrate::catalog::{Catalog, ObjectName};
/// use peristyle_migrate::ddl;
/// use peristyle_migrate::operation::Operation;
/// use peristyle_query::statement::Dialect;
///
/// let rename = Operation::RenameTable { from: ObjectName::new("posts"), to: "articles".into() };
/// let rendered = ddl::render(&rename, Dialect::Postgres, &Catalog::default())?;
/// assert_eq!(rendered.statements, [r#"ALTER TABLE "posts" RENAME TO "articles""#]);
/// # Ok::<(), ddl::DdlError>(())
/// ```
pub fn render(operation: &Operation, dialect: Dialect, before: &Catalog) -> Result<Rendered, DdlError> {
    let rendered = match dialect {
        Dialect::Postgres | Dialect::Sqlite => Context { dialect, before }.render(operation),
        other => Err(format!("migrations have no SQL for {}", other.name())),
    };
    rendered.map_err(|message| DdlError { operation: operation.call(), message })
}

/// Whether an operation may need SQLite's foreign keys to be off, which is to be known before BEGIN.
///
/// `true` is a guess on the safe side: whether a table is rebuilt is certain only when the operation is rendered.
pub fn may_need_foreign_keys_off(operation: &Operation, dialect: Dialect) -> bool {
    use crate::operation::Alteration::{AddColumn, RenameColumn, ValidateConstraint};
    dialect == Dialect::Sqlite
        && match operation {
            Operation::AlterTable { changes, .. } => changes.iter().any(|change| match change {
                RenameColumn { .. } | ValidateConstraint { .. } => false,
                AddColumn { column, primary_key, references, .. } => {
                    *primary_key || references.is_some() || alter_sqlite::adds_by_rebuild(column)
                }
                _ => true,
            }),
            Operation::DropTable { cascade, .. } => *cascade,
            Operation::AddEnumValue { .. } | Operation::RenameEnumValue { .. } | Operation::RenameEnum { .. } => true,
            _ => false,
        }
}

/// Brings a description up to date with what an operation does.
///
/// # Errors
///
/// If the description does not have what the operation changes.
pub fn apply(operation: &Operation, catalog: &mut Catalog) -> Result<(), DdlError> {
    apply::operation(operation, catalog).map_err(|message| DdlError { operation: operation.call(), message })
}

/// The name of a type in a dialect: `varchar(160)`.
pub fn column_type(column_type: &ColumnType, dialect: Dialect) -> String {
    column_type::name(column_type, dialect)
}

/// The expression of a default, as it follows `DEFAULT`.
///
/// # Errors
///
/// The text of the mistake, if the value has no literal: a zero byte, a number that is none.
pub fn default(value: &Default, column_type: &ColumnType, dialect: Dialect) -> Result<String, String> {
    default::expression(value, column_type, dialect)
}

/// What rendering looks at besides the operation.
#[derive(Clone, Copy)]
struct Context<'a> {
    dialect: Dialect,
    before: &'a Catalog,
}

impl Context<'_> {
    fn sqlite(self) -> bool {
        self.dialect == Dialect::Sqlite
    }

    /// Refuses what SQLite does not have.
    fn only_postgres(self, what: &str, instead: &str) -> Result<(), String> {
        if self.sqlite() { Err(format!("SQLite has no {what}{instead}")) } else { Ok(()) }
    }

    fn render(self, operation: &Operation) -> Result<Rendered, String> {
        let statements = match operation {
            Operation::CreateTable { table, if_not_exists } => self.create_table(table, *if_not_exists)?,
            Operation::DropTable { name, if_exists, cascade, .. } => {
                return self.drop_table(name, *if_exists, *cascade);
            }
            Operation::RenameTable { from, to } => {
                vec![format!("ALTER TABLE {} RENAME TO {}", from.quoted(), quoted(to))]
            }
            Operation::AlterTable { name, changes } if self.sqlite() => return self.alter_on_sqlite(name, changes),
            Operation::AlterTable { name, changes } => self.alter_on_postgres(name, changes)?,
            Operation::CreateIndex { table, index, concurrently, if_not_exists } => {
                self.create_index(table, index, *concurrently, *if_not_exists)?
            }
            Operation::DropIndex { table, name, concurrently, if_exists, cascade, .. } => {
                self.drop_index(table, name, *concurrently, *if_exists, *cascade)
            }
            Operation::RenameIndex { table, from, to } => self.rename_index(table, from, to)?,
            Operation::Comment { on, text, .. } => self.comment(on, text.as_deref())?.into_iter().collect(),
            Operation::CreateEnum(each) => self.create_enum(each)?,
            Operation::DropEnum { name, if_exists, .. } => self.drop_enum(name, *if_exists),
            Operation::AddEnumValue { name, value, before, if_not_exists } => {
                return self.add_enum_value(name, value, before.as_deref(), *if_not_exists);
            }
            Operation::RenameEnumValue { name, from, to } => return self.rename_enum_value(name, from, to),
            Operation::RenameEnum { from, to } => return self.rename_enum(from, to),
            Operation::CreateView { view, replaces } => self.create_view(view, replaces.is_some())?,
            Operation::DropView { name, materialized, if_exists, cascade, .. } => {
                self.drop_view(name, *materialized, *if_exists, *cascade)?
            }
            Operation::CreateExtension(each) => {
                self.only_postgres("extensions", "")?;
                let schema = each.schema.as_ref().map(|name| format!(" SCHEMA {}", quoted(name))).unwrap_or_default();
                vec![format!("CREATE EXTENSION IF NOT EXISTS {}{schema}", quoted(&each.name))]
            }
            Operation::DropExtension(each) => {
                self.only_postgres("extensions", "")?;
                vec![format!("DROP EXTENSION IF EXISTS {}", quoted(&each.name))]
            }
            Operation::CreateSchema { name, if_not_exists } => {
                self.only_postgres("database schemas", "; attach a file with this name instead")?;
                vec![format!("CREATE SCHEMA {}{}", flag(*if_not_exists, "IF NOT EXISTS "), quoted(name))]
            }
            Operation::DropSchema { name, if_exists, cascade } => {
                self.only_postgres("database schemas", "; detach the file of this name instead")?;
                let exists = flag(*if_exists, "IF EXISTS ");
                vec![format!("DROP SCHEMA {exists}{}{}", quoted(name), flag(*cascade, " CASCADE"))]
            }
            Operation::Execute { up, .. } => up.clone(),
        };
        Ok(Rendered::new(statements))
    }
}

/// A part of a statement that is there or not.
fn flag(on: bool, text: &str) -> &str {
    if on { text } else { "" }
}

/// Names in quotes, separated by commas.
fn names(names: &[String]) -> String {
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",")
}
