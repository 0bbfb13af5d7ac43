//! Expressions and types.

use super::super::action::{Expression, TypeName};
use super::{Reader, tokens};
use crate::catalog::ColumnType;
use sqlparser::ast;
use sqlparser::tokenizer::Token;
use std::ops::Range;

impl Reader<'_> {
    pub(super) fn expression(&self, expression: &ast::Expr) -> Expression {
        let text = expression.to_string();
        let inner = strip(expression);
        Expression {
            functions: tokens::functions(&text, self.dialect),
            literal: is_literal(inner),
            null: matches!(inner, ast::Expr::Value(value) if value.value == ast::Value::Null),
            text,
        }
    }

    /// An expression that is known by its text only.
    pub(super) fn expression_of_text(&self, text: &str) -> Expression {
        let text = text.trim();
        let functions = tokens::functions(text, self.dialect);
        let first = text.chars().next().unwrap_or(' ');
        let null = text.eq_ignore_ascii_case("null");
        let literal = functions.is_empty() && (null || first == '\'' || first == '-' || first.is_ascii_digit());
        Expression { text: text.to_owned(), functions, literal, null }
    }

    /// The type that starts behind this byte: its tokens end where an option of the column begins.
    pub(super) fn type_behind(&self, after: usize, data_type: &ast::DataType) -> TypeName {
        let mut name = parse_type(&data_type.to_string());
        if let Some(span) = self.type_span(after) {
            name.span = span;
        }
        name
    }

    pub(super) fn type_span(&self, after: usize) -> Option<Range<usize>> {
        let mut depth = 0usize;
        let mut span: Option<Range<usize>> = None;
        for piece in self.pieces.iter().skip_while(|piece| piece.span.start < after) {
            let ends = match &piece.token {
                Token::Comma | Token::SemiColon => depth == 0,
                Token::RParen => depth == 0,
                _ => depth == 0 && piece.keyword().is_some_and(|word| ENDS_TYPE.contains(&word.as_str())),
            };
            if ends {
                break;
            }
            match piece.token {
                Token::LParen => depth += 1,
                Token::RParen => depth -= 1,
                _ => {}
            }
            span = Some(span.map_or(piece.span.start, |span| span.start)..piece.span.end);
        }
        span
    }
}

const ENDS_TYPE: &[&str] = &[
    "NOT",
    "NULL",
    "DEFAULT",
    "PRIMARY",
    "UNIQUE",
    "REFERENCES",
    "CHECK",
    "CONSTRAINT",
    "GENERATED",
    "COLLATE",
    "USING",
    "AS",
    "STORAGE",
    "COMPRESSION",
    "DEFERRABLE",
    "ON",
    "AUTOINCREMENT",
    "OPTIONS",
];

fn strip(expression: &ast::Expr) -> &ast::Expr {
    match expression {
        ast::Expr::Nested(inner) => strip(inner),
        ast::Expr::Cast { expr, .. } => strip(expr),
        ast::Expr::UnaryOp { op: ast::UnaryOperator::Minus | ast::UnaryOperator::Plus, expr } => strip(expr),
        other => other,
    }
}

fn is_literal(expression: &ast::Expr) -> bool {
    matches!(expression, ast::Expr::Value(_) | ast::Expr::TypedString { .. })
}

/// A type from its text, in one spelling: `character varying(20)` is `varchar` with 20.
pub(in crate::lint) fn parse_type(text: &str) -> TypeName {
    let mut words = String::new();
    let mut numbers = Vec::new();
    let mut number = String::new();
    let (mut inside, mut array) = (false, false);
    for character in text.trim().chars() {
        match character {
            '(' => inside = true,
            ')' => {
                inside = false;
                numbers.extend(number.trim().parse::<u32>());
                number.clear();
                words.push(' ');
            }
            ',' if inside => {
                numbers.extend(number.trim().parse::<u32>());
                number.clear();
            }
            character if inside => number.push(character),
            '[' => array = true,
            ']' => {}
            '"' => {}
            character if array && character.is_ascii_digit() => {}
            character => words.extend(character.to_lowercase()),
        }
    }
    let words: Vec<&str> = words.split_whitespace().collect();
    let words = words.join(" ");
    let words = words.strip_prefix("pg_catalog.").unwrap_or(&words);
    let base = match words {
        "int" | "int4" => "integer",
        "int8" => "bigint",
        "int2" => "smallint",
        "serial4" => "serial",
        "serial8" => "bigserial",
        "serial2" => "smallserial",
        "character varying" | "char varying" => "varchar",
        "character" | "bpchar" => "char",
        "decimal" | "dec" => "numeric",
        "timestamp without time zone" => "timestamp",
        "timestamp with time zone" => "timestamptz",
        "time without time zone" => "time",
        "time with time zone" => "timetz",
        "bool" => "boolean",
        "float4" => "real",
        "float8" | "float" | "double" => "double precision",
        "bit varying" => "varbit",
        other => other,
    };
    TypeName { base: base.to_owned(), numbers, array, span: 0..0 }
}

/// The type of a column of a catalog.
pub(in crate::lint) fn type_of(column_type: &ColumnType) -> TypeName {
    let plain = |base: &str, numbers: Vec<u32>| TypeName { base: base.to_owned(), numbers, array: false, span: 0..0 };
    match column_type {
        ColumnType::Boolean => plain("boolean", vec![]),
        ColumnType::SmallInt => plain("smallint", vec![]),
        ColumnType::Integer | ColumnType::Serial => plain("integer", vec![]),
        ColumnType::BigInt | ColumnType::BigSerial => plain("bigint", vec![]),
        ColumnType::Real => plain("real", vec![]),
        ColumnType::Double => plain("double precision", vec![]),
        ColumnType::Decimal(None) => plain("numeric", vec![]),
        ColumnType::Decimal(Some((digits, scale))) => plain("numeric", vec![*digits, *scale]),
        ColumnType::Varchar(length) => plain("varchar", vec![*length]),
        ColumnType::Text => plain("text", vec![]),
        ColumnType::Binary => plain("bytea", vec![]),
        ColumnType::Uuid => plain("uuid", vec![]),
        ColumnType::Date => plain("date", vec![]),
        ColumnType::Time(digits) => plain("time", digits.iter().copied().collect()),
        ColumnType::DateTime(digits) => plain("timestamp", digits.iter().copied().collect()),
        ColumnType::Timestamp(digits) => plain("timestamptz", digits.iter().copied().collect()),
        ColumnType::Interval => plain("interval", vec![]),
        ColumnType::Json => plain("jsonb", vec![]),
        ColumnType::Enum(name) => plain(&name.name, vec![]),
        ColumnType::Array(inner) => TypeName { array: true, ..type_of(inner) },
        ColumnType::Sql(text) => parse_type(text),
    }
}
