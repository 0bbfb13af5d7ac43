//! Reading rows by key or by a condition.

use super::{Repo, RepoFuture};
use crate::error::{Error, NotFound, QueryError};
use crate::expr::NotNull;
use crate::query::ast::{BinaryOperator, Binding, Expression, RowLock, Step, compared};
use crate::query::{Predicate, Query};
use crate::schema::{IntoKey, Key, Keyed, Schema};
use crate::value::Value;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::panic::Location;

impl Repo {
    /// The row of a primary key, or `None`. A composite key is a tuple in the order of its fields.
    ///
    /// # Errors
    ///
    /// As [`all`](Repo::all).
    #[track_caller]
    pub fn get<S: Keyed>(&self, key: impl IntoKey<S::Key>) -> RepoFuture<Option<S>> {
        let (repo, location) = (self.clone(), Location::caller());
        let query = by_key::<S>(key.into_key().into_values());
        RepoFuture::new(location, async move { repo.read_one(query, location).await })
    }

    /// The row of a primary key.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none; else as [`all`](Repo::all).
    #[track_caller]
    pub fn find<S: Keyed>(&self, key: impl IntoKey<S::Key>) -> RepoFuture<S> {
        let (repo, location) = (self.clone(), Location::caller());
        let values = key.into_key().into_values();
        let query = by_key::<S>(values.clone());
        RepoFuture::new(location, async move {
            let not_found = || NotFound { schema: S::NAME, sought: describe_key::<S>(&values) }.into();
            repo.read_one(query, location).await?.ok_or_else(not_found)
        })
    }

    /// The row of a primary key, locked until the end of the transaction, so that nobody else changes it meanwhile.
    ///
    /// On SQLite a transaction that may write has the whole database to itself, so that this reads the row and no more.
    ///
    /// # Parameters
    ///
    /// `lock` is a [`Lock`](crate::query::Lock), such as `Lock::ForUpdate`, or one that does not wait: `Lock::ForUpdate.nowait()`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none, or if it is locked and is to be skipped; [`Error::Query`] outside of a
    /// transaction; else as [`all`](Repo::all).
    ///
    /// ```text
    /// let from = tx.find_locked::<Account>(id, Lock::ForUpdate).await?;
    /// ```
    #[track_caller]
    pub fn find_locked<S: Keyed>(&self, key: impl IntoKey<S::Key>, lock: impl Into<RowLock>) -> RepoFuture<S> {
        let (repo, location) = (self.clone(), Location::caller());
        let values = key.into_key().into_values();
        let mut query = by_key::<S>(values.clone());
        query.select_mut().lock = Some(lock.into());
        RepoFuture::new(location, async move {
            if !repo.in_transaction() {
                return Err(QueryError::new(
                    "a lock on a row ends with the transaction, and there is none: call find_locked(..) on the handle that \
                     repo.transaction(async |tx| ..) gives",
                )
                .into());
            }
            let not_found = || NotFound { schema: S::NAME, sought: describe_key::<S>(&values) }.into();
            repo.read_one(query, location).await?.ok_or_else(not_found)
        })
    }

    /// The one row for which a condition holds, or `None`.
    ///
    /// # Errors
    ///
    /// [`Error::MultipleRows`] if there are more; else as [`all`](Repo::all).
    #[track_caller]
    pub fn get_by<S: Schema>(&self, condition: impl Predicate<S, S::Columns<S, NotNull>>) -> RepoFuture<Option<S>> {
        self.one(S::query().filter(condition))
    }

    /// All rows for which a condition holds.
    ///
    /// # Errors
    ///
    /// As [`all`](Repo::all).
    #[track_caller]
    pub fn all_by<S: Schema>(&self, condition: impl Predicate<S, S::Columns<S, NotNull>>) -> RepoFuture<Vec<S>> {
        self.all(S::query().filter(condition))
    }

    /// Reads rows again by their keys: a row gives an `Option`, a slice a `Vec` of them in the same order. `None` stands
    /// for a row that is gone.
    ///
    /// # Errors
    ///
    /// As [`all`](Repo::all).
    #[track_caller]
    pub fn reload<R: Reload>(&self, rows: R) -> RepoFuture<R::Out> {
        rows.reload(self, Location::caller())
    }
}

/// What [`Repo::reload`] takes: a row, a slice or a `Vec` of rows, by reference.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be reloaded",
    label = "expected `&row`, `&rows` or `&rows[..]` of a schema with a primary key"
)]
pub trait Reload {
    /// An `Option` of a row, or a `Vec` of them.
    type Out;

    #[doc(hidden)]
    fn reload(self, repo: &Repo, location: &'static Location<'static>) -> RepoFuture<Self::Out>;
}

impl<S: Keyed> Reload for &S {
    type Out = Option<S>;

    fn reload(self, repo: &Repo, location: &'static Location<'static>) -> RepoFuture<Self::Out> {
        let (repo, query) = (repo.clone(), by_key::<S>(key_values(self)));
        RepoFuture::new(location, async move { repo.read_one(query, location).await })
    }
}

impl<S: Keyed> Reload for &[S] {
    type Out = Vec<Option<S>>;

