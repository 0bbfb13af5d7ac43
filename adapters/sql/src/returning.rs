//! RETURNING: the columns of the target table that a write gives back.

use peristyle_query::schema::FieldMeta;
use sea_query::{Returning, ReturningClause};

/// The columns that are read back, if any. They carry no alias, since only the target table can be meant.
pub(crate) fn returning(fields: &[&'static FieldMeta]) -> Option<ReturningClause> {
    (!fields.is_empty()).then(|| Returning::new().columns(fields.iter().map(|field| field.column)))
}
