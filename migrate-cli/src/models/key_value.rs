//! What a key-value store has to know of structs to care for their indexes.

use super::scope::{Definition, Place, Scope};
use super::stored::Stored;
use super::{Site, SourceError, source};
use peristyle_derive_model::{Check, Prefix, Schema};
use peristyle_query::schema::{CheckMeta, FieldMeta, IndexMeta, SchemaMeta};
use peristyle_query::value::DataType;
use std::path::Path;
use syn::spanned::Spanned;

/// A struct, for a key-value store.
#[derive(Clone, Debug)]
pub struct KeyValueSchema {
    /// The table.
    pub table: String,
    /// The struct.
    pub site: Site,
    /// Whether each tenant has such a table.
    pub prefix_required: bool,
    /// The columns of the key and of the indexes, and these; or the mistake in one of them.
    pub meta: Result<&'static SchemaMeta, SourceError>,
}

/// Reads the structs with `#[derive(Schema)]`, those with `managed = false` too. `places` and `root` are as those of
/// [`read`](super::read).
///
/// What is read lives as long as the program.
///
/// # Errors
///
/// As [`read`](super::read), but for types of columns: a mistake there is one of its struct alone.
pub fn key_value_schemas(places: &[String], root: &Path) -> Result<Vec<KeyValueSchema>, Vec<SourceError>> {
    let files = source::files(places, root)?;
    let (mut scope, mut errors) = (Scope::default(), Vec::new());
    for file in &files {
        source::each_item(&file.items, &mut file.module.clone(), &mut |item, module| {
            scope.add(item, &Place { file: file.name.clone(), module: module.to_vec() }, &mut errors);
        });
    }
    if !errors.is_empty() {
        errors.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        return Err(errors);
    }
    let schema = |(definition, schema): (&Definition, &Schema)| KeyValueSchema {
        table: schema.table.clone(),
        site: definition.site.clone(),
        prefix_required: schema.prefix == Prefix::Required,
        meta: meta(&scope, definition, schema),
    };
    let mut schemas: Vec<KeyValueSchema> = scope.schemas().map(schema).collect();
    schemas.sort_by(|a, b| (&a.table, &a.site.name).cmp(&(&b.table, &b.site.name)));
    Ok(schemas)
}

fn meta(scope: &Scope, definition: &Definition, schema: &Schema) -> Result<&'static SchemaMeta, SourceError> {
    let indexed = |position: &usize| schema.indexes.iter().any(|index| index.fields.contains(position));
    let needed = (0..schema.fields.len()).filter(|position| schema.primary_key.contains(position) || indexed(position));
    let needed: Vec<usize> = needed.collect();
    let mut fields = Vec::with_capacity(needed.len());
    for position in &needed {
        let field = &schema.fields[*position];
        let stored = match field.embed {
            true => Stored::Json,
            false => scope.stored(&field.ty, &definition.place).map_err(|reason| {
                let message = format!("the type of {}.{} is not known: {reason}", schema.name, field.name);
                SourceError::at(&definition.place.file, field.ty.span(), &message)
            })?,
        };
        let mut meta = FieldMeta::new(leaked(&field.name), leaked(&field.column), data_type(&stored));
        meta.nullable = field.nullable;
        meta.redact = field.redact;
        fields.push(meta);
    }
    let among = |position: &usize| needed.iter().position(|needed| needed == position);
    let indexes = schema.indexes.iter().map(|index| {
        let columns = index.fields.iter().map(|position| leaked(&schema.fields[*position].column));
        let mut meta = IndexMeta::new(leaked(&index.name), Vec::leak(columns.collect()), index.unique);
        meta.filter = index.filter.as_deref().map(leaked);
        meta
    });
    let mut meta = SchemaMeta::new(leaked(&schema.name), leaked(&schema.table));
    meta.indexes = Vec::leak(indexes.collect());
    meta.primary_key = Vec::leak(schema.primary_key.iter().filter_map(among).collect());
    meta.fields = Vec::leak(fields);
    let check = |check: &Check| CheckMeta { name: leaked(&check.name), condition: leaked(&check.condition) };
    meta.checks = Vec::leak(schema.checks.iter().map(check).collect());
    meta.buckets = schema.buckets;
    match &schema.prefix {
        Prefix::None => {}
        Prefix::Named(prefix) => meta.prefix = Some(leaked(prefix)),
        Prefix::Required => meta.prefix_required = true,
    }
    Ok(Box::leak(Box::new(meta)))
}

/// A text that lives as long as the program.
fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn data_type(stored: &Stored) -> DataType {
    match stored {
        Stored::Bool => DataType::Bool,
        Stored::I16 => DataType::I16,
        Stored::I32 => DataType::I32,
        Stored::I64 => DataType::I64,
        Stored::F32 => DataType::F32,
        Stored::F64 => DataType::F64,
        Stored::Text | Stored::Enum(..) | Stored::Sql(_) => DataType::Text,
        Stored::Bytes => DataType::Bytes,
        Stored::Uuid => DataType::Uuid,
        Stored::Date => DataType::Date,
        Stored::Time => DataType::Time,
        Stored::DateTime => DataType::DateTime,
        Stored::Timestamp => DataType::Timestamp,
        Stored::Decimal => DataType::Decimal,
        Stored::Json => DataType::Json,
        Stored::Interval => DataType::Interval,
        Stored::Array(item) => DataType::Array(Box::leak(Box::new(data_type(item)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schemas(source: &str) -> Vec<KeyValueSchema> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("lib.rs"), source).unwrap();
        key_value_schemas(&["lib.rs".to_owned()], folder.path()).unwrap()
    }

    #[test]
    fn the_columns_of_the_key_and_of_indexes_are_known() {
        let schemas = schemas(
            r#"
            #[derive(DbType)]
            struct UserId(i64);

            #[derive(Schema)]
            #[schema(index(user_id, seen_at), buckets = 4, managed = false)]
            struct Session {
                #[schema(primary_key)]
                token: Uuid,
                user_id: UserId,
                seen_at: Option<DateTime<Utc>>,
                settings: SomethingOfAnotherCrate,
            }
            "#,
        );
        let meta = schemas[0].meta.clone().unwrap();
        assert_eq!((meta.name, meta.table, meta.buckets, meta.primary_key), ("Session", "sessions", Some(4), &[0][..]));
        let fields: Vec<_> = meta.fields.iter().map(|field| (field.column, field.data_type, field.nullable)).collect();
        let expected = [
            ("token", DataType::Uuid, false),
            ("user_id", DataType::I64, false),
            ("seen_at", DataType::Timestamp, true),
        ];
        assert_eq!(fields, expected);
        assert_eq!(meta.indexes[0].columns, ["user_id", "seen_at"]);
    }

    #[test]
    fn an_unknown_type_of_an_indexed_column_is_a_mistake_of_its_struct_alone() {
        let schemas = schemas(
            "#[derive(Schema)] struct A { id: i64, #[schema(index)] place: Foreign }\n\
             #[derive(Schema)] struct B { id: i64 }",
        );
        let error = schemas[0].meta.clone().unwrap_err();
        assert!(error.message.contains("the type of A.place is not known"), "{error}");
        assert_eq!((error.line, schemas[1].meta.is_ok()), (1, true));
    }
}
