//! Indexes that no constraint made.

use super::relations::storage_parameters;
use super::rows::{IndexRow, PartRow};
use super::{Scope, rows};
use crate::catalog::{Direction, Index, IndexColumn, IndexPart, Table, View};
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;
use std::collections::HashMap;

pub(super) async fn read(
    repo: &Repo,
    scope: &Scope,
    tables: &mut HashMap<i64, Table>,
    views: &mut HashMap<i64, View>,
) -> Result<(), Error> {
    for row in rows::<IndexRow>(repo, include_str!("indexes.sql"), (scope.oids(),)).await? {
        // One that a failed CREATE INDEX CONCURRENTLY left is named among the others.
        if !row.is_valid && !row.is_partitioned {
            continue;
        }
        if let Some(table) = tables.get_mut(&row.relation) {
            table.indexes.push(index(row));
        } else if let Some(view) = views.get_mut(&row.relation) {
            view.indexes.push(index(row));
        }
    }
    Ok(())
}

fn index(row: IndexRow) -> Index {
    let (included, keys): (Vec<PartRow>, Vec<PartRow>) = row.parts.into_iter().partition(|part| part.is_included);
    Index {
        name: row.name,
        columns: keys.into_iter().map(part).collect(),
        unique: row.is_unique,
        using: (row.method != "btree").then_some(row.method),
        include: included.into_iter().filter_map(|part| part.column).collect(),
        nulls_distinct: row.nulls_not_distinct.then_some(false),
        filter: row.filter,
        options: row.options.map(|options| storage_parameters(&options)),
        only: row.is_partitioned && !row.is_valid,
        comment: row.comment,
    }
}

/// In `pg_index.indoption`, the bit for a descending order, and the one for NULLs first.
const DESCENDING: i16 = 1;
const NULLS_FIRST: i16 = 2;

fn part(row: PartRow) -> IndexColumn {
    let part = match (row.expression, row.column) {
        (Some(expression), _) => IndexPart::Expression(bare(&expression).to_owned()),
        (None, column) => IndexPart::Column(column.unwrap_or_default()),
    };
    let direction = match (row.order & DESCENDING != 0, row.order & NULLS_FIRST != 0) {
        (false, false) => None,
        (false, true) => Some(Direction::AscNullsFirst),
        (true, true) => Some(Direction::Desc),
        (true, false) => Some(Direction::DescNullsLast),
    };
    let operator_class = row.operator_class.map(|class| match row.operator_class_options {
        Some(options) => format!("{class} ({})", storage_parameters(&options)),
        None => class,
    });
    IndexColumn { part, direction, collation: row.collation, operator_class }
}

/// The expression without the parentheses that Postgres puts around all but calls.
fn bare(expression: &str) -> &str {
    expression.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(expression)
}
