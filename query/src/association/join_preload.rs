//! Preloads from the rows of the same statement.

use super::{Many, One};
use crate::expr::{NotNull, Nullability};
use crate::preload::{Joined, JoinedFrom, JoinedNode, Node, Preload, Slot, Source};
use crate::query::ast::JoinKind;
use crate::query::{InScope, Query, Scope, Sub};
use crate::schema::{AssociationKind, HasAssociations, Schema};
use std::sync::Arc;

/// The associations that a preload by joins gathers.
#[derive(Default)]
pub struct JoinedNodes {
    pub(crate) joined: Vec<Arc<dyn Joined>>,
    /// What statements of their own load into the rows of the joins.
    pub(crate) separate: Vec<Arc<dyn Preload>>,
}

/// What `.join_preload(..)` takes: an association of the rows, or a tuple of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an association of `{O}` that can be preloaded by a join",
    label = "expected an association of `{O}`, such as `p.author()`"
)]
pub trait JoinPreloads<O> {
    /// Adds the associations to `nodes`.
    fn append(self, nodes: &mut JoinedNodes);
}

/// What `.preload_from(..)` takes: an association and the source of its rows, `(u.posts(), p)`, and perhaps what is preloaded
/// from further sources into those rows: `(u.posts(), p, (p.comments(), c))`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an association of `{O}` with the source of its rows",
    label = "expected `(u.posts(), p)`, where `p` is what a join gave",
    note = "the source must be of the association's own schema"
)]
pub trait PreloadsFrom<O> {
    /// Adds the association to `nodes`.
    fn append(self, nodes: &mut JoinedNodes);
}

const FILTERS_ONLY: &str = "an association that is preloaded by a join takes filters and an order only: a limit, an offset or \
                            further joins need .preload(..)";

fn add<Sc: 'static, T: Schema, O: Schema>(
    many: Many<Sc, T, O>,
    from: impl FnOnce(&mut JoinedNode<O, T>, Vec<crate::schema::Hop>),
    inner: JoinedNodes,
    nodes: &mut JoinedNodes,
) {
    let Many { link, query, mut nested, mut joined, function, repo, .. } = many;
    let whole = query.is_whole();
    let mut problem = None;
    if function.is_some() || repo.is_some() {
        problem = Some(crate::error::QueryError::new(
            "an association that is loaded from elsewhere cannot be part of a join: use .preload(..)",
        ));
    }
    nested.extend(inner.separate);
    joined.extend(inner.joined);
    let mut order_by = query.order_terms();
    if let (true, Some(order)) = (order_by.is_empty(), &link.meta.order) {
        order_by = (order.0)();
    }
    let conditions = query.into_conditions(FILTERS_ONLY).unwrap_or_else(|found| {
        problem.get_or_insert(found);
        Vec::new()
    });
    let kind = match link.slot {
        Slot::One(_) if !link.meta.optional && conditions.is_empty() => JoinKind::Inner,
        _ => JoinKind::Left,
    };
    let from_steps = JoinedFrom::Steps { hops: Vec::new(), conditions, order_by, kind };
    let mut node = JoinedNode {
        slot: link.slot,
        repeats: link.meta.kind != AssociationKind::BelongsTo,
        from: from_steps,
        whole,
        nested: joined,
        problem,
    };
    from(&mut node, link.hops());
    if !nested.is_empty() {
        let present = Source::Present;
        let slot = link.slot;
        nodes.separate.push(Arc::new(Node {
            slot,
            fields: Vec::new(),
            source: present,
            nested,
            force: false,
            whole: true,
        }));
    }
    nodes.joined.push(Arc::new(node));
}

fn by_steps<P, T>(node: &mut JoinedNode<P, T>, steps: Vec<crate::schema::Hop>) {
    if let JoinedFrom::Steps { hops, .. } = &mut node.from {
        *hops = steps;
    }
}

impl<Sc: 'static, T: Schema, O: Schema> JoinPreloads<O> for Many<Sc, T, O> {
    fn append(self, nodes: &mut JoinedNodes) {
        add(self, by_steps, JoinedNodes::default(), nodes);
    }
}

impl<Sc: 'static, T: Schema, N: Nullability, O: Schema> JoinPreloads<O> for One<Sc, T, N, O> {
    fn append(self, nodes: &mut JoinedNodes) {
        let position = self.link().position;
        add(self.many(), |node, _| node.from = JoinedFrom::Path(position), JoinedNodes::default(), nodes);
    }
}

