//! Expressions: flat lists of steps.

use super::Select;
use crate::schema::FieldMeta;
use crate::value::{DataType, Value};
use std::fmt;

/// A place in an expression: a column, a value, or an operation on what stands before it.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Step {
    /// A column.
    Column(Binding, &'static FieldMeta),
    /// A bound value. `redact`: never shown.
    Value {
        /// The value.
        value: Value,
        /// Whether it must never be shown.
        redact: bool,
    },
    /// A literal written into the SQL, quoted.
    Literal(Value),
    /// `*`, as in `COUNT(*)`.
    Star,
    /// Takes one operand.
    Unary(UnaryOperator),
    /// Takes two operands.
    Binary(BinaryOperator),
    /// Takes `n` operands, all of which must hold; TRUE for none.
    All(usize),
    /// Takes `n` operands, one of which must hold; FALSE for none.
    Any(usize),
    /// Takes three operands: is the first between the others? `true`: is it not?
    Between(bool),
    /// Takes one operand: is it among these values (never NULL)? `negated`: is it not?
    In {
        /// The type of the values.
        item: &'static DataType,
        /// The values.
        values: Vec<Value>,
        /// Whether the test is turned round.
        negated: bool,
        /// Whether the values must never be shown.
        redact: bool,
    },
    /// Takes one operand: is it among the rows of a query with one column? `true`: is it not?
    InQuery(Box<Select>, bool),
    /// Whether a query gives a row. `true`: whether it gives none.
    Exists(Box<Select>, bool),
    /// The one value of a query.
    Scalar(Box<Select>),
    /// Takes two operands, a text and a pattern.
    Like {
        /// Whether the test is turned round.
        negated: bool,
        /// Whether case is ignored.
        ignore_case: bool,
    },
    /// Takes one operand unless it is `COUNT(*)`, whose operand is [`Step::Star`].
    Aggregate {
        /// Which.
        function: Aggregate,
        /// Whether equal values count once.
        distinct: bool,
        /// Whether one more operand, a condition, follows (FILTER).
        filter: bool,
        /// The type of the operand.
        operand: DataType,
        /// The type of the result.
        result: DataType,
    },
    /// Takes `n` operands.
    Function(Function, usize),
    /// Takes one operand, as another type.
    Cast(DataType),
    /// A mistake that types could not catch, with what to write instead; a query that has one is refused.
    Invalid(&'static str),
    /// Whether the row was inserted, among what an INSERT with a conflict clause gives back. Not every store can say: see
    /// [`Executor::tells_inserted`](crate::adapter::Executor::tells_inserted).
    Inserted,
    /// Takes `n` operands: raw SQL, as a [`template`](crate::query::template) with a place for each.
    Fragment(&'static str, usize),
}

/// Shows the step without the values that must never be shown.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Column(binding, field) => {
                write!(f, "Column({}.{}, {:?})", binding.depth, binding.index, field.column)
            }
            Step::Value { redact: true, .. } => f.write_str("Value([redacted])"),
            Step::Value { value, .. } => write!(f, "Value({value})"),
            Step::Literal(value) => write!(f, "Literal({value})"),
            Step::Star => f.write_str("Star"),
            Step::Inserted => f.write_str("Inserted"),
            Step::Unary(operator) => operator.fmt(f),
            Step::Binary(operator) => operator.fmt(f),
            Step::All(count) => write!(f, "All({count})"),
            Step::Any(count) => write!(f, "Any({count})"),
            Step::Between(negated) => write!(f, "Between {{ negated: {negated} }}"),
            Step::In { redact: true, negated, .. } => write!(f, "In {{ [redacted], negated: {negated} }}"),
            Step::In { values, negated, .. } => write!(f, "In {{ {values:?}, negated: {negated} }}"),
            Step::InQuery(select, negated) => write!(f, "InQuery {{ {select:?}, negated: {negated} }}"),
            Step::Exists(select, negated) => write!(f, "Exists {{ {select:?}, negated: {negated} }}"),
            Step::Scalar(select) => write!(f, "Scalar({select:?})"),
            Step::Like { negated, ignore_case } => {
                write!(f, "Like {{ negated: {negated}, ignore_case: {ignore_case} }}")
            }
            Step::Aggregate { function, distinct, filter, .. } => {
                write!(f, "{function:?} {{ distinct: {distinct}, filter: {filter} }}")
            }
            Step::Function(function, count) => write!(f, "{function:?}({count})"),
            Step::Cast(data_type) => write!(f, "Cast({data_type})"),
            Step::Invalid(message) => write!(f, "Invalid({message:?})"),
            Step::Fragment(template, count) => write!(f, "Fragment({template:?}, {count})"),
        }
    }
}

