//! The types of expressions, and the names that Postgres gives them.

use crate::quote::quoted;
use peristyle_query::query::ast::{BinaryOperator, Function, OutputColumn, Select, Step, UnaryOperator};
use peristyle_query::value::DataType;

/// The type of what a step leaves, from the types of its operands, as far as it is known.
pub(crate) fn result_type(step: &Step, operands: &[Option<DataType>]) -> Option<DataType> {
    match step {
        Step::Column(_, field) => Some(field.data_type),
        Step::Value { value, .. } | Step::Literal(value) => Some(value.data_type()),
        Step::Unary(UnaryOperator::Negate) | Step::Function(Function::Abs, _) => operands.first().copied().flatten(),
        Step::Binary(operator) => match operator {
            BinaryOperator::Add(data_type)
            | BinaryOperator::Subtract(data_type)
            | BinaryOperator::Multiply(data_type)
            | BinaryOperator::Divide(data_type)
            | BinaryOperator::Remainder(data_type) => Some(*data_type),
            BinaryOperator::Concat => Some(DataType::Text),
            _ => Some(DataType::Bool),
        },
        Step::Unary(_)
        | Step::All(_)
        | Step::Any(_)
        | Step::Between(_)
        | Step::In { .. }
        | Step::InQuery(..)
        | Step::Exists(..)
        | Step::Inserted
        | Step::Like { .. } => Some(DataType::Bool),
        Step::Scalar(select) => column_type(select),
        Step::Aggregate { result, .. } => Some(*result),
        Step::Function(Function::Coalesce, _) => operands.iter().copied().flatten().next(),
        Step::Function(Function::Lower | Function::Upper, _) => Some(DataType::Text),
        Step::Function(Function::Length, _) => Some(DataType::I32),
        Step::Cast(data_type) => Some(*data_type),
        _ => None,
    }
}

/// The type of a query's one column, if it is known.
fn column_type(select: &Select) -> Option<DataType> {
    let [OutputColumn::Expression { expression, .. }] = select.columns.as_slice() else {
        return None;
    };
    let mut types = Vec::new();
    for step in expression {
        let first = types.len().checked_sub(arity(step)?)?;
        let result = result_type(step, &types[first..]);
        types.truncate(first);
        types.push(result);
    }
    types.pop().flatten()
}

/// How many operands a step takes; `None` for a step that has no SQL.
pub(crate) fn arity(step: &Step) -> Option<usize> {
    Some(match step {
        Step::Column(..)
        | Step::Value { .. }
        | Step::Literal(_)
        | Step::Star
        | Step::Inserted
        | Step::Exists(..)
        | Step::Scalar(_) => 0,
        Step::Unary(_) | Step::In { .. } | Step::InQuery(..) | Step::Cast(_) => 1,
        Step::Binary(_) | Step::Like { .. } => 2,
        Step::Between(_) => 3,
        Step::Aggregate { filter, .. } => 1 + usize::from(*filter),
        Step::All(count) | Step::Any(count) | Step::Function(_, count) | Step::Fragment(_, count) => *count,
        _ => return None,
    })
}

/// Whether values of the type are whole numbers.
pub(crate) fn is_integer(data_type: DataType) -> bool {
    matches!(data_type, DataType::I16 | DataType::I32 | DataType::I64)
}

/// Whether values of the type are binary floating-point numbers.
pub(crate) fn is_float(data_type: DataType) -> bool {
    matches!(data_type, DataType::F32 | DataType::F64)
}

/// Whether values of the type are numbers.
pub(crate) fn is_number(data_type: DataType) -> bool {
    is_integer(data_type) || is_float(data_type) || data_type == DataType::Decimal
}

/// The name of a type on Postgres.
pub(crate) fn postgres_type(data_type: DataType) -> Option<String> {
    let name = match data_type {
        DataType::Bool => "bool",
        DataType::I16 => "int2",
        DataType::I32 => "int4",
        DataType::I64 => "int8",
        DataType::F32 => "float4",
        DataType::F64 => "float8",
        DataType::Text => "text",
        DataType::Bytes => "bytea",
        DataType::Uuid => "uuid",
        DataType::Date => "date",
        DataType::Time => "time",
        DataType::DateTime => "timestamp",
        DataType::Timestamp => "timestamptz",
        DataType::Decimal => "numeric",
        DataType::Json => "jsonb",
        DataType::Interval => "interval",
        DataType::Enum(name) => return Some(name.split('.').map(quoted).collect::<Vec<_>>().join(".")),
        DataType::Array(item) => return postgres_type(*item).map(|item| format!("{item}[]")),
        _ => return None,
    };
    Some(name.to_owned())
}

/// Whether Postgres is sent text for a value of this type, which a cast must turn into it.
pub(crate) fn is_sent_as_text(data_type: DataType) -> bool {
    match data_type {
        DataType::Enum(_) => true,
        DataType::Array(item) => is_sent_as_text(*item),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enum_types_are_quoted_part_by_part() {
        let name = |data_type| postgres_type(data_type).unwrap_or_default();
        assert_eq!(name(DataType::Enum("role")), r#""role""#);
        assert_eq!(name(DataType::Enum(r#"auth.ro"le"#)), r#""auth"."ro""le""#);
        assert_eq!(name(DataType::Array(&DataType::Array(&DataType::Enum("role")))), r#""role"[][]"#);
    }
}
