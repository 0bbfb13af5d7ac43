//! How tightly operators bind, and where parentheses are needed.

/// How tightly something binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// Raw SQL, of which nothing is known.
    Raw,
    Or,
    And,
    Not,
    /// A comparison, IN, LIKE, BETWEEN, IS NULL.
    Predicate,
    /// `||`, which the stores bind differently.
    Concat,
    /// `+` and `-`.
    Sum,
    /// `*`, `/` and `%`.
    Product,
    /// A leading `-`.
    Sign,
    /// A name, a placeholder, a call, or anything in parentheses.
    Atom,
}

/// A place for an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// Between parentheses or commas.
    Free,
    /// A term of an OR chain.
    Or,
    /// A term of an AND chain.
    And,
    /// A side of a comparison.
    Predicate,
    Concat,
    SumLeft,
    SumRight,
    ProductLeft,
    ProductRight,
    /// Whatever binds tightest.
    Atom,
}

impl Slot {
    /// Whether an operand of this level needs no parentheses here.
    pub fn admits(self, level: Level) -> bool {
        use Level::{Atom, Concat, Product, Sign, Sum};
        match self {
            Slot::Free => true,
            // AND inside OR would need none; readers do.
            Slot::Or | Slot::And => !matches!(level, Level::Raw | Level::Or | Level::And),
            Slot::Predicate => matches!(level, Concat | Sum | Product | Sign | Atom),
            Slot::Concat => matches!(level, Concat | Atom),
            Slot::SumLeft => matches!(level, Sum | Product | Sign | Atom),
            Slot::SumRight | Slot::ProductLeft => matches!(level, Product | Sign | Atom),
            Slot::ProductRight => matches!(level, Sign | Atom),
            Slot::Atom => matches!(level, Atom),
        }
    }
}
