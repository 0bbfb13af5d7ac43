//! A table that is altered.

use super::change::ChangeBuilder;
use super::column::{ColumnBuilder, ColumnDraft, typed_column_methods};
use super::constraint::{self, ConstraintBuilder, constraint_methods};
use super::error::Mistake;
use super::index::{self, IndexBuilder};
use super::reference::{self, ReferenceBuilder};
use super::table::own_index;
use crate::catalog::{ColumnType, ForeignKey, Index, ObjectName};
use crate::operation::{Alteration, ColumnChange, Commented, Constraint, Operation};
use std::panic::Location;

/// The `t` of `alter_table`: the changes of a table, in order. Column methods add a column.
pub struct AlterBuilder {
    table: ObjectName,
    order: Vec<Slot>,
    columns: Vec<ColumnDraft>,
    constraints: Vec<Constraint>,
    drops: Vec<Drop>,
    modified: Vec<(String, Vec<ColumnChange>)>,
    indexes: Vec<Index>,
    comment: Option<Option<String>>,
    messages: Vec<String>,
}

enum Slot {
    Add(usize),
    Constraint(usize),
    Drop(usize),
    Modify(usize),
    Other(Box<Alteration>),
}

/// A column that is dropped, and what it was.
struct Drop {
    name: String,
    if_exists: bool,
    was: Option<ColumnDraft>,
}

impl AlterBuilder {
    typed_column_methods!();
    constraint_methods!();

    pub(super) fn new(table: ObjectName) -> Self {
        AlterBuilder {
            table,
            order: Vec::new(),
            columns: Vec::new(),
            constraints: Vec::new(),
            drops: Vec::new(),
            modified: Vec::new(),
            indexes: Vec::new(),
            comment: None,
            messages: Vec::new(),
        }
    }

