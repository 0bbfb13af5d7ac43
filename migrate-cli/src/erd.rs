//! A catalog as a diagram.

use crate::catalog::{Catalog, Column, ColumnType, ForeignKey, ObjectName, Table};
use crate::ddl;
use peristyle_query::statement::Dialect;
use std::fmt::Write;

/// An `erDiagram` of Mermaid: tables with their columns and keys, and a line for each foreign key. It is the same for the same
/// catalog, in the order of names.
///
/// ```
/// use peristyle_migrate::catalog::{Catalog, Column, ColumnType, ObjectName, Table};
/// use peristyle_migrate::erd;
/// use peristyle_query::statement::Dialect;
/// let mut table = Table::new(ObjectName::new("posts"));
/// table.columns.push(Column::new("title", ColumnType::Text));
/// let diagram = erd::mermaid(&Catalog { tables: vec![table], ..Catalog::default() }, Dialect::Postgres);
/// assert_eq!(diagram, "erDiagram\n    posts {\n        text title\n    }\n");
/// ```
pub fn mermaid(catalog: &Catalog, dialect: Dialect) -> String {
    let mut text = "erDiagram\n".to_owned();
    // A partition is the table that it is a part of.
    let tables: Vec<&Table> = catalog.tables.iter().filter(|table| table.partition_of.is_none()).collect();
    for table in &tables {
        line(&mut text, format_args!("    {} {{", entity(&table.name)));
        for column in &table.columns {
            line(&mut text, format_args!("        {}", attribute(table, column, dialect)));
        }
        text.push_str("    }\n");
    }
    for table in &tables {
        for key in &table.foreign_keys {
            let (parent, child) = (entity(&key.table), entity(&table.name));
            let label = label(&key.columns.join(", "));
            line(&mut text, format_args!("    {parent} {} {child} : \"{label}\"", cardinality(table, key)));
        }
    }
    text
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{content}");
}

/// The name of a table, in quotes unless it is a word.
fn entity(name: &ObjectName) -> String {
    let text = match &name.prefix {
        Some(prefix) => format!("{prefix}.{}", name.name),
        None => name.name.clone(),
    };
    if is_word(&text) { text } else { format!("\"{}\"", label(&text)) }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|each| each.is_ascii_alphanumeric() || each == '_')
}

/// Text in quotes, which has no way to hold one.
fn label(text: &str) -> String {
    text.chars().map(|each| if each == '"' || each.is_control() { '\'' } else { each }).collect()
}

fn attribute(table: &Table, column: &Column, dialect: Dialect) -> String {
    let column_type = match &column.column_type {
        ColumnType::Sql(sql) if sql.is_empty() => "any".to_owned(),
        other => ddl::column_type(other, dialect),
    };
    let is_in = |columns: &[String]| columns.contains(&column.name);
    let is_key = table.primary_key.as_ref().is_some_and(|key| is_in(&key.columns));
    let keys: Vec<&str> = [
        is_key.then_some("PK"),
        table.foreign_keys.iter().any(|key| is_in(&key.columns)).then_some("FK"),
        (!is_key && table.is_unique(std::slice::from_ref(&column.name))).then_some("UK"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let name = word(&column.name);
    let mut text = format!("{} {name}", word(&column_type));
    if !keys.is_empty() {
        text.push_str(&format!(" {}", keys.join(", ")));
    }
    if name != column.name {
        text.push_str(&format!(" \"{}\"", label(&column.name)));
    }
    text
}

/// A word as Mermaid takes it: `numeric(10_2)`, `timestamp_with_time_zone`.
fn word(text: &str) -> String {
    let takes = |each: char| each.is_ascii_alphanumeric() || "_-()[]".contains(each);
    let word: String = text.replace(", ", ",").chars().map(|each| if takes(each) { each } else { '_' }).collect();
    if word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') { word } else { format!("_{word}") }
}

/// How many rows are on each side: of the table that is pointed at, and of the one that points.
fn cardinality(table: &Table, key: &ForeignKey) -> &'static str {
    let may_be_missing = key.columns.iter().any(|name| table.column(name).is_some_and(|column| column.nullable));
    match (may_be_missing, table.is_unique(&key.columns)) {
        (false, false) => "||--o{",
        (false, true) => "||--o|",
        (true, false) => "|o--o{",
        (true, true) => "|o--o|",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Index, PrimaryKey};

    fn key(column: &str, table: &str) -> ForeignKey {
        serde_json::from_value(serde_json::json!({
            "name": "k", "columns": [column], "table": table, "references": ["id"]
        }))
        .unwrap()
    }

    #[test]
    fn tables_columns_and_keys_are_drawn() {
        let column = |name: &str, sql: &str| Column::new(name, ColumnType::Sql(sql.into()));
        let mut users = Table::new(ObjectName::new("users"));
        users.columns = vec![column("id", "bigserial"), column("First \"Name\"", "character varying(160)")];
        users.primary_key = Some(PrimaryKey { name: None, columns: vec!["id".into()] });
        let mut posts = Table::new(ObjectName::with_prefix("blog", "posts"));
        posts.columns =
            vec![column("author_id", "bigint"), column("price", "numeric(10,2)"), column("profile_id", "bigint")];
        posts.columns[0].nullable = false;
        posts.foreign_keys = vec![key("author_id", "users"), key("profile_id", "users")];
        let mut index = Index::new("i", ["profile_id"]);
        index.unique = true;
        posts.indexes.push(index);
        let catalog = Catalog { tables: vec![posts, users], ..Catalog::default() };
        insta::assert_snapshot!(mermaid(&catalog, Dialect::Postgres), @r#"
        erDiagram
            "blog.posts" {
                bigint author_id FK
                numeric(10_2) price
                bigint profile_id FK, UK
            }
            users {
                bigserial id PK
                character_varying(160) First__Name_ "First 'Name'"
            }
            users ||--o{ "blog.posts" : "author_id"
            users |o--o| "blog.posts" : "profile_id"
        "#);
    }
}
