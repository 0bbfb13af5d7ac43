//! DELETE of one row.

use super::along::{along, takes_others_along};
use super::version::{Locked, locked};
use super::{Done, WriteOptions, WritingRow, keyed, one_row, prepared, refused};
use crate::changeset::{Action, Changeset, Refusal, Written};
use crate::error::Error;
use crate::query::ast::{Delete, Operation, OutputColumn};
use crate::repo::Repo;
use crate::repo::lookup::{describe_key, key_conditions, key_values};
use crate::schema::Schema;
use std::panic::Location;

impl Repo {
    pub(super) async fn delete_changeset<S: Schema>(
        &self,
        changeset: Changeset<S>,
        options: WriteOptions,
        location: &'static Location<'static>,
    ) -> Result<S, Error> {
        let changeset = changeset.tried(Action::Delete)?;
        let together = changeset.has_prepare() || takes_others_along(S::META);
        let inner = options.clone();
        let write = move |repo: Repo| async move { repo.delete_one(changeset, inner, location).await };
        let (changeset, Written(read)) = match self.written(together, &options, location, write).await {
            Err(Refusal::Skipped(changeset)) => return Ok(changeset.into_data()),
            done => done?,
        };
        let mut row = changeset.into_data();
        for (index, value) in read {
            row.set_value(index, value)?;
        }
        Ok(row)
    }

    /// Deletes the row of a changeset that was tried.
    pub(crate) fn delete_one<S: Schema>(
        &self,
        changeset: Changeset<S>,
        options: WriteOptions,
        location: &'static Location<'static>,
    ) -> WritingRow<'_, S> {
        Box::pin(async move {
            let changeset = prepared(self, changeset).await?;
            keyed::<S>("delete")?;
            // Nothing goes along with a row that stays.
            if options.allow_stale && takes_others_along(S::META) && !self.is_there(&changeset, location).await? {
                return Err(Refusal::Skipped(Box::new(changeset)));
            }
            for operation in along(changeset.data()) {
                if let Err(error) = self.execute(operation, location).await {
                    return Err(refused(changeset, error));
                }
            }
            self.delete_row(changeset, options, location).await
        })
    }

    /// Whether the row is in the store as the changeset has it.
    async fn is_there<S: Schema>(
        &self,
        changeset: &Changeset<S>,
        location: &'static Location<'static>,
    ) -> Result<bool, Refusal<S>> {
        let mut filter = key_conditions::<S>(key_values(changeset.data()));
        filter.extend(locked(changeset)?.filter);
        Ok(self.within_call().has_row(S::query().filter_steps(filter), location).await?)
    }

    async fn delete_row<S: Schema>(
        &self,
        changeset: Changeset<S>,
        options: WriteOptions,
        location: &'static Location<'static>,
    ) -> Result<Done<S>, Refusal<S>> {
        let Locked { filter: versions, described, .. } = locked(&changeset)?;
        let mut filter = key_conditions::<S>(key_values(changeset.data()));
        filter.extend(versions);
        let sought = describe_key::<S>(&key_values(changeset.data())) + &described;
        let mut read = Vec::new();
        options.read_too::<S>(&mut read);
        let returning = read.iter().map(|(_, field)| OutputColumn::field(field)).collect();
        let delete = Operation::Delete(Delete { filter, returning, ..Delete::new(S::META) });
        match self.read_back(delete, S::NAME, &read, location).await {
            Err(error) => Err(refused(changeset, error)),
            Ok((rows, back)) => Ok((one_row(rows, changeset, &options, sought, "delete")?, Written(back))),
        }
    }
}
