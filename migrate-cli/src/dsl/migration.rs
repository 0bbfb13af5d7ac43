//! The `m` of a Rust migration.

use super::alter::{AlterBuilder, DropConstraintBuilder, drop_constraint};
use super::constraint::{self, ConstraintBuilder, ForeignKeyBuilder, strings};
use super::data::{DataBuilder, DataStep};
use super::error::Mistake;
use super::index::{self, IndexBuilder};
use super::table::TableBuilder;
use crate::catalog::{Index, IndexColumn, ObjectName};
use crate::operation::{Alteration, Constraint, Operation};
use peristyle_query::error::Error;
use peristyle_query::repo::Repo;
use std::future::Future;
use std::panic::Location;

/// What a Rust migration does: its calls are recorded, and run when all of it is known to be sound.
#[derive(Default)]
pub struct Migration {
    pub(super) entries: Vec<Entry>,
    pub(super) mistakes: Vec<Mistake>,
    pub(super) nothing: bool,
}

/// A call that was recorded.
pub(super) struct Entry {
    pub(super) operation: Operation,
    pub(super) data: Option<DataStep>,
    /// The way back of a data step; the outer `None` is "not known".
    pub(super) data_down: Option<Option<DataStep>>,
    pub(super) at: &'static Location<'static>,
    /// What is wrong with what a builder was told.
    pub(super) messages: Vec<String>,
}

impl Migration {
    pub(super) fn push(&mut self, operation: Operation, at: &'static Location<'static>) -> &mut Entry {
        let position = self.entries.len();
        self.entries.push(Entry { operation, data: None, data_down: None, at, messages: Vec::new() });
        &mut self.entries[position]
    }

    /// Makes a table: `m.create_table("posts", |t| { t.id(); })`.
    ///
    /// A prefix is written before the name: `"blog.posts"`. References without one are in the same.
    #[track_caller]
    pub fn create_table(&mut self, name: impl Into<ObjectName>, table: impl FnOnce(&mut TableBuilder)) {
        self.create(name.into(), false, table, Location::caller());
    }

    /// Makes a table, unless there is one of this name. The way back drops it in both cases.
    #[track_caller]
    pub fn create_table_if_not_exists(&mut self, name: impl Into<ObjectName>, table: impl FnOnce(&mut TableBuilder)) {
        self.create(name.into(), true, table, Location::caller());
    }

    fn create(
        &mut self,
        name: ObjectName,
        if_not_exists: bool,
        build: impl FnOnce(&mut TableBuilder),
        at: &'static Location<'static>,
    ) {
        let mut builder = TableBuilder::new(name.clone());
        build(&mut builder);
        let table = Box::new(builder.finish(&format!("m.create_table(\"{name}\")"), at, &mut self.mistakes));
        self.push(Operation::CreateTable { table, if_not_exists }, at);
    }

    /// Changes a table: `m.alter_table("posts", |t| { t.text("summary"); })`.
    #[track_caller]
    pub fn alter_table(&mut self, name: impl Into<ObjectName>, changes: impl FnOnce(&mut AlterBuilder)) {
        let (name, at) = (name.into(), Location::caller());
        let mut builder = AlterBuilder::new(name.clone());
        changes(&mut builder);
        for operation in builder.finish(&format!("m.alter_table(\"{name}\")"), at, &mut self.mistakes) {
            self.push(operation, at);
        }
    }

