//! The JSON Schema of a changeset.

use super::*;
use rust_decimal::Decimal;

#[test]
fn every_type_has_its_schema() {
    let schema = member(json!({})).json_schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!((&schema["title"], &schema["type"]), (&json!("Member"), &json!("object")));
    assert_eq!(
        schema["properties"],
        json!({
            "email": {"type": "string", "maxLength": 160},
            "name": {"type": ["string", "null"]},
            "nick": {"type": "string"},
            "age": {"type": ["integer", "null"], "minimum": -2_147_483_648, "maximum": 2_147_483_647},
            "rank": {"type": ["integer", "null"], "minimum": -32_768, "maximum": 32_767},
            "points": {"type": ["integer", "null"]},
            "ratio": {"type": ["number", "null"]},
            "share": {"type": ["number", "null"]},
            "balance": {"type": ["number", "string", "null"]},
            "level": {"type": "integer", "minimum": -2_147_483_648, "maximum": 2_147_483_647},
            "role": {"type": ["string", "null"], "enum": ["guest", "member", "admin", null]},
            "born": {"type": ["string", "null"], "format": "date"},
            "joined": {"type": ["string", "null"], "format": "date-time"},
            "token": {"type": ["string", "null"], "format": "uuid"},
            "active": {"type": "boolean"},
            "avatar": {"type": ["string", "null"]},
            "extra": {},
            "pets": {"type": ["array", "null"], "items": {"type": "string"}},
            "scores": {
                "type": ["array", "null"],
                "items": {"type": "integer", "minimum": -2_147_483_648, "maximum": 2_147_483_647},
            },
            "password": {"type": ["string", "null"]},
        })
    );
    assert_eq!(schema.get("required"), None);
}

#[test]
fn validations_narrow_the_schema() {
    let changeset = Changeset::<Member>::new()
        .cast(&json!({}), |m| (m.email, m.age, m.points, m.balance, m.role, m.pets, m.scores, m.born, m.password))
        .validate_required(|m| (m.email, m.role))
        .validate_format(|m| m.email, "@")
        .validate_format(|m| m.email, r"\.")
        .validate_length(|m| m.email, Length::new().min(3).max(100))
        .validate_number(|m| m.age, 18..150)
        .validate_number(|m| m.points, Number::new().gt(1).lte(9).ne(5))
        .validate_number(|m| m.balance, Decimal::new(15, 1)..)
        .validate_inclusion(|m| m.role, [Role::Guest])
        .validate_subset(|m| m.pets, ["cat"])
        .validate_length(|m| m.pets, 1..=3)
        .validate_subset(|m| m.scores, 1..=5)
        .validate_exclusion(|m| m.born, [chrono::NaiveDate::from_ymd_opt(2000, 1, 1).unwrap()])
        .validate_confirmation_required(|m| m.password)
        .validate_acceptance("terms");
    let schema = changeset.json_schema();
    assert_eq!(
        schema["properties"],
        json!({
            "email": {"type": "string", "minLength": 3, "maxLength": 100, "pattern": "@", "allOf": [{"pattern": "\\."}]},
            "age": {"type": ["integer", "null"], "minimum": 18, "maximum": 2_147_483_647, "exclusiveMaximum": 150},
            "points": {
                "type": ["integer", "null"], "exclusiveMinimum": 1, "maximum": 9, "allOf": [{"not": {"const": 5}}]
            },
            "balance": {"type": ["number", "string", "null"], "minimum": 1.5},
            "role": {"type": "string", "enum": ["guest"]},
            "pets": {"type": ["array", "null"], "items": {"enum": ["cat"]}, "minItems": 1, "maxItems": 3},
            "scores": {"type": ["array", "null"], "items": {"type": "integer", "minimum": 1, "maximum": 5}},
            "born": {
                "type": ["string", "null"], "format": "date", "allOf": [{"not": {"enum": ["2000-01-01"]}}]
            },
            "password": {"type": ["string", "null"]},
            "password_confirmation": {"type": ["string", "null"]},
            "terms": {"const": true},
        })
    );
    assert_eq!(schema["required"], json!(["email", "password_confirmation", "role", "terms"]));
}

#[test]
fn what_a_row_has_already_need_not_be_sent() {
    let of = |changeset: Changeset<Member>| {
        changeset.cast(&json!({}), |m| (m.email, m.name)).validate_required(|m| (m.email, m.name)).json_schema()
    };
    let row = Member { email: "a@b".into(), ..Member::default() };
    assert_eq!(of(Changeset::of(row.clone()))["required"], json!(["name"]));
    assert_eq!(of(Changeset::build(row))["required"], json!(["name"]));
    assert_eq!(of(Changeset::new())["required"], json!(["email", "name"]));
}
