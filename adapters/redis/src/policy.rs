//! What a server's settings mean for what is kept in it.

use crate::connection::Link;
use crate::error::connect_error;
use crate::node::Address;
use peristyle_query::error::Error;
use redis::Value;
use std::fmt;

/// What is said of a server's settings when a repo connects, without refusing it. See
/// [`RedisOptions::on_warning`](crate::RedisOptions::on_warning).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedisWarning {
    /// The server does not say what it does when its memory is full: neither INFO nor CONFIG may be read.
    UnknownPolicy {
        /// The server.
        server: String,
    },
    /// When its memory is full, the server throws rows away that have a time to live, before that time.
    EvictsExpiring {
        /// The server.
        server: String,
        /// Its `maxmemory-policy`.
        policy: String,
    },
}

impl fmt::Display for RedisWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RedisWarning::UnknownPolicy { server } => write!(
                f,
                "redis at {server} says neither in INFO nor in CONFIG GET what its maxmemory-policy is: make sure that it is \
                 noeviction, since any other throws away what indexes need"
            ),
            RedisWarning::EvictsExpiring { server, policy } => write!(
                f,
                "redis at {server} has maxmemory-policy {policy}: when its memory is full, rows with a time to live go before that \
                 time; set maxmemory-policy noeviction to keep them"
            ),
        }
    }
}

/// What a server says of its memory.
#[derive(Debug, Default, PartialEq, Eq)]
struct Memory {
    policy: Option<String>,
    /// In bytes; 0 is without a limit.
    limit: Option<u64>,
}

/// Looks at the settings of all primaries.
///
/// # Errors
///
/// [`Error::Connect`] if one is a node of a cluster and the link is none to it, or may throw away any key.
pub(crate) async fn check(link: &Link) -> Result<Vec<RedisWarning>, Error> {
    let info = link.each_primary(redis::cmd("INFO")).await;
    let mut config = Vec::new();
    if info.iter().any(|(_, answer)| Memory::of_info(answer).policy.is_none()) {
        let mut command = redis::cmd("CONFIG");
        command.arg("GET").arg("maxmemory*");
        config = link.each_primary(command).await;
    }
    let mut warnings = Vec::new();
    for (address, answer) in info {
        if !link.is_cluster() && setting(&text(&answer), "cluster_enabled") == Some("1") {
            let message = format!("{address} is a node of Redis Cluster: write redis+cluster://{address} in the URL");
            return Err(connect_error(message));
        }
        // A server of a cluster that is away is met by the calls that need it.
        if matches!(answer, Err(Error::Connect(_))) {
            continue;
        }
        let mut memory = Memory::of_info(&answer);
        if memory.policy.is_none()
            && let Some((_, answer)) = config.iter().find(|(configured, _)| *configured == address)
        {
            memory = Memory::of_config(answer);
        }
        warnings.extend(memory.judge(&address)?);
    }
    Ok(warnings)
}

impl Memory {
    fn of_info(answer: &Result<Value, Error>) -> Self {
        let text = text(answer);
        Memory {
            policy: setting(&text, "maxmemory_policy").map(str::to_owned),
            limit: setting(&text, "maxmemory").and_then(|limit| limit.parse().ok()),
        }
    }

    fn of_config(answer: &Result<Value, Error>) -> Self {
        let settings = answer.as_ref().ok().cloned().map(redis::from_redis_value::<Vec<(String, String)>>);
        let settings = settings.and_then(Result::ok).unwrap_or_default();
        let find = |name: &str| settings.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        Memory { policy: find("maxmemory-policy"), limit: find("maxmemory").and_then(|limit| limit.parse().ok()) }
    }

    fn judge(self, address: &Address) -> Result<Option<RedisWarning>, Error> {
        let server = address.to_string();
        let Some(policy) = self.policy else { return Ok(Some(RedisWarning::UnknownPolicy { server })) };
        if policy.starts_with("allkeys") {
            return Err(connect_error(format!(
                "{server} has maxmemory-policy {policy}: when its memory is full, it throws away any key, indexes and claims of \
                 unique values among them, so that rows would be lost to queries; set it to noeviction (CONFIG SET \
                 maxmemory-policy noeviction, and in redis.conf), or keep caches in another server"
            )));
        }
        let evicts = policy.starts_with("volatile") && self.limit != Some(0);
        Ok(evicts.then_some(RedisWarning::EvictsExpiring { server, policy }))
    }
}

fn text(answer: &Result<Value, Error>) -> String {
    match answer {
        Ok(Value::BulkString(text)) => String::from_utf8_lossy(text).into_owned(),
        Ok(Value::VerbatimString { text, .. } | Value::SimpleString(text)) => text.clone(),
        _ => String::new(),
    }
}

/// A line of INFO.
fn setting<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(policy: &str, limit: u64) -> Result<Option<RedisWarning>, Error> {
        let address = Address { host: "h".to_owned(), port: 1 };
        Memory { policy: Some(policy.to_owned()), limit: Some(limit) }.judge(&address)
    }

    #[test]
    fn a_server_that_may_throw_away_any_key_is_refused() {
        let error = judged("allkeys-lru", 0).unwrap_err().to_string();
        assert!(error.contains("maxmemory-policy allkeys-lru") && error.contains("set it to noeviction"), "{error}");
        assert_eq!(judged("noeviction", 100).unwrap(), None);
        assert_eq!(judged("volatile-ttl", 0).unwrap(), None);
        let warning = judged("volatile-ttl", 100).unwrap().unwrap();
        assert!(warning.to_string().contains("rows with a time to live go before that time"), "{warning}");
    }

    #[test]
    fn info_is_read_line_by_line() {
        let answer = Ok(Value::BulkString(b"# Memory\r\nmaxmemory:100\r\nmaxmemory_policy:noeviction\r\n".to_vec()));
        assert_eq!(Memory::of_info(&answer), Memory { policy: Some("noeviction".into()), limit: Some(100) });
    }
}
