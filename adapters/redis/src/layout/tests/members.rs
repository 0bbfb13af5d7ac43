//! What rows have in indexes.

use crate::layout::{StoredRow, Table, key_of};
use peristyle_query::schema::{FieldMeta, IndexMeta, SchemaMeta};
use peristyle_query::value::DataType;

const fn nullable(column: &'static str, data_type: DataType) -> FieldMeta {
    let mut field = FieldMeta::new(column, column, data_type);
    field.nullable = true;
    field
}

static SCHEMA: SchemaMeta = {
    let mut schema = SchemaMeta::new("User", "users");
    schema.fields = &FIELDS;
    schema.primary_key = &[0, 1];
    schema.indexes = &INDEXES;
    schema
};
static FIELDS: [FieldMeta; 4] = [
    FieldMeta::new("org", "org", DataType::Text),
    FieldMeta::new("id", "id", DataType::I32),
    nullable("email", DataType::Text),
    nullable("age", DataType::I16),
];
static INDEXES: [IndexMeta; 3] = [
    IndexMeta::new("users_email_key", &["email"], true),
    IndexMeta::new("users_age_email_idx", &["age", "email"], false),
    IndexMeta::new("users_org_email_key", &["org", "email"], true),
];

fn integer(number: u8) -> Vec<u8> {
    vec![2, 0x80, 0, 0, 0, 0, 0, 0, number]
}

#[test]
fn a_row_has_a_member_in_every_index_and_claims_its_unique_values() {
    let table = Table::new(&SCHEMA, None).unwrap();
    let row = StoredRow::parse(&SCHEMA, r#"{"org":"a:b","id":7,"email":"x=y","age":30}"#).unwrap();
    let entries = table.entries(&row).unwrap();
    let org = b"\x02a:b\x00\x01".to_vec();
    let email = b"\x02x=y\x00\x01".to_vec();
    let end = b"\x00a%3Ab:7".to_vec();
    assert_eq!(entries.key, "a%3Ab:7");
    assert_eq!(row.key().unwrap(), entries.key);
    assert_eq!(
        entries.members,
        [
            (0, [org.clone(), integer(7), end.clone()].concat()),
            (1, [email.clone(), org.clone(), integer(7), end.clone()].concat()),
            (2, [integer(30), email.clone(), org.clone(), integer(7), end.clone()].concat()),
            (3, [org.clone(), email, org, integer(7), end].concat()),
        ]
    );
    assert_eq!(entries.claims, [(1, "x=y".to_owned()), (3, "a%3Ab:x=y".to_owned())]);
    assert!(entries.members.iter().all(|(_, member)| key_of(member) == Some("a%3Ab:7")));
    let part = table.part(&entries.key);
    let claims = entries.claims.iter().map(|(index, values)| part.claim(&table.indexes[*index], values));
    assert_eq!(claims.collect::<Vec<_>>(), ["{users}/unique/email=x=y", "{users}/unique/org,email=a%3Ab:x=y"]);
}

#[test]
fn a_row_with_null_has_members_and_no_claim() {
    let table = Table::new(&SCHEMA, None).unwrap();
    let row = StoredRow::parse(&SCHEMA, r#"{"org":"a","id":7}"#).unwrap();
    let entries = table.entries(&row).unwrap();
    assert_eq!(entries.members.len(), 4);
    assert_eq!(entries.members[2].1[..2], [1, 1]);
    assert_eq!(entries.claims, []);
}

#[test]
fn a_row_without_its_key_is_refused() {
    let table = Table::new(&SCHEMA, None).unwrap();
    let row = StoredRow::parse(&SCHEMA, r#"{"org":"a"}"#).unwrap();
    assert!(table.entries(&row).unwrap_err().to_string().contains("a key has no NULL"));
}

#[test]
fn an_indexed_column_of_another_type_names_the_row() {
    let table = Table::new(&SCHEMA, None).unwrap();
    let row = StoredRow::parse(&SCHEMA, r#"{"org":"a","id":7,"age":"old"}"#).unwrap();
    let error = table.entries(&row).unwrap_err().to_string();
    assert!(
        error.starts_with(r#"cannot read column "age" of users:a:7: expected i16, found the text "old""#),
        "{error}"
    );
}
