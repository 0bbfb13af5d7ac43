//! Validations of params: acceptance and confirmation.

use super::*;

#[test]
fn terms_are_accepted_by_a_ticked_box() {
    for accepted in [json!(true), json!("true"), json!("1")] {
        assert!(member(json!({"terms": accepted})).validate_acceptance("terms").is_valid(), "{accepted}");
    }
    for params in
        [json!({"terms": "false"}), json!({"terms": 1}), json!({"terms": null}), json!({"terms": {}}), json!({})]
    {
        let changeset = member(params).validate_acceptance("terms");
        assert_eq!(messages(&changeset), json!({"terms": ["must be accepted"]}));
        assert_eq!(metadata(&changeset, "terms"), json!({"validation": "acceptance"}));
    }
    let changeset = member(json!({})).validate_acceptance("terms").with_message("have to be read");
    assert_eq!(messages(&changeset), json!({"terms": ["have to be read"]}));
    assert!(Changeset::<Member>::new().validate_acceptance("terms").is_valid());
}

#[test]
fn a_confirmation_repeats_the_param_as_it_came() {
    let confirmed = |params| member(params).validate_confirmation(|m| m.password);
    assert!(confirmed(json!({"password": "a", "password_confirmation": "a"})).is_valid());
    assert!(confirmed(json!({"password": "a"})).is_valid());
    for params in [
        json!({"password": "a", "password_confirmation": "b"}),
        json!({"password": "a", "password_confirmation": null}),
        json!({"password_confirmation": "b"}),
    ] {
        let changeset = confirmed(params);
        assert_eq!(messages(&changeset), json!({"password_confirmation": ["does not match confirmation"]}));
        assert_eq!(metadata(&changeset, "password_confirmation"), json!({"validation": "confirmation"}));
    }
    // Not what was cast: 7 and "7" are one number, and two params.
    assert!(!member(json!({"age": 7, "age_confirmation": "7"})).validate_confirmation(|m| m.age).is_valid());
    assert!(Changeset::<Member>::new().validate_confirmation(|m| m.password).is_valid());
}

#[test]
fn a_confirmation_can_be_required() {
    let changeset = member(json!({"password": "a"})).validate_confirmation_required(|m| m.password);
    assert_eq!(messages(&changeset), json!({"password_confirmation": ["can't be blank"]}));
    assert_eq!(metadata(&changeset, "password_confirmation"), json!({"validation": "required"}));
    assert!(Changeset::<Member>::new().validate_confirmation_required(|m| m.password).is_valid());
}
