//! Taking rows that have expired out of the indexes.

use crate::connection::{Link, Send};
use crate::layout::{STORE, Table};
use crate::script::{Call, Script};
use peristyle_query::error::{DatabaseError, Error};

static SWEEP: Script =
    Script::new(&[include_str!("scripts/purge.lua"), "return { purge(KEYS[1], tonumber(ARGV[1])) }"]);

/// How many rows a call takes out; what it does holds up all others.
const AT_ONCE: u64 = 500;

/// Takes all rows that have expired out of the indexes of a table; gives how many these were.
///
/// # Errors
///
/// Those of the link.
pub(crate) async fn sweep(link: &Link, table: &Table) -> Result<u64, Error> {
    let mut swept = 0;
    for part in table.parts() {
        loop {
            let call = Call { keys: vec![part.0.clone()], arguments: vec![AT_ONCE.to_string().into_bytes()] };
            // What is out is out: it may be sent twice.
            let answer = link.script(&SWEEP, call, Send::Read).await?;
            let (purged, looked_at): (u64, u64) = redis::from_redis_value(answer).map_err(|error| {
                let message = format!("the sweep gave an answer that is none: {error}");
                Error::from(DatabaseError { store: STORE, message, ..DatabaseError::default() })
            })?;
            swept += purged;
            if looked_at < AT_ONCE {
                break;
            }
        }
    }
    Ok(swept)
}
