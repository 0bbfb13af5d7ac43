//! Expressions over one row.

use super::choices::Choices;
use super::generator::{any_type, expression};
use super::{Database, FIELDS, SCHEMA, rows, stored};
use crate::evaluate::{Scope, check, evaluate};
use peristyle_query::query::ast::{BinaryOperator, Binding, OutputColumn, Select, Source, Step};
use peristyle_query::value::Value;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use std::cell::Cell;

#[test]
fn expressions_have_the_values_that_sqlite_gives_them() {
    let database = Database::new();
    let (compared, all) = (Cell::new(0_u64), Cell::new(0_u64));
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let numbers = proptest::collection::vec(any::<u32>(), 0..160);
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&numbers, |numbers| {
        let mut choices = Choices::new(numbers);
        let rows = rows(&mut choices, 3);
        database.fill(&rows);
        let (data_type, depth) = (any_type(&mut choices), 1 + choices.of(4));
        let expression = expression(&mut choices, data_type, depth);
        check(&expression).unwrap();
        for (index, row) in stored(&rows).iter().enumerate() {
            all.set(all.get() + 1);
            // What is an error here is NULL or a wider number there.
            let Ok(ours) = evaluate(&expression, &Scope::new(&[row])) else { continue };
            let mut select = Select::new(Source::Table { schema: &SCHEMA, prefix: None });
            select.columns = vec![OutputColumn::Expression { expression: expression.clone(), alias: None }];
            let key = Step::Literal(Value::I64(index as i64 + 1));
            select.filter =
                vec![vec![Step::Column(Binding::of(0, 0), &FIELDS[0]), key, Step::Binary(BinaryOperator::Equal)]];
            let theirs = database.select(&select, &[data_type]);
            let theirs = theirs.map_err(|error| TestCaseError::fail(format!("{expression:?}: {ours}: {error}")))?;
            prop_assert!(theirs == [[ours.clone()]], "{expression:?}\nours {ours}, theirs {}", theirs[0][0]);
            compared.set(compared.get() + 1);
        }
        Ok(())
    });
    // The numbers behind it say nothing to a reader.
    match outcome {
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        outcome => outcome.unwrap(),
    }
    assert!(compared.get() * 10 > all.get() * 8, "only {} of {} values were compared", compared.get(), all.get());
}