    fn reload(self, repo: &Repo, location: &'static Location<'static>) -> RepoFuture<Self::Out> {
        let keys: Vec<Vec<Value>> = self.iter().map(key_values).collect();
        let repo = repo.clone();
        RepoFuture::new(location, async move { repo.reload_keys(keys, location).await })
    }
}

impl Repo {
    async fn reload_keys<S: Keyed>(
        &self,
        keys: Vec<Vec<Value>>,
        location: &'static Location<'static>,
    ) -> Result<Vec<Option<S>>, Error> {
        let mut reloaded: Vec<Option<S>> = keys.iter().map(|_| None).collect();
        let mut remaining: Vec<usize> = (0..keys.len()).collect();
        let (mut repo, rest) = (self, self.within_call());
        // A row that was asked for twice is read twice, in a second round: schemas need not be Clone.
        while !remaining.is_empty() {
            let mut places = HashMap::new();
            let mut repeated = Vec::new();
            for place in remaining {
                match places.entry(fingerprint(&keys[place])) {
                    Entry::Occupied(_) => repeated.push(place),
                    Entry::Vacant(entry) => {
                        entry.insert(place);
                    }
                }
            }
            let round: Vec<&Vec<Value>> = places.values().map(|&place| &keys[place]).collect();
            for keys in round.chunks(KEYS_A_STATEMENT) {
                for row in std::mem::replace(&mut repo, &rest).read(by_keys::<S>(keys), location).await? {
                    if let Some(&place) = places.get(&fingerprint(&key_values(&row))) {
                        reloaded[place] = Some(row);
                    }
                }
            }
            remaining = repeated;
        }
        Ok(reloaded)
    }
}

impl Repo {
    /// The rows of these keys, which differ, in any order. The guard does not count them.
    pub(crate) async fn rows_of_keys<S: Keyed>(
        &self,
        keys: &[Vec<Value>],
        location: &'static Location<'static>,
    ) -> Result<Vec<S>, Error> {
        let (repo, keys) = (self.within_call(), keys.iter().collect::<Vec<_>>());
        let at_once = if S::META.primary_key.len() == 1 { SINGLE_KEYS_A_STATEMENT } else { KEYS_A_STATEMENT };
        let mut rows = Vec::with_capacity(keys.len());
        for keys in keys.chunks(at_once) {
            rows.append(&mut repo.read(by_keys::<S>(keys), location).await?);
        }
        Ok(rows)
    }
}

/// One column takes a parameter a row where it is no array, below SQLite's limit of 32,766.
const SINGLE_KEYS_A_STATEMENT: usize = 16_000;

/// A composite key takes several parameters a row, and stores limit them.
const KEYS_A_STATEMENT: usize = 1_000;

impl<S: Keyed> Reload for &Vec<S> {
    type Out = Vec<Option<S>>;

    fn reload(self, repo: &Repo, location: &'static Location<'static>) -> RepoFuture<Self::Out> {
        self.as_slice().reload(repo, location)
    }
}

fn fingerprint(key: &[Value]) -> String {
    format!("{key:?}")
}

pub(super) fn key_values<S: Schema>(row: &S) -> Vec<Value> {
    S::META.primary_key.iter().map(|&index| row.value(index)).collect()
}

/// `id = 7`, without values of `redact` fields.
pub(super) fn describe_key<S: Schema>(values: &[Value]) -> String {
    let part = |((_, field), value): ((usize, &crate::schema::FieldMeta), &Value)| match field.redact {
        true => format!("{} = [redacted]", field.name),
        false => format!("{} = {value}", field.name),
    };
    S::META.key_fields().zip(values).map(part).collect::<Vec<_>>().join(", ")
}

/// One condition for each field of the key.
pub(super) fn key_conditions<S: Schema>(values: Vec<Value>) -> Vec<Expression> {
    let equal = |((_, field), value): ((usize, &'static crate::schema::FieldMeta), Value)| {
        compared(field, BinaryOperator::Equal, value)
    };
    S::META.key_fields().zip(values).map(equal).collect()
}

fn by_key<S: Keyed>(values: Vec<Value>) -> Query<S> {
    S::query().filter_steps(key_conditions::<S>(values))
}

fn by_keys<S: Keyed>(keys: &[&Vec<Value>]) -> Query<S> {
    let mut fields = S::META.key_fields();
    if let (Some((_, field)), None) = (fields.next(), fields.next()) {
        let values = keys.iter().flat_map(|key| key.iter()).cloned().collect();
        let item = &field.data_type;
        let column = Step::Column(Binding::of(0, 0), field);
        return S::query()
            .filter_steps(vec![vec![column, Step::In { item, values, negated: false, redact: field.redact }]]);
    }
    let mut steps = Expression::new();
    for key in keys {
        let mut conditions = key_conditions::<S>(key.to_vec());
        let count = conditions.len();
        conditions.iter_mut().for_each(|condition| steps.append(condition));
        steps.push(Step::All(count));
    }
    steps.push(Step::Any(keys.len()));
    S::query().filter_steps(vec![steps])
}
