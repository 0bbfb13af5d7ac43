//! A rendered statement without its values.

use crate::target::Target;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::statement::{Parameter, Statement};
use std::sync::Arc;

/// A rendered statement, good for every operation of the same shape.
#[derive(Debug)]
pub(crate) struct Plan {
    sql: Arc<str>,
    /// Which parameter stands at each placeholder; `None` if they stand in their own order.
    order: Option<Vec<usize>>,
    placeholders: usize,
}

impl Plan {
    /// A plan of a text and the parameter at each of its placeholders.
    pub fn new(target: Target, sql: String, order: Vec<usize>) -> Result<Self, Error> {
        let (placeholders, limit) = (order.len(), target.parameter_limit());
        if placeholders > limit {
            return Err(QueryError::new(format!(
                "the statement has {placeholders} parameters, {} takes {limit}: split it into several",
                target.name()
            ))
            .into());
        }
        let in_order = order.iter().enumerate().all(|(place, &parameter)| place == parameter);
        Ok(Plan { sql: sql.into(), order: (!in_order).then_some(order), placeholders })
    }

    /// The statement with these parameters, numbered as the operation was visited.
    pub fn statement(&self, mut parameters: Vec<Parameter>) -> Result<Statement, Error> {
        match &self.order {
            None => parameters.truncate(self.placeholders),
            Some(order) => {
                let mut given: Vec<Option<Parameter>> = parameters.into_iter().map(Some).collect();
                let mut take = |&parameter: &usize| given.get_mut(parameter)?.take();
                parameters = order.iter().map_while(&mut take).collect();
            }
        }
        if parameters.len() != self.placeholders {
            return Err(QueryError::new("a rendered statement has more placeholders than values").into());
        }
        Ok(Statement::new(Arc::clone(&self.sql), parameters))
    }
}