/// A reference to a source of the query: how many queries further out (`depth`), which of its sources, and which
/// to-one associations are followed from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Binding {
    /// 0 for the query itself, 1 for the one around it, …
    pub depth: u8,
    /// 0 for the root, 1 for the first join, …; from [`Binding::IMPLIED`] on, [`Select::implied`].
    pub index: u8,
    /// Empty in a statement that reaches an adapter: the core turns paths into joins.
    pub path: Path,
}

impl Binding {
    /// The index of the first join that no closure sees.
    pub const IMPLIED: u8 = 128;

    /// Stands for the rows between of a many-to-many association, in the order of its attribute, until they are joined.
    pub const BETWEEN: u8 = u8::MAX - 1;

    /// A source `depth` queries further out, by its index.
    pub const fn of(depth: u8, index: u8) -> Self {
        Binding { depth, index, path: Path::NONE }
    }
}

/// A chain of to-one associations, each by its position among the associations of its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    length: u8,
    steps: [u8; Path::LONGEST],
}

impl Path {
    /// How many associations a path follows at most.
    pub const LONGEST: usize = 6;

    /// The path that stays where it is.
    pub const NONE: Path = Path { length: 0, steps: [0; Path::LONGEST] };

    /// The path that follows one association more. A path that is too long stays so, and the query is refused.
    #[must_use]
    pub const fn then(mut self, association: u8) -> Self {
        if (self.length as usize) < Path::LONGEST {
            self.steps[self.length as usize] = association;
        }
        self.length = self.length.saturating_add(1);
        self
    }

    /// The path that follows another one after this.
    #[must_use]
    pub fn join(self, further: Path) -> Self {
        // A path that is too long has no further steps to tell, and stays too long.
        let known = usize::from(further.length).min(Path::LONGEST);
        let joined = further.steps[..known].iter().fold(self, |path, association| path.then(*association));
        if further.is_too_long() { joined.then(0) } else { joined }
    }

    /// The path without its last association, and that; `None` for an empty one.
    pub fn split_last(self) -> Option<(Path, u8)> {
        let length = self.length.checked_sub(1)?;
        let last = *self.steps.get(usize::from(length))?;
        let mut rest = self;
        rest.length = length;
        rest.steps[usize::from(length)] = 0;
        Some((rest, last))
    }

    /// Whether no association is followed.
    pub const fn is_empty(self) -> bool {
        self.length == 0
    }

    /// Whether it follows more associations than a path may.
    pub const fn is_too_long(self) -> bool {
        self.length as usize > Path::LONGEST
    }
}

/// The condition that a field of the query's root compares so with a value.
pub(crate) fn compared(field: &'static FieldMeta, operator: BinaryOperator, value: Value) -> Expression {
    let value = Step::Value { value, redact: field.redact };
    vec![Step::Column(Binding::of(0, 0), field), value, Step::Binary(operator)]
}

/// An operator with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum UnaryOperator {
    Not,
    Negate,
    IsNull,
    IsNotNull,
}

/// An operator with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum BinaryOperator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// Equal, or both NULL.
    IsNotDistinctFrom,
    IsDistinctFrom,
    And,
    Or,
    /// The type is that of the operands.
    Add(DataType),
    Subtract(DataType),
    Multiply(DataType),
    Divide(DataType),
    Remainder(DataType),
    Concat,
}

/// An aggregate function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Aggregate {
    Count,
    Sum,
    Average,
    Min,
    Max,
}

/// A scalar function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Function {
    Coalesce,
    Lower,
    Upper,
    Length,
    Abs,
}

/// An expression: steps in postfix order that leave one operand.
pub type Expression = Vec<Step>;
