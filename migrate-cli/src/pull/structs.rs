//! Tables as structs, without associations.

use super::enums::{Enum, free};
use super::keys::JoinTable;
use super::names::{literal, pascal, possible, raw, singular, snake};
use super::{Field, Struct, defaults, types};
use crate::catalog::{Catalog, Column, Identity, Index, Table};
use peristyle_derive_model::{Rename, pluralize};
use peristyle_query::statement::Dialect;
use std::collections::HashSet;

/// The most columns of a key that a struct has.
const WIDEST_KEY: usize = 6;

pub(super) fn plan(
    catalog: &Catalog,
    dialect: Dialect,
    enums: &[Enum],
    between: &[JoinTable],
    taken: &mut HashSet<String>,
    notes: &mut Vec<String>,
) -> Vec<Struct> {
    let mut structs = Vec::new();
    for (place, table) in catalog.tables.iter().enumerate() {
        if between.iter().any(|each| each.table == place && !each.has_struct) || table.partition_of.is_some() {
            continue;
        }
        if table.columns.is_empty() {
            notes.push(format!("the table {} has no columns, and so no struct", table.name.quoted()));
            continue;
        }
        let name = struct_name(table, taken);
        let mut planner = Planner { table, dialect, enums, notes, fields: Vec::new(), attributes: Vec::new() };
        planner.head(&name);
        planner.fields();
        planner.primary_key();
        planner.indexes();
        planner.checks();
        planner.rest();
        let Planner { fields, attributes, .. } = planner;
        let comment = table.comment.clone();
        structs.push(Struct { table: place, name, comment, attributes, fields, associations: Vec::new() });
    }
    structs
}

/// A name that neither another struct has, nor the type of its columns.
fn struct_name(table: &Table, taken: &mut HashSet<String>) -> String {
    let wish = possible(pascal(&singular(&snake(&table.name.name))));
    let is_free = |name: &str| !taken.contains(name) && !taken.contains(&format!("{name}Columns"));
    let wish = match &table.name.prefix {
        Some(prefix) if !is_free(&wish) => format!("{}{wish}", pascal(prefix)),
        _ => wish,
    };
    let name = free(&wish, taken);
    taken.insert(format!("{name}Columns"));
    name
}

struct Planner<'a> {
    table: &'a Table,
    dialect: Dialect,
    enums: &'a [Enum],
    notes: &'a mut Vec<String>,
    fields: Vec<Field>,
    attributes: Vec<String>,
}

