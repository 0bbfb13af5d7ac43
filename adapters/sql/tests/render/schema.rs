//! The tables of the tests, and short ways to write plain statements.

use peristyle_query::error::Error;
use peristyle_query::query::ast::{
    Aggregate, BinaryOperator, Binding, Expression, Operation, OutputColumn, Select, Source, Step, UnaryOperator,
};
use peristyle_query::schema::{FieldMeta, SchemaMeta};
use peristyle_query::statement::{Dialect, Statement};
use peristyle_query::value::{DataType, Value};
use peristyle_sql::render;

macro_rules! fields {
    ($($name:ident: $column:literal $data_type:expr;)*) => {
        $(pub static $name: FieldMeta = FieldMeta::new($column, $column, $data_type);)*
    };
}

fields! {
    ID: "id" DataType::I64;
    EMAIL: "email" DataType::Text;
    AGE: "age" DataType::I32;
    SMALL: "small" DataType::I16;
    ACTIVE: "active" DataType::Bool;
    ROLE: "role" DataType::Enum("role");
    BALANCE: "balance" DataType::Decimal;
    SCORE: "score" DataType::F64;
    RATIO: "ratio" DataType::F32;
    TAGS: "tags" DataType::Array(&DataType::Text);
    SETTINGS: "settings" DataType::Json;
    PHOTO: "photo" DataType::Bytes;
    TOKEN: "token" DataType::Uuid;
    SEEN: "seen_at" DataType::Timestamp;
    SPAN: "span" DataType::Interval;
    AUTHOR: "author_id" DataType::I64;
    WRITER: "writer" DataType::I64;
    TITLE: "title" DataType::Text;
    PRICE: "price" DataType::Decimal;
}
pub static PASSWORD: FieldMeta = {
    let mut field = FieldMeta::new("password_hash", "pw_hash", DataType::Text);
    field.redact = true;
    field
};
pub static USERS: SchemaMeta = {
    let mut meta = SchemaMeta::new("User", "users");
    const HIDDEN: FieldMeta = {
        let mut field = FieldMeta::new("bio", "bio", DataType::Text);
        field.load = false;
        field
    };
    const BALANCE: FieldMeta = FieldMeta::new("balance", "balance", DataType::Decimal);
    const NAME: FieldMeta = FieldMeta::new("name", "full \"name\"", DataType::Text);
    meta.fields = &[FieldMeta::new("id", "id", DataType::I64), NAME, HIDDEN, BALANCE];
    meta.primary_key = &[0];
    meta
};
pub static POSTS: SchemaMeta = SchemaMeta::new("Post", "posts");
pub static ALBUM: SchemaMeta = SchemaMeta::new("Album", "Album");
pub static NUMBERS: SchemaMeta = SchemaMeta::new("Number", "1st");
pub static AUTH: SchemaMeta = {
    let mut meta = SchemaMeta::new("Login", "logins");
    meta.prefix = Some("auth");
    meta
};
pub static TENANT: SchemaMeta = {
    let mut meta = SchemaMeta::new("Order", "orders");
    meta.prefix_required = true;
    meta
};

/// A reference to a source of the query itself.
pub fn at(index: u8) -> Binding {
    Binding::of(0, index)
}

/// A column of the root.
pub fn col(field: &'static FieldMeta) -> Expression {
    vec![Step::Column(at(0), field)]
}

/// A column of a source.
pub fn col_of(index: u8, field: &'static FieldMeta) -> Expression {
    vec![Step::Column(at(index), field)]
}

/// A column of the root of the query around this one.
pub fn outer(field: &'static FieldMeta) -> Expression {
    vec![Step::Column(Binding::of(1, 0), field)]
}

pub fn value(value: Value) -> Expression {
    vec![Step::Value { value, redact: false }]
}

pub fn int(number: i32) -> Expression {
    value(Value::I32(number))
}

pub fn text(text: &str) -> Expression {
    value(Value::Text(text.to_owned()))
}

pub fn decimal(text: &str) -> Expression {
    value(Value::Decimal(text.parse().unwrap()))
}

