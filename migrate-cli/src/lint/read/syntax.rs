//! Statements that sqlparser read.

use super::super::LockLevel;
use super::super::action::{Action, CreateIndex, CreateTable, Kind};
use super::Reader;
use crate::catalog::ObjectName;
use sqlparser::ast::{self, ObjectType, Statement};

impl Reader<'_> {
    pub(super) fn statement(&self, statement: &Statement) -> Vec<Action> {
        let one = |kind| vec![self.whole(kind)];
        match statement {
            Statement::CreateTable(create) => self.create_table(create),
            Statement::CreateIndex(index) => one(Kind::CreateIndex(CreateIndex {
                name: index.name.as_ref().map(|name| self.name(name)),
                word: index.name.as_ref().and_then(|name| self.last_word(name)),
                table: self.name(&index.table_name),
                columns: index.columns.iter().map(|column| self.index_column(column)).collect(),
                unique: index.unique,
                concurrently: index.concurrently,
                if_not_exists: index.if_not_exists,
                partial: index.predicate.is_some(),
                only: false,
            })),
            Statement::CreateView(view) => one(Kind::CreateView {
                name: self.name(&view.name),
                materialized: view.materialized,
                reads: self.reads(),
            }),
            Statement::CreateType { name, representation: Some(ast::UserDefinedTypeRepresentation::Enum { .. }) } => {
                one(Kind::CreateEnum { name: self.name(name) })
            }
            Statement::AlterType(alter) => match &alter.operation {
                ast::AlterTypeOperation::AddValue(add) => one(Kind::AddEnumValue {
                    name: self.name(&alter.name),
                    value: add.value.value.clone(),
                    if_not_exists: add.if_not_exists,
                }),
                ast::AlterTypeOperation::RenameValue(_) => one(Kind::RenameEnumValue { name: self.name(&alter.name) }),
                ast::AlterTypeOperation::Rename(_) => Vec::new(),
            },
            Statement::AlterSchema(alter) => {
                let renames =
                    |each: &ast::AlterSchemaOperation| matches!(each, ast::AlterSchemaOperation::Rename { .. });
                if alter.operations.iter().any(renames) { one(Kind::RenameSchema) } else { Vec::new() }
            }
            Statement::CreateDomain(domain) => one(Kind::CreateDomain { name: self.name(&domain.name) }),
            Statement::CreateDatabase { .. } => one(Kind::OutsideTransaction("CREATE DATABASE")),
            Statement::CreateTrigger(trigger) => one(Kind::CreateTrigger { table: self.name(&trigger.table_name) }),
            Statement::DropTrigger(trigger) => {
                one(Kind::DropTrigger { table: trigger.table_name.as_ref().map(|name| self.name(name)) })
            }
            Statement::Drop { object_type, names, cascade, .. } => self.drop(*object_type, names, *cascade),
            Statement::Truncate(truncate) => {
                let mut actions = one(Kind::Truncate {
                    tables: truncate.table_names.iter().map(|target| self.name(&target.name)).collect(),
                });
                if matches!(truncate.cascade, Some(ast::CascadeOption::Cascade)) {
                    actions.push(self.whole(Kind::Cascade));
                }
                actions
            }
            Statement::RefreshMaterializedView(refresh) => one(Kind::Refresh {
                view: self.name(&refresh.name),
                concurrently: refresh.concurrently,
                empty: refresh.with_data == Some(false),
            }),
            Statement::Lock(lock) => one(Kind::LockTable {
                tables: lock.tables.iter().map(|target| self.name(&target.name)).collect(),
                level: lock
                    .lock_mode
                    .as_ref()
                    .and_then(|mode| LockLevel::from_words(&mode.to_string()))
                    .unwrap_or(LockLevel::AccessExclusive),
            }),
            Statement::Insert(insert) => match &insert.table {
                ast::TableObject::TableName(name) => one(Kind::Insert { table: self.name(name), reads: self.reads() }),
                _ => Vec::new(),
            },
            Statement::Update(update) => match relation(&update.table.relation) {
                Some(name) => one(Kind::Update {
                    table: self.name(name),
                    filtered: update.selection.is_some(),
                    reads: self.reads_besides(&self.name(name)),
                }),
                None => Vec::new(),
            },
            Statement::Delete(delete) => {
                let (ast::FromTable::WithFromKeyword(from) | ast::FromTable::WithoutKeyword(from)) = &delete.from;
                match from.first().and_then(|table| relation(&table.relation)) {
                    Some(name) => {
                        let using = delete.using.iter().flatten().filter_map(|table| relation(&table.relation));
                        let mut reads = self.reads_besides(&self.name(name));
                        reads.extend(using.map(|name| self.name(name)));
                        one(Kind::Delete { table: self.name(name), filtered: delete.selection.is_some(), reads })
                    }
                    None => Vec::new(),
                }
            }
            Statement::Query(query) => one(Kind::Query { reads: self.reads(), for_update: !query.locks.is_empty() }),
            Statement::Set(ast::Set::SingleAssignment { variable, .. })
                if variable.to_string().eq_ignore_ascii_case("lock_timeout") =>
            {
                one(Kind::SetLockTimeout)
            }
            _ => Vec::new(),
        }
    }

    fn reads_besides(&self, table: &ObjectName) -> Vec<ObjectName> {
        self.reads().into_iter().filter(|name| name != table).collect()
    }

    fn create_table(&self, create: &ast::CreateTable) -> Vec<Action> {
        let Some(name) = self.last_word(&create.name) else { return Vec::new() };
        vec![self.whole(Kind::CreateTable(CreateTable {
            table: self.name(&create.name),
            name,
            columns: create.columns.iter().map(|column| self.column(column)).collect(),
            constraints: create.constraints.iter().filter_map(|each| self.constraint(each, false)).collect(),
            partition_of: create.partition_of.as_ref().map(|name| self.name(name)),
            derived: create.query.is_some() || create.like.is_some() || create.inherits.is_some(),
            temporary: create.temporary,
            reads: if create.query.is_some() { self.reads() } else { Vec::new() },
        }))]
    }

    fn drop(&self, object_type: ObjectType, names: &[ast::ObjectName], cascade: bool) -> Vec<Action> {
        let all: Vec<ObjectName> = names.iter().map(|name| self.name(name)).collect();
        let mut actions: Vec<Action> = match object_type {
            ObjectType::Table => all.into_iter().map(|table| self.whole(Kind::DropTable { table })).collect(),
            // sqlparser takes no CONCURRENTLY here; `by_tokens` reads that.
            ObjectType::Index => vec![self.whole(Kind::DropIndex { names: all, concurrently: false })],
            ObjectType::View | ObjectType::MaterializedView => vec![self.whole(Kind::DropView { names: all })],
            ObjectType::Schema => vec![self.whole(Kind::DropSchema)],
            ObjectType::Database => vec![self.whole(Kind::DropDatabase)],
            ObjectType::Type => vec![self.whole(Kind::DropType { names: all })],
            _ => Vec::new(),
        };
        if cascade {
            actions.push(self.whole(Kind::Cascade));
        }
        actions
    }
}

fn relation(factor: &ast::TableFactor) -> Option<&ast::ObjectName> {
    match factor {
        ast::TableFactor::Table { name, .. } => Some(name),
        _ => None,
    }
}
