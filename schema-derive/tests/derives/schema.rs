//! `#[derive(Schema)]`: its metadata, its columns, its values.

use chrono::{DateTime, NaiveDateTime, Utc};
use peristyle::prelude::*;
use peristyle::schema::{FieldMeta, Generation, SchemaMeta, Writable};
use peristyle::value::{DataType, Value};
use rust_decimal::Decimal;
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

#[derive(Debug, Clone, Default, PartialEq, DbEnum)]
enum Role {
    #[default]
    Member,
    Admin,
}

#[derive(Debug, Clone, Default, PartialEq, Embedded)]
struct Settings {
    theme: String,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(prefix = "auth", unique(org_id, email), index(age, where = "age > 3", name = "adults"))]
#[schema(check(age_is_positive, "age > 0"), ttl = "30m", allow_filtering = 1000, buckets = 16)]
#[schema(managed = false)]
pub struct User {
    pub id: i64,
    #[schema(unique, size = 160)]
    pub email: String,
    pub name: Option<String>,
    pub age: Option<i32>,
    #[schema(default = "Role::Member")]
    role: Role,
    #[schema(embed)]
    settings: Settings,
    #[schema(column = "pw_hash", redact)]
    pub(crate) password_hash: String,
    #[schema(virtual)]
    pub password: Option<String>,
    #[schema(virtual)]
    pub uploads: HashMap<String, Duration>,
    #[schema(references = "orgs.id")]
    pub org_id: Option<i64>,
    #[schema(precision(10, 2), default = "Decimal::ZERO")]
    pub price: Decimal,
    #[schema(load = false)]
    pub biography: Option<String>,
    pub tags: Vec<String>,
    #[schema(version)]
    pub lock_version: i32,
    #[schema(writable = insert, sql_type = "citext")]
    pub handle: String,
    #[schema(generated, writable = never)]
    pub score: Option<i64>,
    pub r#type: i16,
    pub inserted_at: DateTime<Utc>,
    #[schema(updated_at)]
    pub changed_at: NaiveDateTime,
}

#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(table = "OrderItem", rename_all = "PascalCase", primary_key(order_id, item_no), prefix = required)]
struct OrderItem {
    order_id: i64,
    item_no: Uuid,
}

#[derive(Debug, Clone, PartialEq, Schema)]
struct Country {
    #[schema(primary_key, natural)]
    code: i32,
    updated_at: String,
}

#[derive(Debug, Clone, PartialEq, Schema)]
struct Token {
    #[schema(primary_key)]
    token: String,
}

#[derive(Debug, Clone, PartialEq, Schema)]
struct Log {
    line: String,
}

impl<Sc: 'static, N: Nullability> UserColumns<Sc, N> {
    fn is_adult(&self) -> Condition<Sc> {
        self.age.gte(18).into()
    }

    fn is_admin(&self) -> Condition<Sc> {
        self.role.eq(Role::Admin).into()
    }
}

