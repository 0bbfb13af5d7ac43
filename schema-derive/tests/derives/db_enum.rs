//! `#[derive(DbEnum)]`.

use peristyle::prelude::*;
use peristyle::value::{DataType, Value};

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
enum Status {
    InProgress,
    #[db_enum(rename = "over")]
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
#[db_enum(pg_type = "role", rename_all = "kebab-case")]
enum Role {
    Member,
    SuperUser,
}

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
#[db_enum(integer)]
#[repr(i16)]
enum Priority {
    Low = 10,
    High = 10 * 2,
    Highest,
}

#[test]
fn text_enums_store_names() {
    assert_eq!(Status::DATA_TYPE, DataType::Text);
    assert_eq!(Status::InProgress.to_value(), Value::Text("in_progress".into()));
    assert_eq!(Status::from_value(Value::Text("over".into())), Ok(Status::Done));
}

#[test]
fn enum_types_store_the_type_s_name_too() {
    assert_eq!(Role::DATA_TYPE, DataType::Enum("role"));
    assert_eq!(Role::SuperUser.to_value(), Value::Enum("role", "super-user".into()));
    // A store without enum types has text.
    assert_eq!(Role::from_value(Value::Text("member".into())), Ok(Role::Member));
}

#[test]
fn integer_enums_store_discriminants() {
    assert_eq!(Priority::DATA_TYPE, DataType::I16);
    for priority in [Priority::Low, Priority::High, Priority::Highest] {
        assert_eq!(priority.to_value(), Value::I16(priority as i16));
        assert_eq!(Priority::from_value(priority.to_value()), Ok(priority));
    }
}

#[test]
fn unknown_values_name_the_known_ones() {
    let message = Status::from_value(Value::Text("lost".into())).unwrap_err().to_string();
    assert_eq!(message, "cannot read a value: expected a Status (in_progress, over), found \"lost\"");
    let message = Priority::from_value(Value::I16(3)).unwrap_err().to_string();
    assert_eq!(message, "cannot read a value: expected a Priority (Low, High, Highest), found 3");
    assert!(Status::from_value(Value::I64(3)).is_err());
}

#[test]
fn lists_of_enums_are_columns() {
    assert_eq!(Vec::<Role>::DATA_TYPE, DataType::Array(&DataType::Enum("role")));
    let roles = vec![Role::Member, Role::SuperUser];
    assert_eq!(Vec::<Role>::from_value(roles.to_value()), Ok(roles));
}
