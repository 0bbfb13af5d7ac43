//! INSERT of one row, or an UPDATE of the one that is there already.

use super::insert::Columns;
use super::{Insert, WriteOptions, prepared, refused};
use crate::adapter::{Sink, TransactionOptions};
use crate::changeset::{Action, Changeset, FieldError, Refusal, Writing, Written};
use crate::error::{DatabaseError, DecodeError, Error, QueryError};
use crate::query::OnConflict;
use crate::query::ast::{
    self, Binding, ConflictAction, ConflictTarget, Expression, Operation, OutputColumn, Select, Source, Step,
};
use crate::query::{excluded_as_values, root_as_values};
use crate::repo::transaction::Transaction;
use crate::repo::{Repo, RepoFuture};
use crate::row::Row;
use crate::schema::{FieldMeta, Schema};
use crate::value::{DataType, Value};
use std::any::Any;
use std::borrow::Cow;
use std::future::IntoFuture;
use std::panic::Location;
use std::time::Duration;

/// What became of the row of an insert with a conflict clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upserted<S> {
    /// It was inserted; as the store holds it.
    Inserted(S),
    /// One was there already and was updated; as the store holds it.
    Updated(S),
    /// One was there already and stays as it is; the row as it was to be inserted.
    Skipped(S),
}

impl<S> Upserted<S> {
    /// The row, whatever became of it.
    pub fn into_row(self) -> S {
        match self {
            Upserted::Inserted(row) | Upserted::Updated(row) | Upserted::Skipped(row) => row,
        }
    }

    /// The row as the store holds it; `None` if it was skipped.
    pub fn stored(self) -> Option<S> {
        match self {
            Upserted::Inserted(row) | Upserted::Updated(row) => Some(row),
            Upserted::Skipped(_) => None,
        }
    }

    /// Whether it was inserted.
    pub fn is_inserted(&self) -> bool {
        matches!(self, Upserted::Inserted(_))
    }
}

/// An insert of one row that says what becomes of one that is there already; await it. [`Insert::on_conflict`] makes it.
#[must_use = "a write does nothing until it is awaited"]
pub struct Upsert<S> {
    repo: Repo,
    changeset: Changeset<S>,
    conflict: OnConflict<S>,
    options: WriteOptions,
    location: &'static Location<'static>,
}

impl<S: Schema> Insert<S> {
    /// What happens to a row that is there already, instead of an error; see [`OnConflict`].
    ///
    /// ```text
    /// let user = User { email: "a@b.c".into(), name: Some("Ann".into()), ..Default::default() };
    /// match repo.insert(user).on_conflict(|c| c.target(|u| u.email).update(|u| u.name)).await? {
    ///     Upserted::Inserted(user) => …,
    ///     Upserted::Updated(user) => …,   // as the store holds it: its own id, its own age
    ///     Upserted::Skipped(user) => …,   // with .ignore(), or a .filter(..) that did not hold
    /// }
    /// ```
    ///
    /// The outcome is right under concurrent writes, too. On SQLite, and for partitioned tables and views on Postgres, it
    /// takes a transaction of a few statements to know it; elsewhere one statement.
    pub fn on_conflict(self, conflict: impl FnOnce(OnConflict<S>) -> OnConflict<S>) -> Upsert<S> {
        let Insert { repo, changeset, options, location } = self;
        // What is there already may be what the clause is for.
        let options = WriteOptions { report_all: false, ..options };
        Upsert { repo, changeset, conflict: conflict(OnConflict::new()), options, location }
    }
}

impl<S: Schema> Upsert<S> {
    /// Keeps an open transaction usable if the write fails; see [`Insert::savepoint`].
    pub fn savepoint(mut self) -> Self {
        self.options.savepoint = true;
        self
    }

    /// Lets the row live so long from this write on; see [`Insert::ttl`].
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.options.ttl = Some(ttl);
        self
    }

    /// Writes to the table of this prefix.
    pub fn prefix(mut self, prefix: impl AsRef<str>) -> Self {
        self.repo = self.repo.in_prefix(prefix);
        self
    }

    /// Makes a skipped row the error "is stale" of a field, or of a name that stands for the whole.
    pub fn stale_error(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.options.stale_error = Some(field.into());
        self
    }
}

impl<S: Schema> IntoFuture for Upsert<S> {
    type Output = Result<Upserted<S>, Error>;
    type IntoFuture = RepoFuture<Upserted<S>>;

