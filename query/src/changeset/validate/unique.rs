//! Values that no other row has yet.

use super::Validation;
use crate::changeset::{Changeset, FieldError, FieldList, Found, Origin};
use crate::error::Error;
use crate::expr::NotNull;
use crate::query::Query;
use crate::query::ast::{BinaryOperator, Expression, Step, UnaryOperator, compared};
use crate::repo::{Repo, RepoFuture};
use crate::schema::{FieldMeta, Schema};
use crate::value::Value;
use std::borrow::Cow;
use std::future::IntoFuture;
use std::panic::Location;

impl<S: Schema> Changeset<S> {
    /// Adds the error "has already been taken" to the first of these fields if a row of the store has their values already;
    /// the changeset's own row does not count. Await it.
    ///
    /// It is for early feedback only: another program may insert the row in between, which only a unique index prevents (see
    /// [`unique_constraint`](Changeset::unique_constraint)). Nothing is asked of the store if none of the fields is changed, if
    /// one of them has an error, or if one is NULL, as an index takes NULLs for different.
    ///
    /// ```
    /// # use peristyle_query::{changeset::{Changeset, FieldOf}, error::Error, schema::Schema, expr::NotNull, repo::Repo};
    /// # async fn example<User: Schema, F: FieldOf<User, Type = String> + peristyle_query::changeset::FieldList<User>>(changeset: Changeset<User>, email: impl Fn(User::Columns<User, NotNull>) -> F, repo: Repo) -> Result<Changeset<User>, Error> {
    /// changeset.unsafe_validate_unique(email, &repo).await
    /// # }
    /// ```
    #[track_caller]
    pub fn unsafe_validate_unique<L: FieldList<S>>(
        mut self,
        fields: impl FnOnce(S::Columns<S, NotNull>) -> L,
        repo: &Repo,
    ) -> UniqueCheck<S> {
        self.begin();
        let fields = self.field_list(fields);
        if let Some(found) = fields.iter().find(|found| found.meta.is_virtual) {
            let name = found.meta.name;
            self.refuse(format!(
                "unsafe_validate_unique(..): {}.{name} is virtual, no row of the store has it",
                S::NAME
            ));
        }
        UniqueCheck {
            changeset: self,
            fields,
            repo: repo.clone(),
            among: None,
            nulls_are_equal: false,
            error_on: None,
            location: Location::caller(),
        }
    }
}

/// A question to the store whether values are taken; await it for the changeset. [`Changeset::unsafe_validate_unique`]
/// makes it.
#[must_use = "nothing is validated until it is awaited"]
pub struct UniqueCheck<S: Schema> {
    changeset: Changeset<S>,
    fields: Vec<Found>,
    repo: Repo,
    among: Option<Query<S>>,
    nulls_are_equal: bool,
    error_on: Option<Cow<'static, str>>,
    location: &'static Location<'static>,
}

impl<S: Schema> UniqueCheck<S> {
    /// Looks only among the rows of a query, as a partial index does.
    pub fn among(mut self, query: Query<S>) -> Self {
        self.among = Some(query);
        self
    }

    /// Takes NULLs for equal, as an index with `NULLS NOT DISTINCT` does.
    pub fn nulls_not_distinct(mut self) -> Self {
        self.nulls_are_equal = true;
        self
    }

    /// Puts the error on another field, or on a name of its own.
    pub fn error_on(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.error_on = Some(field.into());
        self
    }

    async fn run(self) -> Result<Changeset<S>, Error> {
        let UniqueCheck { mut changeset, fields, repo, among, nulls_are_equal, error_on, location } = self;
        let names: Vec<&'static str> = fields.iter().map(|found| found.meta.name).collect();
        let Some(&first) = names.first() else { return Ok(changeset) };
        let on = error_on.unwrap_or(Cow::Borrowed(first));
        changeset.note(on.clone(), Validation::Unique { fields: names.clone() });
        if let Some(conditions) = changeset.same_values(&fields, nulls_are_equal) {
            let query = among.unwrap_or_else(S::query).roots().filter_steps(conditions);
            if repo.has_row(query, location).await? {
                let error = FieldError::new("has already been taken").with("validation", "unsafe_unique");
                changeset.errors.push((on, error.with("fields", names)));
            }
        }
        Ok(changeset)
    }
}

impl<S: Schema> IntoFuture for UniqueCheck<S> {
    type Output = Result<Changeset<S>, Error>;
    type IntoFuture = RepoFuture<Changeset<S>>;

    fn into_future(self) -> RepoFuture<Changeset<S>> {
        RepoFuture::new(self.location, self.run())
    }
}

impl<S: Schema> Changeset<S> {
    /// The conditions that a row has the values of these fields and is not the changeset's own; none if nothing is to be
    /// asked.
    fn same_values(&self, fields: &[Found], nulls_are_equal: bool) -> Option<Vec<Expression>> {
        let is_changed = fields.iter().any(|found| self.change_at(found.index).is_some());
        if !is_changed || self.problem.is_some() || fields.iter().any(|found| self.has_error(found.meta.name)) {
            return None;
        }
        let mut values = Vec::with_capacity(fields.len());
        for found in fields {
            let value = self.value_now(*found)?;
            if value.is_null() && !nulls_are_equal {
                return None;
            }
            values.push((found.meta, value));
        }
        Some(self.others_with(&values))
    }

    /// The conditions that a row has these values, NULLs too, and is not the changeset's own.
    pub(crate) fn others_with(&self, values: &[(&'static FieldMeta, Value)]) -> Vec<Expression> {
        let same = |(field, value): &(&'static FieldMeta, Value)| {
            let operator = if value.is_null() { BinaryOperator::IsNotDistinctFrom } else { BinaryOperator::Equal };
            compared(field, operator, value.clone())
        };
        let mut conditions: Vec<Expression> = values.iter().map(same).collect();
        if self.origin == Origin::Existing && !S::META.primary_key.is_empty() {
            let keys = S::META.key_fields();
            let mut own = Expression::new();
            let mut count = 0;
            for (index, field) in keys {
                own.append(&mut compared(field, BinaryOperator::Equal, self.data.value(index)));
                count += 1;
            }
            own.push(Step::All(count));
            own.push(Step::Unary(UnaryOperator::Not));
            conditions.push(own);
        }
        conditions
    }
}
