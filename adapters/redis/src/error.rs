//! From the server's errors, and from lost connections, to [`Error`].

use crate::layout::STORE;
use peristyle_query::error::{ConnectError, DatabaseError, Error};

/// What the message of a write ends in whose answer never came.
const UNKNOWN: &str = "the write was sent and may or may not have happened: look before you repeat it";

/// What the user of a connection must be allowed.
const PERMISSIONS: &str = "Give the user of the connection what it lacks, with ACL SETUSER: the keys ~{*, and the commands +@read \
                           +@write +@scripting +@connection +time +info, on Redis Cluster +cluster too.";

/// A connection that could not be made, or was lost.
pub(crate) fn connect_error(message: impl Into<String>) -> Error {
    ConnectError { store: STORE, message: message.into() }.into()
}

/// A write that was sent, and whose answer never came.
pub(crate) fn outcome_unknown(what: &str) -> Error {
    connect_error(format!("{what}; {UNKNOWN}"))
}

/// Whether an error is of a write that was sent, and whose answer never came.
pub(crate) fn is_outcome_unknown(error: &Error) -> bool {
    matches!(error, Error::Connect(error) if error.message.ends_with(UNKNOWN))
}

/// The error that the server answered with.
pub(crate) fn server_error(error: &redis::ServerError) -> Error {
    let (code, details) = (error.code(), error.details().unwrap_or_default());
    DatabaseError {
        store: STORE,
        message: if details.is_empty() { code.to_owned() } else { details.to_owned() },
        code: Some(code.to_owned()),
        hint: hint(code, details).map(str::to_owned),
        // Nothing of it was done, and time may mend it.
        retryable: matches!(code, "TRYAGAIN" | "LOADING" | "MASTERDOWN" | "CLUSTERDOWN" | "BUSY"),
        ..DatabaseError::default()
    }
    .into()
}

/// A script that was not begun, since its keys are on two nodes.
pub(crate) fn slot_is_moving() -> Error {
    DatabaseError {
        store: STORE,
        message: "a slot of the cluster is moving to another node, and what a script needs is still on both".to_owned(),
        code: Some("ASK".to_owned()),
        hint: Some("Try again when it has moved.".to_owned()),
        retryable: true,
        ..DatabaseError::default()
    }
    .into()
}

/// What to do about an error.
pub(crate) fn hint(code: &str, details: &str) -> Option<&'static str> {
    Some(match code {
        "OOM" => {
            "The server has used up its maxmemory and evicts nothing: raise maxmemory, or let rows live shorter with \
             #[schema(ttl = ..)]."
        }
        "READONLY" => "This server is a replica: name the primary in the URL.",
        "NOAUTH" | "WRONGPASS" => "Name the user and the password in the URL: redis://user:password@host:6379/0.",
        "NOPERM" => PERMISSIONS,
        "LOADING" => "The server reads its data from the disk: try again when it is done.",
        "BUSY" => {
            "A script has been running for long, and the server does nothing else: wait for it, or end it with SCRIPT KILL."
        }
        "CLUSTERDOWN" => {
            "The cluster does not serve all slots: look at CLUSTER INFO, and bring back the nodes that are missing."
        }
        "MOVED" | "ASK" => {
            "This server is a node of Redis Cluster: connect with redis+cluster://host:port. With such a URL, the nodes do not \
             agree who has the slot: look at redis-cli --cluster check."
        }
        "TRYAGAIN" => "A slot of the cluster is moving to another node: try again.",
        "MASTERDOWN" => "This replica has lost its primary: name another server, or bring the primary back.",
        "CROSSSLOT" => "On Redis Cluster one statement stays in one slot: the rows of one table, without buckets.",
        "MISCONF" => "The server cannot write its data to the disk, and so refuses writes: look at its log.",
        "NOREPLICAS" => "Too few replicas are there for min-replicas-to-write.",
        "WRONGTYPE" => {
            "Something else lies at this key: keys of other programs must not begin with the name of a table in braces."
        }
        "EXECABORT" | "UNKILLABLE" => return None,
        _ if details.contains("can't run this command")
            || details.contains("can't access at least one of the keys") =>
        {
            PERMISSIONS
        }
        _ if details.contains("non local key") => {
            "A slot of the cluster is moving to another node, and a script met a key that has moved: try again."
        }
        _ if details.starts_with("unknown command") => {
            "Redis 6.2 or newer is needed, and commands must not be renamed."
        }
        _ => return None,
    })
}
