//! A column of a table that is made or altered.

use super::error::Mistake;
use crate::catalog::{Column, ColumnType, ForeignKey, Generated, Identity, ObjectName};
use std::panic::Location;

/// A column as it is written so far.
#[derive(Clone, Debug)]
pub(super) struct ColumnDraft {
    pub(super) column: Column,
    pub(super) primary_key: bool,
    pub(super) references: Option<ForeignKey>,
    pub(super) if_not_exists: bool,
    /// An index of its own: whether it is unique.
    pub(super) index: Option<bool>,
    pub(super) at: &'static Location<'static>,
    pub(super) mistakes: Vec<Mistake>,
}

impl ColumnDraft {
    pub(super) fn new(name: impl Into<String>, column_type: ColumnType, at: &'static Location<'static>) -> Self {
        ColumnDraft {
            column: Column::new(name, column_type),
            primary_key: false,
            references: None,
            if_not_exists: false,
            index: None,
            at,
            mistakes: Vec::new(),
        }
    }

    /// A column that points at a table: `user_id`, unless it is told otherwise.
    pub(super) fn reference(table: ObjectName, at: &'static Location<'static>) -> Self {
        let name = format!("{}_id", singular(&table.name));
        let key = super::reference::key(vec![name.clone()], table);
        ColumnDraft { references: Some(key), ..ColumnDraft::new(name, ColumnType::BigInt, at) }
    }

    pub(super) fn call(&self) -> String {
        match &self.references {
            Some(key) => format!("t.references(\"{}\")", key.table),
            None => format!("t.column(\"{}\")", self.column.name),
        }
    }

    pub(super) fn mistake(&mut self, message: impl Into<String>) {
        let mistake = Mistake::new(self.at, self.call(), message);
        self.mistakes.push(mistake);
    }
}

/// The singular of a table's name, as far as its ending says.
fn singular(name: &str) -> String {
    if let Some(stem) = name.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["sses", "xes", "ches", "shes", "zes"] {
        if name.ends_with(ending) {
            return name[..name.len() - 2].to_owned();
        }
    }
    match name.strip_suffix('s') {
        Some(stem) if !stem.ends_with(['s', 'u']) => stem.to_owned(),
        _ => name.to_owned(),
    }
}

/// A column, to be told more about.
pub struct ColumnBuilder<'a> {
    pub(super) draft: &'a mut ColumnDraft,
}

/// What columns and references can be told.
macro_rules! column_options {
    () => {
        /// Refuses NULL.
        pub fn not_null(self) -> Self {
            self.draft.column.nullable = false;
            self
        }

        /// Takes NULL, as columns do unless they are told otherwise.
        pub fn nullable(self) -> Self {
            self.draft.column.nullable = true;
            self
        }

        /// Makes it the primary key, or a part of it.
        pub fn primary_key(self) -> Self {
            self.draft.primary_key = true;
            self.draft.column.nullable = false;
            self
        }

        /// The value of rows that give none: a boolean, a number, a text, a list, a JSON document; `None::<i64>` is NULL.
        pub fn default(self, value: impl Into<$crate::catalog::Default>) -> Self {
            self.draft.column.default = Some(value.into());
            self
        }

        /// The expression of SQL for rows that give no value: `now()`.
        pub fn default_sql(self, expression: impl Into<String>) -> Self {
            self.default($crate::catalog::Default::Sql(expression.into()))
        }

        /// The comment in the database.
        pub fn comment(self, text: impl Into<String>) -> Self {
            self.draft.column.comment = Some(text.into());
            self
        }

        /// The collation, if not the type's own.
        pub fn collation(self, name: impl Into<String>) -> Self {
            self.draft.column.collation = Some(name.into());
            self
        }

        /// Gives it a unique index of the usual name: `users_email_index`.
        pub fn unique(self) -> Self {
            self.draft.index = Some(true);
            self
        }

        /// Gives it an index of the usual name: `posts_author_id_index`.
        pub fn index(self) -> Self {
            self.draft.index = self.draft.index.or(Some(false));
            self
        }

        /// In `alter_table`: a column of this name is left as it is.
        pub fn if_not_exists(self) -> Self {
            self.draft.if_not_exists = true;
            self
        }
    };
}
pub(super) use column_options;

