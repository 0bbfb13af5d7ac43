//! Preloads: associations that are loaded into rows.

use super::plan::{self, Planned};
use super::{Many, One};
use crate::adapter::BoxFuture;
use crate::error::{Error, QueryError};
use crate::expr::{NotNull, Nullability};
use crate::preload::{Fetched, Node, Preload, Source};
use crate::query::{Query, Scope, Sub};
use crate::repo::Repo;
use crate::schema::{AssociationKeys, FromKey, HasAssociations, Schema};
use crate::value::Value;
use std::future::Future;
use std::sync::Arc;

/// The associations that a preload gathers.
#[derive(Default)]
pub struct Nodes(pub(crate) Vec<Arc<dyn Preload>>);

/// What `.preload(..)` takes: an association of the rows, or a tuple, `Vec` or `Option` of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an association of `{O}` that can be preloaded",
    label = "expected an association of `{O}`, such as `u.posts()`",
    note = "a column or a row itself needs no preload: name an association; what lies behind an association is preloaded inside of it: `.preload(|p| p.author().preload(|a| a.org()))`; so is what belongs to an embedded struct: `.preload(|o| o.item().preload(|i| i.product()))`"
)]
pub trait Preloads<O> {
    /// Adds the associations to `nodes`.
    fn append(self, nodes: &mut Nodes);
}

impl<Sc: 'static, T: Schema, O: HasAssociations> Preloads<O> for Many<Sc, T, O> {
    fn append(self, nodes: &mut Nodes) {
        nodes.0.push(Arc::new(self.into_node()));
    }
}

impl<Sc: 'static, T: Schema, N: Nullability, O: Schema> Preloads<O> for One<Sc, T, N, O> {
    fn append(self, nodes: &mut Nodes) {
        self.many().append(nodes);
    }
}

impl<O, A: Preloads<O>> Preloads<O> for Vec<A> {
    fn append(self, nodes: &mut Nodes) {
        self.into_iter().for_each(|association| association.append(nodes));
    }
}

impl<O, A: Preloads<O>> Preloads<O> for Option<A> {
    fn append(self, nodes: &mut Nodes) {
        self.into_iter().for_each(|association| association.append(nodes));
    }
}

macro_rules! tuples {
    ($($name:ident)*) => {
        impl<Owner, $($name: Preloads<Owner>),*> Preloads<Owner> for ($($name,)*) {
            fn append(self, nodes: &mut Nodes) {
                #[allow(non_snake_case)]
                let ($($name,)*) = self;
                $($name.append(nodes);)*
            }
        }
    };
}
crate::tuples::for_each_tuple!(tuples);

impl<Sc: Scope, Out> Query<Sc, Out> {
    /// Loads associations of the root's rows, each with one more statement, however many rows there are.
    ///
    /// # Parameters
    ///
    /// `associations` receives the columns in scope and gives an association, or a tuple of them. Each may have a filter, an
    /// order, a limit and an offset (per row that it belongs to), and preloads of its own:
    /// `.preload(|u| u.posts().filter(|p| p.published).limit(3).preload(|p| p.comments()))`.
    pub fn preload<A: Preloads<Sc::Root>>(mut self, associations: impl FnOnce(Sc::Bindings) -> A) -> Self {
        let mut nodes = Nodes::default();
        self.build::<Sc, _>(|bindings| associations(bindings).append(&mut nodes));
        self.add_preloads(nodes.0);
        self
    }
}

/// The program's own way to load an association's rows.
pub(super) type Function<T> = (Call<T>, fn(&T) -> T);

type Call<T> = Arc<dyn Fn(Vec<Vec<Value>>) -> BoxFuture<'static, Result<Children<T>, Error>> + Send + Sync>;

/// What a function of [`with`](Many::with) gives: rows that have the key, or pairs of a key and a row.
pub enum Children<T> {
    /// Rows, whose own foreign key says where they belong.
    Rows(Vec<T>),
    /// The key of the row that it belongs to, and the row.
    Pairs(Vec<(Vec<Value>, T)>),
}

impl<T> From<Vec<T>> for Children<T> {
    fn from(rows: Vec<T>) -> Self {
        Children::Rows(rows)
    }
}

impl<K: crate::schema::Key, T> From<Vec<(K, T)>> for Children<T> {
    fn from(pairs: Vec<(K, T)>) -> Self {
        Children::Pairs(pairs.into_iter().map(|(key, row)| (key.into_values(), row)).collect())
    }
}

