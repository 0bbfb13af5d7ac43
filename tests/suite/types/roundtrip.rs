//! Each type, in a column, in one that may be NULL, in a list and in a list with NULLs, is read back as it was written.

use super::values::{Generated, Place};
use super::*;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use peristyle::prelude::*;
use peristyle_tests::count;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use tokio::runtime::Handle;
use tokio::task::block_in_place;
use uuid::Uuid;

/// A value, one that may be missing, a list, and a list of ones that may be missing.
pub type Fields<T> = (T, Option<T>, Vec<T>, Option<Vec<Option<T>>>);

pub fn fields<T: Generated>(postgres: bool) -> BoxedStrategy<Fields<T>> {
    let column = || T::values(Place { postgres, in_list: false });
    let item = || T::values(Place { postgres, in_list: true });
    let hole = if T::has_null_items(postgres) { option::of(item()).boxed() } else { item().prop_map(Some).boxed() };
    (column(), option::of(column()), vec(item(), 0..5), option::of(vec(hole, 0..5))).boxed()
}

/// Runs an async check on generated values, and shrinks what fails.
pub fn check<T, F>(values: BoxedStrategy<T>, check: impl Fn(T) -> F)
where
    T: Clone + std::fmt::Debug,
    F: Future<Output = Result<(), TestCaseError>>,
{
    let config = Config { cases: count(48, 2_000), failure_persistence: None, ..Config::default() };
    let handle = Handle::current();
    let outcome = block_in_place(|| TestRunner::new(config).run(&values, |value| handle.block_on(check(value))));
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

/// For `.map_err(..)` in a check.
pub fn fail(error: peristyle::Error) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

/// Whether two values are the same also where `==` does not look: a decimal's scale, the sign of zero.
pub fn same(left: &impl std::fmt::Debug, right: &impl std::fmt::Debug) -> Result<(), TestCaseError> {
    let (left, right) = (format!("{left:?}"), format!("{right:?}"));
    prop_assert_eq!(left, right);
    Ok(())
}

macro_rules! round_trips {
    ($($module:ident: $type:ty, $column:literal;)*) => {$(
        mod $module {
            use super::*;

            #[derive(Clone, Debug, PartialEq, Schema)]
            #[schema(table = "things")]
            struct Thing {
                id: i64,
                value: $type,
                maybe: Option<$type>,
                list: Vec<$type>,
                holes: Option<Vec<Option<$type>>>,
            }

            const TABLE: &str = concat!(
                "create table things ({id}, value {", $column, "} not null, maybe {", $column, "}, list {list ",
                    $column,
                "} not null, holes {list ", $column, "})"
            );

            async fn survives(repo: &Repo, (value, maybe, list, holes): Fields<$type>) -> Result<(), TestCaseError> {
                let thing = Thing { id: 0, value, maybe, list, holes };
                let inserted = repo.insert(thing.clone()).await.map_err(fail)?;
                let thing = Thing { id: inserted.id, ..thing };
                same(&inserted, &thing)?;
                let found = repo.find::<Thing>(thing.id).await.map_err(fail)?;
                same(&found, &thing)?;
                let queries = [
                    Thing::query().filter(|t| t.value.eq(&thing.value)),
                    Thing::query().filter(|t| t.value.in_([&thing.value])),
                    Thing::query().filter(|t| t.maybe.is_not_distinct_from(thing.maybe.clone())),
                    Thing::query().filter(|t| t.list.eq(&thing.list)),
                    Thing::query().filter(|t| t.holes.is_not_distinct_from(thing.holes.clone())),
                ];
                for query in queries {
                    let row = repo.only(query.filter(|t| t.id.eq(thing.id))).await.map_err(fail)?;
                    same(&row, &thing)?;
                }
                let differing = Thing::query()
                    .filter(|t| t.id.eq(thing.id))
                    .filter(|t| t.value.ne(&thing.value) | t.list.ne(&thing.list));
                prop_assert_eq!(repo.count(differing).await.map_err(fail)?, 0);
                if let Some(maybe) = &thing.maybe {
                    let found = repo.exists(Thing::query().filter(|t| t.id.eq(thing.id) & t.maybe.in_([maybe]))).await;
                    prop_assert!(found.map_err(fail)?, "not found by in_");
                }
                let changed = repo
                    .update(thing.clone().change(|t| (t.maybe.set(&thing.value), t.list.set(Vec::<$type>::new()))))
                    .await
                    .map_err(fail)?;
                let expected = Thing { maybe: Some(thing.value.clone()), list: vec![], ..thing };
                // What equals the old value is no change, though it may not be the same.
                prop_assert_eq!(&changed, &expected);
                same(&repo.find::<Thing>(expected.id).await.map_err(fail)?, &changed)
            }

            on_every_store! {
                async fn every_value_survives(store: Store) {
                    store.create(TABLE).await;
                    check(fields::<$type>(store.is_postgres()), async |fields| survives(&store.repo, fields).await);
                }
            }
        }
    )*};
}

round_trips! {
    bools: bool, "bool";
    i16s: i16, "i16";
    i32s: i32, "i32";
    i64s: i64, "i64";
    f32s: f32, "f32";
    f64s: f64, "f64";
    strings: String, "text";
    byte_strings: Vec<u8>, "bytes";
    uuids: Uuid, "uuid";
    dates: NaiveDate, "date";
    times_of_day: NaiveTime, "time";
    naive_times: NaiveDateTime, "datetime";
    utc_times: DateTime<Utc>, "timestamp";
    decimals: Decimal, "decimal";
    intervals: Interval, "interval";
    documents: Json, "json";
}