    /// Drops a table. The way back needs what it was: `.reversible(|t| ..)`.
    #[track_caller]
    pub fn drop_table(&mut self, name: impl Into<ObjectName>) -> DropTableBuilder<'_> {
        let at = Location::caller();
        let operation = Operation::DropTable { name: name.into(), if_exists: false, cascade: false, table: None };
        self.push(operation, at);
        DropTableBuilder { migration: self, at }
    }

    /// Renames a table; the new name is in the same database schema.
    #[track_caller]
    pub fn rename_table(&mut self, from: impl Into<ObjectName>, to: impl Into<String>) {
        self.push(Operation::RenameTable { from: from.into(), to: to.into() }, Location::caller());
    }

    /// Renames a column.
    #[track_caller]
    pub fn rename_column(&mut self, table: impl Into<ObjectName>, from: impl Into<String>, to: impl Into<String>) {
        let change = Alteration::RenameColumn { from: from.into(), to: to.into() };
        self.alter(table, change, Location::caller());
    }

    /// Makes an index: `m.create_index("posts", ["author_id", "inserted_at"])`.
    ///
    /// A column with an order is a pair: `[("inserted_at", Desc)]`. For expressions alone begin with `NO_COLUMNS`.
    #[track_caller]
    pub fn create_index<C: Into<IndexColumn>>(
        &mut self,
        table: impl Into<ObjectName>,
        columns: impl IntoIterator<Item = C>,
    ) -> IndexBuilder<'_> {
        let index = Box::new(index::draft(columns));
        let operation =
            Operation::CreateIndex { table: table.into(), index, concurrently: false, if_not_exists: false };
        let entry = self.push(operation, Location::caller());
        let mistakes = Some(&mut entry.messages);
        match &mut entry.operation {
            Operation::CreateIndex { index, concurrently, if_not_exists, .. } => {
                IndexBuilder { index: Some(index), flags: Some((concurrently, if_not_exists)), mistakes }
            }
            _ => IndexBuilder { index: None, flags: None, mistakes },
        }
    }

    /// Drops an index, by its name. The way back needs what it was on: `.was(["title"])`.
    #[track_caller]
    pub fn drop_index(&mut self, table: impl Into<ObjectName>, name: impl Into<String>) -> DropIndexBuilder<'_> {
        let operation = Operation::DropIndex {
            table: table.into(),
            name: name.into(),
            concurrently: false,
            if_exists: false,
            cascade: false,
            index: None,
        };
        DropIndexBuilder { entry: self.push(operation, Location::caller()) }
    }

    /// Renames an index.
    #[track_caller]
    pub fn rename_index(&mut self, table: impl Into<ObjectName>, from: impl Into<String>, to: impl Into<String>) {
        self.push(Operation::RenameIndex { table: table.into(), from: from.into(), to: to.into() }, Location::caller());
    }

    /// Adds a condition that every row holds: `m.create_check("products", "price_is_positive", "price > 0")`.
    #[track_caller]
    pub fn create_check(
        &mut self,
        table: impl Into<ObjectName>,
        name: impl Into<String>,
        condition: impl Into<String>,
    ) -> ConstraintBuilder<'_> {
        self.constrain(table.into(), constraint::check(name, condition), Location::caller())
    }

    /// Adds a constraint that no two rows agree in these columns, called `users_email_key` unless it is named.
    #[track_caller]
    pub fn create_unique<C: Into<String>>(
        &mut self,
        table: impl Into<ObjectName>,
        columns: impl IntoIterator<Item = C>,
    ) -> ConstraintBuilder<'_> {
        self.constrain(table.into(), constraint::unique(strings(columns)), Location::caller())
    }

    /// Adds a constraint that no two rows overlap: `m.create_exclusion("stays", "no_overlap", "USING gist (during WITH &&)")`.
    #[track_caller]
    pub fn create_exclusion(
        &mut self,
        table: impl Into<ObjectName>,
        name: impl Into<String>,
        definition: impl Into<String>,
    ) -> ConstraintBuilder<'_> {
        self.constrain(table.into(), constraint::exclusion(name, definition), Location::caller())
    }

    /// Adds a foreign key: `m.create_foreign_key("posts", ["author_id"], "users")`.
    #[track_caller]
    pub fn create_foreign_key<C: Into<String>>(
        &mut self,
        table: impl Into<ObjectName>,
        columns: impl IntoIterator<Item = C>,
        references: impl Into<ObjectName>,
    ) -> ForeignKeyBuilder<'_> {
        let key = constraint::foreign_key(strings(columns), references.into());
        ForeignKeyBuilder { constraint: self.constrain(table.into(), key, Location::caller()).constraint }
    }

    /// Checks the rows from before a constraint that was added as not valid.
    #[track_caller]
    pub fn validate_constraint(&mut self, table: impl Into<ObjectName>, name: impl Into<String>) {
        self.alter(table, Alteration::ValidateConstraint { name: name.into() }, Location::caller());
    }

    /// Renames a constraint.
    #[track_caller]
    pub fn rename_constraint(&mut self, table: impl Into<ObjectName>, from: impl Into<String>, to: impl Into<String>) {
        let change = Alteration::RenameConstraint { from: from.into(), to: to.into() };
        self.alter(table, change, Location::caller());
    }

    /// Drops a constraint. The way back needs what it was: `.was_check("price > 0")` and its likes.
    #[track_caller]
    pub fn drop_constraint(
        &mut self,
        table: impl Into<ObjectName>,
        name: impl Into<String>,
    ) -> DropConstraintBuilder<'_> {
        let entry = self.alter(table, drop_constraint(name.into()), Location::caller());
        DropConstraintBuilder { change: only_change(&mut entry.operation) }
    }

    /// Changes data with the program's own code, in its place among the other steps and inside their transaction.
    ///
    /// Write it with plain queries: the schemas of the program may be those of a later version.
    #[track_caller]
    pub fn data<F, Fut>(&mut self, body: F) -> DataBuilder<'_>
    where
        F: AsyncFn(Repo) -> Result<(), Error> + Fn(Repo) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let at = Location::caller();
        let operation = Operation::Execute { subject: "data step".to_owned(), up: Vec::new(), down: None };
        let entry = self.push(operation, at);
        entry.data = Some(DataStep::new(body, at));
        DataBuilder { entry }
    }

    /// Says that nothing is to be done, for a `down` that keeps what `up` made.
    pub fn nothing(&mut self) {
        self.nothing = true;
    }

    pub(super) fn alter(
        &mut self,
        table: impl Into<ObjectName>,
        change: Alteration,
        at: &'static Location<'static>,
    ) -> &mut Entry {
        self.push(Operation::AlterTable { name: table.into(), changes: vec![change] }, at)
    }

    fn constrain(
        &mut self,
        table: ObjectName,
        constraint: Constraint,
        at: &'static Location<'static>,
    ) -> ConstraintBuilder<'_> {
        let Entry { operation, messages, .. } = self.alter(table, Alteration::AddConstraint(constraint), at);
        let constraint = match only_change(operation) {
            Some(Alteration::AddConstraint(constraint)) => Some(constraint),
            _ => None,
        };
        ConstraintBuilder { constraint, mistakes: messages }
    }
}

