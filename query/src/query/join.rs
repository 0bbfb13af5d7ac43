//! JOIN with a condition of one's own.

use super::ast::{Join, JoinKind, Source};
use super::{Joinable, Optional, Predicate, Query, Scope};
use crate::schema::Schema;

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

    fn joined<T: Schema, Joined: Scope>(mut self, kind: JoinKind, on: super::ast::Expression) -> Query<Joined, Out> {
        let prefix = self.select.source.prefix().map(str::to_owned);
        let source = Source::Table { schema: T::META, prefix };
        self.select.joins.push(Join { kind, source, on });
        self.with_scope()
    }
}
