//! Expressions that are long or deep.

use crate::schema::*;
use peristyle_query::query::ast::{BinaryOperator, Expression, Operation, Step, UnaryOperator};
use peristyle_query::statement::Dialect;
use peristyle_query::value::DataType;

const COUNT: usize = 10_000;

fn tests() -> impl Iterator<Item = Expression> {
    (0..COUNT).map(|number| eq(col(&AGE), int(number as i32)))
}

#[test]
fn a_left_deep_chain_is_flat() {
    let mut chain = tests().next().unwrap();
    for test in tests().skip(1) {
        chain.extend(test);
        chain.push(Step::Binary(BinaryOperator::Or));
    }
    let statement = statement(Dialect::Postgres, &users_where(chain));
    assert_eq!(statement.parameters().len(), COUNT);
    assert!(statement.sql().ends_with(r#" OR "u0"."age" = $10000"#));
    assert!(!statement.sql().contains('('));
}

#[test]
fn a_right_deep_chain_is_flat() {
    let mut chain: Expression = tests().flatten().collect();
    chain.extend((1..COUNT).map(|_| Step::Binary(BinaryOperator::And)));
    let statement = statement(Dialect::Postgres, &users_where(chain));
    assert_eq!(statement.sql().matches(" AND ").count(), COUNT - 1);
    assert!(!statement.sql().contains('('));
}

#[test]
fn many_filters_are_one_chain() {
    let mut query = select(&USERS, [col(&ID)]);
    query.filter = tests().collect();
    let statement = statement(Dialect::Postgres, &Operation::Select(query));
    assert_eq!(statement.sql().matches(" AND ").count(), COUNT - 1);
}

/// SQLite's parser stops at a depth of 1,000, and a chain is as deep as it is long.
#[test]
fn a_long_chain_is_grouped_on_sqlite() {
    let mut query = select(&USERS, [col(&ID)]);
    query.filter = tests().collect();
    let statement = statement(Dialect::Sqlite, &Operation::Select(query));
    assert_eq!(statement.parameters().len(), COUNT);
    let groups: Vec<&str> = statement.sql().split(") AND (").collect();
    assert_eq!(groups.len(), COUNT / 200);
    assert!(groups.iter().all(|group| group.matches(" AND ").count() == 199));
}

#[test]
fn deep_operators_of_every_kind_are_rendered() {
    let mut sum = col(&AGE);
    let mut right = Expression::new();
    let mut negations = col(&ACTIVE);
    for _ in 0..COUNT {
        sum.extend(int(1));
        sum.push(Step::Binary(BinaryOperator::Add(DataType::I32)));
        right.extend(col(&AGE));
        negations.push(Step::Unary(UnaryOperator::Not));
    }
    right.extend((1..COUNT).map(|_| Step::Binary(BinaryOperator::Subtract(DataType::I32))));
    let condition = and(eq(sum, right), negations);
    let statement = statement(Dialect::Postgres, &users_where(condition));
    assert_eq!(statement.parameters().len(), COUNT);
    assert_eq!(statement.sql().matches("NOT ").count(), COUNT);
    assert_eq!(statement.sql().matches(" - ").count(), COUNT - 1);
}

#[test]
fn too_many_parameters_are_refused() {
    let many = |count: usize| {
        let mut query = select(&USERS, [col(&ID)]);
        query.filter = (0..count).map(|_| eq(col(&AGE), int(1))).collect();
        Operation::Select(query)
    };
    let error = refusal(Dialect::Sqlite, &many(32_767)).to_string();
    assert!(error.contains("has 32767 parameters, sqlite takes 32766"), "{error}");
    assert_eq!(statement(Dialect::Postgres, &many(65_535)).parameters().len(), 65_535);
    assert!(refusal(Dialect::Postgres, &many(65_536)).to_string().contains("postgres takes 65535"));
}
