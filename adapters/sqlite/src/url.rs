//! URLs of databases: `sqlite:app.db`, `sqlite:///var/lib/app.db?mode=ro`, `sqlite::memory:`.

use crate::options::Mode;
use std::path::PathBuf;

/// What a URL says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Location {
    /// The file; `None` for a database in memory.
    pub(crate) path: Option<PathBuf>,
    /// The `mode` parameter.
    pub(crate) mode: Option<Mode>,
}

/// Reads a URL. The error says what to write.
pub(crate) fn parse(url: &str) -> Result<Location, String> {
    const FORMS: &str = "write sqlite:app.db, sqlite:///path/to/app.db or sqlite::memory:";
    let Some(rest) = url.strip_prefix("sqlite:") else {
        return Err(format!("the URL does not begin with \"sqlite:\"; {FORMS}"));
    };
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (path, query) = match rest.split_once('?') {
        // Only a URL with parameters is one throughout; a plain path may have % in its name.
        Some((path, query)) => (percent_decode(path)?, query),
        None => (rest.to_owned(), ""),
    };
    let mut mode = None;
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        mode = Some(match parameter {
            "mode=ro" => Mode::ReadOnly,
            "mode=rw" => Mode::ReadWrite,
            "mode=rwc" => Mode::Create,
            _ => {
                return Err(format!(
                    "unknown parameter {parameter:?}; there are mode=ro (read only), mode=rw (the file must exist) and mode=rwc"
                ));
            }
        });
    }
    match path.as_str() {
        "" => Err(format!("the URL names no file; {FORMS}")),
        ":memory:" if mode == Some(Mode::ReadOnly) => {
            Err("a database in memory cannot be opened with mode=ro: it would stay empty".to_owned())
        }
        ":memory:" => Ok(Location { path: None, mode }),
        path => Ok(Location { path: Some(PathBuf::from(path)), mode }),
    }
}

fn percent_decode(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = tail.first_chunk::<2>().and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit())) {
            Some(digits) => bytes.push(u8::from_str_radix(digits, 16).unwrap_or_default()),
            None => return Err(format!("{text:?} has a % without two hexadecimal digits: write %25 for %")),
        }
        rest = &tail[2..];
    }
    String::from_utf8(bytes).map_err(|_| format!("{text:?} does not decode to UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(url: &str) -> String {
        parse(url).unwrap().path.unwrap().display().to_string()
    }

    #[test]
    fn urls_name_relative_and_absolute_files_and_memory() {
        assert_eq!(path("sqlite:app.db"), "app.db");
        assert_eq!(path("sqlite://data/app.db"), "data/app.db");
        assert_eq!(path("sqlite:///var/app.db"), "/var/app.db");
        assert_eq!(path("sqlite:/var/app.db"), "/var/app.db");
        assert_eq!(parse("sqlite::memory:").unwrap(), Location { path: None, mode: None });
        assert_eq!(parse("sqlite://:memory:").unwrap().path, None);
    }

    #[test]
    fn a_path_is_percent_decoded_only_before_parameters() {
        assert_eq!(path("sqlite:100%25.db"), "100%25.db");
        assert_eq!(path("sqlite:a%20b%3F.db?mode=rw"), "a b?.db");
        assert_eq!(parse("sqlite:a.db?mode=ro").unwrap().mode, Some(Mode::ReadOnly));
        assert_eq!(parse("sqlite:a.db?mode=rwc").unwrap().mode, Some(Mode::Create));
        for url in ["sqlite:50%?mode=rw", "sqlite:%+1?mode=rw", "sqlite:%ff?mode=rw"] {
            assert!(parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_wrong_url_is_refused_with_what_to_write() {
        assert!(parse("postgres://x").unwrap_err().contains("sqlite:app.db"));
        assert!(parse("sqlite:").unwrap_err().contains("names no file"));
        assert!(parse("sqlite:a.db?cache=shared").unwrap_err().contains("mode=ro"));
        assert!(parse("sqlite::memory:?mode=ro").unwrap_err().contains("empty"));
    }
}
