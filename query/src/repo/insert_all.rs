//! Inserting many rows.

use super::batch::{self, Batch};
use super::fill::{Filler, check_insertable};
use super::insert_rows::{InsertRows, IntoRows, Rows};
use super::returning::{Counted, Gives, Returned};
use super::{Repo, RepoFuture};
use crate::adapter::TransactionOptions;
use crate::error::{Error, Partial, QueryError};
use crate::expr::NotNull;
use crate::query::ast::{Insert, InsertSource, Operation, OutputColumn, Select, Step};
use crate::query::{OnConflict, Selection};
use crate::schema::{FieldMeta, Schema, SchemaMeta};
use std::future::IntoFuture;
use std::panic::Location;
use std::time::Duration;

/// An insert of many rows; awaiting it runs it.
#[must_use = "nothing is inserted until it is awaited"]
pub struct InsertAll<S, G = Counted> {
    repo: Repo,
    rows: Rows<S>,
    how: How<S, G>,
    location: &'static Location<'static>,
}

/// What an insert of many rows does beside inserting them.
pub(super) struct How<S, G> {
    raw: bool,
    on_conflict: Option<OnConflict<S>>,
    ttl: Option<Duration>,
    gives: G,
}

impl Repo {
    /// Inserts many rows, all or none, with as few statements as the store allows, and gives their number.
    ///
    /// They are filled as [`insert`](Repo::insert) fills one, unless [`raw`](InsertAll::raw) is called. Rows that set
    /// different columns go in groups, so that the database's defaults apply to each; more than one statement are one
    /// transaction. No row is no statement.
    ///
    /// ```text
    /// let n: u64 = repo.insert_all(users).await?;                            // a Vec, an array or a slice of structs
    /// let ids: Vec<i64> = repo.insert_all(&users).returning(|u| u.id).await?;
    /// repo.insert_all(User::rows(names, |u, name| (u.name.set(name), u.age.set(18)))).await?;
    /// repo.insert_all(User::rows_from(Guest::query().select(|g| (g.name, g.age)), |u| (u.name, u.age))).await?;
    /// repo.insert_all(users).on_conflict(|c| c.target(|u| u.email).update(|u| u.name)).await?;
    /// ```
    ///
    /// # Errors
    ///
    /// As [`insert`](Repo::insert); [`Error::Query`] for rows that assign a column twice or compute it from one of their own.
    /// On a key-value store each row is kept by itself, outside of transactions: [`Error::Partial`] tells which were written,
    /// and why the others were not.
    #[track_caller]
    pub fn insert_all<R: IntoRows>(&self, rows: R) -> InsertAll<R::Schema> {
        let InsertRows(rows) = rows.into_rows();
        InsertAll { repo: self.clone(), rows, how: How::new(), location: Location::caller() }
    }
}

impl<S: Schema> InsertAll<S> {
    /// Gives a selection of each inserted row instead of their number, in the order of the rows: columns, expressions,
    /// tuples, the whole row or a projection.
    ///
    /// Rows that a conflict clause leaves out are missing.
    pub fn returning<P: Selection<S>>(
        self,
        selection: impl FnOnce(S::Columns<S, NotNull>) -> P,
    ) -> InsertAll<S, Returned<P::Out>> {
        let InsertAll { repo, rows, how, location } = self;
        InsertAll { repo, rows, how: how.returning(selection), location }
    }
}

impl<S: Schema, G: Gives> InsertAll<S, G> {
    /// Says that the call is at another line.
    pub(super) fn at(mut self, location: &'static Location<'static>) -> Self {
        self.location = location;
        self
    }

    /// Writes the rows as they are: no key and no time is filled in, and a struct's `None` is NULL. Only an integer key
    /// that is 0 is left to the database.
    pub fn raw(mut self) -> Self {
        self.how.set_raw();
        self
    }

    /// Lets the rows live so long from this write on, whatever their schema says; see [`Insert::ttl`](super::Insert::ttl).
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.how.set_ttl(ttl);
        self
    }

    /// What happens to a row that is there already, instead of an error; see [`OnConflict`].
    pub fn on_conflict(mut self, conflict: impl FnOnce(OnConflict<S>) -> OnConflict<S>) -> Self {
        self.how.set_conflict(conflict);
        self
    }
}