    /// Changes a column; what is not said stays: `t.modify("title", |c| c.text().not_null())`.
    ///
    /// The way back needs what it was: `.from(|c| c.string(255).nullable())`.
    pub fn modify(
        &mut self,
        column: impl Into<String>,
        change: impl FnOnce(ChangeBuilder) -> ChangeBuilder,
    ) -> ModifyBuilder<'_> {
        let name = column.into();
        let to = change(ChangeBuilder::new()).finish(&name, &self.table, &mut self.messages);
        self.order.push(Slot::Modify(self.modified.len()));
        self.modified.push((name, vec![to]));
        ModifyBuilder { table: self }
    }

    /// Drops a column. The way back needs what it was: `.was(ColumnType::Text)`.
    #[track_caller]
    pub fn drop_column(&mut self, name: impl Into<String>) -> DropColumnBuilder<'_> {
        self.order.push(Slot::Drop(self.drops.len()));
        let at = self.drops.len();
        self.drops.push(Drop { name: name.into(), if_exists: false, was: None });
        DropColumnBuilder { drop: &mut self.drops[at] }
    }

    /// Renames a column.
    pub fn rename_column(&mut self, from: impl Into<String>, to: impl Into<String>) {
        self.order.push(Slot::Other(Box::new(Alteration::RenameColumn { from: from.into(), to: to.into() })));
    }

    /// Checks the rows from before a constraint that was added as not valid.
    pub fn validate_constraint(&mut self, name: impl Into<String>) {
        self.order.push(Slot::Other(Box::new(Alteration::ValidateConstraint { name: name.into() })));
    }

    /// Renames a constraint.
    pub fn rename_constraint(&mut self, from: impl Into<String>, to: impl Into<String>) {
        self.order.push(Slot::Other(Box::new(Alteration::RenameConstraint { from: from.into(), to: to.into() })));
    }

    /// Drops a constraint.
    pub fn drop_constraint(&mut self, name: impl Into<String>) -> DropConstraintBuilder<'_> {
        self.order.push(Slot::Other(Box::new(drop_constraint(name.into()))));
        DropConstraintBuilder {
            change: match self.order.last_mut() {
                Some(Slot::Other(change)) => Some(change),
                _ => None,
            },
        }
    }

    /// Writes the table's comment. It has no way back; `m.comment_on_table` has one.
    pub fn comment(&mut self, text: impl Into<String>) {
        self.comment = Some(Some(text.into()));
    }

    fn add(&mut self, draft: ColumnDraft) -> &mut ColumnDraft {
        let at = self.columns.len();
        self.order.push(Slot::Add(at));
        self.columns.push(draft);
        &mut self.columns[at]
    }

    fn constrain(&mut self, constraint: Constraint) -> ConstraintBuilder<'_> {
        self.order.push(Slot::Constraint(self.constraints.len()));
        self.constraints.push(constraint);
        ConstraintBuilder { constraint: self.constraints.last_mut(), mistakes: &mut self.messages }
    }

    fn add_index(&mut self, index: Index) -> IndexBuilder<'_> {
        self.indexes.push(index);
        IndexBuilder { index: self.indexes.last_mut(), flags: None, mistakes: Some(&mut self.messages) }
    }

    /// The operations: the changes, then new indexes and the comment.
    pub(super) fn finish(
        mut self,
        call: &str,
        at: &'static Location<'static>,
        mistakes: &mut Vec<Mistake>,
    ) -> Vec<Operation> {
        let name = self.table.clone();
        let (order, mut changes) = (std::mem::take(&mut self.order), Vec::new());
        for slot in order {
            match slot {
                Slot::Add(position) => changes.extend(self.added(position, mistakes)),
                Slot::Constraint(position) => {
                    let Some(constraint) = self.constraints.get_mut(position) else { continue };
                    constraint::complete(constraint, &name);
                    changes.push(Alteration::AddConstraint(constraint.clone()));
                }
                Slot::Drop(position) => changes.extend(self.dropped(position, mistakes)),
                Slot::Modify(position) => {
                    let Some((column, states)) = self.modified.get(position) else { continue };
                    let Some(to) = states.first() else { continue };
                    if *to == ColumnChange::default() {
                        self.messages.push(format!("nothing of the column \"{column}\" changes"));
                    }
                    changes.push(Alteration::ModifyColumn {
                        name: column.clone(),
                        to: Box::new(to.clone()),
                        from: states.get(1).cloned().map(Box::new),
                    });
                }
                Slot::Other(change) => changes.push(*change),
            }
        }
        if self.columns.iter().filter(|draft| draft.primary_key).count() > 1 {
            self.messages.push("a key of several columns is one constraint: `t.primary_key([..])`".to_owned());
        }
        if changes.is_empty() && self.indexes.is_empty() && self.comment.is_none() {
            self.messages.push("nothing of the table changes; say what does, or leave the call out".to_owned());
        }
        mistakes.extend(self.messages.into_iter().map(|message| Mistake::new(at, call, message)));
        let mut operations = Vec::new();
        if !changes.is_empty() {
            operations.push(Operation::AlterTable { name: name.clone(), changes });
        }
        for mut index in self.indexes {
            index::complete(&mut index, &name.name);
            operations.push(Operation::CreateIndex {
                table: name.clone(),
                index: Box::new(index),
                concurrently: false,
                if_not_exists: false,
            });
        }
        if let Some(text) = self.comment {
            operations.push(Operation::Comment { on: Commented::Table(name), text, from: None });
        }
        operations
    }

    fn added(&mut self, position: usize, mistakes: &mut Vec<Mistake>) -> Option<Alteration> {
        let draft = self.columns.get_mut(position)?;
        mistakes.append(&mut draft.mistakes);
        let column = &draft.column.name;
        self.indexes.extend(own_index(draft.index, column));
        Some(Alteration::AddColumn {
            column: Box::new(draft.column.clone()),
            primary_key: draft.primary_key,
            references: complete(draft.references.clone(), &self.table),
            if_not_exists: draft.if_not_exists,
        })
    }

    fn dropped(&mut self, position: usize, mistakes: &mut Vec<Mistake>) -> Option<Alteration> {
        let drop = self.drops.get_mut(position)?;
        let mut was = drop.was.take();
        if let Some(was) = &mut was {
            mistakes.append(&mut was.mistakes);
        }
        let references = was.as_ref().and_then(|was| was.references.clone());
        Some(Alteration::DropColumn {
            name: drop.name.clone(),
            if_exists: drop.if_exists,
            references: complete(references, &self.table),
            primary_key: was.as_ref().is_some_and(|was| was.primary_key),
            column: was.map(|was| Box::new(was.column)),
        })
    }
}

