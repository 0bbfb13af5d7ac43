//! URLs of databases: what they name, and how they are shown.

use super::exit::Exit;
use super::failure::Failure;
use peristyle_query::statement::Dialect;
use std::path::{Path, PathBuf};
use url::Url;

/// The URL of a database.
#[derive(Clone)]
pub struct DatabaseUrl {
    text: String,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Memory,
    File(PathBuf),
    Postgres(Box<Url>),
}

impl DatabaseUrl {
    /// Reads a URL.
    ///
    /// # Errors
    ///
    /// A [`Failure`] that says what to write, without showing a password.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let wrong = |message: String| {
            Failure::new(Exit::Configuration, message)
                .help("write sqlite:app.db or postgres://user:password@localhost:5432/app")
        };
        // Otherwise the rest of a password is taken for a part that is shown.
        let encoding = "in a user or a password, @ is written %40, / %2F, ? %3F, # %23, : %3A and % %25";
        let kind = match text.split_once(':') {
            Some(("sqlite", rest)) => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                let (path, parameters) = path.split_once('?').unwrap_or((path, ""));
                match path {
                    "" => return Err(wrong("the URL of the database names no file".to_owned())),
                    ":memory:" => Kind::Memory,
                    // Only a URL with parameters is percent-encoded.
                    path if parameters.is_empty() => Kind::File(PathBuf::from(path)),
                    path => Kind::File(PathBuf::from(decoded(path))),
                }
            }
            Some(("postgres" | "postgresql", _)) => match Url::parse(text) {
                Ok(url) if url.cannot_be_a_base() => {
                    return Err(wrong("the URL of the database does not begin with postgres://".to_owned()));
                }
                Ok(url) if is_cut(&url) => {
                    let message = "the URL of the database has a character in a wrong place: @, # or ?";
                    return Err(wrong(message.to_owned()).help(encoding));
                }
                Ok(url) => Kind::Postgres(Box::new(url)),
                Err(error) => {
                    return Err(wrong(format!("the URL of the database cannot be read: {error}")).help(encoding));
                }
            },
            Some(("redis" | "rediss" | "redis+cluster" | "rediss+cluster", _)) => {
                return Err(Failure::new(Exit::Configuration, "Redis has no migrations, and no SQL")
                    .help("for `peristyle reindex`, name it as redis_url in peristyle.toml, or with --url"));
            }
            Some((scheme, _)) if scheme.chars().all(|c| c.is_ascii_alphanumeric()) => {
                return Err(wrong(format!("no store has the scheme `{scheme}`")));
            }
            _ => return Err(wrong("the URL of the database has no scheme".to_owned())),
        };
        Ok(DatabaseUrl { text: text.to_owned(), kind })
    }

    /// The whole URL, to connect with. It may hold a password.
    pub fn secret(&self) -> &str {
        &self.text
    }

    /// The SQL that the database speaks.
    pub fn dialect(&self) -> Dialect {
        match self.kind {
            Kind::Memory | Kind::File(_) => Dialect::Sqlite,
            Kind::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Whether the database lives in memory only.
    pub fn is_memory(&self) -> bool {
        matches!(self.kind, Kind::Memory)
    }

    /// The file of a SQLite database.
    pub fn file(&self) -> Option<&PathBuf> {
        match &self.kind {
            Kind::File(path) => Some(path),
            _ => None,
        }
    }

    /// The URL with its file, if that is relative, seen from a folder.
    pub fn relative_to(self, folder: &Path) -> DatabaseUrl {
        let Kind::File(path) = &self.kind else { return self };
        if folder.as_os_str().is_empty() || path.is_absolute() {
            return self;
        }
        let path = folder.join(path);
        let text = match self.text.split_once('?') {
            Some((_, parameters)) => {
                let parts: Vec<String> = path.iter().map(|part| encoded(&part.to_string_lossy())).collect();
                format!("sqlite:{}?{parameters}", parts.join("/"))
            }
            None => format!("sqlite:{}", path.display()),
        };
        DatabaseUrl { text, kind: Kind::File(path) }
    }

    /// The name of the database: that of the file, for SQLite.
    pub fn name(&self) -> String {
        match &self.kind {
            Kind::Memory => ":memory:".to_owned(),
            Kind::File(path) => path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            Kind::Postgres(url) => {
                let parameter = url.query_pairs().find(|(name, _)| name == "dbname").map(|(_, value)| value);
                let path = decoded(url.path().trim_start_matches('/'));
                match parameter {
                    Some(name) => name.into_owned(),
                    None if path.is_empty() => decoded(url.username()),
                    None => path,
                }
            }
        }
    }

    /// The server and the database, without what says how to connect: equal for URLs of one database.
    pub fn place(&self) -> String {
        match &self.kind {
            Kind::Memory => self.name(),
            Kind::File(path) => std::path::absolute(path).as_deref().unwrap_or(path).display().to_string(),
            Kind::Postgres(url) => {
                let named = |key: &str| url.query_pairs().find(|(name, _)| name == key).map(|(_, value)| value);
                let host = named("host").map_or_else(|| url.host_str().unwrap_or_default().to_owned(), Into::into);
                let port = named("port").map_or_else(|| url.port().unwrap_or(5432).to_string(), Into::into);
                format!("{host}:{port}/{}", self.name())
            }
        }
    }

    /// The same server, another database. Of a SQLite URL, nothing changes.
    pub fn with_database(&self, name: &str) -> DatabaseUrl {
        let Kind::Postgres(url) = &self.kind else { return self.clone() };
        let mut url = url.clone();
        // As they are written: a blank is %20 for Postgres, and + is a plus.
        let kept: Vec<&str> = parameters(&url).filter(|(name, _)| name != "dbname").map(|(_, pair)| pair).collect();
        let query = kept.join("&");
        url.set_query((!query.is_empty()).then_some(&query));
        url.set_path(&encoded(name));
        DatabaseUrl { text: url.to_string(), kind: Kind::Postgres(url) }
    }
}

/// The URL without its password.
impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Kind::Postgres(url) = &self.kind else { return f.write_str(&self.text) };
        let mut url = url.clone();
        if url.password().is_some() {
            let _ = url.set_password(Some("***"));
        }
        let shown: Vec<String> = parameters(&url)
            .map(|(name, pair)| match name.to_lowercase().contains("pass") {
                true => format!("{name}=***"),
                false => pair.to_owned(),
            })
            .collect();
        if !shown.is_empty() {
            url.set_query(Some(&shown.join("&")));
        }
        f.write_str(url.as_str())
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// Whether a character that should have been encoded ended the user or the password too early.
fn is_cut(url: &Url) -> bool {
    let without_value = |query: &str| query.split('&').any(|pair| !pair.is_empty() && !pair.contains('='));
    url.path().contains('@') || url.fragment().is_some() || url.query().is_some_and(without_value)
}

/// The parameters of a URL: the name of each, and how the whole is written.
fn parameters(url: &Url) -> impl Iterator<Item = (String, &str)> {
    let pairs = url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| (decoded(pair.split_once('=').map_or(pair, |(name, _)| name)), pair))
}

