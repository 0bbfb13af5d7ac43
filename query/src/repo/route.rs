//! Several stores behind one repo: where the rows of each schema live.

use super::transaction::Scope;
use super::{Handle, Repo, apart};
use crate::adapter::Adapter;
use crate::error::Error;
use crate::query::ast::Operation;
use crate::schema::{AssociationKeys, Schema, SchemaMeta};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A store, and where in it.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) adapter: Arc<dyn Adapter>,
    /// The transaction or the checkout that a handle which stands here belongs to.
    pub(super) scope: Option<Scope>,
    name: Option<Arc<str>>,
    /// The prefix of what was routed here, stronger than that of the handle.
    prefix: Option<Arc<str>>,
}

impl Place {
    pub(super) fn new(adapter: Arc<dyn Adapter>) -> Self {
        Place { adapter, scope: None, name: None, prefix: None }
    }

    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.adapter.name())
    }

    /// Whether one transaction can be about both.
    pub(super) fn same_store(&self, other: &Place) -> bool {
        Arc::ptr_eq(&self.adapter, &other.adapter)
    }

    fn same(&self, other: &Place) -> bool {
        self.same_store(other) && self.prefix == other.prefix
    }
}

/// The schemas that live elsewhere than the rest.
#[derive(Clone, Default)]
pub(super) struct Routes(Arc<[Route]>);

#[derive(Clone)]
struct Route {
    schema: &'static SchemaMeta,
    place: Place,
    /// Whether it follows from other routes.
    implied: bool,
}

impl Routes {
    fn find(&self, schema: &'static SchemaMeta) -> Option<&Place> {
        self.0.iter().find(|route| std::ptr::eq(route.schema, schema)).map(|route| &route.place)
    }

    /// The same with a route more, which replaces one of the same schema.
    fn with(&self, schema: &'static SchemaMeta, place: Place) -> Self {
        let kept = self.0.iter().filter(|route| !route.implied && !std::ptr::eq(route.schema, schema)).cloned();
        let mut routes: Vec<Route> = kept.collect();
        routes.push(Route { schema, place, implied: false });
        let between: Vec<Route> = routes.iter().flat_map(|route| joins_beside(route, &routes)).collect();
        routes.extend(between);
        Routes(routes.into())
    }

    /// The same without prefixes of their own.
    fn without_prefixes(&self) -> Self {
        let without = |route: &Route| Route { place: Place { prefix: None, ..route.place.clone() }, ..route.clone() };
        Routes(self.0.iter().map(without).collect())
    }
}

/// The routes of the join tables that no struct describes and that tie a routed schema to one of the same store: nobody
/// can name them, and they belong to the rows of both.
fn joins_beside<'r>(route: &'r Route, routes: &'r [Route]) -> impl Iterator<Item = Route> + 'r {
    let beside = |target: &'static SchemaMeta| {
        routes.iter().any(|other| std::ptr::eq(other.schema, target) && other.place.same(&route.place))
    };
    route.schema.associations.iter().filter_map(move |association| match &association.keys {
        AssociationKeys::Join { schema, .. } => {
            let join = schema.meta();
            let place = route.place.clone();
            (apart::is_nameless(join) && beside(association.target.meta())).then_some(Route {
                schema: join,
                place,
                implied: true,
            })
        }
        _ => None,
    })
}

/// Shows which schema lives where.
impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = self.0.iter().filter(|route| !route.implied);
        f.debug_map().entries(named.map(|route| (route.schema.name, route.place.name()))).finish()
    }
}

impl Handle {
    /// The store of the schemas that have no route.
    fn home(&self) -> &Place {
        self.home.as_ref().unwrap_or(&self.place)
    }

    /// Where the rows of a schema live.
    pub(super) fn place_of(&self, schema: &'static SchemaMeta) -> &Place {
        self.routes.find(schema).unwrap_or_else(|| self.home())
    }

    /// Whether tables that name no prefix are in the same part of the same store.
    pub(super) fn same_tables(&self, one: &Place, other: &Place) -> bool {
        let prefix = |place: &Place| place.prefix.as_ref().or(self.prefix.as_ref()).cloned();
        one.same_store(other) && prefix(one) == prefix(other)
    }

    /// The prefix of the tables where it stands.
    pub(super) fn effective_prefix(&self) -> Option<&Arc<str>> {
        self.place.prefix.as_ref().or(self.prefix.as_ref())
    }

    /// Whether it knows several stores, which messages must tell apart.
    pub(super) fn has_routes(&self) -> bool {
        !self.routes.0.is_empty()
    }

    /// Its stores, each once.
    pub(super) fn adapters(&self) -> Vec<&Arc<dyn Adapter>> {
        let places = [&self.place, self.home()].into_iter().chain(self.routes.0.iter().map(|route| &route.place));
        places.fold(Vec::new(), |mut adapters, place| {
            if !adapters.iter().any(|known| Arc::ptr_eq(known, &place.adapter)) {
                adapters.push(&place.adapter);
            }
            adapters
        })
    }
}

