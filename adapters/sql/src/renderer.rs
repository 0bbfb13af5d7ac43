//! What is known while a statement is rendered.

use crate::alias::Scopes;
use crate::builder::build;
use crate::canary;
use crate::explain;
use crate::plan::Plan;
use crate::shape::Shape;
use crate::target::Target;
use crate::unsupported;
use peristyle_query::error::Error;
use peristyle_query::query::ast::Operation;
use peristyle_query::statement::{Dialect, Statement};

/// The state of rendering one statement.
///
/// Parameters are numbered as the parts of the statement are visited; [`Shape`] visits them in the same order.
pub(crate) struct Renderer<'a> {
    pub target: Target,
    /// The prefix of the repo.
    pub prefix: Option<&'a str>,
    pub scopes: Scopes,
    /// The number of the next parameter.
    pub next_parameter: usize,
}

impl<'a> Renderer<'a> {
    /// A renderer at the start of a statement.
    pub fn new(target: Target, prefix: Option<&'a str>) -> Self {
        Renderer { target, prefix, scopes: Scopes::default(), next_parameter: 0 }
    }

    /// Renders a statement.
    pub fn plan(mut self, operation: &Operation) -> Result<Plan, Error> {
        canary::check(self.target)?;
        let (sql, order) = self.operation(operation)?;
        Plan::new(self.target, sql, order)
    }

    /// The text of a statement, and the parameter at each of its placeholders.
    fn operation(&mut self, operation: &Operation) -> Result<(String, Vec<usize>), Error> {
        match operation {
            Operation::Select(select) => build(self.target, &self.select(select)?),
            Operation::PerParent(children) => self.per_parent(children),
            Operation::Insert(insert) => build(self.target, &self.insert(insert)?),
            Operation::Update(update) => build(self.target, &self.update(update)?),
            Operation::Delete(delete) => build(self.target, &self.delete(delete)?),
            Operation::Raw(raw) => self.raw(raw),
            Operation::Explain(operation, explain) => {
                let prefix = explain::prefix(self.target, *explain)?;
                let (sql, order) = self.operation(operation)?;
                Ok((prefix + &sql, order))
            }
            _ => {
                let instead = "use crates of Peristyle of one version";
                Err(unsupported(self.target.name(), "rendering of this statement", instead))
            }
        }
    }

    /// The number of a parameter that is not part of an expression.
    pub fn parameter(&mut self) -> usize {
        self.next_parameter += 1;
        self.next_parameter - 1
    }
}

/// Renders a statement: its text, and its parameters in the order of their numbers.
///
/// `prefix` is the repo's: tables are read and written there unless the query names another, whatever the schema says.
///
/// # Errors
///
/// [`Error::Query`] if the statement makes no sense, [`Error::Unsupported`] if the dialect cannot say it.
///
/// ```
/// use peristyle_query::query::ast::{Operation, RawStatement};
/// use peristyle_query::statement::Dialect;
/// use peristyle_query::value::Value;
///
/// let raw = RawStatement { template: "SELECT {}".into(), values: vec![Value::I64(7)] };
/// let statement = peristyle_sql::render(Dialect::Sqlite, &Operation::Raw(raw), None).unwrap();
/// assert_eq!(statement.sql(), "SELECT ?1");
/// ```
pub fn render(dialect: Dialect, operation: &Operation, prefix: Option<&str>) -> Result<Statement, Error> {
    let target = Target::of(dialect)?;
    let shape = Shape::of(target, prefix, operation)?;
    Renderer::new(target, prefix).plan(operation)?.statement(shape, operation)
}
