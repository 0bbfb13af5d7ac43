//! The query for what belongs to rows in hand.

use super::JoinTarget;
use super::expressions::first_place;
use super::steps::reached;
use crate::error::QueryError;
use crate::expr::{Anchor, NotNull, enter};
use crate::preload::{Key, values_of};
use crate::query::Query;
use crate::query::ast::{BinaryOperator, Binding, Expression, Select, Step};
use crate::query::paths::moved;
use crate::schema::{FieldMeta, Record, Schema};
use crate::value::Value;
use std::collections::HashSet;

/// Rows in hand, by reference: a row, or a slice or `Vec` of rows.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not rows of a schema",
    label = "expected `&row`, `&rows` or `&rows[..]`"
)]
pub trait InHand {
    /// The schema of the rows.
    type Schema: Schema;

    /// The rows.
    fn rows(&self) -> &[Self::Schema];
}

impl<S: Schema> InHand for S {
    type Schema = S;

    fn rows(&self) -> &[S] {
        std::slice::from_ref(self)
    }
}

impl<S: Schema> InHand for [S] {
    type Schema = S;

    fn rows(&self) -> &[S] {
        self
    }
}

impl<S: Schema> InHand for Vec<S> {
    type Schema = S;

    fn rows(&self) -> &[S] {
        self
    }
}

const FILTERS_ONLY: &str = "association_query(..) takes an association with filters only: give the order, the limit, the joins, \
                            the prefix and the preloads to the query that it makes";

/// The query for the rows that belong to rows in hand, each once: `association_query(&users, |u| u.posts())`.
///
/// It is a query as any other, to be filtered, sorted and counted. Of no rows, it gives none.
///
/// # Parameters
///
/// `rows` are a row, a slice or a `Vec` of rows; `association` receives their columns and gives one of their associations.
pub fn association_query<I, A>(
    rows: &I,
    association: impl FnOnce(<I::Schema as Record>::Columns<I::Schema, NotNull>) -> A,
) -> Query<A::Target>
where
    I: InHand + ?Sized,
    A: JoinTarget<I::Schema, Owner = I::Schema>,
{
    let many = enter(|level| association(<I::Schema as Record>::columns(Anchor::new(0, level))).into_many());
    let (owner, link) = (many.owner, many.link);
    let hops = link.hops();
    let mut query = A::Target::query();
    match many.into_filters(FILTERS_ONLY) {
        Ok(conditions) => query.select_mut().filter.extend(conditions),
        Err(problem) => query.refuse_with(problem),
    }
    let Some(first) = hops.first().filter(|_| owner.is_root()) else {
        query.refuse_with(QueryError::new("association_query(..) takes an association of the rows themselves"));
        return query;
    };
    let mut seen = HashSet::new();
    let keys = rows.rows().iter().map(|row| values_of(row, &first.from));
    let keys: Vec<Vec<Value>> = keys.filter(|values| Key::of(values).is_some_and(|key| seen.insert(key))).collect();
    let root = Binding::of(0, 0);
    let place = |between: &Select| if hops.len() == 1 { root } else { first_place(between) };
    let result = match hops.len() {
        1 => Ok(vec![among(&first.keys, root, &keys)]),
        _ => match reached(&hops) {
            Some(Ok(mut between)) => {
                let own = place(&between);
                between.filter.push(among(&first.keys, own, &keys));
                between.filter.extend(first.filters.iter().map(|filter| moved(filter(), own)));
                Ok(vec![vec![Step::Exists(Box::new(between), false)]])
            }
            Some(Err(problem)) => Err(problem),
            None => Ok(Vec::new()),
        },
    };
    match result {
        Ok(mut conditions) => {
            conditions
                .extend(hops.iter().next_back().into_iter().flat_map(|last| &last.filters).map(|filter| filter()));
            query.select_mut().filter.splice(0..0, conditions);
        }
        Err(problem) => query.refuse_with(problem),
    }
    query
}

/// The condition that fields of a source have one of these keys.
fn among(fields: &[&'static FieldMeta], of: Binding, keys: &[Vec<Value>]) -> Expression {
    if let [field] = fields {
        let values = keys.iter().flatten().cloned().collect();
        let test = Step::In { item: &field.data_type, values, negated: false, redact: field.redact };
        return vec![Step::Column(of, field), test];
    }
    let mut steps = Expression::new();
    for key in keys {
        for (field, value) in fields.iter().zip(key) {
            steps.extend([
                Step::Column(of, field),
                Step::Value { value: value.clone(), redact: field.redact },
                Step::Binary(BinaryOperator::Equal),
            ]);
        }
        steps.push(Step::All(fields.len()));
    }
    steps.push(Step::Any(keys.len()));
    steps
}