fn only_change(operation: &mut Operation) -> Option<&mut Alteration> {
    match operation {
        Operation::AlterTable { changes, .. } => changes.last_mut(),
        _ => None,
    }
}

/// A table that is dropped, to be told more about.
pub struct DropTableBuilder<'a> {
    migration: &'a mut Migration,
    at: &'static Location<'static>,
}

impl DropTableBuilder<'_> {
    /// Lets it be missing.
    pub fn if_exists(mut self) -> Self {
        if let Some(Operation::DropTable { if_exists, .. }) = self.operation() {
            *if_exists = true;
        }
        self
    }

    /// Drops what depends on it along: views, and the foreign keys that point at it.
    pub fn cascade(mut self) -> Self {
        if let Some(Operation::DropTable { cascade, .. }) = self.operation() {
            *cascade = true;
        }
        self
    }

    /// What it was: the way back makes it again, without its rows.
    pub fn reversible(mut self, build: impl FnOnce(&mut TableBuilder)) {
        let at = self.at;
        let Some(Operation::DropTable { name, .. }) = self.operation() else { return };
        let name = name.clone();
        let mut builder = TableBuilder::new(name.clone());
        build(&mut builder);
        let call = format!("m.drop_table(\"{name}\")");
        let made = Box::new(builder.finish(&call, at, &mut self.migration.mistakes));
        if let Some(Operation::DropTable { table, .. }) = self.operation() {
            *table = Some(made);
        }
    }

    fn operation(&mut self) -> Option<&mut Operation> {
        self.migration.entries.last_mut().map(|entry| &mut entry.operation)
    }
}

/// An index that is dropped, to be told more about.
pub struct DropIndexBuilder<'a> {
    entry: &'a mut Entry,
}

impl<'a> DropIndexBuilder<'a> {
    /// Lets it be missing.
    pub fn if_exists(self) -> Self {
        if let Operation::DropIndex { if_exists, .. } = &mut self.entry.operation {
            *if_exists = true;
        }
        self
    }

    /// Drops what depends on it along.
    pub fn cascade(self) -> Self {
        if let Operation::DropIndex { cascade, .. } = &mut self.entry.operation {
            *cascade = true;
        }
        self
    }

    /// Lets writes go on meanwhile. The migration must say `no_transaction`.
    pub fn concurrently(self) -> Self {
        if let Operation::DropIndex { concurrently, .. } = &mut self.entry.operation {
            *concurrently = true;
        }
        self
    }

    /// What it was on: the way back makes it again. What follows tells more about that index.
    pub fn was<C: Into<IndexColumn>>(self, columns: impl IntoIterator<Item = C>) -> IndexBuilder<'a> {
        let mistakes = Some(&mut self.entry.messages);
        match &mut self.entry.operation {
            Operation::DropIndex { name, index, .. } => {
                let former = Index { name: name.clone(), ..index::draft(columns) };
                IndexBuilder { index: Some(index.insert(Box::new(former))), flags: None, mistakes }
            }
            _ => IndexBuilder { index: None, flags: None, mistakes },
        }
    }
}