impl Planner<'_> {
    fn note(&mut self, what: &str) {
        self.notes.push(format!("{what} of the table {}", self.table.name.quoted()));
    }

    /// The table, its prefix and the style of its columns.
    fn head(&mut self, name: &str) {
        let mut head = Vec::new();
        if pluralize(&Rename::SnakeCase.apply(name)) != self.table.name.name {
            head.push(format!("table = {}", literal(&self.table.name.name)));
        }
        head.extend(self.table.name.prefix.as_ref().map(|prefix| format!("prefix = {}", literal(prefix))));
        head.extend(self.style().map(|(style, _)| format!("rename_all = \"{style}\"")));
        if !head.is_empty() {
            self.attributes.push(head.join(", "));
        }
    }

    /// The style that the names of most columns have, if it is not that of fields.
    fn style(&self) -> Option<(&'static str, Rename)> {
        let styles = [
            ("PascalCase", Rename::PascalCase),
            ("camelCase", Rename::CamelCase),
            ("SCREAMING_SNAKE_CASE", Rename::ScreamingSnakeCase),
            ("kebab-case", Rename::KebabCase),
        ];
        let count = |apply: &dyn Fn(&str) -> String| {
            self.table.columns.iter().filter(|column| apply(&snake(&column.name)) == column.name).count()
        };
        let plain = count(&str::to_owned);
        let best = styles
            .into_iter()
            .map(|style| (count(&|name| style.1.apply(name)), style))
            .rev()
            .max_by_key(|(count, _)| *count);
        best.filter(|(count, _)| *count > plain).map(|(_, style)| style)
    }

    fn fields(&mut self) {
        let style = self.style().map(|(_, style)| style);
        let key: &[String] = self.table.primary_key.as_ref().map_or(&[], |key| &key.columns);
        let mut taken = HashSet::new();
        for column in &self.table.columns {
            let mut wish = possible(snake(&column.name));
            // A field called so would be the key.
            if wish == "id" && key.is_empty() {
                wish = "id_column".to_owned();
            }
            let free = std::iter::once(wish.clone()).chain((2..).map(|number| format!("{wish}_{number}")));
            let name = free.into_iter().find(|name| !taken.contains(name)).unwrap_or(wish);
            taken.insert(name.clone());
            let mut attributes = Vec::new();
            if style.map_or_else(|| name.clone(), |style| style.apply(&name)) != column.name {
                attributes.push(format!("column = {}", literal(&column.name)));
            }
            let field_type = types::field_type(column, self.dialect, self.enums);
            if field_type.is_stand_in {
                self.notes.push(format!(
                    "the column {}.{:?} is a {}, which Rust has no type for: its field is a {} until you give it a \
                     #[derive(DbType)] of your own",
                    self.table.name.quoted(),
                    column.name,
                    crate::ddl::column_type(&column.column_type, self.dialect),
                    field_type.name
                ));
            }
            attributes.extend(field_type.attribute);
            self.values(column, &name, &field_type.name, &mut attributes);
            let nullable = column.nullable && !key.contains(&column.name);
            self.fields.push(Field {
                column: column.name.clone(),
                name,
                comment: column.comment.clone(),
                rust_type: field_type.name,
                nullable,
                attributes,
            });
        }
    }

    /// Where the values of a column come from.
    fn values(&mut self, column: &Column, name: &str, rust_type: &str, attributes: &mut Vec<String>) {
        let is_key = self.table.primary_key.as_ref().is_some_and(|key| key.columns.contains(&column.name));
        let numbered = column.identity.is_some() || is_serial(column);
        if column.generated.is_some() || numbered && !is_key {
            attributes.push("generated".to_owned());
        }
        let is_timestamp =
            ["inserted_at", "updated_at"].contains(&name) && ["DateTime<Utc>", "NaiveDateTime"].contains(&rust_type);
        let Some(default) = column.default.as_ref().filter(|_| !is_timestamp) else { return };
        match defaults::attribute(default, rust_type, self.enums) {
            Some(attribute) => attributes.push(attribute),
            // A key of this type is made by the program anyway.
            None if is_key && rust_type == "Uuid" => {}
            None => self.note(&format!("a field can't say the default of the column {:?}", column.name)),
        }
    }

    fn primary_key(&mut self) {
        let Some(key) = &self.table.primary_key else { return };
        match &key.columns[..] {
            [column] => {
                let is_rowid = self.dialect == Dialect::Sqlite;
                let is_numbered = self.table.column(column).is_some_and(|column| {
                    column.identity.is_some() || is_serial(column) || column.default.is_some() || is_rowid
                });
                let Some(field) = self.fields.iter_mut().find(|field| field.column == *column) else { return };
                let mut words = Vec::new();
                if field.name != "id" {
                    words.push("primary_key".to_owned());
                }
                if ["i16", "i32", "i64"].contains(&field.rust_type.as_str()) && !is_numbered {
                    words.push("natural".to_owned());
                }
                words.append(&mut field.attributes);
                field.attributes = words;
            }
            columns if columns.len() <= WIDEST_KEY => {
                let names = self.names(columns);
                self.attributes.push(format!("primary_key({names})"));
            }
            _ => self.note(&format!("a struct has at most {WIDEST_KEY} fields in its key, and so has none for that")),
        }
    }

    /// The fields of columns, as attributes name them.
    fn names(&self, columns: &[String]) -> String {
        let names = columns.iter().filter_map(|column| self.fields.iter().find(|field| field.column == *column));
        names.map(|field| raw(&field.name)).collect::<Vec<_>>().join(", ")
    }

    fn indexes(&mut self) {
        for unique in &self.table.uniques {
            if unique.deferrable || unique.nulls_not_distinct {
                self.note(&format!(
                    "a struct can't say DEFERRABLE and NULLS NOT DISTINCT of the unique constraint on {}",
                    unique.columns.join(", ")
                ));
            }
            self.index("unique", unique.name.as_deref(), &unique.columns, None);
        }
        for index in &self.table.indexes {
            let Some(columns) = index.plain_columns().filter(|_| is_plain(index)) else {
                self.note(&format!("a struct can't describe the index {:?}", index.name));
                continue;
            };
            let word = if index.unique { "unique" } else { "index" };
            self.index(word, Some(&index.name), &columns, index.filter.as_deref());
        }
    }

    fn index(&mut self, word: &str, name: Option<&str>, columns: &[String], filter: Option<&str>) {
        let usual = index_name(&self.table.name.name, columns);
        let other_name = name.filter(|name| *name != usual);
        if let ([column], None, None) = (columns, other_name, filter)
            && let Some(field) = self.fields.iter_mut().find(|field| field.column == *column)
            && !field.attributes.iter().any(|own| own == "unique" || own == "index")
        {
            field.attributes.push(word.to_owned());
            return;
        }
        let mut attribute = format!("{word}({}", self.names(columns));
        if let Some(filter) = filter {
            attribute.push_str(&format!(", where = {}", literal(filter)));
        }
        if let Some(name) = other_name {
            attribute.push_str(&format!(", name = {}", literal(name)));
        }
        self.attributes.push(attribute + ")");
    }

    fn checks(&mut self) {
        for check in &self.table.checks {
            let Some(name) = &check.name else {
                self.note(&format!("a check of a struct has a name, and so none is written for {:?}", check.condition));
                continue;
            };
            let is_word = syn::parse_str::<syn::Ident>(name).is_ok();
            let name = if is_word { name.clone() } else { literal(name) };
            self.attributes.push(format!("check({name}, {})", literal(&check.condition)));
        }
        for exclusion in &self.table.exclusions {
            self.note(&format!("a struct can't describe the exclusion constraint {:?}", exclusion.name));
        }
    }

    /// Notes what else no struct says.
    fn rest(&mut self) {
        for column in &self.table.columns {
            if column.generated.is_some() {
                self.note(&format!("a field can't say what computes the column {:?}", column.name));
            }
            // Decimals of SQLite have this one.
            if column.collation.as_deref().is_some_and(|name| self.dialect != Dialect::Sqlite || name != "decimal") {
                self.note(&format!("a field can't say the collation of the column {:?}", column.name));
            }
            if column.identity.as_ref().is_some_and(|identity| *identity != Identity::default()) {
                self.note(&format!("a field can't say the numbering of the column {:?}", column.name));
            }
        }
        for words in [&self.table.modifiers, &self.table.options].into_iter().flatten() {
            self.note(&format!("a struct can't say {words}"));
        }
        for trigger in &self.table.triggers {
            self.note(&format!("a struct can't describe the trigger {:?}", trigger.name));
        }
    }
}

