//! LIMIT and OFFSET, whose numbers are bound.

use crate::renderer::Renderer;
use crate::target::Target;
use peristyle_query::query::ast::Select;
use sea_query::SelectStatement;

/// SQLite's limit that is none: it has no OFFSET without a LIMIT.
const NO_LIMIT: i64 = -1;

/// A number of rows. No table has more than an i64 counts, so the greatest one stands for all above it.
fn bound(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What is bound for LIMIT and OFFSET.
fn bounds(target: Target, select: &Select) -> (Option<i64>, Option<i64>) {
    let offset = select.offset.map(bound);
    let limit = select.limit.map(bound);
    (limit.or((target == Target::Sqlite && offset.is_some()).then_some(NO_LIMIT)), offset)
}

/// The values of LIMIT and OFFSET, in this order.
pub(crate) fn values(target: Target, select: &Select) -> impl Iterator<Item = i64> {
    let (limit, offset) = bounds(target, select);
    limit.into_iter().chain(offset)
}

/// The number after which the rows of a parent begin, and that of the last one.
pub(crate) fn rank_bounds(select: &Select) -> (Option<i64>, Option<i64>) {
    let offset = select.offset.map(bound);
    let last = |limit| bound(limit).saturating_add(offset.unwrap_or(0));
    (offset, select.limit.map(last))
}

impl Renderer<'_> {
    /// Adds LIMIT and OFFSET.
    pub fn limit(&mut self, select: &Select, statement: &mut SelectStatement) {
        let (limit, offset) = bounds(self.target, select);
        if limit.is_some() {
            statement.limit(self.parameter() as u64);
        }
        if offset.is_some() {
            statement.offset(self.parameter() as u64);
        }
    }
}