impl<Sc: 'static, T: Schema, O: HasAssociations> Many<Sc, T, O> {
    /// Loads the association even where it is loaded.
    pub fn force(mut self) -> Self {
        self.force = true;
        self
    }

    /// Loads the rows with a function instead of a statement: from a cache, another service, anywhere.
    ///
    /// It receives the keys of the rows in hand, each once and without NULLs, and gives either the rows, which know by their
    /// foreign key where they belong, or pairs of a key and a row, as a many-to-many or `through` association needs. The
    /// order that it gives stays.
    ///
    /// ```text
    /// .preload(|p| p.comments().with(async |ids: Vec<i64>| cache.comments(ids).await))
    /// ```
    pub fn with<K, R, F, Fut>(mut self, function: F) -> Self
    where
        K: FromKey,
        R: Into<Children<T>>,
        F: Fn(Vec<K>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, Error>> + Send + 'static,
        T: Clone,
    {
        let function = Arc::new(function);
        let call: Call<T> = Arc::new(move |keys| {
            let keys = keys.into_iter().map(K::from_values).collect::<Result<Vec<K>, _>>();
            let called = keys.map(|keys| function(keys));
            Box::pin(async move { Ok(called?.await?.into()) })
        });
        self.function = Some((call, T::clone));
        self
    }

    /// The association to be loaded into rows.
    pub(super) fn into_node(self) -> Node<O, T> {
        let Many { owner, link, query, nested, joined, function, force, repo } = self;
        let slot = link.slot;
        let own = link.hops().first().map(|hop| hop.from.clone()).unwrap_or_default();
        let (whole, ordered) = (query.is_whole(), query.is_ordered());
        if !owner.is_root() {
            let problem = QueryError::new(format!(
                "{}.{} belongs to another row than the one that is loaded: preload it inside of the association that leads \
                 there, as in `.preload(|p| p.author().preload(|a| a.posts()))`",
                O::OWNER.name,
                link.meta.name
            ));
            return Node { slot, fields: own, source: Source::Problem(problem), nested, force, whole };
        }
        if function.is_some() && (!whole || ordered || repo.is_some()) {
            let problem = QueryError::new(format!(
                "the rows of {}.{} come from a function, which no filter, order, limit or other repo reaches: filter and sort \
                 them in the function of .with(..)",
                O::OWNER.name,
                link.meta.name
            ));
            return Node { slot, fields: own, source: Source::Problem(problem), nested, force, whole };
        }
        if let Some((call, clone)) = function {
            let own_key = match &link.meta.keys {
                AssociationKeys::Direct { target, .. } => Some(T::META.fields_or_key(target)),
                _ => None,
            };
            let name = format!("{}.{}", O::OWNER.name, link.meta.name);
            let call = Arc::new(move |keys| {
                let (call, own_key, name) = (call.clone(), own_key.clone(), name.clone());
                let fetched: BoxFuture<'static, Result<Fetched<T>, Error>> = Box::pin(async move {
                    match (call(keys).await?, own_key) {
                        (Children::Pairs(pairs), _) => Ok(pairs),
                        (Children::Rows(rows), Some(fields)) => Ok(rows
                            .into_iter()
                            .map(|row| (crate::preload::values_of(&row, &fields), row))
                            .collect()),
                        (Children::Rows(_), None) => Err(QueryError::new(format!(
                            "{name} leads through another table, so that its rows do not say where they belong: let the \
                             function of .with(..) give pairs of a key and a row"
                        ))
                        .into()),
                    }
                });
                fetched
            });
            return Node { slot, fields: own, source: Source::Function { call, clone }, nested, force, whole: true };
        }
        let mut query = query;
        query.add_joined(joined);
        let Planned { plan, own } = plan::plan(query, link, owner, repo);
        let source = match plan {
            Ok(plan) => Source::Plan(Arc::new(plan)),
            Err(problem) => Source::Problem(problem),
        };
        Node { slot, fields: own, source, nested, force: force || ordered, whole }
    }
}

macro_rules! forwarded {
    ($($(#[$doc:meta])* fn $name:ident[$($generics:tt)*]($($argument:ident: $type:ty),*) $(where [$($bounds:tt)*])?;)*) => {
        impl<Sc: 'static, T: Schema, N: Nullability, O: Schema> One<Sc, T, N, O> {
            $($(#[$doc])*
            pub fn $name<$($generics)*>(self, $($argument: $type),*) -> Many<Sc, T, O>
            $(where $($bounds)*)?
            {
                self.many().$name($($argument),*)
            }
            )*
        }
    };
}
forwarded! {
    /// Loads associations of the row too, each with a statement of its own.
    fn preload[A: Preloads<T>](associations: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> A);
    /// Loads only a row for which the condition holds.
    fn filter[C: crate::expr::IntoCondition<Sub<Sc, T>>](condition: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> C);
    /// Sorts the rows, the first of which is the one.
    fn order_by[R: crate::expr::Ordering<Sub<Sc, T>>](order: impl FnOnce(T::Columns<Sub<Sc, T>, NotNull>) -> R);
    /// Takes the filters and the preloads of a query made elsewhere.
    fn query[S: Scope<Root = T>](query: Query<S, T>);
    /// Loads the row from another repo, one statement there.
    fn from_repo[](repo: &Repo);
    /// Loads the association even where it is loaded.
    fn force[]();
    /// Loads the rows with a function instead of a statement; see [`Many::with`].
    fn with[K, R, F, Fut](function: F) where [
        K: FromKey,
        R: Into<Children<T>>,
        F: Fn(Vec<K>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, Error>> + Send + 'static,
        T: Clone,
    ];
}
