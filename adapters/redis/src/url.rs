//! The URL of a server or of a cluster.

use crate::node::{Address, Login};
use crate::options::{Servers, Settings};
use std::time::Duration;

/// The port where the URL names none.
const PORT: u16 = 6379;

/// The forms of a URL, for messages.
const FORMS: &str =
    "write redis://user:password@host:6379/0, or redis+cluster://host:7001,host:7002 for a Redis Cluster";

/// Reads a URL. The message of a mistake never shows the URL, which may hold a password.
pub(crate) fn parse(url: &str) -> Result<Settings, String> {
    let (scheme, rest) = url.split_once("://").ok_or_else(|| format!("the URL has no \"://\": {FORMS}"))?;
    let (tls, cluster) = match scheme {
        "redis" => (false, false),
        "rediss" => (true, false),
        "redis+cluster" => (false, true),
        "rediss+cluster" => (true, true),
        _ => return Err(format!("the URL has the scheme {scheme:?}, which is not Redis's: {FORMS}")),
    };
    if tls && !cfg!(any(feature = "tls-native-tls", feature = "tls-rustls-ring", feature = "tls-rustls-aws-lc-rs")) {
        return Err(format!(
            "{scheme}:// is TLS, and this build has none: add one of the features tls-rustls-ring, tls-rustls-aws-lc-rs and \
             tls-native-tls to peristyle in Cargo.toml"
        ));
    }
    if rest.contains('#') {
        return Err("the URL has a `#`: in a user or a password write %23".to_owned());
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    // A password may have an unescaped `/` only behind this, and `@` nowhere else.
    let (credentials, place) = match rest.rsplit_once('@') {
        Some((credentials, place)) => (Some(credentials), place),
        None => (None, rest),
    };
    let (hosts, database) = place.split_once('/').unwrap_or((place, ""));
    let (username, password) =
        match credentials.map(|credentials| credentials.split_once(':').unwrap_or((credentials, ""))) {
            Some((username, password)) => (decoded(username)?, decoded(password)?),
            None => (None, None),
        };
    let mut login = Login {
        tls,
        username,
        password,
        database: number(database)?,
        connect_timeout: Duration::from_secs(5),
        response_timeout: Duration::from_secs(10),
    };
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        match parameter.split_once('=').unwrap_or((parameter, "")) {
            ("connect_timeout", value) => login.connect_timeout = seconds("connect_timeout", value)?,
            ("response_timeout", value) => login.response_timeout = seconds("response_timeout", value)?,
            (unknown, _) if unknown.contains(['@', ':', '/']) => {
                return Err(
                    "the URL has a `?` or a `&` before its end: in a user or a password write %3F and %26".to_owned()
                );
            }
            (unknown, _) => {
                return Err(format!(
                    "the URL has an unknown parameter {unknown:?}; remove it. Known are connect_timeout and response_timeout, in seconds"
                ));
            }
        }
    }
    let mut addresses = hosts.split(',').map(address).collect::<Result<Vec<_>, _>>()?;
    let servers = match (cluster, addresses.len()) {
        (true, _) if login.database != 0 => {
            return Err("a Redis Cluster has no databases but 0: leave the number out of the URL".to_owned());
        }
        (true, _) => Servers::Cluster(addresses),
        (false, 1) => Servers::One(addresses.remove(0)),
        (false, _) => return Err("the URL names several servers: a Redis Cluster is redis+cluster://".to_owned()),
    };
    Ok(Settings { servers, login })
}

fn address(text: &str) -> Result<Address, String> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or("a host of the URL begins with `[` and has no `]`")?;
            (host, rest.strip_prefix(':'))
        }
        None => match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    if host.is_empty() {
        return Err(format!("the URL names no host: {FORMS}"));
    }
    // What is shown here is behind the last `@`, and so no password.
    let port = match port {
        Some(port) => {
            port.parse().map_err(|_| format!("the port of {host:?} in the URL is not a number up to 65535"))?
        }
        None => PORT,
    };
    Ok(Address { host: host.to_owned(), port })
}

