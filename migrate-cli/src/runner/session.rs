//! What a connection is set to before a migration runs on it.

use super::run::Run;
use super::script::Script;
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;
use peristyle_query::statement::Dialect;
use peristyle_sql::quoted;

/// Sets the connection: for the transaction, or for the session.
pub(crate) async fn prepare(run: &Run, repo: &Repo, script: &Script, transaction: bool) -> Result<(), Error> {
    for statement in statements(run, script, transaction) {
        run.settings.watch.own(&statement);
        repo.script(statement).await?;
    }
    Ok(())
}

/// The statements that set the connection.
pub(crate) fn statements(run: &Run, script: &Script, transaction: bool) -> Vec<String> {
    let settings = &run.settings;
    let mut statements = Vec::new();
    if run.dialect != Dialect::Postgres {
        return statements;
    }
    let set = if transaction { "SET LOCAL" } else { "SET" };
    // An index that is built concurrently waits for transactions as for locks: it gets a limit only if it asks for one.
    let limit = script.lock_timeout.or(settings.lock_timeout.filter(|_| transaction));
    if let Some(limit) = limit {
        statements.push(format!("{set} lock_timeout = '{}ms'", limit.as_millis()));
    }
    if let Some(prefix) = &settings.prefix {
        let schemas: Vec<String> =
            std::iter::once(prefix).chain(&settings.shared_schemas).map(|schema| quoted(schema)).collect();
        statements.push(format!("{set} search_path = {}", schemas.join(", ")));
    }
    statements
}