    fn into_future(self) -> RepoFuture<Upserted<S>> {
        let Upsert { repo, changeset, conflict, options, location } = self;
        RepoFuture::new(location, async move { Ok(repo.upsert(changeset, conflict, options, location).await?) })
    }
}

/// What a statement made of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Inserted,
    Updated,
    Skipped,
}

/// What became of the row, and the values of the fields that were read back.
type Outcome = (Kind, Vec<(usize, Value)>);

/// How often the row may come and go between two statements.
const TRIES: usize = 50;

impl Repo {
    async fn upsert<S: Schema>(
        &self,
        changeset: Changeset<S>,
        conflict: OnConflict<S>,
        options: WriteOptions,
        location: &'static Location<'static>,
    ) -> Result<Upserted<S>, Refusal<S>> {
        let changeset = changeset.tried(Action::Insert)?.with_tree();
        let together = changeset.has_prepare() || changeset.writes_rows();
        let ttl = options.ttl;
        let write = move |repo: Repo| async move { repo.upsert_one(changeset, conflict, ttl, location).await };
        match self.written(together, &options, location, write).await {
            Ok((changeset, kind, written)) => {
                let row = changeset.finish(written).map_err(Error::from)?;
                Ok(match kind {
                    Kind::Updated => Upserted::Updated(row),
                    _ => Upserted::Inserted(row),
                })
            }
            // What was written along was undone, as this is an error of the transaction, but not of the call.
            Err(Refusal::Skipped(changeset)) => match options.stale_error {
                Some(field) => {
                    let error = FieldError::new("is stale").with("stale", true);
                    Err(Refusal::Invalid(Box::new(changeset.add_error(field, error))))
                }
                None => Ok(Upserted::Skipped(changeset.apply_changes().map_err(Error::from)?)),
            },
            Err(refusal) => Err(refusal),
        }
    }

    async fn upsert_one<S: Schema>(
        &self,
        changeset: Changeset<S>,
        conflict: OnConflict<S>,
        ttl: Option<Duration>,
        location: &'static Location<'static>,
    ) -> Result<(Changeset<S>, Kind, Written), Refusal<S>> {
        let changeset = prepared(self, changeset).await?;
        if !changeset.has_relations() {
            return self.upsert_alone(changeset, Vec::new(), conflict, ttl, location).await;
        }
        let writing = Writing { repo: self, constraints: &[], table: S::META.table, location };
        let (changeset, before) = changeset.write_before(writing).await?;
        let (changeset, kind, written) = self.upsert_alone(changeset, before, conflict, ttl, location).await?;
        let row = changeset.values_after(&written);
        Ok((changeset.write_after(writing, &row).await?, kind, written))
    }

    /// The row without those of its associations; `given` are the values of fields that others give to it.
    async fn upsert_alone<S: Schema>(
        &self,
        changeset: Changeset<S>,
        given: Vec<(usize, Value)>,
        conflict: OnConflict<S>,
        ttl: Option<Duration>,
        location: &'static Location<'static>,
    ) -> Result<(Changeset<S>, Kind, Written), Refusal<S>> {
        let Columns { values, computed, mut filled, .. } = self.insert_columns(&changeset, given)?;
        if let Some((field, _)) = computed.first() {
            return Err(QueryError::new(format!(
                "{}.{} is set to an expression, which an insert with .on_conflict(..) does not take: give a value, or use \
                 repo.insert_all({0}::rows(..))",
                S::NAME,
                field.name
            ))
            .into());
        }
        let inserted: Vec<&'static FieldMeta> = values.iter().map(|(field, _)| *field).collect();
        let conflict = conflict.resolve(&inserted, false)?;
        let row =
            NewRow { schema: S::META, values, read: S::META.stored_fields().filter(|(_, field)| field.load).collect() };
        match self.living(ttl).upsert_row(row, conflict, location).await {
            Err(error) => Err(refused(changeset, error)),
            Ok((Kind::Skipped, _)) => Err(Refusal::Skipped(Box::new(changeset))),
            Ok((kind, back)) => {
                filled.extend(back);
                Ok((changeset, kind, Written(filled)))
            }
        }
    }

