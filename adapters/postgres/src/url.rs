//! The URL of a database: the driver's part, and the options of ours that stand in it.

use crate::options::Settings;
use sqlx::postgres::PgConnectOptions;
use std::str::FromStr;
use std::time::Duration;

/// The parameters that the driver understands; `options[..]` besides.
const DRIVERS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "statement-cache-capacity",
];

/// Reads a URL. The message of a mistake never shows the URL, which may hold a password.
pub(crate) fn parse(url: &str) -> Result<Settings, String> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(
            "the URL does not begin with postgres:// (as in postgres://user:password@localhost:5432/app)".into()
        );
    }
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut drivers, mut own) = (Vec::new(), Vec::new());
    let mut names_user = base.contains('@') || is_set("PGUSER");
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if DRIVERS.contains(&name) || name.starts_with("options[") || name.starts_with("options%5B") {
            names_user |= name == "user";
            drivers.push(parameter.to_owned());
        } else {
            own.push((name, value));
        }
    }
    if !names_user {
        drivers.push(format!("user={}", percent_encoded(&system_user()?)));
    }
    let mut url = base.to_owned();
    if !drivers.is_empty() {
        url = format!("{url}?{}", drivers.join("&"));
    }
    let connect = PgConnectOptions::from_str(&url).map_err(|error| match error {
        sqlx::Error::Configuration(error) => format!("the URL cannot be read: {error}"),
        other => format!("the URL cannot be read: {other}"),
    })?;
    let mut settings = Settings::new(connect);
    // `pgbouncer` changes what `prepared` is by default, so it goes first.
    own.sort_by_key(|(name, _)| *name != "pgbouncer");
    for (name, value) in own {
        apply(&mut settings, name, value)?;
    }
    Ok(settings)
}

/// The user of the operating system, as other clients of Postgres take it where nobody names one.
fn system_user() -> Result<String, String> {
    let variable = ["USER", "LOGNAME", "USERNAME"].into_iter().find(|variable| is_set(variable));
    variable.and_then(|variable| std::env::var(variable).ok()).ok_or_else(|| {
        "the URL names no user, and neither do PGUSER and USER: write postgres://user@host/database".into()
    })
}

fn is_set(variable: &str) -> bool {
    std::env::var(variable).is_ok_and(|value| !value.is_empty())
}

fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b if b.is_ascii_alphanumeric() || b"-_.".contains(&b) => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(encode).collect()
}

fn apply(settings: &mut Settings, name: &str, value: &str) -> Result<(), String> {
    match name {
        "pool_size" => settings.pool_size = number(name, value)?,
        "acquire_timeout" => settings.acquire_timeout = seconds(name, value)?,
        "connect_timeout" => settings.connect_timeout = seconds(name, value)?,
        "idle_check" => settings.idle_check = seconds(name, value)?,
        "statement_cache" => settings.statement_cache = number(name, value)?,
        "prepared" => settings.prepared = switch(name, value)?,
        "pgbouncer" => {
            settings.pooler = switch(name, value)?;
            settings.prepared &= !settings.pooler;
        }
        unknown if unknown.contains(['@', ':', '/']) => {
            return Err(
                "the URL has a `?` or a `&` before its end: in a name or a password write %3F and %26".to_owned()
            );
        }
        unknown => {
            return Err(format!(
                "the URL has an unknown parameter {unknown:?}; remove it. Known are pool_size, acquire_timeout, \
                 connect_timeout, idle_check, statement_cache, prepared, pgbouncer, {} and options[..]",
                DRIVERS.join(", ")
            ));
        }
    }
    Ok(())
}

fn number(name: &str, value: &str) -> Result<usize, String> {
    value.parse().map_err(|_| format!("{name}={value} in the URL is not a number"))
}

fn seconds(name: &str, value: &str) -> Result<Duration, String> {
    let seconds: f64 = value.parse().map_err(|_| format!("{name}={value} in the URL is not a number of seconds"))?;
    Duration::try_from_secs_f64(seconds).map_err(|_| format!("{name}={value} in the URL is not a number of seconds"))
}

fn switch(name: &str, value: &str) -> Result<bool, String> {
    value.parse().map_err(|_| format!("{name}={value} in the URL is neither true nor false"))
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

    #[test]
    fn options_of_the_pool_stand_in_the_url_beside_the_drivers() {
        let settings =
            parse("postgres://u:p@h:1/d?pool_size=3&sslmode=disable&acquire_timeout=0.5&pgbouncer=true").unwrap();
        assert_eq!((settings.pool_size, settings.acquire_timeout), (3, Duration::from_millis(500)));
        assert!(settings.pooler && !settings.prepared);
        assert_eq!(settings.server(), "database \"d\" as \"u\" on h:1");
    }

    #[test]
    fn a_url_without_a_user_means_that_of_the_system() {
        let named = |url: &str| parse(url).map(|settings| settings.connect.get_username().to_owned());
        assert_eq!(named("postgres://ann@localhost/app").as_deref(), Ok("ann"));
        assert_eq!(named("postgres://localhost/app?user=bob").as_deref(), Ok("bob"));
        match ["PGUSER", "USER", "LOGNAME", "USERNAME"].into_iter().find(|variable| is_set(variable)) {
            Some(variable) => assert_eq!(named("postgres://localhost/app"), Ok(std::env::var(variable).unwrap())),
            None => assert!(mistake("postgres://localhost/app").contains("names no user")),
        }
    }

    #[test]
    fn a_users_name_may_have_any_character() {
        assert_eq!(percent_encoded("a-b_c.d"), "a-b_c.d");
        assert_eq!(percent_encoded("ö &"), "%C3%B6%20%26");
    }

    #[test]
    fn a_mistake_in_a_url_is_named_without_the_password() {
        assert!(mistake("mysql://h/d").contains("postgres://"));
        assert!(mistake("postgres://u:hunter2@h/d?poolsize=3").contains("unknown parameter \"poolsize\""));
        assert!(mistake("postgres://u:hunter2@h/d?pool_size=many").contains("pool_size=many"));
        for url in [
            "postgres://u:p?hunter2@h/d",
            "postgres://u:p?a=1&hunter2@h/d",
            "postgres://u:hunter2@h:99999999/d",
            "postgres://u:hunter2@[/d",
            "postgres://u:hunter2@h/d?x=1",
        ] {
            assert!(!mistake(url).contains("hunter2"), "{url}");
        }
    }
}
