//! Random expressions of a type.
//!
//! They leave out where SQLite means something else by design; `docs/redis.md` lists it: 32-bit floats, floats as texts and
//! as whole numbers, and the case of letters beyond ASCII.

use super::FIELDS;
use super::choices::Choices;
use peristyle_query::query::ast::{Aggregate, BinaryOperator, Binding, Expression, Function, Step, UnaryOperator};
use peristyle_query::value::DataType;

const TYPES: [DataType; 9] = [
    DataType::I32,
    DataType::Text,
    DataType::I64,
    DataType::Bool,
    DataType::Decimal,
    DataType::F64,
    DataType::I16,
    DataType::Timestamp,
    DataType::Date,
];

/// The types whose values have arithmetic.
const NUMBERS: [DataType; 5] = [DataType::I32, DataType::I64, DataType::Decimal, DataType::F64, DataType::I16];

pub(super) fn any_type(choices: &mut Choices) -> DataType {
    TYPES[choices.of(TYPES.len())]
}

fn number(choices: &mut Choices) -> DataType {
    NUMBERS[choices.of(NUMBERS.len())]
}

/// An expression of a type, at most so deep.
pub(super) fn expression(choices: &mut Choices, data_type: DataType, depth: usize) -> Expression {
    if depth == 0 {
        return leaf(choices, data_type);
    }
    let below = depth - 1;
    match choices.of(6) {
        0 => leaf(choices, data_type),
        1 => {
            let (first, second) = (expression(choices, data_type, below), expression(choices, data_type, below));
            [first, second, vec![Step::Function(Function::Coalesce, 2)]].concat()
        }
        _ => match data_type {
            DataType::Bool => condition(choices, below),
            DataType::Text => text(choices, below),
            DataType::Date if choices.flip() => {
                with(expression(choices, DataType::Timestamp, below), Step::Cast(data_type))
            }
            DataType::I16 | DataType::I32 | DataType::I64 | DataType::F64 | DataType::Decimal => {
                arithmetic(choices, data_type, below)
            }
            _ => leaf(choices, data_type),
        },
    }
}

fn with(mut steps: Expression, step: Step) -> Expression {
    steps.push(step);
    steps
}

pub(super) fn leaf(choices: &mut Choices, data_type: DataType) -> Expression {
    match choices.of(4) {
        0 | 1 => {
            let fields: Vec<_> = FIELDS.iter().filter(|field| field.data_type == data_type).collect();
            vec![Step::Column(Binding::of(0, 0), fields[choices.of(fields.len())])]
        }
        2 if !matches!(data_type, DataType::Timestamp | DataType::Date) => {
            vec![Step::Literal(choices.value(data_type))]
        }
        _ => vec![Step::Value { value: choices.value(data_type), redact: false }],
    }
}

fn arithmetic(choices: &mut Choices, data_type: DataType, depth: usize) -> Expression {
    match choices.of(9) {
        6 => with(expression(choices, data_type, depth), Step::Unary(UnaryOperator::Negate)),
        7 => with(expression(choices, data_type, depth), Step::Function(Function::Abs, 1)),
        8 => converted(choices, data_type, depth),
        operator => {
            let operator = match operator {
                0 => BinaryOperator::Add(data_type),
                1 => BinaryOperator::Subtract(data_type),
                2 => BinaryOperator::Multiply(data_type),
                3 => BinaryOperator::Divide(data_type),
                4 if data_type != DataType::F64 => BinaryOperator::Remainder(data_type),
                _ => BinaryOperator::Add(data_type),
            };
            let (left, right) = (expression(choices, data_type, depth), expression(choices, data_type, depth));
            [left, right, vec![Step::Binary(operator)]].concat()
        }
    }
}

/// A number out of something else.
fn converted(choices: &mut Choices, data_type: DataType, depth: usize) -> Expression {
    let whole = matches!(data_type, DataType::I16 | DataType::I32 | DataType::I64);
    if data_type == DataType::I32 && choices.flip() {
        return with(expression(choices, DataType::Text, depth), Step::Function(Function::Length, 1));
    }
    let from = match choices.of(5) {
        0 => DataType::I32,
        1 => DataType::I64,
        2 => DataType::Text,
        3 if data_type != DataType::Decimal => DataType::Decimal,
        4 if whole => DataType::Bool,
        _ => DataType::I16,
    };
    with(expression(choices, from, depth), Step::Cast(data_type))
}

