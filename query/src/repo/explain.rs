//! How a store means to run a query.

use super::{Repo, RepoFuture};
use crate::error::Error;
use crate::query::ast::{self, ExplainFormat, Operation};
use crate::query::{FromRow, IntoQuery};
use crate::row::AnyRow;
use crate::value::Value;
use std::fmt;
use std::future::IntoFuture;
use std::panic::Location;

/// Asks the store how it means to run a query; awaiting it gives an [`Explanation`].
#[must_use = "nothing is explained until it is awaited"]
pub struct Explain {
    repo: Repo,
    operation: Result<Operation, Error>,
    options: ast::Explain,
    location: &'static Location<'static>,
}

/// What a store said of its plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation(String);

impl Explanation {
    /// The text, in the format that was asked for.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Repo {
    /// How the store means to run a query: `println!("{}", repo.explain(&q).analyze().await?)`.
    #[track_caller]
    pub fn explain<Q: IntoQuery>(&self, query: Q) -> Explain {
        let operation = query.into_query().into_select().map(Operation::Select).map_err(Error::from);
        Explain { repo: self.clone(), operation, options: ast::Explain::default(), location: Location::caller() }
    }
}

impl Explain {
    /// Runs the query too, and measures it. Postgres only.
    pub fn analyze(mut self) -> Self {
        self.options.analyze = true;
        self
    }

    /// Tells more of each node. Postgres only.
    pub fn verbose(mut self) -> Self {
        self.options.verbose = true;
        self
    }

    /// Gives the plan as JSON. Postgres only.
    pub fn json(mut self) -> Self {
        self.options.format = ExplainFormat::Json;
        self
    }

    /// Gives the plan as YAML. Postgres only.
    pub fn yaml(mut self) -> Self {
        self.options.format = ExplainFormat::Yaml;
        self
    }
}

impl IntoFuture for Explain {
    type Output = Result<Explanation, Error>;
    type IntoFuture = RepoFuture<Explanation>;

    fn into_future(self) -> Self::IntoFuture {
        let Explain { repo, operation, options, location } = self;
        RepoFuture::new(location, async move {
            let operation = Operation::Explain(Box::new(operation?), options);
            let rows: Vec<AnyRow> = repo.collect(operation, AnyRow::from_row, location).await?;
            Ok(Explanation(describe(&rows)))
        })
    }
}

/// One line a row: its last column, indented below the row whose `id` its `parent` names, where there are such columns.
fn describe(rows: &[AnyRow]) -> String {
    let mut depths: Vec<(&Value, usize)> = Vec::new();
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let depth = row.get("parent").and_then(|parent| depths.iter().find(|(id, _)| *id == parent));
        let depth = depth.map_or(0, |(_, depth)| depth + 1);
        if let Some(id) = row.get("id") {
            depths.push((id, depth));
        }
        let line = match row.values().last() {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Json(json)) => format!("{json:#}"),
            Some(value) => value.to_string(),
            None => String::new(),
        };
        lines.push("  ".repeat(depth) + &line);
    }
    lines.join("\n")
}
