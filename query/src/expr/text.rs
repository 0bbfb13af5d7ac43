//! Operations on text.

use super::column::{Term, binary, for_terms};
use super::{Expr, IntoExpr, Nullability};
use crate::query::ast::{BinaryOperator, Function, Step};
use crate::value::DbType;

/// A type stored as text: `String`, and newtypes of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not text",
    label = "patterns and text functions need a text column",
    note = "`.cast::<String>()` turns another type into text"
)]
pub trait Textual: DbType {}

impl Textual for String {}

/// Escapes the wildcards of `like` in `text`, so that it matches itself only.
///
/// ```
/// use peristyle_query::expr::escape_like;
/// assert_eq!(escape_like("100%_\\"), "100\\%\\_\\\\");
/// ```
pub fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

macro_rules! likes {
    ($($(#[$doc:meta])* $name:ident $negated:literal $ignore_case:literal;)*) => {
        for_terms! {
            impl[Sc, T: DbType, N: Nullability] for <Sc, T, N> {
                $($(#[$doc])*
                pub fn $name<R: IntoExpr<String, Sc>>(self, pattern: R) -> Expr<Sc, bool, <R::N as Nullability>::Or<N>>
                where
                    T: Textual,
                {
                    let step = Step::Like { negated: $negated, ignore_case: $ignore_case };
                    Expr::new(binary(self.steps(), pattern.into_steps(), step))
                })*
            }
        }
    };
}

likes! {
    /// Matches a pattern: `%` stands for any text, `_` for one character, `\` makes the next character plain. Case counts.
    like false false;
    /// Does not match a pattern.
    not_like true false;
    /// Matches a pattern, whatever the case (on SQLite, of ASCII letters).
    ilike false true;
    /// Does not match a pattern, whatever the case (on SQLite, of ASCII letters).
    not_ilike true true;
}

for_terms! {
    impl[Sc, T: DbType, N: Nullability] for <Sc, T, N> {
        /// Begins with `text`, whose `%` and `_` are plain characters.
        pub fn starts_with(self, text: impl AsRef<str>) -> Expr<Sc, bool, N>
        where
            T: Textual,
        {
            self.like(format!("{}%", escape_like(text.as_ref()))).retype()
        }

        /// Ends with `text`, whose `%` and `_` are plain characters.
        pub fn ends_with(self, text: impl AsRef<str>) -> Expr<Sc, bool, N>
        where
            T: Textual,
        {
            self.like(format!("%{}", escape_like(text.as_ref()))).retype()
        }

        /// Has `text` somewhere in it; its `%` and `_` are plain characters.
        pub fn contains(self, text: impl AsRef<str>) -> Expr<Sc, bool, N>
        where
            T: Textual,
        {
            self.like(format!("%{}%", escape_like(text.as_ref()))).retype()
        }

        /// In lower case (on SQLite, of ASCII letters).
        pub fn lower(self) -> Expr<Sc, T, N>
        where
            T: Textual,
        {
            function(self.steps(), Function::Lower)
        }

        /// In upper case (on SQLite, of ASCII letters).
        pub fn upper(self) -> Expr<Sc, T, N>
        where
            T: Textual,
        {
            function(self.steps(), Function::Upper)
        }

        /// How many characters it has.
        pub fn length(self) -> Expr<Sc, i32, N>
        where
            T: Textual,
        {
            function(self.steps(), Function::Length)
        }

        /// This text, then another.
        pub fn concat<R: IntoExpr<String, Sc>>(self, other: R) -> Expr<Sc, String, <R::N as Nullability>::Or<N>>
        where
            T: Textual,
        {
            Expr::new(binary(self.steps(), other.into_steps(), Step::Binary(BinaryOperator::Concat)))
        }
    }
}

fn function<Sc, T, N>(mut steps: Vec<Step>, function: Function) -> Expr<Sc, T, N> {
    steps.push(Step::Function(function, 1));
    Expr::new(steps)
}
