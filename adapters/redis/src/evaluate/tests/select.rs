//! Whole queries.

use super::choices::Choices;
use super::generator::{aggregate, any_type, condition, expression};
use super::{Collected, Database, FIELDS, SCHEMA, rows, stored};
use crate::evaluate::{Done, check_select, run};
use peristyle_query::query::ast::{
    BinaryOperator, Binding, Expression, Nulls, OrderTerm, OutputColumn, Select, Source, Step,
};
use peristyle_query::value::DataType;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use std::cell::Cell;

fn output(expression: Expression) -> OutputColumn {
    OutputColumn::Expression { expression, alias: None }
}

fn term(choices: &mut Choices, expression: Expression) -> OrderTerm {
    let nulls = [None, Some(Nulls::First), Some(Nulls::Last)][choices.of(3)];
    OrderTerm { expression, descending: choices.flip(), nulls }
}

/// A query whose rows have one order, and the types of its columns.
fn query(choices: &mut Choices) -> (Select, Vec<DataType>) {
    let mut select = Select::new(Source::Table { schema: &SCHEMA, prefix: None });
    let mut types = Vec::new();
    select.filter = (0..choices.of(3)).map(|_| condition(choices, 1)).collect();
    match choices.of(4) {
        0 | 1 => {
            select.columns.push(OutputColumn::Row(Binding::of(0, 0), &SCHEMA));
            types.extend(FIELDS.iter().map(|field| field.data_type));
            for _ in 0..choices.of(3) {
                let data_type = any_type(choices);
                select.columns.push(output(expression(choices, data_type, 2)));
                types.push(data_type);
            }
            for _ in 0..choices.of(3) {
                let data_type = any_type(choices);
                let expression = expression(choices, data_type, 1);
                // A constant would be the position of a column.
                if expression.iter().any(|step| matches!(step, Step::Column(..))) {
                    let term = term(choices, expression);
                    select.order_by.push(term);
                }
            }
            let key = term(choices, vec![Step::Column(Binding::of(0, 0), &FIELDS[0])]);
            select.order_by.push(key);
        }
        2 => {
            select.distinct = true;
            for _ in 0..1 + choices.of(2) {
                let data_type = any_type(choices);
                let column = column(choices, data_type);
                select.columns.push(output(column.clone()));
                types.push(data_type);
                let term = term(choices, column);
                select.order_by.push(term);
            }
        }
        _ => {
            for _ in 0..choices.of(3) {
                let data_type = any_type(choices);
                let column = column(choices, data_type);
                if select.group_by.contains(&column) {
                    continue;
                }
                select.group_by.push(column.clone());
                select.columns.push(output(column.clone()));
                types.push(data_type);
                let term = term(choices, column);
                select.order_by.push(term);
            }
            for _ in 0..1 + choices.of(2) {
                let (expression, data_type) = aggregate(choices);
                select.columns.push(output(expression));
                types.push(data_type);
            }
            if !select.group_by.is_empty() && choices.flip() {
                let (mut condition, data_type) = aggregate(choices);
                condition.push(Step::Value { value: choices.value(data_type), redact: false });
                condition.push(Step::Binary(BinaryOperator::LessOrEqual));
                select.having.push(condition);
            }
        }
    }
    select.limit = choices.flip().then(|| choices.of(6) as u64);
    select.offset = choices.flip().then(|| choices.of(4) as u64);
    (select, types)
}

fn column(choices: &mut Choices, data_type: DataType) -> Expression {
    let fields: Vec<_> = FIELDS.iter().filter(|field| field.data_type == data_type).collect();
    vec![Step::Column(Binding::of(0, 0), fields[choices.of(fields.len())])]
}

#[test]
fn queries_give_the_rows_that_sqlite_gives() {
    let database = Database::new();
    let (compared, all) = (Cell::new(0_u64), Cell::new(0_u64));
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let numbers = proptest::collection::vec(any::<u32>(), 0..240);
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&numbers, |numbers| {
        let mut choices = Choices::new(numbers);
        let count = 1 + choices.of(10);
        let rows = rows(&mut choices, count);
        database.fill(&rows);
        let (select, types) = query(&mut choices);
        check_select(&select).unwrap();
        all.set(all.get() + 1);
        // What is an error here is NULL or a wider number there.
        let Ok(outcome) = run(&select, &stored(&rows), Done::default(), Collected::sink(&types)) else { return Ok(()) };
        prop_assert_eq!(outcome.rows, Collected::len(&outcome));
        let ours = Collected::rows(outcome);
        let theirs = match database.select(&select, &types) {
            Ok(theirs) => theirs,
            // It computes rows, too, that HAVING, the offset and the limit leave out.
            Err(error) => {
                let whole = Select { having: Vec::new(), limit: None, offset: None, ..select.clone() };
                let ours = run(&whole, &stored(&rows), Done::default(), Collected::sink(&types));
                prop_assert!(ours.is_err(), "{select:?}: {error}");
                return Ok(());
            }
        };
        prop_assert!(ours == theirs, "{select:?}\nours {ours:?}\ntheirs {theirs:?}");
        compared.set(compared.get() + 1);
        Ok(())
    });
    // The numbers behind it say nothing to a reader.
    match outcome {
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        outcome => outcome.unwrap(),
    }
    assert!(compared.get() * 10 > all.get() * 8, "only {} of {} queries were compared", compared.get(), all.get());
}