fn number(database: &str) -> Result<i64, String> {
    if database.is_empty() {
        return Ok(0);
    }
    let number = database.parse::<u32>().map(i64::from);
    number.map_err(|_| {
        "what follows the `/` in the URL is the number of a database, such as 0; in a password write %2F".to_owned()
    })
}

fn seconds(name: &str, value: &str) -> Result<Duration, String> {
    let mistake = || format!("{name}={value} in the URL is not a number of seconds");
    let seconds: f64 = value.parse().map_err(|_| mistake())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| mistake())
}

/// A text that is percent-encoded; `None` if it is empty.
fn decoded(text: &str) -> Result<Option<String>, String> {
    let mistake = || "the user or the password in the URL has a `%` that begins no code: write %25 for it".to_owned();
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
                let (high, low) = (digit().ok_or_else(mistake)?, digit().ok_or_else(mistake)?);
                u8::try_from(high * 16 + low).map_err(|_| mistake())?
            }
            byte => byte,
        });
    }
    let text = String::from_utf8(bytes).map_err(|_| "the user or the password in the URL is not UTF-8".to_owned())?;
    Ok((!text.is_empty()).then_some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(url: &str) -> String {
        match parse(url) {
            Err(message) => message,
            Ok(_) => panic!("{url} was accepted"),
        }
    }

    fn at(host: &str, port: u16) -> Address {
        Address { host: host.to_owned(), port }
    }

    #[test]
    fn a_url_names_a_server_a_user_and_a_database() {
        let settings = parse("redis://ann:p%40ss%2F@h:7000/3?response_timeout=0.5").unwrap();
        assert_eq!(settings.servers, Servers::One(at("h", 7000)));
        assert_eq!(settings.login.username.as_deref(), Some("ann"));
        assert_eq!(settings.login.password.as_deref(), Some("p@ss/"));
        assert_eq!((settings.login.database, settings.login.response_timeout), (3, Duration::from_millis(500)));
        let settings = parse("redis://:secret@[::1]").unwrap();
        assert_eq!(settings.servers, Servers::One(at("::1", PORT)));
        assert_eq!((settings.login.username, settings.login.password.as_deref()), (None, Some("secret")));
    }

    #[test]
    fn a_url_names_servers_of_a_cluster() {
        let settings = parse("redis+cluster://a:1,b").unwrap();
        assert_eq!(settings.servers, Servers::Cluster(vec![at("a", 1), at("b", PORT)]));
        assert!(mistake("redis+cluster://a:1/2").contains("no databases but 0"));
        assert!(mistake("redis://a:1,b:2").contains("redis+cluster://"));
    }

    #[test]
    fn a_mistake_in_a_url_is_named_without_the_password() {
        assert!(mistake("http://h").contains("redis://"));
        assert!(mistake("redis:h").contains("://"));
        assert!(mistake("redis://").contains("names no host"));
        assert!(mistake("redis://h/app").contains("number of a database"));
        assert!(mistake("redis://h?db=3").contains("unknown parameter \"db\""));
        assert!(mistake("redis://h?connect_timeout=soon").contains("connect_timeout=soon"));
        for url in [
            "redis://u:hunter2@h:99999999",
            "redis://u:hunter2@[h",
            "redis://u:hunter2@h/x",
            "redis://u:%hunter2@h",
            "redis://u:p?hunter2@h",
            "redis://u:p?a&hunter2@h",
            "redis://u:p/hunter2@h:x",
            "redis://u:p#hunter2@h",
            "redis://u:hunter2@h?x=1",
        ] {
            assert!(!mistake(url).contains("hunter2"), "{url}");
        }
    }

    #[cfg(not(any(feature = "tls-native-tls", feature = "tls-rustls-ring", feature = "tls-rustls-aws-lc-rs")))]
    #[test]
    fn tls_without_a_feature_for_it_says_which_to_add() {
        assert!(mistake("rediss://h").contains("tls-rustls-ring"));
        assert!(mistake("rediss+cluster://h").contains("tls-rustls-ring"));
    }
}
