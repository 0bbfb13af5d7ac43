//! A check that sea-query writes what is expected of it.
//!
//! Cargo builds one sea-query for a whole program, with the features that any crate in it turned on, and some of them
//! change SQL. The builder here leaves none of the parts that they change to sea-query; the canary proves it when the
//! first statement is rendered, and names the feature if it ever does not hold.

use crate::builder::build;
use crate::renderer::Renderer;
use crate::target::Target;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::query::ast::{
    BinaryOperator, Binding, Insert, Nulls, OrderTerm, OutputColumn, Select, Source, Step,
};
use peristyle_query::schema::{FieldMeta, SchemaMeta};
use peristyle_query::value::{DataType, Value};
use sea_query::{ColumnDef, Expr, ExprTrait, PostgresQueryBuilder, Query, SqliteQueryBuilder, Table};
use std::sync::OnceLock;

static AGE: FieldMeta = FieldMeta::new("age", "age", DataType::I64);
static CANARY: SchemaMeta = SchemaMeta::new("Canary", "canaries");

const POSTGRES: &str = r#"SELECT "c0"."age" FROM "canaries" AS "c0" WHERE ("c0"."age" = $1 OR "c0"."age" + $2 > $3) AND "c0"."age" = ANY($4) ORDER BY "c0"."age" DESC NULLS LAST LIMIT $5; INSERT INTO "canaries" DEFAULT VALUES RETURNING "age""#;
const SQLITE: &str = r#"SELECT "c0"."age" FROM "canaries" AS "c0" WHERE ("c0"."age" = ?1 OR "c0"."age" + ?2 > ?3) AND "c0"."age" IN (SELECT "value" FROM json_each(?4)) ORDER BY "c0"."age" DESC NULLS LAST LIMIT ?5; INSERT INTO "canaries" DEFAULT VALUES RETURNING "age""#;

/// Renders the canary, once for each target in the life of the program.
pub(crate) fn check(target: Target) -> Result<(), Error> {
    static SQLITE_RESULT: OnceLock<Result<(), String>> = OnceLock::new();
    static POSTGRES_RESULT: OnceLock<Result<(), String>> = OnceLock::new();
    let (result, expected) = match target {
        Target::Sqlite => (&SQLITE_RESULT, SQLITE),
        Target::Postgres => (&POSTGRES_RESULT, POSTGRES),
    };
    let result = result.get_or_init(|| {
        let found = sing(target).map_err(|error| error.to_string())?;
        compare(&found, expected, &features())
    });
    result.as_ref().copied().map_err(|message| QueryError::new(message.clone()).into())
}

fn compare(found: &str, expected: &str, features: &[&str]) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    let cause = if features.is_empty() {
        "another version of sea-query than 1.0 was linked; pin sea-query to a 1.0 release".to_owned()
    } else {
        format!(
            "a crate in this build turns on the feature {} of sea-query; find it with `cargo tree -e features -i sea-query` \
             and turn it off",
            features.join(" and ")
        )
    };
    Err(format!("SQL is not rendered as expected: {cause}\n  expected: {expected}\n  rendered: {found}"))
}

/// The rendered canary.
fn sing(target: Target) -> Result<String, Error> {
    let mut select = Select::new(Source::Table { schema: &CANARY, prefix: None });
    let age = || Step::Column(Binding::of(0, 0), &AGE);
    let value = || Step::Value { value: Value::I64(1), redact: false };
    select.columns.push(OutputColumn::Expression { expression: vec![age()], alias: None });
    select.filter.push(vec![
        age(),
        value(),
        Step::Binary(BinaryOperator::Equal),
        age(),
        value(),
        Step::Binary(BinaryOperator::Add(DataType::I64)),
        value(),
        Step::Binary(BinaryOperator::Greater),
        Step::Binary(BinaryOperator::Or),
    ]);
    let list = Step::In { item: &DataType::I64, values: vec![Value::I64(1)], negated: false, redact: false };
    select.filter.push(vec![age(), list]);
    select.order_by.push(OrderTerm { expression: vec![age()], descending: true, nulls: Some(Nulls::Last) });
    select.limit = Some(1);
    let insert = Insert::row(&CANARY, Vec::new(), &[&AGE]);
    let (select, _) = build(target, &Renderer::new(target, None).select(&select)?)?;
    let (insert, _) = build(target, &Renderer::new(target, None).insert(&insert)?)?;
    Ok(format!("{select}; {insert}"))
}

/// The features that are turned on of those that change what sea-query's own builders write.
fn features() -> Vec<&'static str> {
    let column = |column: ColumnDef| Table::create().table("t").col(column).take();
    let sum = Query::select().expr(Expr::col("a").add(1).equals("b")).to_string(PostgresQueryBuilder);
    let key = column(ColumnDef::new("a").big_integer().auto_increment().take()).to_string(PostgresQueryBuilder);
    let integer = column(ColumnDef::new("a").big_integer().take()).to_string(SqliteQueryBuilder);
    features_behind(&sum, &key, &integer)
}

/// The features that made sea-query write a sum beside `=`, a generated key on Postgres and an integer on SQLite so.
fn features_behind(sum: &str, key: &str, integer: &str) -> Vec<&'static str> {
    let signs = [
        (sum.contains('('), "option-more-parentheses"),
        (key.contains("serial"), "option-postgres-use-serial"),
        (!integer.contains("bigint"), "option-sqlite-exact-column-type"),
    ];
    signs.into_iter().filter_map(|(on, name)| on.then_some(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canary_sings_on_both_targets() {
        check(Target::Sqlite).unwrap();
        check(Target::Postgres).unwrap();
    }

    #[test]
    fn a_changed_canary_names_the_feature() {
        let message = compare("SELECT (1)", "SELECT 1", &["option-more-parentheses"]).unwrap_err();
        assert!(message.contains("the feature option-more-parentheses of sea-query"), "{message}");
        assert!(compare("SELECT (1)", "SELECT 1", &[]).unwrap_err().contains("another version of sea-query"));
    }

    #[test]
    fn features_are_told_by_what_they_change() {
        let without = features_behind("a + 1 = b", "bigint GENERATED BY DEFAULT AS IDENTITY", "bigint");
        assert!(without.is_empty());
        let with = features_behind("(a + 1) = b", "bigserial", "integer");
        let all = ["option-more-parentheses", "option-postgres-use-serial", "option-sqlite-exact-column-type"];
        assert_eq!(with, all);
    }

    /// Run with `--features sea-query/option-…` this proves that each probe still sees its feature.
    #[test]
    fn probes_see_the_features_of_this_build() {
        let expected = std::env::var("SEA_QUERY_FEATURES").unwrap_or_default();
        assert!(expected.split(',').filter(|name| !name.is_empty()).all(|name| features().contains(&name)));
        assert_eq!(compare("same", "same", &features()), Ok(()));
    }
}