fn text(choices: &mut Choices, depth: usize) -> Expression {
    match choices.of(4) {
        0 => {
            let (left, right) =
                (expression(choices, DataType::Text, depth), expression(choices, DataType::Text, depth));
            [left, right, vec![Step::Binary(BinaryOperator::Concat)]].concat()
        }
        1 => with(expression(choices, DataType::Text, depth), Step::Function(Function::Lower, 1)),
        2 => with(expression(choices, DataType::Text, depth), Step::Function(Function::Upper, 1)),
        _ => {
            let from = [DataType::I32, DataType::I64, DataType::Bool, DataType::Date, DataType::Decimal][choices.of(5)];
            with(expression(choices, from, depth), Step::Cast(DataType::Text))
        }
    }
}

/// A condition.
pub(super) fn condition(choices: &mut Choices, depth: usize) -> Expression {
    let data_type = any_type(choices);
    let of = |choices: &mut Choices| expression(choices, data_type, depth);
    match choices.of(11) {
        0 | 1 => {
            let (left, right) = (of(choices), of(choices));
            let operators = [
                BinaryOperator::Equal,
                BinaryOperator::NotEqual,
                BinaryOperator::Less,
                BinaryOperator::LessOrEqual,
                BinaryOperator::Greater,
                BinaryOperator::GreaterOrEqual,
                BinaryOperator::IsNotDistinctFrom,
                BinaryOperator::IsDistinctFrom,
            ];
            [left, right, vec![Step::Binary(operators[choices.of(operators.len())])]].concat()
        }
        2 => {
            let (left, right) =
                (expression(choices, DataType::Bool, depth), expression(choices, DataType::Bool, depth));
            let operator = if choices.flip() { BinaryOperator::And } else { BinaryOperator::Or };
            [left, right, vec![Step::Binary(operator)]].concat()
        }
        3 => {
            let count = choices.of(4);
            let mut steps: Expression = (0..count).flat_map(|_| expression(choices, DataType::Bool, depth)).collect();
            steps.push(if choices.flip() { Step::All(count) } else { Step::Any(count) });
            steps
        }
        4 => with(expression(choices, DataType::Bool, depth), Step::Unary(UnaryOperator::Not)),
        5 => with(of(choices), Step::Unary(UnaryOperator::IsNull)),
        6 => with(of(choices), Step::Unary(UnaryOperator::IsNotNull)),
        7 => {
            let (value, low, high) = (of(choices), of(choices), of(choices));
            [value, low, high, vec![Step::Between(choices.flip())]].concat()
        }
        8 => {
            let operand = of(choices);
            let values = (0..choices.of(4)).map(|_| choices.value(data_type)).collect();
            let item = TYPES.iter().find(|item| **item == data_type).unwrap();
            with(operand, Step::In { item, values, negated: choices.flip(), redact: false })
        }
        9 => {
            let text = expression(choices, DataType::Text, depth);
            let pattern = vec![Step::Value { value: choices.pattern(), redact: false }];
            [text, pattern, vec![Step::Like { negated: choices.flip(), ignore_case: choices.flip() }]].concat()
        }
        _ => {
            let from = number(choices);
            with(expression(choices, from, depth), Step::Cast(DataType::Bool))
        }
    }
}

/// An aggregate and the type of its result.
pub(super) fn aggregate(choices: &mut Choices) -> (Expression, DataType) {
    let filter = choices.of(4) == 3;
    let function =
        [Aggregate::Count, Aggregate::Sum, Aggregate::Average, Aggregate::Min, Aggregate::Max][choices.of(5)];
    let operand = match function {
        Aggregate::Sum | Aggregate::Average => number(choices),
        _ => any_type(choices),
    };
    let result = match function {
        Aggregate::Count => DataType::I64,
        Aggregate::Sum => match operand {
            DataType::I16 | DataType::I32 => DataType::I64,
            DataType::I64 => DataType::Decimal,
            other => other,
        },
        Aggregate::Average if operand == DataType::Decimal => DataType::Decimal,
        Aggregate::Average => DataType::F64,
        _ => operand,
    };
    let star = function == Aggregate::Count && choices.flip();
    let distinct = !star && matches!(function, Aggregate::Count | Aggregate::Sum) && choices.flip();
    let mut steps = if star { vec![Step::Star] } else { expression(choices, operand, 1) };
    if filter {
        steps.extend(condition(choices, 1));
    }
    (with(steps, Step::Aggregate { function, distinct, filter, operand, result }), result)
}