impl Repo {
    /// The same repo, in which the rows of `S` live in the store of another repo, and all others where they lived before.
    ///
    /// Calls chain, so that any number of Postgres, SQLite and Redis stores are one `Repo`. Everything that reads or writes an
    /// `S` goes there: queries, changesets, bulk writes, preloads both ways, streams, loaders. The clock, the guard and what
    /// is captured are those of the handle that is called. Raw SQL, scripts, transactions and checkouts are the base store's,
    /// the one of the schemas without a route.
    ///
    /// A statement is one of one store: a join, a subquery or an insert from a query over two of them is
    /// [`Error::Unsupported`], which says what to write. In a transaction, reads of a routed schema run outside of it, and
    /// writes are refused: they belong into [`after_commit`](Repo::after_commit).
    ///
    /// Routing a schema again replaces its route. A join table of a many-to-many association that no struct describes lives
    /// where both of its ends do, else in the base store.
    ///
    /// ```
    /// # use peristyle_query::{repo::Repo, schema::Schema};
    /// fn stores<Session: Schema, Event: Schema>(postgres: Repo, redis: Repo, archive: Repo) -> Repo {
    ///     postgres.named("main").route::<Session>(&redis).route::<Event>(&archive.named("archive"))
    /// }
    /// ```
    ///
    /// # Parameters
    ///
    /// `other` gives the store, its [name](Repo::named), and its [prefix](Repo::with_prefix) if it has one: it is stronger
    /// than that of this handle, whenever that was set. If `other` routes `S` itself, that route is taken over.
    #[must_use = "the repo itself stays as it is"]
    pub fn route<S: Schema>(&self, other: &Repo) -> Self {
        let place = other.at(S::META);
        let prefix = place.handle.effective_prefix().cloned();
        let place = Place { prefix, ..place.handle.place.clone() };
        self.with(|handle| handle.routes = handle.routes.with(S::META, place))
    }

    /// The same repo with a name for its store, which tells it apart from others in messages and errors.
    ///
    /// ```
    /// # use peristyle_query::repo::Repo;
    /// fn stores(postgres: Repo, reports: Repo) -> [Repo; 2] {
    ///     [postgres.named("main"), reports.named("reports")]
    /// }
    /// ```
    #[must_use = "the repo itself stays as it is"]
    pub fn named(&self, name: impl AsRef<str>) -> Self {
        self.with(|handle| handle.place.name = Some(name.as_ref().into()))
    }

    /// The name of its store: that of [`named`](Repo::named), else the [kind](Repo::store).
    pub fn name(&self) -> &str {
        self.handle.place.name()
    }

    /// The name of the store in which the rows of `S` live.
    ///
    /// ```
    /// # use peristyle_query::{repo::Repo, schema::Schema};
    /// fn is_elsewhere<S: Schema>(repo: &Repo) -> bool {
    ///     repo.store_of::<S>() != repo.name()
    /// }
    /// ```
    pub fn store_of<S: Schema>(&self) -> &str {
        self.handle.place_of(S::META).name()
    }

    /// The same repo, standing where the rows of a schema live.
    pub(super) fn at(&self, schema: &'static SchemaMeta) -> Cow<'_, Repo> {
        if !self.handle.has_routes() {
            return Cow::Borrowed(self);
        }
        let (here, there) = (&self.handle.place, self.handle.place_of(schema));
        if here.same(there) {
            return Cow::Borrowed(self);
        }
        // In the same store, a transaction or a checkout is about all prefixes.
        let scope = here.scope.as_ref().filter(|_| here.same_store(there)).or(there.scope.as_ref()).cloned();
        let place = Place { scope, ..there.clone() };
        Cow::Owned(self.with(|handle| {
            handle.home.get_or_insert_with(|| handle.place.clone());
            handle.place = place;
        }))
    }

    /// The same repo, standing where the rows of a schema live that are to be written.
    pub(super) fn writing(&self, schema: &'static SchemaMeta) -> Result<Cow<'_, Repo>, Error> {
        let there = self.handle.place_of(schema);
        if self.in_transaction() && !self.handle.place.same_store(there) {
            return Err(apart::written_elsewhere(schema, &self.handle.place, there, self.handle.along));
        }
        Ok(self.at(schema))
    }

    /// The same repo, standing where a statement runs. A statement of the program's own runs where the handle stands.
    pub(super) fn placed(&self, operation: &Operation) -> Result<Cow<'_, Repo>, Error> {
        let Some(schema) = operation.schema().filter(|_| self.handle.has_routes()) else {
            return Ok(Cow::Borrowed(self));
        };
        if let Some(apart) = self.apart(operation) {
            return Err(apart.refusal());
        }
        if !operation.is_read() {
            return self.writing(schema);
        }
        let there = self.handle.place_of(schema);
        if self.in_transaction() && apart::locks(operation) && !self.handle.place.same_store(there) {
            return Err(apart::locked_elsewhere(schema, &self.handle.place, there));
        }
        Ok(self.at(schema))
    }

    /// The same repo, standing where another handle of it stands.
    pub(super) fn standing_as(&self, other: &Repo) -> Self {
        let (place, home) = (other.handle.place.clone(), other.handle.home.clone());
        self.with(|handle| (handle.place, handle.home) = (place, home))
    }

    /// The same repo, whose tables are those of the prefix of a query or of a write, stronger than any other.
    pub(super) fn in_prefix(&self, prefix: impl AsRef<str>) -> Self {
        self.with(|handle| {
            handle.prefix = Some(prefix.as_ref().into());
            if handle.has_routes() {
                handle.routes = handle.routes.without_prefixes();
                handle.place.prefix = None;
            }
        })
    }

    /// Names the store in an error that came from it, where there are several or it has a name.
    pub(super) fn told<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(|error| match self.handle.has_routes() || self.handle.place.name.is_some() {
            true => error.in_store(self.name()),
            false => error,
        })
    }
}
