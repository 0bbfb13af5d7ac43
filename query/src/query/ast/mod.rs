//! The plain form of statements: what the builders build and the adapters read.
//!
//! An expression is a flat list of steps in postfix order (operands before their operator), so that building one extends
//! a vector instead of boxing every node. This module is public for adapters and outside the promise of stable versions
//! until 1.0.

mod expression;
mod lock;
mod operation;
mod select;

pub(crate) use expression::compared;
pub use expression::{Aggregate, BinaryOperator, Binding, Expression, Function, Path, Step, UnaryOperator};
pub use lock::{Lock, Locked, RowLock};
pub use operation::{
    ConflictAction, ConflictTarget, Delete, Explain, ExplainFormat, Insert, InsertSource, OnConflict, Operation,
    ParentKey, PerParent, RawStatement, Update,
};
pub use select::{Join, JoinKind, Nulls, OrderTerm, OutputColumn, Select, Source};
