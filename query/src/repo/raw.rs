//! Statements of the program's own.

use super::{Repo, RepoFuture};
use crate::adapter::Notices;
use crate::error::{Error, MultipleRows, QueryError};
use crate::expr::FragmentArguments;
use crate::query::FromRow;
use crate::query::ast::{Operation, RawStatement, Step};
use crate::query::template::places;
use crate::value::Value;
use std::borrow::Cow;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

/// A statement of the program's own. Awaiting it gives its rows.
#[must_use = "a statement does nothing until it is awaited"]
pub struct RawSql<T> {
    repo: Repo,
    template: Cow<'static, str>,
    values: Vec<Value>,
    location: &'static Location<'static>,
    output: PhantomData<fn() -> T>,
}

/// The text of a whole statement, with `{}` for each value: a `&'static str`, or a [`TrustedSql`].
#[derive(Clone, Debug)]
pub struct SqlTemplate(Cow<'static, str>);

impl From<&'static str> for SqlTemplate {
    fn from(text: &'static str) -> Self {
        SqlTemplate(Cow::Borrowed(text))
    }
}

impl From<TrustedSql> for SqlTemplate {
    fn from(text: TrustedSql) -> Self {
        SqlTemplate(Cow::Owned(text.0))
    }
}

/// A statement whose text was put together at run time, by a tool that vouches for it.
///
/// The name is the warning: never make one of input from outside. Values belong into [`bind`](RawSql::bind), names into
/// quotes.
#[derive(Clone, Debug)]
pub struct TrustedSql(String);

impl TrustedSql {
    /// A template: `{}` is a place for a value, `{{` and `}}` are braces.
    pub fn template(text: impl Into<String>) -> Self {
        TrustedSql(text.into())
    }

    /// A statement without values, in which braces are braces.
    pub fn verbatim(text: &str) -> Self {
        TrustedSql(text.replace('{', "{{").replace('}', "}}"))
    }
}

impl Repo {
    /// A whole statement: `repo.sql::<(i64, String)>("select … where id = {}").bind((1,))`.
    ///
    /// `{}` stands for a value of [`bind`](RawSql::bind), which is always bound; `{{` and `}}` are braces. The template is
    /// `&'static str`, so that no input can become SQL; tools that build their statements give a [`TrustedSql`]. `T` says
    /// what a row becomes.
    #[track_caller]
    pub fn sql<T: FromRow>(&self, template: impl Into<SqlTemplate>) -> RawSql<T> {
        let location = Location::caller();
        RawSql { repo: self.clone(), template: template.into().0, values: Vec::new(), location, output: PhantomData }
    }

    /// Runs a script of several statements, separated by `;`, that takes no parameters.
    ///
    /// It is the one place where SQL is built from a `String`: never give it input from outside.
    ///
    /// # Errors
    ///
    /// What the store refuses with; on some stores, what ran before the failing statement is kept.
    #[track_caller]
    pub fn script(&self, text: impl Into<String>) -> RepoFuture<()> {
        let (repo, text, location) = (self.clone(), text.into(), Location::caller());
        RepoFuture::new(location, async move { repo.run_script(text, None).await })
    }

    /// The same, and hands on what the store says about the statements while they run: the notices of Postgres.
    ///
    /// # Errors
    ///
    /// As [`script`](Self::script).
    #[track_caller]
    pub fn script_with_notices(&self, text: impl Into<String>, notices: Arc<dyn Notices>) -> RepoFuture<()> {
        let (repo, text, location) = (self.clone(), text.into(), Location::caller());
        RepoFuture::new(location, async move { repo.run_script(text, Some(notices)).await })
    }
}

impl<T: FromRow> RawSql<T> {
    /// Gives the statement its values: one, or a tuple of them, one for each `{}`. `None` is NULL.
    pub fn bind<A: RawValues>(mut self, values: A) -> Self {
        self.values = values.into_values();
        self
    }

    /// The one row, or `None`.
    ///
    /// # Errors
    ///
    /// [`Error::MultipleRows`] if there are more; else as awaiting it.
    pub fn one(self) -> RepoFuture<Option<T>> {
        let location = self.location;
        RepoFuture::new(location, async move {
            let mut rows = self.await?;
            match rows.len() {
                0 | 1 => Ok(rows.pop()),
                _ => Err(MultipleRows { schema: "row" }.into()),
            }
        })
    }

    /// Runs the statement and says how many rows it touched; rows that it gives are left out.
    ///
    /// # Errors
    ///
    /// As awaiting it.
    pub fn execute(self) -> RepoFuture<u64> {
        let location = self.location;
        RepoFuture::new(location, async move {
            let (repo, operation) = self.operation()?;
            repo.execute(operation, location).await
        })
    }

    fn operation(self) -> Result<(Repo, Operation), Error> {
        let RawSql { repo, template, values, .. } = self;
        match places(&template) {
            Some(count) if count == values.len() => Ok((repo, Operation::Raw(RawStatement { template, values }))),
            Some(count) => Err(QueryError::new(format!(
                "the statement has {count} `{{}}` and .bind(..) gives {} values: write one value for each, and `{{{{` and \
                 `}}}}` for braces",
                values.len()
            ))
            .into()),
            None => Err(QueryError::new(
                "a brace in the statement stands alone: `{}` is a value, `{{` and `}}` are braces",
            )
            .into()),
        }
    }
}

impl<T: FromRow> IntoFuture for RawSql<T> {
    type Output = Result<Vec<T>, Error>;
    type IntoFuture = RepoFuture<Vec<T>>;

    fn into_future(self) -> Self::IntoFuture {
        let location = self.location;
        RepoFuture::new(location, async move {
            let (repo, operation) = self.operation()?;
            repo.collect(operation, T::from_row, location).await
        })
    }
}

/// The values of a whole statement: one, or a tuple of them; an `Option` of one may be NULL.
pub trait RawValues {
    /// The values, in order.
    fn into_values(self) -> Vec<Value>;
}

/// A scope without columns: what is bound there is a value.
struct NoScope;

impl<A: FragmentArguments<NoScope>> RawValues for A {
    fn into_values(self) -> Vec<Value> {
        let mut steps = Vec::new();
        self.append(&mut steps);
        let value = |step| match step {
            Step::Value { value, .. } => Some(value),
            _ => None,
        };
        steps.into_iter().filter_map(value).collect()
    }
}
