//! How deep queries are nested, which is bounded: they are copied, rendered and dropped recursively.

use super::ast::{Expression, OutputColumn, Select, Source, Step};
use crate::value::Value;

/// How many queries may stand inside of each other.
const DEEPEST: usize = 50;

impl Select {
    /// The query itself, or in its place one that is refused if it would be nested too deep.
    pub(super) fn nested(self) -> Select {
        if self.depth() < DEEPEST {
            return self;
        }
        let mut source = self.source;
        while let Source::Subquery(inner) = source {
            source = inner.source;
        }
        let mut refused = Select::new(source);
        refused.columns.push(OutputColumn::Expression { expression: vec![Step::Literal(Value::I32(1))], alias: None });
        refused.filter.push(vec![Step::Invalid(
            "the query is nested more than 50 queries deep: run the inner ones by themselves",
        )]);
        refused
    }

    /// How many queries stand inside of each other here, this one included.
    fn depth(&self) -> usize {
        let derived = self.sources().filter_map(|source| match source {
            Source::Subquery(inner) => Some(inner.depth()),
            Source::Table { .. } => None,
        });
        let tested = self.expressions().flat_map(|expression: &Expression| expression.iter()).filter_map(Step::query);
        1 + derived.chain(tested.map(Select::depth)).max().unwrap_or(0)
    }
}

impl Step {
    /// The query inside of a step that has one.
    pub(super) fn query(&self) -> Option<&Select> {
        match self {
            Step::InQuery(select, _) | Step::Exists(select, _) | Step::Scalar(select) => Some(select),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(inner: Option<Step>) -> Select {
        static META: crate::schema::SchemaMeta = crate::schema::SchemaMeta::new("Note", "notes");
        let mut select = Select::new(Source::Table { schema: &META, prefix: None });
        let column = |step| OutputColumn::Expression { expression: vec![step], alias: None };
        select.columns.extend(inner.map(column));
        select
    }

    #[test]
    fn queries_of_any_number_are_nested_only_so_deep() {
        let mut nested = around(None);
        for _ in 0..1_000 {
            nested = around(Some(Step::Scalar(Box::new(nested)))).nested();
            assert!(nested.depth() <= DEEPEST);
        }
    }
}
