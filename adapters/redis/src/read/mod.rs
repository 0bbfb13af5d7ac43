//! Running queries.

mod explain;
mod fetch;
mod inner;
mod per_parent;
mod select;
mod task;
#[cfg(test)]
mod tests;

use crate::cursor::RedisCursor;
use crate::evaluate::{Scope, holds};
use crate::layout::{StoredRow, Table};
use crate::pending::{Pending, View};
use crate::plan::choose::Asked;
use crate::plan::program::Window;
use crate::plan::refusal::unsupported;
use crate::plan::text::Text;
use crate::plan::{Plan, Source};
use crate::store::Store;
use peristyle_query::adapter::{Cursor, Outcome, Request, Sink};
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::{Expression, Operation};
use peristyle_query::schema::SchemaMeta;
use peristyle_query::statement::Statement;
use std::sync::Arc;

use fetch::Place;
pub(crate) use select::Stream;
pub(crate) use task::{Mode, Task};

/// What queries are run on: the store, or a transaction's view of it.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'r> {
    pub(crate) store: &'r Store,
    /// The prefix of the repo.
    pub(crate) prefix: Option<&'r str>,
    pub(crate) view: View<'r>,
}

/// Runs a query, or explains it.
///
/// # Errors
///
/// [`Error::Unsupported`] that names what lacks an index, or what Redis does not have; the server's refusals.
pub(crate) async fn run(
    store: &Store,
    view: View<'_>,
    request: Request,
    sink: Box<dyn Sink>,
) -> Result<Outcome, Error> {
    let reader = Reader { store, prefix: request.prefix.as_deref(), view };
    match &request.operation {
        Operation::Select(select) => {
            let statement = observed(&request, reader.text(select)?)?;
            reader.select(select, sink).await.map_err(|error| error.in_statement(statement.sql()))
        }
        Operation::PerParent(children) => {
            let statement = observed(&request, reader.per_parent_text(children)?)?;
            reader.per_parent(children, sink).await.map_err(|error| error.in_statement(statement.sql()))
        }
        Operation::Explain(operation, options) => {
            let (text, lines) = reader.explain(operation, options)?;
            observed(&request, text)?;
            explain::give(lines, sink)
        }
        _ => Err(unsupported("queries of this kind", "use a query of a schema")),
    }
}

/// Opens a query whose rows are fetched in parts.
///
/// # Errors
///
/// As [`run`].
pub(crate) async fn open(
    store: Arc<Store>,
    pending: Option<Arc<Pending>>,
    request: Request,
) -> Result<Box<dyn Cursor>, Error> {
    let location = request.location;
    let opened = async {
        let view = pending.as_deref().map_or(View::Store, View::Transaction);
        let reader = Reader { store: &store, prefix: request.prefix.as_deref(), view };
        let Operation::Select(select) = &request.operation else {
            return Err(unsupported("streams of this statement", "stream a query, or run it as a whole"));
        };
        let statement = observed(&request, reader.text(select)?)?;
        let rows = reader.stream(select).await.map_err(|error| error.in_statement(statement.sql()))?;
        Ok((rows, statement))
    };
    let (rows, statement) = opened.await.map_err(|error: Error| error.at(location))?;
    Ok(Box::new(RedisCursor::new(store.clone(), pending.clone(), rows, statement, location)))
}

/// The rows that fulfil a filter, for a write.
///
/// # Errors
///
/// As [`run`].
pub(crate) async fn candidates(
    reader: Reader<'_>,
    table: &Arc<Table>,
    filter: &[Expression],
    allow_filtering: Option<u64>,
) -> Result<Vec<StoredRow>, Error> {
    let filter = reader.without_inner(filter).await?;
    let plan = Plan::new(table, &Asked { filter: &filter, order: &[], allow_filtering, parents: None })?;
    let rows = reader.rows(&plan, Window { offset: 0, limit: plan.most.map(|most| most.saturating_add(1)) }).await?;
    reader.check_most(&plan, &rows)?;
    let mut candidates = Vec::with_capacity(rows.len());
    for row in rows {
        if !plan.filters || holds(&filter, &Scope::new(&[&row]))? {
            candidates.push(row);
        }
    }
    Ok(candidates)
}

/// The text and the values of the read of [`candidates`].
///
/// # Errors
///
/// [`Error::Unsupported`] that names what lacks an index.
pub(crate) fn candidates_text(
    reader: Reader<'_>,
    table: &Arc<Table>,
    filter: &[Expression],
    allow_filtering: Option<u64>,
) -> Result<Text, Error> {
    let mut text = Text::default();
    let filter = reader.shaped(filter, &mut text)?;
    let plan = Plan::new(table, &Asked { filter: &filter, order: &[], allow_filtering, parents: None })?;
    plan.describe(&mut text, "ZRANGE", false, &[]);
    if plan.filters {
        text.push(" FILTER ").all(&plan.open);
    }
    Ok(text)
}

/// The rows of these keys: `None` where there is none.
///
/// # Errors
///
/// The server's refusals.
pub(crate) async fn by_keys(
    reader: Reader<'_>,
    table: &Arc<Table>,
    keys: &[String],
) -> Result<Vec<Option<StoredRow>>, Error> {
    reader.by_keys(table, keys).await
}

/// Shows a statement to the observers of its request.
fn observed(request: &Request, text: Text) -> Result<Statement, Error> {
    let statement = Statement::new(text.text.into(), text.parameters);
    request.observe(&statement)?;
    Ok(statement)
}

impl Reader<'_> {
    /// The place of a schema. The prefixes have one order: the statement's own, the repo's, the schema's.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] for a schema that needs a prefix and has none; see [`Table::new`].
    pub(crate) fn table(&self, schema: &'static SchemaMeta, own: Option<&str>) -> Result<Arc<Table>, Error> {
        let prefix = own.or(self.prefix);
        if prefix.is_none() && schema.prefix_required {
            return Err(QueryError::new(format!(
                "the table {:?} of {} belongs to one tenant or another: say whose with repo.with_prefix(\"..\"), or with \
                 .prefix(\"..\") on the query ({1} is #[schema(prefix = required)])",
                schema.table, schema.name
            ))
            .into());
        }
        self.store.table(schema, prefix.or(schema.prefix))
    }

    /// Refuses rows that are more than may be read.
    fn check_most(&self, plan: &Plan, rows: &[StoredRow]) -> Result<(), Error> {
        match (plan.most, &plan.source) {
            (Some(most), Source::Index(_)) if rows.len() as u64 > most => {
                Err(crate::plan::refusal::too_many(plan.table.schema, most))
            }
            _ => Ok(()),
        }
    }
}
