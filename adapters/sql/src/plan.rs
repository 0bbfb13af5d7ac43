//! A rendered statement without its values.

use crate::shape::Shape;
use crate::target::Target;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::{Insert, InsertSource, Operation};
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

    /// The statement of an operation of this shape.
    pub fn statement(&self, shape: Shape, operation: &Operation) -> Result<Statement, Error> {
        match operation {
            Operation::Insert(insert) if shape.is_repeated => Ok(self.repeated(shape).statement(insert)),
            _ => self.once(shape.parameters),
        }
    }

    /// The statement that runs once for each row of an INSERT of this shape.
    pub fn repeated(&self, shape: Shape) -> Repeated {
        Repeated { sql: Arc::clone(&self.sql), rest: shape.parameters }
    }

    /// The statement with these parameters, numbered as the operation was visited.
    fn once(&self, mut parameters: Vec<Parameter>) -> Result<Statement, Error> {
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

/// A statement that runs once for each row of an INSERT, for a store that has no faster way to take many.
#[derive(Clone, Debug)]
pub struct Repeated {
    /// The text, whose first placeholders are those of a row.
    pub sql: Arc<str>,
    /// The values that follow those of each row.
    pub rest: Vec<Parameter>,
}

impl Repeated {
    /// The statement and the values of all rows of `insert`, to be shown.
    pub fn statement(&self, insert: &Insert) -> Statement {
        let InsertSource::Rows { count, values } = &insert.source else {
            return Statement::new(Arc::clone(&self.sql), self.rest.clone());
        };
        let mut parameters = Vec::with_capacity(values.len() + count * self.rest.len());
        let width = insert.columns.len();
        for row in 0..*count {
            let own = values.iter().skip(row * width).take(width);
            parameters.extend(
                insert
                    .columns
                    .iter()
                    .zip(own)
                    .map(|(field, value)| Parameter { value: value.clone(), redact: field.redact }),
            );
            parameters.extend_from_slice(&self.rest);
        }
        Statement::repeated(Arc::clone(&self.sql), parameters, *count)
    }
}
