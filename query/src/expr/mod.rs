//! Typed expressions: what closures over columns are made of.

mod aggregate;
mod arithmetic;
mod column;
mod columns;
mod compare;
mod condition;
mod fragment;
mod into_expr;
mod level;
mod list;
mod logic;
mod nullability;
mod order;
mod text;

pub use aggregate::{Averageable, Summable, count};
pub use arithmetic::{Number, coalesce};
pub use column::{Anchor, Column, Expr};
pub use columns::Columns;
pub use compare::IntoNullable;
pub use condition::{Condition, IntoCondition};
pub use fragment::{Fragment, FragmentArguments, FragmentOutput, constant, sql};
pub use into_expr::{IntoExpr, IntoValue, NotNullable, TypedExpr};
pub use list::{Expressions, exists, not_exists};
pub use nullability::{NotNull, Null, Nullability};
pub use order::{Order, Ordering};
pub use text::{Textual, escape_like};

pub(crate) use column::{redact, shift_select};
pub(crate) use level::{Level, current as current_level, enter};
