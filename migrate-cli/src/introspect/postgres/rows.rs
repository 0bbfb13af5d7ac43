//! The rows of the statements beside this file.

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct SchemaRow {
    pub oid: i64,
    pub name: String,
    pub is_current: bool,
}

#[derive(Deserialize)]
pub(super) struct RelationRow {
    pub oid: i64,
    pub schema: String,
    pub name: String,
    pub kind: char,
    pub unlogged: bool,
    pub options: Option<Vec<String>>,
    pub method: Option<String>,
    pub tablespace: Option<String>,
    pub partition_key: Option<String>,
    pub partition_bound: Option<String>,
    pub parents: Option<Vec<NameRow>>,
    pub comment: Option<String>,
    pub query: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct NameRow {
    pub schema: String,
    pub name: String,
}

#[derive(Deserialize)]
pub(super) struct ColumnRow {
    pub relation: i64,
    pub name: String,
    #[serde(rename = "type")]
    pub column_type: String,
    pub not_null: bool,
    pub identity: String,
    pub generated: String,
    pub is_local: bool,
    pub expression: Option<String>,
    pub collation: Option<String>,
    pub comment: Option<String>,
    pub sequence: Option<i64>,
    pub start: Option<i64>,
    pub increment: Option<i64>,
    pub is_plain_sequence: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct ConstraintRow {
    pub relation: i64,
    pub name: String,
    pub kind: char,
    pub columns: Option<Vec<String>>,
    pub foreign_schema: Option<String>,
    pub foreign_table: Option<String>,
    pub foreign_columns: Option<Vec<String>>,
    pub on_delete: String,
    pub on_update: String,
    pub matching: String,
    pub on_delete_columns: Option<Vec<String>>,
    pub deferrable: bool,
    pub deferred: bool,
    pub validated: bool,
    pub nulls_not_distinct: bool,
    pub condition: Option<String>,
    pub definition: String,
    pub comment: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct IndexRow {
    pub relation: i64,
    pub name: String,
    pub is_unique: bool,
    pub method: String,
    pub is_valid: bool,
    pub is_partitioned: bool,
    pub nulls_not_distinct: bool,
    pub filter: Option<String>,
    pub options: Option<Vec<String>>,
    pub comment: Option<String>,
    pub parts: Vec<PartRow>,
}

#[derive(Deserialize)]
pub(super) struct PartRow {
    pub column: Option<String>,
    pub expression: Option<String>,
    pub is_included: bool,
    pub order: i16,
    pub collation: Option<String>,
    pub operator_class: Option<String>,
    pub operator_class_options: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct EnumRow {
    pub schema: String,
    pub name: String,
    pub values: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct FunctionRow {
    pub schema: String,
    pub quoted_schema: String,
    pub name: String,
    pub arguments: String,
    pub definition: String,
}

#[derive(Deserialize)]
pub(super) struct TriggerRow {
    pub relation: i64,
    pub name: String,
    pub definition: String,
}

#[derive(Deserialize)]
pub(super) struct ExtensionRow {
    pub name: String,
    pub schema: String,
}

#[derive(Deserialize)]
pub(super) struct OtherRow {
    pub kind: String,
    pub schema: String,
    pub name: String,
    pub place: String,
    pub oid: i64,
}

#[derive(Deserialize)]
pub(super) struct DatabaseWideRow {
    pub kind: String,
    pub name: String,
}
