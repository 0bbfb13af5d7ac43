//! The differences of two catalogs, as sentences.

use super::{Catalog, Table};
use peristyle_sql::quoted;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A difference of two catalogs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is about, by kind and name: `column "posts"."title"`.
    pub object: String,
    /// How the object differs.
    pub change: Change,
}

/// How an object differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is expected, and not there.
    Missing,
    /// It is there, and not expected.
    Extra,
    /// A part of it is not as expected.
    Other {
        /// The part: `type`.
        part: String,
        /// What is expected.
        expected: String,
        /// What is there.
        actual: String,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = &self.object;
        match &self.change {
            Change::Missing => write!(f, "{object} is missing"),
            Change::Extra => write!(f, "{object} is there, and not expected"),
            Change::Other { part, expected, actual } => {
                write!(f, "{object}: {part} is {actual}, expected {expected}")
            }
        }
    }
}

/// What of `actual` is not as `expected`. The order of columns does not count, nor does that of any list in the order of
/// names.
///
/// Types, defaults and conditions are compared as they are spelt: both catalogs should come from the same place, such as
/// [introspection](crate::introspect).
///
/// ```
/// use peristyle_migrate::catalog::{Catalog, Column, ColumnType, ObjectName, Table, compare};
/// let mut table = Table::new(ObjectName::new("posts"));
/// table.columns.push(Column::new("title", ColumnType::Sql("text".into())));
/// let expected = Catalog { tables: vec![table], ..Catalog::default() };
///
/// let mut actual = expected.clone();
/// actual.tables[0].columns[0].nullable = false;
/// let differences = compare(&expected, &actual);
/// assert_eq!(differences[0].to_string(), r#"column "posts"."title": nullable is no, expected yes"#);
/// ```
pub fn compare(expected: &Catalog, actual: &Catalog) -> Vec<Difference> {
    let (expected, actual) = (Objects::of(expected), Objects::of(actual));
    let keys: BTreeSet<&Key> = expected.0.keys().chain(actual.0.keys()).collect();
    let mut differences = Vec::new();
    for key in keys {
        let change = match (expected.0.get(key), actual.0.get(key)) {
            (Some(expected), Some(actual)) => {
                differences.extend(parts(&key.object, expected, actual));
                continue;
            }
            (Some(_), None) if actual.lacks_table(key) => continue,
            (None, Some(_)) if expected.lacks_table(key) => continue,
            (Some(_), None) => Change::Missing,
            (None, _) => Change::Extra,
        };
        differences.push(Difference { object: key.object.clone(), change });
    }
    differences
}

/// Where an object stands in the order of the sentences, and what it is called there.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    kind: Kind,
    /// The table that it belongs to.
    table: Option<String>,
    detail: Kind,
    object: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Schema,
    Extension,
    Enum,
    Function,
    Table,
    Column,
    Constraint,
    Index,
    Trigger,
    View,
    Other,
}

/// The objects of a catalog, each with its parts as they are serialised.
struct Objects(BTreeMap<Key, Map<String, Value>>);

impl Objects {
    fn of(catalog: &Catalog) -> Self {
        let mut objects = Objects(BTreeMap::new());
        for schema in &catalog.schemas {
            objects.add(Kind::Schema, format!("schema {}", quoted(schema)), &());
        }
        for each in &catalog.extensions {
            objects.add(Kind::Extension, format!("extension {}", quoted(&each.name)), each);
        }
        for each in &catalog.enums {
            objects.add(Kind::Enum, format!("enum type {}", each.name.quoted()), each);
        }
        for each in &catalog.functions {
            let name = format!("function {}({})", each.name.quoted(), each.arguments);
            objects.add(Kind::Function, name, each);
        }
        for each in &catalog.tables {
            objects.add_table(each);
        }
        for each in &catalog.views {
            objects.add(Kind::View, format!("view {}", each.name.quoted()), each);
        }
        for each in &catalog.others {
            objects.add(Kind::Other, each.clone(), &());
        }
        objects
    }

    fn lacks_table(&self, key: &Key) -> bool {
        let Some(table) = key.table.clone().filter(|_| key.detail != Kind::Table) else { return false };
        let object = format!("table {table}");
        !self.0.contains_key(&Key { kind: Kind::Table, table: Some(table), detail: Kind::Table, object })
    }

    fn add(&mut self, kind: Kind, object: String, parts: &impl Serialize) {
        self.insert(Key { kind, table: None, detail: kind, object }, parts);
    }

    fn insert(&mut self, key: Key, parts: &impl Serialize) {
        // What serialises as no object, as `()` does, has no parts to compare.
        let mut parts = match serde_json::to_value(parts) {
            Ok(Value::Object(parts)) => parts,
            _ => Map::new(),
        };
        parts.remove("name");
        self.0.insert(key, parts);
    }

