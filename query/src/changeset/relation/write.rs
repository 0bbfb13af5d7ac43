//! Writing the rows of an association, before and after the row that has them.

use super::{AssociationChange, Child, Failure, Task, Writing};
use crate::changeset::constraint::Constraint;
use crate::changeset::{Action, Changeset, Found, Origin, Refusal, Written};
use crate::error::{Error, QueryError};
use crate::repo::WriteOptions;
use crate::schema::{AssociationKeys, AssociationKind, FieldMeta, Schema, SchemaMeta};
use crate::value::Value;

/// Writes the row that the owner belongs to, and gives the values of the owner's key.
pub(super) async fn before<S: Schema, T: Schema>(
    change: &mut AssociationChange<S, T>,
    writing: Writing<'_>,
) -> Result<Vec<(usize, Value)>, Failure> {
    if change.meta().kind != AssociationKind::BelongsTo {
        return Ok(Vec::new());
    }
    let pairs = change.pairs();
    let Some(child) = change.children.first_mut() else {
        let nulls = pairs.into_iter().map(|(own, _)| (own, Value::Null(S::META.fields[own].data_type)));
        return Ok(if change.replaced.is_empty() { Vec::new() } else { nulls.collect() });
    };
    match child.task {
        Task::Ignore => Ok(Vec::new()),
        Task::Insert | Task::Update => {
            write(child, Vec::new(), writing).await?;
            Ok(pairs.into_iter().map(|(own, target)| (own, child.value(target))).collect())
        }
        Task::Delete | Task::DeleteIfExists | Task::Unlink => {
            Ok(pairs.into_iter().map(|(own, _)| (own, Value::Null(S::META.fields[own].data_type))).collect())
        }
    }
}

