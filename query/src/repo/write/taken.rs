//! What else of a refused row is taken: the check of its other unique constraints.

use crate::changeset::{Action, Candidate, Changeset, Refusal};
use crate::error::Error;
use crate::query::ast::{BinaryOperator, Binding, Expression, Step, UnaryOperator};
use crate::repo::Repo;
use crate::repo::lookup::{key_conditions, key_values};
use crate::schema::{FieldMeta, Schema};
use crate::value::Value;
use std::panic::Location;

impl Repo {
    /// Adds the errors of the unique constraints that a row violates beside the one that refused it.
    pub(super) async fn also_taken<S: Schema>(
        &self,
        mut changeset: Changeset<S>,
        location: &'static Location<'static>,
    ) -> Refusal<S> {
        if changeset.is_taken() {
            let repo = self.within_call();
            for candidate in changeset.candidates() {
                match repo.is_taken(&changeset, &candidate, location).await {
                    Ok(false) => {}
                    Ok(true) => {
                        let (field, error) = candidate.field_error();
                        changeset = changeset.add_error(field, error);
                    }
                    Err(error) => return Refusal::Error(error),
                }
            }
        }
        Refusal::Invalid(Box::new(changeset))
    }

    /// Whether another row has the values.
    async fn is_taken<S: Schema>(
        &self,
        changeset: &Changeset<S>,
        candidate: &Candidate,
        location: &'static Location<'static>,
    ) -> Result<bool, Error> {
        let equal = |(field, value): &(&'static FieldMeta, Value)| {
            vec![
                Step::Column(Binding::of(0, 0), field),
                Step::Value { value: value.clone(), redact: field.redact },
                Step::Binary(BinaryOperator::Equal),
            ]
        };
        let mut conditions: Vec<Expression> = candidate.values.iter().map(equal).collect();
        if changeset.action() == Some(Action::Update) {
            let mut own: Expression = key_conditions::<S>(key_values(changeset.data())).concat();
            own.extend([Step::All(S::META.primary_key.len()), Step::Unary(UnaryOperator::Not)]);
            conditions.push(own);
        }
        let query = S::query().filter_steps(conditions);
        // Where the row was written, which on reads the schema's prefix would be stronger than.
        let query = match &self.handle.prefix {
            Some(prefix) => query.prefix(&**prefix),
            None => query,
        };
        self.has_row(query, location).await
    }
}
