//! INSERT of one row.

use super::{Done, WriteOptions, WritingRow, prepared, refused};
use crate::changeset::{Action, Changeset, Refusal, Writing, Written, plain};
use crate::error::{DatabaseError, Error, QueryError};
use crate::query::ast::{Expression, Insert, Operation};
use crate::repo::Repo;
use crate::repo::fill::{Filler, check_new_row};
use crate::schema::{FieldMeta, Generation, Schema, Writable};
use crate::value::Value;
use std::panic::Location;

/// The columns of an INSERT.
pub(super) struct Columns {
    /// Those that are given.
    pub(super) values: Vec<(&'static FieldMeta, Value)>,
    /// Those that the store computes.
    pub(super) computed: Vec<(&'static FieldMeta, Expression)>,
    /// The fields whose values the row does not have yet.
    pub(super) filled: Vec<(usize, Value)>,
    /// Those that are read back.
    read: Vec<(usize, &'static FieldMeta)>,
}

impl Repo {
    pub(super) async fn insert_changeset<S: Schema>(
        &self,
        changeset: Changeset<S>,
        options: WriteOptions,
        location: &'static Location<'static>,
    ) -> Result<S, Error> {
        let changeset = changeset.tried(Action::Insert)?.with_tree();
        let together = changeset.has_prepare() || changeset.writes_rows();
        let inner = options.clone();
        let write = move |repo: Repo| async move { repo.insert_one(changeset, Vec::new(), inner, location).await };
        let (changeset, written) = self.written(together, &options, location, write).await?;
        Ok(changeset.finish(written)?)
    }

    /// Inserts the row of a changeset that was tried, with the rows of its associations; `given` are the values of fields
    /// that others give to it.
    pub(crate) fn insert_one<S: Schema>(
        &self,
        changeset: Changeset<S>,
        mut given: Vec<(usize, Value)>,
        options: WriteOptions,
        location: &'static Location<'static>,
    ) -> WritingRow<'_, S> {
        Box::pin(async move {
            let changeset = prepared(self, changeset).await?;
            if !changeset.has_relations() {
                return self.insert_row(changeset, given, &options, location).await;
            }
            let writing = Writing { repo: self, constraints: &[], table: S::META.table, location };
            let (changeset, before) = changeset.write_before(writing).await?;
            given.extend(before);
            let (changeset, written) = self.insert_row(changeset, given, &options, location).await?;
            let row = changeset.values_after(&written);
            Ok((changeset.write_after(writing, &row).await?, written))
        })
    }

    async fn insert_row<S: Schema>(
        &self,
        changeset: Changeset<S>,
        given: Vec<(usize, Value)>,
        options: &WriteOptions,
        location: &'static Location<'static>,
    ) -> Result<Done<S>, Refusal<S>> {
        let Columns { values, computed, mut filled, mut read } = self.insert_columns(&changeset, given)?;
        options.read_too::<S>(&mut read);
        let returning: Vec<_> = read.iter().map(|(_, field)| *field).collect();
        let insert = Insert::row(S::META, values, &returning).with_computed(computed);
        let living = self.living(options.ttl);
        match living.read_back(Operation::Insert(insert), S::NAME, &read, location).await {
            Err(error) => Err(refused(changeset, error)),
            Ok((0, _)) if !read.is_empty() => Err(Error::from(DatabaseError {
                store: self.at(S::META).store(),
                message: format!("the insert of a {} gave no row back", S::NAME),
                hint: Some("A trigger or a rule of the table left the row out.".to_owned()),
                ..DatabaseError::default()
            })
            .into()),
            Ok((_, back)) => {
                filled.extend(back);
                Ok((changeset, Written(filled)))
            }
        }
    }

    /// What is given for each column: a change as it is; else what the row holds, where a `None` is left to the column's
    /// default, and a key or a time that is left at its own default is filled in.
    pub(super) fn insert_columns<S: Schema>(
        &self,
        changeset: &Changeset<S>,
        given: Vec<(usize, Value)>,
    ) -> Result<Columns, QueryError> {
        let filler = Filler::new(S::META, &self.handle.clock, false);
        let mut changed = changeset.assignments(Writable::Insert)?;
        let (mut values, mut computed) = (Vec::new(), Vec::new());
        let (mut filled, mut read) = (Vec::new(), Vec::new());
        for filling in &filler.fields {
            let (index, field) = (filling.index, filling.field);
            let change = changed.iter().position(|(known, ..)| *known == index).map(|at| changed.swap_remove(at));
            let from_others = given.iter().find(|(known, _)| *known == index);
            let value = match change {
                _ if from_others.is_some() => {
                    filled.extend(from_others.cloned());
                    from_others.map(|(_, value)| value.clone())
                }
                Some((_, _, expression)) => match plain(&expression) {
                    Some(value) => Some(value.clone()),
                    None => {
                        let mut assigned = [(field, expression)];
                        check_new_row(S::NAME, &mut assigned)?;
                        computed.extend(assigned);
                        read.push((index, field));
                        continue;
                    }
                },
                None => {
                    let value = filler.of_struct(filling, changeset.data().value(index));
                    if let Some(value) = value.clone() {
                        filled.push((index, value));
                    }
                    value
                }
            };
            match value {
                Some(value) => {
                    if field.generation == Generation::Database {
                        read.push((index, field));
                    }
                    values.push((field, value));
                }
                None if field.load => read.push((index, field)),
                None => {}
            }
        }
        Ok(Columns { values, computed, filled, read })
    }
}