fn field(schema: &'static SchemaMeta, name: &str) -> &'static FieldMeta {
    schema.field(name).unwrap()
}

#[test]
fn the_struct_s_attributes_are_metadata() {
    let meta = User::META;
    assert_eq!((meta.name, meta.table, meta.prefix, meta.prefix_required), ("User", "users", Some("auth"), false));
    assert_eq!(meta.primary_key, [0]);
    assert!(!meta.managed);
    assert_eq!(meta.ttl, Some(Duration::from_secs(1800)));
    assert_eq!((meta.allow_filtering, meta.buckets), (Some(1000), Some(16)));
    let indexes: Vec<_> =
        meta.indexes.iter().map(|index| (index.name, index.columns, index.unique, index.filter)).collect();
    assert_eq!(
        indexes,
        [
            ("users_org_id_email_index", &["org_id", "email"][..], true, None),
            ("adults", &["age"][..], false, Some("age > 3")),
            ("users_email_index", &["email"][..], true, None),
        ]
    );
    assert_eq!((meta.checks[0].name, meta.checks[0].condition), ("age_is_positive", "age > 0"));
}

#[test]
fn the_fields_attributes_are_metadata() {
    let of = |name| field(User::META, name);
    assert_eq!((of("id").data_type, of("id").generation), (DataType::I64, Generation::Key));
    assert_eq!((of("email").size, of("email").nullable), (Some(160), false));
    assert_eq!((of("name").data_type, of("name").nullable), (DataType::Text, true));
    assert_eq!(of("role").default.map(|default| default.expression), Some("Role::Member"));
    assert_eq!((of("settings").data_type, of("settings").embedded), (DataType::Json, true));
    assert_eq!((of("password_hash").column, of("password_hash").redact), ("pw_hash", true));
    assert_eq!(of("price").precision, Some((10, 2)));
    assert!(!of("biography").load);
    assert_eq!(of("tags").data_type, DataType::Array(&DataType::Text));
    assert!(of("lock_version").version);
    assert_eq!((of("handle").writable, of("handle").sql_type), (Writable::Insert, Some("citext")));
    assert_eq!((of("score").generation, of("score").writable), (Generation::Database, Writable::Never));
    assert_eq!(of("type").column, "type");
    assert_eq!(of("inserted_at").generation, Generation::InsertedAt);
    assert_eq!(of("changed_at").generation, Generation::UpdatedAt);
    let reference = of("org_id").references.as_ref().unwrap();
    assert_eq!((reference.name, reference.table, reference.column), ("users_org_id_fkey", "orgs", "id"));
}

#[test]
fn a_virtual_field_has_no_column_and_any_type() {
    assert_eq!((field(User::META, "password").is_virtual, field(User::META, "password").nullable), (true, true));
    assert_eq!(field(User::META, "password").data_type, DataType::Text);
    assert_eq!(field(User::META, "uploads").data_type, DataType::Json);
    assert!(User::META.stored_fields().all(|(_, field)| field.name != "password" && field.name != "uploads"));
}

#[test]
fn only_single_integer_and_uuid_keys_are_generated() {
    assert_eq!(field(Country::META, "code").generation, Generation::None);
    assert_eq!(field(Token::META, "token").generation, Generation::None);
    assert!(OrderItem::META.key_fields().all(|(_, field)| field.generation == Generation::None));
    assert!(Log::META.primary_key.is_empty());
}

#[test]
fn a_timestamp_by_name_is_one_only_if_its_type_is_a_moment() {
    assert_eq!(field(Country::META, "updated_at").generation, Generation::None);
}

#[test]
fn rename_all_renames_the_columns() {
    let columns: Vec<&str> = OrderItem::META.fields.iter().map(|field| field.column).collect();
    assert_eq!(columns, ["OrderId", "ItemNo"]);
    assert!(OrderItem::META.prefix_required);
}

#[test]
fn keys_have_the_types_of_their_fields() {
    let composite: <OrderItem as Keyed>::Key = (7, Uuid::nil());
    let single: <User as Keyed>::Key = 7i64;
    assert_eq!(composite.0, single);
}

#[test]
fn values_are_read_and_replaced_by_position() {
    let mut user = User { name: Some("Ann".into()), ..User::default() };
    assert_eq!(user.value(2), Value::Text("Ann".into()));
    assert_eq!(user.value(3), Value::Null(DataType::I32));
    user.set_value(0, Value::I64(7)).unwrap();
    user.set_value(2, Value::Null(DataType::Text)).unwrap();
    assert_eq!((user.id, user.name.as_deref()), (7, None));
}

#[test]
fn a_value_that_does_not_fit_names_the_field() {
    let mut user = User::default();
    let message = user.set_value(1, Value::I64(7)).unwrap_err().to_string();
    assert_eq!(message, "cannot read User.email: expected text, found 7 (i64)");
    let message = user.set_value(0, Value::Null(DataType::I64)).unwrap_err().to_string();
    assert!(message.starts_with("cannot read User.id: expected i64, found NULL"), "{message}");
}

#[test]
fn a_virtual_field_takes_a_value_of_its_type() {
    let mut user = User::default();
    let position = User::META.fields.iter().position(|field| field.name == "password").unwrap();
    assert_eq!(user.value(position), Value::Null(DataType::Text));
    let message = user.set_value(position, Value::Bool(true)).unwrap_err().to_string();
    assert!(message.starts_with("cannot read User.password: expected text, found"), "{message}");
    assert!(user.set_value(99, Value::Bool(true)).is_err());
    assert_eq!(user, User::default());
    user.set_value(position, Value::Text("x".into())).unwrap();
    assert_eq!((user.password.as_deref(), user.value(position)), (Some("x"), Value::Text("x".into())));
}

#[test]
fn columns_are_typed_and_composed_in_methods() {
    let query: Query<User> =
        User::query().filter(|u| u.is_adult() & u.is_admin()).filter(|u| u.settings.is_not_null() & u.r#type.eq(3));
    let names: Query<User, (i64, Option<String>)> = query.clone().select(|u| (u.id, u.name));
    let rows: Query<User, (User, bool)> = query.select(|u| (u, u.age.is_null()));
    assert!(format!("{names:?}").contains("age"));
    assert!(format!("{rows:?}").contains("Row"));
}

#[test]
fn a_schema_can_stand_inside_a_function() {
    #[derive(Schema)]
    struct Local {
        id: i32,
    }
    let row = Local { id: 3 };
    assert_eq!((Local::META.table, row.value(0)), ("locals", Value::I32(row.id)));
}