fn decoded(text: &str) -> String {
    // A plus is a plus in a path.
    let pair = format!("x={}", text.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map_or_else(String::new, |(_, value)| value.into_owned())
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> DatabaseUrl {
        DatabaseUrl::parse(text).unwrap()
    }

    #[test]
    fn a_password_is_never_shown() {
        for text in [
            "postgres://ann:hunter2@db:5432/app",
            "postgres://ann:x@hunter2@db:5432/app",
            "postgres://db/app?user=ann&password=hunter2",
            "postgres://db/app?user=ann&pass%77ord=hunter2",
            "postgres://db/app?user=ann&PASSWORD=hunter2&sslpassword=hunter2",
        ] {
            let shown = format!("{0} {0:?}", url(text));
            assert!(!shown.contains("hunter2") && shown.contains("***"), "{shown}");
        }
        for text in [
            "postgres://ann:hunter2@db:port/app",
            "mysql://ann:hunter2@db/app",
            "hunter2",
            "postgres:ann:hunter2@db/app",
            // A slash, a hash or a question mark in the password, after what could be a port.
            "postgres://ann:12/hunter2@db/app",
            "postgres://ann:12#hunter2@db/app",
            "postgres://ann:12?hunter2@db/app",
        ] {
            let failure = DatabaseUrl::parse(text).unwrap_err();
            assert!(!failure.render(false).contains("hunter2"), "{}", failure.render(false));
        }
    }

    #[test]
    fn the_database_of_a_url_has_a_name_and_can_be_another() {
        assert_eq!(url("postgres://localhost/app").name(), "app");
        assert_eq!(url("postgres://ann@localhost").name(), "ann");
        assert_eq!(url("postgres://localhost/app?dbname=b%20c&sslmode=disable").name(), "b c");
        let other = url("postgres://localhost/app?dbname=b&sslmode=disable").with_database("my app");
        assert_eq!(other.secret(), "postgres://localhost/my%20app?sslmode=disable");
        assert_eq!(other.name(), "my app");
        // The parameters stay as they are written: Postgres reads + as a plus.
        let other = url("postgres://db/app?options=-c%20work_mem%3D1MB&db%6Eame=b&application_name=a+b");
        assert_eq!(other.name(), "b");
        assert_eq!(
            other.with_database("c").secret(),
            "postgres://db/c?options=-c%20work_mem%3D1MB&application_name=a+b"
        );
        assert_eq!(url("sqlite:data/app.db").name(), "app.db");
        assert_eq!(url("sqlite:a%20b.db?mode=rw").file().unwrap().to_str(), Some("a b.db"));
        assert!(url("sqlite::memory:").is_memory());
    }
}
