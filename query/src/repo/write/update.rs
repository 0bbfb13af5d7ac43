//! UPDATE of one row.

use super::version::{Locked, locked};
use super::{Done, WriteOptions, WritingRow, keyed, one_row, prepared, refused, time_for};
use crate::changeset::{Action, Changeset, Refusal, Writing, Written, plain};
use crate::error::Error;
use crate::query::ast::{Binding, Operation, OutputColumn, Step, Update};
use crate::repo::Repo;
use crate::repo::lookup::{describe_key, key_conditions, key_values};
use crate::schema::{Generation, Schema, Writable};
use crate::value::{Value, micros};
use std::panic::Location;

impl Repo {
    pub(super) async fn update_changeset<S: Schema>(
        &self,
        changeset: Changeset<S>,
        options: WriteOptions,
        location: &'static Location<'static>,
    ) -> Result<S, Error> {
        let changeset = changeset.tried(Action::Update)?;
        if !changeset.has_changes() && !options.force && options.ttl.is_none() {
            return Ok(changeset.finish(Written::default())?);
        }
        let together = changeset.has_prepare() || changeset.writes_rows();
        let inner = options.clone();
        let write = move |repo: Repo| async move { repo.update_one(changeset, Vec::new(), inner, location).await };
        match self.written(together, &options, location, write).await {
            Ok((changeset, written)) => Ok(changeset.finish(written)?),
            Err(Refusal::Skipped(changeset)) => Ok(changeset.into_data()),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Updates the row of a changeset that was tried, with the rows of its associations; `given` are the values of fields
    /// that others give to it.
    pub(crate) fn update_one<S: Schema>(
        &self,
        changeset: Changeset<S>,
        mut given: Vec<(usize, Value)>,
        options: WriteOptions,
        location: &'static Location<'static>,
    ) -> WritingRow<'_, S> {
        Box::pin(async move {
            let changeset = prepared(self, changeset).await?;
            if !changeset.has_relations() {
                return self.update_row(changeset, given, options, location).await;
            }
            let writing = Writing { repo: self, constraints: &[], table: S::META.table, location };
            let (changeset, before) = changeset.write_before(writing).await?;
            given.extend(before);
            let (changeset, written) = self.update_row(changeset, given, options, location).await?;
            let row = changeset.values_after(&written);
            Ok((changeset.write_after(writing, &row).await?, written))
        })
    }

    async fn update_row<S: Schema>(
        &self,
        changeset: Changeset<S>,
        given: Vec<(usize, Value)>,
        options: WriteOptions,
        location: &'static Location<'static>,
    ) -> Result<Done<S>, Refusal<S>> {
        keyed::<S>("update")?;
        let mut set = changeset.assignments(Writable::Always)?;
        let mut filled = Vec::new();
        let Locked { filter: versions, next, described } = locked(&changeset)?;
        let given = given.into_iter().map(|(index, value)| (index, &S::META.fields[index], value));
        for (index, field, value) in given.chain(next) {
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
        options.read_too::<S>(&mut read);
        if let (true, Some(_), Some((index, field))) = (set.is_empty(), options.ttl, S::META.key_fields().next()) {
            // Nothing is changed but how long it lives.
            set.push((index, field, vec![Step::Column(Binding::of(0, 0), field)]));
        }
        if set.is_empty() {
            return Ok((changeset, Written(filled)));
        }
        let mut filter = key_conditions::<S>(key_values(changeset.data()));
        filter.extend(versions);
        let sought = describe_key::<S>(&key_values(changeset.data())) + &described;
        let returning = read.iter().map(|(_, field)| OutputColumn::field(field)).collect();
        let set = set.into_iter().map(|(_, field, expression)| (field, expression)).collect();
        let update = Operation::Update(Update { set, filter, returning, ..Update::new(S::META) });
        match self.living(options.ttl).read_back(update, S::NAME, &read, location).await {
            Err(error) => Err(refused(changeset, error)),
            Ok((rows, back)) => {
                let changeset = one_row(rows, changeset, &options, sought, "update")?;
                filled.extend(back);
                Ok((changeset, Written(filled)))
            }
        }
    }
}
