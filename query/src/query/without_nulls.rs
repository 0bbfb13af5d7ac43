//! Leaving NULLs out of the query of an IN.

use super::ast::{Binding, OutputColumn, Select, Source, Step, UnaryOperator};
use crate::expr::shift_select;
use crate::schema::FieldMeta;
use crate::value::DataType;

/// Names a computed value for the query around it, which only tests it for NULL.
static VALUE: FieldMeta = FieldMeta::new("value", "value", DataType::Text);

impl Select {
    /// Adds the condition that the one column is not NULL: around the query if it has a limit or an offset, which must
    /// count the NULLs too.
    pub(crate) fn without_nulls(mut self) -> Select {
        let [OutputColumn::Expression { expression, alias }] = self.columns.as_mut_slice() else { return self };
        if self.limit.is_none() && self.offset.is_none() {
            let mut condition = expression.clone();
            let grouped =
                !self.group_by.is_empty() || condition.iter().any(|step| matches!(step, Step::Aggregate { .. }));
            condition.push(Step::Unary(UnaryOperator::IsNotNull));
            if grouped { &mut self.having } else { &mut self.filter }.push(condition);
            return self;
        }
        let field = match expression.as_slice() {
            [Step::Column(_, field)] => field,
            _ => {
                *alias = Some(VALUE.column);
                &VALUE
            }
        };
        let column = Step::Column(Binding::of(0, 0), field);
        shift_select(&mut self, 1, 1);
        let mut outer = Select::new(Source::Subquery(Box::new(self)));
        outer.filter.push(vec![column.clone(), Step::Unary(UnaryOperator::IsNotNull)]);
        outer.columns.push(OutputColumn::Expression { expression: vec![column], alias: None });
        outer
    }
}