    fn add_table(&mut self, table: &Table) {
        let name = table.name.quoted();
        let key = |detail, object| Key { kind: Kind::Table, table: Some(name.clone()), detail, object };
        let mut bare = Table::new(table.name.clone());
        bare.primary_key.clone_from(&table.primary_key);
        bare.modifiers.clone_from(&table.modifiers);
        bare.options.clone_from(&table.options);
        bare.partition_of.clone_from(&table.partition_of);
        bare.comment.clone_from(&table.comment);
        self.insert(key(Kind::Table, format!("table {name}")), &bare);
        for each in &table.columns {
            self.insert(key(Kind::Column, format!("column {name}.{}", quoted(&each.name))), each);
        }
        let constraint = |kind: &str, own: String| key(Kind::Constraint, format!("{kind} {own} of {name}"));
        let named = |name: &Option<String>, otherwise: String| name.as_ref().map_or(otherwise, |name| quoted(name));
        for each in &table.foreign_keys {
            self.insert(constraint("foreign key", quoted(&each.name)), each);
        }
        for each in &table.uniques {
            let columns = format!("({})", each.columns.join(", "));
            self.insert(constraint("unique constraint", named(&each.name, columns)), each);
        }
        for each in &table.checks {
            let condition = format!("({})", each.condition);
            self.insert(constraint("check", named(&each.name, condition)), each);
        }
        for each in &table.exclusions {
            self.insert(constraint("exclusion constraint", quoted(&each.name)), each);
        }
        for each in &table.indexes {
            self.insert(key(Kind::Index, format!("index {} of {name}", quoted(&each.name))), each);
        }
        for each in &table.triggers {
            self.insert(key(Kind::Trigger, format!("trigger {} of {name}", quoted(&each.name))), each);
        }
    }
}

/// The parts in which two objects of the same name differ.
fn parts(object: &str, expected: &Map<String, Value>, actual: &Map<String, Value>) -> Vec<Difference> {
    let names: BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
    let differing = names.into_iter().filter(|name| expected.get(*name) != actual.get(*name));
    let difference = |name: &String| {
        let (expected, actual) = (expected.get(name), actual.get(name));
        let is_flag = expected.or(actual).is_some_and(Value::is_boolean);
        let change = Change::Other {
            part: name.replace('_', " "),
            expected: shown(expected, is_flag),
            actual: shown(actual, is_flag),
        };
        Difference { object: object.to_owned(), change }
    };
    differing.map(difference).collect()
}

fn shown(value: Option<&Value>, is_flag: bool) -> String {
    match value {
        None if is_flag => "no".to_owned(),
        None => "none".to_owned(),
        Some(Value::Bool(value)) => if *value { "yes" } else { "no" }.to_owned(),
        Some(Value::String(text)) => text.clone(),
        // `{"sql": "now()"}`: which variant it is shows in the value.
        Some(Value::Object(variant)) if variant.len() == 1 => match variant.iter().next() {
            Some((tag, Value::String(text))) if tag != "sql" => format!("{text:?}"),
            Some((tag, value)) if ["sql", "integer", "number", "bool", "json", "list"].contains(&tag.as_str()) => {
                shown(Some(value), false)
            }
            _ => Value::Object(variant.clone()).to_string(),
        },
        Some(value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Check, Column, ColumnType, Default, Index, ObjectName};

    fn catalog() -> Catalog {
        let mut table = Table::new(ObjectName::new("posts"));
        table.columns.push(Column::new("id", ColumnType::Sql("bigint".into())));
        table.columns.push(Column::new("title", ColumnType::Sql("text".into())));
        table.indexes.push(Index::new("posts_title_index", ["title"]));
        Catalog { tables: vec![table], ..Catalog::default() }
    }

    fn sentences(expected: &Catalog, actual: &Catalog) -> Vec<String> {
        compare(expected, actual).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_order_of_columns_does_not_count() {
        let mut other = catalog();
        other.tables[0].columns.reverse();
        assert_eq!(sentences(&catalog(), &other), Vec::<String>::new());
    }

    #[test]
    fn each_part_that_differs_is_a_sentence() {
        let mut other = catalog();
        let table = &mut other.tables[0];
        table.columns[1].column_type = ColumnType::Sql("character varying(160)".into());
        table.columns[1].default = Some(Default::Text("none".into()));
        table.columns[0].name = "number".into();
        table.indexes[0].unique = true;
        table.checks.push(Check { name: None, condition: "a > 0".into(), not_valid: false, comment: None });
        other.others.push("domain \"price\"".into());
        assert_eq!(
            sentences(&catalog(), &other),
            [
                r#"column "posts"."id" is missing"#,
                r#"column "posts"."number" is there, and not expected"#,
                r#"column "posts"."title": default is "none", expected none"#,
                r#"column "posts"."title": type is character varying(160), expected text"#,
                r#"check (a > 0) of "posts" is there, and not expected"#,
                r#"index "posts_title_index" of "posts": unique is yes, expected no"#,
                r#"domain "price" is there, and not expected"#,
            ]
        );
    }

    #[test]
    fn a_missing_table_is_one_sentence() {
        assert_eq!(sentences(&catalog(), &Catalog::default()), [r#"table "posts" is missing"#]);
        assert_eq!(sentences(&Catalog::default(), &catalog()), [r#"table "posts" is there, and not expected"#]);
    }
}
