//! Random databases, and random changes of them.

use super::types::{TYPES, Type};
use peristyle::prelude::Dialect;
use peristyle_migrate::catalog::{
    Catalog, Check, Column, ColumnType, EnumType, ForeignKey, Identity, Index, IndexColumn, Match, ObjectName,
    PrimaryKey, ReferentialAction, Table, Unique,
};
use peristyle_migrate::diff::Rename;
use proptest::prelude::*;

#[derive(Clone, Debug)]
pub struct Col {
    pub name: String,
    pub ty: Type,
    pub nullable: bool,
    default: bool,
    index: Option<Ind>,
    check: bool,
    reference: Option<Reference>,
}

#[derive(Clone, Debug)]
struct Ind {
    name: String,
    unique: bool,
    constraint: bool,
    filter: bool,
}

#[derive(Clone, Debug)]
struct Reference {
    table: usize,
    action: u8,
}

/// A table; its number stays when it is renamed.
#[derive(Clone, Debug)]
pub struct Tab {
    pub number: usize,
    pub name: String,
    pub columns: Vec<Col>,
}

/// A database.
#[derive(Clone, Debug)]
pub struct Model {
    pub tables: Vec<Tab>,
    moods: Vec<&'static str>,
    next: usize,
}

fn column() -> impl Strategy<Value = Col> {
    let index = proptest::option::of((any::<bool>(), any::<bool>(), any::<bool>()));
    (0..13_usize, any::<bool>(), any::<bool>(), index, any::<bool>(), 0..4_usize, 0..4_u8).prop_map(
        |(ty, nullable, default, index, check, table, action)| {
            let ty = TYPES.get(ty).copied().unwrap_or(Type::Reference);
            let is_reference = ty == Type::Reference;
            Col {
                name: String::new(),
                ty,
                nullable: nullable || is_reference,
                default,
                index: index.map(|(unique, constraint, filter)| Ind {
                    name: String::new(),
                    unique,
                    constraint,
                    filter,
                }),
                check,
                reference: is_reference.then_some(Reference { table, action }),
            }
        },
    )
}

/// A random database.
pub fn model() -> impl Strategy<Value = Model> {
    proptest::collection::vec(proptest::collection::vec(column(), 0..5), 1..4).prop_map(|tables| {
        let mut model = Model { tables: Vec::new(), moods: vec!["good", "bad"], next: 0 };
        for columns in tables {
            model.add_table(columns);
        }
        model
    })
}

/// A random change.
#[derive(Clone, Debug)]
pub enum Edit {
    AddTable(Vec<Col>),
    DropTable(usize),
    RenameTable(usize),
    AddColumn(usize, Col),
    DropColumn(usize, usize),
    RenameColumn(usize, usize),
    Retype(usize, usize, usize),
    Nullable(usize, usize),
    Default(usize, usize),
    Index(usize, usize, bool, bool, bool),
    RenameIndex(usize, usize),
    Check(usize, usize),
    Action(usize, usize, u8),
    AddMood,
    DropMood,
}

/// Random changes.
pub fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let at = || (0..4_usize, 0..6_usize);
    let edit = prop_oneof![
        1 => proptest::collection::vec(column(), 0..4).prop_map(Edit::AddTable),
        1 => (0..4_usize).prop_map(Edit::DropTable),
        1 => (0..4_usize).prop_map(Edit::RenameTable),
        3 => (0..4_usize, column()).prop_map(|(table, column)| Edit::AddColumn(table, column)),
        2 => at().prop_map(|(table, column)| Edit::DropColumn(table, column)),
        2 => at().prop_map(|(table, column)| Edit::RenameColumn(table, column)),
        3 => (at(), 0..3_usize).prop_map(|((table, column), choice)| Edit::Retype(table, column, choice)),
        2 => at().prop_map(|(table, column)| Edit::Nullable(table, column)),
        2 => at().prop_map(|(table, column)| Edit::Default(table, column)),
        2 => (at(), any::<(bool, bool, bool)>()).prop_map(|((t, c), (a, b, d))| Edit::Index(t, c, a, b, d)),
        1 => at().prop_map(|(table, column)| Edit::RenameIndex(table, column)),
        2 => at().prop_map(|(table, column)| Edit::Check(table, column)),
        2 => (at(), 0..4_u8).prop_map(|((table, column), action)| Edit::Action(table, column, action)),
        1 => Just(Edit::AddMood),
        1 => Just(Edit::DropMood),
    ];
    proptest::collection::vec(edit, 1..7)
}

impl Model {
    fn fresh(&mut self, of: &str) -> String {
        self.next += 1;
        format!("{of}{}", self.next)
    }

    fn add_table(&mut self, columns: Vec<Col>) {
        let name = self.fresh("t");
        let columns = columns.into_iter().map(|column| self.named(column)).collect();
        let number = self.next + 100 + self.tables.len();
        self.tables.push(Tab { number, name, columns });
        self.settle();
    }

