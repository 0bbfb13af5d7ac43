//! Columns and expressions.

use super::Nullability;
use super::level::{self, Level};
use crate::query::ast::{Binding, Expression, Path, Select, Step};
use crate::schema::FieldMeta;
use crate::value::DbType;
use std::marker::PhantomData;

/// The source of a query that a record's columns belong to.
#[derive(Clone, Copy, Debug)]
pub struct Anchor {
    index: u8,
    level: Level,
    path: Path,
    /// A bit for each column that must never be shown; the last bit is that of all columns from there on.
    hidden: u64,
}

impl Anchor {
    pub(crate) fn new(index: u8, level: Level) -> Self {
        Anchor { index, level, path: Path::NONE, hidden: 0 }
    }

    /// The same source, some of whose columns must never be shown.
    pub(crate) fn hiding(self, positions: impl Iterator<Item = usize>) -> Self {
        Anchor { hidden: positions.fold(self.hidden, |hidden, position| hidden | 1 << position.min(63)), ..self }
    }

    /// Whether the column at a position of a projection's rows must never be shown, because the query inside computes it
    /// from a `redact` field.
    pub fn hides(self, position: usize) -> bool {
        self.hidden >> position.min(63) & 1 == 1
    }

    /// The source as the closure that is running sees it: one of its own query, or of a query further out.
    pub fn binding(self) -> Binding {
        Binding { depth: level::current().saturating_sub(self.level), index: self.index, path: self.path }
    }

    /// The source that association `association` of this one leads to, by its position among the schema's.
    pub fn then(self, association: u8) -> Self {
        Anchor { path: self.path.then(association), hidden: 0, ..self }
    }

    /// Which source of its query it is, and along which path.
    pub(crate) fn place(self) -> (u8, Path) {
        (self.index, self.path)
    }

    /// Whether it is the root of a query.
    pub(crate) fn is_root(self) -> bool {
        self.index == 0 && self.path.is_empty()
    }
}

/// A typed column of a source in scope: `u.email`.
///
/// `Sc` is the scope (the query's schema, or a tuple of the joined ones), `T` the type without its Option, and `N` says
/// whether it may be NULL.
pub struct Column<Sc, T, N> {
    anchor: Anchor,
    field: &'static FieldMeta,
    types: PhantomData<fn() -> (Sc, T, N)>,
}

impl<Sc, T, N> Clone for Column<Sc, T, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Sc, T, N> Copy for Column<Sc, T, N> {}

impl<Sc, T, N> Column<Sc, T, N> {
    /// The column of `field` in the source that `anchor` points at. Derived code calls it; `T` and `N` must be the
    /// field's.
    pub const fn new(anchor: Anchor, field: &'static FieldMeta) -> Self {
        Column { anchor, field, types: PhantomData }
    }

    /// Whether it belongs to the root of the innermost query.
    pub(crate) fn is_root(&self) -> bool {
        self.anchor.is_root() && self.anchor.level >= level::current()
    }

    /// The field behind the column.
    pub fn field(&self) -> &'static FieldMeta {
        self.field
    }
}

/// A typed SQL expression; see [`Column`] for the parameters.
#[must_use = "an expression does nothing until a query uses it"]
pub struct Expr<Sc, T, N> {
    steps: Expression,
    level: Level,
    types: PhantomData<fn() -> (Sc, T, N)>,
}

impl<Sc, T, N> Clone for Expr<Sc, T, N> {
    fn clone(&self) -> Self {
        Expr { steps: self.steps.clone(), level: self.level, types: PhantomData }
    }
}

impl<Sc, T, N> Expr<Sc, T, N> {
    pub(crate) fn new(steps: Expression) -> Self {
        Expr { steps, level: level::current(), types: PhantomData }
    }

    /// The steps, as seen from the closure that is running.
    pub(crate) fn into_steps(self) -> Expression {
        let mut steps = self.steps;
        let deeper = level::current().saturating_sub(self.level);
        // What was made outside of every closure belongs to no query yet, so that it has no outer one.
        if deeper > 0 && self.level > 0 {
            shift(&mut steps, deeper, 0);
        }
        steps
    }

    /// The same expression under other types.
    pub(crate) fn retype<Sc2, T2, N2>(self) -> Expr<Sc2, T2, N2> {
        Expr { steps: self.steps, level: self.level, types: PhantomData }
    }
}

/// Moves the references of an expression that point out of it `by` queries further out.
fn shift(steps: &mut Expression, by: Level, bound: Level) {
    for step in steps {
        match step {
            Step::Column(binding, _) if binding.depth >= bound => binding.depth = binding.depth.saturating_add(by),
            Step::InQuery(select, _) | Step::Exists(select, _) | Step::Scalar(select) => {
                shift_select(select, by, bound + 1);
            }
            _ => {}
        }
    }
}

/// Does the same for a query whose own columns have a depth less than `bound`.
pub(crate) fn shift_select(select: &mut Select, by: Level, bound: Level) {
    use crate::query::ast::Source;
    for source in select.sources_mut() {
        if let Source::Subquery(inner) = source {
            shift_select(inner, by, bound + 1);
        }
    }
    select.expressions_mut(&mut |steps| shift(steps, by, bound));
}

/// What columns and expressions have in common. The methods that users call are inherent.
pub(crate) trait Term<Sc, T, N>: Sized {
    fn steps(self) -> Expression;
}

impl<Sc, T, N> Term<Sc, T, N> for Column<Sc, T, N> {
    fn steps(self) -> Expression {
        // Room for an operand and an operator: most columns are compared.
        let mut steps = Vec::with_capacity(4);
        steps.push(Step::Column(self.anchor.binding(), self.field));
        steps
    }
}

impl<Sc, T, N> Term<Sc, T, N> for Expr<Sc, T, N> {
    fn steps(self) -> Expression {
        self.into_steps()
    }
}

impl<Sc, T: DbType, N: Nullability> From<Column<Sc, T, N>> for Expr<Sc, T, N> {
    fn from(column: Column<Sc, T, N>) -> Self {
        Expr::new(column.steps())
    }
}

/// Joins two operands with an operator, hiding values that meet a `redact` column.
pub(crate) fn binary(mut left: Expression, mut right: Expression, operator: Step) -> Expression {
    match (has_redacted(&left), has_redacted(&right)) {
        (true, false) => redact(&mut right),
        (false, true) => redact(&mut left),
        _ => {}
    }
    left.append(&mut right);
    left.push(operator);
    left
}

pub(crate) fn has_redacted(steps: &Expression) -> bool {
    steps.iter().any(|step| matches!(step, Step::Column(_, field) if field.redact))
}

pub(crate) fn redact(steps: &mut Expression) {
    for step in steps {
        match step {
            Step::Value { redact, .. } | Step::In { redact, .. } => *redact = true,
            _ => {}
        }
    }
}

/// Repeats an `impl` block for columns and for expressions.
macro_rules! for_terms {
    ($(#[$attribute:meta])* impl [$($generics:tt)*] for <$sc:ty, $t:ty, $n:ty> $body:tt) => {
        impl<$($generics)*> $crate::expr::Column<$sc, $t, $n> $body
        impl<$($generics)*> $crate::expr::Expr<$sc, $t, $n> $body
    };
}
pub(super) use for_terms;