fn is_serial(column: &Column) -> bool {
    use crate::catalog::ColumnType::{BigSerial, Serial, Sql};
    match &column.column_type {
        Serial | BigSerial => true,
        Sql(sql) => ["serial", "bigserial", "smallserial"].contains(&sql.as_str()),
        _ => false,
    }
}

/// Whether an index is what `index(..)` makes.
fn is_plain(index: &Index) -> bool {
    let mut bare = Index::new(index.name.clone(), Vec::<String>::new());
    bare.columns.clone_from(&index.columns);
    bare.unique = index.unique;
    bare.filter.clone_from(&index.filter);
    bare.comment.clone_from(&index.comment);
    bare == *index
        && index
            .columns
            .iter()
            .all(|column| column.direction.is_none() && column.collation.is_none() && column.operator_class.is_none())
}

/// The name that a struct's index has unless it is said.
fn index_name(table: &str, columns: &[String]) -> String {
    constraint_name(table, columns, "index")
}

/// `posts_author_id_fkey`: a character that is of no word becomes `_`, none at the end of a part.
pub(super) fn constraint_name(table: &str, columns: &[String], suffix: &str) -> String {
    let part = |name: &str| {
        let word: String = name.chars().map(|each| if each.is_alphanumeric() { each } else { '_' }).collect();
        word.trim_end_matches('_').to_owned()
    };
    let parts = std::iter::once(part(table)).chain(columns.iter().map(|column| part(column)));
    parts.chain([suffix.to_owned()]).collect::<Vec<_>>().join("_")
}
