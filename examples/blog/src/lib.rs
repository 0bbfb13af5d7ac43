//! A blog: its structs, and the migrations that follow from them.

#![allow(missing_docs)] // names say what fields hold

mod schema;

pub use schema::{Author, Post};

use peristyle::migrate::{Migrations, migrations};

/// The database: `DATABASE_URL`, or a file in the working directory.
pub fn database_url() -> String {
    std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:blog.db".to_owned())
}

/// The migrations for the store of a URL. They are part of the program, so that it needs no files.
pub fn migrations(url: &str) -> Migrations {
    match url.starts_with("postgres") {
        true => migrations!("migrations/postgres"),
        false => migrations!("migrations/sqlite"),
    }
}
