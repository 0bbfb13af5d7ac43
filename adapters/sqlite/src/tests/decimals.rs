//! Decimals in SQL.

use super::*;
use rust_decimal::Decimal;

fn decimal(text: &str) -> Value {
    Value::Decimal(Decimal::from_str_exact(text).unwrap())
}

async fn with_prices(prices: &[&str]) -> Database {
    let database = Database::open(|options| options);
    database.script("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT COLLATE decimal)").await.unwrap();
    for price in prices {
        database.execute("INSERT INTO t (v) VALUES ({})", vec![decimal(price)]).await.unwrap();
    }
    database
}

#[tokio::test]
async fn decimals_keep_their_scale_and_compare_by_their_value() {
    let database = with_prices(&["10", "9.90", "-1", "0.5", "100.00"]).await;
    let sorted = database.rows("SELECT v FROM t ORDER BY v", vec![], &[DataType::Decimal]).await.unwrap();
    let expected = ["-1", "0.5", "9.90", "10", "100.00"].map(|price| vec![decimal(price)]);
    assert_eq!(sorted, expected);
    let shown: Vec<String> = sorted.iter().map(|row| row[0].to_string()).collect();
    assert_eq!(shown, ["-1", "0.5", "9.90", "10", "100.00"]);
    let found = "SELECT v FROM t WHERE v = {}";
    assert_eq!(database.one(found, vec![decimal("100")], DataType::Text).await.unwrap(), text("100.00"));
    let greater = "SELECT count(*) FROM t WHERE v > {}";
    assert_eq!(database.one(greater, vec![decimal("9.9")], DataType::I64).await.unwrap(), Value::I64(2));
    let plain = "SELECT '10' < '9' COLLATE decimal";
    assert_eq!(database.one(plain, vec![], DataType::Bool).await.unwrap(), Value::Bool(false));
    let odd = "SELECT group_concat(x) FROM (SELECT column1 x FROM (VALUES ('b'), (''), ('2'), ('a'), ('10')) ORDER BY column1 COLLATE decimal)";
    assert_eq!(database.one(odd, vec![], DataType::Text).await.unwrap(), text("2,10,,a,b"));
}

#[tokio::test]
async fn aggregates_are_exact() {
    let database = with_prices(&["0.10"; 1000]).await;
    for (sql, expected) in [
        ("SELECT decimal_sum(v) FROM t", "100.00"),
        ("SELECT decimal_avg(v) FROM t", "0.1"),
        ("SELECT decimal_max(v) FROM t", "0.10"),
        ("SELECT decimal_sum(id) FROM t", "500500"),
        ("SELECT decimal_sum(x) FROM (SELECT 0.1 x UNION ALL SELECT 0.2)", "0.3"),
        ("SELECT decimal_min(x) FROM (SELECT '10' x UNION ALL SELECT NULL UNION ALL SELECT 9.5)", "9.5"),
        ("SELECT decimal_max(x) FROM (SELECT '9' x UNION ALL SELECT '10.0')", "10.0"),
        ("SELECT decimal_sum(x) FROM (SELECT 9223372036854775807 x UNION ALL SELECT 1)", "9223372036854775808"),
        ("SELECT decimal_sum(DISTINCT v) FROM t", "0.10"),
    ] {
        assert_eq!(database.one(sql, vec![], DataType::Decimal).await.unwrap(), decimal(expected), "{sql}");
    }
    for name in ["SELECT decimal_sum(v) FROM t WHERE id < 0", "SELECT decimal_avg(NULL)", "SELECT decimal_min(NULL)"] {
        let read = database.one(name, vec![], DataType::Decimal).await.unwrap();
        assert_eq!(read, Value::Null(DataType::Decimal), "{name}");
    }
}

#[tokio::test]
async fn arithmetic_is_exact_and_refuses_what_does_not_fit() {
    let database = Database::open(|options| options);
    for (sql, expected) in [
        ("SELECT decimal_add({}, {})", "12.75"),
        ("SELECT decimal_sub({}, {})", "12.25"),
        ("SELECT decimal_mul({}, {})", "3.1250"),
        ("SELECT decimal_div({}, {})", "50"),
        ("SELECT decimal_rem({}, {})", "0.00"),
    ] {
        let values = vec![decimal("12.50"), decimal("0.25")];
        assert_eq!(database.one(sql, values, DataType::Decimal).await.unwrap(), decimal(expected), "{sql}");
    }
    let null = database.one("SELECT decimal_add(NULL, 1)", vec![], DataType::Decimal).await.unwrap();
    assert_eq!(null, Value::Null(DataType::Decimal));
    for (sql, message) in [
        ("SELECT decimal_div(1, 0)", "division by zero"),
        ("SELECT decimal_rem(1, '0.00')", "division by zero"),
        ("SELECT decimal_mul('79228162514264337593543950335', 2)", "more digits"),
        ("SELECT decimal_add('secret', 1)", "not a decimal"),
        ("SELECT decimal_sum('secret')", "not a decimal"),
    ] {
        let error = database.one(sql, vec![], DataType::Decimal).await.unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
}
