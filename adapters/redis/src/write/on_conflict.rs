//! INSERT with a conflict clause.

use super::Writer;
use super::insert::Written;
use super::new_row::NewRow;
use super::update::{assigned, changes};
use crate::change::Reason;
use crate::layout::{Index, Table};
use crate::pending::refused;
use crate::read;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::{ConflictAction, ConflictTarget, Expression, OnConflict, Step};
use peristyle_query::schema::FieldMeta;

/// A conflict clause.
pub(super) struct Conflict<'c> {
    /// The position of the index that must be unique; `None` is any.
    target: Option<usize>,
    action: &'c ConflictAction,
}

impl<'c> Conflict<'c> {
    /// # Errors
    ///
    /// [`Error::Query`] for a target that is neither the primary key nor a unique index, [`Error::Unsupported`] for one that no
    /// index of Redis can be.
    pub(super) fn new(table: &Table, OnConflict { target, action }: &'c OnConflict) -> Result<Self, Error> {
        let target = match target {
            None => None,
            Some(ConflictTarget::Constraint(name)) => {
                let unique = |(position, _): &(usize, &Index)| is_unique(table, *position);
                let found = table.indexes.iter().enumerate().filter(unique).find(|(_, index)| index.name == **name);
                Some(found.ok_or_else(|| no_target(table, &format!("is called {name}")))?.0)
            }
            Some(ConflictTarget::Index { columns, filter }) => {
                if !filter.is_empty() {
                    let feature = format!("upserts over a partial index of {}", table.schema.name);
                    return Err(refused(feature, "leave .target_where(..) out: unique indexes are over all rows"));
                }
                let fields: Option<Vec<_>> = columns.iter().map(column).collect();
                let Some(fields) = fields else {
                    let feature = format!("upserts over expressions of {}", table.schema.name);
                    return Err(refused(feature, "name the columns of a unique index or of the primary key"));
                };
                Some(of_fields(table, &fields)?)
            }
        };
        Ok(Conflict { target, action })
    }

    /// The key of the row that is there, if this is the conflict that the clause is about.
    fn there<'k>(&self, new: &'k NewRow, reasons: &'k [Reason]) -> Option<&'k str> {
        let key = |reason: &'k Reason| match reason {
            Reason::Exists if self.target.is_none_or(|target| target == 0) => Some(new.change.key.as_str()),
            Reason::Claimed { index, holder } if self.target.is_none_or(|target| target == *index) => {
                Some(holder.as_str())
            }
            _ => None,
        };
        reasons.iter().find_map(key)
    }
}

fn column(expression: &Expression) -> Option<&'static FieldMeta> {
    match expression.as_slice() {
        [Step::Column(_, field)] => Some(field),
        _ => None,
    }
}

fn is_unique(table: &Table, position: usize) -> bool {
    position == 0 || table.indexes.get(position).is_some_and(|index| index.unique)
}

/// The unique index over these columns, in any order.
fn of_fields(table: &Table, fields: &[&'static FieldMeta]) -> Result<usize, Error> {
    let has = |list: &[&'static FieldMeta], field: &FieldMeta| list.iter().any(|other| other.column == field.column);
    let same = |index: &Index| {
        index.fields.iter().all(|field| has(fields, field)) && fields.iter().all(|field| has(&index.fields, field))
    };
    let found = table.indexes.iter().enumerate().find(|(position, index)| is_unique(table, *position) && same(index));
    found.map(|(position, _)| position).ok_or_else(|| {
        let columns: Vec<_> = fields.iter().map(|field| field.name).collect();
        no_target(table, &format!("is over ({})", columns.join(", ")))
    })
}

fn no_target(table: &Table, what: &str) -> Error {
    let name = table.schema.name;
    QueryError::new(format!(
        "the target of on_conflict must be the primary key or a unique index of {name}, and none {what}: add #[schema(unique)]"
    ))
    .into()
}

/// Inserts a row, or does what the clause says of the one that is there.
pub(super) async fn upsert(writer: &Writer<'_>, mut new: NewRow, conflict: &Conflict<'_>) -> Result<Written, Error> {
    for tries in 0.. {
        let Some(refusal) = writer.apply(std::slice::from_ref(&new.change)).await? else {
            return Ok(Some((new.row, true)));
        };
        if let Some(next) = new.with_next_key(writer, &refusal.reasons).await? {
            new = next;
            continue;
        }
        let Some(key) = conflict.there(&new, &refusal.reasons) else {
            return Err(refusal.error(std::slice::from_ref(&new.change)));
        };
        let ConflictAction::Update { set, filter } = conflict.action else { return Ok(None) };
        let there = read::by_keys(writer.reader, &writer.table, &[key.to_owned()]).await?;
        if let Some(row) = there.into_iter().flatten().next() {
            let Some(values) = assigned(set, filter, &row, Some(&new.row))? else { return Ok(None) };
            let (changes, updated) = changes(writer, row, &values)?;
            match writer.apply(&changes).await? {
                None => return Ok(Some((updated, false))),
                Some(refusal) if refusal.is_lost_race() => {}
                Some(refusal) => return Err(refusal.error(&changes)),
            }
        }
        writer.pause(tries).await?;
    }
    Err(writer.contended())
}