impl<S: Schema> How<S, Counted> {
    pub(super) fn new() -> Self {
        How { raw: false, on_conflict: None, ttl: None, gives: Counted::NEW }
    }

    pub(super) fn returning<P: Selection<S>>(
        self,
        selection: impl FnOnce(S::Columns<S, NotNull>) -> P,
    ) -> How<S, Returned<P::Out>> {
        How { raw: self.raw, on_conflict: self.on_conflict, ttl: self.ttl, gives: Returned::of::<S, P>(selection) }
    }
}

impl<S: Schema, G: Gives> How<S, G> {
    pub(super) fn set_raw(&mut self) {
        self.raw = true;
    }

    pub(super) fn set_ttl(&mut self, ttl: Duration) {
        self.ttl = Some(ttl);
    }

    pub(super) fn set_conflict(&mut self, conflict: impl FnOnce(OnConflict<S>) -> OnConflict<S>) {
        self.on_conflict = Some(conflict(OnConflict::new()));
    }

    pub(super) fn filler(&self, repo: &Repo) -> Filler {
        Filler::new(S::META, &repo.handle.clock, self.raw)
    }

    fn operation(&self, columns: Vec<&'static FieldMeta>, source: InsertSource) -> Result<Operation, QueryError> {
        let on_conflict = match &self.on_conflict {
            Some(conflict) => Some(Box::new(conflict.resolve(&columns, self.raw)?)),
            None => None,
        };
        let returning = self.gives.columns(None)?;
        Ok(Operation::Insert(Insert { schema: S::META, columns, source, on_conflict, returning }))
    }

    /// Runs the statements of rows that are each kept by itself, and goes on behind those that fail.
    ///
    /// # Errors
    ///
    /// What no row could be written with, if none is written yet.
    pub(super) async fn run_each(
        &self,
        repo: &Repo,
        batches: Vec<Batch>,
        parts: &mut Parts<G>,
        location: &'static Location<'static>,
    ) -> Result<(), Error> {
        for Batch { columns, source, places } in batches {
            let result = match self.operation(columns, source) {
                Ok(operation) => self.gives.run(&repo.living(self.ttl), operation, location).await,
                Err(error) => Err(error.into()),
            };
            match result {
                Ok(output) => {
                    parts.landed.extend(&places);
                    G::add(&mut parts.total, output, &places);
                }
                Err(Error::Partial(partial)) => {
                    // Its places are those of the statement.
                    parts.landed.extend(partial.landed.iter().filter_map(|place| places.get(*place)));
                    let failed = partial.failed.iter();
                    parts.failed.extend(
                        failed.filter_map(|(place, error)| Some((*places.get(*place)?, error.clone().at(location)))),
                    );
                }
                Err(error) if parts.is_idle() && !(places.len() == 1 && is_of_row(&error)) => return Err(error),
                Err(error) => parts.failed.extend(places.iter().map(|place| (*place, error.clone().at(location)))),
            }
        }
        Ok(())
    }

    /// Runs the statements of rows.
    pub(super) async fn run(
        &self,
        repo: &Repo,
        batches: Vec<Batch>,
        total: &mut G::Total,
        location: &'static Location<'static>,
    ) -> Result<(), Error> {
        for Batch { columns, source, places } in batches {
            let operation = self.operation(columns, source)?;
            let output = self.gives.run(&repo.living(self.ttl), operation, location).await?;
            G::add(total, output, &places);
        }
        Ok(())
    }

    /// The statement for the rows of a query.
    fn of_query(
        &self,
        repo: &Repo,
        mut select: Box<Select>,
        mut columns: Vec<&'static FieldMeta>,
    ) -> Result<Operation, QueryError> {
        for (index, field) in columns.iter().enumerate() {
            check_insertable(S::NAME, field)?;
            if columns[..index].iter().any(|other| std::ptr::eq(*other, *field)) {
                let message = format!("rows_from names {}.{} twice: keep one of them", S::NAME, field.name);
                return Err(QueryError::new(message));
            }
        }
        for (field, value) in self.filler(repo).of_query(S::NAME, &columns)? {
            columns.push(field);
            let expression = vec![Step::Value { value, redact: field.redact }];
            select.columns.push(OutputColumn::Expression { expression, alias: None });
        }
        self.operation(columns, InsertSource::Query(select))
    }
}