/// Operands, then the step that takes them.
pub fn apply<const N: usize>(step: Step, operands: [Expression; N]) -> Expression {
    let mut steps: Expression = operands.into_iter().flatten().collect();
    steps.push(step);
    steps
}

pub fn binary(left: Expression, operator: BinaryOperator, right: Expression) -> Expression {
    apply(Step::Binary(operator), [left, right])
}

pub fn eq(left: Expression, right: Expression) -> Expression {
    binary(left, BinaryOperator::Equal, right)
}

pub fn and(left: Expression, right: Expression) -> Expression {
    binary(left, BinaryOperator::And, right)
}

pub fn or(left: Expression, right: Expression) -> Expression {
    binary(left, BinaryOperator::Or, right)
}

pub fn not(operand: Expression) -> Expression {
    apply(Step::Unary(UnaryOperator::Not), [operand])
}

pub fn is_in(operand: Expression, item: &'static DataType, values: Vec<Value>) -> Expression {
    apply(Step::In { item, values, negated: false, redact: false }, [operand])
}

pub fn aggregate(function: Aggregate, field: &'static FieldMeta, result: DataType) -> Expression {
    let operand = field.data_type;
    apply(Step::Aggregate { function, distinct: false, filter: false, operand, result }, [col(field)])
}

pub fn count_rows() -> Expression {
    let result = DataType::I64;
    let step = Step::Aggregate { function: Aggregate::Count, distinct: false, filter: false, operand: result, result };
    vec![Step::Star, step]
}

pub fn column(expression: Expression) -> OutputColumn {
    OutputColumn::Expression { expression, alias: None }
}

pub fn named(expression: Expression, alias: &'static str) -> OutputColumn {
    OutputColumn::Expression { expression, alias: Some(alias) }
}

pub fn table(schema: &'static SchemaMeta) -> Source {
    Source::Table { schema, prefix: None }
}

/// A query for some columns of a table.
pub fn select<const N: usize>(schema: &'static SchemaMeta, columns: [Expression; N]) -> Select {
    let mut select = Select::new(table(schema));
    select.columns = columns.into_iter().map(column).collect();
    select
}

/// A query for the ids of users that meet a condition.
pub fn users_where(condition: Expression) -> Operation {
    let mut query = select(&USERS, [col(&ID)]);
    query.filter.push(condition);
    Operation::Select(query)
}

/// The statement for both stores, as it is displayed.
pub fn both(operation: &Operation) -> String {
    let [postgres, sqlite] = [Dialect::Postgres, Dialect::Sqlite].map(|dialect| sql(dialect, operation));
    format!("{postgres}\n\n{sqlite}")
}

/// The condition alone, for both stores.
pub fn condition(condition: Expression) -> String {
    let operation = users_where(condition);
    let of = |dialect| {
        let shown = sql(dialect, &operation);
        shown.split_once("\nWHERE ").map_or(shown.clone(), |(_, condition)| condition.to_owned())
    };
    format!("{}\n\n{}", of(Dialect::Postgres), of(Dialect::Sqlite))
}

/// A selected expression alone, for both stores.
pub fn selected(expression: Expression) -> String {
    let operation = Operation::Select(select(&USERS, [expression]));
    let of = |dialect| {
        let shown = sql(dialect, &operation);
        shown.trim_start_matches("SELECT ").replace("\nFROM \"users\" AS \"u0\"", "")
    };
    format!("{}\n{}", of(Dialect::Postgres), of(Dialect::Sqlite))
}

fn sql(dialect: Dialect, operation: &Operation) -> String {
    match render(dialect, operation, None) {
        Ok(statement) => statement.to_string(),
        Err(error) => error.to_string(),
    }
}

/// The statement for one store.
pub fn statement(dialect: Dialect, operation: &Operation) -> Statement {
    render(dialect, operation, None).unwrap()
}

/// Why a statement is refused.
pub fn refusal(dialect: Dialect, operation: &Operation) -> Error {
    render(dialect, operation, None).unwrap_err()
}