    fn named(&mut self, mut column: Col) -> Col {
        column.name = self.fresh("c");
        if let Some(index) = &mut column.index {
            index.name = format!("{}_index", column.name);
        }
        column
    }

    /// References point at tables by their number.
    fn settle(&mut self) {
        let numbers: Vec<usize> = self.tables.iter().map(|table| table.number).collect();
        for column in self.tables.iter_mut().flat_map(|table| &mut table.columns) {
            if let Some(reference) = &mut column.reference
                && !numbers.contains(&reference.table)
            {
                reference.table = numbers[reference.table % numbers.len()];
            }
        }
    }

    fn column(&mut self, table: usize, column: usize) -> Option<&mut Col> {
        let count = self.tables.len();
        let columns = &mut self.tables.get_mut(table % count)?.columns;
        let count = columns.len();
        (count > 0).then(|| &mut columns[column % count])
    }

    /// The database after a change, and the renames of the table and of a column that it holds.
    pub fn edit(&mut self, edit: &Edit, renames: &mut Renames) {
        let count = self.tables.len();
        match edit.clone() {
            Edit::AddTable(columns) => self.add_table(columns),
            Edit::DropTable(table) if count > 1 => {
                let gone = self.tables.remove(table % count);
                // With its rows gone, what pointed at them could not do so again on the way back.
                let points_there =
                    |column: &Col| column.reference.as_ref().is_some_and(|reference| reference.table == gone.number);
                for table in &mut self.tables {
                    table.columns.retain(|column| !points_there(column));
                }
            }
            Edit::RenameTable(table) => {
                let name = self.fresh("t");
                let table = &mut self.tables[table % count];
                renames.table(&table.name, &name);
                table.name = name;
            }
            Edit::AddColumn(table, column) => {
                let column = self.named(column);
                self.tables[table % count].columns.push(column);
                self.settle();
            }
            Edit::DropColumn(table, column) => {
                let columns = &mut self.tables[table % count].columns;
                if !columns.is_empty() {
                    let position = column % columns.len();
                    columns.remove(position);
                }
            }
            Edit::RenameColumn(table, column) => {
                let name = self.fresh("c");
                let table_number = self.tables[table % count].number;
                if let Some(column) = self.column(table, column) {
                    renames.column(table_number, &column.name, &name);
                    column.name = name;
                }
            }
            Edit::Retype(table, column, choice) => {
                if let Some(column) = self.column(table, column)
                    && let Some(ty) = column.ty.other(choice)
                {
                    column.ty = ty;
                    column.check = false;
                    if let Some(index) = &mut column.index {
                        index.filter = false;
                    }
                }
            }
            Edit::Nullable(table, column) => {
                if let Some(column) = self.column(table, column).filter(|column| column.ty != Type::Reference) {
                    column.nullable = !column.nullable;
                }
            }
            Edit::Default(table, column) => {
                if let Some(column) = self.column(table, column) {
                    column.default = !column.default;
                }
            }
            Edit::Index(table, column, unique, constraint, filter) => {
                let name = self.fresh("i");
                if let Some(column) = self.column(table, column) {
                    column.index = match column.index {
                        Some(_) => None,
                        None => Some(Ind { name, unique, constraint, filter }),
                    };
                }
            }
            Edit::RenameIndex(table, column) => {
                let name = self.fresh("i");
                if let Some(index) = self.column(table, column).and_then(|column| column.index.as_mut()) {
                    index.name = name;
                }
            }
            Edit::Check(table, column) => {
                if let Some(column) = self.column(table, column) {
                    column.check = !column.check;
                }
            }
            Edit::Action(table, column, action) => {
                if let Some(reference) = self.column(table, column).and_then(|column| column.reference.as_mut()) {
                    reference.action = action;
                }
            }
            Edit::AddMood => {
                let mood = ["so-so", "better"].into_iter().find(|mood| !self.moods.contains(mood));
                let place = self.next % self.moods.len() + 1;
                self.moods.splice(place..place, mood);
            }
            Edit::DropMood if self.moods.len() > 1 => {
                self.moods.pop();
            }
            Edit::DropTable(_) | Edit::DropMood => {}
        }
    }

    pub fn catalog(&self, dialect: Dialect) -> Catalog {
        let mut catalog = Catalog::default();
        if dialect == Dialect::Postgres {
            let values = self.moods.iter().map(|mood| (*mood).to_owned()).collect();
            catalog.enums.push(EnumType { name: ObjectName::new("mood"), values });
        }
        for table in &self.tables {
            catalog.tables.push(self.table(table, dialect));
        }
        catalog.sort();
        catalog
    }

