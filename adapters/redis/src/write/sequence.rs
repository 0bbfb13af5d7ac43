//! Generated integer keys.

use crate::connection::Send;
use crate::layout::{Part, STORE, Table, key_of};
use crate::store::Store;
use peristyle_query::error::{DatabaseError, EncodeError, Error};
use peristyle_query::schema::FieldMeta;
use peristyle_query::value::{DataType, Value};
use redis::FromRedisValue;

/// The next keys, as many as are asked for.
///
/// # Errors
///
/// [`Error::Encode`] if the key's type has no more, and what the store refuses with.
pub(crate) async fn next(store: &Store, table: &Table, field: &FieldMeta, count: usize) -> Result<Vec<Value>, Error> {
    let Some(part) = part(table).filter(|_| count > 0) else { return Ok(Vec::new()) };
    let mut increment = redis::cmd("INCRBY");
    increment.arg(part.beside("/sequence")).arg(count);
    let answer = store.link.command(increment, Send::Write).await.map_err(|error| match &error {
        Error::Database(refused) if refused.message.contains("overflow") => {
            no_more(field, "the sequence is at its end")
        }
        _ => error,
    });
    let last = number(answer?)?;
    let first = last - i64::try_from(count).unwrap_or(i64::MAX) + 1;
    (first..=last).map(|key| value(field, key)).collect()
}

/// Moves the sequence up to the greatest key there is: keys that another program wrote are not in it.
pub(crate) async fn catch_up(store: &Store, table: &Table) -> Result<(), Error> {
    let mut greatest = 0;
    for part in table.parts() {
        let mut last = redis::cmd("ZREVRANGE");
        last.arg(part.beside("/keys")).arg(0).arg(0);
        let members: Vec<Vec<u8>> =
            Vec::from_redis_value(store.link.command(last, Send::Read).await?).unwrap_or_default();
        let key = members.first().and_then(|member| key_of(member)).and_then(|key| key.parse().ok());
        greatest = greatest.max(key.unwrap_or(0));
    }
    at_least(store, table, greatest).await
}

/// Moves the sequence up to a key that was given.
pub(crate) async fn at_least(store: &Store, table: &Table, least: i64) -> Result<(), Error> {
    let Some(part) = part(table) else { return Ok(()) };
    let key = part.beside("/sequence");
    let mut get = redis::cmd("GET");
    get.arg(&key);
    let last = Option::<i64>::from_redis_value(store.link.command(get, Send::Read).await?).ok().flatten().unwrap_or(0);
    // Others that move it meanwhile make it greater than it need be, which only leaves keys out.
    if let Some(missing) = least.checked_sub(last).filter(|missing| *missing > 0) {
        let mut increment = redis::cmd("INCRBY");
        increment.arg(&key).arg(missing);
        store.link.command(increment, Send::Write).await?;
    }
    Ok(())
}

/// The part that has the sequence.
fn part(table: &Table) -> Option<Part> {
    table.parts().next()
}

fn number(answer: redis::Value) -> Result<i64, Error> {
    i64::from_redis_value(answer).map_err(|_| {
        let message = "the sequence of a table is not a number".to_owned();
        DatabaseError { store: STORE, message, ..DatabaseError::default() }.into()
    })
}

fn value(field: &FieldMeta, key: i64) -> Result<Value, Error> {
    let value = match field.data_type {
        DataType::I16 => i16::try_from(key).ok().map(Value::I16),
        DataType::I32 => i32::try_from(key).ok().map(Value::I32),
        _ => Some(Value::I64(key)),
    };
    value.ok_or_else(|| no_more(field, &format!("the next one, {key}, is beyond its type")))
}

fn no_more(field: &FieldMeta, why: &str) -> Error {
    let reason = format!("there are no more keys of {}: {why}; give the rows keys", field.column);
    EncodeError { store: STORE, data_type: field.data_type, reason }.into()
}
