//! Rows that claim the same values of a unique index.

use super::Run;
use super::steps::{Conflict, Step};
use crate::layout::row_name;
use peristyle_query::error::{ConstraintError, ConstraintKind, Error};
use std::collections::BTreeSet;

/// How many rows an error names.
const NAMED: usize = 10;

impl Run<'_> {
    /// Gives up before the end if enough rows are found that an error has all that it names.
    pub(super) async fn refuse_many_duplicates(&mut self) -> Result<Step, Error> {
        if self.conflicts.len() >= NAMED { self.refuse_duplicates().await } else { Ok(Step::Done) }
    }

    /// Settles the conflicts that are none any more.
    ///
    /// # Errors
    ///
    /// [`Error::Constraint`] with the keys of rows that have the same values. Then nothing is being built any more.
    pub(super) async fn refuse_duplicates(&mut self) -> Result<Step, Error> {
        let mut duplicates: Vec<Conflict> = Vec::new();
        let mut open = std::mem::take(&mut self.conflicts).into_iter().collect::<Vec<_>>();
        while !open.is_empty() {
            let (step, conflicts) = self.add(open, None).await?;
            if step != Step::Done {
                // The walk begins anew, and meets the rows again.
                return Ok(step);
            }
            open = Vec::new();
            for conflict in conflicts {
                match self.release_one(&conflict).await? {
                    true => open.push(conflict.key),
                    false => duplicates.push(conflict),
                }
            }
        }
        if duplicates.is_empty() {
            return Ok(Step::Done);
        }
        self.send_abandon().await?;
        Err(self.duplicated(&duplicates))
    }

    fn duplicated(&self, duplicates: &[Conflict]) -> Error {
        let schema = self.table.schema;
        let of = |conflict: &Conflict| {
            self.table
                .indexes
                .iter()
                .find(|index| index.unique && conflict.claim.starts_with(&self.part.claim(index, "")))
        };
        let index = duplicates.first().and_then(of);
        let mut named = BTreeSet::new();
        let mut pairs = Vec::new();
        for conflict in duplicates.iter().filter(|conflict| of(conflict).map(|of| &of.name) == index.map(|of| &of.name))
        {
            named.extend([&conflict.key, &conflict.holder]);
            if named.len() > NAMED {
                break;
            }
            pairs.push(format!("{} and {}", row_name(schema, &conflict.holder), row_name(schema, &conflict.key)));
        }
        let message = format!("rows have the same values: {}", pairs.join(", "));
        let mut error = ConstraintError::new(ConstraintKind::Unique, message);
        error.name = index.map(|index| index.name.clone()).unwrap_or_default();
        error.table = Some(schema.table.to_owned());
        error.columns =
            index.map(|index| index.fields.iter().map(|field| field.column.to_owned()).collect()).unwrap_or_default();
        error.hint =
            Some("change or delete all but one of them, then reindex again: no index was marked as built".to_owned());
        error.into()
    }
}
