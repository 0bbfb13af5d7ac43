//! INSERT of many rows and of queries, ON CONFLICT, UPDATE with further tables, and expressions read back.

use crate::schema::*;
use insta::assert_snapshot;
use peristyle_query::query::ast::{
    BinaryOperator, Binding, ConflictAction, ConflictTarget, Delete, Insert, InsertSource, Join, JoinKind, OnConflict,
    Operation, OutputColumn, Select, Step, Update,
};
use peristyle_query::schema::FieldMeta;
use peristyle_query::statement::Dialect;
use peristyle_query::value::{DataType, Value};

/// A row of the table of an update or of what an insert conflicts with.
fn excluded(field: &'static FieldMeta) -> Vec<Step> {
    col_of(1, field)
}

fn rows(columns: Vec<&'static FieldMeta>, values: Vec<Value>) -> Insert {
    let count = values.len() / columns.len();
    let source = InsertSource::Rows { count, values };
    Insert { schema: &USERS, columns, source, on_conflict: None, returning: Vec::new() }
}

fn one(email: &str) -> Insert {
    rows(vec![&EMAIL, &AGE], vec![Value::Text(email.into()), Value::I32(7)])
}

fn conflict(target: Option<ConflictTarget>, action: ConflictAction) -> Option<Box<OnConflict>> {
    Some(Box::new(OnConflict { target, action }))
}

fn index(columns: Vec<Vec<Step>>, filter: Vec<Vec<Step>>) -> Option<ConflictTarget> {
    Some(ConflictTarget::Index { columns, filter })
}

#[test]
fn many_rows_are_arrays_on_postgres_and_one_statement_for_each_on_sqlite() {
    let values = vec![
        Value::Text("a".into()),
        Value::Enum("role", "admin".into()),
        Value::Text("s3cret".into()),
        Value::Text("b".into()),
        Value::Null(DataType::Enum("role")),
        Value::Text("s4cret".into()),
    ];
    let mut insert = rows(vec![&EMAIL, &ROLE, &PASSWORD], values);
    insert.returning = vec![column(col(&ID)), column(binary(col(&AGE), BinaryOperator::Add(DataType::I32), int(1)))];
    assert_snapshot!(both(&Operation::Insert(insert)), @"");
}

#[test]
fn long_loads_are_shown_in_part() {
    let insert = rows(vec![&AGE], (0..1_000).map(Value::I32).collect());
    assert_snapshot!(statement(Dialect::Sqlite, &Operation::Insert(insert)), @"");
}

#[test]
fn rows_with_lists_have_placeholders_of_their_own_on_postgres() {
    let list = |items: &[&str]| Value::Array(&DataType::Text, items.iter().map(|t| Value::Text((*t).into())).collect());
    let insert = rows(vec![&AGE, &TAGS], vec![Value::I32(1), list(&["x", "y"]), Value::I32(2), list(&[])]);
    assert_snapshot!(both(&Operation::Insert(insert)), @"");
}

#[test]
fn rows_may_be_computed() {
    let newest = select(&POSTS, [col(&AUTHOR)]);
    let source =
        InsertSource::Expressions(vec![vec![text("a"), vec![Step::Scalar(Box::new(newest))]], vec![text("b"), int(2)]]);
    let insert = Insert { source, ..one("a") };
    assert_snapshot!(both(&Operation::Insert(insert)), @"");
}

#[test]
fn rows_of_a_query_with_a_conflict_clause_are_kept_apart_from_it_on_sqlite() {
    let mut query = select(&POSTS, [col(&TITLE), int(3)]);
    query.columns.truncate(2);
    let source = InsertSource::Query(Box::new(query));
    let mut insert = Insert { source, ..one("a") };
    assert_snapshot!(both(&Operation::Insert(insert.clone())), @"");
    insert.on_conflict = conflict(index(vec![col(&EMAIL)], vec![]), ConflictAction::Ignore);
    assert_snapshot!(both(&Operation::Insert(insert)), @"");
}

#[test]
fn a_conflict_updates_the_row_that_is_there() {
    let mut insert = one("a");
    let set = vec![
        (&EMAIL, excluded(&EMAIL)),
        (&AGE, binary(col(&AGE), BinaryOperator::Add(DataType::I32), excluded(&AGE))),
        (&PASSWORD, text("s3cret")),
    ];
    let filter = vec![binary(col(&AGE), BinaryOperator::Less, excluded(&AGE))];
    insert.on_conflict = conflict(index(vec![col(&EMAIL), col(&ROLE)], vec![]), ConflictAction::Update { set, filter });
    insert.returning = vec![OutputColumn::Row(Binding::of(0, 0), &USERS)];
    assert_snapshot!(both(&Operation::Insert(insert)), @"");
}