impl<S: Schema, G: Gives> IntoFuture for InsertAll<S, G> {
    type Output = Result<G::Output, Error>;
    type IntoFuture = RepoFuture<G::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let InsertAll { repo, rows, how, location } = self;
        RepoFuture::new(location, insert(repo, rows, how, location))
    }
}

async fn insert<S: Schema, G: Gives>(
    repo: Repo,
    mut rows: Rows<S>,
    how: How<S, G>,
    location: &'static Location<'static>,
) -> Result<G::Output, Error> {
    if let Rows::Query(select, columns) = rows {
        let operation = how.of_query(&repo, select?, columns)?;
        return how.gives.run(&repo.living(how.ttl), operation, location).await;
    }
    let (filler, mut taken, mut total) = (how.filler(&repo), 0, G::Total::default());
    if repo.inserts_each(S::META) {
        let mut parts = Parts::new();
        loop {
            match batch::next(&mut rows, &filler, &mut taken) {
                Ok(batches) if batches.is_empty() => return parts.all(S::NAME),
                Ok(batches) => how.run_each(&repo, batches, &mut parts, location).await?,
                Err(error) => return parts.end(S::NAME, taken, error.into()),
            }
        }
    }
    let mut batches = batch::next(&mut rows, &filler, &mut taken)?;
    if rows.is_empty() && batches.len() <= 1 {
        how.run(&repo, batches, &mut total, location).await?;
        return Ok(G::all(total));
    }
    let all = async move |tx: Repo| -> Result<G::Output, Error> {
        while !batches.is_empty() {
            how.run(&tx, batches, &mut total, location).await?;
            batches = batch::next(&mut rows, &filler, &mut taken)?;
        }
        Ok(G::all(total))
    };
    repo.transact(Some(S::META), TransactionOptions::default(), location, all).await
}

/// What came of rows that are each kept by itself.
pub(super) struct Parts<G: Gives> {
    total: G::Total,
    landed: Vec<usize>,
    failed: Vec<(usize, Error)>,
}

impl<G: Gives> Parts<G> {
    pub(super) fn new() -> Self {
        Parts { total: G::Total::default(), landed: Vec::new(), failed: Vec::new() }
    }

    fn is_idle(&self) -> bool {
        self.landed.is_empty() && self.failed.is_empty()
    }

    /// What all rows gave, or which landed.
    pub(super) fn all(self, schema: &'static str) -> Result<G::Output, Error> {
        let Parts { total, mut landed, mut failed } = self;
        if failed.is_empty() {
            return Ok(G::all(total));
        }
        landed.sort_unstable();
        failed.sort_by_key(|(place, _)| *place);
        Err(Partial { schema, landed, failed }.into())
    }

    /// The end at a row that there is not; those behind it were not tried.
    pub(super) fn end(mut self, schema: &'static str, place: usize, error: Error) -> Result<G::Output, Error> {
        if self.is_idle() {
            return Err(error);
        }
        self.failed.push((place, error));
        self.all(schema)
    }
}

/// Whether an error is about one row, so that others may be written.
fn is_of_row(error: &Error) -> bool {
    matches!(error, Error::Constraint(_) | Error::Encode(_) | Error::Database(_) | Error::Connect(_))
}

impl Repo {
    /// Whether the rows of an insert of many are each kept by itself. In a transaction they are kept with it.
    pub(super) fn inserts_each(&self, schema: &'static SchemaMeta) -> bool {
        let repo = self.at(schema);
        !repo.in_transaction() && !repo.handle.place.adapter.inserts_together()
    }
}

impl<S> Rows<S> {
    fn is_empty(&self) -> bool {
        match self {
            Rows::Structs(rows) => rows.len() == 0,
            Rows::Values(values) => values.len() == 0,
            Rows::Assigned(rows) => rows.len() == 0,
            Rows::Query(..) => true,
        }
    }
}
