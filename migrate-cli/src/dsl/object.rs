//! What a migration does besides tables: enums, views, extensions, schemas, comments, and SQL of its own.

use super::migration::{Entry, Migration};
use crate::catalog::{EnumType, Extension, Index, ObjectName, View};
use crate::operation::{Commented, Operation};
use std::panic::Location;

impl Migration {
    /// Makes an enum type. On SQLite, columns of it are text with a check of the values.
    #[track_caller]
    pub fn create_enum<V: Into<String>>(&mut self, name: impl Into<ObjectName>, values: impl IntoIterator<Item = V>) {
        let values = values.into_iter().map(Into::into).collect();
        self.push(Operation::CreateEnum(EnumType { name: name.into(), values }), Location::caller());
    }

    /// Drops an enum type. The way back needs its values: `.was(["draft", "live"])`.
    #[track_caller]
    pub fn drop_enum(&mut self, name: impl Into<ObjectName>) -> DropEnumBuilder<'_> {
        let operation = Operation::DropEnum { name: name.into(), if_exists: false, values: None };
        DropEnumBuilder { entry: self.push(operation, Location::caller()) }
    }

    /// Adds a value to an enum type, as the last unless `.before(value)` says otherwise. There is no way back.
    #[track_caller]
    pub fn add_enum_value(&mut self, name: impl Into<ObjectName>, value: impl Into<String>) -> EnumValueBuilder<'_> {
        let operation =
            Operation::AddEnumValue { name: name.into(), value: value.into(), before: None, if_not_exists: false };
        EnumValueBuilder { entry: self.push(operation, Location::caller()) }
    }

    /// Renames a value of an enum type.
    #[track_caller]
    pub fn rename_enum_value(&mut self, name: impl Into<ObjectName>, from: impl Into<String>, to: impl Into<String>) {
        let operation = Operation::RenameEnumValue { name: name.into(), from: from.into(), to: to.into() };
        self.push(operation, Location::caller());
    }

    /// Renames an enum type; the new name is in the same database schema.
    #[track_caller]
    pub fn rename_enum(&mut self, from: impl Into<ObjectName>, to: impl Into<String>) {
        self.push(Operation::RenameEnum { from: from.into(), to: to.into() }, Location::caller());
    }

    /// Makes a view of a query.
    #[track_caller]
    pub fn create_view(&mut self, name: impl Into<ObjectName>, query: impl Into<String>) {
        let view = view(name.into(), query.into(), false);
        self.push(Operation::CreateView { view, replaces: None }, Location::caller());
    }

    /// Gives a view another query; the way back gives it the one that it had.
    #[track_caller]
    pub fn replace_view(&mut self, name: impl Into<ObjectName>, query: impl Into<String>, had: impl Into<String>) {
        let view = view(name.into(), query.into(), false);
        self.push(Operation::CreateView { view, replaces: Some(had.into()) }, Location::caller());
    }

    /// Makes a view that keeps its rows, on Postgres. `create_index` makes its indexes.
    #[track_caller]
    pub fn create_materialized_view(&mut self, name: impl Into<ObjectName>, query: impl Into<String>) {
        let view = view(name.into(), query.into(), true);
        self.push(Operation::CreateView { view, replaces: None }, Location::caller());
    }

    /// Drops a view. The way back needs its query: `.was("SELECT ..")`.
    #[track_caller]
    pub fn drop_view(&mut self, name: impl Into<ObjectName>) -> DropViewBuilder<'_> {
        DropViewBuilder { entry: self.push(drop_view(name.into(), false), Location::caller()) }
    }

    /// Drops a materialized view. The way back needs its query: `.was("SELECT ..")`.
    #[track_caller]
    pub fn drop_materialized_view(&mut self, name: impl Into<ObjectName>) -> DropViewBuilder<'_> {
        DropViewBuilder { entry: self.push(drop_view(name.into(), true), Location::caller()) }
    }

    /// Makes an extension of Postgres, unless it is there.
    #[track_caller]
    pub fn create_extension(&mut self, name: impl Into<String>) {
        self.push(Operation::CreateExtension(Extension { name: name.into(), schema: None }), Location::caller());
    }

    /// Makes an extension of Postgres in a database schema, unless it is there.
    #[track_caller]
    pub fn create_extension_in(&mut self, schema: impl Into<String>, name: impl Into<String>) {
        let extension = Extension { name: name.into(), schema: Some(schema.into()) };
        self.push(Operation::CreateExtension(extension), Location::caller());
    }

    /// Drops an extension of Postgres.
    #[track_caller]
    pub fn drop_extension(&mut self, name: impl Into<String>) {
        self.push(Operation::DropExtension(Extension { name: name.into(), schema: None }), Location::caller());
    }

    /// Makes a database schema of Postgres.
    #[track_caller]
    pub fn create_schema(&mut self, name: impl Into<String>) {
        self.push(Operation::CreateSchema { name: name.into(), if_not_exists: false }, Location::caller());
    }

    /// Makes a database schema of Postgres, unless it is there. The way back drops it in both cases.
    #[track_caller]
    pub fn create_schema_if_not_exists(&mut self, name: impl Into<String>) {
        self.push(Operation::CreateSchema { name: name.into(), if_not_exists: true }, Location::caller());
    }

    /// Drops a database schema of Postgres, which must be empty unless it is told `.cascade()`.
    #[track_caller]
    pub fn drop_schema(&mut self, name: impl Into<String>) -> DropSchemaBuilder<'_> {
        let operation = Operation::DropSchema { name: name.into(), if_exists: false, cascade: false };
        DropSchemaBuilder { entry: self.push(operation, Location::caller()) }
    }

    /// Runs a statement. The way back needs another: `.down(sql)`, or `.down_nothing()`.
    #[track_caller]
    pub fn execute(&mut self, sql: impl Into<String>) -> ExecuteBuilder<'_> {
        self.run(String::new(), vec![sql.into()], Location::caller())
    }

    /// Runs statements, in order.
    #[track_caller]
    pub fn execute_all<S: Into<String>>(&mut self, statements: impl IntoIterator<Item = S>) -> ExecuteBuilder<'_> {
        let statements = statements.into_iter().map(Into::into).collect();
        self.run(String::new(), statements, Location::caller())
    }

    /// Makes a function by its statement: `m.create_function("touch", "CREATE FUNCTION ..").down("DROP FUNCTION touch()")`.
    #[track_caller]
    pub fn create_function(&mut self, name: &str, sql: impl Into<String>) -> ExecuteBuilder<'_> {
        self.run(format!("the function {name}"), vec![sql.into()], Location::caller())
    }

    /// Makes a trigger by its statement; the way back is a `.down("DROP TRIGGER ..")`.
    #[track_caller]
    pub fn create_trigger(&mut self, name: &str, sql: impl Into<String>) -> ExecuteBuilder<'_> {
        self.run(format!("the trigger {name}"), vec![sql.into()], Location::caller())
    }

    /// Makes a partition by its statement; the way back is a `.down("DROP TABLE ..")`.
    #[track_caller]
    pub fn create_partition(&mut self, name: &str, sql: impl Into<String>) -> ExecuteBuilder<'_> {
        self.run(format!("the partition {name}"), vec![sql.into()], Location::caller())
    }

    fn run(&mut self, subject: String, up: Vec<String>, at: &'static Location<'static>) -> ExecuteBuilder<'_> {
        ExecuteBuilder { entry: self.push(Operation::Execute { subject, up, down: None }, at) }
    }

    /// Writes the comment of a table. The way back needs the former one.
    #[track_caller]
    pub fn comment_on_table(&mut self, table: impl Into<ObjectName>, text: impl Into<String>) -> CommentBuilder<'_> {
        self.write_comment(Commented::Table(table.into()), text.into(), Location::caller())
    }

    /// Writes the comment of a column. The way back needs the former one.
    #[track_caller]
    pub fn comment_on_column(
        &mut self,
        table: impl Into<ObjectName>,
        column: impl Into<String>,
        text: impl Into<String>,
    ) -> CommentBuilder<'_> {
        self.write_comment(Commented::Column(table.into(), column.into()), text.into(), Location::caller())
    }

    /// Writes the comment of an index, whose prefix is that of its table. The way back needs the former one.
    #[track_caller]
    pub fn comment_on_index(&mut self, index: impl Into<ObjectName>, text: impl Into<String>) -> CommentBuilder<'_> {
        self.write_comment(Commented::Index(index.into()), text.into(), Location::caller())
    }

    /// Writes the comment of a constraint. The way back needs the former one.
    #[track_caller]
    pub fn comment_on_constraint(
        &mut self,
        table: impl Into<ObjectName>,
        name: impl Into<String>,
        text: impl Into<String>,
    ) -> CommentBuilder<'_> {
        self.write_comment(Commented::Constraint(table.into(), name.into()), text.into(), Location::caller())
    }

    fn write_comment(&mut self, on: Commented, text: String, at: &'static Location<'static>) -> CommentBuilder<'_> {
        CommentBuilder { entry: self.push(Operation::Comment { on, text: Some(text), from: None }, at) }
    }
}

