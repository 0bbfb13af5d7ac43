//! What is in scope of a query: its root and what was joined.

use super::ast::{Select, Source};
use crate::expr::{Anchor, IntoCondition, Level, NotNull, Null};
use crate::schema::Record;
use std::marker::PhantomData;

/// A joined record that may be missing, as an element of a scope: `(User, Optional<Post>)`.
pub struct Optional<A>(PhantomData<A>);

/// An element of a scope: a record, or an [`Optional`] one.
pub trait ScopeElement: 'static {
    /// Its columns.
    type Columns<Sc: 'static>;

    /// The columns of the source that `anchor` points at.
    fn columns<Sc: 'static>(anchor: Anchor) -> Self::Columns<Sc>;
}

impl<A: Record> ScopeElement for A {
    type Columns<Sc: 'static> = A::Columns<Sc, NotNull>;

    fn columns<Sc: 'static>(anchor: Anchor) -> Self::Columns<Sc> {
        A::columns(anchor)
    }
}

impl<A: Record> ScopeElement for Optional<A> {
    type Columns<Sc: 'static> = A::Columns<Sc, Null>;

    fn columns<Sc: 'static>(anchor: Anchor) -> Self::Columns<Sc> {
        A::columns(anchor)
    }
}

/// The sources of a query, for the closure that is running.
#[derive(Clone, Copy)]
pub struct Sources<'q> {
    select: &'q Select,
    level: Level,
}

impl<'q> Sources<'q> {
    pub(crate) fn new(select: &'q Select, level: Level) -> Self {
        Sources { select, level }
    }

    /// The source at an index: 0 is the root, 1 the first join.
    pub(crate) fn anchor(self, index: u8) -> Anchor {
        let anchor = Anchor::new(index, self.level);
        match self.select.source_at(index) {
            Some(Source::Subquery(inner)) => anchor.hiding(inner.hidden_columns()),
            _ => anchor,
        }
    }
}

/// What is in scope of a query: a record, or a tuple of the root and what was joined.
pub trait Scope: Sized + 'static {
    /// The root.
    type Root: Record;

    /// What a closure over the query receives: the columns of the root, or a tuple of columns.
    type Bindings;

    /// The scope of a query whose root is an `R` in its place, and that joins nothing yet.
    type Of<R: Record>: Scope<Root = R>;

    #[doc(hidden)]
    fn bindings(sources: Sources<'_>) -> Self::Bindings;
}

impl<S: Record> Scope for S {
    type Root = S;
    type Bindings = S::Columns<S, NotNull>;
    type Of<R: Record> = R;

    fn bindings(sources: Sources<'_>) -> Self::Bindings {
        S::columns(sources.anchor(0))
    }
}

/// A scope that has room for one more source.
#[diagnostic::on_unimplemented(
    message = "this query has no room for another join",
    note = "a query joins at most eight sources"
)]
pub trait Joinable<T: ScopeElement>: Scope {
    /// The scope with the source added.
    type Joined: Scope<Root = Self::Root>;
}

impl<S: Record, T: ScopeElement> Joinable<T> for S {
    type Joined = (S, T);
}

macro_rules! scopes {
    ($root:ident $($name:ident $index:literal)*) => {
        impl<$root: Record, $($name: ScopeElement),*> Scope for ($root, $($name,)*) {
            type Root = $root;
            type Bindings = ($root::Columns<Self, NotNull>, $($name::Columns<Self>,)*);
            type Of<R: Record> = R;

            fn bindings(sources: Sources<'_>) -> Self::Bindings {
                ($root::columns(sources.anchor(0)), $($name::columns(sources.anchor($index)),)*)
            }
        }
    };
}
scopes!(S A 1);
scopes!(S A 1 B 2);
scopes!(S A 1 B 2 C 3);
scopes!(S A 1 B 2 C 3 D 4);
scopes!(S A 1 B 2 C 3 D 4 E 5);
scopes!(S A 1 B 2 C 3 D 4 E 5 F 6);
scopes!(S A 1 B 2 C 3 D 4 E 5 F 6 G 7);
scopes!(S A 1 B 2 C 3 D 4 E 5 F 6 G 7 H 8);

macro_rules! joins {
    ($root:ident $($name:ident)*) => {
        impl<$root: Record, $($name: ScopeElement,)* Next: ScopeElement> Joinable<Next> for ($root, $($name,)*) {
            type Joined = ($root, $($name,)* Next);
        }
    };
}
joins!(S A);
joins!(S A B);
joins!(S A B C);
joins!(S A B C D);
joins!(S A B C D E);
joins!(S A B C D E F);
joins!(S A B C D E F G);

/// A closure from columns to a condition, where a method's type parameter is named by the user.
pub trait Predicate<Sc, In>: FnOnce(In) -> Self::Condition {
    /// What the closure returns.
    type Condition: IntoCondition<Sc>;
}

impl<Sc, In, F, C> Predicate<Sc, In> for F
where
    F: FnOnce(In) -> C,
    C: IntoCondition<Sc>,
{
    type Condition = C;
}
