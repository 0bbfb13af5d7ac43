//! SQLite's messages about constraints, read with what is known of the schema.
//!
//! SQLite names the columns of a unique constraint but not the constraint itself, and nothing of a foreign key. The names
//! here are those of the schema's metadata, which follow Ecto's rules.

use peristyle_query::error::{ConstraintError, ConstraintKind};
use peristyle_query::schema::SchemaMeta;

/// The constraint that SQLite's `message` speaks of, or `None` if it speaks of none.
///
/// `schema` is that of the failed statement's table: it gives the names that SQLite does not.
///
/// ```
/// use peristyle_query::error::ConstraintKind;
/// let error = peristyle_sql::constraint::sqlite("UNIQUE constraint failed: users.email", None).unwrap();
/// assert_eq!(error.kind, ConstraintKind::Unique);
/// assert_eq!(error.name, "users_email_index");
/// assert_eq!(error.columns, ["email"]);
/// ```
pub fn sqlite(message: &str, schema: Option<&SchemaMeta>) -> Option<ConstraintError> {
    let (kind, rest) = kind(message)?;
    let mut error = ConstraintError::new(kind, message);
    match kind {
        ConstraintKind::Unique => unique(&mut error, rest, schema),
        ConstraintKind::NotNull => (error.table, error.columns) = columns(rest, schema),
        ConstraintKind::Check => {
            error.name = rest.to_owned();
            error.table = schema.map(|schema| schema.table.to_owned());
        }
        _ => {}
    }
    Some(error)
}

/// The kind of constraint, and what stands after the colon.
fn kind(message: &str) -> Option<(ConstraintKind, &str)> {
    let (head, rest) = message.split_once(" constraint failed")?;
    let kind = match head.rsplit_once(": ").map_or(head, |(_, kind)| kind) {
        "UNIQUE" | "PRIMARY KEY" => ConstraintKind::Unique,
        "NOT NULL" => ConstraintKind::NotNull,
        "CHECK" => ConstraintKind::Check,
        "FOREIGN KEY" => ConstraintKind::ForeignKey,
        _ => return None,
    };
    Some((kind, rest.strip_prefix(": ").unwrap_or(rest).trim_end()))
}

fn unique(error: &mut ConstraintError, rest: &str, schema: Option<&SchemaMeta>) {
    // An index on an expression is the one that SQLite names.
    if let Some(name) = rest.strip_prefix("index '").and_then(|rest| rest.strip_suffix('\'')) {
        error.name = name.to_owned();
        error.table = schema.map(|schema| schema.table.to_owned());
        return;
    }
    let (table, columns) = columns(rest, schema);
    let Some(table) = table else {
        return;
    };
    let known = schema.filter(|schema| schema.table == table).and_then(|schema| unique_name(schema, &columns));
    error.name = known.unwrap_or_else(|| format!("{table}_{}_index", columns.join("_")));
    (error.table, error.columns) = (Some(table), columns);
}

/// The name of the unique index or the key over these columns, in whatever order.
fn unique_name(schema: &SchemaMeta, columns: &[String]) -> Option<String> {
    let same = |others: &[&str]| others.len() == columns.len() && columns.iter().all(|c| others.contains(&c.as_str()));
    let key: Vec<&str> = schema.key_fields().map(|(_, field)| field.column).collect();
    if same(&key) {
        return Some(format!("{}_pkey", schema.table));
    }
    let index = schema.indexes.iter().find(|index| index.unique && same(index.columns))?;
    Some(index.name.to_owned())
}

/// The table and the columns of `users.email, users.org_id`.
fn columns(list: &str, schema: Option<&SchemaMeta>) -> (Option<String>, Vec<String>) {
    let (mut table, mut columns) = (None, Vec::new());
    for qualified in list.split(", ") {
        // A schema's table is known whole; another's name ends at the last dot.
        let known =
            schema.and_then(|schema| Some((schema.table, qualified.strip_prefix(schema.table)?.strip_prefix('.')?)));
        let Some((name, column)) = known.or_else(|| qualified.rsplit_once('.')) else {
            continue;
        };
        table.get_or_insert_with(|| name.to_owned());
        columns.push(column.to_owned());
    }
    (table, columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use peristyle_query::schema::{FieldMeta, IndexMeta};
    use peristyle_query::value::DataType;

    static POSTS: SchemaMeta = {
        let mut meta = SchemaMeta::new("Post", "posts");
        meta.fields = &[
            FieldMeta::new("id", "id", DataType::I64),
            FieldMeta::new("author_id", "author_id", DataType::I64),
            FieldMeta::new("slug", "Slug", DataType::Text),
        ];
        meta.primary_key = &[0];
        meta.indexes = &[
            IndexMeta::new("posts_plain", &["Slug"], false),
            IndexMeta::new("one_slug_per_author", &["author_id", "Slug"], true),
        ];
        meta
    };

    fn read(message: &str) -> ConstraintError {
        sqlite(message, Some(&POSTS)).unwrap()
    }

    #[test]
    fn unique_constraints_have_the_names_of_the_schema() {
        assert_eq!(read("UNIQUE constraint failed: posts.id").name, "posts_pkey");
        let error = read("UNIQUE constraint failed: posts.Slug, posts.author_id");
        assert_eq!((error.name.as_str(), error.table.as_deref()), ("one_slug_per_author", Some("posts")));
        assert_eq!(error.columns, ["Slug", "author_id"]);
        assert_eq!(read("UNIQUE constraint failed: posts.Slug").name, "posts_Slug_index");
        assert_eq!(read("UNIQUE constraint failed: tags.id").name, "tags_id_index");
        assert_eq!(read("UNIQUE constraint failed: index 'posts_lower_slug_index'").name, "posts_lower_slug_index");
    }

    #[test]
    fn other_constraints_are_read() {
        let error = read("NOT NULL constraint failed: posts.Slug");
        assert_eq!((error.kind, error.columns.as_slice()), (ConstraintKind::NotNull, ["Slug".to_owned()].as_slice()));
        let error = read("CHECK constraint failed: slug_is_long");
        assert_eq!((error.kind, error.name.as_str()), (ConstraintKind::Check, "slug_is_long"));
        assert!(sqlite("database is locked", None).is_none());
        assert!(sqlite("EXCLUSION constraint failed: x", None).is_none());
    }
}
