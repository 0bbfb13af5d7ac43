//! Loading what is asked for one row at a time with one statement for all, as resolvers of GraphQL need it.

mod association;
mod batch;
mod gather;
mod key;

pub use association::LoaderTarget;
pub use batch::Batch;
pub use key::{KeyValue, LoaderKey};

use crate::association::association_plan;
use crate::error::{Error, QueryError};
use crate::expr::NotNull;
use crate::repo::{Repo, RepoFuture};
use crate::schema::{IntoKey, Key, Keyed, Record, Schema};
use crate::value::Value;
use association::Association;
use gather::Gather;
use key::{Wanted, mismatch};
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Loads associations and rows that are asked for one at a time, with one statement for all that are asked for together.
///
/// A future of it waits a turn of the executor, so that others can ask too: those in the same `join_all`, in other tasks,
/// on any runtime. What was loaded is remembered and given again, cloned, as long as the loader lives: make one for each
/// request. Clones share what they know. After a write, call [`clear`](Loader::clear).
///
/// ```text
/// let loader = Loader::new(&repo);
/// let posts: Vec<Post> = loader.load::<User, _>(|u| u.posts().order_by(|p| p.id), user.id).await?;
/// let author: Option<User> = loader.load::<Post, _>(|p| p.author(), post.author_id).await?;
/// let user: Option<User> = loader.get::<User>(7).await?;
/// ```
///
/// A repo with a [guard](Repo::guard_n_plus_one) does not count what a loader reads. Where the repo belongs to a
/// transaction, so do the loader's reads.
///
/// ```
/// use peristyle_query::error::Error;
/// use peristyle_query::loader::Loader;
/// use peristyle_query::repo::Repo;
/// use peristyle_query::schema::Keyed;
///
/// async fn two<User: Keyed<Key = i64> + Clone>(repo: &Repo) -> Result<(Option<User>, Option<User>), Error> {
///     let loader = Loader::new(repo);
///     futures_util::future::try_join(loader.get::<User>(1), loader.get::<User>(2)).await // one statement
/// }
/// ```
#[derive(Clone)]
pub struct Loader {
    inner: Arc<Inner>,
}

struct Inner {
    repo: Repo,
    gathers: Mutex<HashMap<Kind, Vec<Arc<dyn Any + Send + Sync>>>>,
}

/// The rows of a schema, or those of an association of it, which has several gathers if it is asked for in several shapes.
#[derive(PartialEq, Eq, Hash)]
struct Kind {
    schema: TypeId,
    association: Option<String>,
}

impl Loader {
    /// A loader that knows nothing yet.
    ///
    /// ```
    /// # use peristyle_query::{loader::Loader, repo::Repo};
    /// struct Context {
    ///     repo: Repo,
    ///     loader: Loader,
    /// }
    ///
    /// fn context(repo: &Repo) -> Context {
    ///     Context { repo: repo.clone(), loader: Loader::new(repo) }
    /// }
    /// ```
    pub fn new(repo: &Repo) -> Self {
        Loader { inner: Arc::new(Inner { repo: repo.within_call(), gathers: Mutex::default() }) }
    }

    /// The rows of an association for one row: a `Vec` for a to-many association, an `Option` for a to-one.
    ///
    /// ```text
    /// loader.load::<User, _>(|u| u.posts().filter(|p| p.published).limit(3).preload(|p| p.comments()), user.id).await?;
    /// loader.load::<Post, _>(|p| p.author(), post.author_id).await?;
    /// ```
    ///
    /// # Parameters
    ///
    /// `association` receives the columns of `S` and gives one of its associations, perhaps with filters, an order, a limit
    /// (for each row) and preloads of its own; a to-one association then gives a `Vec`, too. Each shape has its own batches.
    ///
    /// `key` is the value of the field of `S` that the association uses: the foreign key for a `BelongsTo`, else the field
    /// that it refers to, most often the primary key; a tuple if there are several. It is the primary key if a filter uses
    /// columns of `S`. With `None` there are no rows, and no statement.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] for a key of another type, for an association of another row and for one that `.with(..)` or
    /// `.join_preload(..)` loads; else as [`Repo::all`], and then everyone receives it who asked in the same batch. An error
    /// is not remembered: the next call asks again.
    ///
    /// ```
    /// use peristyle_query::error::Error;
    /// use peristyle_query::expr::NotNull;
    /// use peristyle_query::loader::{Loader, LoaderTarget};
    /// use peristyle_query::schema::Schema;
    ///
    /// /// What an association leads to, for each key: one statement.
    /// async fn of_all<S: Schema, A: LoaderTarget<S>>(
    ///     loader: &Loader,
    ///     association: fn(S::Columns<S, NotNull>) -> A,
    ///     keys: &[i64],
    /// ) -> Result<Vec<A::Out>, Error>
    /// where
    ///     A::Target: Clone,
    /// {
    ///     let loads = keys.iter().map(|key| loader.load::<S, A>(association, *key));
    ///     futures_util::future::try_join_all(loads).await
    /// }
    /// ```
    #[track_caller]
    pub fn load<S, A>(
        &self,
        association: impl FnOnce(<S as Record>::Columns<S, NotNull>) -> A,
        key: impl LoaderKey,
    ) -> RepoFuture<A::Out>
    where
        S: Schema,
        A: LoaderTarget<S>,
        A::Target: Clone,
    {
        let location = Location::caller();
        let asked = self.association::<S, A>(association, key.into_key_values());
        RepoFuture::new(location, async move {
            let rows = match asked? {
                Some((gather, wanted)) => gather.load(wanted, location).await?.map(Arc::unwrap_or_clone),
                None => None,
            };
            Ok(A::output(rows.unwrap_or_default()))
        })
    }

