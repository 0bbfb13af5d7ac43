//! `#[derive(Embedded)]`: the same JSON as serde's, and what does not fit named by its path.

use peristyle::prelude::*;
use peristyle::schema::HasAssociations;
use peristyle::value::{DataType, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Embedded, Serialize, Deserialize)]
#[embedded(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
struct Settings {
    theme: Option<String>,
    #[embedded(default)]
    #[serde(default)]
    page_size: i32,
    channels: Vec<Channel>,
    #[embedded(rename = "kind")]
    #[serde(rename = "kind")]
    r#type: String,
    inner: Inner,
    counts: BTreeMap<String, i64>,
}

#[derive(Debug, Clone, PartialEq, Embedded, Serialize, Deserialize)]
struct Inner {
    on: bool,
}

#[derive(Debug, Clone, PartialEq, Embedded, Serialize, Deserialize)]
enum Channel {
    None,
    Email(String),
    Pair(i32, Option<String>),
    #[embedded(rename = "push")]
    #[serde(rename = "push")]
    Push {
        device: i64,
        r#type: bool,
    },
    Empty {},
    Zero(),
}

fn settings() -> Settings {
    Settings {
        theme: None,
        page_size: 20,
        channels: vec![
            Channel::None,
            Channel::Email("a@b.c".into()),
            Channel::Pair(1, None),
            Channel::Push { device: 3, r#type: true },
            Channel::Empty {},
            Channel::Zero(),
        ],
        r#type: "work".into(),
        inner: Inner { on: true },
        counts: BTreeMap::from([("a".into(), 1)]),
    }
}

fn read(json: serde_json::Value) -> Result<Settings, String> {
    Settings::from_value(Value::Json(json)).map_err(|error| error.to_string())
}

fn changed(change: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) -> Result<Settings, String> {
    let mut json = serde_json::to_value(settings()).unwrap();
    change(json.as_object_mut().unwrap());
    read(json)
}

#[test]
fn the_json_is_serde_s() {
    assert_eq!(settings().to_value(), Value::Json(serde_json::to_value(settings()).unwrap()));
    assert_eq!(Settings::from_value(settings().into_value()), Ok(settings()));
}

#[test]
fn lists_are_one_document() {
    assert_eq!((Channel::DATA_TYPE, Vec::<Channel>::DATA_TYPE), (DataType::Json, DataType::Json));
    let channels = settings().channels;
    assert_eq!(Vec::<Channel>::from_value(channels.to_value()), Ok(channels));
}

#[test]
fn older_documents_load() {
    let read = changed(|json| {
        json.remove("theme");
        json.remove("pageSize");
        json.insert("unknown".into(), 3.into());
    });
    assert_eq!(read, Ok(Settings { page_size: 0, ..settings() }));
}

#[test]
fn what_does_not_fit_is_named_by_its_path() {
    let missing = changed(|json| drop(json.remove("kind"))).unwrap_err();
    assert!(missing.starts_with("cannot read a value at \"kind\": expected text"), "{missing}");
    let wrong = changed(|json| drop(json.insert("inner".into(), serde_json::json!({"on": 3})))).unwrap_err();
    assert_eq!(wrong, "cannot read a value at \"inner.on\": expected bool, found 3");
    assert!(read(serde_json::json!([])).unwrap_err().contains("expected a JSON object"));
}

#[test]
fn variants_that_do_not_fit_are_refused() {
    let channel = |json| Channel::from_value(Value::Json(json)).map_err(|error| error.to_string());
    for json in ["\"Nothing\"", "{\"Nothing\":1}", "{}", "{\"None\":1,\"Empty\":{}}", "3", "\"Email\""] {
        let message = channel(serde_json::from_str(json).unwrap()).unwrap_err();
        assert!(message.contains("a Channel (None, Email, Pair, push, Empty, Zero)"), "{message}");
    }
    let pair = channel(serde_json::json!({"Pair": [1]})).unwrap_err();
    assert_eq!(pair, "cannot read a value at \"Pair\": expected a JSON array of 2, found [1]");
    let push = channel(serde_json::json!({"push": {"device": "x", "type": true}})).unwrap_err();
    assert!(push.starts_with("cannot read a value at \"push.device\": expected i64"), "{push}");
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Buyer {
    id: i64,
}

/// An embedded struct with associations, of which the document knows nothing.
#[derive(Debug, Clone, Default, PartialEq, Embedded)]
#[embedded(rename_all = "camelCase")]
struct Item {
    label: String,
    buyer_id: Option<i64>,
    buyer: BelongsTo<Option<Buyer>>,
    #[embedded(rename = "by")]
    seller_id: i64,
    seller: BelongsTo<Buyer>,
}

#[test]
fn associations_are_left_out_of_the_document() {
    let buyer = Buyer { id: 3 };
    let item =
        Item { label: "x".into(), buyer_id: Some(3), buyer: Some(buyer).into(), seller_id: 4, ..Item::default() };
    let json = serde_json::json!({"label": "x", "buyerId": 3, "by": 4});
    assert_eq!(item.to_value(), Value::Json(json.clone()));
    let read = Item::from_value(Value::Json(json)).unwrap();
    assert!(read.buyer.is_unloaded() && read.seller.is_unloaded());
    assert_eq!(Item { buyer: BelongsTo::default(), ..item }, read);
    let message = read.seller.get().unwrap_err().to_string();
    assert!(message.starts_with("Item.seller is not loaded"), "{message}");
    let stray = serde_json::json!({"label": "x", "by": 4, "seller": {"id": 4}});
    assert!(Item::from_value(Value::Json(stray)).unwrap().seller.is_unloaded(), "unknown keys are ignored");
}

#[test]
fn an_embedded_struct_knows_its_keys_and_associations() {
    let owner = <Item as HasAssociations>::OWNER;
    assert_eq!((owner.name, owner.table, owner.managed), ("Item", "", false));
    let keys: Vec<(&str, &str, bool)> =
        owner.fields.iter().map(|field| (field.name, field.column, field.nullable)).collect();
    assert_eq!(keys, [("buyer_id", "buyerId", true), ("seller_id", "by", false)]);
    let names: Vec<(&str, bool)> =
        owner.associations.iter().map(|association| (association.name, association.optional)).collect();
    assert_eq!(names, [("buyer", true), ("seller", false)]);
    let item = Item { seller_id: 4, ..Item::default() };
    assert_eq!((item.key_value(0), item.key_value(1)), (Value::Null(DataType::I64), Value::I64(4)));
}

/// Has no association itself, but leads to embedded structs that have some.
#[derive(Debug, Clone, Default, PartialEq, Embedded)]
struct Parcel {
    #[embedded(embed)]
    items: Vec<Item>,
    #[embedded(embed, default)]
    r#type: Option<Item>,
}

#[test]
fn a_document_leads_to_those_inside_of_it() {
    let owner = <Parcel as HasAssociations>::OWNER;
    assert!(owner.fields.is_empty() && owner.associations.is_empty());
    let mut parcel = Parcel { items: vec![Item::default(), Item::default()], r#type: None };
    let mut found = Vec::new();
    peristyle::preload::Parents::gather(&mut parcel.items, &mut found);
    assert_eq!(found.len(), 2);
    let document = serde_json::json!({"items": []});
    assert_eq!(Parcel::from_value(Value::Json(document)), Ok(Parcel::default()));
}
