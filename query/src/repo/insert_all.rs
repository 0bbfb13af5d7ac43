//! Inserting many rows.

use super::batch::{self, Batch};
use super::fill::{Filler, check_insertable};
use super::insert_rows::{InsertRows, IntoRows, Rows};
use super::returning::{Counted, Gives, Returned};
use super::{Repo, RepoFuture};
use crate::error::{Error, QueryError};
use crate::expr::NotNull;
use crate::query::ast::{Insert, InsertSource, Operation, OutputColumn, Select, Step};
use crate::query::{OnConflict, Selection};
use crate::schema::{FieldMeta, Schema};
use std::future::IntoFuture;
use std::panic::Location;

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

    /// What happens to a row that is there already, instead of an error; see [`OnConflict`].
    pub fn on_conflict(mut self, conflict: impl FnOnce(OnConflict<S>) -> OnConflict<S>) -> Self {
        self.how.set_conflict(conflict);
        self
    }
}

impl<S: Schema> How<S, Counted> {
    pub(super) fn new() -> Self {
        How { raw: false, on_conflict: None, gives: Counted::NEW }
    }

    pub(super) fn returning<P: Selection<S>>(
        self,
        selection: impl FnOnce(S::Columns<S, NotNull>) -> P,
    ) -> How<S, Returned<P::Out>> {
        How { raw: self.raw, on_conflict: self.on_conflict, gives: Returned::of::<S, P>(selection) }
    }
}

impl<S: Schema, G: Gives> How<S, G> {
    pub(super) fn set_raw(&mut self) {
        self.raw = true;
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

    /// Runs the statements of rows.
    pub(super) async fn run(
        &self,
        repo: &Repo,
        batches: Vec<Batch>,
        total: &mut G::Total,
        location: &'static Location<'static>,
    ) -> Result<(), Error> {
        for Batch { columns, source, places } in batches {
            let output = self.gives.run(repo, self.operation(columns, source)?, location).await?;
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
        return how.gives.run(&repo, operation, location).await;
    }
    let (filler, mut taken, mut total) = (how.filler(&repo), 0, G::Total::default());
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
    repo.transact_for(S::META, location, all).await
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
