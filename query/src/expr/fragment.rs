//! Raw SQL inside a query, and inlined literals.

use super::column::Term;
use super::{Column, Expr, IntoExpr, NotNull, Null, Nullability};
use crate::query::ast::{Expression, Step};
use crate::query::template;
use crate::value::{DbType, Value};
use std::marker::PhantomData;

/// What `sql::<T>` may give: a type, or an `Option` of one where the SQL may be NULL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type that SQL gives",
    note = "name the type of the result: sql::<bool>(..), sql::<i64>(..), or sql::<Option<String>>(..) if it may be NULL"
)]
pub trait FragmentOutput {
    /// The type without its Option.
    type Type: DbType;
    /// Whether it may be NULL.
    type N: Nullability;
}

impl<T: DbType> FragmentOutput for T {
    type Type = T;
    type N = NotNull;
}

impl<T: DbType> FragmentOutput for Option<T> {
    type Type = T;
    type N = Null;
}

/// A piece of raw SQL without arguments; [`bind`](Fragment::bind) gives it some.
#[must_use = "a fragment does nothing until a query uses it"]
pub struct Fragment<O> {
    template: &'static str,
    output: PhantomData<fn() -> O>,
}

/// Raw SQL as a typed expression, the escape hatch of the query language.
///
/// `{}` stands for an argument of [`bind`](Fragment::bind), which is bound or quoted as everywhere; `{{` and `}}` are
/// braces. The template is `&'static str`, so that no input can become SQL.
///
/// ```
/// # use peristyle_query::expr::{Expr, NotNull, sql};
/// fn random<Sc>() -> Expr<Sc, f64, NotNull> {
///     sql::<f64>("random()").bind(())
/// }
/// ```
pub fn sql<O: FragmentOutput>(template: &'static str) -> Fragment<O> {
    Fragment { template, output: PhantomData }
}

impl<O: FragmentOutput> Fragment<O> {
    /// Gives the fragment its arguments: a column, an expression or a value, or a tuple of them, one for each `{}`.
    ///
    /// Another number of them is an [`Error::Query`](crate::error::Error::Query) when the query runs.
    pub fn bind<Sc, A: FragmentArguments<Sc>>(self, arguments: A) -> Expr<Sc, O::Type, O::N> {
        let mut steps = Vec::new();
        let count = arguments.append(&mut steps);
        if super::column::has_redacted(&steps) {
            super::column::redact(&mut steps);
        }
        Expr::new(assemble(self.template, steps, count))
    }
}

fn assemble(template: &'static str, mut steps: Expression, count: usize) -> Expression {
    steps.push(match template::places(template) {
        Some(places) if places == count => Step::Fragment(template, count),
        Some(_) => Step::Invalid(
            "a sql::<T>(\"..\") template needs as many `{}` as .bind(..) has arguments; write `{{` and `}}` for braces",
        ),
        None => Step::Invalid(
            "a brace in a sql::<T>(\"..\") template stands alone: `{}` is an argument, `{{` and `}}` are braces",
        ),
    });
    steps
}

impl<O: FragmentOutput, Sc> IntoExpr<O::Type, Sc> for Fragment<O> {
    type N = O::N;

    fn into_steps(self) -> Expression {
        assemble(self.template, Vec::new(), 0)
    }
}

/// A literal written into the SQL, quoted, where a bound value will not do (a partial index needs one).
///
/// The value cannot come from input: it is a `&'static str`, or a type that cannot carry SQL.
pub fn constant<Sc, C: Constant>(value: C) -> Expr<Sc, C::Type, NotNull> {
    Expr::new(vec![Step::Literal(value.into_value())])
}

/// What [`constant`] takes: a `&'static str`, an integer or a boolean.
pub trait Constant {
    /// The type of the expression.
    type Type: DbType;
    /// The value.
    fn into_value(self) -> Value;
}

impl Constant for &'static str {
    type Type = String;

    fn into_value(self) -> Value {
        Value::Text(self.to_owned())
    }
}

macro_rules! constants {
    ($($rust:ty),*) => {$(
        impl Constant for $rust {
            type Type = $rust;

            fn into_value(self) -> Value {
                DbType::into_value(self)
            }
        }
    )*};
}
constants!(bool, i16, i32, i64);

/// The arguments of a fragment: a column, an expression, a value or an `Option` of one (`None` is NULL), or a tuple of
/// them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a sql::<T>(\"..\") fragment",
    label = "expected a column, an expression, a value or an Option of one, or a tuple of them"
)]
pub trait FragmentArguments<Sc> {
    /// Adds the arguments to `steps` and says how many there are.
    fn append(self, steps: &mut Expression) -> usize;
}

impl<Sc> FragmentArguments<Sc> for () {
    fn append(self, _: &mut Expression) -> usize {
        0
    }
}

impl<Sc, T, N: Nullability> FragmentArguments<Sc> for Column<Sc, T, N> {
    fn append(self, steps: &mut Expression) -> usize {
        steps.append(&mut self.steps());
        1
    }
}

impl<Sc, T, N: Nullability> FragmentArguments<Sc> for Expr<Sc, T, N> {
    fn append(self, steps: &mut Expression) -> usize {
        steps.append(&mut self.steps());
        1
    }
}

impl<Sc, T: DbType> FragmentArguments<Sc> for T {
    fn append(self, steps: &mut Expression) -> usize {
        steps.push(Step::Value { value: self.into_value(), redact: false });
        1
    }
}

impl<Sc> FragmentArguments<Sc> for &str {
    fn append(self, steps: &mut Expression) -> usize {
        steps.push(Step::Value { value: Value::Text(self.to_owned()), redact: false });
        1
    }
}

impl<Sc, T: DbType> FragmentArguments<Sc> for Option<T> {
    fn append(self, steps: &mut Expression) -> usize {
        let value = self.map_or(Value::Null(T::DATA_TYPE), T::into_value);
        steps.push(Step::Value { value, redact: false });
        1
    }
}

impl<Sc> FragmentArguments<Sc> for Option<&str> {
    fn append(self, steps: &mut Expression) -> usize {
        FragmentArguments::<Sc>::append(self.map(str::to_owned), steps)
    }
}

macro_rules! tuples {
    ($($name:ident)*) => {
        impl<Sc, $($name: FragmentArguments<Sc>),*> FragmentArguments<Sc> for ($($name,)*) {
            fn append(self, steps: &mut Expression) -> usize {
                #[allow(non_snake_case)]
                let ($($name,)*) = self;
                0 $(+ $name.append(steps))*
            }
        }
    };
}
crate::tuples::for_each_tuple!(tuples);
