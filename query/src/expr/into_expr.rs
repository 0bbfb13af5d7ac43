//! What may stand where an expression of a type is expected.

use super::column::Term;
use super::{Column, Expr, NotNull, Nullability};
use crate::query::ast::{Expression, Step};
use crate::value::{DbType, Value};
use rust_decimal::Decimal;

/// What may stand where an expression of type `T` is expected in scope `Sc`: columns, expressions, and values of exactly
/// that type (a `&str` for text, an `i32` for decimals). A value is always bound, never written into the SQL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used as an expression of type `{T}` here",
    label = "expected a value of type `{T}`, or a column or expression of that type from this query",
    note = "values must have exactly the column's type; a column belongs to the query whose closure received it, and a subquery sees it if it is made with `Post::query_in(&u)`"
)]
pub trait IntoExpr<T, Sc> {
    /// Whether it may be NULL.
    type N: Nullability;

    /// The plain form.
    fn into_steps(self) -> Expression;
}

impl<T, Sc, N: Nullability> IntoExpr<T, Sc> for Column<Sc, T, N> {
    type N = N;

    fn into_steps(self) -> Expression {
        self.steps()
    }
}

impl<T, Sc, N: Nullability> IntoExpr<T, Sc> for Expr<Sc, T, N> {
    type N = N;

    fn into_steps(self) -> Expression {
        self.steps()
    }
}

pub(crate) fn value(value: Value) -> Expression {
    vec![Step::Value { value, redact: false }]
}

impl<T: DbType, Sc> IntoExpr<T, Sc> for T {
    type N = NotNull;

    fn into_steps(self) -> Expression {
        value(self.into_value())
    }
}

impl<T: DbType, Sc> IntoExpr<T, Sc> for &T {
    type N = NotNull;

    fn into_steps(self) -> Expression {
        value(self.to_value())
    }
}

impl<Sc> IntoExpr<String, Sc> for &str {
    type N = NotNull;

    fn into_steps(self) -> Expression {
        value(Value::Text(self.to_owned()))
    }
}

impl<Sc> IntoExpr<Vec<u8>, Sc> for &[u8] {
    type N = NotNull;

    fn into_steps(self) -> Expression {
        value(Value::Bytes(self.to_owned()))
    }
}

impl<Sc> IntoExpr<Decimal, Sc> for i32 {
    type N = NotNull;

    fn into_steps(self) -> Expression {
        value(Value::Decimal(self.into()))
    }
}

/// Never implemented: it exists for its message.
#[diagnostic::on_unimplemented(
    message = "an `Option` cannot be compared or computed with: NULL never equals anything in SQL",
    label = "this is an `Option`",
    note = "use `.is_null()`, or `.is_not_distinct_from(option)` to treat NULL as a value; or take the value out of the Option first"
)]
pub trait NotNullable {}

impl<T, Sc, U> IntoExpr<T, Sc> for Option<U>
where
    Option<U>: NotNullable,
{
    type N = NotNull;

    fn into_steps(self) -> Expression {
        Vec::new()
    }
}

/// A plain value of type `T`: the value itself, a reference to one, or a `&str` for text.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a value of type `{T}`", label = "expected `{T}`")]
pub trait IntoValue<T> {
    /// The value.
    fn into_value(self) -> Value;
}

impl<T: DbType> IntoValue<T> for T {
    fn into_value(self) -> Value {
        DbType::into_value(self)
    }
}

impl<T: DbType> IntoValue<T> for &T {
    fn into_value(self) -> Value {
        self.to_value()
    }
}

impl IntoValue<String> for &str {
    fn into_value(self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl IntoValue<String> for &&str {
    fn into_value(self) -> Value {
        Value::Text((*self).to_owned())
    }
}

/// A column or an expression of a query, whatever its type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column or an expression of this query",
    label = "expected a column or an expression"
)]
pub trait TypedExpr<Sc> {
    /// Its type, without the Option.
    type Type: DbType;
    /// Whether it may be NULL.
    type N: Nullability;

    /// The expression.
    fn into_expr(self) -> Expr<Sc, Self::Type, Self::N>;
}

impl<Sc, T: DbType, N: Nullability> TypedExpr<Sc> for Column<Sc, T, N> {
    type Type = T;
    type N = N;

    fn into_expr(self) -> Expr<Sc, T, N> {
        self.into()
    }
}

impl<Sc, T: DbType, N: Nullability> TypedExpr<Sc> for Expr<Sc, T, N> {
    type Type = T;
    type N = N;

    fn into_expr(self) -> Expr<Sc, T, N> {
        self
    }
}
