//! Running one step of a migration.

use super::event::{Event, Issuer};
use super::failure::FailedStatement;
use super::foreign_keys;
use super::run::Run;
use super::script::{Sql, Step};
use crate::catalog::Catalog;
use crate::dsl::DataStep;
use crate::introspect;
use crate::operation::Operation;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::repo::Repo;
use std::sync::Arc;

/// An error, with the statement that it is of.
pub(crate) type StepError = (FailedStatement, Error);

/// Runs a step on a connection.
pub(crate) async fn run(run: &Run, repo: &Repo, step: &Step, number: usize) -> Result<(), StepError> {
    match step {
        Step::Sql(sql) => statement(run, repo, sql, number).await,
        Step::Operation(operation) => of_operation(run, repo, operation, number).await,
        Step::Data(data) => data.run(repo.clone()).await.map_err(|error| (failed_data(data, number), error)),
    }
}

/// The same on a connection without a transaction: what takes several statements is done as a whole or not.
pub(crate) async fn run_alone(run: &Run, connection: &Repo, step: &Step, number: usize) -> Result<(), StepError> {
    let Step::Operation(operation) = step else { return self::run(run, connection, step, number).await };
    let failed = |error| (FailedStatement::new(number, &operation.call(), None, None), error);
    let (shared, step) = (run.clone(), step.clone());
    let result = foreign_keys::around(run, connection, async move |tx| {
        if let Err(failed) = self::run(&shared, &tx, &step, number).await {
            return Err(Whole::Step(Box::new(failed)));
        }
        Ok(foreign_keys::check(&tx, &shared.settings.watch).await?)
    });
    result.await.map_err(|error| match error {
        Whole::Step(error) => *error,
        Whole::Other(error) => failed(error),
    })
}

/// Why an operation was not done as a whole.
enum Whole {
    Step(Box<StepError>),
    Other(Error),
}

impl From<Error> for Whole {
    fn from(error: Error) -> Self {
        Whole::Other(error)
    }
}

async fn statement(run: &Run, repo: &Repo, sql: &Sql, number: usize) -> Result<(), StepError> {
    run.settings.watch.emit(&Event::Statement { sql: &sql.text, of: Issuer::Migration });
    let notices = Arc::new(run.settings.watch.clone());
    let result = repo.script_with_notices(sql.text.as_str(), notices).await;
    result.map_err(|mut error| {
        let failed = sql.failed(number, &error);
        if let Error::Database(error) = &mut error {
            // The statement says it, with the line of its file.
            error.place = None;
        }
        (failed, error)
    })
}

/// What SQLite holds, in its main database and in those that are attached.
pub(crate) async fn all_tables(repo: &Repo) -> Result<Catalog, Error> {
    let options = introspect::Options { schemas: introspect::Schemas::All, ..introspect::Options::default() };
    introspect::read(repo, &options).await
}

/// Renders an operation for the tables that there are, and runs its statements.
async fn of_operation(run: &Run, repo: &Repo, operation: &Operation, number: usize) -> Result<(), StepError> {
    let failed = |error| (FailedStatement::new(number, &operation.call(), None, None), error);
    let before = all_tables(repo).await.map_err(failed)?;
    let rendered = run.renderer.render(operation, &before);
    let rendered = rendered.map_err(|error| failed(QueryError::new(error.to_string()).into()))?;
    for text in rendered.statements {
        statement(run, repo, &Sql { text, start: None }, number).await?;
    }
    Ok(())
}

fn failed_data(data: &DataStep, number: usize) -> FailedStatement {
    let at = data.location();
    FailedStatement {
        number,
        text: String::new(),
        path: Some(at.file().to_owned()),
        line: usize::try_from(at.line()).unwrap_or(usize::MAX),
        column: None,
        excerpt: String::new(),
    }
}
