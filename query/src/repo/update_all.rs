//! Updating all rows of a query.

use super::returning::{Counted, Gives, Returned};
use super::write::time_for;
use super::{Repo, RepoFuture};
use crate::changeset::{Assignment, Assignments};
use crate::error::{Error, QueryError};
use crate::expr::{NotNull, redact};
use crate::query::ast::{BinaryOperator, Binding, Expression, Function, Operation, Select, Step, Update};
use crate::query::written::{UPDATE_ALL, Written, written};
use crate::query::{IntoOperation, IntoQuery, Scope, Selection};
use crate::schema::{FieldMeta, Generation, Record, SchemaMeta, Writable};
use crate::value::{DataType, Value, micros};
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::panic::Location;
use std::time::Duration;

/// An update of all rows of a query; awaiting it runs it.
#[must_use = "nothing is updated until it is awaited"]
pub struct UpdateAll<S, G = Counted> {
    repo: Repo,
    query: Result<Select, QueryError>,
    set: Vec<(&'static FieldMeta, Expression)>,
    /// A column of another source that was to be set.
    elsewhere: Option<&'static FieldMeta>,
    raw: bool,
    ttl: Option<Duration>,
    gives: G,
    location: &'static Location<'static>,
    schema: PhantomData<fn() -> S>,
}

impl Repo {
    /// Updates all rows of a query with one statement, and gives their number.
    ///
    /// `updated_at` becomes the time of the repo's clock and a `version` moves on, unless they are assigned or
    /// [`raw`](UpdateAll::raw) is called. An assignment may use the row's columns as they were, those of joined tables and
    /// of associations, and subqueries. A row that joins give several times is updated once.
    ///
    /// ```text
    /// let n: u64 = repo.update_all(User::query().filter(|u| u.age.lt(18)), |u| u.age.set(u.age + 1)).await?;
    /// ```
    ///
    /// # Parameters
    ///
    /// `query` says which rows; its order counts with a limit alone, and what it selects or preloads does not. `assignments`
    /// receives the columns in scope and gives `u.column.set(..)`, or a tuple of them.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] for a column that is set twice, or may not be, and for a query with groups; else as
    /// [`insert`](Repo::insert).
    #[track_caller]
    pub fn update_all<Q: IntoQuery, A: Assignments<Q::Scope>>(
        &self,
        query: Q,
        assignments: impl FnOnce(<Q::Scope as Scope>::Bindings) -> A,
    ) -> UpdateAll<<Q::Scope as Scope>::Root> {
        let mut query = query.into_query().without_preloads();
        let mut list: Vec<Assignment<Q::Scope>> = Vec::new();
        query.build::<Q::Scope, _>(|bindings| assignments(bindings).append(&mut list));
        let elsewhere = list.iter().find(|assignment| !assignment.root).map(|assignment| assignment.field);
        UpdateAll {
            repo: self.clone(),
            query: query.into_open_select(),
            set: list.into_iter().map(|assignment| (assignment.field, assignment.expression)).collect(),
            elsewhere,
            raw: false,
            ttl: None,
            gives: Counted::NEW,
            location: Location::caller(),
            schema: PhantomData,
        }
    }
}

impl<S: Record> UpdateAll<S> {
    /// Gives a selection of each updated row, as it is now, instead of their number: columns, expressions, tuples, the whole
    /// row or a projection.
    pub fn returning<P: Selection<S>>(
        self,
        selection: impl FnOnce(S::Columns<S, NotNull>) -> P,
    ) -> UpdateAll<S, Returned<P::Out>> {
        let UpdateAll { repo, query, set, elsewhere, raw, ttl, location, schema, .. } = self;
        UpdateAll { repo, query, set, elsewhere, raw, ttl, gives: Returned::of::<S, P>(selection), location, schema }
    }
}

impl<S: Record, G: Gives> UpdateAll<S, G> {
    /// Says that the call is at another line.
    pub(super) fn at(mut self, location: &'static Location<'static>) -> Self {
        self.location = location;
        self
    }

    /// Sets what is assigned and nothing else: `updated_at` and a `version` stay as they are.
    pub fn raw(mut self) -> Self {
        self.raw = true;
        self
    }

