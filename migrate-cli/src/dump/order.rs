//! What has to be made before what.

use crate::catalog::{Catalog, Default, EnumType, Function, Index, IndexPart, ObjectName, Table, View};
use peristyle_migration_files::lexer::{Flavor, TokenKind, tokens};
use std::collections::HashSet;

/// An object that a script makes.
#[derive(Clone, Copy)]
pub(super) enum Item<'a> {
    Enum(&'a EnumType),
    Function(&'a Function),
    Table(&'a Table),
    View(&'a View),
}

impl<'a> Item<'a> {
    fn name(self) -> &'a ObjectName {
        match self {
            Item::Enum(each) => &each.name,
            Item::Function(each) => &each.name,
            Item::Table(each) => &each.name,
            Item::View(each) => &each.name,
        }
    }

    /// The words of its SQL that may name other objects.
    fn mentions(self, flavor: Flavor) -> HashSet<String> {
        let mut names = Names { found: HashSet::new(), flavor };
        match self {
            Item::Enum(_) => {}
            Item::Function(each) => names.add(&each.definition),
            Item::View(each) => {
                names.add(&each.query);
                each.indexes.iter().for_each(|index| names.add_index(index));
            }
            Item::Table(each) => names.add_table(each),
        }
        names.found
    }
}

struct Names {
    found: HashSet<String>,
    flavor: Flavor,
}

impl Names {
    fn add(&mut self, sql: &str) {
        // What is no SQL names nothing.
        for token in tokens(sql, self.flavor).unwrap_or_default() {
            match token.kind {
                TokenKind::Word => self.found.insert(token.text(sql).to_lowercase()),
                TokenKind::Quoted => self.found.insert(unquoted(token.text(sql))),
                _ => false,
            };
        }
    }

    fn add_table(&mut self, table: &Table) {
        for column in &table.columns {
            let dialect = match self.flavor {
                Flavor::Postgres => peristyle_query::statement::Dialect::Postgres,
                Flavor::Sqlite => peristyle_query::statement::Dialect::Sqlite,
            };
            self.add(&crate::ddl::column_type(&column.column_type, dialect));
            if let Some(Default::Sql(sql)) = &column.default {
                self.add(sql);
            }
            if let Some(generated) = &column.generated {
                self.add(&generated.expression);
            }
        }
        table.checks.iter().for_each(|check| self.add(&check.condition));
        table.exclusions.iter().for_each(|exclusion| self.add(&exclusion.definition));
        table.indexes.iter().for_each(|index| self.add_index(index));
        table.options.iter().for_each(|options| self.add(options));
        self.found.extend(table.partition_of.iter().map(|parent| parent.table.name.clone()));
    }

    fn add_index(&mut self, index: &Index) {
        for column in &index.columns {
            if let IndexPart::Expression(sql) = &column.part {
                self.add(sql);
            }
        }
        index.filter.iter().for_each(|filter| self.add(filter));
    }
}

fn unquoted(name: &str) -> String {
    let inside = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inside.unwrap_or(name).replace("\"\"", "\"")
}

/// The objects of a catalog, each after those that it names: enums, functions, tables and views, by name where nothing else
/// decides. Foreign keys count where they make no circle.
pub(super) fn items(catalog: &Catalog, flavor: Flavor) -> Vec<Item<'_>> {
    let enums = catalog.enums.iter().map(Item::Enum);
    let functions = catalog.functions.iter().map(Item::Function);
    let tables = catalog.tables.iter().map(Item::Table);
    let views = catalog.views.iter().map(Item::View);
    let mut waiting: Vec<Node<'_>> = enums
        .chain(functions)
        .chain(tables)
        .chain(views)
        .map(|item| Node { item, mentions: item.mentions(flavor) })
        .collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let ready =
            |strict: bool| waiting.iter().position(|node| waiting.iter().all(|other| !node.needs(other, strict)));
        // In a circle, the database has the last word.
        let place = ready(true).or_else(|| ready(false)).unwrap_or(0);
        ordered.push(waiting.remove(place).item);
    }
    ordered
}

struct Node<'a> {
    item: Item<'a>,
    mentions: HashSet<String>,
}

impl Node<'_> {
    fn needs(&self, other: &Node<'_>, count_foreign_keys: bool) -> bool {
        let name = other.item.name();
        if std::ptr::eq(self.item.name(), name) {
            return false;
        }
        let references = |table: &Table| table.foreign_keys.iter().any(|key| key.table == *name);
        let refers = match (self.item, other.item) {
            (Item::Table(table), Item::Table(_)) => count_foreign_keys && references(table),
            _ => false,
        };
        refers || self.mentions.contains(&name.name)
    }
}
