//! What other programs left in the file.

use super::*;
use chrono::NaiveDate;
use peristyle_query::value::Interval;
use rust_decimal::Decimal;

async fn read(database: &Database, sql: &'static str, data_type: DataType) -> Result<Value, Error> {
    database.one(sql, vec![], data_type).await
}

#[tokio::test]
async fn other_forms_of_the_same_value_are_read() {
    let database = Database::open(|options| options);
    let noon = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap().and_hms_opt(12, 0, 0).unwrap();
    for (sql, expected) in [
        ("SELECT 3.0", Value::I32(3)),
        ("SELECT 3", Value::F64(3.0)),
        ("SELECT '2024-02-29T13:00:00+01:00'", Value::Timestamp(noon.and_utc())),
        ("SELECT '2024-02-29 12:00'", Value::DateTime(noon)),
        ("SELECT '2024-02-29T00:00:00Z'", Value::Date(noon.date())),
        ("SELECT '12:00'", Value::Time(noon.time())),
        ("SELECT 12", Value::Decimal(Decimal::from(12))),
        ("SELECT 0.1", Value::Decimal(Decimal::new(1, 1))),
        ("SELECT '1.5e3'", Value::Decimal(Decimal::from(1500))),
        ("SELECT x'00000000000000000000000000000001'", Value::Uuid(uuid::Uuid::from_u128(1))),
        ("SELECT 'urn:uuid:00000000-0000-0000-0000-000000000001'", Value::Uuid(uuid::Uuid::from_u128(1))),
        ("SELECT 5", Value::Json(5.into())),
        ("SELECT 'P1Y'", Value::Interval(Interval { months: 12, days: 0, micros: 0 })),
    ] {
        assert_eq!(read(&database, sql, expected.data_type()).await.unwrap(), expected, "{sql}");
    }
}

#[tokio::test]
async fn nonsense_is_an_error_that_shows_what_was_found() {
    let database = Database::open(|options| options);
    for (sql, data_type, found) in [
        ("SELECT '2024-02-30'", DataType::Date, "2024-02-30"),
        ("SELECT '2024-02-29 10:00:00'", DataType::Date, "10:00"),
        ("SELECT '0000-00-00 00:00:00'", DataType::Timestamp, "0000-00-00"),
        ("SELECT 1709208000", DataType::Timestamp, "the integer 1709208000"),
        ("SELECT '25:00:00'", DataType::Time, "25:00"),
        ("SELECT 2147483648", DataType::I32, "2147483648, which is out of its range"),
        ("SELECT -32769", DataType::I16, "out of its range"),
        ("SELECT 1.5", DataType::I64, "the real 1.5"),
        ("SELECT 1e300", DataType::I64, "1e300"),
        ("SELECT 9007199254740993", DataType::F64, "9007199254740993"),
        ("SELECT 1e300", DataType::F32, "out of its range"),
        ("SELECT 2", DataType::Bool, "the integer 2"),
        ("SELECT 'true'", DataType::Bool, "true"),
        ("SELECT 5", DataType::Text, "the integer 5"),
        ("SELECT 'abc'", DataType::Bytes, "abc"),
        ("SELECT CAST(x'ff' AS TEXT)", DataType::Text, "not UTF-8"),
        ("SELECT 'not-a-uuid'", DataType::Uuid, "not-a-uuid"),
        ("SELECT x'00'", DataType::Uuid, "a blob of 1 bytes"),
        ("SELECT '1,50'", DataType::Decimal, "1,50"),
        ("SELECT 1e40", DataType::Decimal, "1e40"),
        ("SELECT '{'", DataType::Json, "{"),
        ("SELECT 'tomorrow'", DataType::Interval, "tomorrow"),
        ("SELECT '{}'", DataType::Array(&DataType::I64), "{}"),
        ("SELECT '[1, \"x\"]'", DataType::Array(&DataType::I64), "x"),
        ("SELECT '[70000]'", DataType::Array(&DataType::I16), "70000"),
    ] {
        // A template writes a brace twice.
        let sql: &'static str = if sql.contains('{') { sql.replace('{', "{{").replace('}', "}}").leak() } else { sql };
        let error = read(&database, sql, data_type).await.unwrap_err();
        assert!(matches!(error, Error::Decode(_)), "{sql}: {error}");
        assert!(error.to_string().contains(found), "{sql}: {error}");
        assert!(
            error.to_string().contains(&data_type.to_string()) || matches!(data_type, DataType::Array(_)),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_long_text_is_cut_in_errors() {
    let database = Database::open(|options| options);
    let error = database.one("SELECT {}", vec![text(&"é".repeat(1_000_000))], DataType::I64).await.unwrap_err();
    assert!(error.to_string().len() < 1000, "{}", error.to_string().len());
    assert!(error.to_string().contains("2000000 bytes"));
}

#[tokio::test]
async fn columns_without_a_declared_type_come_as_sqlite_has_them() {
    struct Any(Vec<Value>, Vec<String>);
    impl Sink for Any {
        fn row(&mut self, row: &dyn Row) -> Result<(), DecodeError> {
            self.0 = (0..row.len()).map(|index| row.any(index)).collect::<Result<_, _>>()?;
            self.1 = (0..row.len()).map(|index| row.name(index)).collect();
            assert!(row.any(row.len()).is_err());
            assert!(row.is_null(0)?);
            Ok(())
        }
    }
    let database = Database::open(|options| options);
    let sink: Box<dyn Sink> = Box::new(Any(Vec::new(), Vec::new()));
    let query = request("SELECT NULL AS a, 1, 2.5 AS c, 'x', x'01'", vec![]);
    let sink: Box<dyn std::any::Any> = database.adapter.run(query, sink).await.unwrap().sink;
    let any = sink.downcast::<Any>().unwrap();
    let expected = [Value::Null(DataType::Text), Value::I64(1), Value::F64(2.5), text("x"), Value::Bytes(vec![1])];
    assert_eq!(any.0, expected);
    assert_eq!((any.1[0].as_str(), any.1[2].as_str()), ("a", "c"));
}
