//! `#[derive(DbType)]`.

use peristyle::prelude::*;
use peristyle::value::{DataType, Value};

#[derive(Debug, Clone, PartialEq, DbType)]
struct Email(String);

#[derive(Debug, Clone, PartialEq, DbType)]
struct UserId {
    number: i64,
}

#[derive(Debug, Clone, PartialEq, DbType)]
struct Contact(Email);

#[derive(Schema)]
struct Account {
    id: UserId,
    email: Option<Email>,
}

#[test]
fn a_newtype_is_stored_as_the_type_inside() {
    assert_eq!(
        (Email::DATA_TYPE, UserId::DATA_TYPE, Contact::DATA_TYPE),
        (DataType::Text, DataType::I64, DataType::Text)
    );
    assert_eq!(UserId { number: 7 }.to_value(), Value::I64(7));
    assert_eq!(UserId::from_value(Value::I64(7)), Ok(UserId { number: 7 }));
    let contact = Contact(Email("a@b.c".into()));
    assert_eq!(Contact::from_value(contact.clone().into_value()), Ok(contact));
    assert!(Email::from_value(Value::Bool(true)).is_err());
}

#[test]
fn lists_of_newtypes_are_columns() {
    let ids = vec![UserId { number: 1 }, UserId { number: 2 }];
    assert_eq!(Vec::<UserId>::from_value(ids.to_value()), Ok(ids));
}

#[test]
fn newtypes_are_keys_and_have_the_operators_of_texts() {
    let account = Account { id: UserId { number: 3 }, email: None };
    assert_eq!(account.value(0), Value::I64(3));
    assert_eq!(account.email, None);
    let query = Account::query().filter(|a| a.email.like("%@b.c") & a.id.eq(UserId { number: 3 }));
    assert!(format!("{query:?}").contains("%@b.c"));
}
