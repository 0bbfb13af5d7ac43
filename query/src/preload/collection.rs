//! Collections: lists inside of a selection, read by one more statement for all rows.

use super::{ChildPlan, Found, Job, Place};
use crate::query::ast::Expression;
use crate::repo::Loading;
use crate::schema::FieldMeta;
use crate::value::Value;
use std::sync::Arc;

/// A place of a selection that a statement of its own fills.
pub(crate) trait Collection: Send + Sync {
    /// The key of the row that it belongs to, over the sources of the query around it.
    fn key(&self) -> Vec<(Expression, &'static FieldMeta)>;

    /// The job that reads what belongs to rows with these keys.
    fn load(&self, loading: &Loading, keys: Vec<Vec<Value>>) -> Job;

    /// Puts what the job found into the places of the rows.
    fn assign(&self, places: Vec<Place<'_>>, found: Found);
}

/// A collection of `Out`, a list or its first item.
pub(crate) struct CollectPlan<Out> {
    pub(crate) key: Vec<(Expression, &'static FieldMeta)>,
    pub(crate) plan: Result<Arc<ChildPlan<Out>>, crate::error::QueryError>,
    pub(crate) first: bool,
}

impl<Out: Send + 'static> Collection for CollectPlan<Out> {
    fn key(&self) -> Vec<(Expression, &'static FieldMeta)> {
        self.key.clone()
    }

    fn load(&self, loading: &Loading, keys: Vec<Vec<Value>>) -> Job {
        match &self.plan {
            Ok(plan) => plan.clone().job(loading.clone(), keys, |rows, of_rows| (rows, of_rows)),
            Err(problem) => {
                let problem = problem.clone();
                Box::pin(async move { Err(problem.into()) })
            }
        }
    }

    fn assign(&self, mut places: Vec<Place<'_>>, found: Found) {
        let Ok(found) = found.downcast::<(Vec<Out>, Vec<usize>)>() else { return };
        let (rows, of_rows) = *found;
        for (row, owner) in rows.into_iter().zip(of_rows) {
            let Some(place) = places.get_mut(owner) else { continue };
            if !self.first {
                if let Some(list) = place.downcast_mut::<Vec<Out>>() {
                    list.push(row);
                }
            } else if let Some(first) = place.downcast_mut::<Option<Out>>() {
                first.get_or_insert(row);
            }
        }
    }
}