/// Writes the rows that belong to the owner: first those that go, then those that were given, in order.
pub(super) async fn after<S: Schema, T: Schema>(
    change: &mut AssociationChange<S, T>,
    writing: Writing<'_>,
    owner: &[Value],
) -> Result<(), Failure> {
    let keys = &change.meta().keys;
    match (change.meta().kind, keys) {
        (AssociationKind::BelongsTo, _) => {
            let parted = change.children.iter_mut().filter(|child| !child.stays());
            for child in change.replaced.iter_mut().chain(parted) {
                if matches!(child.task, Task::Delete | Task::DeleteIfExists) {
                    delete(child, writing).await?;
                }
            }
            Ok(())
        }
        (_, AssociationKeys::Join { schema, own, references, target }) => {
            let join = schema.meta();
            let own_key: Vec<(&'static FieldMeta, Value)> = join
                .fields_or_key(own)
                .into_iter()
                .zip(S::META.positions_or_key(references).into_iter().map(|index| owner[index].clone()))
                .collect();
            let join = Join { meta: join, own: own_key, target: join.fields_or_key(target) };
            let (gone, stay): (Vec<_>, Vec<_>) =
                change.replaced.iter_mut().chain(&mut change.children).partition(|child| !child.stays());
            for child in gone.into_iter().filter(|child| child.task != Task::Ignore) {
                writing.repo.unlink_rows(join.meta, join.key(child), writing.location).await?;
            }
            for child in stay {
                write(child, Vec::new(), writing).await?;
                if !child.linked {
                    link(child, &join, writing).await?;
                }
            }
            Ok(())
        }
        _ => {
            let key: Vec<(usize, Value)> =
                change.pairs().into_iter().map(|(own, target)| (target, owner[own].clone())).collect();
            let (gone, stay): (Vec<_>, Vec<_>) =
                change.replaced.iter_mut().chain(&mut change.children).partition(|child| !child.stays());
            for child in gone {
                match child.task {
                    Task::Unlink => {
                        let null =
                            |(target, _): &(usize, Value)| (*target, Value::Null(T::META.fields[*target].data_type));
                        write(child, key.iter().map(null).collect(), writing).await?;
                    }
                    Task::Delete | Task::DeleteIfExists => delete(child, writing).await?,
                    _ => {}
                }
            }
            for child in stay {
                write(child, key.clone(), writing).await?;
            }
            Ok(())
        }
    }
}

/// The rows of a join table that tie a row to its owner.
struct Join {
    meta: &'static SchemaMeta,
    own: Vec<(&'static FieldMeta, Value)>,
    target: Vec<&'static FieldMeta>,
}

impl Join {
    /// The columns of the row that ties this one to the owner.
    fn key<T: Schema>(&self, child: &Child<T>) -> Vec<(&'static FieldMeta, Value)> {
        let target = T::META.primary_key.iter().map(|&index| child.value(index));
        self.own.iter().cloned().chain(self.target.iter().copied().zip(target)).collect()
    }
}

/// Inserts or updates a row, with these values for the fields that tie it to its owner.
async fn write<T: Schema>(child: &mut Child<T>, key: Vec<(usize, Value)>, writing: Writing<'_>) -> Result<(), Failure> {
    let Some(changeset) = child.changeset.take() else { return Ok(()) };
    if child.task == Task::Ignore {
        child.changeset = Some(changeset);
        return Ok(());
    }
    let inserts = child.task == Task::Insert;
    // What the changeset itself makes of the key does not count: the row belongs to this owner.
    let stands = |index: usize, value: &Value| child.linked && changeset.value_at(index).as_ref() == Some(value);
    let key: Vec<(usize, Value)> = key.into_iter().filter(|(index, value)| inserts || !stands(*index, value)).collect();
    if !inserts && key.is_empty() && !changeset.has_changes() {
        child.changeset = Some(changeset);
        return Ok(());
    }
    let tried = changeset.tried(if inserts { Action::Insert } else { Action::Update });
    let result = match tried {
        Ok(changeset) if inserts => {
            writing.repo.insert_one(changeset.with_tree(), key, WriteOptions::default(), writing.location).await
        }
        Ok(changeset) => writing.repo.update_one(changeset, key, WriteOptions::default(), writing.location).await,
        Err(refusal) => Err(refusal),
    };
    match result {
        Ok((changeset, written)) => {
            child.changeset = Some(changeset);
            child.written = Some(written);
            Ok(())
        }
        Err(refusal) => Err(kept(child, refusal)),
    }
}

async fn delete<T: Schema>(child: &mut Child<T>, writing: Writing<'_>) -> Result<(), Failure> {
    let Some(changeset) = child.changeset.take() else { return Ok(()) };
    let options = WriteOptions { allow_stale: child.task == Task::DeleteIfExists, ..WriteOptions::default() };
    let result = match changeset.tried(Action::Delete) {
        Ok(changeset) => writing.repo.delete_one(changeset, options, writing.location).await,
        Err(refusal) => Err(refusal),
    };
    match result {
        Ok((changeset, _)) => {
            child.changeset = Some(changeset);
            Ok(())
        }
        Err(Refusal::Skipped(changeset)) => {
            child.changeset = Some(*changeset);
            Ok(())
        }
        Err(refusal) => Err(kept(child, refusal)),
    }
}

/// Inserts the row of the join table. What the owner declared of its constraints is an error of the row.
async fn link<T: Schema>(child: &mut Child<T>, join: &Join, writing: Writing<'_>) -> Result<(), Failure> {
    let Err(mut error) = writing.repo.link_rows(join.meta, join.key(child), writing.location).await else {
        return Ok(());
    };
    let Error::Constraint(violated) = &mut error else { return Err(error.into()) };
    let declared = writing.constraints.iter().find_map(|constraint| {
        let of_join = constraint.matches(violated, join.meta.table) || constraint.matches(violated, writing.table);
        of_join.then(|| constraint.field_error(violated))
    });
    match (&mut child.changeset, declared) {
        (Some(changeset), Some((field, error))) => {
            changeset.errors.push((field, error));
            Err(Failure::Invalid(Vec::new()))
        }
        _ => {
            violated.action = Some(Action::Insert);
            violated.declared = writing.constraints.iter().map(Constraint::to_string).collect();
            violated.hint = Some(format!(
                "it is of the join table: declare it, with .with_name({:?}), on the changeset of the row that has the association",
                violated.name
            ));
            Err(error.into())
        }
    }
}

/// Gives the row its changeset back.
fn kept<T: Schema>(child: &mut Child<T>, refusal: Refusal<T>) -> Failure {
    match refusal {
        Refusal::Invalid(mut changeset) => {
            let errors = match child.given {
                true => Vec::new(),
                // Nobody sees the changeset of a row that is left out.
                false => std::mem::take(&mut changeset.errors).into_iter().map(|(_, error)| error).collect(),
            };
            child.changeset = Some(*changeset);
            Failure::Invalid(errors)
        }
        refusal => Failure::Error(refusal.into()),
    }
}

impl<S: Schema> Changeset<S> {
    /// Writes what comes before the row, and gives the values that fields of the row get from it.
    pub(crate) async fn write_before(
        mut self,
        writing: Writing<'_>,
    ) -> Result<(Self, Vec<(usize, Value)>), Refusal<S>> {
        let (mut given, mut keys) = (Vec::new(), Vec::new());
        let mut relations = std::mem::take(&mut self.relations);
        let constraints = std::mem::take(&mut self.constraints);
        let writing = Writing { constraints: &constraints, ..writing };
        let mut result = Ok(());
        for relation in &mut relations {
            match relation.before(writing).await {
                Ok(values) => {
                    if relation.writes_rows() {
                        keys.extend(values.clone());
                    }
                    given.extend(values);
                }
                Err(failure) => {
                    result = Err((relation.name(), failure));
                    break;
                }
            }
        }
        (self.relations, self.constraints) = (relations, constraints);
        let changeset = self.settle(result)?;
        changeset.agrees(&keys)?;
        Ok((changeset, given))
    }

    /// Writes what comes after the row, which has these values.
    pub(crate) async fn write_after(mut self, writing: Writing<'_>, row: &[Value]) -> Result<Self, Refusal<S>> {
        let mut relations = std::mem::take(&mut self.relations);
        let constraints = std::mem::take(&mut self.constraints);
        let writing = Writing { constraints: &constraints, ..writing };
        let mut result = Ok(());
        for relation in &mut relations {
            if let Err(failure) = relation.after(writing, row).await {
                result = Err((relation.name(), failure));
                break;
            }
        }
        (self.relations, self.constraints) = (relations, constraints);
        self.settle(result)
    }

    fn settle(mut self, result: Result<(), (&'static str, Failure)>) -> Result<Self, Refusal<S>> {
        match result {
            Ok(()) => Ok(self),
            Err((name, Failure::Invalid(errors))) => {
                errors.into_iter().for_each(|error| self.push_error(name, error));
                Err(Refusal::Invalid(Box::new(self)))
            }
            Err((_, Failure::Error(error))) => Err(Refusal::Error(error)),
        }
    }

    /// Refuses a key that is set to one row while the association is given another.
    fn agrees(&self, given: &[(usize, Value)]) -> Result<(), QueryError> {
        for (index, value) in given {
            let found = Found { index: *index, meta: &S::META.fields[*index] };
            let held = || Some(self.data.value(*index)).filter(|held| self.origin == Origin::New && !held.is_default());
            let changed = self.changed_value(found).cloned().or_else(held);
            if let Some(changed) = changed.filter(|changed| changed != value) {
                return Err(QueryError::new(format!(
                    "{}.{} is set to {} and its association to a row with {}: change one of them",
                    S::NAME,
                    found.meta.name,
                    if found.meta.redact { "[redacted]".to_owned() } else { changed.to_string() },
                    if found.meta.redact { "[redacted]".to_owned() } else { value.to_string() },
                )));
            }
        }
        Ok(())
    }

    /// The value of a field after the write, as far as the changeset knows it.
    pub(crate) fn value_at(&self, index: usize) -> Option<Value> {
        self.value_now(Found { index, meta: &S::META.fields[index] })
    }

    pub(crate) fn has_relations(&self) -> bool {
        !self.relations.is_empty()
    }

    /// Whether rows of others are written with the row.
    pub(crate) fn writes_rows(&self) -> bool {
        self.relations.iter().any(|relation| relation.writes_rows())
    }

    /// The values of all fields after the write.
    pub(crate) fn values_after(&self, Written(written): &Written) -> Vec<Value> {
        let value = |index: usize| {
            let known = written.iter().rev().find(|(known, _)| *known == index).map(|(_, value)| value.clone());
            known.or_else(|| self.value_at(index)).unwrap_or(Value::Null(S::META.fields[index].data_type))
        };
        (0..S::META.fields.len()).map(value).collect()
    }
}
