//! UPDATE of one row.

use super::version::{Locked, locked};
use super::{Done, Options, Writing, one_row, prepared, refused, time_for};
use crate::changeset::{Action, Changeset, Refusal, Written, plain};
use crate::error::Error;
use crate::query::ast::{Operation, Step, Update};
use crate::repo::Repo;
use crate::repo::lookup::{describe_key, key_conditions, key_values};
use crate::schema::{Generation, Schema, Writable};
use crate::value::{Value, micros};
use std::panic::Location;

impl Repo {
    pub(super) async fn update_changeset<S: Schema>(
        &self,
        changeset: Changeset<S>,
        options: Options,
        location: &'static Location<'static>,
    ) -> Result<S, Error> {
        let changeset = changeset.tried(Action::Update)?;
        if !changeset.has_changes() && !options.force {
            return Ok(changeset.finish(Written::default())?);
        }
        let together = changeset.has_prepare();
        let inner = options.clone();
        let write = move |repo: Repo| async move { repo.update_one(changeset, inner, location).await };
        let (changeset, written) = self.written(together, &options, location, write).await?;
        Ok(changeset.finish(written)?)
    }

    /// Updates the row of a changeset that was tried.
    pub(super) fn update_one<S: Schema>(
        &self,
        changeset: Changeset<S>,
        options: Options,
        location: &'static Location<'static>,
    ) -> Writing<'_, S> {
        Box::pin(async move {
            let changeset = prepared(self, changeset).await?;
            self.update_row(changeset, options, location).await
        })
    }

    async fn update_row<S: Schema>(
        &self,
        changeset: Changeset<S>,
        options: Options,
        location: &'static Location<'static>,
    ) -> Result<Done<S>, Refusal<S>> {
        let mut set = changeset.assignments(Writable::Always)?;
        let mut filled = Vec::new();
        let Locked { filter: versions, next, described } = locked(&changeset)?;
        for (index, field, value) in next {
            set.retain(|(known, ..)| *known != index);
            set.push((index, field, vec![Step::Value { value: value.clone(), redact: field.redact }]));
            filled.push((index, value));
        }
        let now = Value::Timestamp(micros(self.handle.clock.now()));
        let mut read: Vec<_> = set
            .iter()
            .filter(|(_, _, expression)| plain(expression).is_none())
            .map(|(index, field, _)| (*index, *field))
            .collect();
        for (index, field) in S::META.stored_fields() {
            match field.generation {
                Generation::UpdatedAt if set.iter().all(|(known, ..)| *known != index) => {
                    if let Some(value) = time_for(field, &now) {
                        set.push((index, field, vec![Step::Value { value: value.clone(), redact: field.redact }]));
                        filled.push((index, value));
                    }
                }
                Generation::Database if field.load && read.iter().all(|(known, _)| *known != index) => {
                    read.push((index, field));
                }
                _ => {}
            }
        }
        if set.is_empty() {
            return Ok((changeset, Written(filled)));
        }
        let mut filter = key_conditions::<S>(key_values(changeset.data()));
        filter.extend(versions);
        let sought = describe_key::<S>(&key_values(changeset.data())) + &described;
        let returning = read.iter().map(|(_, field)| *field).collect();
        let set = set.into_iter().map(|(_, field, expression)| (field, expression)).collect();
        let update = Operation::Update(Update { schema: S::META, set, filter, returning });
        match self.read_back(update, S::NAME, &read, location).await {
            Err(error) => Err(refused(changeset, error)),
            Ok((rows, back)) => {
                let changeset = one_row(rows, changeset, &options, sought, "update")?;
                filled.extend(back);
                Ok((changeset, Written(filled)))
            }
        }
    }
}
