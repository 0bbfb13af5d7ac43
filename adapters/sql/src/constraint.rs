//! SQLite's messages about constraints, read with what is known of the schema.
//!
//! SQLite names the columns of a unique constraint but not the constraint itself, and nothing of a foreign key. The names
//! here are those of the schema's metadata, which follow Ecto's rules.

use peristyle_query::error::{ConstraintError, ConstraintKind};
use peristyle_query::query::ast::{InsertSource, Operation, Step};
use peristyle_query::schema::{AssociationKeys, AssociationKind, FieldMeta, SchemaMeta};
use peristyle_query::value::Value;

/// What a statement wrote, as far as its constraints may have failed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Touched {
    schema: Option<&'static SchemaMeta>,
    foreign_key: Option<&'static FieldMeta>,
}

impl Touched {
    /// What an operation writes: the table of its schema, and the foreign key that it sets if it sets only one.
    pub fn by(operation: &Operation) -> Self {
        let fields: Vec<&'static FieldMeta> = match operation {
            Operation::Insert(insert) => match &insert.source {
                InsertSource::Rows { count: 1, values } => {
                    let given = insert.columns.iter().zip(values).filter(|(_, value)| !value.is_null());
                    given.map(|(field, _)| *field).collect()
                }
                _ => insert.columns.clone(),
            },
            Operation::Update(update) => {
                let sets_null = |steps: &[Step]| matches!(steps, [Step::Value { value: Value::Null(_), .. }]);
                update.set.iter().filter(|(_, value)| !sets_null(value)).map(|(field, _)| *field).collect()
            }
            _ => Vec::new(),
        };
        let schema = operation.schema();
        let mut keys = fields
            .into_iter()
            .filter(|field| field.references.is_some() || schema.is_some_and(|schema| points_elsewhere(schema, field)));
        let foreign_key = match (keys.next(), keys.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        };
        Touched { schema, foreign_key }
    }
}

/// Whether a field is the key of a belongs-to association, which is a foreign key in the database.
fn points_elsewhere(schema: &SchemaMeta, field: &FieldMeta) -> bool {
    schema.associations.iter().any(|association| match &association.keys {
        AssociationKeys::Direct { own, .. } => {
            association.kind == AssociationKind::BelongsTo && own.contains(&field.name)
        }
        _ => false,
    })
}

/// The table of a schema; no foreign key is known.
impl From<Option<&'static SchemaMeta>> for Touched {
    fn from(schema: Option<&'static SchemaMeta>) -> Self {
        Touched { schema, foreign_key: None }
    }
}

/// The constraint that SQLite's `message` speaks of, or `None` if it speaks of none.
///
/// `touched` is what the failed statement wrote ([`Touched::by`]), or the schema of its table: it gives the names that
/// SQLite does not.
///
/// ```
/// use peristyle_query::error::ConstraintKind;
/// let error = peristyle_sql::constraint::sqlite("UNIQUE constraint failed: users.email", None).unwrap();
/// assert_eq!(error.kind, ConstraintKind::Unique);
/// assert_eq!(error.name, "users_email_index");
/// assert_eq!(error.columns, ["email"]);
/// ```
pub fn sqlite(message: &str, touched: impl Into<Touched>) -> Option<ConstraintError> {
    let Touched { schema, foreign_key } = touched.into();
    let (kind, rest) = kind(message)?;
    let mut error =
        ConstraintError { kind, name: String::new(), table: None, columns: Vec::new(), message: message.to_owned() };
    match kind {
        ConstraintKind::Unique => unique(&mut error, rest, schema),
        ConstraintKind::NotNull => {
            let (table, columns) = columns(rest, schema);
            (error.table, error.columns) = (table, columns);
        }
        ConstraintKind::Check => {
            error.name = rest.to_owned();
            error.table = schema.map(|schema| schema.table.to_owned());
        }
        _ => {
            if let Some(field) = foreign_key {
                let table = schema.map_or("", |schema| schema.table);
                error.name = match &field.references {
                    Some(reference) => reference.name.to_owned(),
                    None => format!("{table}_{}_fkey", field.column),
                };
                error.table = Some(table.to_owned());
                error.columns = vec![field.column.to_owned()];
            }
        }
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
    use peristyle_query::query::ast::{Delete, Insert};
    use peristyle_query::schema::{IndexMeta, OnDelete, ReferenceMeta};
    use peristyle_query::value::DataType;

    static AUTHOR: FieldMeta = {
        let mut field = FieldMeta::new("author_id", "author_id", DataType::I64);
        let on_delete = OnDelete::Nothing;
        field.references =
            Some(ReferenceMeta { name: "posts_author_id_fkey", table: "users", column: "id", on_delete });
        field
    };
    static ID: FieldMeta = FieldMeta::new("id", "id", DataType::I64);
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

    #[test]
    fn a_foreign_key_is_named_only_if_no_other_can_be_meant() {
        let message = "FOREIGN KEY constraint failed";
        let values = vec![(&ID, Value::I64(1)), (&AUTHOR, Value::I64(2))];
        let insert = Operation::Insert(Insert::row(&POSTS, values, &[]));
        let error = sqlite(message, Touched::by(&insert)).unwrap();
        assert_eq!((error.kind, error.name.as_str()), (ConstraintKind::ForeignKey, "posts_author_id_fkey"));
        assert_eq!(error.columns, ["author_id"]);
        let delete = Operation::Delete(Delete::new(&POSTS));
        assert_eq!(sqlite(message, Touched::by(&delete)).unwrap().name, "");
        assert_eq!(sqlite(message, Some(&POSTS)).unwrap().name, "");
    }
}