    /// The row of a primary key, or `None`. A composite key is a tuple in the order of its fields.
    ///
    /// # Errors
    ///
    /// As [`Repo::all`]; see [`load`](Loader::load).
    ///
    /// ```
    /// # use peristyle_query::{error::Error, loader::Loader, schema::Keyed};
    /// async fn all<User: Keyed<Key = i64> + Clone>(loader: &Loader, ids: &[i64]) -> Result<Vec<Option<User>>, Error> {
    ///     futures_util::future::try_join_all(ids.iter().map(|id| loader.get::<User>(*id))).await // one statement
    /// }
    /// ```
    #[track_caller]
    pub fn get<S: Keyed + Clone>(&self, key: impl IntoKey<S::Key>) -> RepoFuture<Option<S>> {
        let location = Location::caller();
        let wanted = Wanted::new(key.into_key().into_values());
        let kind = Kind { schema: TypeId::of::<S>(), association: None };
        let rows = self.known(kind, |_: &Gather<Wanted, S>| true, rows_of);
        RepoFuture::new(location, async move {
            match wanted {
                Some(wanted) => Ok(rows.load(wanted, location).await?.map(Arc::unwrap_or_clone)),
                None => Ok(None),
            }
        })
    }

    /// A batch with a function of the program's own: for counts, sums, other services. Keep what it gives next to the
    /// loader, for as long.
    ///
    /// ```text
    /// let likes: Batch<i64, i64> = loader.batch(async |repo: Repo, ids: Vec<i64>| {
    ///     let counts = Like::query().filter(|l| l.post_id.in_(ids)).group_by(|l| l.post_id);
    ///     Ok(repo.all(counts.select(|l| (l.post_id, count()))).await?.into_iter().collect())
    /// });
    /// let count = likes.load(post.id).await?.unwrap_or(0);
    /// ```
    ///
    /// # Parameters
    ///
    /// `function` receives the repo, without its guard, and the keys, each once; it gives the values by key. A key may be
    /// left out.
    ///
    /// ```
    /// # use peristyle_query::{loader::{Batch, Loader}, repo::Repo};
    /// fn squares(loader: &Loader) -> Batch<i64, i64> {
    ///     loader.batch(async |_: Repo, keys: Vec<i64>| Ok(keys.into_iter().map(|key| (key, key * key)).collect()))
    /// }
    /// ```
    pub fn batch<K, V, F, Fut>(&self, function: F) -> Batch<K, V>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
        F: Fn(Repo, Vec<K>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<HashMap<K, V>, Error>> + Send + 'static,
    {
        Batch::new(self.inner.repo.clone(), function)
    }

    /// Forgets all rows, such as after a write. A [`Batch`] is cleared by itself.
    ///
    /// ```
    /// # use peristyle_query::loader::Loader;
    /// fn written(loader: &Loader) {
    ///     loader.clear();
    /// }
    /// ```
    pub fn clear(&self) {
        self.gathers().clear();
    }

    /// The gather of an association in its shape, and the key to ask it for; no key if one of its values is NULL.
    fn association<S, A>(
        &self,
        association: impl FnOnce(<S as Record>::Columns<S, NotNull>) -> A,
        values: Vec<Value>,
    ) -> Result<Option<(Gather<Wanted, Vec<A::Target>>, Wanted)>, Error>
    where
        S: Schema,
        A: LoaderTarget<S>,
    {
        let plan = Arc::new(association_plan::<S, A>(association)?);
        if let Some(problem) = mismatch(&plan.name, &plan.fields, &values) {
            return Err(QueryError::new(problem).into());
        }
        let Some(wanted) = Wanted::new(values) else { return Ok(None) };
        let kind = Kind { schema: TypeId::of::<S>(), association: Some(plan.name.clone()) };
        let is = |known: &Association<A::Target>| known.is(&plan);
        let association = self.known(kind, is, |repo| Association::new(repo, &plan));
        Ok(Some((association.rows.clone(), wanted)))
    }

    /// The one of a kind that is wanted, which is made if it is not there.
    fn known<T: Any + Send + Sync>(
        &self,
        kind: Kind,
        is: impl Fn(&T) -> bool,
        make: impl FnOnce(&Repo) -> T,
    ) -> Arc<T> {
        let mut gathers = self.gathers();
        let of_kind = gathers.entry(kind).or_default();
        let found = of_kind.iter().filter_map(|known| known.clone().downcast::<T>().ok()).find(|known| is(known));
        found.unwrap_or_else(|| {
            let made = Arc::new(make(&self.inner.repo));
            of_kind.push(made.clone());
            made
        })
    }

    fn gathers(&self) -> MutexGuard<'_, HashMap<Kind, Vec<Arc<dyn Any + Send + Sync>>>> {
        self.inner.gathers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Loader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loader").field("repo", &self.inner.repo).finish_non_exhaustive()
    }
}

/// The rows of a schema, by their primary key.
fn rows_of<S: Keyed>(repo: &Repo) -> Gather<Wanted, S> {
    let repo = repo.clone();
    Gather::new(move |keys: Vec<Wanted>, location| {
        let repo = repo.clone();
        Box::pin(async move {
            let values: Vec<_> = keys.into_iter().map(|key| key.values).collect();
            let rows = repo.rows_of_keys::<S>(&values, location).await?;
            Ok(rows.into_iter().filter_map(|row| Some((Wanted::of_row(&row)?, row))).collect())
        })
    })
}
