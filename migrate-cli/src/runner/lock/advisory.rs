//! Postgres's advisory lock. It is polled: a connection that *waits* for one holds a snapshot, for which the holder's CREATE
//! INDEX CONCURRENTLY would wait in turn.

use super::{Holder, Wait};
use crate::catalog::ObjectName;
use crate::runner::error::MigrateError;
use crate::runner::watch::Watch;
use chrono::{DateTime, Utc};
use peristyle_query::error::Error;
use peristyle_query::repo::{Repo, TrustedSql};
use std::time::Duration;

/// The key of the lock: that of a table of versions, the same in each process and each version of this program.
pub(crate) fn key(table: &ObjectName) -> i64 {
    // FNV-1a, 64 bits.
    let text = format!("peristyle migrations {table}");
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    hash.cast_signed()
}

/// The lock, held by a connection of its own.
#[derive(Clone)]
pub(crate) struct Advisory {
    connection: Repo,
    key: i64,
    /// The server's process that holds it.
    process: i32,
}

impl Advisory {
    /// Takes the lock on a connection that was checked out.
    pub(crate) async fn take(
        connection: Repo,
        table: &ObjectName,
        limit: Duration,
        watch: &Watch,
    ) -> Result<Self, MigrateError> {
        let key = key(table);
        // It is idle while migrations run. Before Postgres 14 there is no such limit.
        let patient = "select set_config(name, '0', false) from pg_settings where name = 'idle_session_timeout'";
        connection.sql::<String>(patient).await?;
        let mut wait = Wait::new(watch, limit);
        loop {
            let statement = format!("SELECT pg_try_advisory_lock({key})");
            watch.own(&statement);
            let taken = connection.sql::<(bool, i32)>(TrustedSql::template(format!("{statement}, pg_backend_pid()")));
            if let Some((true, process)) = taken.one().await? {
                return Ok(Advisory { connection, key, process });
            }
            wait.pause(&connection, holder(&connection, key).await?).await?;
        }
    }

    /// Whether the connection still holds the lock.
    pub(crate) async fn check(&self) -> Result<(), MigrateError> {
        let lost = |reason: String| MigrateError::LockLost { reason };
        let statement = format!(
            "select count(*) from pg_locks where pid = pg_backend_pid() and pid = {} and granted and {}",
            self.process,
            of_key(self.key)
        );
        let held = self.connection.sql::<i64>(TrustedSql::template(statement)).one().await;
        match held.map_err(|error| lost(error.to_string()))? {
            Some(1..) => Ok(()),
            _ => Err(lost("the server says that nobody holds it".to_owned())),
        }
    }

    /// Lets it go. If that fails the connection is lost, and the lock with it.
    pub(crate) async fn release(&self, watch: &Watch) {
        let statement = format!("SELECT pg_advisory_unlock({})", self.key);
        watch.own(&statement);
        let _ = self.connection.sql::<bool>(TrustedSql::template(statement)).one().await;
    }
}

/// Takes the lock for the rest of a transaction, and says whether it could.
pub(crate) async fn try_in_transaction(tx: &Repo, table: &ObjectName, watch: &Watch) -> Result<bool, Error> {
    let statement = format!("SELECT pg_try_advisory_xact_lock({})", key(table));
    watch.own(&statement);
    Ok(tx.sql::<bool>(TrustedSql::template(statement)).one().await? == Some(true))
}

/// The condition that a row of pg_locks is of a key of 64 bits.
fn of_key(key: i64) -> String {
    let bits = key.cast_unsigned();
    format!(
        "locktype = 'advisory' and objsubid = 1 and classid = {} and objid = {} \
         and database = (select oid from pg_database where datname = current_database())",
        bits >> 32,
        bits & 0xffff_ffff
    )
}

/// Who holds the lock of a key; nobody, if it was let go meanwhile.
pub(crate) async fn holder(repo: &Repo, key: i64) -> Result<Option<Holder>, Error> {
    let statement = format!(
        "select l.pid, coalesce(a.application_name, ''), coalesce(a.usename::text, ''), host(a.client_addr), \
         coalesce(a.state_change, a.backend_start) from pg_locks l left join pg_stat_activity a on a.pid = l.pid \
         where l.granted and {}",
        of_key(key).replace("objid", "l.objid").replace("classid", "l.classid").replace("objsubid", "l.objsubid")
    );
    let rows =
        repo.sql::<(i32, String, String, Option<String>, Option<DateTime<Utc>>)>(TrustedSql::template(statement));
    Ok(rows.await?.pop().map(|(process, application, user, address, since)| Holder {
        process,
        application,
        user,
        address,
        since,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_table_never_changes() {
        assert_eq!(key(&ObjectName::with_prefix("public", "schema_migrations")), KNOWN);
        assert_ne!(key(&ObjectName::with_prefix("t1", "schema_migrations")), KNOWN);
    }

    const KNOWN: i64 = 839_638_531_762_850_965;
}
