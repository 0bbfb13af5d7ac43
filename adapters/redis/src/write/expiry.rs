//! When rows expire.

use crate::change::Expiry;
use crate::layout::StoredRow;
use peristyle_query::error::{Error, QueryError};
use peristyle_query::schema::SchemaMeta;
use peristyle_query::value::{DataType, Value};
use std::time::Duration;

/// The longest time to live: about 100,000 years. Scripts count exactly up to 2^53.
const LONGEST: i64 = 3_155_760_000_000_000;

/// When a row expires: by the call's own time to live, else by the field `expires_at`, else by the schema.
///
/// # Errors
///
/// [`Error::Query`] for a time to live of less than a millisecond, or of more than 100,000 years; [`Error::Decode`] if the field is
/// not of its type.
pub(crate) fn expiry(schema: &'static SchemaMeta, ttl: Option<Duration>, row: &StoredRow) -> Result<Expiry, Error> {
    if let Some(ttl) = ttl {
        return after(schema, ttl);
    }
    let field = schema.stored_fields().map(|(_, field)| field);
    let mut field = field.filter(|field| field.name == "expires_at" && field.data_type == DataType::Timestamp);
    if let Some(field) = field.next() {
        return Ok(match row.value(field)? {
            Value::Timestamp(time) => Expiry::At(time.timestamp_millis()),
            _ => Expiry::Never,
        });
    }
    schema.ttl.map_or(Ok(Expiry::Never), |ttl| after(schema, ttl))
}

fn after(schema: &SchemaMeta, ttl: Duration) -> Result<Expiry, Error> {
    let refuse = |what: &str| -> Error {
        QueryError::new(format!("the time to live {ttl:?} of a row of {} is {what}", schema.name)).into()
    };
    match i64::try_from(ttl.as_millis()) {
        Ok(0) => Err(refuse("less than a millisecond: give it a longer one, or delete the row")),
        Ok(millis) if millis <= LONGEST => Ok(Expiry::After(millis)),
        _ => Err(refuse("longer than 100,000 years: leave it out")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static PLAIN: SchemaMeta = SchemaMeta::new("Plain", "plain");

    fn row() -> StoredRow {
        StoredRow::parse(&PLAIN, "{}").unwrap()
    }

    #[test]
    fn a_time_to_live_that_cannot_be_counted_is_an_error() {
        for ttl in [Duration::ZERO, Duration::from_micros(999), Duration::MAX, Duration::from_secs(u64::MAX / 1000)] {
            let error = expiry(&PLAIN, Some(ttl), &row()).unwrap_err();
            assert!(matches!(error, Error::Query(_)), "{ttl:?}: {error}");
        }
        assert_eq!(expiry(&PLAIN, Some(Duration::from_millis(1)), &row()).unwrap(), Expiry::After(1));
        assert_eq!(expiry(&PLAIN, None, &row()).unwrap(), Expiry::Never);
    }
}
