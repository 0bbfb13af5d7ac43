//! How statements are planned.

use super::*;
use crate::call::Call;
use crate::connection::{Connection, Role, Setup};
use crate::options::Mode;
use peristyle_query::statement::Dialect;
use peristyle_sql::PlanCache;
use rusqlite::StatementStatus;
use std::time::Duration;

#[test]
fn a_kept_statement_with_a_limit_is_not_prepared_again() {
    let setup = Setup {
        path: None,
        mode: Mode::Create,
        busy_timeout: Duration::ZERO,
        statement_cache: 8,
        attached: Vec::new(),
    };
    let connection = Connection::open(&setup, Role::Only).unwrap();
    connection.batch("CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 2), (2, 3)").unwrap();
    let plans = PlanCache::new(Dialect::Sqlite, 8);
    let call = |limit| {
        let values = vec![Value::I64(1), Value::I64(limit)];
        Call::new(&plans, request("SELECT id FROM t WHERE id >= {} LIMIT {}", values)).unwrap()
    };
    for limit in [1, 2, 1] {
        let call = call(limit);
        let outcome = connection.run_inside(&call, Table::sink(&[DataType::I64])).unwrap();
        assert_eq!(Table::rows(outcome.sink).len() as i64, limit);
        let statement = connection.prepare(&call).unwrap();
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}

#[tokio::test]
async fn the_start_of_a_like_pattern_is_looked_up_in_an_index_also_after_other_statements() {
    let database = Database::open(|options| options.readers(1));
    database.script("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); CREATE INDEX i ON t (v)").await.unwrap();
    let types = [DataType::I64, DataType::I64, DataType::I64, DataType::Text];
    for _ in 0..2 {
        let plan = "EXPLAIN QUERY PLAN SELECT id FROM t WHERE v LIKE {} ESCAPE '\\'";
        let plan = database.rows(plan, vec![text("abc%")], &types).await.unwrap();
        assert!(matches!(&plan[0][3], Value::Text(detail) if detail.contains("(v>? AND v<?)")), "{plan:?}");
        assert_eq!(database.count().await, 0);
    }
}