impl ColumnBuilder<'_> {
    column_options!();

    /// The greatest length of a string.
    pub fn size(self, characters: u32) -> Self {
        match &mut self.draft.column.column_type {
            ColumnType::Varchar(length) => *length = characters,
            _ => self.draft.mistake("only a string has a size"),
        }
        self
    }

    /// The digits of a decimal, or those after the second of a time.
    pub fn precision(self, digits: u32) -> Self {
        match &mut self.draft.column.column_type {
            ColumnType::Decimal(precision) => *precision = Some((digits, precision.map_or(0, |(_, scale)| scale))),
            ColumnType::Time(precision) | ColumnType::DateTime(precision) | ColumnType::Timestamp(precision) => {
                *precision = Some(digits);
            }
            _ => self.draft.mistake("only a decimal, a time, a datetime and a timestamp have a precision"),
        }
        self
    }

    /// The digits after the point of a decimal, which needs its precision first.
    pub fn scale(self, digits: u32) -> Self {
        match &mut self.draft.column.column_type {
            ColumnType::Decimal(Some((_, scale))) => *scale = digits,
            ColumnType::Decimal(None) => self.draft.mistake("a scale needs a `.precision(digits)` before it"),
            _ => self.draft.mistake("only a decimal has a scale"),
        }
        self
    }

    /// Has the database number the rows; an INSERT may give a number of its own.
    pub fn identity(self) -> Self {
        self.draft.column.identity.get_or_insert_default();
        self.draft.column.nullable = false;
        self
    }

    /// Has the database number the rows; an INSERT may not give a number.
    pub fn identity_always(self) -> Self {
        self.draft.column.identity =
            Some(Identity { always: true, ..self.draft.column.identity.take().unwrap_or_default() });
        self.draft.column.nullable = false;
        self
    }

    /// The first number of an identity column.
    pub fn start(self, number: i64) -> Self {
        match &mut self.draft.column.identity {
            Some(identity) => identity.start = Some(number),
            None => self.draft.mistake("only an identity column has a first number; say `.identity()` before it"),
        }
        self
    }

    /// The distance of the numbers of an identity column.
    pub fn increment(self, number: i64) -> Self {
        match &mut self.draft.column.identity {
            Some(identity) => identity.increment = Some(number),
            None => self.draft.mistake("only an identity column has an increment; say `.identity()` before it"),
        }
        self
    }

    /// Has the database compute the column from the others of its row, and keep it.
    pub fn generated(self, expression: impl Into<String>) -> Self {
        self.draft.column.generated = Some(Generated { expression: expression.into(), stored: true });
        self
    }

    /// Has the database compute the column when it is read: on SQLite, and on Postgres from version 18.
    pub fn generated_virtual(self, expression: impl Into<String>) -> Self {
        self.draft.column.generated = Some(Generated { expression: expression.into(), stored: false });
        self
    }
}

