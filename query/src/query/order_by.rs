//! ORDER BY, and what follows from an order: the first and the last row.

use super::ast::{Binding, Nulls, OrderTerm, Step};
use super::{Query, Scope};
use crate::expr::Ordering;

impl<Sc: Scope, Out> Query<Sc, Out> {
    /// Sorts the rows; a later call adds further terms.
    pub fn order_by<O: Ordering<Sc>>(mut self, order: impl FnOnce(Sc::Bindings) -> O) -> Self {
        let mut terms = Vec::new();
        self.build::<Sc, _>(|bindings| order(bindings).append(&mut terms));
        self.select.order_by.append(&mut terms);
        self
    }

    /// Turns the order round, NULLs too; a query without an order is sorted by its key, descending.
    pub fn reverse_order(mut self) -> Self {
        if self.select.order_by.is_empty() {
            self.order_by_key("reverse_order() needs an order or a primary key: add .order_by(..)");
        }
        for term in &mut self.select.order_by {
            term.descending = !term.descending;
            term.nulls = term.nulls.map(|nulls| match nulls {
                Nulls::First => Nulls::Last,
                Nulls::Last => Nulls::First,
            });
        }
        self
    }

    /// The first row alone, in the query's order, or by key if it has none.
    pub fn first(mut self) -> Self {
        if self.select.order_by.is_empty() {
            self.order_by_key("first() needs an order or a primary key: add .order_by(..)");
        }
        self.limit(1)
    }

    /// The last row alone, in the query's order, or by key if it has none.
    pub fn last(self) -> Self {
        self.reverse_order().limit(1)
    }

    fn order_by_key(&mut self, refusal: &'static str) {
        let Some(schema) = self.select.source.row_schema().filter(|schema| !schema.primary_key.is_empty()) else {
            return self.refuse(refusal);
        };
        self.select.order_by = schema
            .key_fields()
            .map(|(_, field)| OrderTerm {
                expression: vec![Step::Column(Binding::of(0, 0), field)],
                descending: false,
                nulls: None,
            })
            .collect();
    }
}