    async fn upsert_row(
        &self,
        row: NewRow,
        conflict: ast::OnConflict,
        location: &'static Location<'static>,
    ) -> Result<Outcome, Error> {
        if conflict.action == ConflictAction::Ignore {
            return self.upsert_by(&row, conflict, Kind::Inserted, location).await;
        }
        if self.tells_inserted(row.schema).await? {
            let operation = row.insert(conflict, true);
            return Ok(match self.run_row(operation, &row, location).await? {
                None => (Kind::Skipped, Vec::new()),
                Some((Some(false), back)) => (Kind::Updated, back),
                Some((_, back)) => (Kind::Inserted, back),
            });
        }
        if self.in_transaction() {
            return self.upsert_in_steps(row, conflict, location).await;
        }
        let schema = row.schema;
        let steps = move |tx: Repo| async move { tx.upsert_in_steps(row, conflict, location).await };
        let transaction: Transaction<'static, Outcome> =
            self.transact(Some(schema), TransactionOptions::default(), location, steps);
        transaction.await
    }

    /// Inserts or updates a row where the statement that does either does not say which it was.
    async fn upsert_in_steps(
        &self,
        row: NewRow,
        conflict: ast::OnConflict,
        location: &'static Location<'static>,
    ) -> Result<Outcome, Error> {
        let ignore = ast::OnConflict { target: conflict.target.clone(), action: ConflictAction::Ignore };
        let alone = self.handle.place.adapter.single_writer();
        let update = if alone { None } else { Some(row.update(&conflict)?) };
        for _ in 0..TRIES {
            let (kind, back) = self.upsert_by(&row, ignore.clone(), Kind::Inserted, location).await?;
            if kind == Kind::Inserted {
                return Ok((kind, back));
            }
            let Some(update) = &update else {
                // Nobody else writes: the row that is there is so still.
                return self.upsert_by(&row, conflict, Kind::Updated, location).await;
            };
            if let Some((_, back)) = self.run_row(Operation::Update(update.written.clone()), &row, location).await? {
                return Ok((Kind::Updated, back));
            }
            // It was left out by the filter, or is gone by now; or both, one after the other.
            if self.finds(row.select(&update.filter), location).await? {
                continue;
            }
            if self.finds(row.select(&update.is_there), location).await? {
                return Ok((Kind::Skipped, Vec::new()));
            }
        }
        Err(DatabaseError {
            store: self.store(),
            message: format!("the row of a {} was inserted and deleted by others all the while", row.schema.name),
            retryable: true,
            ..DatabaseError::default()
        }
        .into())
    }

    /// Runs one statement, whose row, if it gives one, is of a kind that is known.
    async fn upsert_by(
        &self,
        row: &NewRow,
        conflict: ast::OnConflict,
        kind: Kind,
        location: &'static Location<'static>,
    ) -> Result<Outcome, Error> {
        let operation = row.insert(conflict, false);
        Ok(match self.run_row(operation, row, location).await? {
            None => (Kind::Skipped, Vec::new()),
            Some((_, back)) => (kind, back),
        })
    }

    /// Runs a write of one row: whether it says that it was inserted, and its fields, if it gives any.
    async fn run_row(
        &self,
        operation: Operation,
        row: &NewRow,
        location: &'static Location<'static>,
    ) -> Result<Option<(Option<bool>, Vec<(usize, Value)>)>, Error> {
        let tells = matches!(&operation, Operation::Insert(insert) if insert.returning.len() > row.read.len());
        let fields = row.read.iter().map(|(_, field)| *field).collect();
        let sink = Box::new(ReadRow { schema: row.schema.name, fields, tells, row: None });
        let sink: Box<dyn Any> = self.run(operation, sink, location).await?.sink;
        // An adapter gives back the sink that it was given.
        let read = sink.downcast::<ReadRow>().ok().and_then(|sink| sink.row);
        Ok(read.map(|(inserted, values)| (inserted, row.read.iter().map(|(index, _)| *index).zip(values).collect())))
    }

    async fn finds(&self, select: Select, location: &'static Location<'static>) -> Result<bool, Error> {
        let found: Vec<()> = self.within_call().collect(Operation::Select(select), |_| Ok(()), location).await?;
        Ok(!found.is_empty())
    }
}

