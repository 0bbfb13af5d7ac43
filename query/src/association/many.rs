//! To-many associations: queries for the rows that belong to a row.

use super::plan::{self, Planned};
use super::{Link, Nodes, Preloads};
use crate::error::{DecodeError, QueryError};
use crate::expr::{Anchor, IntoCondition, NotNull, Ordering};
use crate::preload::{CollectPlan, Collection, Joined, Preload};
use crate::query::ast::Expression;
use crate::query::{Query, Scope, Selected, Selection, Slots, Sub};
use crate::repo::Repo;
use crate::row::RowReader;
use crate::schema::{HasAssociations, Schema};
use std::marker::PhantomData;
use std::sync::Arc;

/// A to-many association, `u.posts()`: a query for the rows that belong to a row.
///
/// It serves in expressions (`u.posts().any(|p| p.published)`, `.count()`, …), in joins (`.join(|u| u.posts())`), in
/// preloads (`.preload(|u| u.posts().limit(3))`) and as a list of its own in a selection
/// (`u.posts().select(|p| p.title).collect()`). `Sc` is the scope of the query around it, `T` its target, `O` the struct that
/// has it, and `Out` what a row becomes.
#[must_use = "an association does nothing until a query uses it"]
pub struct Many<Sc: 'static, T: Schema, O, Out = T> {
    pub(super) owner: Anchor,
    pub(super) link: Link<O, T>,
    pub(super) query: Query<Sub<Sc, T>, Out>,
    pub(super) nested: Vec<Arc<dyn Preload>>,
    pub(super) joined: Vec<Arc<dyn Joined>>,
    pub(super) function: Option<super::preload::Function<T>>,
    pub(super) force: bool,
    pub(super) repo: Option<Repo>,
}

impl<Sc: 'static, T: Schema, O: HasAssociations> Many<Sc, T, O> {
    /// The association `link` of the source `owner`. Derived code calls it.
    pub fn new(owner: Anchor, link: Link<O, T>) -> Self {
        let (nested, joined) = (Vec::new(), Vec::new());
        Many { owner, link, query: Query::inside(), nested, joined, function: None, force: false, repo: None }
    }

    /// Takes the filters, the order, the limit and the preloads of a query made elsewhere, in addition to its own filters
    /// and preloads. An order or a limit of the query replaces its own.
    pub fn query<S: Scope<Root = T>>(self, query: Query<S, T>) -> Self {
        let mut query: Query<Sub<Sc, T>, T> = query.with_scope();
        let nested = query.take_preloads();
        let mut many = Many { query: query.also(self.query), ..self };
        many.nested.extend(nested);
        many
    }
}

impl<Sc: 'static, T: Schema, O: HasAssociations, Out> Many<Sc, T, O, Out> {
    /// Its filters, where it can have nothing else; `otherwise` says what to do instead.
    pub(super) fn into_filters(self, otherwise: &'static str) -> Result<Vec<Expression>, QueryError> {
        let Many { query, nested, joined, function, repo, .. } = self;
        let plain = nested.is_empty() && joined.is_empty() && function.is_none() && repo.is_none();
        if !plain || query.is_ordered() || query.has_own_prefix() {
            return Err(QueryError::new(otherwise));
        }
        query.into_conditions(otherwise)
    }

    fn changed(self, change: impl FnOnce(Query<Sub<Sc, T>, Out>) -> Query<Sub<Sc, T>, Out>) -> Self {
        Many { query: change(self.query), ..self }
    }

    /// Keeps the rows for which the condition holds.
    pub fn filter<C: IntoCondition<Sub<Sc, T>>>(
        self,
        condition: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> C,
    ) -> Self {
        self.changed(|query| query.filter(condition))
    }

    /// Sorts the rows.
    pub fn order_by<R: Ordering<Sub<Sc, T>>>(self, order: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> R) -> Self {
        self.changed(|query| query.order_by(order))
    }

    /// Gives at most `count` rows to each row that they belong to.
    pub fn limit(self, count: u64) -> Self {
        self.changed(|query| query.limit(count))
    }

    /// Passes over the first `count` rows of each row that they belong to.
    pub fn offset(self, count: u64) -> Self {
        self.changed(|query| query.offset(count))
    }

    /// Selects expressions instead of whole rows, for [`collect`](Many::collect) and [`first`](Many::first).
    pub fn select<P: Selection<Sub<Sc, T>>>(
        self,
        selection: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> P,
    ) -> Many<Sc, T, O, P::Out> {
        let Many { owner, link, mut query, nested, joined, function, force, repo } = self;
        // They are in the way of a selection, which the query says itself.
        query.add_joined(joined);
        Many { owner, link, query: query.select(selection), nested, joined: Vec::new(), function, force, repo }
    }

    /// Loads associations of the rows too, each with a statement of its own.
    pub fn preload<A: Preloads<T>>(mut self, associations: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> A) -> Self {
        let mut nodes = Nodes::default();
        self.query.build::<Sub<Sc, T>, _>(|columns| associations(columns).append(&mut nodes));
        self.nested.append(&mut nodes.0);
        self
    }

    /// Reads the rows from another repo, one statement there.
    pub fn from_repo(mut self, repo: &Repo) -> Self {
        self.repo = Some(repo.clone());
        self
    }
}

impl<Sc: 'static, T: Schema, O: Schema, Out: Send + 'static> Many<Sc, T, O, Out> {
    /// The rows as a list inside of a selection, read by one more statement for all rows.
    pub fn collect(self) -> Collect<Sc, Out> {
        Collect(collection(self, false), PhantomData)
    }

    /// The first row, if there is one, inside of a selection, read by one more statement for all rows.
    pub fn first(self) -> First<Sc, Out> {
        First(collection(self.limit(1), true), PhantomData)
    }
}

fn collection<Sc: 'static, T: Schema, O: Schema, Out: Send + 'static>(
    many: Many<Sc, T, O, Out>,
    first: bool,
) -> Arc<dyn Collection> {
    let owner = many.owner.binding();
    let Many { link, mut query, nested, joined, function, repo, .. } = many;
    query.add_preloads(nested);
    query.add_joined(joined);
    if function.is_some() {
        query.refuse("the rows of a list in a selection come from a repo, not from a function: preload them instead");
    }
    let Planned { plan, own, .. } = plan::plan(query, link, many.owner, repo);
    let key = own.into_iter().map(|field| (vec![crate::query::ast::Step::Column(owner, field)], field)).collect();
    Arc::new(CollectPlan { key, plan: plan.map(Arc::new), first })
}

/// The rows of an association as a list, in a selection.
#[must_use = "a list does nothing until a query selects it"]
pub struct Collect<Sc, Out>(Arc<dyn Collection>, PhantomData<fn() -> (Sc, Out)>);

/// The first row of an association, in a selection.
#[must_use = "it does nothing until a query selects it"]
pub struct First<Sc, Out>(Arc<dyn Collection>, PhantomData<fn() -> (Sc, Out)>);

macro_rules! selections {
    ($($name:ident => $out:ty, $empty:expr;)*) => {$(
        impl<Sc, Out: Send + 'static> Selection<Sc> for $name<Sc, Out> {
            type Out = $out;

            fn append(self, columns: &mut Selected) {
                columns.collection(self.0);
            }

            fn decode(_: &mut RowReader<'_>) -> Result<Self::Out, DecodeError> {
                Ok($empty)
            }

            fn slots<'o>(out: &'o mut Self::Out, slots: &mut Slots<'o>) {
                slots.row(out);
            }
        }
    )*};
}
selections! {
    Collect => Vec<Out>, Vec::new();
    First => Option<Out>, None;
}