    /// Lets the rows live so long from this write on, whatever their schema says; see [`Insert::ttl`](super::Insert::ttl).
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    fn operation(&self) -> Result<Operation, QueryError> {
        let select = self.query.clone()?;
        let schema = select.schema();
        let mut set = self.set.clone();
        if let Some(field) = self.elsewhere {
            return Err(QueryError::new(format!(
                "update_all sets columns of {} alone, and {} is one of another table: update that in a query of its own",
                S::NAME,
                field.name
            )));
        }
        check_assignments(S::NAME, "update_all", &set)?;
        set.iter_mut().filter(|(field, _)| field.redact).for_each(|(_, expression)| redact(expression));
        if let (Some(schema), false) = (schema, self.raw) {
            let now = Value::Timestamp(micros(self.repo.handle.clock.now()));
            add_moving(schema, &now, &mut set);
        }
        let Written { schema, prefix, set, from, filter, allow_filtering } = written(UPDATE_ALL, select, set)?;
        let returning = self.gives.columns(prefix.as_deref())?;
        Ok(Operation::Update(Update { schema, prefix, set, from, filter, returning, allow_filtering }))
    }
}

/// Refuses assignments to nothing, to a column twice, and to one that may not be updated.
pub(super) fn check_assignments(
    schema: &str,
    method: &str,
    set: &[(&'static FieldMeta, Expression)],
) -> Result<(), QueryError> {
    if set.is_empty() {
        return Err(QueryError::new(format!(
            "{method} of {schema} sets no column: assign one, as in `u.name.set(..)`"
        )));
    }
    for (index, (field, _)) in set.iter().enumerate() {
        if set[..index].iter().any(|(other, _)| std::ptr::eq(*other, *field)) {
            return Err(QueryError::new(format!(
                "{method} sets {schema}.{} twice: keep one of the assignments",
                field.name
            )));
        }
        if field.writable != Writable::Always {
            return Err(QueryError::new(format!(
                "{schema}.{} cannot be updated: it is #[schema(writable = ..)]; leave it out of {method}",
                field.name
            )));
        }
    }
    Ok(())
}

/// Adds `updated_at` and the next version, unless they are set.
fn add_moving(schema: &'static SchemaMeta, now: &Value, set: &mut Vec<(&'static FieldMeta, Expression)>) {
    for (_, field) in schema.stored_fields() {
        if set.iter().any(|(other, _)| std::ptr::eq(*other, field)) {
            continue;
        }
        if field.version {
            set.extend(next_version(field).map(|next| (field, next)));
        } else if field.generation == Generation::UpdatedAt
            && let Some(value) = time_for(field, now)
        {
            set.push((field, vec![Step::Value { value, redact: field.redact }]));
        }
    }
}

/// The version after that of the row, where NULL counts as none.
pub(crate) fn next_version(field: &'static FieldMeta) -> Option<Expression> {
    let number = |number: i16| match field.data_type {
        DataType::I16 => Some(Value::I16(number)),
        DataType::I32 => Some(Value::I32(number.into())),
        DataType::I64 => Some(Value::I64(number.into())),
        _ => None,
    };
    let mut next = vec![Step::Column(Binding::of(0, 0), field)];
    if field.nullable {
        next.extend([Step::Literal(number(0)?), Step::Function(Function::Coalesce, 2)]);
    }
    next.extend([Step::Literal(number(1)?), Step::Binary(BinaryOperator::Add(field.data_type))]);
    Some(next)
}

impl<S: Record, G: Gives> IntoFuture for UpdateAll<S, G> {
    type Output = Result<G::Output, Error>;
    type IntoFuture = RepoFuture<G::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let operation = self.operation();
        let UpdateAll { repo, gives, ttl, location, .. } = self;
        RepoFuture::new(location, async move { gives.run(&repo.living(ttl), operation?, location).await })
    }
}

impl<S: Record, G: Gives> IntoOperation for &UpdateAll<S, G> {
    fn into_operation(self) -> Result<Operation, Error> {
        Ok(self.operation()?)
    }
}
