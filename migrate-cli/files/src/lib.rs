//! Reads migration files: their names, sections, directives, statements and checksums.
//!
//! A migration is a file `<version>_<name>.sql` with the sections `-- migrate:up` and `-- migrate:down`, or a pair of files
//! `<version>_<name>.up.sql` and `.down.sql`. Nothing here talks to a database: [`read_folder`] reads files, and a
//! [`Section`] tells its statements, its checksum and what would not work inside a transaction.
//!
//! ```
//! use peristyle_migration_files::{Flavor, parse};
//!
//! let text = "-- migrate:up\nCREATE TABLE t (id int);\nSELECT ';';\n-- migrate:down\nDROP TABLE t;\n";
//! let file = parse("migrations/20261122143000_create_t.sql", text)?;
//! let statements = file.up.statements(Flavor::Postgres)?;
//! assert_eq!((file.version, statements[1].text.as_str(), statements[1].line), (20261122143000, "SELECT ';'", 3));
//! # Ok::<(), peristyle_migration_files::FileError>(())
//! ```

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod checksum;
mod directive;
mod error;
mod file;
mod file_name;
mod folder;
pub mod lexer;
mod section;
mod statement;
mod template;
mod transaction;
mod version;

pub use checksum::{checksum, checksum_of};
pub use directive::{Directives, Irreversible, LintAllow};
pub use error::{FileError, SqlError};
pub use file::{MigrationFile, parse};
pub use file_name::{FileName, Part, slug};
pub use folder::{read_folder, read_texts};
pub use lexer::Flavor;
pub use section::Section;
pub use statement::{Statement, statements};
pub use transaction::Hindrance;
pub use version::new_version;