macro_rules! tuples {
    ($($name:ident)*) => {
        impl<Owner, $($name: JoinPreloads<Owner>),*> JoinPreloads<Owner> for ($($name,)*) {
            fn append(self, nodes: &mut JoinedNodes) {
                #[allow(non_snake_case)]
                let ($($name,)*) = self;
                $($name.append(nodes);)*
            }
        }
    };
}
crate::tuples::for_each_tuple!(tuples);

impl<Sc: 'static, T: Schema, O: Schema, C: InScope<Record = T>> PreloadsFrom<O> for (Many<Sc, T, O>, C) {
    fn append(self, nodes: &mut JoinedNodes) {
        let binding = self.1.anchor().binding();
        add(self.0, |node, hops| node.from = JoinedFrom::Binding(binding, hops), JoinedNodes::default(), nodes);
    }
}

impl<Sc: 'static, T: Schema, N: Nullability, O: Schema, C: InScope<Record = T>> PreloadsFrom<O>
    for (One<Sc, T, N, O>, C)
{
    fn append(self, nodes: &mut JoinedNodes) {
        (self.0.many(), self.1).append(nodes);
    }
}

impl<Sc: 'static, T: Schema, O: Schema, C: InScope<Record = T>, I: PreloadsFrom<T>> PreloadsFrom<O>
    for (Many<Sc, T, O>, C, I)
{
    fn append(self, nodes: &mut JoinedNodes) {
        let binding = self.1.anchor().binding();
        let mut inner = JoinedNodes::default();
        self.2.append(&mut inner);
        add(self.0, |node, hops| node.from = JoinedFrom::Binding(binding, hops), inner, nodes);
    }
}

impl<Sc: 'static, T: Schema, N: Nullability, O: Schema, C: InScope<Record = T>, I: PreloadsFrom<T>> PreloadsFrom<O>
    for (One<Sc, T, N, O>, C, I)
{
    fn append(self, nodes: &mut JoinedNodes) {
        (self.0.many(), self.1, self.2).append(nodes);
    }
}

impl<Sc: Scope> Query<Sc, Sc::Root>
where
    Sc::Root: Schema,
{
    /// Loads associations of the root's rows in the same statement, by joins.
    ///
    /// A filter or an order of a to-many association are those of its rows. A limit of the query is one of roots. One
    /// statement per association ([`preload`](Query::preload)) sends less where a row has many associated ones.
    pub fn join_preload<A: JoinPreloads<Sc::Root>>(mut self, associations: impl FnOnce(Sc::Bindings) -> A) -> Self {
        let mut nodes = JoinedNodes::default();
        self.build::<Sc, _>(|bindings| associations(bindings).append(&mut nodes));
        self.add_joined(nodes.joined);
        self.add_preloads(nodes.separate);
        self
    }

    /// Loads an association of the root's rows from a source that the query joins: what its rows are is up to the join and
    /// the filters.
    ///
    /// ```text
    /// User::query().left_join(|u| u.posts()).filter(|(_, p)| p.published).preload_from(|(u, p)| (u.posts(), p))
    /// ```
    pub fn preload_from<A: PreloadsFrom<Sc::Root>>(mut self, association: impl FnOnce(Sc::Bindings) -> A) -> Self {
        let mut nodes = JoinedNodes::default();
        self.build::<Sc, _>(|bindings| association(bindings).append(&mut nodes));
        self.add_joined(nodes.joined);
        self.add_preloads(nodes.separate);
        self
    }
}

impl<Sc: 'static, T: Schema, O: HasAssociations> Many<Sc, T, O> {
    /// Loads associations of the rows in the statement that reads the rows.
    pub fn join_preload<A: JoinPreloads<T>>(
        mut self,
        associations: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> A,
    ) -> Self {
        let mut nodes = JoinedNodes::default();
        self.query.build::<Sub<Sc, T>, _>(|columns| associations(columns).append(&mut nodes));
        self.joined.append(&mut nodes.joined);
        self.nested.append(&mut nodes.separate);
        self
    }
}

impl<Sc: 'static, T: Schema, N: Nullability, O: Schema> One<Sc, T, N, O> {
    /// Loads associations of the row in the statement that reads the row.
    pub fn join_preload<A: JoinPreloads<T>>(
        self,
        associations: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> A,
    ) -> Many<Sc, T, O> {
        self.many().join_preload(associations)
    }
}
