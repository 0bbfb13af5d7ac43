//! `migrate new`, and how the files of migrations are named.

use crate::cli::args::New;
use crate::cli::config::RepoConfig;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::Output;
use std::path::{Path, PathBuf};

/// Writes an empty migration.
pub fn run(new: &New, repo: &RepoConfig, output: Output) -> Outcome {
    let name = snake_case(&new.name)?;
    let path = next_file(&repo.migrations, &name)?;
    let directive = if new.no_transaction { "-- migrate:no-transaction\n" } else { "" };
    write(&path, &format!("{directive}-- migrate:up\n\n-- migrate:down\n"))?;
    output.say(format!("wrote {}", path.display()));
    Ok(Exit::Done)
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
pub fn next_file(folder: &Path, name: &str) -> Outcome<PathBuf> {
    let now = chrono::Utc::now().format("%Y%m%d%H%M%S").to_string().parse::<u64>().unwrap_or_default();
    let mut last = 0;
    for file in names(folder)? {
        let Some((version, rest)) = file.split_once('_') else { continue };
        let Ok(version) = version.parse::<u64>() else { continue };
        if [format!("{name}.sql"), format!("{name}.up.sql")].contains(&rest.to_owned()) {
            return Err(Failure::new(
                Exit::Refused,
                format!("there is a migration of this name: {}", folder.join(&file).display()),
            )
            .help("choose another name"));
        }
        last = last.max(version);
    }
    let version = now.max(last + 1);
    Ok(folder.join(format!("{version:014}_{name}.sql")))
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

/// The name of a migration in the form of file names: `AddPosts` and `add-posts` are `add_posts`.
pub fn snake_case(name: &str) -> Outcome<String> {
    let mut snake = String::new();
    for character in name.trim().chars() {
        match character {
            'a'..='z' | '0'..='9' => snake.push(character),
            'A'..='Z' => {
                if snake.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()) {
                    snake.push('_');
                }
                snake.push(character.to_ascii_lowercase());
            }
            '_' | '-' | ' ' => snake.push('_'),
            other => {
                return Err(Failure::usage(format!("the name of a migration cannot have {other:?}"))
                    .help("use letters, digits and _, as in add_posts"));
            }
        }
    }
    match snake.trim_matches('_') {
        "" => Err(Failure::usage("the name of a migration cannot be empty").help("as in add_posts")),
        name => Ok(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_with_underscores() {
        for name in ["add_posts", "AddPosts", "add posts", "add-posts", " add_posts_ "] {
            assert_eq!(snake_case(name).unwrap(), "add_posts");
        }
        assert!(snake_case("../x").is_err() && snake_case("--").is_err());
    }
}
