//! Running one step of a migration.

use super::event::{Event, Issuer};
use super::failure::FailedStatement;
use super::run::Run;
use super::script::Step;
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;
use std::sync::Arc;

/// Runs a step on a connection. An error comes with the statement.
pub(crate) async fn run(run: &Run, repo: &Repo, step: &Step, number: usize) -> Result<(), (FailedStatement, Error)> {
    match step {
        Step::Sql(sql) => {
            run.settings.watch.emit(&Event::Statement { sql: &sql.text, of: Issuer::Migration });
            let notices = Arc::new(run.settings.watch.clone());
            repo.script_with_notices(sql.text.as_str(), notices)
                .await
                .map_err(|error| (sql.failed(number, &error), error))
        }
    }
}
