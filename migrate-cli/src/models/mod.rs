//! Reads `#[derive(Schema)]` structs from Rust source, without compiling or running it.

mod adopt;
mod ask;
mod build;
mod catalog;
mod default;
mod expression;
mod key_value;
mod keys;
mod question;
mod rust_migrations;
mod scope;
mod source;
mod spelling;
mod stored;
mod table;
#[cfg(test)]
pub(crate) mod tests;

pub use adopt::{Adopted, adopt, adopt_with, differences, differences_with};
pub use ask::{Asked, Refused, ask};
pub use catalog::catalog;
pub use default::ModelDefault;
pub use key_value::{KeyValueSchema, key_value_schemas};
pub use question::{Question, Subject, questions};
pub use rust_migrations::{RustMigrationSite, find_rust_migrations};
pub use spelling::Spellings;
pub(crate) use spelling::without_text_casts;
pub use stored::Stored;
pub use table::{ModelCheck, ModelColumn, ModelForeignKey, ModelIndex, ModelTable};

use crate::catalog::ObjectName;
use scope::{Place, Scope};
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

/// The tables that the structs of a project describe.
#[derive(Clone, Debug, Default)]
pub struct Models {
    /// The tables, in the order of names.
    pub tables: Vec<ModelTable>,
    /// The tables of structs with `managed = false`, which migrations leave alone.
    pub unmanaged: BTreeSet<ObjectName>,
    /// What was left out, and why: a foreign key to a struct that was not found.
    pub notes: Vec<String>,
}

/// A place of the source: a struct, or a field of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// What is there: `User`, or `User.email`.
    pub name: String,
    /// The file, from the root.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

/// A mistake in the source, or a part of it that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceError {
    /// The file, from the root.
    pub file: String,
    /// The line; 0 if it is about the whole file.
    pub line: usize,
    /// The column, from 1; 0 if it is about the whole file.
    pub column: usize,
    /// What is wrong, and what to do.
    pub message: String,
}

/// Reads the structs in the files that `places` name, from the folder `root`: folders, files, or patterns such as
/// `crates/*/src/**/*.rs`.
///
/// What `.gitignore` names, folders called `target`, and modules under `#[cfg(test)]` are left out.
///
/// # Errors
///
/// All mistakes at once, each with its place: attributes that are wrong, types whose column is not known, structs on one
/// table that contradict each other, places that do not exist, and files that are no Rust.
pub fn read(places: &[String], root: &Path) -> Result<Models, Vec<SourceError>> {
    let files = source::files(places, root)?;
    let (mut scope, mut errors) = (Scope::default(), Vec::new());
    for file in &files {
        source::each_item(&file.items, &mut file.module.clone(), &mut |item, module| {
            scope.add(item, &Place { file: file.name.clone(), module: module.to_vec() }, &mut errors);
        });
    }
    let models = build::models(&scope, &mut errors);
    if errors.is_empty() {
        return Ok(models);
    }
    errors.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    errors.dedup();
    Err(errors)
}

impl Models {
    /// The table of this name.
    pub fn table(&self, name: &ObjectName) -> Option<&ModelTable> {
        self.tables.iter().find(|table| table.name == *name)
    }

    /// The fields that read a column.
    pub fn fields(&self, table: &ObjectName, column: &str) -> &[Site] {
        self.table(table).and_then(|table| table.column(column)).map_or(&[], |column| &column.sites)
    }
}

impl Site {
    fn new(name: impl fmt::Display, file: &str, span: proc_macro2::Span) -> Self {
        let start = span.start();
        Site { name: name.to_string(), file: file.to_owned(), line: start.line, column: start.column + 1 }
    }

    /// `src/user.rs:12`.
    pub fn position(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    fn error(&self, message: String) -> SourceError {
        SourceError { file: self.file.clone(), line: self.line, column: self.column, message }
    }
}

impl SourceError {
    fn at(file: &str, span: proc_macro2::Span, message: &impl fmt::Display) -> Self {
        Site::new("", file, span).error(message.to_string())
    }
}

/// `src/user.rs:12:5: what is wrong`.
impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}:{}: {}", self.file, self.column, self.message),
        }
    }
}

impl std::error::Error for SourceError {}
