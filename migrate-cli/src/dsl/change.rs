//! What of a column changes.

use super::reference::{self, reference_options};
use crate::catalog::{ColumnType, Default, ForeignKey, ObjectName};
use crate::operation::ColumnChange;

/// The `c` of `modify`: what of a column changes, or what it was.
pub struct ChangeBuilder {
    change: ColumnChange,
    mistakes: Vec<String>,
}

macro_rules! types {
    ($($(#[$attribute:meta])* $method:ident => $column_type:expr;)*) => {
        $(
            $(#[$attribute])*
            pub fn $method(self) -> Self {
                self.to($column_type)
            }
        )*
    };
}

impl ChangeBuilder {
    types! {
        /// True or false.
        boolean => ColumnType::Boolean;
        /// A 16-bit number.
        small_integer => ColumnType::SmallInt;
        /// A 32-bit number.
        integer => ColumnType::Integer;
        /// A 64-bit number.
        big_integer => ColumnType::BigInt;
        /// A 32-bit float.
        real => ColumnType::Real;
        /// A 64-bit float.
        double => ColumnType::Double;
        /// A text of any length.
        text => ColumnType::Text;
        /// Bytes.
        binary => ColumnType::Binary;
        /// A UUID.
        uuid => ColumnType::Uuid;
        /// A date.
        date => ColumnType::Date;
        /// A time of day.
        time => ColumnType::Time(None);
        /// A date and a time without a zone.
        datetime => ColumnType::DateTime(None);
        /// A point in time.
        timestamp => ColumnType::Timestamp(None);
        /// A span of time.
        interval => ColumnType::Interval;
        /// A JSON document.
        json => ColumnType::Json;
    }

    reference_options!();

    pub(super) fn new() -> Self {
        ChangeBuilder { change: ColumnChange::default(), mistakes: Vec::new() }
    }

    /// A text of so many characters at most.
    pub fn string(self, size: u32) -> Self {
        self.to(ColumnType::Varchar(size))
    }

    /// An exact number, of so many digits, so many of them after the point.
    pub fn decimal(self, precision: u32, scale: u32) -> Self {
        self.to(ColumnType::Decimal(Some((precision, scale))))
    }

    /// Any type: one that every dialect has, or the text of the dialect's own, such as `"citext"`.
    pub fn to(mut self, column_type: impl Into<ColumnType>) -> Self {
        self.change.column_type = Some(column_type.into());
        self
    }

    /// How values of the old type become those of the new one, in SQL, if not by a cast.
    pub fn using(mut self, sql: impl Into<String>) -> Self {
        self.change.using = Some(sql.into());
        self
    }

    /// The collation, together with the type.
    pub fn collation(mut self, name: impl Into<String>) -> Self {
        self.change.collation = Some(name.into());
        self
    }

    /// Refuses NULL.
    pub fn not_null(mut self) -> Self {
        self.change.nullable = Some(false);
        self
    }

    /// Takes NULL.
    pub fn nullable(mut self) -> Self {
        self.change.nullable = Some(true);
        self
    }

    /// The value of rows that give none.
    pub fn default(mut self, value: impl Into<Default>) -> Self {
        self.change.default = Some(Some(value.into()));
        self
    }

    /// The expression of SQL for rows that give no value.
    pub fn default_sql(self, expression: impl Into<String>) -> Self {
        self.default(Default::Sql(expression.into()))
    }

    /// Takes the default away.
    pub fn no_default(mut self) -> Self {
        self.change.default = Some(None);
        self
    }

    /// The comment in the database.
    pub fn comment(mut self, text: impl Into<String>) -> Self {
        self.change.comment = Some(Some(text.into()));
        self
    }

    /// Takes the comment away.
    pub fn no_comment(mut self) -> Self {
        self.change.comment = Some(None);
        self
    }

    /// Points at the `id` of a table. The type is a 64-bit number, unless it is said.
    pub fn references(mut self, table: impl Into<ObjectName>) -> Self {
        self.change.column_type.get_or_insert(ColumnType::BigInt);
        self.change.references = Some(Box::new(reference::key(vec![String::new()], table.into())));
        self
    }

    fn edit(mut self, change: impl FnOnce(&mut ForeignKey)) -> Self {
        match self.change.references.as_deref_mut() {
            Some(key) => change(key),
            None => {
                self.mistakes.push("what is said about a foreign key needs a `.references(table)` before it".into())
            }
        }
        self
    }

    pub(super) fn finish(mut self, column: &str, table: &ObjectName, messages: &mut Vec<String>) -> ColumnChange {
        messages.extend(self.mistakes.into_iter().map(|message| format!("column \"{column}\": {message}")));
        if let Some(key) = self.change.references.as_deref_mut() {
            if let Some(first) = key.columns.first_mut() {
                column.clone_into(first);
            }
            reference::complete(key, table);
        }
        self.change
    }
}
