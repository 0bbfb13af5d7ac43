//! The plan cache.

use crate::schema::*;
use peristyle_query::query::ast::{
    BinaryOperator, Insert, Join, JoinKind, Operation, Select, Source, Step, UnaryOperator,
};
use peristyle_query::statement::Dialect;
use peristyle_query::value::{DataType, Value};
use peristyle_sql::{PlanCache, render};

fn by_age(age: i32) -> Operation {
    users_where(eq(col(&AGE), int(age)))
}

fn among(count: usize, item: &'static DataType, of: impl Fn(usize) -> Value) -> Operation {
    users_where(is_in(col(&ID), item, (0..count).map(of).collect()))
}

#[test]
fn a_plan_serves_other_values() {
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
        let cache = PlanCache::new(dialect, 10);
        for age in 0..5 {
            let kept = cache.statement(&by_age(age), None).unwrap();
            assert_eq!(kept, render(dialect, &by_age(age), None).unwrap());
        }
        assert_eq!(cache.len(), 1);
    }
}

#[test]
fn a_thousand_lists_share_plans() {
    let integer = |number| Value::I64(number as i64);
    let float = |number| Value::F64(number as f64);
    for (dialect, expected) in [(Dialect::Postgres, 1), (Dialect::Sqlite, 1)] {
        let cache = PlanCache::new(dialect, 100);
        for count in 0..1_000 {
            let operation = among(count, &DataType::I64, integer);
            assert_eq!(cache.statement(&operation, None).unwrap(), render(dialect, &operation, None).unwrap());
        }
        assert_eq!(cache.len(), expected);
    }
    let cache = PlanCache::new(Dialect::Sqlite, 100);
    (0..1_000).for_each(|count| drop(cache.statement(&among(count, &DataType::F64, float), None).unwrap()));
    assert_eq!(cache.len(), 12);
}

#[test]
fn whatever_changes_the_sql_changes_the_shape() {
    let literal = |value| users_where(eq(col(&AGE), vec![Step::Literal(value)]));
    let limited = |limit, offset| {
        let mut query = select(&USERS, [col(&ID)]);
        (query.limit, query.offset) = (limit, offset);
        Operation::Select(query)
    };
    let distinct = {
        let mut query = select(&USERS, [col(&ID)]);
        query.distinct = true;
        Operation::Select(query)
    };
    let aliased = {
        let mut query = select(&USERS, []);
        query.columns.push(named(col(&ID), "other"));
        Operation::Select(query)
    };
    let grouped = |decade| {
        let divided = |by| binary(col(&AGE), BinaryOperator::Divide(DataType::I32), int(by));
        let mut query = select(&USERS, [divided(10)]);
        query.group_by.push(divided(decade));
        Operation::Select(query)
    };
    let derived = |inner: Select| {
        let mut query = Select::new(Source::Subquery(Box::new(inner)));
        query.columns.push(column(col(&ID)));
        Operation::Select(query)
    };
    let joined = |source| {
        let mut query = select(&USERS, [col(&ID)]);
        query.joins.push(Join { kind: JoinKind::Inner, source, on: eq(col_of(1, &ID), col(&ID)) });
        Operation::Select(query)
    };
    let ids = || select(&USERS, [col(&ID)]);
    let limited_ids = || Select { limit: Some(1), ..ids() };
    let filtered_ids = || Select { filter: vec![eq(col(&AGE), int(1))], ..ids() };
    let insert = |values| Operation::Insert(Insert::row(&USERS, values, &[]));
    let operations = [
        by_age(1),
        users_where(eq(col(&AGE), value(Value::I64(1)))),
        users_where(eq(int(1), col(&AGE))),
        users_where(eq(col(&ID), int(1))),
        users_where(binary(col(&AGE), BinaryOperator::NotEqual, int(1))),
        users_where(binary(col(&AGE), BinaryOperator::Add(DataType::I32), int(1))),
        users_where(binary(col(&AGE), BinaryOperator::Add(DataType::I64), int(1))),
        users_where(apply(Step::Unary(UnaryOperator::IsNull), [col(&AGE)])),
        users_where(not(col(&AGE))),
        users_where(vec![Step::Fragment("a", 0)]),
        users_where(vec![Step::Fragment("ab", 0)]),
        literal(Value::I32(1)),
        literal(Value::I32(2)),
        literal(Value::Text("1".into())),
        limited(None, None),
        limited(Some(1), None),
        limited(None, Some(1)),
        limited(Some(1), Some(1)),
        distinct,
        aliased,
        derived(ids()),
        derived(limited_ids()),
        derived(filtered_ids()),
        derived(Select { distinct: true, ..ids() }),
        derived(select(&POSTS, [col(&ID)])),
        derived(Select { source: Source::Subquery(Box::new(ids())), ..ids() }),
        joined(table(&USERS)),
        joined(Source::Subquery(Box::new(ids()))),
        joined(Source::Subquery(Box::new(filtered_ids()))),
        grouped(10),
        insert(vec![]),
        insert(vec![(&AGE, Value::I32(1))]),
        insert(vec![(&AGE, Value::I32(1)), (&ID, Value::I64(1))]),
        among(1, &DataType::I64, |_| Value::I64(1)),
    ];
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
        let cache = PlanCache::new(dialect, 100);
        for _ in 0..2 {
            for operation in &operations {
                assert_eq!(cache.statement(operation, None).unwrap(), render(dialect, operation, None).unwrap());
            }
        }
        assert_eq!(cache.len(), operations.len());
        cache.statement(&operations[0], Some("tenant")).unwrap();
        assert_eq!(cache.len(), operations.len() + 1);
        // Grouped by another expression than the selected one: on Postgres no longer by its position.
        let other = grouped(20);
        assert_eq!(cache.statement(&other, None).unwrap(), render(dialect, &other, None).unwrap());
        assert_eq!(cache.len(), operations.len() + if dialect == Dialect::Postgres { 2 } else { 1 });
    }
}

#[test]
fn a_full_cache_keeps_what_is_used() {
    let cache = PlanCache::new(Dialect::Sqlite, 3);
    let numbered = |number: i64| users_where(eq(col(&ID), vec![Step::Literal(Value::I64(number))]));
    for number in 0..100 {
        cache.statement(&numbered(0), None).unwrap();
        let statement = cache.statement(&numbered(number), None).unwrap();
        assert_eq!(statement, render(Dialect::Sqlite, &numbered(number), None).unwrap());
        assert!(cache.len() <= 3);
    }
    let none = PlanCache::new(Dialect::Sqlite, 0);
    none.statement(&by_age(1), None).unwrap();
    assert!(none.is_empty());
}

#[test]
fn threads_share_a_cache() {
    let cache = PlanCache::new(Dialect::Postgres, 5);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let cache = &cache;
            scope.spawn(move || {
                for round in 0..500 {
                    let number = Value::I64((round * 7 + thread) % 11);
                    let operation = users_where(eq(col(&ID), vec![Step::Literal(number)]));
                    let expected = render(Dialect::Postgres, &operation, None).unwrap();
                    assert_eq!(cache.statement(&operation, None).unwrap(), expected);
                }
            });
        }
    });
    assert_eq!(cache.len(), 5);
}