fn view(name: ObjectName, query: String, materialized: bool) -> View {
    View { name, query, materialized, indexes: Vec::<Index>::new() }
}

fn drop_view(name: ObjectName, materialized: bool) -> Operation {
    Operation::DropView { name, materialized, if_exists: false, cascade: false, view: None }
}

/// An enum type that is dropped, to be told more about.
pub struct DropEnumBuilder<'a> {
    entry: &'a mut Entry,
}

impl DropEnumBuilder<'_> {
    /// Lets it be missing.
    pub fn if_exists(self) -> Self {
        if let Operation::DropEnum { if_exists, .. } = &mut self.entry.operation {
            *if_exists = true;
        }
        self
    }

    /// The values that it had: the way back.
    pub fn was<V: Into<String>>(self, had: impl IntoIterator<Item = V>) {
        if let Operation::DropEnum { values, .. } = &mut self.entry.operation {
            *values = Some(had.into_iter().map(Into::into).collect());
        }
    }
}

/// A value that an enum type is given, to be told more about.
pub struct EnumValueBuilder<'a> {
    entry: &'a mut Entry,
}

impl EnumValueBuilder<'_> {
    /// The value that it comes before.
    pub fn before(self, other: impl Into<String>) -> Self {
        if let Operation::AddEnumValue { before, .. } = &mut self.entry.operation {
            *before = Some(other.into());
        }
        self
    }

    /// Lets it be there.
    pub fn if_not_exists(self) -> Self {
        if let Operation::AddEnumValue { if_not_exists, .. } = &mut self.entry.operation {
            *if_not_exists = true;
        }
        self
    }
}