/// The methods that add a column, for builders with `fn add(&mut self, ColumnDraft) -> &mut ColumnDraft`.
macro_rules! column_methods {
    ($($(#[$attribute:meta])* $method:ident => $column_type:expr;)*) => {
        $(
            $(#[$attribute])*
            #[track_caller]
            pub fn $method(&mut self, name: impl Into<String>) -> $crate::dsl::ColumnBuilder<'_> {
                self.column(name, $column_type)
            }
        )*

        /// A column of any type: one that every dialect has, or the text of the dialect's own, such as `"citext"`.
        #[track_caller]
        pub fn column(
            &mut self,
            name: impl Into<String>,
            column_type: impl Into<$crate::catalog::ColumnType>,
        ) -> $crate::dsl::ColumnBuilder<'_> {
            let at = std::panic::Location::caller();
            $crate::dsl::ColumnBuilder { draft: self.add($crate::dsl::column::ColumnDraft::new(name, column_type.into(), at)) }
        }

        /// The primary key `id`: a 64-bit number that the database gives.
        #[track_caller]
        pub fn id(&mut self) -> $crate::dsl::ColumnBuilder<'_> {
            self.big_integer("id").identity().primary_key()
        }

        /// A column of an enum type, by the type's name: `t.enumeration("status", "post_status")`. Text on SQLite.
        #[track_caller]
        pub fn enumeration(
            &mut self,
            name: impl Into<String>,
            type_name: impl Into<$crate::catalog::ObjectName>,
        ) -> $crate::dsl::ColumnBuilder<'_> {
            self.column(name, $crate::catalog::ColumnType::Enum(type_name.into()))
        }

        /// A list: `t.array("tags", ColumnType::Text)`. JSON text on SQLite.
        #[track_caller]
        pub fn array(
            &mut self,
            name: impl Into<String>,
            item: impl Into<$crate::catalog::ColumnType>,
        ) -> $crate::dsl::ColumnBuilder<'_> {
            self.column(name, $crate::catalog::ColumnType::Array(Box::new(item.into())))
        }

        /// A column that points at the `id` of a table, in the same database schema unless the name says another.
        ///
        /// For `users` it is called `user_id`, unless [`column`](crate::dsl::ReferenceBuilder::column) names it.
        #[track_caller]
        pub fn references(&mut self, table: impl Into<$crate::catalog::ObjectName>) -> $crate::dsl::ReferenceBuilder<'_> {
            let at = std::panic::Location::caller();
            $crate::dsl::ReferenceBuilder { draft: self.add($crate::dsl::column::ColumnDraft::reference(table.into(), at)) }
        }

        /// The columns `inserted_at` and `updated_at`: points in time that are never NULL.
        #[track_caller]
        pub fn timestamps(&mut self) {
            for name in ["inserted_at", "updated_at"] {
                self.timestamp(name).not_null();
            }
        }
    };
}
pub(super) use column_methods;

/// [`column_methods`] with the types that every dialect has.
macro_rules! typed_column_methods {
    () => {
        $crate::dsl::column::column_methods! {
            /// True or false.
            boolean => $crate::catalog::ColumnType::Boolean;
            /// A 16-bit number.
            small_integer => $crate::catalog::ColumnType::SmallInt;
            /// A 32-bit number.
            integer => $crate::catalog::ColumnType::Integer;
            /// A 64-bit number.
            big_integer => $crate::catalog::ColumnType::BigInt;
            /// A 32-bit number from a sequence of its own; prefer [`identity`](crate::dsl::ColumnBuilder::identity).
            serial => $crate::catalog::ColumnType::Serial;
            /// A 64-bit number from a sequence of its own; prefer [`identity`](crate::dsl::ColumnBuilder::identity).
            big_serial => $crate::catalog::ColumnType::BigSerial;
            /// A 32-bit float.
            real => $crate::catalog::ColumnType::Real;
            /// A 64-bit float.
            double => $crate::catalog::ColumnType::Double;
            /// An exact number; see [`precision`](crate::dsl::ColumnBuilder::precision) and [`scale`](crate::dsl::ColumnBuilder::scale).
            decimal => $crate::catalog::ColumnType::Decimal(None);
            /// A text of up to 255 characters; see [`size`](crate::dsl::ColumnBuilder::size).
            string => $crate::catalog::ColumnType::Varchar(255);
            /// A text of any length.
            text => $crate::catalog::ColumnType::Text;
            /// Bytes.
            binary => $crate::catalog::ColumnType::Binary;
            /// A UUID.
            uuid => $crate::catalog::ColumnType::Uuid;
            /// A date.
            date => $crate::catalog::ColumnType::Date;
            /// A time of day.
            time => $crate::catalog::ColumnType::Time(None);
            /// A date and a time without a zone.
            datetime => $crate::catalog::ColumnType::DateTime(None);
            /// A point in time.
            timestamp => $crate::catalog::ColumnType::Timestamp(None);
            /// A span of time.
            interval => $crate::catalog::ColumnType::Interval;
            /// A JSON document.
            json => $crate::catalog::ColumnType::Json;
        }
    };
}
pub(super) use typed_column_methods;

#[cfg(test)]
mod tests {
    use super::singular;

    #[test]
    fn a_reference_is_called_after_the_singular_of_its_table() {
        for (plural, one) in [
            ("users", "user"),
            ("categories", "category"),
            ("boxes", "box"),
            ("classes", "class"),
            ("status", "status"),
            ("news", "new"),
            ("sheep", "sheep"),
        ] {
            assert_eq!(singular(plural), one);
        }
    }
}
