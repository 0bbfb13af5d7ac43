//! The rows of many parents, each with a limit of its own.

use super::Reader;
use super::task::Task;
use crate::evaluate::{self, Done, Scope, evaluate};
use crate::layout::{StoredRow, order};
use crate::plan::refusal;
use crate::plan::text::Text;
use peristyle_query::adapter::{Outcome, Sink};
use peristyle_query::error::Error;
use peristyle_query::query::ast::{ParentKey, PerParent};
use std::collections::HashMap;

impl Reader<'_> {
    /// The text of a query's commands, with its values.
    pub(super) fn per_parent_text(&self, children: &PerParent) -> Result<Text, Error> {
        let mut text = Text::default();
        let shaped = self.shaped_select(&children.select, &mut text)?;
        Task::new(self, &shaped, Some(&children.keys))?.describe(&mut text);
        text.push(" FOR EACH PARENT");
        Ok(text)
    }

    /// Runs a query whose limit and offset are those of the rows of each parent.
    pub(super) async fn per_parent(&self, children: &PerParent, mut sink: Box<dyn Sink>) -> Result<Outcome, Error> {
        let select = self.resolved(&children.select).await?;
        let task = Task::new(self, &select, Some(&children.keys))?;
        let rows = self.rows(&task.plan, task.window).await?;
        if task.done.limited && task.done.filtered {
            return evaluate::run(&select, &rows, task.done, sink);
        }
        if let Some(most) = task.plan.most.filter(|most| rows.len() as u64 > *most) {
            return Err(refusal::too_many(task.plan.table.schema, most));
        }
        let done = Done { limited: false, ..task.done };
        let mut total = 0;
        for rows in of_parents(&children.keys, rows)? {
            let outcome = evaluate::run(&select, &rows, done, sink)?;
            sink = outcome.sink;
            total += outcome.rows;
        }
        Ok(Outcome { sink, rows: total })
    }
}

/// The rows of each parent, in the order of the parents.
fn of_parents(keys: &[ParentKey], rows: Vec<StoredRow>) -> Result<Vec<Vec<StoredRow>>, Error> {
    let count = keys.first().map_or(0, |key| key.values.len());
    let mut places: HashMap<Vec<u8>, usize> = HashMap::with_capacity(count);
    for parent in 0..count {
        let mut bytes = Vec::new();
        for value in keys.iter().filter_map(|key| key.values.get(parent)) {
            order::encode(value, &mut bytes)?;
        }
        places.entry(bytes).or_insert(parent);
    }
    let mut lists: Vec<Vec<StoredRow>> = vec![Vec::new(); count];
    for row in rows {
        let mut bytes = Vec::new();
        for key in keys {
            order::encode(&evaluate(&key.expression, &Scope::new(&[&row]))?, &mut bytes)?;
        }
        if let Some(list) = places.get(&bytes).and_then(|place| lists.get_mut(*place)) {
            list.push(row);
        }
    }
    lists.retain(|list| !list.is_empty());
    Ok(lists)
}
