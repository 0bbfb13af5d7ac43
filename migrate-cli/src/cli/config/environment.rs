//! Variables of the environment, and the file `.env`.

use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Outcome};
use std::path::Path;

/// Reads `.env` in a folder, if it is there. What the environment has already stays.
pub(super) fn read_dotenv(folder: &Path) -> Outcome<()> {
    let path = folder.join(".env");
    if !path.is_file() {
        return Ok(());
    }
    match dotenvy::from_path(&path) {
        Ok(()) => Ok(()),
        // The line may hold a password: its number says enough.
        Err(dotenvy::Error::LineParse(line, _)) => {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let number = text.lines().position(|candidate| candidate.trim() == line.trim());
            let place = number.map_or_else(String::new, |index| format!(":{}", index + 1));
            Err(Failure::new(Exit::Configuration, format!("{}{place} is not of the form NAME=value", path.display()))
                .help("a value with blanks, # or $ stands in single quotes: NAME='a b'"))
        }
        Err(dotenvy::Error::Io(error)) => Err(Failure::file(&path, "read", &error)),
        Err(error) => Err(Failure::new(Exit::Configuration, format!("{} cannot be read: {error}", path.display()))),
    }
}

/// A variable that is set and not empty.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Why a text could not be expanded.
#[derive(Debug)]
pub(super) struct Missing {
    pub message: String,
    pub help: String,
}

/// Puts the values of variables for `${NAME}` and `${NAME:-default}`.
pub(super) fn expand(text: &str) -> Result<String, Missing> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        expanded += before;
        let Some((inside, after)) = after.split_once('}') else {
            return Err(Missing { message: "`${` without `}`".to_owned(), help: "write ${NAME}".to_owned() });
        };
        let (name, default) = match inside.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inside, None),
        };
        match (variable(name), default) {
            (Some(value), _) => expanded += &value,
            (None, Some(default)) => expanded += default,
            (None, None) => {
                return Err(Missing {
                    message: format!("the variable {name} is not set"),
                    help: format!("set {name} in the environment or in the file .env, or give --database-url"),
                });
            }
        }
        rest = after;
    }
    Ok(expanded + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_expanded_and_missing_ones_are_named() {
        let home = std::env::var("PATH").unwrap();
        assert_eq!(expand("a${PATH}b").unwrap(), format!("a{home}b"));
        assert_eq!(expand("${PERISTYLE_NONE:-x}$").unwrap(), "x$");
        assert!(expand("${PERISTYLE_NONE}").unwrap_err().message.contains("PERISTYLE_NONE"));
        assert!(expand("${PATH").unwrap_err().message.contains("without"));
    }
}
