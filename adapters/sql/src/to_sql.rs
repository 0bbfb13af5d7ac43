//! `to_sql`: the SQL of a query without a database.

use crate::renderer::render;
use peristyle_query::error::Error;
use peristyle_query::query::IntoOperation;
use peristyle_query::statement::{Dialect, Statement};

/// Shows the SQL of a query, or of anything else that becomes one statement.
///
/// ```
/// # mod example {
/// use peristyle_query::query::IntoOperation;
/// use peristyle_query::error::Error;
/// use peristyle_query::statement::Dialect;
/// use peristyle_sql::ToSql;
///
/// fn print<T>(query: &T) -> Result<(), Error>
/// where
///     for<'q> &'q T: IntoOperation,
/// {
///     println!("{}", query.to_sql(Dialect::Postgres)?);
///     Ok(())
/// }
/// # }
/// ```
pub trait ToSql {
    /// The statement that a store of `dialect` is sent. Displayed, each clause has its line and the values follow.
    ///
    /// Tables have the prefixes that the query names, else those of the schemas; a repo's own stands between the two.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] for a mistake that types cannot catch, [`Error::Unsupported`] for what the dialect cannot say.
    fn to_sql(&self, dialect: Dialect) -> Result<Statement, Error>;
}

impl<T: ?Sized> ToSql for T
where
    for<'q> &'q T: IntoOperation,
{
    fn to_sql(&self, dialect: Dialect) -> Result<Statement, Error> {
        render(dialect, &self.into_operation()?, None)
    }
}
