//! Bringing a connection back to order whose call was cut off, or whose transaction was left open.

use crate::connection::Connection;
use crate::failure::Failure;
use crate::opening;
use crate::pool::Manager;
use deadpool::managed::Object;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How long a call that was cut off may go on by itself: most are over by then, and need no cancel request.
const GRACE: Duration = Duration::from_millis(10);

/// How long it may take until the connection is ready again; it is closed after that.
const LIMIT: Duration = Duration::from_secs(10);

/// Takes a connection that is not clean, and gives it back to its pool when it is; otherwise closes it.
pub(crate) fn in_background(mut object: Object<Manager>) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        // Nobody could wait for the server here. Closing the socket rolls back what is open.
        drop(Object::take(object));
        return;
    };
    // Should the runtime stop meanwhile, the connection goes back as it is, and the pool refuses it.
    runtime.spawn(async move {
        match timeout(LIMIT, restore(&mut object)).await {
            Ok(Ok(())) if object.is_clean() => object.idle_since = Instant::now(),
            _ => drop(Object::take(object)),
        }
    });
}

async fn restore(object: &mut Object<Manager>) -> Result<(), Failure> {
    if object.is_busy() {
        recover(object).await?;
    }
    if object.in_transaction() {
        object.roll_back().await?;
    }
    if object.is_after_script() {
        object.reset().await?;
    }
    if object.has_orphans() {
        object.forget_statements().await?;
    }
    Ok(())
}

/// Waits for a call that was cut off, cancelling it if it takes long, until the connection is ready for the next.
pub(crate) async fn recover(object: &mut Object<Manager>) -> Result<(), Failure> {
    if let Ok(result) = timeout(GRACE, object.finish()).await {
        return result;
    }
    let Some(process) = object.process() else {
        return Err(Failure::lost("behind a pooler, a call that was cut off cannot be cancelled"));
    };
    let pool = Object::pool(object).ok_or_else(|| Failure::lost("the pool is gone"))?;
    let cancelled = cancel(pool.manager(), process, object).await;
    match cancelled {
        Ok(()) => match timeout(LIMIT, object.finish()).await {
            Ok(result) => result,
            Err(_) => Err(Failure::lost("a call that was cut off did not end")),
        },
        Err(failure) => Err(failure),
    }
}

/// Asks the server to cancel what a process of it runs. When this returns the process has been told, so that a later
/// statement is not hit.
async fn cancel(manager: &Manager, process: i32, busy: &mut Connection) -> Result<(), Failure> {
    let _turn = manager.cancelling.lock().await;
    // It may have ended while others were cancelled.
    if let Ok(result) = timeout(Duration::ZERO, busy.finish()).await {
        return result;
    }
    let mut messenger = opening::open(manager.settings()).await?;
    messenger.simple(&format!("SELECT pg_catalog.pg_cancel_backend({process})"), &mut Default::default()).await?;
    messenger.close().await;
    Ok(())
}
