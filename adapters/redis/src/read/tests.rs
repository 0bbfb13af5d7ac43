//! Queries on a server against the same queries over all rows in hand.

use crate::Redis;
use crate::evaluate::{self, Done, Scope, evaluate};
use crate::layout::{StoredRow, Table, write_row};
use peristyle_query::adapter::{Adapter, Outcome, Request, Sink};
use peristyle_query::error::{DecodeError, Error};
use peristyle_query::query::ast::{
    Aggregate, BinaryOperator, Binding, Expression, Nulls, Operation, OrderTerm, OutputColumn, ParentKey, PerParent,
    Select, Source, Step, UnaryOperator,
};
use peristyle_query::row::Row;
use peristyle_query::schema::{FieldMeta, IndexMeta, SchemaMeta};
use peristyle_query::value::{DataType, Value};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::any::Any;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const fn nullable(name: &'static str, data_type: DataType) -> FieldMeta {
    let mut field = FieldMeta::new(name, name, data_type);
    field.nullable = true;
    field
}

const FIELDS: &[FieldMeta] = &[
    FieldMeta::new("id", "id", DataType::I64),
    nullable("user_id", DataType::I64),
    nullable("name", DataType::Text),
    nullable("score", DataType::Decimal),
    FieldMeta::new("active", "active", DataType::Bool),
    nullable("email", DataType::Text),
    nullable("note", DataType::Text),
];
const INDEXES: &[IndexMeta] = &[
    IndexMeta::new("visits_user_id_name_index", &["user_id", "name"], false),
    IndexMeta::new("visits_score_index", &["score"], false),
    IndexMeta::new("visits_name_index", &["name"], false),
    IndexMeta::new("visits_active_index", &["active"], false),
];
const WITH_UNIQUE: &[IndexMeta] = &[
    IndexMeta::new("visits_user_id_name_index", &["user_id", "name"], false),
    IndexMeta::new("visits_score_index", &["score"], false),
    IndexMeta::new("visits_email_index", &["email"], true),
];

const fn visits(indexes: &'static [IndexMeta], buckets: Option<u16>) -> SchemaMeta {
    let mut meta = SchemaMeta::new("Visit", "visits");
    meta.fields = FIELDS;
    meta.primary_key = &[0];
    meta.indexes = indexes;
    meta.buckets = buckets;
    meta
}

static VISITS: SchemaMeta = visits(INDEXES, None);
static UNIQUE: SchemaMeta = visits(WITH_UNIQUE, None);
static SPREAD: SchemaMeta = visits(INDEXES, Some(3));

type RowValues = (Option<i64>, Option<String>, Option<Decimal>, bool, Option<String>);

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "a", "ab", "abc", "b", "\0", "a\0", "a\0b", "é", "日本", "%", "A"])
        .prop_map(str::to_owned)
}

fn score() -> impl Strategy<Value = Decimal> {
    let scores = [
        "0",
        "-0.10",
        "0.1",
        "1",
        "1.5",
        "10",
        "-10",
        "79228162514264337593543950335",
        "-79228162514264337593543950335",
    ];
    prop::sample::select(scores.iter().map(|score| score.parse::<Decimal>().unwrap()).collect::<Vec<_>>())
}

fn user() -> impl Strategy<Value = i64> {
    prop::sample::select(vec![i64::MIN, -1, 0, 1, 2, (1 << 53) + 1, i64::MAX])
}

fn rows() -> impl Strategy<Value = Vec<RowValues>> {
    let optional = prop::option::weighted::<BoxedStrategy<String>>;
    let row = (
        prop::option::of(user()),
        optional(0.8, name().boxed()),
        prop::option::of(score()),
        any::<bool>(),
        optional(0.5, name().boxed()),
    );
    prop::collection::vec(row, 0..30)
}

fn column(meta: &'static SchemaMeta, position: usize) -> Step {
    Step::Column(Binding::of(0, 0), &meta.fields[position])
}

