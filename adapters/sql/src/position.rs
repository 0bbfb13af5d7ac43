//! Terms of GROUP BY and ORDER BY that repeat a column of the result.

use crate::target::Target;
use peristyle_query::query::ast::{Expression, OutputColumn, Select, Step};

/// The position, from 1, of the result's column that a term repeats, where the term has to be written as that position.
///
/// Postgres takes `age / $1` and `age / $2` for different expressions, whatever is bound, and so refuses a grouped
/// column that holds a parameter unless the term names the column's position.
pub(crate) fn output_position(target: Target, select: &Select, term: &Expression) -> Option<usize> {
    if target != Target::Postgres || !term.iter().any(has_parameters) {
        return None;
    }
    let mut position = 1;
    for column in &select.columns {
        match column {
            OutputColumn::Expression { expression, .. } if expression == term => return Some(position),
            OutputColumn::Expression { .. } => position += 1,
            OutputColumn::Row(_, schema) => position += schema.loaded_fields().count(),
        }
    }
    None
}

fn has_parameters(step: &Step) -> bool {
    matches!(step, Step::Value { .. } | Step::In { .. } | Step::InQuery(..) | Step::Exists(..) | Step::Scalar(_))
}
