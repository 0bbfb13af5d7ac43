//! Queries inside of conditions: they are run first, and what they give takes their place.

use super::Reader;
use crate::evaluate::Computed;
use crate::plan::text::Text;
use peristyle_query::error::Error;
use peristyle_query::query::ast::{
    BinaryOperator, Binding, Expression, OutputColumn, Select, Source, Step, UnaryOperator,
};
use peristyle_query::schema::FieldMeta;
use peristyle_query::value::{DataType, Value};
use std::borrow::Cow;

/// A query that stands in a condition.
enum Inner<'e> {
    /// Its one column has the values of an IN.
    Values(&'e Select, bool),
    /// Its rows are keys of several columns, one of which is that of the row.
    Keys(&'e Select, Vec<&'static FieldMeta>),
}

impl<'e> Inner<'e> {
    fn of(step: &'e Step) -> Option<Self> {
        match step {
            Step::InQuery(select, negated) => Some(Inner::Values(select, *negated)),
            Step::Exists(select, false) => same_keys(select),
            _ => None,
        }
    }

    /// The query to run: NULLs are dropped from what it gives, and need no condition.
    fn query(&self) -> Cow<'e, Select> {
        let select: &'e Select = match self {
            Inner::Values(select, _) | Inner::Keys(select, _) => select,
        };
        let (Inner::Values(..), [OutputColumn::Expression { expression, .. }]) = (self, select.columns.as_slice())
        else {
            return Cow::Borrowed(select);
        };
        let is_needed = |condition: &Expression| match condition.split_last() {
            Some((Step::Unary(UnaryOperator::IsNotNull), operand)) => operand != expression.as_slice(),
            _ => true,
        };
        match select.limit.is_none() && select.offset.is_none() && !select.filter.iter().all(is_needed) {
            true => {
                with_filter(select, select.filter.iter().filter(|condition| is_needed(condition)).cloned().collect())
            }
            false => Cow::Borrowed(select),
        }
    }

    /// The steps that take its place.
    fn steps(&self, rows: Vec<Vec<Value>>) -> Expression {
        match self {
            Inner::Values(_, negated) => {
                let values =
                    rows.into_iter().filter_map(|mut row| row.pop()).filter(|value| !value.is_null()).collect();
                vec![Step::In { item: &DataType::Text, values, negated: *negated, redact: false }]
            }
            Inner::Keys(_, fields) => {
                let count = rows.len();
                let mut steps = Vec::with_capacity(count * (fields.len() * 3 + 1) + 1);
                for row in rows {
                    for (field, value) in fields.iter().zip(row) {
                        let value = Step::Value { value, redact: field.redact };
                        steps.extend([column(field), value, Step::Binary(BinaryOperator::Equal)]);
                    }
                    steps.push(Step::All(fields.len()));
                }
                steps.push(Step::Any(count));
                steps
            }
        }
    }

    /// Stands for a row that it gives, before it is run.
    fn placeholder(&self) -> Vec<Value> {
        let value = || Value::Text("what the query before gives".to_owned());
        match self {
            Inner::Values(..) => vec![value()],
            Inner::Keys(_, fields) => fields.iter().map(|_| value()).collect(),
        }
    }
}

fn column(field: &'static FieldMeta) -> Step {
    Step::Column(Binding::of(0, 0), field)
}

/// The inner query and the key's columns of "there is a row with the key of this one", as `update_all` and `delete_all` write
/// a limit on rows whose key has several columns.
fn same_keys(rows: &Select) -> Option<Inner<'_>> {
    let (Source::Subquery(inner), [condition]) = (&rows.source, rows.filter.as_slice()) else { return None };
    let (Step::All(_), comparisons) = condition.split_last()? else { return None };
    let mut fields = Vec::new();
    for comparison in comparisons.chunks(3) {
        match comparison {
            [Step::Column(here, one), Step::Column(around, other), Step::Binary(BinaryOperator::Equal)]
                if here.depth == 0 && around.depth == 1 && around.index == 0 && std::ptr::eq(*one, *other) =>
            {
                fields.push(*one);
            }
            _ => return None,
        }
    }
    let plain = rows.limit.is_none() && rows.offset.is_none() && rows.joins.is_empty() && rows.group_by.is_empty();
    (plain && inner.columns.len() == fields.len()).then_some(Inner::Keys(inner, fields))
}

fn has_inner(filter: &[Expression]) -> bool {
    filter.iter().flatten().any(|step| Inner::of(step).is_some())
}

/// Conditions with these rows, a list for each of their inner queries in turn, in place of the queries.
fn with_rows(filter: &[Expression], given: Vec<Vec<Vec<Value>>>) -> Vec<Expression> {
    let mut given = given.into_iter();
    let mut filled = |step: &Step| match Inner::of(step) {
        None => vec![step.clone()],
        Some(inner) => inner.steps(given.next().unwrap_or_default()),
    };
    filter.iter().map(|expression| expression.iter().flat_map(&mut filled).collect()).collect()
}

/// A query with other conditions.
fn with_filter(select: &Select, filter: Vec<Expression>) -> Cow<'_, Select> {
    Cow::Owned(Select { filter, ..select.clone() })
}

impl Reader<'_> {
    /// Conditions with placeholders for what inner queries give, whose texts come first.
    pub(super) fn shaped(&self, filter: &[Expression], text: &mut Text) -> Result<Vec<Expression>, Error> {
        let mut placeholders = Vec::new();
        for inner in filter.iter().flatten().filter_map(Inner::of) {
            self.add_text(&inner.query(), text)?;
            text.push(" THEN ");
            placeholders.push(vec![inner.placeholder()]);
        }
        Ok(with_rows(filter, placeholders))
    }

    /// The same of a query.
    pub(super) fn shaped_select<'s>(&self, select: &'s Select, text: &mut Text) -> Result<Cow<'s, Select>, Error> {
        if !has_inner(&select.filter) {
            return Ok(Cow::Borrowed(select));
        }
        Ok(with_filter(select, self.shaped(&select.filter, text)?))
    }

    /// Conditions with what their inner queries give.
    pub(super) async fn without_inner(&self, filter: &[Expression]) -> Result<Vec<Expression>, Error> {
        let mut given = Vec::new();
        for inner in filter.iter().flatten().filter_map(Inner::of) {
            let rows = self.collect(&inner.query()).await?;
            given.push(rows.into_iter().map(|Computed { values, .. }| values).collect());
        }
        Ok(with_rows(filter, given))
    }

    /// The same of a query.
    pub(super) async fn resolved<'s>(&self, select: &'s Select) -> Result<Cow<'s, Select>, Error> {
        if !has_inner(&select.filter) {
            return Ok(Cow::Borrowed(select));
        }
        Ok(with_filter(select, self.without_inner(&select.filter).await?))
    }
}
