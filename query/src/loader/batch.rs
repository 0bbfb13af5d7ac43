//! Batches of the program's own.

use super::Gather;
use crate::error::Error;
use crate::repo::{Repo, RepoFuture};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::panic::Location;
use std::sync::Arc;

/// Values that are asked for one at a time and found by a function for many keys at once;
/// [`Loader::batch`](super::Loader::batch) makes it. It is cheap to clone, and remembers what it found as long as it lives.
///
/// ```
/// use peristyle_query::error::Error;
/// use peristyle_query::loader::{Batch, Loader};
/// use peristyle_query::repo::Repo;
/// use std::collections::HashMap;
///
/// fn lengths(loader: &Loader) -> Batch<String, usize> {
///     loader.batch(|_: Repo, words: Vec<String>| async move {
///         Ok(words.into_iter().map(|word| (word.clone(), word.len())).collect())
///     })
/// }
///
/// async fn both(lengths: &Batch<String, usize>) -> Result<(Option<usize>, Option<usize>), Error> {
///     let (one, other) = (lengths.load("one".to_owned()), lengths.load("other".to_owned()));
///     futures_util::future::try_join(one, other).await // the function is called once
/// }
/// ```
pub struct Batch<K, V> {
    values: Gather<K, V>,
}

impl<K, V> Clone for Batch<K, V> {
    fn clone(&self) -> Self {
        Batch { values: self.values.clone() }
    }
}

impl<K, V> fmt::Debug for Batch<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").finish_non_exhaustive()
    }
}

impl<K, V> Batch<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new<F, Fut>(repo: Repo, function: F) -> Self
    where
        F: Fn(Repo, Vec<K>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<HashMap<K, V>, Error>> + Send + 'static,
    {
        Batch { values: Gather::new(move |keys, _| Box::pin(function(repo.clone(), keys))) }
    }

    /// The value of a key, or `None` if the function gave none.
    ///
    /// # Errors
    ///
    /// That of the function, which everyone receives who asked in the same batch. It is not remembered: the next call asks
    /// again.
    ///
    /// ```
    /// # use peristyle_query::{error::Error, loader::Batch};
    /// async fn likes_of(likes: &Batch<i64, i64>, post: i64) -> Result<i64, Error> {
    ///     Ok(likes.load(post).await?.unwrap_or(0))
    /// }
    /// ```
    #[track_caller]
    pub fn load(&self, key: K) -> RepoFuture<Option<V>> {
        let (values, location) = (self.values.clone(), Location::caller());
        RepoFuture::new(location, async move { Ok(values.load(key, location).await?.map(Arc::unwrap_or_clone)) })
    }

    /// Forgets all values, such as after a write.
    ///
    /// ```
    /// # use peristyle_query::loader::Batch;
    /// fn liked(likes: &Batch<i64, i64>) {
    ///     likes.clear();
    /// }
    /// ```
    pub fn clear(&self) {
        self.values.clear();
    }
}
