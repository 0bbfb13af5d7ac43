//! GROUP BY and HAVING.

use super::aggregate::Aggregated;
use super::expression::truth;
use super::source::{Scope, Source};
use super::{evaluate, identity};
use peristyle_query::error::Error;
use peristyle_query::query::ast::Select;
use std::collections::HashMap;

/// The rows of a group, in the order in which they came.
pub(super) type Group<'r> = Vec<&'r dyn Source>;

/// The groups of a query, in the order of their first rows, that HAVING leaves. Without GROUP BY all rows are one, even if
/// there are none.
pub(super) fn groups<'r>(select: &Select, rows: impl Iterator<Item = &'r dyn Source>) -> Result<Vec<Group<'r>>, Error> {
    let mut groups: Vec<Group<'r>> = Vec::new();
    if select.group_by.is_empty() {
        groups.push(rows.collect());
    } else {
        let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
        for row in rows {
            let sources = [row];
            let mut key = Vec::new();
            for term in &select.group_by {
                identity::push(&mut key, &evaluate(term, &Scope::new(&sources))?);
            }
            let place = *places.entry(key).or_insert(groups.len());
            match groups.get_mut(place) {
                Some(group) => group.push(row),
                None => groups.push(vec![row]),
            }
        }
    }
    let conditions = select.having.iter().map(|condition| Aggregated::new(condition)).collect::<Result<Vec<_>, _>>()?;
    let mut kept = Vec::with_capacity(groups.len());
    'groups: for group in groups {
        for condition in &conditions {
            if truth(&condition.evaluate(&group)?)? != Some(true) {
                continue 'groups;
            }
        }
        kept.push(group);
    }
    Ok(kept)
}
