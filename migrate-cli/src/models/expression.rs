//! Whether two conditions mean the same, though Postgres has rewritten one of them.
//!
//! Postgres keeps a condition as a tree and writes it anew: with casts of its own, `= ANY (ARRAY[..])` for IN, `~~` for LIKE,
//! and two comparisons for BETWEEN. Both are brought to one form here.

use crate::diff::same::same_sql;
use peristyle_query::statement::Dialect;
use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, InTarget, UnaryOperator, Value,
};
use sqlparser::dialect::{PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;

/// Whether two conditions mean the same, as far as their text tells.
pub(crate) fn equivalent(a: &str, b: &str, dialect: Dialect) -> bool {
    same_sql(a, b) || matches!((form(a, dialect), form(b, dialect)), (Some(a), Some(b)) if a == b)
}

/// The form that equal conditions share; `None` if the text is no expression that is known.
fn form(sql: &str, dialect: Dialect) -> Option<String> {
    let parser = match dialect {
        Dialect::Sqlite => Parser::new(&SQLiteDialect {}).try_with_sql(sql),
        _ => Parser::new(&PostgreSqlDialect {}).try_with_sql(sql),
    };
    let mut parser = parser.ok()?;
    let expression = parser.parse_expr().ok()?;
    (parser.peek_token_ref().token == sqlparser::tokenizer::Token::EOF).then(|| text(&expression))
}

fn text(expression: &Expr) -> String {
    match expression {
        Expr::Nested(inner) => text(inner),
        Expr::Cast { expr, data_type, .. } => {
            let inner = text(expr);
            let number = inner.trim_matches('\'').to_owned();
            let is_number = number.parse::<f64>().is_ok() && inner.starts_with('\'');
            let name = data_type.to_string().to_lowercase();
            let numeric = ["int", "numeric", "double", "real", "decimal"].iter().any(|each| name.contains(each));
            if is_number && numeric { number } else { inner }
        }
        Expr::Identifier(name) if name.quote_style.is_some() => name.value.clone(),
        Expr::Identifier(name) => name.value.to_lowercase(),
        Expr::CompoundIdentifier(names) => names.last().map_or_else(String::new, |name| match name.quote_style {
            Some(_) => name.value.clone(),
            None => name.value.to_lowercase(),
        }),
        Expr::Value(value) => match &value.value {
            Value::Boolean(value) => value.to_string(),
            Value::Null => "null".to_owned(),
            Value::Number(number, _) => number.clone(),
            value => value.to_string(),
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => format!("-{}", text(expr)),
        Expr::UnaryOp { op: UnaryOperator::Plus, expr } => text(expr),
        Expr::UnaryOp { op, expr } => negated(&op.to_string(), &text(expr)),
        Expr::BinaryOp { left, op: op @ (BinaryOperator::And | BinaryOperator::Or), right } => {
            let mut parts = Vec::new();
            chain(left, op, &mut parts);
            chain(right, op, &mut parts);
            format!("({})", parts.join(&format!(" {op} ")))
        }
        Expr::BinaryOp { left, op, right } => {
            let (left, right) = (text(left), text(right));
            match op.to_string().as_str() {
                "~~" => format!("({left} LIKE {right})"),
                "!~~" => format!("NOT ({left} LIKE {right})"),
                "~~*" => format!("({left} ILIKE {right})"),
                "!~~*" => format!("NOT ({left} ILIKE {right})"),
                "!=" => format!("({left} <> {right})"),
                op => format!("({left} {op} {right})"),
            }
        }
        Expr::Between { expr, negated: not, low, high } => {
            let (expr, low, high) = (text(expr), text(low), text(high));
            match not {
                false => format!("(({expr} >= {low}) AND ({expr} <= {high}))"),
                true => format!("(({expr} < {low}) OR ({expr} > {high}))"),
            }
        }
        Expr::In { expr, target: InTarget::List(list), negated: not, .. } => one_of(&text(expr), list, *not),
        Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. } => match items(right) {
            Some(list) => one_of(&text(left), list, false),
            None => format!("({} = ANY {})", text(left), text(right)),
        },
        Expr::AllOp { left, compare_op: BinaryOperator::NotEq, right } => match items(right) {
            Some(list) => one_of(&text(left), list, true),
            None => format!("({} <> ALL {})", text(left), text(right)),
        },
        Expr::Like { negated: not, expr, pattern, escape_char: None, .. } => {
            let like = format!("({} LIKE {})", text(expr), text(pattern));
            if *not { format!("NOT {like}") } else { like }
        }
        Expr::ILike { negated: not, expr, pattern, escape_char: None, .. } => {
            let like = format!("({} ILIKE {})", text(expr), text(pattern));
            if *not { format!("NOT {like}") } else { like }
        }
        Expr::IsNull(inner) => format!("({} IS NULL)", text(inner)),
        Expr::IsNotNull(inner) => format!("({} IS NOT NULL)", text(inner)),
        Expr::IsTrue(inner) => format!("({} IS TRUE)", text(inner)),
        Expr::IsNotTrue(inner) => format!("({} IS NOT TRUE)", text(inner)),
        Expr::IsFalse(inner) => format!("({} IS FALSE)", text(inner)),
        Expr::IsNotFalse(inner) => format!("({} IS NOT FALSE)", text(inner)),
        Expr::Function(function) => function_text(function).unwrap_or_else(|| function.to_string().to_lowercase()),
        other => other.to_string(),
    }
}

fn negated(operator: &str, of: &str) -> String {
    // NOT NULL and the like are written as Postgres writes them.
    match (operator, of.strip_suffix(" IS NULL)")) {
        ("NOT", Some(inner)) => format!("{inner} IS NOT NULL)"),
        _ => format!("{operator} {of}"),
    }
}

fn chain(expression: &Expr, operator: &BinaryOperator, parts: &mut Vec<String>) {
    match expression {
        Expr::Nested(inner) => chain(inner, operator, parts),
        Expr::BinaryOp { left, op, right } if op == operator => {
            chain(left, operator, parts);
            chain(right, operator, parts);
        }
        Expr::Between { negated: false, expr, low, high } if *operator == BinaryOperator::And => {
            parts.push(format!("({} >= {})", text(expr), text(low)));
            parts.push(format!("({} <= {})", text(expr), text(high)));
        }
        other => parts.push(text(other)),
    }
}

fn one_of(expression: &str, list: &[Expr], not: bool) -> String {
    let items: Vec<String> = list.iter().map(text).collect();
    match (&items[..], not) {
        ([one], false) => format!("({expression} = {one})"),
        ([one], true) => format!("({expression} <> {one})"),
        (_, false) => format!("({expression} IN {})", items.join(", ")),
        (_, true) => format!("({expression} NOT IN {})", items.join(", ")),
    }
}

/// The items of `ARRAY[..]`, which may be cast and in parentheses.
fn items(expression: &Expr) -> Option<&[Expr]> {
    match expression {
        Expr::Nested(inner) => items(inner),
        Expr::Cast { expr, .. } => items(expr),
        Expr::Array(array) => Some(&array.elem),
        _ => None,
    }
}

fn function_text(function: &sqlparser::ast::Function) -> Option<String> {
    let name = function.name.to_string().to_lowercase();
    if function.filter.is_some() || function.over.is_some() {
        return None;
    }
    let arguments = match &function.args {
        FunctionArguments::None => return Some(name),
        FunctionArguments::List(list) if list.clauses.is_empty() && list.duplicate_treatment.is_none() => &list.args,
        _ => return None,
    };
    let argument = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(inner)) => Some(text(inner)),
        _ => None,
    };
    let arguments: Vec<String> = arguments.iter().map(argument).collect::<Option<_>>()?;
    Some(format!("{name}({})", arguments.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_postgres_rewrites_means_the_same() {
        for (written, kept) in [
            ("age > 0", "age > 0"),
            ("title <> ''", "title <> ''::text"),
            ("Title != ''", "title <> ''::text"),
            ("status IN ('a', 'b')", "status = ANY (ARRAY['a'::text, 'b'::text])"),
            (
                "status in ('a', 'b')",
                "status::text = ANY (ARRAY['a'::character varying, 'b'::character varying]::text[])",
            ),
            ("status NOT IN ('a', 'b')", "status <> ALL (ARRAY['a'::text, 'b'::text])"),
            ("kind IN ('a')", "kind = 'a'::kind"),
            ("a BETWEEN 1 AND 5", "a >= 1 AND a <= 5"),
            ("a between 1 and 5 and b > 2", "a >= 1 AND a <= 5 AND b > 2"),
            ("price >= -1", "price >= '-1'::integer::numeric"),
            ("price > 0.5", "price > 0.5"),
            ("name LIKE 'a%' or name ilike 'b%'", "name ~~ 'a%'::text OR name ~~* 'b%'::text"),
            ("name NOT LIKE 'a%'", "name !~~ 'a%'::text"),
            ("length(name) < 10", "length(name::text) < 10"),
            ("(deleted_at is null)", "deleted_at IS NULL"),
            ("not published", "NOT published"),
            ("not (a is null)", "a IS NOT NULL"),
            ("\"Odd\" > 0", "\"Odd\" > 0"),
            ("(a > 0 and b > 0) or c > 0", "a > 0 AND b > 0 OR c > 0"),
            ("a + b * 2 > 10", "(a + b * 2) > 10"),
            ("lower(name) = name", "lower(name) = name"),
        ] {
            assert!(
                equivalent(written, kept, Dialect::Postgres),
                "{written} / {kept}: {:?} {:?}",
                form(written, Dialect::Postgres),
                form(kept, Dialect::Postgres)
            );
        }
    }

    #[test]
    fn other_conditions_do_not() {
        for (a, b) in [
            ("age > 0", "age > 1"),
            ("age > 0", "age >= 0"),
            ("a > 0 AND b > 0", "a > 0 OR b > 0"),
            ("a > 0 AND (b > 0 OR c > 0)", "a > 0 AND b > 0 OR c > 0"),
            ("status IN ('a', 'b')", "status IN ('a', 'c')"),
            ("\"Odd\" > 0", "odd > 0"),
            ("name = 'A'", "name = 'a'"),
        ] {
            assert!(!equivalent(a, b, Dialect::Postgres), "{a} / {b}");
        }
    }
}
