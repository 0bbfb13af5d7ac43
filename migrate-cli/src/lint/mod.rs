//! What in a migration locks, breaks or loses: rules on its SQL, each with its reason and a safe recipe.
//!
//! ```
//! use peristyle_migrate::lint::{self, Context, Input};
//! use peristyle_query::statement::Dialect;
//!
//! let file = "-- migrate:up\nCREATE INDEX posts_title ON posts (title);\n-- migrate:down\nDROP INDEX posts_title;\n";
//! let input = Input::parse("migrations/20261122143000_index_posts.sql", file, Dialect::Postgres)?;
//! let findings = lint::run(&[input], &Context::new(Dialect::Postgres));
//! assert_eq!(findings[0].rule, "index-without-concurrently");
//! assert_eq!((findings[0].line, findings[0].column), (2, 1));
//! # Ok::<(), peristyle_migration_files::FileError>(())
//! ```

mod action;
#[cfg(test)]
mod examples;
mod finding;
mod fix;
mod guide;
mod input;
mod lock;
mod made;
mod models;
mod read;
mod report;
mod rule;
mod rules;
#[cfg(test)]
mod tests;

pub use finding::{Finding, Level};
pub use fix::{Edit, Fix, Fixed, FollowUp, fix};
pub use guide::{EXAMPLE_SCHEMA_POSTGRES, EXAMPLE_SCHEMA_SQLITE, explain, guide};
pub use input::{Allow, Down, Input, Script, Statement};
pub use lock::{LockLevel, TableLock, locks, locks_in, tables_made};
pub use models::{ModelField, ModelUse};
pub use report::{json, text};
pub use rule::{Config, Context, Rule};
pub use rules::{rule, rules};

use rule::Migration;

/// Checks migrations against all rules.
///
/// - `inputs`: the migrations, in order
/// - `context`: the dialect, and what is known besides the SQL
///
/// Returns what was found, in the order of files and lines.
pub fn run(inputs: &[Input], context: &Context<'_>) -> Vec<Finding> {
    let migrations: Vec<Migration<'_>> = inputs.iter().map(|input| Migration::read(input, context)).collect();
    let indexes: Vec<_> = migrations.iter().flat_map(|migration| migration.up.new_indexes()).collect();
    let indexes = indexes.into();
    migrations.into_iter().flat_map(|migration| migration.knowing(&indexes).findings()).collect()
}
