//! Conditions as text, with placeholders for values.

use super::tree::Node;
use peristyle_query::query::ast::{BinaryOperator, Expression, Function, Nulls, OrderTerm, Step, UnaryOperator};
use peristyle_query::statement::Parameter;
use peristyle_query::value::Value;

/// A text and the values of its placeholders.
#[derive(Debug, Default)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) parameters: Vec<Parameter>,
}

impl Text {
    /// An expression alone, for messages.
    pub(crate) fn of(expression: &[Step]) -> String {
        let mut text = Text::default();
        text.expression(expression);
        text.text
    }

    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// A placeholder for a value.
    pub(crate) fn value(&mut self, value: Value, redact: bool) -> &mut Self {
        self.parameters.push(Parameter { value, redact });
        let number = self.parameters.len();
        self.push(&format!("${number}"))
    }

    /// An expression.
    pub(crate) fn expression(&mut self, expression: &[Step]) -> &mut Self {
        match Node::new(expression) {
            Ok(node) => self.node(&node),
            Err(_) => self.push("?"),
        }
    }

    /// Expressions, all of which must hold, one after the other.
    pub(crate) fn all(&mut self, conditions: &[Expression]) -> &mut Self {
        self.list(conditions.iter(), " AND ", |text, condition| {
            // An OR among them would read as one with its neighbours.
            let or = matches!(condition.last(), Some(Step::Any(_) | Step::Binary(BinaryOperator::Or)));
            match or && conditions.len() > 1 {
                true => text.push("(").expression(condition).push(")"),
                false => text.expression(condition),
            }
        })
    }

    /// ORDER BY.
    pub(crate) fn order(&mut self, terms: &[OrderTerm]) -> &mut Self {
        self.list(terms.iter(), ", ", |text, term| {
            text.expression(&term.expression).push(if term.descending { " DESC" } else { "" });
            match term.nulls {
                Some(Nulls::First) => text.push(" NULLS FIRST"),
                Some(Nulls::Last) => text.push(" NULLS LAST"),
                None => text,
            }
        })
    }

    /// Items with something between them.
    pub(crate) fn list<I>(
        &mut self,
        items: impl Iterator<Item = I>,
        between: &str,
        mut item: impl FnMut(&mut Self, I) -> &mut Self,
    ) -> &mut Self {
        for (number, next) in items.enumerate() {
            if number > 0 {
                self.push(between);
            }
            item(self, next);
        }
        self
    }

    fn node(&mut self, node: &Node<'_>) -> &mut Self {
        let Some(step) = node.step() else { return self };
        let operands = &node.operands;
        match step {
            Step::Column(_, field) => self.push(field.column),
            Step::Value { value, redact } => self.value(value.clone(), *redact),
            Step::Literal(value) => self.push(&value.to_string()),
            Step::Star => self.push("*"),
            Step::Unary(UnaryOperator::Not) => self.push("NOT ").inner(operands.first()),
            Step::Unary(UnaryOperator::Negate) => self.push("-").inner(operands.first()),
            Step::Unary(UnaryOperator::IsNull) => self.inner(operands.first()).push(" IS NULL"),
            Step::Unary(UnaryOperator::IsNotNull) => self.inner(operands.first()).push(" IS NOT NULL"),
            Step::Binary(operator) => {
                let sign = sign(operator);
                self.inner(operands.first()).push(" ").push(sign).push(" ").inner(operands.get(1))
            }
            Step::All(0) => self.push("TRUE"),
            Step::Any(0) => self.push("FALSE"),
            Step::All(_) => self.list(operands.iter(), " AND ", |text, operand| text.inner(Some(operand))),
            Step::Any(_) => self.list(operands.iter(), " OR ", |text, operand| text.inner(Some(operand))),
            Step::Between(negated) => {
                let word = if *negated { " NOT BETWEEN " } else { " BETWEEN " };
                self.inner(operands.first()).push(word).inner(operands.get(1)).push(" AND ").inner(operands.get(2))
            }
            Step::In { item, values, negated, redact } => {
                let word = if *negated { " NOT IN (" } else { " IN (" };
                self.inner(operands.first()).push(word).value(Value::Array(item, values.clone()), *redact).push(")")
            }
            Step::Like { negated, ignore_case } => {
                let word = match (negated, ignore_case) {
                    (false, false) => " LIKE ",
                    (true, false) => " NOT LIKE ",
                    (false, true) => " ILIKE ",
                    (true, true) => " NOT ILIKE ",
                };
                self.inner(operands.first()).push(word).inner(operands.get(1))
            }
            Step::Function(function, _) => self.push(name(function)).push("(").operands(operands).push(")"),
            Step::Aggregate { function, distinct, .. } => {
                self.push(&format!("{function:?}").to_uppercase()).push(if *distinct { "(DISTINCT " } else { "(" });
                self.operands(operands).push(")")
            }
            Step::Cast(data_type) => self.push("CAST(").inner(operands.first()).push(&format!(" AS {data_type})")),
            Step::InQuery(_, negated) => {
                self.inner(operands.first()).push(if *negated { " NOT IN (query)" } else { " IN (query)" })
            }
            Step::Exists(_, negated) => self.push(if *negated { "NOT EXISTS (query)" } else { "EXISTS (query)" }),
            Step::Scalar(_) => self.push("(query)"),
            Step::Fragment(template, _) => self.push(template),
            _ => self.push("?"),
        }
    }

