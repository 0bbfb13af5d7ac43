//! SQLite's messages about constraints, read with what is known of the schema.
//!
//! SQLite names the columns of a unique constraint but not the constraint itself, and nothing of a foreign key. The names
//! here are those of the schema's metadata, which follow Ecto's rules.

use peristyle_query::error::{ConstraintError, ConstraintKind};
use peristyle_query::query::ast::{Operation, Step};
use peristyle_query::schema::{FieldMeta, SchemaMeta};
use peristyle_query::value::Value;

/// The constraint that SQLite's `message` speaks of, or `None` if it speaks of none.
///
/// `operation` is the statement that failed, if it is known: its schema gives the names, and the foreign keys that it
/// sets are the ones that may have failed.
///
/// ```
/// use peristyle_query::error::ConstraintKind;
/// let error = peristyle_sql::constraint::from_sqlite("UNIQUE constraint failed: users.email", None).unwrap();
/// assert_eq!(error.kind, ConstraintKind::Unique);
/// assert_eq!(error.name, "users_email_index");
/// assert_eq!(error.columns, ["email"]);
/// ```
pub fn from_sqlite(message: &str, operation: Option<&Operation>) -> Option<ConstraintError> {
    let schema = operation.and_then(Operation::schema);
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
        _ => foreign_key(&mut error, operation),
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

/// SQLite does not say which foreign key failed: it is known if the statement sets only one.
fn foreign_key(error: &mut ConstraintError, operation: Option<&Operation>) {
    let fields: Vec<&'static FieldMeta> = match operation {
        Some(Operation::Insert(insert)) => {
            insert.values.iter().filter(|(_, value)| !value.is_null()).map(|(field, _)| *field).collect()
        }
        Some(Operation::Update(update)) => {
            let sets_null = |steps: &[Step]| matches!(steps, [Step::Value { value: Value::Null(_), .. }]);
            update.set.iter().filter(|(_, value)| !sets_null(value)).map(|(field, _)| *field).collect()
        }
        _ => return,
    };
    let mut keys = fields.into_iter().filter_map(|field| Some((field, field.references.as_ref()?)));
    if let (Some((field, reference)), None) = (keys.next(), keys.next()) {
        error.name = reference.name.to_owned();
        error.columns = vec![field.column.to_owned()];
        error.table = operation.and_then(Operation::schema).map(|schema| schema.table.to_owned());
    }
}