fn complete(key: Option<ForeignKey>, table: &ObjectName) -> Option<Box<ForeignKey>> {
    let mut key = key?;
    reference::complete(&mut key, table);
    Some(Box::new(key))
}

pub(super) fn drop_constraint(name: String) -> Alteration {
    Alteration::DropConstraint { name, if_exists: false, cascade: false, constraint: None }
}

/// A column that is changed, to be told what it was.
pub struct ModifyBuilder<'a> {
    table: &'a mut AlterBuilder,
}

impl ModifyBuilder<'_> {
    /// What the column was: the way back.
    pub fn from(self, former: impl FnOnce(ChangeBuilder) -> ChangeBuilder) {
        let AlterBuilder { table, modified, messages, .. } = self.table;
        if let Some((name, states)) = modified.last_mut() {
            states.push(former(ChangeBuilder::new()).finish(name, table, messages));
        }
    }
}

/// A column that is dropped, to be told more about.
pub struct DropColumnBuilder<'a> {
    drop: &'a mut Drop,
}

impl<'a> DropColumnBuilder<'a> {
    /// Lets it be missing. There is no way back from that.
    pub fn if_exists(self) -> Self {
        self.drop.if_exists = true;
        self
    }

    /// What the column was, for the way back.
    #[track_caller]
    pub fn was(self, column_type: impl Into<ColumnType>) -> ColumnBuilder<'a> {
        let draft = ColumnDraft::new(self.drop.name.clone(), column_type.into(), Location::caller());
        ColumnBuilder { draft: self.drop.was.insert(draft) }
    }

    /// The column was a reference: its foreign key goes before it, and comes again on the way back.
    #[track_caller]
    pub fn was_reference(self, table: impl Into<ObjectName>) -> ReferenceBuilder<'a> {
        let draft = ColumnDraft::reference(table.into(), Location::caller());
        ReferenceBuilder { draft: self.drop.was.insert(draft) }.column(self.drop.name.clone())
    }
}

/// A constraint that is dropped, to be told more about.
pub struct DropConstraintBuilder<'a> {
    pub(super) change: Option<&'a mut Alteration>,
}

impl DropConstraintBuilder<'_> {
    /// Lets it be missing.
    pub fn if_exists(mut self) -> Self {
        if let Some(Alteration::DropConstraint { if_exists, .. }) = self.change.as_deref_mut() {
            *if_exists = true;
        }
        self
    }

    /// Drops what depends on it along.
    pub fn cascade(mut self) -> Self {
        if let Some(Alteration::DropConstraint { cascade, .. }) = self.change.as_deref_mut() {
            *cascade = true;
        }
        self
    }

    /// It was a check of this condition: the way back.
    pub fn was_check(self, condition: impl Into<String>) -> Self {
        let check = constraint::check("", condition);
        self.was(check)
    }

    /// It was a unique constraint of these columns: the way back.
    pub fn was_unique<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        self.was(constraint::unique(constraint::strings(columns)))
    }

    /// It was the primary key, of these columns: the way back.
    pub fn was_primary_key<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        self.was(constraint::primary_key(constraint::strings(columns)))
    }

    /// It was a foreign key of these columns to the `id` of a table: the way back. [`was`](Self::was) takes any other.
    pub fn was_foreign_key<C: Into<String>>(
        self,
        columns: impl IntoIterator<Item = C>,
        table: impl Into<ObjectName>,
    ) -> Self {
        self.was(constraint::foreign_key(constraint::strings(columns), table.into()))
    }

    /// What it was: the way back. The name is the one that is dropped.
    pub fn was(mut self, former: Constraint) -> Self {
        if let Some(Alteration::DropConstraint { name, constraint, .. }) = self.change.as_deref_mut() {
            let mut former = former;
            match &mut former {
                Constraint::ForeignKey(key) => key.name.clone_from(name),
                Constraint::Exclusion(exclusion) => exclusion.name.clone_from(name),
                Constraint::Unique(unique) => unique.name = Some(name.clone()),
                Constraint::Check(check) => check.name = Some(name.clone()),
                Constraint::PrimaryKey(key) => key.name = Some(name.clone()),
            }
            *constraint = Some(former);
        }
        self
    }
}