#[test]
fn a_conflict_has_a_target_or_none() {
    let mut insert = one("a");
    insert.on_conflict = conflict(None, ConflictAction::Ignore);
    assert_snapshot!(both(&Operation::Insert(insert.clone())), @"");
    let partial = vec![eq(col(&ROLE), vec![Step::Literal(Value::Text("it's".into()))])];
    let lower = apply(Step::Function(peristyle_query::query::ast::Function::Lower, 1), [col(&EMAIL)]);
    insert.on_conflict = conflict(index(vec![lower, col(&AGE)], partial), ConflictAction::Ignore);
    assert_snapshot!(both(&Operation::Insert(insert.clone())), @"");
    insert.on_conflict = conflict(Some(ConflictTarget::Constraint("users_pkey".into())), ConflictAction::Ignore);
    assert_snapshot!(both(&Operation::Insert(insert.clone())), @"");
    insert.on_conflict = conflict(Some(ConflictTarget::Constraint("a \"b\"".into())), ConflictAction::Ignore);
    assert_snapshot!(both(&Operation::Insert(insert.clone())), @"");
    let set = vec![(&EMAIL, excluded(&EMAIL))];
    insert.on_conflict = conflict(None, ConflictAction::Update { set, filter: Vec::new() });
    assert_snapshot!(both(&Operation::Insert(insert)), @"");
}

#[test]
fn an_insert_says_what_it_did_on_postgres() {
    let mut insert = one("a");
    let set = vec![(&EMAIL, excluded(&EMAIL))];
    insert.on_conflict = conflict(index(vec![col(&EMAIL)], vec![]), ConflictAction::Update { set, filter: Vec::new() });
    insert.returning = vec![column(col(&ID)), column(vec![Step::Inserted])];
    assert_snapshot!(both(&Operation::Insert(insert)), @"");
}

fn posts(kind: JoinKind, on: Vec<Step>) -> Join {
    Join { kind, source: table(&POSTS), on }
}

#[test]
fn inner_joins_of_an_update_stand_side_by_side() {
    let set = vec![(&EMAIL, col_of(1, &TITLE)), (&AGE, int(9))];
    let from = vec![
        posts(JoinKind::Inner, eq(col_of(1, &AUTHOR), col(&ID))),
        posts(JoinKind::Inner, eq(col_of(2, &AUTHOR), col_of(1, &AUTHOR))),
    ];
    let filter = vec![eq(col_of(2, &TITLE), text("x"))];
    let returning = vec![column(col(&ID)), column(binary(col(&AGE), BinaryOperator::Add(DataType::I32), int(1)))];
    let update = Update { set, from, filter, returning, ..Update::new(&USERS) };
    assert_snapshot!(both(&Operation::Update(update)), @"");
}

#[test]
fn left_joins_of_an_update_follow_the_first_table() {
    let set = vec![(&EMAIL, col_of(2, &TITLE))];
    let from = vec![
        Join { kind: JoinKind::Inner, source: table(&USERS), on: eq(col(&ID), col_of(1, &ID)) },
        posts(JoinKind::Left, eq(col_of(2, &AUTHOR), col_of(1, &ID))),
        Join {
            kind: JoinKind::Inner,
            source: peristyle_query::query::ast::Source::Subquery(Box::new(select(&POSTS, [col(&AUTHOR)]))),
            on: eq(col_of(3, &AUTHOR), int(5)),
        },
    ];
    let update = Update { set, from, ..Update::new(&USERS) };
    assert_snapshot!(both(&Operation::Update(update)), @"");
}

#[test]
fn the_statement_s_own_prefix_is_the_strongest() {
    let own = || Some("own".to_owned());
    let update = Update { prefix: own(), set: vec![(&AGE, int(1))], ..Update::new(&AUTH) };
    assert_snapshot!(both(&Operation::Update(update)), @"");
    let delete = Delete { prefix: own(), ..Delete::new(&AUTH) };
    assert_snapshot!(both(&Operation::Delete(delete)), @"");
}

#[test]
fn what_is_read_back_may_be_computed() {
    let mut titles: Select = select(&POSTS, [col(&TITLE)]);
    titles.filter.push(eq(col(&AUTHOR), outer(&ID)));
    let returning = vec![OutputColumn::Row(Binding::of(0, 0), &USERS), column(vec![Step::Scalar(Box::new(titles))])];
    let delete = Delete { filter: vec![eq(col(&ID), int(1))], returning, ..Delete::new(&USERS) };
    assert_snapshot!(both(&Operation::Delete(delete)), @"");
}