    fn operands(&mut self, operands: &[Node<'_>]) -> &mut Self {
        self.list(operands.iter(), ", ", |text, operand| text.node(operand))
    }

    /// An operand: in parentheses, if it is made of others.
    fn inner(&mut self, operand: Option<&Node<'_>>) -> &mut Self {
        let Some(operand) = operand else { return self };
        let is_whole = match operand.step() {
            Some(Step::Function(..) | Step::Aggregate { .. } | Step::Cast(_)) => true,
            _ => operand.operands.is_empty(),
        };
        let is_and = matches!(
            operand.step(),
            Some(Step::Binary(BinaryOperator::And | BinaryOperator::Or) | Step::All(_) | Step::Any(_))
        );
        let is_comparison = !is_and && !matches!(operand.step(), Some(Step::Unary(_) | Step::Binary(_)));
        if is_whole || is_comparison || is_compared(operand) {
            return self.node(operand);
        }
        self.push("(").node(operand).push(")")
    }
}

/// Whether a node compares, and so stands between AND and OR without parentheses.
fn is_compared(node: &Node<'_>) -> bool {
    use BinaryOperator::{
        Equal, Greater, GreaterOrEqual, IsDistinctFrom, IsNotDistinctFrom, Less, LessOrEqual, NotEqual,
    };
    matches!(
        node.step(),
        Some(
            Step::Binary(
                Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual | IsDistinctFrom | IsNotDistinctFrom
            ) | Step::Unary(UnaryOperator::IsNull | UnaryOperator::IsNotNull)
        )
    )
}

fn sign(operator: &BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Equal => "=",
        BinaryOperator::NotEqual => "<>",
        BinaryOperator::Less => "<",
        BinaryOperator::LessOrEqual => "<=",
        BinaryOperator::Greater => ">",
        BinaryOperator::GreaterOrEqual => ">=",
        BinaryOperator::IsNotDistinctFrom => "IS NOT DISTINCT FROM",
        BinaryOperator::IsDistinctFrom => "IS DISTINCT FROM",
        BinaryOperator::And => "AND",
        BinaryOperator::Or => "OR",
        BinaryOperator::Add(_) => "+",
        BinaryOperator::Subtract(_) => "-",
        BinaryOperator::Multiply(_) => "*",
        BinaryOperator::Divide(_) => "/",
        BinaryOperator::Remainder(_) => "%",
        BinaryOperator::Concat => "||",
    }
}

fn name(function: &Function) -> &'static str {
    match function {
        Function::Coalesce => "coalesce",
        Function::Lower => "lower",
        Function::Upper => "upper",
        Function::Length => "length",
        Function::Abs => "abs",
        _ => "function",
    }
}
