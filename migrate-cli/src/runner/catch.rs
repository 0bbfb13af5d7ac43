//! Panics of migrations and hooks become errors, so that locks are released and the next step is named.

use super::MigrationId;
use super::error::MigrateError;
use futures_util::FutureExt;
use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;

/// The result of a future, or its panic as an error.
pub(crate) async fn catch<T>(
    migration: Option<&MigrationId>,
    future: impl Future<Output = Result<T, MigrateError>>,
) -> Result<T, MigrateError> {
    // What the future held is gone with it, but for connections, which put themselves in order.
    match AssertUnwindSafe(future).catch_unwind().await {
        Ok(result) => result,
        Err(panic) => Err(MigrateError::Panicked { migration: migration.cloned(), message: text(&*panic) }),
    }
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it gave no text".to_owned())
}