/// A value for the column at a position.
fn value(position: usize) -> BoxedStrategy<Value> {
    match position {
        0 => (-1..32i64).prop_map(Value::I64).boxed(),
        1 => user().prop_map(Value::I64).boxed(),
        3 => score().prop_map(Value::Decimal).boxed(),
        4 => any::<bool>().prop_map(Value::Bool).boxed(),
        _ => name().prop_map(Value::Text).boxed(),
    }
}

fn bound(value: Value) -> Step {
    Step::Value { value, redact: false }
}

fn leaf(meta: &'static SchemaMeta) -> BoxedStrategy<Expression> {
    let position = 0..7usize;
    use BinaryOperator::{
        Equal, Greater, GreaterOrEqual, IsDistinctFrom, IsNotDistinctFrom, Less, LessOrEqual, NotEqual,
    };
    let operators =
        vec![Equal, Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, IsDistinctFrom, IsNotDistinctFrom];
    let compared = (position.clone(), prop::sample::select(operators), any::<bool>()).prop_flat_map(
        move |(position, operator, null)| {
            let data_type = meta.fields[position].data_type;
            let value = if null {
                prop_oneof![9 => value(position), 1 => Just(Value::Null(data_type))].boxed()
            } else {
                value(position)
            };
            value.prop_map(move |value| vec![column(meta, position), bound(value), Step::Binary(operator)])
        },
    );
    let among = (position.clone(), any::<bool>()).prop_flat_map(move |(position, negated)| {
        let item = &meta.fields[position].data_type;
        prop::collection::vec(value(position), 0..4)
            .prop_map(move |values| vec![column(meta, position), Step::In { item, values, negated, redact: false }])
    });
    let between = (position.clone(), any::<bool>()).prop_flat_map(move |(position, negated)| {
        (value(position), value(position))
            .prop_map(move |(low, high)| vec![column(meta, position), bound(low), bound(high), Step::Between(negated)])
    });
    let null = (position, any::<bool>()).prop_map(move |(position, not)| {
        let operator = if not { UnaryOperator::IsNotNull } else { UnaryOperator::IsNull };
        vec![column(meta, position), Step::Unary(operator)]
    });
    let patterns = vec!["a%", "ab", "%b", "a_c", "", "%", "\\%%", "é%", "\0%"];
    let like = (prop::sample::select(vec![2usize, 5, 6]), prop::sample::select(patterns), any::<bool>(), any::<bool>())
        .prop_map(move |(position, pattern, negated, ignore_case)| {
            let pattern = bound(Value::Text(pattern.to_owned()));
            vec![column(meta, position), pattern, Step::Like { negated, ignore_case: ignore_case && negated }]
        });
    let flag = Just(vec![column(meta, 4)]);
    prop_oneof![4 => compared, 2 => among, 1 => between, 1 => null, 1 => like, 1 => flag].boxed()
}

fn condition(meta: &'static SchemaMeta) -> BoxedStrategy<Expression> {
    let joined = |operator: BinaryOperator| {
        move |(mut one, two): (Expression, Expression)| {
            one.extend(two);
            one.push(Step::Binary(operator));
            one
        }
    };
    leaf(meta)
        .prop_recursive(3, 12, 3, move |inner| {
            let many = prop::collection::vec(inner.clone(), 0..4).prop_flat_map(|list| {
                let count = list.len();
                any::<bool>().prop_map(move |all| {
                    let mut steps = list.concat();
                    steps.push(if all { Step::All(count) } else { Step::Any(count) });
                    steps
                })
            });
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(joined(BinaryOperator::And)),
                (inner.clone(), inner.clone()).prop_map(joined(BinaryOperator::Or)),
                inner.prop_map(|mut steps| {
                    steps.push(Step::Unary(UnaryOperator::Not));
                    steps
                }),
                many,
            ]
        })
        .boxed()
}