    fn table(&self, model: &Tab, dialect: Dialect) -> Table {
        let mut table = Table::new(ObjectName::new(&model.name));
        let mut id = Column::new("id", ColumnType::BigInt);
        id.nullable = false;
        id.identity = Some(Identity::default());
        table.columns.push(id);
        table.primary_key = Some(PrimaryKey { name: None, columns: vec!["id".into()] });
        for each in &model.columns {
            // SQLite has no types of enums.
            let ty = if dialect == Dialect::Sqlite && each.ty == Type::Enum { Type::Text } else { each.ty };
            let mut column = Column::new(&each.name, ty.column_type());
            column.nullable = each.nullable;
            column.default = if each.default { each.ty.default() } else { None };
            table.columns.push(column);
            let quoted = format!("\"{}\"", each.name);
            if let Some(index) = &each.index {
                let columns = vec!["id".to_owned(), each.name.clone()];
                if index.constraint {
                    table.uniques.push(Unique {
                        name: Some(index.name.clone()),
                        columns,
                        nulls_not_distinct: false,
                        deferrable: false,
                        initially_deferred: false,
                        comment: None,
                    });
                } else {
                    let mut built = Index::new(&index.name, Vec::<String>::new());
                    built.columns = columns.iter().map(IndexColumn::column).collect();
                    built.unique = index.unique;
                    built.filter = index.filter.then(|| match each.ty {
                        Type::Bool => quoted.clone(),
                        Type::Text | Type::Varchar => format!("{quoted} <> 'x'"),
                        Type::Enum => format!("{quoted} = 'good'"),
                        _ => format!("{quoted} IS NOT NULL"),
                    });
                    table.indexes.push(built);
                }
            }
            if each.check {
                let condition = match each.ty {
                    Type::Int | Type::Big | Type::Decimal => format!("{quoted} > -100"),
                    Type::Text | Type::Varchar => format!("length({quoted}) < 1000"),
                    // Texts without a value get an empty one on the way back.
                    Type::Enum if dialect == Dialect::Sqlite => format!("length({quoted}) < 1000"),
                    Type::Enum => format!("{quoted} IN ('good', 'bad')"),
                    _ => format!("{quoted} IS NOT NULL OR id > 0"),
                };
                // A value that the enum has no more cannot be spoken of.
                if each.ty != Type::Enum || self.moods.contains(&"bad") {
                    table.checks.push(Check {
                        name: Some(format!("{}_{}_check", model.number, each.name)),
                        condition,
                        not_valid: false,
                        comment: None,
                    });
                }
            }
            if let Some(reference) = &each.reference {
                let target = self.tables.iter().find(|table| table.number == reference.table);
                table.foreign_keys.extend(target.map(|target| ForeignKey {
                    name: format!("{}_{}_fkey", model.number, each.name),
                    columns: vec![each.name.clone()],
                    table: ObjectName::new(&target.name),
                    references: vec!["id".into()],
                    on_delete: match reference.action {
                        0 => ReferentialAction::Nothing,
                        1 => ReferentialAction::Cascade,
                        2 => ReferentialAction::SetNull,
                        _ => ReferentialAction::Restrict,
                    },
                    on_update: ReferentialAction::Nothing,
                    matching: Match::Simple,
                    deferrable: false,
                    initially_deferred: false,
                    not_valid: false,
                    comment: None,
                }));
            }
        }
        table
    }
}

/// The renames of a sequence of changes, in one step each.
#[derive(Clone, Debug, Default)]
pub struct Renames {
    pub tables: Vec<(String, String)>,
    pub columns: Vec<(usize, String, String)>,
}

impl Renames {
    fn table(&mut self, from: &str, to: &str) {
        match self.tables.iter_mut().find(|(_, name)| name == from) {
            Some((_, name)) => to.clone_into(name),
            None => self.tables.push((from.to_owned(), to.to_owned())),
        }
    }

    fn column(&mut self, table: usize, from: &str, to: &str) {
        match self.columns.iter_mut().find(|(number, _, name)| *number == table && name == from) {
            Some((_, _, name)) => to.clone_into(name),
            None => self.columns.push((table, from.to_owned(), to.to_owned())),
        }
    }

    /// Those from one database to the other, without what came or went in between.
    pub fn between(&self, from: &Model, to: &Model) -> Vec<Rename> {
        let mut found = Vec::new();
        for (old, new) in &self.tables {
            let there =
                from.tables.iter().any(|table| table.name == *old) && to.tables.iter().any(|table| table.name == *new);
            if there && old != new {
                found.push(Rename::Table { from: ObjectName::new(old), to: ObjectName::new(new) });
            }
        }
        for (number, old, new) in &self.columns {
            let of = |model: &Model, name: &str| {
                model
                    .tables
                    .iter()
                    .find(|table| table.number == *number && table.columns.iter().any(|column| column.name == name))
                    .map(|table| table.name.clone())
            };
            if let (Some(_), Some(table)) = (of(from, old), of(to, new)) {
                found.push(Rename::Column { table: ObjectName::new(table), from: old.clone(), to: new.clone() });
            }
        }
        found
    }
}