/// A view that is dropped, to be told more about.
pub struct DropViewBuilder<'a> {
    entry: &'a mut Entry,
}

impl DropViewBuilder<'_> {
    /// Lets it be missing.
    pub fn if_exists(self) -> Self {
        if let Operation::DropView { if_exists, .. } = &mut self.entry.operation {
            *if_exists = true;
        }
        self
    }

    /// Drops what depends on it along.
    pub fn cascade(self) -> Self {
        if let Operation::DropView { cascade, .. } = &mut self.entry.operation {
            *cascade = true;
        }
        self
    }

    /// The query that it had: the way back.
    pub fn was(self, query: impl Into<String>) {
        if let Operation::DropView { name, materialized, view: former, .. } = &mut self.entry.operation {
            *former = Some(view(name.clone(), query.into(), *materialized));
        }
    }
}

/// A database schema that is dropped, to be told more about.
pub struct DropSchemaBuilder<'a> {
    entry: &'a mut Entry,
}

impl DropSchemaBuilder<'_> {
    /// Lets it be missing.
    pub fn if_exists(self) -> Self {
        if let Operation::DropSchema { if_exists, .. } = &mut self.entry.operation {
            *if_exists = true;
        }
        self
    }

    /// Drops what is in it along. There is no way back from that.
    pub fn cascade(self) -> Self {
        if let Operation::DropSchema { cascade, .. } = &mut self.entry.operation {
            *cascade = true;
        }
        self
    }
}

/// Statements of the author's own, to be told their way back.
pub struct ExecuteBuilder<'a> {
    entry: &'a mut Entry,
}

impl ExecuteBuilder<'_> {
    /// The statement that undoes them.
    pub fn down(self, sql: impl Into<String>) {
        self.down_all([sql]);
    }

    /// The statements that undo them, in order.
    pub fn down_all<S: Into<String>>(self, statements: impl IntoIterator<Item = S>) {
        if let Operation::Execute { down, .. } = &mut self.entry.operation {
            *down = Some(statements.into_iter().map(Into::into).collect());
        }
    }

    /// Leaves on the way back what they made.
    pub fn down_nothing(self) {
        self.down_all(Vec::<String>::new());
    }
}

/// A comment, to be told what it replaces.
pub struct CommentBuilder<'a> {
    entry: &'a mut Entry,
}

impl CommentBuilder<'_> {
    /// The comment that was there: the way back.
    pub fn from(self, former: impl Into<String>) {
        self.former(Some(former.into()));
    }

    /// There was no comment: the way back takes this one away.
    pub fn from_none(self) {
        self.former(None);
    }

    fn former(self, text: Option<String>) {
        if let Operation::Comment { from, .. } = &mut self.entry.operation {
            *from = Some(text);
        }
    }
}
