//! The tables between a row and the rows that belong to it.

use crate::error::QueryError;
use crate::preload::next_implied;
use crate::query::ast::{Binding, Join, JoinKind, OutputColumn, Select, Source, Step};
use crate::query::paths::hop_condition;
use crate::schema::Hop;
use crate::value::Value;

/// Joins the tables between to a query for the last one; gives the source of the first, which has the owner's key.
pub(super) fn join_back(select: &mut Select, hops: &[Hop]) -> Result<Binding, QueryError> {
    let prefix = select.prefix().map(str::to_owned);
    let mut reached = Binding::of(0, 0);
    for (position, hop) in hops.iter().enumerate().skip(1).rev() {
        let Some(before) = hops.get(position - 1) else { break };
        let own = next_implied(select)?;
        let on = hop_condition(hop, own, reached);
        select.implied.push(Join {
            kind: JoinKind::Inner,
            source: Source::Table { schema: before.to, prefix: prefix.clone() },
            on,
        });
        reached = own;
    }
    Ok(reached)
}

/// The query that finds the tables between, inside of a query for the last one whose root it sees at depth 1: whether a row
/// is reached at all, however often.
pub(super) fn reached(hops: &[Hop]) -> Option<Result<Select, QueryError>> {
    let (last, between) = hops.split_last()?;
    let first = between.last()?;
    let mut select = Select::new(Source::Table { schema: first.to, prefix: None });
    let one = vec![Step::Literal(Value::I32(1))];
    select.columns.push(OutputColumn::Expression { expression: one, alias: None });
    let bare = Hop { filters: Vec::new(), ..last.clone() };
    select.filter.push(hop_condition(&bare, Binding::of(0, 0), Binding::of(1, 0)));
    Some(join_back(&mut select, between).map(|_| select))
}
