//! `migrate new`, and how the files of migrations are named.

use crate::cli::args::New;
use crate::cli::config::RepoConfig;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::Output;
use peristyle_migration_files::{FileName, Flavor, MigrationFile, new_version, slug};
use peristyle_query::statement::Dialect;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Writes an empty migration.
pub fn run(new: &New, repo: &RepoConfig, output: Output) -> Outcome {
    let path = next_file(&repo.migrations, &new.name)?;
    // Without a URL, what both stores read is written.
    let flavor = repo.dialect().map_or(Flavor::Sqlite, flavor);
    let text = MigrationFile::template(flavor, "", "");
    let directive = if new.no_transaction { "-- migrate:no-transaction\n" } else { "" };
    write(&path, &format!("{directive}{text}"))?;
    output.say(format!("wrote {}", path.display()));
    Ok(Exit::Done)
}

/// How the SQL of a store is split into statements.
pub fn flavor(dialect: Dialect) -> Flavor {
    if dialect == Dialect::Postgres { Flavor::Postgres } else { Flavor::Sqlite }
}

/// Writes a file of a migration, and its folder if need be. A file that is there is never replaced.
pub fn write(path: &Path, text: &str) -> Outcome<()> {
    use std::io::Write;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, "made", &error))?;
    }
    let file = std::fs::File::create_new(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| Failure::file(path, "written", &error))
}

/// The file of the next migration: `<time in UTC>_<name>.sql`, after all that are in the folder.
pub fn next_file(folder: &Path, title: &str) -> Outcome<PathBuf> {
    let (version, name) = next(folder, title)?;
    Ok(folder.join(MigrationFile::file_name(version, &name)))
}

/// The version and the name of the next migration.
pub fn next(folder: &Path, title: &str) -> Outcome<(u64, String)> {
    let name = slug(title).ok_or_else(|| {
        Failure::usage(format!("{title:?} has no letter for the name of a migration")).help("as in add_posts")
    })?;
    let mut versions = Vec::new();
    for file in names(folder)? {
        // What is wrong with other files is told when they run.
        let Ok(Some(known)) = FileName::parse(&file) else { continue };
        if known.name == name {
            let there = folder.join(&file);
            let message = format!("there is a migration of this name: {}", there.display());
            return Err(Failure::new(Exit::Refused, message).help("choose another name"));
        }
        versions.push(known.version);
    }
    Ok((new_version(SystemTime::now(), versions), name))
}

fn names(folder: &Path) -> Outcome<Vec<String>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::file(folder, "read", &error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Failure::file(folder, "read", &error))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}
