//! JOIN with a condition of one's own, of a table or of a query.

use super::ast::{Join, JoinKind, Source};
use super::{IntoQuery, Joinable, Optional, Predicate, Query, Scope};
use crate::error::QueryError;
use crate::expr::IntoCondition;
use crate::schema::{Record, Schema};

impl<Sc: Scope, Out> Query<Sc, Out> {
    /// Joins the rows of `T` for which a condition holds; rows without a partner are left out.
    ///
    /// The closure, and those of later clauses, receive a tuple: `|(u, m)| u.manager_id.eq(m.id)`.
    pub fn join_on<T>(
        mut self,
        on: impl Predicate<<Sc as Joinable<T>>::Joined, <<Sc as Joinable<T>>::Joined as Scope>::Bindings>,
    ) -> Query<<Sc as Joinable<T>>::Joined, Out>
    where
        T: Schema,
        Sc: Joinable<T>,
    {
        let on = self.condition(on);
        self.joined::<T, <Sc as Joinable<T>>::Joined>(JoinKind::Inner, on)
    }

    /// Joins the rows of `T` for which a condition holds; a row without a partner stays, with NULLs for `T`'s columns.
    pub fn left_join_on<T>(
        mut self,
        on: impl Predicate<
            <Sc as Joinable<Optional<T>>>::Joined,
            <<Sc as Joinable<Optional<T>>>::Joined as Scope>::Bindings,
        >,
    ) -> Query<<Sc as Joinable<Optional<T>>>::Joined, Out>
    where
        T: Schema,
        Sc: Joinable<Optional<T>>,
    {
        let on = self.condition(on);
        self.joined::<T, <Sc as Joinable<Optional<T>>>::Joined>(JoinKind::Left, on)
    }

    /// Joins the rows of a query for which a condition holds; rows without a partner are left out.
    ///
    /// # Parameters
    ///
    /// `query` gives whole rows of a schema or a `#[derive(Projection)]` struct; see [`subquery`](Query::subquery). It stands
    /// by itself: what depends on the columns beside it belongs into `on`, which receives a tuple, as later clauses do:
    /// `Post::query().join_query(top_authors, |(p, t)| p.author_id.eq(t.author_id))`.
    pub fn join_query<Q, C>(
        self,
        query: Q,
        on: impl FnOnce(<<Sc as Joinable<Q::Out>>::Joined as Scope>::Bindings) -> C,
    ) -> Query<<Sc as Joinable<Q::Out>>::Joined, Out>
    where
        Q: IntoQuery,
        Q::Out: Record,
        Sc: Joinable<Q::Out>,
        C: IntoCondition<<Sc as Joinable<Q::Out>>::Joined>,
    {
        self.joined_query(JoinKind::Inner, query.into_query().into_source(), on)
    }

    /// Joins the rows of a query for which a condition holds; a row without a partner stays, with NULLs for the query's
    /// columns: a whole row of it is an Option, `None` where all of its columns are NULL. For the parameters see
    /// [`join_query`](Query::join_query).
    pub fn left_join_query<Q, C>(
        self,
        query: Q,
        on: impl FnOnce(<<Sc as Joinable<Optional<Q::Out>>>::Joined as Scope>::Bindings) -> C,
    ) -> Query<<Sc as Joinable<Optional<Q::Out>>>::Joined, Out>
    where
        Q: IntoQuery,
        Q::Out: Record,
        Sc: Joinable<Optional<Q::Out>>,
        C: IntoCondition<<Sc as Joinable<Optional<Q::Out>>>::Joined>,
    {
        self.joined_query(JoinKind::Left, query.into_query().into_source(), on)
    }

    fn joined_query<Joined: Scope, C: IntoCondition<Joined>>(
        mut self,
        kind: JoinKind,
        (source, problem): (Source, Option<QueryError>),
        on: impl FnOnce(Joined::Bindings) -> C,
    ) -> Query<Joined, Out> {
        // The query inside is counted from the running closure already.
        self.settle();
        problem.into_iter().for_each(|problem| self.refuse_with(problem));
        let position = self.select.joins.len();
        self.select.joins.push(Join { kind, source, on: Vec::new() });
        let on = self.condition::<Joined, C>(on);
        if let Some(join) = self.select.joins.get_mut(position) {
            join.on = on;
        }
        self.with_scope()
    }

    fn joined<T: Schema, Joined: Scope>(mut self, kind: JoinKind, on: super::ast::Expression) -> Query<Joined, Out> {
        let prefix = self.select.prefix().map(str::to_owned);
        let source = Source::Table { schema: T::META, prefix };
        self.select.joins.push(Join { kind, source, on });
        self.with_scope()
    }
}