/// The row that is written, and what is read back of it.
struct NewRow {
    schema: &'static crate::schema::SchemaMeta,
    values: Vec<(&'static FieldMeta, Value)>,
    read: Vec<(usize, &'static FieldMeta)>,
}

/// The parts of an upsert as an UPDATE.
struct ByTarget {
    written: ast::Update,
    /// The conditions of the row that is there.
    is_there: Vec<Expression>,
    /// Those and the conditions of the conflict clause.
    filter: Vec<Expression>,
}

impl NewRow {
    fn insert(&self, conflict: ast::OnConflict, tells: bool) -> Operation {
        let read: Vec<_> = self.read.iter().map(|(_, field)| *field).collect();
        let mut insert = ast::Insert::row(self.schema, self.values.clone(), &read);
        insert.on_conflict = Some(Box::new(conflict));
        if tells {
            insert.returning.push(OutputColumn::Expression { expression: vec![Step::Inserted], alias: None });
        }
        Operation::Insert(insert)
    }

    /// The update of the row that is there, found by what must be unique.
    fn update(&self, conflict: &ast::OnConflict) -> Result<ByTarget, QueryError> {
        let is_there = self.target(conflict.target.as_ref())?;
        let mut written = ast::Update::new(self.schema);
        let mut filter = is_there.clone();
        if let ConflictAction::Update { set, filter: own } = &conflict.action {
            for (field, expression) in set {
                written.set.push((field, self.without_excluded(expression)?));
            }
            for condition in own {
                filter.push(self.without_excluded(condition)?);
            }
        }
        written.filter = filter.clone();
        written.returning = self.read.iter().map(|(_, field)| OutputColumn::field(field)).collect();
        Ok(ByTarget { written, is_there, filter })
    }

    fn without_excluded(&self, expression: &Expression) -> Result<Expression, QueryError> {
        let mut expression = expression.clone();
        excluded_as_values(&mut expression, &self.values).map_err(|field| self.missing(field))?;
        Ok(expression)
    }

    fn missing(&self, field: &FieldMeta) -> QueryError {
        QueryError::new(format!(
            "on_conflict of {0} needs the value of {1}, which the insert leaves to the database, and this table takes the \
             update as a statement of its own: give {0}.{1} a value",
            self.schema.name, field.name
        ))
    }

    /// The conditions that find the row that is there.
    fn target(&self, target: Option<&ConflictTarget>) -> Result<Vec<Expression>, QueryError> {
        let unnamed = || {
            QueryError::new(format!(
                "on_conflict of {}: the row that is updated is found by what must be unique: add .target(|u| u.column)",
                self.schema.name
            ))
        };
        let (columns, mut conditions) = match target {
            Some(ConflictTarget::Index { columns, filter }) => (columns.clone(), filter.clone()),
            Some(ConflictTarget::Constraint(name)) => {
                let columns = self.schema.constraint_columns(name).ok_or_else(unnamed)?;
                let column = |field| vec![Step::Column(Binding::of(0, 0), field)];
                (columns.into_iter().map(column).collect(), Vec::new())
            }
            None => return Err(unnamed()),
        };
        for column in columns {
            let mut value = column.clone();
            root_as_values(&mut value, &self.values).map_err(|field| self.missing(field))?;
            let mut equal = column;
            equal.extend(value);
            equal.push(Step::Binary(ast::BinaryOperator::Equal));
            conditions.push(equal);
        }
        Ok(conditions)
    }

    fn select(&self, filter: &[Expression]) -> Select {
        let mut select = Select::new(Source::Table { schema: self.schema, prefix: None });
        let one = vec![Step::Literal(Value::I32(1))];
        select.columns.push(OutputColumn::Expression { expression: one, alias: None });
        select.filter = filter.to_vec();
        select
    }
}

/// Keeps the fields of the row, and whether it was inserted.
struct ReadRow {
    schema: &'static str,
    fields: Vec<&'static FieldMeta>,
    tells: bool,
    row: Option<(Option<bool>, Vec<Value>)>,
}

impl Sink for ReadRow {
    fn row(&mut self, row: &dyn Row) -> Result<(), DecodeError> {
        let value = |(index, field): (usize, &&'static FieldMeta)| {
            row.value(index, field.data_type).map_err(|error| error.in_field(self.schema, field))
        };
        let values = self.fields.iter().enumerate().map(value).collect::<Result<_, _>>()?;
        let inserted = match self.tells {
            true => match row.value(self.fields.len(), DataType::Bool)? {
                Value::Bool(inserted) => Some(inserted),
                _ => None,
            },
            false => None,
        };
        self.row = Some((inserted, values));
        Ok(())
    }
}