fn order(meta: &'static SchemaMeta) -> impl Strategy<Value = Vec<OrderTerm>> {
    let nulls = prop::option::weighted(0.3, prop::sample::select(vec![Nulls::First, Nulls::Last]));
    let term = (0..6usize, nulls);
    (prop::collection::vec(term, 0..3), any::<bool>(), prop::option::weighted(0.1, any::<bool>())).prop_map(
        move |(terms, descending, other)| {
            let count = terms.len();
            let mut list: Vec<OrderTerm> = terms
                .into_iter()
                .enumerate()
                .map(|(number, (position, nulls))| {
                    let descending = other.filter(|_| number + 1 == count).unwrap_or(descending);
                    OrderTerm { expression: vec![column(meta, position)], descending, nulls }
                })
                .collect();
            list.push(OrderTerm { expression: vec![column(meta, 0)], descending, nulls: None });
            list
        },
    )
}

fn query(meta: &'static SchemaMeta) -> impl Strategy<Value = Select> {
    let window = (prop::option::of(0..6u64), prop::option::weighted(0.3, 0..4u64));
    (prop::collection::vec(condition(meta), 0..3), prop::option::weighted(0.7, order(meta)), window, any::<bool>())
        .prop_map(move |(filter, order, (limit, offset), distinct)| {
            let mut select = Select::new(Source::Table { schema: meta, prefix: None });
            select.filter = filter;
            if let Some(order) = order {
                select.order_by = order;
                (select.limit, select.offset) = (limit, offset);
            }
            select.distinct = distinct && select.limit.is_none();
            select.columns = vec![OutputColumn::field(&meta.fields[0])];
            select.allow_filtering = Some(1000);
            select
        })
}

/// Collects the first column of each row.
struct Firsts(Vec<i64>);

impl Sink for Firsts {
    fn row(&mut self, row: &dyn Row) -> Result<(), DecodeError> {
        self.0.push(row.i64(0)?.unwrap_or(-999));
        Ok(())
    }
}

fn firsts(outcome: Outcome) -> Vec<i64> {
    let sink: Box<dyn Any> = outcome.sink;
    sink.downcast::<Firsts>().unwrap().0
}

