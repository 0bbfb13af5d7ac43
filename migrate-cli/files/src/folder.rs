use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::error::{FileError, position};
use crate::file::{MigrationFile, pair, whole};
use crate::file_name::{FileName, Part};

/// Reads all migrations of a folder, in the order of their versions. Other files and folders in it are left alone.
///
/// # Errors
///
/// All that is wrong with the files, at once: what [`read_texts`] refuses, a file that cannot be read or is not UTF-8, and a
/// folder that does not exist.
pub fn read_folder(folder: &Path) -> Result<Vec<MigrationFile>, Vec<FileError>> {
    let unreadable =
        |path: &Path, error: std::io::Error| FileError::whole(path.display().to_string(), error.to_string());
    let entries = fs::read_dir(folder).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            let message = "there is no such folder: create it, or name the one that holds the migrations";
            vec![FileError::whole(folder.display().to_string(), message)]
        }
        _ => vec![unreadable(folder, error)],
    })?;
    let mut texts = Vec::new();
    let mut errors = Vec::new();
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                errors.push(unreadable(folder, error));
                continue;
            }
        };
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if matches!(FileName::parse(&name), Ok(None)) || path.is_dir() {
            continue;
        }
        match fs::read(&path) {
            Ok(bytes) => match text(bytes) {
                Ok(text) => texts.push((path.display().to_string(), text)),
                Err((line, column)) => {
                    let message = "not UTF-8 from here on: save the file as UTF-8";
                    errors.push(FileError::at(&path.display().to_string(), line, column, message));
                }
            },
            Err(error) => errors.push(unreadable(&path, error)),
        }
    }
    match read_texts(texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))) {
        Ok(files) if errors.is_empty() => Ok(files),
        Ok(_) => Err(errors),
        Err(more) => {
            errors.extend(more);
            errors.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
            Err(errors)
        }
    }
}

fn text(bytes: Vec<u8>) -> Result<String, (usize, usize)> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..valid]);
        position(&before, before.len())
    })
}

/// Reads all migrations of a list of files, each a path and a text, in the order of their versions.
///
/// # Errors
///
/// All that is wrong, at once: what [`parse`](crate::parse) refuses, SQL files that are not named as migrations, two
/// migrations of one version or name, and a `.down.sql` without its `.up.sql`.
pub fn read_texts<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<MigrationFile>, Vec<FileError>> {
    let mut files: Vec<(&str, &str)> = files.into_iter().collect();
    files.sort_unstable();
    let mut errors = Vec::new();
    let mut versions: BTreeMap<u64, Vec<(FileName, &str, &str)>> = BTreeMap::new();
    for (path, text) in files {
        match FileName::parse(path) {
            Ok(Some(name)) => versions.entry(name.version).or_default().push((name, path, text)),
            Ok(None) => {}
            Err(message) => errors.push(FileError::whole(path, message)),
        }
    }
    let mut found: Vec<MigrationFile> = Vec::new();
    for (version, files) in versions {
        let migration = match files.as_slice() {
            [(name, path, text)] => match name.part {
                Part::Whole => whole(path, text, version, name.name.clone()),
                Part::Up => pair(version, name.name.clone(), (path, text), None),
                Part::Down => {
                    let message = "a way down alone: it needs the .up.sql of the same name beside it";
                    Err(FileError::whole(*path, message))
                }
            },
            // Sorted by path: `.down.sql` stands before `.up.sql`.
            [(down, down_path, down_text), (up, up_path, up_text)]
                if (down.part, up.part) == (Part::Down, Part::Up) && down.name == up.name =>
            {
                pair(version, up.name.clone(), (up_path, up_text), Some((down_path, down_text)))
            }
            [(_, first, _), (_, second, _), ..] => {
                let message = format!("the same version as {first}: give one of them another, {version} is taken");
                Err(FileError::whole(*second, message))
            }
            [] => continue,
        };
        match migration {
            Ok(migration) => found.push(migration),
            Err(error) => errors.push(error),
        }
    }
    let mut names: BTreeMap<&str, &MigrationFile> = BTreeMap::new();
    for migration in &found {
        if let Some(first) = names.insert(&migration.name, migration) {
            let message = format!("the same name as {}: rename one of them", first.up.path);
            errors.push(FileError::whole(&migration.up.path, message));
        }
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}
