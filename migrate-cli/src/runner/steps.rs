//! Running one step of a migration.

use super::event::{Event, Issuer};
use super::failure::FailedStatement;
use super::run::Run;
use super::script::Step;
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;

/// Runs a step on a connection. An error comes with the statement.
pub(crate) async fn run(run: &Run, repo: &Repo, step: &Step, number: usize) -> Result<(), (FailedStatement, Error)> {
    match step {
        Step::Sql(sql) => {
            run.settings.watch.emit(&Event::Statement { sql: &sql.text, of: Issuer::Migration });
            repo.script(sql.text.as_str()).await.map_err(|error| (sql.failed(number, &error), error))
        }
    }
}