struct Server {
    adapter: Arc<dyn Adapter>,
    connection: redis::aio::MultiplexedConnection,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl Server {
    async fn given() -> Self {
        let url =
            std::env::var("PERISTYLE_TEST_REDIS_URL").expect("PERISTYLE_TEST_REDIS_URL is not set: run tests/run");
        let adapter = Redis::options(&url).connect_adapter().await.unwrap();
        let client = redis::Client::open(url).unwrap();
        // A busy machine is no failure.
        let patient = redis::AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(None);
        let connection = client.get_multiplexed_async_connection_with_config(&patient).await.unwrap();
        Server { adapter, connection }
    }

    async fn run(&self, prefix: &str, operation: Operation) -> Result<Vec<i64>, Error> {
        let outcome = self.adapter.run(request(prefix, operation), Box::new(Firsts(Vec::new()))).await?;
        Ok(firsts(outcome))
    }

    /// A query that may read rows for what no index answers, if need be with a condition more, which an index answers.
    async fn narrowed(&self, prefix: &str, select: &Select) -> Select {
        let mut select = select.clone();
        if let Err(error) = self.run(prefix, Operation::Select(select.clone())).await {
            assert!(error.to_string().contains("or narrow the rows by an indexed column"), "{error}: {select:?}");
            let source = Step::Column(Binding::of(0, 0), select.schema().unwrap().fields.first().unwrap());
            select.filter.push(vec![source, bound(Value::I64(-1)), Step::Binary(BinaryOperator::Greater)]);
        }
        select
    }

    async fn stream(&self, prefix: &str, select: Select) -> Vec<i64> {
        let mut cursor = self.adapter.open(request(prefix, Operation::Select(select))).await.unwrap();
        let mut all = Vec::new();
        loop {
            let some = firsts(cursor.fetch(4, Box::new(Firsts(Vec::new()))).await.unwrap());
            let last = some.len() < 4;
            all.extend(some);
            if last {
                return all;
            }
        }
    }

    /// Writes rows as the layout says, in a table of their own; gives what drops them.
    async fn write(&mut self, table: &Table, rows: &[RowValues]) -> Vec<StoredRow> {
        let meta = table.schema;
        let mut stored = Vec::new();
        let mut pipe = redis::pipe();
        for (number, (user, name, score, active, email)) in rows.iter().enumerate() {
            let optional = |data_type, value: Option<Value>| value.unwrap_or(Value::Null(data_type));
            let email = if meta.indexes.len() == 3 {
                email.as_ref().map(|email| format!("{email}{number}"))
            } else {
                email.clone()
            };
            let values = [
                Value::I64(number as i64),
                optional(DataType::I64, user.map(Value::I64)),
                optional(DataType::Text, name.clone().map(Value::Text)),
                optional(DataType::Decimal, score.map(Value::Decimal)),
                Value::Bool(*active),
                optional(DataType::Text, email.map(Value::Text)),
                optional(DataType::Text, name.clone().map(Value::Text)),
            ];
            let fields: Vec<_> = meta.fields.iter().zip(values).collect();
            let raw = write_row(meta, &fields, None).unwrap();
            let row = StoredRow::parse(meta, raw.clone()).unwrap();
            let entries = table.entries(&row).unwrap();
            let part = table.part(&entries.key);
            pipe.cmd("SET").arg(part.row(&entries.key)).arg(raw).ignore();
            for (index, member) in &entries.members {
                pipe.cmd("ZADD").arg(part.beside(&table.indexes[*index].suffix)).arg(0).arg(member).ignore();
            }
            stored.push(row);
        }
        if !rows.is_empty() {
            pipe.exec_async(&mut self.connection).await.unwrap();
        }
        stored
    }

    async fn drop(&mut self, table: &Table, rows: &[StoredRow]) {
        let mut unlink = redis::cmd("UNLINK");
        for part in table.parts() {
            table.indexes.iter().for_each(|index| {
                unlink.arg(part.beside(&index.suffix));
            });
        }
        rows.iter().for_each(|row| {
            let key = row.key().unwrap();
            unlink.arg(table.part(&key).row(&key));
        });
        unlink.query_async::<()>(&mut self.connection).await.unwrap();
    }
}

fn request(prefix: &str, operation: Operation) -> Request {
    Request { operation, prefix: Some(prefix.into()), ttl: None, observers: Vec::new(), location: Location::caller() }
}

/// What a query gives over rows in hand.
fn expected(select: &Select, rows: &[StoredRow]) -> Vec<i64> {
    firsts(evaluate::run(select, rows, Done::default(), Box::new(Firsts(Vec::new()))).unwrap())
}

fn expected_of_parents(children: &PerParent, rows: &[StoredRow]) -> Vec<i64> {
    let key = &children.keys[0];
    let of_parent = |value: &Value| {
        let is_its_own = |row: &&StoredRow| evaluate(&key.expression, &Scope::new(&[*row])).unwrap() == *value;
        let own: Vec<StoredRow> = rows.iter().filter(is_its_own).cloned().collect();
        expected(&children.select, &own)
    };
    let mut parents: Vec<i64> =
        key.values.iter().filter_map(|value| if let Value::I64(value) = value { Some(*value) } else { None }).collect();
    parents.sort_unstable();
    parents.into_iter().flat_map(|parent| of_parent(&Value::I64(parent))).collect()
}

/// Runs queries on a server, and compares what they give.
fn agrees(meta: &'static SchemaMeta, rows: &[RowValues], queries: &[Select], parents: &[i64]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut server = Server::given().await;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("model-{}-{number}", std::process::id());
        let table = Table::new(meta, Some(&prefix)).unwrap();
        let stored = server.write(&table, rows).await;
        for select in queries {
            let select = &server.narrowed(&prefix, select).await;
            let mut wanted = expected(select, &stored);
            let mut found = server.run(&prefix, Operation::Select(select.clone())).await.unwrap();
            let mut streamed = server.stream(&prefix, select.clone()).await;
            if select.order_by.is_empty() {
                [&mut wanted, &mut found, &mut streamed].into_iter().for_each(|list| list.sort_unstable());
            }
            assert_eq!(found, wanted, "{select:?}");
            assert_eq!(streamed, wanted, "streamed: {select:?}");
            let mut counted =
                Select { order_by: Vec::new(), limit: None, offset: None, distinct: false, ..select.clone() };
            let all = expected(&counted, &stored).len() as i64;
            let (function, operand, result) = (Aggregate::Count, DataType::I64, DataType::I64);
            let count = vec![Step::Star, Step::Aggregate { function, distinct: false, filter: false, operand, result }];
            counted.columns = vec![OutputColumn::Expression { expression: count, alias: None }];
            let counts = server.run(&prefix, Operation::Select(counted.clone())).await.unwrap();
            assert_eq!(counts, [all], "counted: {select:?}");
            if select.limit.is_some() || select.offset.is_some() {
                let mut outer = Select::new(Source::Subquery(Box::new(select.clone())));
                outer.columns = counted.columns.clone();
                let counts = server.run(&prefix, Operation::Select(outer)).await.unwrap();
                assert_eq!(counts, [wanted.len() as i64], "counted from outside: {select:?}");
            }
            let mut exists = Select { limit: Some(1), ..counted.clone() };
            exists.columns =
                vec![OutputColumn::Expression { expression: vec![Step::Literal(Value::I32(1))], alias: None }];
            let there = server.run(&prefix, Operation::Select(exists)).await.unwrap();
            assert_eq!(there.len() as i64, all.min(1), "exists: {select:?}");
            let outer = {
                let inner = Select { columns: vec![OutputColumn::field(&meta.fields[0])], ..select.clone() };
                let mut outer = Select::new(Source::Table { schema: meta, prefix: None });
                outer.filter = vec![vec![column(meta, 0), Step::InQuery(Box::new(inner), false)]];
                outer.columns = vec![OutputColumn::field(&meta.fields[0])];
                outer
            };
            let mut found = server.run(&prefix, Operation::Select(outer)).await.unwrap();
            let mut sorted = wanted.clone();
            found.sort_unstable();
            sorted.sort_unstable();
            assert_eq!(found, sorted, "as an inner query: {select:?}");
            if !select.order_by.is_empty() && !select.distinct {
                let values = parents.iter().map(|parent| Value::I64(*parent)).collect();
                let keys = vec![ParentKey { field: &meta.fields[1], expression: vec![column(meta, 1)], values }];
                let children = PerParent { select: select.clone(), keys, repeats: false };
                let mut wanted = expected_of_parents(&children, &stored);
                let mut found = server.run(&prefix, Operation::PerParent(Box::new(children))).await.unwrap();
                let by_parent = |list: &mut Vec<i64>| list.sort_by_key(|id| rows[usize::try_from(*id).unwrap()].0);
                by_parent(&mut wanted);
                by_parent(&mut found);
                assert_eq!(found, wanted, "per parent: {select:?}");
            }
        }
        server.drop(&table, &stored).await;
    });
}

fn parents() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::hash_set(user(), 1..4).prop_map(|parents| parents.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn queries_give_what_they_give_over_all_rows(rows in rows(), queries in prop::collection::vec(query(&VISITS), 12), parents in parents()) {
        agrees(&VISITS, &rows, &queries, &parents);
    }

    #[test]
    fn queries_with_a_unique_index_give_what_they_give_over_all_rows(rows in rows(), queries in prop::collection::vec(query(&UNIQUE), 12), parents in parents()) {
        agrees(&UNIQUE, &rows, &queries, &parents);
    }

    #[test]
    fn queries_over_several_buckets_give_what_they_give_over_all_rows(rows in rows(), queries in prop::collection::vec(query(&SPREAD), 12), parents in parents()) {
        agrees(&SPREAD, &rows, &queries, &parents);
    }
}
