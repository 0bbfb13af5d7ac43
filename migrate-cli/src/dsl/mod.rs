//! Migrations in Rust: the builder behind [`migration!`](crate::migration!).

mod alter;
mod change;
mod column;
mod complete;
mod constraint;
mod data;
mod error;
mod index;
mod macros;
mod migration;
mod object;
mod record;
mod reference;
mod table;
mod values;

#[cfg(test)]
mod tests;

pub use alter::{AlterBuilder, DropColumnBuilder, DropConstraintBuilder, ModifyBuilder};
pub use change::ChangeBuilder;
pub use column::ColumnBuilder;
pub use constraint::{ConstraintBuilder, ForeignKeyBuilder};
pub use data::{DataBuilder, DataStep};
pub use error::{DslError, Mistake};
pub use index::IndexBuilder;
pub use migration::{DropIndexBuilder, DropTableBuilder, Migration};
pub use object::{
    CommentBuilder, DropEnumBuilder, DropSchemaBuilder, DropViewBuilder, EnumValueBuilder, ExecuteBuilder,
};
pub use record::{Recorded, RustMigration, Settings, Step, record, record_both};
pub use reference::ReferenceBuilder;
pub use table::TableBuilder;

/// The columns of an index that is on expressions alone: `m.create_index("users", NO_COLUMNS).expression("lower(email)")`.
pub const NO_COLUMNS: [&str; 0] = [];

/// What the body of a [`migration!`](crate::migration!) can name without importing it.
pub mod prelude {
    pub use super::NO_COLUMNS;
    pub use crate::catalog::ColumnType;
    pub use crate::catalog::Direction::{Asc, AscNullsFirst, AscNullsLast, Desc, DescNullsFirst, DescNullsLast};
    pub use crate::catalog::ReferentialAction::{
        Cascade, Nothing, Restrict, SetDefault, SetDefaultColumns, SetNull, SetNullColumns,
    };
}
